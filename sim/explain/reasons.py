"""Why a desk decided so: for each rule the terms that it weighed, and which of them decided.

The terms are those that the rule itself computes (`desks.crisis.temper` and so on), taken again on
the recorded Observation. A rule that nobody tells of, or a policy in plain Python, gets what it
changed against doing nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ..desks.decide import decide
from ..metrics import Week
from ..scenario import Scenario
from ..world import CONCILIATE, DESKS, EXERCISES, HOLD, PRESS


@dataclass(frozen=True)
class Reason:
    """Why a desk decided so.

    - `desk`, `rule`: the desk and the rule that the state follows.
    - `decided`: what it decided, in a few words.
    - `term`: the deciding term.
    - `terms`: what was weighed, by name; the deciding term among it.
    - `why`: the sentence.
    """

    desk: str
    rule: str
    decided: str
    term: str
    terms: Mapping[str, float]
    why: str


@dataclass(frozen=True)
class Told:
    """What the function of a rule tells; the desk and the rule's name are added."""

    decided: str
    term: str
    terms: Mapping[str, Any]
    why: str


@dataclass(frozen=True)
class Case:
    """A state in a week that was played.

    - `week`: what was seen, done and what it left.
    - `state`: the state's place.
    """

    scenario: Scenario
    week: Week
    state: int

    @property
    def munitions(self) -> tuple[str, ...]:
        """The names of the munitions."""
        return self.scenario.munitions

    @property
    def others(self) -> list[int]:
        """The places of all other states."""
        return [j for j in range(len(self.scenario.states)) if j != self.state]

    def code(self, place: Any) -> str:
        """The code of the state at a place."""
        return self.scenario.states[int(place)]

    def codes(self, marks: np.ndarray) -> str:
        """The other states that are marked, as a list in words."""
        return listed(self.code(j) for j in self.others if marks[j])

    def routes(self, end: int = 0) -> list[int]:
        """The routes on which the state supplies (end 0) or receives (end 1)."""
        code = self.code(self.state)
        return [e for e, ends in enumerate(self.scenario.routes) if ends[end] == code]

    @property
    def observer(self) -> int | None:
        """The state's place among the observers, None if it publishes no estimates."""
        found = self.scenario.observers
        code = self.code(self.state)
        return found.index(code) if code in found else None

    def units(self, amounts: np.ndarray) -> str:
        """Amounts of munitions in words, what is none left out."""
        named = zip(self.munitions, amounts, strict=True)
        return listed(f"{said(x)} {name}" for name, x in named if x != 0.0) or "nothing"

    def dearest(self, amounts: np.ndarray) -> tuple[int, ...]:
        """Where the amounts [.., munition] are worth most at base prices."""
        worth = np.abs(amounts) * self.week.params.munitions.price
        return tuple(int(at) for at in np.unravel_index(np.argmax(worth), worth.shape))


Teller = Callable[[Case, Any], Told]
TELLERS: dict[tuple[str, str], Teller] = {}


def tells(desk: str, *rules: str) -> Callable[[Teller], Teller]:
    """Registers the function that tells how rules of a desk decide."""

    def register(teller: Teller) -> Teller:
        TELLERS.update({(desk, rule): teller for rule in rules})
        return teller

    return register


def reasons(case: Case) -> tuple[Reason, ...]:
    """Why each of the six desks decided so; a policy of the state's own may have overruled it."""
    left, found = case.week, []
    policy = case.scenario.policies.get(case.code(case.state))
    alone = left.action if policy is None else decide(left.params, left.seen, left.noise)
    for place, desk in enumerate(DESKS):
        held = left.params.desks[desk]
        rule = list(held)[left.params.choice[place, case.state]]
        teller = TELLERS.get((desk, rule))
        if policy is not None and not _same(case, getattr(alone, desk), getattr(left.action, desk)):
            rule, teller = policy.__name__, None
        told = changed(case, desk) if teller is None else teller(case, held[rule])
        terms = {name: float(value) for name, value in told.terms.items()}
        found.append(Reason(desk, rule, told.decided, told.term, terms, told.why))
    return tuple(found)


def _same(case: Case, a: Any, b: Any) -> bool:
    """Whether the state's own rows of two parts of an Action agree."""
    names = [field.name for field in fields(a)]
    rows = [
        (_own(case, name, getattr(a, name)), _own(case, name, getattr(b, name))) for name in names
    ]
    return all(np.array_equal(x, y) for x, y in rows)


def changed(case: Case, desk: str) -> Told:
    """What a rule that nobody tells of changed against doing nothing.

    The deciding term is the field of the Action of which it filled the most.
    """
    part, filled, largest = getattr(case.week.action, desk), {}, []
    for field in fields(part):
        own = _own(case, field.name, getattr(part, field.name))
        idle = _idle(field.name, own)
        filled[field.name] = np.count_nonzero(own != idle) / max(own.size, 1)
        if filled[field.name] > 0.0:
            peak = float(own.flat[np.argmax(np.abs(own - idle))])
            largest.append(f"{field.name} (up to {said(peak)})")
    if not largest:
        return Told("nothing", "nothing", {"nothing": 0.0}, "it does nothing this week")
    term = leading(filled)
    share = f"{filled[term]:.0%} of its {term} is other than doing nothing would leave it"
    return Told(f"fills {listed(largest)}", term, filled, share)


def _own(case: Case, name: str, value: np.ndarray) -> np.ndarray:
    """The rows of a field of the Action that are the state's own."""
    if name == "offer":
        return value[case.routes()]
    if name == "publish":
        return value[[] if case.observer is None else [case.observer]]
    return np.asarray(value[case.state])


def _idle(name: str, own: np.ndarray) -> np.ndarray:
    """What a field holds where nothing is done: nothing is given for cash."""
    idle = np.zeros_like(own)
    if name == "mix":
        idle[0] = 1.0
    return idle


def leading(terms: Mapping[str, float]) -> str:
    """The name of the term that moves most, in either direction."""
    return max(terms, key=lambda name: abs(terms[name]))


def said(x: Any) -> str:
    """A number to three figures, with thousands apart."""
    return f"{float(x):,.0f}" if abs(x) >= 100.0 else f"{float(x):.3g}"


def listed(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def against(draw: float, chance: float) -> str:
    """How a draw stands to a probability."""
    return f"the draw {said(draw)} is {'' if draw < chance else 'not '}below {said(chance)}"


def exercises(case: Case) -> str:
    """The exercises that the training desk wants, in words."""
    wanted = case.week.action.training.exercise[case.state]
    found = [
        f"{EXERCISES[x].replace('_', '-')} {'alone' if j == case.state else 'with ' + case.code(j)}"
        for j, x in np.argwhere(wanted > 0.0)
    ]
    return listed(found)


def postures(case: Case, posture: np.ndarray) -> str:
    """The postures in words."""
    acts = (("presses", PRESS), ("conciliates", CONCILIATE))
    told = [f"{verb} {case.codes(posture == x)}" for verb, x in acts if np.any(posture == x)]
    rest = "holds toward " + ("the others" if told else "all")
    return listed([*told, rest] if np.sum(posture == HOLD) > 1 else told)


def deciding(limits: Sequence[tuple[str, float]], otherwise: str) -> str:
    """The name of the limit that leaves least; `otherwise` where none takes anything."""
    name, left = min(limits, key=lambda limit: limit[1])
    return name if left < 1.0 - 1e-9 else otherwise
