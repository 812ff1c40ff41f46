"""Any metric over the weeks: as fans, or several worlds on shared axes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..metrics import METRICS
from ..results.codebook import codebook
from ..results.responses import paired_differences
from ..results.series import series_of
from ..scenario.problems import nearest
from .axes import date_axis
from .canvas import Canvas, finish, footer, on, say
from .drawing import Drawn, groups, settled, window_of
from .looks import look
from .runs import Runs
from .selection import selection
from .style import PALETTE, Short, band, colour, drawable, grid, rounded, short, source, spread
from .style import quantiles as quantiles_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..results.results import Results

MOST_SERIES, MOST_WORLDS = 6, 8
FAN = (0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45)
"""The lower ends of the bands of a fan; each ends as far from the top."""
DARKEST = 0.75
STYLES = ("-", "--", ":", "-.")


@dataclass(frozen=True)
class Line:
    """A metric of a state, a pair, a route or the world, over the weeks.

    - `label`: whose it is, "" of the world.
    - `values`: [run, week]; `numbers`: what each run is, to pair runs of two worlds.
    """

    label: str
    values: np.ndarray
    numbers: tuple[int, ...]


def fan(
    results: "Results",
    metric: str,
    *,
    states: Any = None,
    pairs: Any = None,
    routes: Any = None,
    weeks: Any = None,
    by: str | None = None,
    ax: Axes | None = None,
    style: str | None = None,
) -> Drawn:
    """Draw a metric over the weeks as a fan: the darker, the more runs lie there.

    Args:
        results: What was recorded.
        metric: A column of the tables `weeks`, `dyads` or `routes`, as `results.codebook()` has
            them, such as `tension`; or of `runs`, such as `losses_UKR_last`.
        states: The codes of the states that are drawn, of a metric of states.
        pairs: The pairs that are drawn, of a metric of pairs.
        routes: The routes that are drawn, of a metric of routes.
        weeks: The first and the last week, as numbers or dates.
        by: A swept column: a panel for each of its values.
        ax: Draws into this axes; of several fans the first.
        style: 'paper' or 'slide'.

    Raises:
        ValueError: There is no such metric, state, pair, route, week or column.
    """
    given = {"states": states, "pairs": pairs, "routes": routes, "weeks": weeks}
    found = _metric(results, metric, given)
    with look(style, heed=True):
        chosen = selection(results, given)
        if by is None:
            runs, fans = Runs(results, chosen), list[Line]()
            fans = lines(runs, found)
        else:
            fans, runs = _by_point(results, given, found, by), Runs(results, chosen)
        if not fans:
            return None
        canvas = Canvas(ax, window=window_of(results, chosen))
        with on(canvas):
            figure = _fans(runs, found, fans)
            finish(figure)
        return ax if ax is not None else settled(figure, style)


def compare(
    results: "Results",
    metric: str,
    others: "Mapping[str, Results] | None" = None,
    *,
    by: str | None = None,
    states: Any = None,
    pairs: Any = None,
    routes: Any = None,
    weeks: Any = None,
    ax: Axes | None = None,
    style: str | None = None,
) -> Drawn:
    """Draw a metric of several worlds on shared axes, and by how much they differ in the end.

        results.plot.compare("tension", {"restraint": other}, pairs=("PRK", "KOR"))
        swept.plot.compare("tests", by="states.PRK.doctrine", states=["PRK"])

    Args:
        results: What was recorded, of the first world.
        metric: As of `fan`.
        others: The results of other worlds by what they are called.
        by: A swept column, whose values are the worlds.
        states: The codes of the states that are drawn, a panel each.
        pairs: The pairs that are drawn, a panel each.
        routes: The routes that are drawn, a panel each.
        weeks: The first and the last week, as numbers or dates.
        ax: Draws into this axes; of several panels the first.
        style: 'paper' or 'slide'.

    Raises:
        ValueError: There is nothing to compare with; or as of `fan`.
    """
    if not others and by is None:
        raise ValueError("compare: give other results, {'name': results}, or by= a swept column")
    given = {"states": states, "pairs": pairs, "routes": routes, "weeks": weeks}
    found = _metric(results, metric, given)
    with look(style, heed=True):
        chosen, worlds = selection(results, given), dict[str, Runs]()
        if by is None:
            worlds[results.scenario.name] = Runs(results, chosen)
            for name, other in (others or {}).items():
                worlds[name] = Runs(other, selection(other, given))
        else:
            for name, choice in groups(results, by, ()).items():
                worlds[name] = Runs(results, selection(results, {**given, **choice}))
        drawn = {name: lines(runs, found) for name, runs in list(worlds.items())[:MOST_WORLDS]}
        seeds = {other.manifest["seed"] for other in (results, *(others or {}).values())}
        with on(Canvas(ax, window=window_of(results, chosen))):
            figure = _worlds(next(iter(worlds.values())), found, drawn, len(seeds) == 1)
            if figure is not None:
                finish(figure)
        if figure is None or ax is not None:
            return None if figure is None else ax
        return settled(figure, style)


@dataclass(frozen=True)
class Found:
    """Where a metric stands: its table and column, its label and unit, whose it is."""

    table: str
    column: str
    label: str
    unit: str
    whole_world: bool

    @property
    def short_unit(self) -> str:
        """Return the unit as a sentence has it."""
        return "" if self.unit == "index" else self.unit.removesuffix(", cumulative")


def _metric(results: "Results", metric: str, given: dict[str, Any]) -> Found:
    """Return where a metric stands; a column of `runs` also chooses whose it is.

    Raises:
        ValueError: There is none of that name, or it is of something else.
    """
    book = codebook(results.scenario, results.manifest["record"])
    summary = series_of(results.scenario).get(metric)
    column = metric if summary is None else summary.column
    tables = [
        table
        for table in ("weeks", "dyads", "routes")
        if table in set(book.index.get_level_values(0))
    ]
    rows = {table: book.loc[table] for table in tables}
    known = {
        name: table
        for table, frame in rows.items()
        for name, row in frame.iterrows()
        if row["metric"]
    }
    if column not in known:
        near = nearest(metric, known) or f"; there are {', '.join(map(str, known))}"
        raise ValueError(f"metric: there is no '{metric}' by week{near}")
    table = known[column]
    of = {"weeks": "states", "dyads": "pairs", "routes": "routes"}[table]
    if summary is not None and summary.who and given[of] is None:
        given[of] = [tuple(summary.who.split(" to "))] if table != "weeks" else [summary.who]
    row = rows[table].loc[column]
    world = any(m.name == row["metric"] and m.axes == "world" for m in METRICS)
    wrong = [
        f"{kind}: {metric} is of {'the world' if world else of}"
        for kind in ("states", "pairs", "routes")
        if given[kind] is not None and (kind != of or world)
    ]
    if wrong:
        raise ValueError("\n".join(wrong))
    return Found(table, str(column), str(row["label"]), str(row["unit"]), world)


def lines(runs: Runs, found: Found) -> list[Line]:
    """Return a metric of what was chosen, or of those of whom it moves most.

    Args:
        runs: The runs of a job.
        found: Where the metric stands.
    """
    if runs.count == 0:
        return []
    if found.table == "weeks":
        values, labels = runs.of_states(found.column), [runs.name(code) for code in runs.states]
        if found.whole_world:
            values, labels = values[:, :, :1], [""]
        chosen = [runs.states.index(code) for code in runs.only.states]
    else:
        pairs: Sequence[tuple[str, str]]
        if found.table == "routes":
            pairs = runs.only.routes or runs.routes
            values = runs.of_routes(found.column, pairs)
        else:
            pairs = runs.only.pairs or [(i, j) for i in runs.states for j in runs.states if i != j]
            values = runs.of_pairs(found.column, pairs)
        labels = [runs.between(pair) for pair in pairs]
        chosen = list(range(len(pairs))) if runs.only.pairs or runs.only.routes else []
    if not chosen:
        flat = np.nan_to_num(values)
        far = np.ptp(flat, axis=1).mean(axis=0) + flat.std(axis=0).max(axis=0)
        chosen = np.argsort(-far, kind="stable")[:MOST_SERIES].tolist()
    numbers = runs.numbers
    return [Line(labels[k], values[:, :, k], numbers) for k in chosen]


def _by_point(results: "Results", given: dict[str, Any], found: Found, by: str) -> list[Line]:
    """Return the first line of each value of a swept column, with the value in its label."""
    out = list[Line]()
    for name, choice in groups(results, by, ()).items():
        for line in lines(Runs(results, selection(results, {**given, **choice})), found)[:1]:
            label = f"{line.label}: {name}" if line.label else name
            out.append(Line(label, line.values, line.numbers))
    return out


def _fans(runs: Runs, found: Found, fans: list[Line]) -> Figure:
    """Draw a panel per line, all on the same scale."""
    columns = min(3, len(fans))
    rows = -(-len(fans) // columns)
    figure, axes = grid(rows, columns, 1.5 + (3.4 if columns > 1 else 4.6) * rows, _title(found))
    low = min(float(np.nanquantile(line.values, FAN[0])) for line in fans)
    high = max(float(np.nanmax(quantiles_of(line.values, (1.0 - FAN[0],)))) for line in fans)
    for place, panel in enumerate(axes.flat):
        if place >= len(fans):
            panel.set_visible(False)
            continue
        line = fans[place]
        _fan(panel, runs.dates, line.values, colour(1))
        panel.set_title(drawable(line.label, 60))
        _scale(panel, found.unit if place % columns == 0 else "", low, high)
        date_axis(panel, runs.dates, ticks=6 if columns < 3 else 4)
    last = fans[0].values[:, -1]
    whose = f"{fans[0].label}: " if fans[0].label else ""
    say(figure, f"{whose}{spread(last, found.short_unit)} in the last week.")
    bands = f"{100 * (1 - 2 * FAN[0]):.0f} %, 90 %, 80 % and so on, of runs around the median"
    footer(figure, f"{source(runs, bands=False)} Bands hold {bands}; line: median.")
    return figure


def _fan(panel: Axes, dates: np.ndarray, values: np.ndarray, shade: str) -> None:
    ends = [*FAN, 0.5, *(1.0 - low for low in reversed(FAN))]
    levels = quantiles_of(values, ends)
    if len(values) > 1:
        step = 1.0 - (1.0 - DARKEST) ** (1.0 / len(FAN))
        for place in range(len(FAN)):
            low, high = levels[place], levels[-1 - place]
            panel.fill_between(dates, low, high, color=shade, alpha=step, linewidth=0)
    panel.plot(dates, levels[len(FAN)], color=mpl.rcParams["text.color"])


def _worlds(
    runs: Runs, found: Found, drawn: dict[str, list[Line]], shared_noise: bool
) -> Figure | None:
    """Draw a panel per state, pair or route, and in it a band per world."""
    first = next(iter(drawn.values()))
    if not first:
        return None
    columns = min(3, len(first))
    rows = -(-len(first) // columns)
    figure, axes = grid(rows, columns, 1.6 + (3.4 if columns > 1 else 4.8) * rows, _title(found))
    ends = [line.values for some in drawn.values() for line in some]
    low = min(float(np.nanmin(quantiles_of(x, (0.05,)))) for x in ends)
    high = max(float(np.nanmax(quantiles_of(x, (0.95,)))) for x in ends)
    for place, panel in enumerate(axes.flat):
        if place >= len(first):
            panel.set_visible(False)
            continue
        for number, (name, some) in enumerate(drawn.items()):
            line = next((x for x in some if x.label == first[place].label), None)
            if line is not None:
                shade = PALETTE[(number + 1) % len(PALETTE)]
                dates, style = runs.dates[: line.values.shape[1]], STYLES[number % len(STYLES)]
                band(panel, dates, line.values[:, : len(dates)], shade, drawable(name), style)
        panel.set_title(drawable(first[place].label, 60))
        _scale(panel, found.unit if place % columns == 0 else "", low, high)
        date_axis(panel, runs.dates, ticks=6 if columns < 3 else 4)
    axes.flat[0].legend(loc="best")
    if shared_noise:
        say(figure, _difference(found, drawn))
    paired = " Runs are paired: each has the same noise in all worlds." if shared_noise else ""
    footer(figure, f"{source(runs)}{paired}")
    return figure


def _difference(found: Found, drawn: dict[str, list[Line]]) -> str:
    """Return by how much the last world differs from the first, run by run, in the last week."""
    (name, first), (other, last) = next(iter(drawn.items())), list(drawn.items())[-1]
    line = next((x for x in last if x.label == first[0].label), None) if last else None
    common = sorted({*first[0].numbers} & {*line.numbers}) if line else []
    if line is None or len(common) < 2 or name == other:
        return ""
    here, there = (x.values[[x.numbers.index(run) for run in common], -1] for x in (first[0], line))
    mean, low, high = paired_differences(there[None], here)[0]
    whose = f"{line.label}, " if line.label else ""
    if low == high == 0.0:
        return f"{whose}last week: {other} and {name} do not differ in any run."
    clear = "" if low > 0.0 or high < 0.0 else "; it may be chance"
    size = f"{rounded(mean)} {found.short_unit}".strip()
    interval = f"95 % interval {short(low, 2)} to {short(high, 2)}"
    return f"{whose}last week: {other} less {name} is {size} ({interval}){clear}."


def _scale(panel: Axes, unit: str, low: float, high: float) -> None:
    """Set the vertical axis: from 0 where nothing is below, else around all that is drawn."""
    room = 0.05 * (high - low or 1.0)
    panel.set_ylim(0.0 if 0.0 <= low <= 0.5 * high else low - room, high + room)
    panel.set_ylabel(unit)
    panel.yaxis.set_major_formatter(Short())


def _title(found: Found) -> str:
    return drawable(found.label[:1].upper() + found.label[1:], 80) + " over the weeks"
