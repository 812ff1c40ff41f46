"""Figures of results, with their spread over runs, and the pages that hold them.

sim.plots.containers(results)      one figure; FIGURES names them all
sim.plots.figures(results, "out")  all that the results can show, as PNG files
sim.plots.pages(results, "out")    the same, and one HTML page that says what happened
"""

from .draw import figures, pages
from .drawing import drawer as __getattr__
from .registry import FIGURES, figure
from .registry import names as __dir__

__all__ = ["FIGURES", "__dir__", "__getattr__", "figure", "figures", "pages"]
