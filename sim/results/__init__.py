"""Results: the folder of a job, its tables, and intervals for their numbers."""

from .results import Results, open_results, paired
from .store import DiskError, OutputError

__all__ = ["DiskError", "OutputError", "Results", "open_results", "paired"]
