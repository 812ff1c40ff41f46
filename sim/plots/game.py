"""The figure of a game of doctrines: how their shares grow."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from .style import colour, footer, grid, look

if TYPE_CHECKING:
    from ..analysis.game import MetaGame


def replicator(game: "MetaGame", steps: int = 400) -> Figure:
    """Draw how the shares of each state's doctrines grow from equal ones, a panel for each state.

    Args:
        game: The game.
        steps: How many steps.
    """
    paths = game.replicator(steps=steps)
    with look():
        figure, axes = grid(1, len(paths), 4.2, "Doctrines that do better than the mean spread")
        panels = zip(axes[0], game.strategies.items(), paths, strict=True)
        for panel, (state, names), path in panels:
            for n, name in enumerate(names):
                panel.plot(np.arange(len(path)), path[:, n], color=colour(n), label=name, lw=2)
            panel.set(title=state, xlabel="step", ylabel="share", ylim=(-0.02, 1.02))
            panel.legend(loc="center right")
        footer(
            figure,
            f"{len(game.payoffs)} runs per profile"
            + (f"; payoffs in {game.unit}" if game.unit else ""),
        )
        figure.draw_without_rendering()
    return figure
