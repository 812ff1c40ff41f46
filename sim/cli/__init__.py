"""The command line: `armsflow`."""

from .main import main

__all__ = ["main"]
