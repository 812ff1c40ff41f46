"""A week of one run before it resolves: what all states see, and what they will do."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import MOST
from ..desks.decide import PARTS, decide
from ..params import Params
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
)

LIMITS = dict.fromkeys(DECIDED, (0.0, math.inf)) | {
    **dict.fromkeys(SHARES, (0.0, 1.0)),
    **dict.fromkeys(("tests", "quiet_tests"), (0.0, float(MOST))),
    "build": (-math.inf, math.inf),
}

VERBS = {
    "mix": "me.payment(cash, goods, technology)",
    "posture": "me.press(other), me.hold(other) or me.conciliate(other)",
}
"""What is decided by a verb alone."""


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

    def close(self) -> Action:
        """Return what all states do."""
        parts: dict[str, dict[str, np.ndarray]] = {}
        for name, values in self._changed.items():
            parts.setdefault(DESK[name], {})[name] = values
        return replace(
            self._desks,
            **{desk: replace(getattr(self._desks, desk), **new) for desk, new in parts.items()},
        )
