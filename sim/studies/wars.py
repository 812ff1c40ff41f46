"""Do wars end? Many drawn worlds, each simulated until no war is left, beside the record.

A world is a synthetic one (`generate.seed`), with its first rivals at war from the start. It is
simulated for `BEGIN` weeks, so that other wars may begin, and then until all are over.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from ..engines import reference
from ..scenario import Scenario, load
from ..world import WAR, YEAR

STATES = 6
"""Of each world."""
BEGIN = 3 * YEAR
"""Weeks in which wars may begin that count."""
MOST = 100 * YEAR
"""Weeks after which a war counts as one that does not end."""
MONTHS = 12.0 / YEAR
"""Of a week."""
RECORD = {0.1: 1.1, 0.25: 4.8, 0.5: 8.7, 0.75: 20.3, 0.9: 45.4}
"""Quantiles of months, of the 100 disputes of 1816-1989 that became wars, from the first act of the
dispute to the last (Correlates of War, Militarized Interstate Disputes; middle of its least and
its greatest duration)."""


def world(number: int) -> Scenario | None:
    """Return the world of a number, its first rivals at war; None if it has no rivals."""
    keys = [f"generate.states={STATES}", f"generate.seed={number}"]
    drawn = load("synthetic", keys).spec.relations
    if not drawn.rivalries:
        return None
    first = list(drawn.rivalries[0].states)
    given = [[*pair] for pair in drawn.wars if set(pair) != set(first)]
    at_peace = [[*entry] for entry in drawn.levels if set(entry[:2]) != set(first)]
    keys += [f"relations.wars={[first, *given]}", f"relations.levels={at_peace}", f"weeks={MOST}"]
    return load("synthetic", keys)


def wars_of(number: int, seed: int) -> list[tuple[int, str, str, bool, int, float, str]]:
    """Simulate a world until its wars are over, and return a row for each.

    Args:
        number: Of the world.
        seed: The master seed of what happens in it.
    """
    scenario = world(number)
    if scenario is None:
        return []
    found: list[tuple[int, int, float, str]] = []
    since: dict[int, int] | None = None
    for week, step in enumerate(reference.weeks(scenario, seed, number)):
        now, pair = step.world.level == WAR, step.params.wiring.pair
        if since is None:  # the wars given
            at_war = (step.params.relations.war > 0.0) & (pair.once > 0.0)
            since = {int(place): -1 for place in np.flatnonzero(at_war)}
        for new in np.flatnonzero(now & (pair.once > 0.0)):
            since.setdefault(int(new), week)
        lost = step.events["defeated"] + pair.back(step.events["defeated"])
        for place, began in list(since.items()):
            if not now[place]:
                del since[place]
                found.append((place, began, week, "defeat" if lost[place] > 0.0 else "bargain"))
        if week >= BEGIN and not since:
            break
    found += [(place, began, np.nan, "goes on") for place, began in (since or {}).items()]
    codes = scenario.states
    actor, target = step.params.wiring.pair.actor, step.params.wiring.pair.target
    return [
        (number, codes[actor[place]], codes[target[place]], began < 0, began + 1, over + 1.0, end)
        for place, began, over, end in found
        if began < BEGIN  # the first week at war is the one after
    ]


def wars(worlds: int, seed: int = 0, workers: int = 1) -> pd.DataFrame:
    """Return every war of some drawn worlds.

    Args:
        worlds: How many.
        seed: The master seed of what happens in them.
        workers: Processes.

    Returns:
        A row per war: `world`; `one`, `other`; whether it was `given` at the start; the week in
        which it `began` and in which it was `over` (not a number if it goes on); its `end`.
    """
    simulate = partial(wars_of, seed=seed)
    numbers = range(worlds)
    if workers == 1:
        rows: Iterator[list[tuple]] = map(simulate, numbers)
        return _table(rows)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return _table(pool.map(simulate, numbers, chunksize=8))


def _table(rows: Iterator[list[tuple]]) -> pd.DataFrame:
    """Return the rows of all worlds as a table, with `months` at war."""
    names = ["world", "one", "other", "given", "began", "over", "end"]
    table = pd.DataFrame([row for found in rows for row in found], columns=names)
    return table.assign(months=(table["over"] - table["began"]) * MONTHS)


def lines(table: pd.DataFrame) -> list[str]:
    """Return how long wars last and how they end, as the rows of a table in Markdown."""
    out = [
        "| | wars | go on | by defeat | months: 10 % | 25 % | median | 75 % | 90 % | longest |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    groups = {"given at the start": table["given"], "that began": ~table["given"]}
    for name, chosen in ({"all": table["end"] != ""} | groups).items():
        part = table[chosen]
        ended = part["months"].dropna()
        cells = [f"{ended.quantile(q):.1f}" for q in RECORD] if len(ended) else ["-"] * len(RECORD)
        longest = f"{ended.max():.0f}" if len(ended) else "-"
        defeat = (part["end"] == "defeat").mean() if len(part) else 0.0
        out.append(
            f"| {name} | {len(part)} | {int((part['end'] == 'goes on').sum())} | {defeat:.2f} | "
            + " | ".join([*cells, longest])
            + " |"
        )
    record = " | ".join(f"{months:.1f}" for months in RECORD.values())
    return [*out, f"| record, with the dispute before | 100 | 0 | | {record} | 134 |"]


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw the share of wars that are over by month, beside the record's quantiles.

    Args:
        table: As `wars` returns it.
        path: The file to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    groups = {"given at the start": table["given"], "that began": ~table["given"]}
    for name, chosen in groups.items():
        months = np.sort(table[chosen]["months"].to_numpy())
        months = months[np.isfinite(months)]
        share = np.arange(1, len(months) + 1) / max(int(chosen.sum()), 1)
        axes.step(months, share, where="post", label=f"{name} ({int(chosen.sum())} wars)")
    axes.plot(list(RECORD.values()), list(RECORD), "ko", label="record 1816-1989 (100 wars, COW)")
    axes.set(xscale="log", xlim=(0.2, 200.0), ylim=(0.0, 1.02))
    axes.set_xticks([0.25, 1, 3, 12, 36, 120], ["1 week", "1", "3", "12", "36", "120"])
    axes.minorticks_off()
    axes.set(xlabel="Months at war", ylabel="Share of wars that are over")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left")
    figure.savefig(path, dpi=120)
