"""Sanctions of single states are drawn where some pairs, strangers, have no rows."""

from types import SimpleNamespace

import numpy as np
from matplotlib.figure import Figure

from sim.plots.figures.sanctions import _sanctions


def test_sanctions_are_summed_over_those_who_have_a_row() -> None:
    levels = np.full((3, 10, 2), 0.4)  # [run, week, pair]
    levels[:, :, 1] = np.nan
    runs = SimpleNamespace(
        dyads_kept=True,
        states=("AAA", "BBB", "CCC"),
        dates=np.datetime64("2024-01-01") + 7 * np.arange(10),
        name=lambda code: code,
        of_pairs=lambda metric, pairs: levels,
    )
    axes = Figure().subplots()
    _sanctions(axes, runs, [0])
    np.testing.assert_allclose(axes.lines[0].get_ydata(), 0.4)
