"""The field's classic models as limits of this one, each held against runs of the shipped rules.

- `limit`: what a limit is; `intervals`: how sure one is; `page`: a figure of them all
- the others: a model each, with its theory and the runs that must agree with it
"""

from .assurance import ASSURANCE
from .balance import BALANCE
from .bargaining import BARGAINING
from .campaigns import CAMPAIGNS
from .credence import CREDENCE
from .deterrence import RUDIMENTARY, UNILATERAL
from .diffusion import BENHABIB_SPIEGEL, NELSON_PHELPS
from .first_strike import FIRST_STRIKE
from .fronts import FRONTS
from .lanchester import LINEAR, SQUARE
from .learning import LEARNING
from .limit import Check, Limit, Runner
from .observers import OBSERVERS
from .pipeline import INTERDICTION, PIPELINE
from .richardson import MANY, TWO
from .wars import CONVERGENCE, PROMISE

__all__ = ["LIMITS", "Check", "Limit", "Runner"]

LIMITS = {
    limit.name: limit
    for limit in (
        TWO,
        MANY,
        FIRST_STRIKE,
        SQUARE,
        LINEAR,
        FRONTS,
        PIPELINE,
        INTERDICTION,
        RUDIMENTARY,
        UNILATERAL,
        ASSURANCE,
        BALANCE,
        CREDENCE,
        BARGAINING,
        CONVERGENCE,
        PROMISE,
        NELSON_PHELPS,
        BENHABIB_SPIEGEL,
        OBSERVERS,
        CAMPAIGNS,
        LEARNING,
    )
}
