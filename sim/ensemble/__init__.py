"""Ensembles: a scenario and a number of seeds, or a table of points, played on all cores."""

from .compare import compare
from .resume import resume
from .run import run
from .sweep import sweep

__all__ = ["compare", "resume", "run", "sweep"]
