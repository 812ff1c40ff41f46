"""The figure of the benchmark: the time of a week against the number of states."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter

from experiments.benchmark.numbers import quartiles
from experiments.benchmark.page import described
from sim.plots.style import FAINT, PALETTE, footer, grid, look, write

LABELS = {
    "peer": "Mesa peer",
    "reference": "reference engine (NumPy)",
    "compiled": "compiled engine (JAX)",
    "processes": "compiled, a process a core",
}
APART = 1.45
"""How many times as high as a label the next may stand."""
COLOURS = dict(zip(LABELS, (PALETTE[0], PALETTE[3], PALETTE[1], PALETTE[4]), strict=True))


def figure(found: Mapping[str, Any], path: Path) -> Path:
    """Draws the synthetic worlds as lines and the default scenario as rings."""
    worlds = [size for size in found["sizes"] if size["scenario"] == "synthetic"]
    others = [size for size in found["sizes"] if size["scenario"] != "synthetic"]
    states = [size["states"] for size in worlds]
    with look():
        drawn, panels = grid(1, 1, 7.0, "What a week of one run costs")
        axes = panels[0, 0]
        ends: dict[str, float] = {}
        for name, label in LABELS.items():
            low, middle, high = np.array([quartiles(s["samples"][name]) for s in worlds]).T
            axes.fill_between(states, low, high, color=COLOURS[name], alpha=0.3, linewidth=0)
            axes.plot(states, middle, "o-", color=COLOURS[name], label=label, markersize=4)
            ends[name] = float(middle[-1])
            for size in others:
                value = quartiles(size["samples"][name])[1]
                axes.plot(size["states"], value, "D", color=COLOURS[name], mfc="white", ms=8)
        for name, height in apart(ends).items():
            place = {"color": COLOURS[name], "va": "center", "fontweight": "bold"}
            axes.text(states[-1] * 1.08, height, LABELS[name], **place)
        axes.set(xscale="log", yscale="log", xlabel="states")
        axes.set_ylabel("time for a week of one run")
        axes.set_xlim(states[0] * 0.9, states[-1] * 3.0)
        axes.xaxis.set_major_locator(FixedLocator(states))
        axes.xaxis.set_minor_locator(FixedLocator([]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: duration(value)))
        axes.plot([], [], "D", color=FAINT, mfc="white", ms=8, label="the default scenario")
        axes.legend(loc="upper left")
        footer(
            drawn,
            "Lines: synthetic worlds, the median over rounds; bands: quartiles. One core where"
            f" nothing else is said. {described(found['machine'])}.",
        )
        return write(drawn, path)


def apart(heights: Mapping[str, float]) -> dict[str, float]:
    """Heights of labels, moved up where the one below would be overwritten."""
    placed: dict[str, float] = {}
    least = 0.0
    for name in sorted(heights, key=heights.__getitem__):
        placed[name] = max(heights[name], least)
        least = placed[name] * APART
    return placed


def duration(micro: float) -> str:
    """Microseconds as a tick says them."""
    for length, unit in ((1e6, "s"), (1e3, "ms")):
        if micro >= length:
            return f"{micro / length:g} {unit}"
    return f"{micro:g} µs"
