"""The crisis desk of Kydd's assurance game (2005): it cooperates with whom it trusts enough.

    cooperate iff t R + (1 - t) S >= t T + (1 - t) P,   t = trust_ij
              iff t >= (P - S) / (R - T + P - S)        where R - T + P - S > 0

R, T, P, S: both cooperate, it alone defects, both defect, it alone cooperates. Trust is learnt from
postures and from exercises held or not held (`rules/challenge.py`).
"""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float64

from ..params import Params, PerState, coefficient
from ..world import QUIET, Array, Crisis, Noise, Observation
from .crisis import taken
from .registry import desk


@dataclass(frozen=True)
class Assurance:
    """Payoffs of the assurance game; an exploiter prefers temptation to reward."""

    FALLING: ClassVar = (("reward", "punishment", "sucker"),)
    occasion: PerState = coefficient("probability per week that who distrusts presses", 0, 1, 0.05)
    reward: PerState = coefficient("R: both cooperate", -100, 100, 1.0)
    temptation: PerState = coefficient("T: it alone defects", -100, 100, 0.7)
    punishment: PerState = coefficient("P: both defect", -100, 100, 0.3)
    sucker: PerState = coefficient("S: it alone cooperates", -100, 100, 0.0)


def worth(own: Assurance, seen: Observation, params: Params) -> Float64[Array, " pair"]:
    """What cooperation is worth more than defection, at the trust held."""
    pair = params.wiring.pair
    kept, lost = pair.of(own.reward - own.temptation), pair.of(own.punishment - own.sucker)
    return seen.trust * kept - (1.0 - seen.trust) * lost


@desk("crisis", Assurance)
def assurance(own: Assurance, seen: Observation, noise: Noise, params: Params) -> Crisis:
    """Conciliate whom it trusts enough; press others at times, and while its challenge is on."""
    cooperates = worth(own, seen, params) >= 0.0
    moved = (noise["posture"] < params.wiring.pair.of(own.occasion)) | (seen.stage != QUIET)
    press = ~cooperates & moved & (seen.stake > 0.0)
    return taken(seen, press, cooperates & (seen.level > 0))
