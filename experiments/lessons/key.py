"""The numbers of an answer key: which worlds are compared, what is read off, how it is written.

A lesson holds tables between `<!-- numbers: scenario=NAME runs=N -->` and `<!-- end -->`. A row is
`| step | change[ against change] | measure | without | with | difference | verdict |`; its first
three cells are written by hand and are what is simulated, the others are filled in. In the text
`<!--=STEP.CELL-->...<!--/-->` repeats one of these: `without`, `with`, `difference` or `verdict`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import sim
from sim.results.effect_text import interval_text
from sim.results.intervals import student
from sim.results.results import Results
from sim.results.text import short
from sim.scenario import Scenario
from sim.studies.counterfactuals import ready
from sim.world import DESKS

BLOCK = re.compile(
    r"(<!-- numbers: scenario=(\w+) runs=(\d+) -->\n)(.*?)(\n<!-- end -->)",
    re.DOTALL,
)
MARK = re.compile(r"(<!--=(\w+)\.(\w+)-->)(.*?)(<!--/-->)", re.DOTALL)
CODE = re.compile("`(.*?)`")
HEAD = ("step", "change", "measure", "without", "with", "difference", "verdict")
CELLS = ("without", "with", "difference", "verdict")
QUESTION = "question="
SEED = 0
DIGITS = 6
"""To which a run's number is stored."""
SAME = 1e-9
"""Relative difference below which two runs gave the same."""

Values = Mapping[str, tuple[Sequence[float], Sequence[float]]]


@dataclass(frozen=True)
class Row:
    """A comparison of an answer key.

    - `without`, `changed`: the overrides of the two worlds.
    - `measure`: a column of `runs`; `any COLUMN`: whether it is above 0; `all METRIC`: the sum over
      states; `COLUMN STATE-STATE`: the mean over the weeks of a column of `dyads`; `... last`: in
      the last week.
    - `written`: the three cells that are written by hand.
    """

    step: str
    scenario: str
    runs: int
    without: tuple[str, ...]
    changed: tuple[str, ...]
    measure: str
    written: tuple[str, ...]


def rows_of(text: str) -> list[Row]:
    """Return the comparisons of a lesson.

    Args:
        text: Its Markdown.

    Raises:
        ValueError: A table has other cells than `HEAD`, a row names no measure, or a step twice.
    """
    found = list[Row]()
    for _, scenario, runs, table, _ in BLOCK.findall(text):
        head, _, *lines = (_cells(line) for line in table.strip().splitlines())
        wrong = [
            f"{scenario}: a row has {len(cells)} cells, not {len(HEAD)}: {' | '.join(cells)}"
            for cells in (head, *lines)
            if len(cells) != len(HEAD)
        ]
        if wrong or tuple(head) != HEAD:
            raise ValueError("\n".join(wrong or [f"{scenario}: the heading is {', '.join(head)}"]))
        for cells in lines:
            step, change, measure = cells[:3]
            changed, _, against = change.partition("against")
            named = CODE.findall(measure)
            if len(named) != 1 or step in {row.step for row in found}:
                raise ValueError(f"{scenario}: step {step} names no one measure, or stands twice")
            sides = (tuple(CODE.findall(side)) for side in (against, changed))
            found.append(Row(step, scenario, int(runs), *sides, named[0], tuple(cells[:3])))
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def worlds(rows: Iterable[Row]) -> dict[tuple[str, ...], Scenario]:
    """Return the worlds of some rows by scenario and overrides.

    All worlds of a scenario hold the same rules of desks, so that one program simulates them.

    Args:
        rows: Comparisons.
    """
    sides = dict.fromkeys(side for row in rows for side in _sides(row))
    made = {side: _world(*side) for side in sides}
    for name in {side[0] for side in sides}:
        own = {side: world for side, world in made.items() if side[0] == name}
        rules = {
            desk: sorted({rule for world in own.values() for rule in world.rules[desk]})
            for desk in DESKS
        }
        made |= {side: world.holding(rules) for side, world in own.items()}
    return made


def _sides(row: Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (row.scenario, *row.without), (row.scenario, *row.changed)


def _world(name: str, *overrides: str) -> Scenario:
    """Return a scenario under overrides; `question=NAME` is that ready counterfactual's change."""
    questions = [text.partition("=")[2] for text in overrides if text.startswith(QUESTION)]
    scenario = sim.load(name, [text for text in overrides if not text.startswith(QUESTION)])
    for question in questions:
        scenario = scenario.with_(*ready(scenario)[question].change(scenario))
    return scenario


def simulate(rows: Sequence[Row], most: int | None = None) -> dict[str, Any]:
    """Return what every run of the rows gave, and the digests of the worlds.

    Args:
        rows: Comparisons.
        most: Of each world simulate no more runs than this.

    Returns:
        `rows`: the values of both worlds by step, [run]; `digests`: by scenario and overrides.
    """
    made, kept = worlds(rows), dict[tuple[str, ...], Results]()
    longest = {side: max(row.runs for row in rows if side in _sides(row)) for side in made}
    values = dict[str, tuple[list[float], list[float]]]()
    for row in rows:
        of_both = list[list[float]]()
        for side in _sides(row):
            if side not in kept:
                runs = longest[side] if most is None else min(longest[side], most)
                kept[side] = sim.run(made[side], runs, seed=SEED, record="full", workers=1)
            numbers = measured(kept[side], row.measure)[: row.runs]
            of_both.append([float(f"{x:.{DIGITS}g}") for x in numbers])
        values[row.step] = (of_both[0], of_both[1])
    return {"rows": values, "digests": {" ".join(s): made[s].digest for s in made}}


def measured(results: Results, measure: str) -> np.ndarray:
    """Return a measure of a job, [run].

    Args:
        results: Of the job, with its weeks and dyads.
        measure: As in `Row`.
    """
    name, *more = measure.split()
    if name == "any":
        return (results.runs[more[0]] > 0.0).to_numpy(float)
    if name == "all":
        states = results.scenario.states
        return results.runs[[f"{more[0]}_{s}_sum" for s in states]].sum(axis=1).to_numpy(float)
    if not more:
        return results.runs[name].to_numpy(float)
    table = results.dyads if "-" in more[0] else results.weeks
    if "-" in more[0]:
        state, target = more[0].split("-")
        table = table[(table["state"] == state) & (table["target"] == target)]
    if more[-1] == "last":
        table = table[table["week"] == table["week"].max()]
    return table.groupby("run")[name].mean().to_numpy(float)


def cells(row: Row, without: Sequence[float], changed: Sequence[float]) -> dict[str, str]:
    """Return the filled cells of a row by their heading.

    Args:
        row: The comparison.
        without: What the runs of the first world gave.
        changed: What those of the second gave.
    """
    a, b = np.asarray(without), np.asarray(changed)
    size = np.maximum(np.abs(a), np.abs(b))
    step = np.where(np.abs(b - a) <= SAME * size, 0.0, b - a)
    half = student(len(step) - 1) * float(step.std(ddof=1)) / len(step) ** 0.5
    mean = float(step.mean())
    ups, downs = int((step > 0.0).sum()), int((step < 0.0).sum())
    if ups == downs == 0:
        verdict = "the same in every run"
    elif abs(mean) <= half:
        verdict = f"not clear: higher in {ups}, lower in {downs} of {len(step)} runs"
    else:
        way, count = ("higher", ups) if mean > 0.0 else ("lower", downs)
        verdict = f"{way} in {count} of {len(step)} runs"
    texts = (_spread(row, a), _spread(row, b), interval_text(mean, mean - half, mean + half))
    return dict(zip(CELLS, (*texts, verdict), strict=True))


def _spread(row: Row, values: np.ndarray) -> str:
    """Return the median with its range over runs; of whether something happened, how often."""
    if row.measure.startswith("any "):
        return f"{int(values.sum())} of {len(values)} runs"
    low, middle, high = (short(float(x)) for x in np.quantile(values, (0.05, 0.5, 0.95)))
    return middle if low == middle == high else f"{middle} ({low} to {high})"


def filled(text: str, values: Values) -> str:
    """Return a lesson with its numbers.

    Args:
        text: Its Markdown.
        values: What the runs of both worlds gave, by step.

    Raises:
        ValueError: The lesson is malformed, or has a mark for what is in none of its tables.
    """
    rows = {row.step: row for row in rows_of(text)}
    found = {step: cells(row, *values[step]) for step, row in rows.items()}

    def table(match: re.Match[str]) -> str:
        begin, _, _, lines, end = match.groups()
        steps = [_cells(line)[0] for line in lines.strip().splitlines()[2:]]
        body = [HEAD, ("---",) * len(HEAD)]
        body += [(*rows[step].written, *(found[step][cell] for cell in CELLS)) for step in steps]
        return begin + "\n".join(f"| {' | '.join(line)} |" for line in body) + end

    wrong = [
        f"no cell {step}.{cell}"
        for _, step, cell, _, _ in MARK.findall(text)
        if cell not in found.get(step, {})
    ]
    if wrong:
        raise ValueError("\n".join(wrong))
    text = BLOCK.sub(table, text)
    return MARK.sub(lambda m: f"{m[1]}{found[m[2]][m[3]]}{m[5]}", text)
