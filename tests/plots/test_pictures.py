"""Figures look as they did: small grey pictures of synthetic results, with a tolerance.

`python tests/plots/test_pictures.py` draws the pictures of `tests/fixtures/pictures.npz` again, for
a figure that was meant to change; look at it first, in `docs/gallery.md`.
"""

import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
from synthetic_results import synthetic

from sim.plots.draw import FIGURES
from sim.plots.looks import look
from sim.plots.registry import figures_of
from sim.plots.runs import Runs

pytestmark = pytest.mark.usefixtures("unchecked")
FIXTURE = Path(__file__).parents[1] / "fixtures" / "pictures.npz"
WIDTH = 96
"""Pixels: text is grey there, lines, bands and their places are seen."""
MOST_APART, MOST_SHIFTED = 0.02, 0.1
"""The mean difference, and that of the most different hundredth, of grey from 0 to 1: another
version of a font moves text by less."""
NAMES = [figure.name for figure in figures_of("job")]


def picture(name: str) -> np.ndarray:
    """Return a figure of synthetic results in grey: [row, column], 0 to 255."""
    with look():
        figure = FIGURES[name].draw(Runs(synthetic(runs=6, weeks=60)))
        figure.set_dpi(40)
        data = BytesIO()
        FigureCanvasAgg(figure).print_png(data)
    with Image.open(data) as image:
        size = (WIDTH, WIDTH * image.height // image.width)
        return np.asarray(image.convert("L").resize(size, Image.Resampling.BOX))


def apart(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return how far two pictures differ: in the mean, and where they differ most."""
    difference = np.abs(one.astype(float) - other.astype(float)) / 255.0
    worst = np.sort(difference.ravel())[-max(1, difference.size // 100) :]
    return float(difference.mean()), float(worst.mean())


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_looks_as_it_did(name: str) -> None:
    with np.load(FIXTURE) as stored:
        before = stored[name]
    now = picture(name)
    assert now.shape == before.shape
    mean, worst = apart(now, before)
    assert mean < MOST_APART, (mean, worst)
    assert worst < MOST_SHIFTED, (mean, worst)


def test_the_stored_pictures_are_those_of_the_figures() -> None:
    with np.load(FIXTURE) as stored:
        assert set(stored) == set(NAMES), "python tests/plots/test_pictures.py draws them again"
        pictures = {name: stored[name] for name in stored}
    for name, other in (("stocks", "barter"), ("war", "tests")):
        rows = min(len(pictures[name]), len(pictures[other]))
        mean, worst = apart(pictures[name][:rows], pictures[other][:rows])
        assert mean > MOST_APART or worst > MOST_SHIFTED  # it tells figures apart


if __name__ == "__main__":
    np.savez_compressed(FIXTURE, **{name: picture(name) for name in NAMES})
