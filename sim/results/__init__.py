"""Results: what a job has left in a folder, its tables, and intervals for what they say."""

from .results import Results, open_results, paired
from .store import DiskError, OutputError

__all__ = ["DiskError", "OutputError", "Results", "open_results", "paired"]
