"""Why a state decided so in a week: what it saw, what each of its desks did and by which term."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np

from .. import noise
from ..engines import reference
from ..quantities import Week
from ..results.text import aligned
from ..rules.bounds import in_range
from ..scenario import Scenario
from ..world import World
from . import conduct, crises, supply
from .reasons import Case, Reason, digits, reasons

Table = tuple[tuple[str, ...], ...]
REGISTERED = (conduct, crises, supply)
"""Who imports them registers the reasons that they hold."""
POSTURES = {-1: "conciliated", 0: "held", 1: "pressed"}
STAGES = ("quiet", "challenged", "resisted")


class LeftItsRangeError(ValueError):
    """The run left its range before the week to explain."""


@dataclass(frozen=True)
class Explanation:
    """What a state saw and decided.

    - `heading`: which state, week and run.
    - `saw`: tables of the Observation, with headings: of itself, of the others, of its routes.
    - `reasons`: one per desk.
    - `week`: what the reasons were taken from.
    """

    heading: str
    saw: tuple[Table, ...]
    reasons: tuple[Reason, ...]
    week: Week

    def lines(self) -> list[str]:
        """Return the explanation as lines of text."""
        decided: Table = (
            ("desk", "rule", "by", "decided"),
            *((r.desk, r.rule, r.term, r.decided) for r in self.reasons),
        )
        lines = [self.heading]
        for table in (*self.saw, decided):
            lines += ["", *aligned(table)]
        lines += [""]
        lines += [f"{r.desk} ({r.rule}) {r.decided}: {r.why}." for r in self.reasons]
        return lines


def replay_week(scenario: Scenario, week: int, seed: int, run: int) -> tuple[World, Week]:
    """Replay a run with the reference engine; return one of its weeks and the world before it.

    Args:
        scenario: What is simulated.
        week: The week, from 0.
        seed: The master seed.
        run: The number of the run.

    Raises:
        LeftItsRangeError: The run stops before.
    """
    before = scenario.draw(noise.run_key(seed, run))[1]
    # as in the engine: a number on its way out of range is reported, not warned of
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for number, left in enumerate(islice(reference.weeks(scenario, seed, run), week + 1)):
            if number == week:
                return before, left
            before = left.world
            if not in_range(left.world):
                break
    raise LeftItsRangeError(f"seed {seed}, run {run}: left its range in week {number}")


def explain(scenario: Scenario, state: str, week: int, seed: int = 0, run: int = 0) -> Explanation:
    """Explain why a state decided so in a week of a run.

    Args:
        scenario: What is simulated.
        state: The state's code.
        week: The week, from 0.
        seed: The master seed.
        run: The number of the run.

    Raises:
        ValueError: There is no such state or week.
        LeftItsRangeError: The run stops before that week.
    """
    if state not in scenario.states or not 0 <= week < scenario.weeks:
        raise ValueError(f"{state} in week {week}: not of {scenario!r}")
    before, left = replay_week(scenario, week, seed, run)
    case = Case(scenario, left, scenario.states.index(state), before)
    return explained(case, f"of {scenario.name}, seed {seed}, run {run}")


def explained(case: Case, whose: str) -> Explanation:
    """Explain why a state decided so in a week that is at hand.

    Args:
        case: The state and the week.
        whose: Which run it is of, for the heading.
    """
    week = int(case.before.week)
    day = case.scenario.date(week)
    heading = f"{case.code(case.state)} in week {week} ({day}) {whose}"
    tables = (_itself, _munitions, _technologies, _others, _strangers, _routes, _estimates)
    saw = tuple(table for table in (made(case) for made in tables) if len(table) > 1)
    return Explanation(heading, saw, reasons(case), case.week)


def _rows(heading: Iterable[str], names: Iterable[str], *columns: Iterable[object]) -> Table:
    """Return a table: a heading, then one row per name."""
    body = zip(names, *([_cell(x) for x in column] for column in columns), strict=True)
    return (tuple(heading), *(tuple(row) for row in body))


def _cell(value: object) -> str:
    return value if isinstance(value, str) else digits(value)


def _itself(case: Case) -> Table:
    """Return the state's own numbers that are not 0."""
    seen, i = case.week.seen, case.state
    found = {
        "at war": seen.at_war[i],
        "treasury, USD bn": seen.treasury[i],
        "income per week, USD bn": seen.income[i],
        "debts, USD bn": seen.debts[i],
        "strength, log": seen.strength[i],
        "readiness": seen.readiness[i],
        "force, thousand": seen.force[i],
        "losses, thousand": seen.losses[i],
        "in a test campaign": seen.campaign[i],
        "launch prepared": seen.preparation[i],
        "embargoed": seen.embargoed[i],
        "monitored": seen.monitored[i],
    }
    shown = {name: value for name, value in found.items() if value != 0.0}
    return _rows(("itself", ""), shown, shown.values())


def _munitions(case: Case) -> Table:
    seen, i = case.week.seen, case.state
    heading = ("munition", "stock", "weeks", "reserve", "need per week", "inbound", "capacity")
    columns = (seen.stock, seen.supply, seen.reserve, seen.need, seen.inbound, seen.capacity)
    return _rows(heading, case.munitions, *(column[i] for column in columns))


def _technologies(case: Case) -> Table:
    seen, i = case.week.seen, case.state
    heading = ("technology", "level", "lessons", "trials", "failures")
    columns = (seen.tech, seen.lessons, seen.trials, seen.failures)
    return _rows(heading, case.scenario.technologies, *(column[i] for column in columns))


def _others(case: Case) -> Table:
    """Return what it sees of whom it is listed with, and of what lies between the two."""
    seen, mine, pair = case.week.seen, case.pairs, case.week.params.wiring.pair
    others, i = pair.target[mine], case.state
    columns = {
        "affinity": seen.affinity[i, others],
        "tension": seen.tension[i, others],
        "level": seen.level[mine],
        "last": [POSTURES[int(x)] for x in seen.posture[mine]],
        "my challenge": [STAGES[int(x)] for x in seen.stage[mine]],
        "its challenge": [STAGES[int(x)] for x in seen.against[mine]],
        "demands": seen.demanded[mine],
        "stake": seen.stake[mine],
        "lead, log": seen.strength[i] - seen.believed[mine],
        "deterrence": seen.deterrence[mine],
        "will": case.deterrents["will"][mine],
        "balance": case.deterrents["balance"][mine],
        "credence": seen.credence[mine],
        "trust": seen.trust[mine],
        "drills": seen.drill[others],
        "tests": seen.test[others],
        "suspicion": seen.suspicion[others],
        "sanctions on me": seen.sanctions[i, others],
        "benefit": seen.beneficiary[mine],
        "at war": seen.at_war[others],
    }
    return _rows(("of others", *columns), map(case.partner, mine), *columns.values())


def _strangers(case: Case) -> Table:
    """Return what it sees of the others, with whom the scenario does not list it."""
    seen, i = case.week.seen, case.state
    listed = {case.partner(p) for p in case.pairs}
    others = [j for j in case.others if case.code(j) not in listed]
    columns = {
        "affinity": seen.affinity[i, others],
        "tension": seen.tension[i, others],
        "drills": seen.drill[others],
        "tests": seen.test[others],
        "suspicion": seen.suspicion[others],
        "sanctions on me": seen.sanctions[i, others],
        "at war": seen.at_war[others],
    }
    return _rows(("of strangers", *columns), map(case.code, others), *columns.values())


def _routes(case: Case) -> Table:
    """Return what is public of its own routes."""
    seen, found = case.week.seen, case.routes(0) + case.routes(1)
    containers = case.week.params.munitions.containers
    columns = {
        "unlawful": seen.unlawful,
        "contract, containers": seen.contract @ containers,
        "arrived, containers": seen.delivery @ containers,
        "debt, USD bn": seen.debt,
        "exposure": 1.0 / (1.0 + np.exp(-seen.exposure)),
        "doubt": seen.doubt,
        "accusations": seen.accused,
    }
    names = [" to ".join(case.scenario.routes[e]) for e in found]
    return _rows(("route", *columns), names, *(x[found] for x in columns.values()))


def _estimates(case: Case) -> Table:
    """Return what an observer holds of the flows that it saw."""
    mine = [] if case.observer is None else [case.observer]
    held, published = (
        np.sum(x[mine], axis=0) for x in (case.week.seen.estimate, case.week.seen.published)
    )
    found = np.flatnonzero(held > 0.0)
    names = [" to ".join(case.scenario.routes[e]) for e in found]
    heading = ("flow", "estimate, containers", "last published", "unlawful")
    return _rows(heading, names, held[found], published[found], case.week.seen.unlawful[found])
