"""Which conclusions stand: ready counterfactuals under other laws, other rules, other numbers.

A conclusion is the sign of a counterfactual's effect on its first headline metric, paired run by
run. It is drawn again under the posterior, under rival forms of single rules, without dated events,
and with every free number of the rules moved by up to a quarter at once, in a Latin hypercube.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64
from scipy.stats import qmc

from ..ensemble.run import run
from ..ensemble.sweep import sweep
from ..params import Rules
from ..results.intervals import student
from ..results.record import summary_columns
from ..results.responses import label_and_unit
from ..results.results import Results
from ..scenario import Scenario
from .counterfactuals import Counterfactual, ready

QUESTIONS = {
    "no_transfers": "losses_UKR_last",
    "no_technology": "tech_missile_PRK_last",
    "enforcement_doubled": "containers_delivered_PRK_RUS_last",
    "no_panel": "containers_delivered_PRK_RUS_last",
    "no_trilateral": "tension_mean_mean",
    "protector_out": "presses_sum",
    "restraint_PRK": "losses_UKR_last",
}
"""The ready counterfactuals whose conclusions are tried, and the metric that each is about."""
FORMS: Mapping[str, tuple[str, ...]] = {
    "as shipped": (),
    "posterior": ("parameters=posterior",),
    "no dated events": ("timetable=none",),
    "acts are climbed": ("rules.escalate.climb=1",),
    "credence by fixed odds": ("rules.escalate.by_desk=0",),
    "balance of power off": ("rules.escalate.balance=0",),
    "research without a threshold": ("technologies.*.threshold=0",),
    "research with a full threshold": ("technologies.*.threshold=1",),
}
"""Rival forms of a rule, by what differs; `*` is each technology."""
MOVED = "all numbers moved by a quarter"
POINTS, QUARTER = 32, 0.25
FEWER = 4
"""A point of the design has so many times fewer runs than a form."""
STANDS, UNCLEAR, TURNS, ONLY_HERE = "stands", "unclear", "turns", "clear only here"


@dataclass(frozen=True)
class Effect:
    """What a change does to a metric under a form: the mean difference with its 95 % interval."""

    mean: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """Return 1 or -1 where the interval is clear of 0, else 0."""
        return int(self.low > 0.0) - int(self.high < 0.0)


@dataclass(frozen=True)
class Conclusion:
    """A counterfactual's effect under each form.

    - `title`, `label`, `unit`: what is changed, and what is looked at.
    - `effects`: by the form; the first is the shipped one.
    """

    title: str
    label: str
    unit: str
    effects: Mapping[str, Effect]

    def verdict(self, form: str) -> str:
        """Return whether the shipped conclusion stands under a form, turns, or is unclear there."""
        shipped = next(iter(self.effects.values())).sign
        here = self.effects[form].sign
        if here == 0:
            return UNCLEAR
        if shipped == 0:
            return ONLY_HERE
        return STANDS if here == shipped else TURNS


def effect(differences: Float64[np.ndarray, " pair"]) -> Effect:
    """Return the mean of paired differences with its interval.

    Args:
        differences: One of each run, or the mean of the runs of each point.
    """
    mean = float(np.mean(differences))
    half = student(len(differences) - 1) * float(np.std(differences, ddof=1))
    half /= len(differences) ** 0.5
    return Effect(mean, mean - half, mean + half)


def crossed_effect(differences: pd.Series) -> Effect:
    """Return the mean of paired differences of runs at points, with the wider of two intervals.

    Points share their runs: the interval over points leaves out the noise of those runs, that over
    runs what the points have of their own.

    Args:
        differences: By `point` and `run`.
    """
    ways = [effect(differences.groupby(level).mean().to_numpy()) for level in ("point", "run")]
    return max(ways, key=lambda found: found.high - found.low)


def overrides(scenario: Scenario, form: str) -> tuple[str, ...]:
    """Return the overrides of a form, each technology by its name.

    Args:
        scenario: Whose technologies.
        form: A key of FORMS.
    """
    return tuple(
        text.replace("*", name)
        for text in FORMS[form]
        for name in (scenario.technologies if "*" in text else ("",))
    )


def free_numbers(scenario: Scenario) -> dict[str, float]:
    """Return the coefficients of the rules that are not 0 and not a switch, by path.

    What has a prior is left to it.

    Args:
        scenario: The scenario.
    """
    found: dict[str, float] = {}
    for phase in fields(Rules):
        group = getattr(scenario.params().rules, phase.name)
        for field in fields(group):
            value, meta = np.asarray(getattr(group, field.name)), field.metadata
            path = f"rules.{phase.name}.{field.name}"
            switch = meta["unit"].startswith(("0 ", "0/1", "1 "))
            if value.ndim or switch or value in (0.0, 1.0) or path in scenario.priors:
                continue
            found[path] = float(value)
    return found


def moved(scenario: Scenario, points: int, seed: int) -> pd.DataFrame:
    """Return a Latin hypercube in which every free number moves by up to a quarter at once.

    Args:
        scenario: Whose numbers.
        points: How many.
        seed: Of the design.
    """
    numbers = free_numbers(scenario)
    share = qmc.LatinHypercube(len(numbers), rng=np.random.default_rng(seed)).random(points)
    factor = 1.0 + QUARTER * (2.0 * share - 1.0)
    table = {}
    for column, (path, value) in enumerate(numbers.items()):
        low, high = scenario.bounds(path)
        table[path] = np.clip(value * factor[:, column], low, high)
    return pd.DataFrame(table)


def conclusions(
    scenario: Scenario,
    runs: int,
    points: int = POINTS,
    seed: int = 0,
    workers: int | None = None,
    engine: str = "auto",
) -> Iterator[Conclusion]:
    """Yield the ready conclusions, each under every form.

    Args:
        scenario: The scenario.
        runs: How many runs of each world and form.
        points: Of the design in which all numbers move.
        seed: The master seed.
        workers: Processes; all cores if None.
        engine: As in `run`.
    """
    options: dict[str, Any] = {"seed": seed, "engine": engine, "workers": workers}
    design, questions = moved(scenario, points, seed), tried_questions(scenario)
    changes = {name: found.change(scenario) for name, found in questions.items()}
    rules = _all_rules([scenario, *(scenario.with_(*change) for change in changes.values())])

    def world(form: str, change: tuple[str, ...] = ()) -> pd.DataFrame:
        made = scenario.with_(*overrides(scenario, form), *change).holding(rules)
        return _runs(run(made, runs, record="summary", **options))

    def all_moved(change: tuple[str, ...] = ()) -> pd.DataFrame:
        made = scenario.with_(*change).holding(rules)
        table = _changed(design, free_numbers(scenario), change)
        return _runs(sweep(made, table, max(2, runs // FEWER), **options))

    base = {form: world(form) for form in FORMS} | {MOVED: all_moved()}
    for name, found in questions.items():
        metric, change = QUESTIONS[name], changes[name]
        effects = {}
        for form in FORMS:
            differences = _differences(base[form], world(form, change), metric)
            effects[form] = effect(differences.to_numpy())
        effects[MOVED] = crossed_effect(_differences(base[MOVED], all_moved(change), metric))
        yield Conclusion(found.title, *label_and_unit(scenario, metric), effects)


def _changed(
    design: pd.DataFrame, numbers: Mapping[str, float], change: Sequence[str]
) -> pd.DataFrame:
    """Return a design in which what a change sets is moved by the change's own factor as well."""
    table = design.copy()
    for text in change:
        path, _, value = text.partition("=")
        if path in table:
            table[path] = table[path] * (float(value) / numbers[path])
    return table


def _all_rules(scenarios: Sequence[Scenario]) -> dict[str, tuple[str, ...]]:
    """Return the rules that some of the scenarios follow, by desk: one program then holds all."""
    return {
        desk: tuple(sorted({rule for each in scenarios for rule in each.rules[desk]}))
        for desk in scenarios[0].rules
    }


def tried_questions(scenario: Scenario) -> dict[str, Counterfactual]:
    """Return the ready questions that a scenario has a change and a metric for, by name."""
    known, columns = ready(scenario), set(summary_columns(scenario))
    return {
        name: known[name]
        for name, metric in QUESTIONS.items()
        if name in known and metric in columns and known[name].change(scenario)
    }


def _runs(results: Results) -> pd.DataFrame:
    good = results.runs[results.runs["status"] == "ok"]
    return good.set_index(["point", "run"])


def _differences(before: pd.DataFrame, after: pd.DataFrame, metric: str) -> pd.Series:
    return (after[metric] - before[metric]).dropna()


def markdown(found: Sequence[Conclusion]) -> list[str]:
    """Return a table of conclusions and forms: the effect, and whether the conclusion stands.

    Args:
        found: The conclusions.
    """
    if not found:
        return []
    forms = list(found[0].effects)
    lines = ["| change, and what it moves | " + " | ".join(forms) + " |"]
    lines.append("|---" * (len(forms) + 1) + "|")
    for one in found:
        cells = []
        for form in forms:
            e = one.effects[form]
            word = "" if form == forms[0] else f"**{one.verdict(form)}** "
            cells.append(f"{word}{e.mean:.3g} [{e.low:.3g}, {e.high:.3g}]")
        lines.append(f"| {one.title}: {one.label} ({one.unit}) | " + " | ".join(cells) + " |")
    return lines
