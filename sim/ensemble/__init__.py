"""Ensembles: many runs of a scenario, or of a table of points, on all cores."""

from .compare import compare
from .resume import resume
from .run import run
from .sweep import sweep

__all__ = ["compare", "resume", "run", "sweep"]
