"""A week of one run before it resolves: what all states see, and what they will do."""

import math
from collections.abc import Mapping
from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import MOST_TESTS
from ..desks.decide import PARTS, UNSAID, decide
from ..params import Params
from ..scenario.problems import brief, nearest
from ..world import Action, Noise, Observation
from .views import Names, axes_of

if TYPE_CHECKING:
    from ..scenario import Scenario


DECIDED = {name: axes for part in PARTS.values() for name, axes in axes_of(part).items()}
"""What can be decided, with its axes: the first is the state that decides, or stands for it."""

DESK = {name: desk for desk, part in PARTS.items() for name in axes_of(part)}

SHARES = (
    *("surge", "mix", "grant", "secrecy", "campaign_on", "campaign_off", "launch", "prepare"),
    *("redesign", "publish", "condemn", "sanction", "propose", "veto", "deny", "comply", "demand"),
    *UNSAID,
)

LIMITS = dict.fromkeys(DECIDED, (0.0, math.inf)) | {
    **dict.fromkeys(SHARES, (0.0, 1.0)),
    **dict.fromkeys(("tests", "quiet_tests"), (0.0, MOST_TESTS)),
    "build": (-math.inf, math.inf),
}

VERBS = {
    "mix": "me.payment(cash, goods, technology)",
    "posture": "me.press(other), me.hold(other) or me.conciliate(other)",
    **dict.fromkeys(
        ("press_if_hard", "press_if_soft", "yield_if_hard", "yield_if_soft"),
        "the likelihood of me.press, me.hold or me.conciliate",
    ),
}
"""What is decided by a verb alone."""


Likelihood = Mapping[str, Mapping[str, float]]
"""Probabilities of `press` and of `conciliate`, were one `hard` and were one `soft`."""
_ACTS = {"press": "press", "conciliate": "yield"}


def said_by_type(likelihood: Likelihood) -> dict[str, float]:
    """Return a policy's own probabilities as fields of the Action.

    Args:
        likelihood: For each of `hard` and `soft` the probabilities of `press` and `conciliate`; an
            act that is left out has none, and the rest is the probability to hold.

    Raises:
        ValueError: They are no such probabilities; the message names everything wrong.
    """
    types = ("hard", "soft")
    faults: list[str] = []
    found: dict[str, float] = {}
    if not isinstance(likelihood, Mapping):
        raise ValueError(f"likelihood: {likelihood!r} is not a mapping with `hard` and `soft`")
    faults += [
        f"likelihood: there is no type {k!r}{nearest(k, types)}"
        for k in map(str, likelihood)
        if k not in types
    ]
    for kind in types:
        given = likelihood.get(kind)
        if given is None:
            faults += [f"likelihood: lacks {kind!r}"]
            continue
        at = f"likelihood.{kind}"
        if not isinstance(given, Mapping):
            faults += [f"{at}: {given!r} is not a mapping of acts"]
            continue
        faults += [
            f"{at}: there is no act {k!r}{nearest(k, _ACTS)}"
            for k in map(str, given)
            if k not in _ACTS
        ]
        chances = {act: given.get(act, 0.0) for act in _ACTS}
        wrong = [
            f"{at}.{act}: {x!r} is not a number from 0 to 1"
            for act, x in chances.items()
            if not (isinstance(x, Real) and 0.0 <= x <= 1.0)
        ]
        if not wrong and sum(chances.values()) > 1.0 + 1e-9:
            wrong = [f"{at}: press and conciliate add up to {sum(chances.values()):g}, above 1"]
        faults += wrong
        found |= {f"{_ACTS[act]}_if_{kind}": x for act, x in chances.items()}
    if faults:
        raise ValueError("; ".join(faults))
    return found


def check_number(name: str, value: Any, where: tuple[str, ...]) -> None:
    """Check that a number can be decided for a field of the Action.

    Args:
        name: The field.
        value: What a policy gave, of any type.
        where: What else identifies it.

    Raises:
        ValueError: It is not in the field's range; the message says what is allowed.
    """
    low, high = LIMITS[name]
    if isinstance(value, Real) and math.isfinite(value) and low <= float(value) <= high:
        return
    allowed = "a number"
    if math.isfinite(low):
        allowed += f" from {low:g} to {high:g}" if math.isfinite(high) else f" of at least {low:g}"
    of = f" ({', '.join(map(str, where))})" if where else ""
    raise ValueError(f"{name}: {brief(repr(value))} is not {allowed}{of}")


class Deliberation:
    """A week of one run before it resolves: what all states see, and what they will do.

    - `scenario`, `names`: whose run it is, and its codes.
    - `seen`: the week's Observation.
    - `params`: the parameters of the run.
    """

    seen: Observation
    params: Params

    def __init__(self, scenario: "Scenario", key: np.ndarray) -> None:
        """Prepare the deliberations of the run with that key.

        Args:
            scenario: What is simulated.
            key: The run's key, [2].
        """
        self.scenario, self.key, self.names = scenario, key, Names(scenario)

    def open(self, params: Params, seen: Observation, draws: Noise) -> None:
        """Begin a week with what the desks of all states decide.

        Args:
            params: The parameters of the run.
            seen: What every state sees.
            draws: The week's noise, by stream.
        """
        self.params, self.seen, self._desks = params, seen, decide(params, seen, draws)
        self._changed: dict[str, np.ndarray] = {}

    def decided(self, name: str) -> np.ndarray:
        """Return a field of the Action as it stands."""
        return self._changed.get(name, getattr(getattr(self._desks, DESK[name]), name))

    def change(self, name: str, cell: tuple[int, ...], value: Any) -> None:
        """Set cells of a field of the Action.

        Args:
            name: The field.
            cell: Which cells: an index along each of its axes, or along the first.
            value: What they become.
        """
        if name not in self._changed:
            self._changed[name] = np.array(self.decided(name))
        self._changed[name][cell] = value
        if name == "posture":  # it was not the desk that decided, and so the desk teaches nothing
            for said, neutral in UNSAID.items():
                self.change(said, cell, neutral)

    def close(self) -> Action:
        """Return what all states do."""
        parts: dict[str, dict[str, np.ndarray]] = {}
        for name, values in self._changed.items():
            parts.setdefault(DESK[name], {})[name] = values
        return replace(
            self._desks,
            **{desk: replace(getattr(self._desks, desk), **new) for desk, new in parts.items()},
        )
