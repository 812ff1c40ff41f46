"""Why a desk decided so: for each rule the terms that it weighed, and which of them decided.

The terms are those that the rule itself computes (`desks.crisis.temper` and so on), taken again on
the recorded Observation. For a rule without an explainer, or a policy in plain Python, the
reason is what it changed against doing nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from ..desks.decide import OF_PAIRS, UNSAID, decide
from ..quantities import Week
from ..rules.deterrence import balance, will
from ..scenario import Scenario
from ..world import CONCILIATE, DESKS, EXERCISES, PRESS, World, after


@dataclass(frozen=True)
class Reason:
    """Why a desk decided so.

    - `desk`, `rule`: the desk and the rule that the state follows.
    - `decided`: what it decided, in brief.
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
class Decision:
    """What the explainer of a rule returns: a reason without its desk and rule."""

    decided: str
    term: str
    terms: Mapping[str, Any]
    why: str


@dataclass(frozen=True)
class Case:
    """A state in a completed week.

    - `week`: what was seen, done and what it left.
    - `state`: the state's place.
    - `before`: the world before the week.
    """

    scenario: Scenario
    week: Week
    state: int
    before: World

    @property
    def munitions(self) -> tuple[str, ...]:
        """Return the names of the munitions."""
        return self.scenario.munitions

    @property
    def others(self) -> list[int]:
        """Return the places of all other states."""
        return [j for j in range(len(self.scenario.states)) if j != self.state]

    @property
    def pairs(self) -> list[int]:
        """Return the places of the listed pairs in which the state acts, by target."""
        pair = self.week.params.wiring.pair
        place = pair.place[self.state]
        return [int(p) for p in place[place < len(pair.actor)]]

    @cached_property
    def deterrents(self) -> dict[str, np.ndarray]:
        """Return the two factors of deterrence by pair: does resistance come, does it prevail?"""
        seen, params = self.week.seen, self.week.params
        world = after(self.before, belief=seen.believed)
        return {"will": will(params, world), "balance": balance(params, world, seen.strength)}

    def deters(self, pair: int) -> dict[str, float]:
        """Return the two factors of deterrence for one pair."""
        return {name: float(values[pair]) for name, values in self.deterrents.items()}

    def partner(self, pair: int) -> str:
        """Return the code of the state that a pair is with."""
        return self.code(self.week.params.wiring.pair.target[pair])

    def code(self, place: Any) -> str:
        """Return the code of the state at a place."""
        return self.scenario.states[int(place)]

    def codes(self, marks: np.ndarray) -> str:
        """Return the other states that are marked, as a list in text."""
        return joined(self.code(j) for j in self.others if marks[j])

    def routes(self, end: int = 0) -> list[int]:
        """Return the routes on which the state supplies (end 0) or receives (end 1)."""
        code = self.code(self.state)
        return [e for e, ends in enumerate(self.scenario.routes) if ends[end] == code]

    @property
    def observer(self) -> int | None:
        """Return the state's place among the observers, None if it publishes no estimates."""
        found = self.scenario.observers
        code = self.code(self.state)
        return found.index(code) if code in found else None

    def units(self, amounts: np.ndarray) -> str:
        """Return amounts of munitions as text, those of 0 left out."""
        named = zip(self.munitions, amounts, strict=True)
        return joined(f"{digits(x)} {name}" for name, x in named if x != 0.0) or "nothing"

    def dearest(self, amounts: np.ndarray) -> tuple[int, ...]:
        """Return where the amounts [.., munition] are worth most at base prices."""
        worth = np.abs(amounts) * self.week.params.munitions.price
        return tuple(int(at) for at in np.unravel_index(np.argmax(worth), worth.shape))


Explainer = Callable[[Case, Any], Decision]
EXPLAINERS: dict[tuple[str, str], Explainer] = {}


def explains(desk: str, *rules: str) -> Callable[[Explainer], Explainer]:
    """Register the function that explains how rules of a desk decide.

    Args:
        desk: The desk.
        rules: The names of its rules.
    """

    def register(explainer: Explainer) -> Explainer:
        EXPLAINERS.update({(desk, rule): explainer for rule in rules})
        return explainer

    return register


def reasons(case: Case) -> tuple[Reason, ...]:
    """Return why each of the six desks decided so, or the policy that overruled it."""
    left, found = case.week, []
    policy = case.scenario.policies.get(case.code(case.state))
    alone = left.action if policy is None else decide(left.params, left.seen, left.noise)
    for place, desk in enumerate(DESKS):
        held = left.params.desks[desk]
        rule = list(held)[left.params.choice[place, case.state]]
        explainer = EXPLAINERS.get((desk, rule))
        if policy is not None and not _same(case, getattr(alone, desk), getattr(left.action, desk)):
            rule, explainer = policy.__name__, None
        decision = (
            default_decision(case, desk) if explainer is None else explainer(case, held[rule])
        )
        terms = {name: float(value) for name, value in decision.terms.items()}
        found.append(Reason(desk, rule, decision.decided, decision.term, terms, decision.why))
    return tuple(found)


def _same(case: Case, a: Any, b: Any) -> bool:
    """Return whether the state's own rows of two parts of an Action agree."""
    names = [field.name for field in fields(a)]
    rows = [
        (_own(case, name, getattr(a, name)), _own(case, name, getattr(b, name))) for name in names
    ]
    return all(np.array_equal(x, y) for x, y in rows)


def default_decision(case: Case, desk: str) -> Decision:
    """Return what a rule without an explainer changed against doing nothing.

    The deciding term is the field of the Action of which it filled the most.

    Args:
        case: The state and the week.
        desk: The desk.
    """
    part, filled, largest = getattr(case.week.action, desk), {}, []
    for field in fields(part):
        if field.name in UNSAID:  # what it says of its types is not what it does
            continue
        own = _own(case, field.name, getattr(part, field.name))
        idle = _idle(field.name, own)
        filled[field.name] = np.count_nonzero(own != idle) / max(own.size, 1)
        if filled[field.name] > 0.0:
            peak = float(own.flat[np.argmax(np.abs(own - idle))])
            largest.append(f"{field.name} (up to {digits(peak)})")
    if not largest:
        return Decision("nothing", "nothing", {"nothing": 0.0}, "it does nothing this week")
    term = largest_term(filled)
    share = f"{filled[term]:.0%} of its {term} is other than doing nothing would leave it"
    return Decision(f"fills {joined(largest)}", term, filled, share)


def _own(case: Case, name: str, value: np.ndarray) -> np.ndarray:
    """Return the rows of a field of the Action that are the state's own."""
    if name == "offer":
        return value[case.routes()]
    if name == "publish":
        return value[[] if case.observer is None else [case.observer]]
    if name in OF_PAIRS:
        return value[case.pairs]
    return np.asarray(value[case.state])


def _idle(name: str, own: np.ndarray) -> np.ndarray:
    """Return what a field holds where nothing is done: nothing is given for cash."""
    idle = np.zeros_like(own)
    if name == "mix":
        idle[0] = 1.0
    return idle


def largest_term(terms: Mapping[str, float]) -> str:
    """Return the name of the term that moves most, in either direction."""
    return max(terms, key=lambda name: abs(terms[name]))


def digits(x: Any) -> str:
    """Return a number to three figures, with thousands apart."""
    return f"{float(x):,.0f}" if abs(x) >= 100.0 else f"{float(x):.3g}"


def joined(items: Iterable[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    *most, last = list(items) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def draw_clause(draw: float, chance: float) -> str:
    """Return a clause that compares a draw with a probability.

    Args:
        draw: A uniform draw, in (0, 1).
        chance: The probability, in [0, 1].
    """
    return f"the draw {digits(draw)} is {'' if draw < chance else 'not '}below {digits(chance)}"


def exercise_text(case: Case) -> str:
    """Return the exercises that the training desk wants, as text."""
    wanted, target = case.week.action.training, case.week.params.wiring.pair.target
    rows = {int(target[p]): wanted.exercise[p] for p in case.pairs}
    rows[case.state] = wanted.alone[case.state]
    found = [
        f"{EXERCISES[x].replace('_', '-')} {'alone' if j == case.state else 'with ' + case.code(j)}"
        for j in sorted(rows)
        for x in np.flatnonzero(rows[j] > 0.0)
    ]
    return joined(found)


def with_nobody(case: Case) -> Decision:
    """Return why a state holds that is not at peace with anybody whom it could act on."""
    if not case.pairs:
        why = "it has no stake against anybody"
        return Decision("holds toward all", "stake", {"stake": 0.0}, why)
    all_others = "all others" if len(case.pairs) == len(case.others) else "all it has to do with"
    return Decision("holds toward all", "war", {"war": 1.0}, f"it is at war with {all_others}")


def posture_text(case: Case) -> str:
    """Return its postures as text; toward who is not listed with it, it holds."""
    posture, texts, left = case.week.action.crisis.posture, [], len(case.others)
    for verb, act in (("presses", PRESS), ("conciliates", CONCILIATE)):
        toward = [case.partner(p) for p in case.pairs if posture[p] == act]
        texts += [f"{verb} {joined(toward)}"] if toward else []
        left -= len(toward)
    rest = "holds toward " + ("the others" if texts else "all")
    return joined([*texts, rest] if left > 0 else texts)


def tightest_limit(limits: Sequence[tuple[str, float]], otherwise: str) -> str:
    """Return the name of the limit that leaves least.

    Args:
        limits: The name of each limit and the share that it leaves.
        otherwise: The name to return where none takes anything.
    """
    name, left = min(limits, key=lambda limit: limit[1])
    return name if left < 1.0 - 1e-9 else otherwise
