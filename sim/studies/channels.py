"""Which levers move which outcomes in a scenario: paired effects, run by run.

A lever is a change of the scenario that a reader would think of. Its effect is the outcome with it
less the outcome without it, in the same runs with the same noise, with a 95 % interval. Where no
run differs there is no channel; where the interval holds zero none was seen.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from jaxtyping import Float

from ..ensemble.run import run
from ..results.intervals import student
from ..results.results import Results
from ..scenario import Scenario

Samples = Float[np.ndarray, " run"]
DEFAULT = "northeast_asia_2023"
"""The scenario whose levers these are."""
HEAD = """# What moves what

    python -m experiments.channels write=true       # writes this page
    armsflow explain=channels                       # prints it

The default scenario with each lever pulled, less the same as shipped: mean differences, run by
run with the same noise, and half of their 95 % intervals. **Bold**: the interval does not hold 0.
*No effect*: no run differs. *Not clear*: runs differ, and the interval holds 0. {runs} runs of
three years, `seed={seed}`. None of it is a forecast: the numbers follow from coefficients, most
of them chosen ([sources.md](sources.md)). Halves have one digit: of a bold number that looks no
larger than its half, the interval just misses 0.
"""
ARMS = """
## Arms and conduct, with nothing detected

With `rules.watch.detection=0` no publication ever comes of a shipment: what arms do to conduct
they do by power alone, which deters (its balance) and which is feared (tension).
"""


@dataclass(frozen=True)
class Lever:
    """A change of the scenario.

    - `name`: what it is, in words.
    - `overrides`: what it sets.
    """

    name: str
    overrides: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """Something that a lever may move.

    - `name`, `unit`: what it is.
    - `of`: its value in each run.
    """

    name: str
    unit: str
    of: Callable[[Results], Samples]


@dataclass(frozen=True)
class Effect:
    """What a lever does to an outcome.

    - `before`: the mean without the lever.
    - `change`, `half`: the mean paired difference and half of its 95 % interval.
    - `moved`: the share of runs in which anything differs.
    """

    lever: Lever
    outcome: Outcome
    before: float
    change: float
    half: float
    moved: float

    @property
    def clear(self) -> bool:
        """Return whether the interval does not hold zero."""
        return abs(self.change) > self.half


def with_each(scenario: Scenario, path: str) -> tuple[str, ...]:
    """Return an override for every state.

    Args:
        scenario: Whose states.
        path: What follows the state's code, with its value: `desks.transfer=none`.
    """
    return tuple(f"states.{code}.{path}" for code in scenario.states)


def times(scenario: Scenario, code: str, factor: float) -> tuple[str, ...]:
    """Return overrides that multiply a state's stocks and what its industry makes.

    Args:
        scenario: Whose state.
        code: Of the state.
        factor: By what.
    """
    state = scenario.spec.states[code]
    return tuple(
        f"states.{code}.{part}.{munition}={amount * factor!r}"
        for part in ("stock", "capacity")
        for munition, amount in getattr(state, part).items()
    )


def force_times(scenario: Scenario, code: str, factor: float) -> tuple[str, ...]:
    """Return overrides that multiply a state's forces, wanted ones too.

    Args:
        scenario: Whose state.
        code: Of the state.
        factor: By what.
    """
    state = scenario.spec.states[code]
    wanted = state.force if state.force_target is None else state.force_target
    return (
        f"states.{code}.force={state.force * factor!r}",
        f"states.{code}.force_target={wanted * factor!r}",
    )


def column(name: str) -> Callable[[Results], Samples]:
    """Return an outcome's value: a column of the table of runs."""
    return lambda results: results.runs[name].to_numpy(np.float64)


def challenges(actors: Sequence[str], targets: Sequence[str]) -> Callable[[Results], Samples]:
    """Return an outcome's value: how often some states challenge others in a run.

    Args:
        actors: Who challenges.
        targets: Whom.
    """
    return lambda results: _counted(results, ("challenge",), actors, targets)


def _counted(
    results: Results, kinds: Sequence[str], actors: Sequence[str], targets: Sequence[str]
) -> Samples:
    """Return how many events of some kinds each run has between some actors and targets."""
    events = results.events
    chosen = events[
        events["kind"].isin(kinds)
        & events["actor"].isin(list(actors))
        & events["target"].isin(list(targets))
    ]
    runs = len(results.runs)
    return np.bincount(chosen["run"].to_numpy(np.int64), minlength=runs).astype(np.float64)


def disputed_weeks(state: str, others: Sequence[str], least: int) -> Callable[[Results], Samples]:
    """Return an outcome's value: weeks in which a state has a dispute at that level, per other.

    Args:
        state: The state.
        others: With whom.
        least: The level from which a week counts.
    """

    def value(results: Results) -> Samples:
        table = results.dyads
        rows = table[
            (table["state"] == state)
            & table["target"].isin(list(others))
            & (table["level"] >= least)
        ]
        return np.bincount(rows["run"].to_numpy(np.int64), minlength=len(results.runs)) / len(
            others
        )

    return value


def effects(
    scenario: Scenario,
    levers: Iterable[Lever],
    outcomes: Sequence[Outcome],
    runs: int,
    seed: int = 0,
    workers: int = 1,
    record: str = "weekly",
) -> list[Effect]:
    """Return the effect of every lever on every outcome.

    Args:
        scenario: What is simulated, without any lever.
        levers: The changes.
        outcomes: What they may move.
        runs: How many runs of each.
        seed: The master seed.
        workers: How many processes.
        record: What the outcomes read of a run: `weekly` or `full`.
    """
    levers = list(levers)
    changed = [scenario.with_(*lever.overrides) for lever in levers]
    rules = {
        desk: sorted({rule for each in [scenario, *changed] for rule in each.rules[desk]})
        for desk in scenario.rules
    }  # all hold the same rules, so that one program runs them

    def measured(which: Scenario) -> Mapping[str, Samples]:
        found = run(
            which.holding(rules), runs, seed, record=record, engine="compiled", workers=workers
        )
        return {outcome.name: outcome.of(found) for outcome in outcomes}

    before = measured(scenario)
    return [
        _effect(lever, outcome, before[outcome.name], after[outcome.name])
        for lever, after in zip(levers, map(measured, changed), strict=True)
        for outcome in outcomes
    ]


def _effect(lever: Lever, outcome: Outcome, before: Samples, after: Samples) -> Effect:
    """Return the paired effect of a lever on an outcome."""
    difference = after - before
    count = len(difference)
    half = student(count - 1) * float(difference.std(ddof=1)) / count**0.5
    moved = float(np.mean(difference != 0.0))
    return Effect(lever, outcome, float(before.mean()), float(difference.mean()), half, moved)


def levers(scenario: Scenario) -> list[Lever]:
    """Return the levers of the map, for the default scenario."""
    return [
        Lever("no transfers", with_each(scenario, "desks.transfer=none")),
        Lever("no lessons are absorbed", ("rules.learn.absorption=0",)),
        Lever("no exercises", with_each(scenario, "desks.training=none")),
        Lever("no interdiction", ("rules.move.interdiction=0",)),
        Lever("no secrecy", _open(scenario)),
        Lever("PRK holds", ("states.PRK.desks.crisis=hold",)),
        Lever("a tenth of the protector's force", force_times(scenario, "USA", 0.1)),
        Lever("PRK's nuclear technology at 1", ("states.PRK.tech.nuclear=1",)),
        Lever("no dated events", ("timetable=none",)),
        Lever("no treaty of RUS and PRK", _put_off(scenario, "treaty")),
        Lever("drafts to lift the embargo, ten times as often", ("rules.sanction.relief=0.05",)),
        Lever("findings of the Council convince nobody", ("rules.watch.finding=0",)),
        Lever("no visits at all", ("rules.escalate.by_visit=0", "rules.trade.by_talks=0")),
        Lever("denial does not work", ("rules.watch.denial=0",)),
        Lever("nothing is detected", ("rules.watch.detection=0",)),
        Lever("RUS shields nobody and complies", ("states.RUS.desks.diplomacy=passive",)),
        Lever("PRK tests and launches nothing", ("states.PRK.desks.technology=steady",)),
        Lever("PRK launches nothing", _grounded(scenario)),
        Lever("missiles no better by technology", ("technologies.missile.by_tech=0",)),
        Lever("common rivals draw nobody together", ("rules.escalate.by_common_rival=0",)),
        Lever("KOR's arms doubled", times(scenario, "KOR", 2.0)),
        Lever("PRK's arms doubled", times(scenario, "PRK", 2.0)),
        Lever("RUS's arms doubled", times(scenario, "RUS", 2.0)),
    ]


def _open(scenario: Scenario) -> tuple[str, ...]:
    """Return overrides that end the secrecy of every state whose transfer desk has any."""
    return tuple(
        f"states.{code}.desks.transfer.secrecy=0"
        for code, state in scenario.spec.states.items()
        if "secrecy" in state.desks["transfer"]
    )


def _grounded(scenario: Scenario) -> tuple[str, ...]:
    """Return overrides under which North Korea launches nothing before the last week."""
    return ("states.PRK.desks.technology.launch=0", *_put_off(scenario, "launch"))


def _put_off(scenario: Scenario, kind: str) -> tuple[str, ...]:
    """Return overrides that put dated events off until the last days, too late to do anything.

    Args:
        scenario: Whose timetable.
        kind: Of the events.
    """
    last = scenario.start + timedelta(days=7 * scenario.weeks - 1)
    places = [i for i, entry in enumerate(scenario.spec.timetable) if entry.kind == kind]
    return tuple(
        f"timetable.{place}.date={last - timedelta(days=before)}"
        for before, place in enumerate(places)
    )  # a day each: the same event does not stand twice


def outcomes() -> list[Outcome]:
    """Return the outcomes of the map, for the default scenario."""
    columns = [
        ("RUS: shells held", "million", "stock_shell_152_RUS_last", 1e-6),
        ("PRK: shells held", "million", "stock_shell_152_PRK_last", 1e-6),
        ("UKR: casualties", "thousand", "losses_UKR_last", 1.0),
        ("RUS: casualties", "thousand", "losses_RUS_last", 1.0),
        ("tension, mean", "index", "tension_mean_mean", 1.0),
        ("presses", "per run", "presses_sum", 1.0),
        ("militarised disputes", "pairs", "militarised_mean", 1.0),
        ("new wars", "pairs per run", "war_onsets_sum", 1.0),
        ("payoff of PRK", "stakes", "payoff_PRK_mean", 1.0),
        ("payoff of KOR", "stakes", "payoff_KOR_mean", 1.0),
    ]
    found = [Outcome(name, unit, _scaled(key, factor)) for name, unit, key, factor in columns]
    return [*found, Outcome("challenges of KOR by PRK", "per run", challenges(["PRK"], ["KOR"]))]


def _scaled(key: str, factor: float) -> Callable[[Results], Samples]:
    """Return an outcome's value: a column of the table of runs, in another unit."""
    return lambda results: factor * results.runs[key].to_numpy(np.float64)


def arms(scenario: Scenario) -> list[Lever]:
    """Return the levers that say whether arms deter, in the default scenario."""
    return [
        Lever("the protege's (KOR) stocks and output doubled", times(scenario, "KOR", 2.0)),
        Lever("the challenger's (PRK) stocks and output doubled", times(scenario, "PRK", 2.0)),
        Lever("the protector's (USA) force x 10", force_times(scenario, "USA", 10.0)),
        Lever("the protector's (USA) force x 1/10", force_times(scenario, "USA", 0.1)),
        Lever("no transfers at all", with_each(scenario, "desks.transfer=none")),
    ]


def arms_outcomes() -> list[Outcome]:
    """Return what arms may do to conduct."""
    return [
        Outcome("challenges of KOR by PRK", "per run", challenges(["PRK"], ["KOR"])),
        Outcome(
            "weeks of KOR in a militarised dispute", "per run", disputed_weeks("KOR", ["PRK"], 2)
        ),
        Outcome("presses, all", "per run", column("presses_sum")),
        Outcome("presses deterred, all", "per run", column("deterred_sum")),
        Outcome("tension, mean", "index", column("tension_mean_mean")),
        Outcome("tension, highest", "index", column("tension_max_max")),
        Outcome("militarised disputes, all", "pairs", column("militarised_mean")),
    ]


def table(found: Sequence[Effect]) -> list[str]:
    """Return the map as a table of Markdown: a row per lever, a column per outcome."""
    names = list(dict.fromkeys(effect.outcome.name for effect in found))
    units = {effect.outcome.name: effect.outcome.unit for effect in found}
    before = {effect.outcome.name: effect.before for effect in found}
    rows: dict[str, dict[str, str]] = {}
    for effect in found:
        rows.setdefault(effect.lever.name, {})[effect.outcome.name] = _cell(effect)
    return [
        "| lever | " + " | ".join(f"{name}, {units[name]}" for name in names) + " |",
        "|---" * (len(names) + 1) + "|",
        "| *without any* | " + " | ".join(f"{before[name]:.4g}" for name in names) + " |",
        *(
            f"| {lever} | " + " | ".join(cells[name] for name in names) + " |"
            for lever, cells in rows.items()
        ),
    ]


def _cell(effect: Effect) -> str:
    """Return an effect as a reader needs it: its size where it is clear, else that none is."""
    if effect.moved == 0.0:
        return "no effect"
    size = f"{effect.change:+.2g} ± {effect.half:.1g}"
    return f"**{size}**" if effect.clear else f"not clear ({size})"


def page(scenario: Scenario, runs: int, seed: int, workers: int) -> str:
    """Return what moves what in the default scenario, and what arms do to conduct, as Markdown.

    Args:
        scenario: The default scenario.
        runs: With and without each lever.
        seed: The master seed.
        workers: Processes.
    """
    unseen = scenario.with_("rules.watch.detection=0")
    of_all = effects(scenario, levers(scenario), outcomes(), runs, seed, workers)
    of_arms = effects(unseen, arms(scenario), arms_outcomes(), runs, seed, workers, "full")
    parts = [HEAD.format(runs=runs, seed=seed), *table(of_all), ARMS, *table(of_arms)]
    return "\n".join(parts) + "\n"
