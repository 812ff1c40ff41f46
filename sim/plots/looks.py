"""How figures look: sizes, colours and fonts as matplotlib settings, for a page, a paper, a slide.

Everything goes through matplotlib's object interface (`Figure` on an Agg canvas) inside `look()`:
no pyplot, no setting left behind. Files and pages always look the same. `results.plot` heeds what
the user set by `plt.style.use`, by `rcParams` or in a `matplotlibrc`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler
from matplotlib.text import Text

DPI = 120
WIDTH = 12.0
"""Inches: 1,440 pixels, more than a page shows on a projector."""
SIZE = 11.0
"""Points of the text of a figure of that width."""
COLUMN = 8.5 / 2.54
"""Inches: a single column of a journal."""

PALETTE = (
    "#D55E00",  # vermilion
    "#0072B2",  # blue
    "#E69F00",  # orange
    "#009E73",  # green
    "#56B4E9",  # sky
    "#CC79A7",  # pink
    "#000000",  # black
    "#8C6D31",  # brown
)
"""Okabe & Ito (2008), distinct to colour-blind readers; brown stands for their yellow, which a
projector loses on white."""

DASHES = ("-", "--", ":", "-.")
LEVELS = ("#FFFFFF", "#FDE7B0", "#FDBF6F", "#F4813F", "#C7361F", "#5B0A1A")
"""Dispute levels 0 to 5, light to dark: in order also in grey."""

INK, FAINT = "#222222", "#777777"
FONT = "DejaVu Sans"
"""It comes with matplotlib: a figure looks the same everywhere."""
SERIF = "STIXGeneral"
"""It comes with matplotlib too, and stands beside the serif text of most journals."""
BACKGROUND = "#FFFFFF"


def _settings(size: float) -> dict[Any, Any]:
    """Return the settings for a size of text, in points."""
    part = size / SIZE
    return {
        "font.size": size,
        "lines.linewidth": 2.0 * part,
        "lines.markersize": 6.0 * part,
        "axes.titlesize": 12.0 * part,
        "axes.labelsize": size,
        "axes.linewidth": 0.8 * part,
        "xtick.labelsize": size,
        "ytick.labelsize": size,
        "grid.linewidth": 0.7 * part,
        "legend.fontsize": 10.5 * part,
        "figure.titlesize": 15.0 * part,
        "figure.constrained_layout.h_pad": 0.08 * part,
        "figure.constrained_layout.w_pad": 0.08 * part,
    }


_LOOK: dict[Any, Any] = {
    **_settings(SIZE),
    "figure.figsize": (WIDTH, 8.0),
    "font.family": [FONT],
    "lines.solid_capstyle": "butt",
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "legend.facecolor": "inherit",
    "legend.edgecolor": "none",
    "legend.framealpha": 0.8,
    "figure.titleweight": "bold",
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
STYLES: dict[str, dict[Any, Any]] = {
    "paper": _settings(7.5)
    | {
        "figure.figsize": (COLUMN, 2.3),
        "figure.titlesize": 8.5,
        "axes.titlesize": 8.0,
        "font.family": [SERIF],
        "mathtext.fontset": "stix",
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
        "savefig.dpi": 600,
    },
    "slide": _settings(11.5)
    | {"figure.figsize": (12.8, 7.2), "figure.titlesize": 17.0}
    | {"figure.dpi": 100, "savefig.dpi": 100},
    "slide, one panel": _settings(17.0) | {"figure.figsize": (12.8, 7.2), "savefig.dpi": 100},
}
"""What a look by its name sets: a column of a journal, a slide of 16 to 9."""
NAMED = ("paper", "slide")
OWN = {"backend", "backend_fallback", "interactive", "toolbar", "timezone"}
"""Settings of matplotlib that are no look."""


@contextmanager
def look(style: str | None = None, heed: bool = False) -> Iterator[None]:
    """Set how figures look; the settings end with the block.

    Args:
        style: One of STYLES; none if None.
        heed: Whether what the user has set stays; what `style` sets comes before it.

    Raises:
        ValueError: There is no such style.
    """
    if style is not None and style not in STYLES:
        raise ValueError(f"style: '{style}' is none of {', '.join(NAMED)}")
    theirs = chosen_by_user() if heed else {}
    with mpl.rc_context():
        mpl.rcdefaults()
        size = theirs.get("font.size", SIZE)
        mpl.rcParams.update({**_LOOK, **_settings(float(size)), **theirs})
        mpl.rcParams.update(STYLES[style] if style else {})
        yield


def chosen_by_user() -> dict[Any, Any]:
    """Return the settings that hold and are not matplotlib's own."""
    defaults = mpl.rcParamsDefault
    return {
        key: mpl.rcParams[key]
        for key in mpl.rcParams
        if key not in OWN and mpl.rcParams[key] != defaults[key]
    }


def colour(index: int) -> str:
    """Return the colour of the index-th state of a scenario; after eight they begin again."""
    cycle = mpl.rcParams["axes.prop_cycle"].by_key().get("color", PALETTE)
    shades = PALETTE if cycle == mpl.rcParamsDefault["axes.prop_cycle"].by_key()["color"] else cycle
    return str(shades[index % len(shades)])


def dash(index: int) -> str:
    """Return the line style that goes with `colour`: a second round of colours is dashed."""
    return DASHES[index // len(PALETTE) % len(DASHES)]


def inked(part: Figure | Axes) -> None:
    """Draw what is in INK in the colour of text, so that it is seen on a dark ground.

    Args:
        part: A figure, or a panel.
    """
    shade = mpl.rcParams["text.color"]
    if shade == INK:
        return
    for found in part.findobj():
        if isinstance(found, Text) and found.get_color() == INK:
            found.set_color(shade)
            continue
        for name in ("color", "edgecolor", "facecolor", "markeredgecolor", "markerfacecolor"):
            get = getattr(found, f"get_{name}", None)
            if get is not None and _same(get(), INK):
                getattr(found, f"set_{name}")(shade)


def _same(shown: Any, shade: str) -> bool:
    try:
        return bool(mpl.colors.same_color(shown, shade))
    except (ValueError, TypeError):
        return False
