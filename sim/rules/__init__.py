"""The rules of one week for one world: pure functions of arrays, one file a phase.

The table of phases is made before anyone can reach a rule, so that it holds those that are here.
"""

from . import week

__all__ = ["week"]
