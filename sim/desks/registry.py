"""Where desks are looked up by name. A configuration can name a desk; it can never import one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from ..world import DESKS

Rule = TypeVar("Rule", bound=Callable[..., Any])


@dataclass(frozen=True)
class Desk:
    """One rule of a desk: `function(own, seen, noise, params) -> part of the Action`.

    `own` holds the rule's coefficients, each [state]; the function fills the part for all states
    at once, and each state's own rule is selected afterwards. Its `FALLING`, if any, names
    coefficients that must not rise, order by order; a scenario where they do is refused.
    """

    desk: str
    name: str
    function: Callable[..., Any]
    coefficients: type

    @property
    def summary(self) -> str:
        """What the rule does: the first line of its docstring."""
        return (self.function.__doc__ or "").strip().partition("\n")[0]


REGISTRY: dict[str, dict[str, Desk]] = {desk: {} for desk in DESKS}


@dataclass(frozen=True)
class NoCoefficients:
    """For a desk that has nothing to set."""


def _origin(function: Callable[..., Any]) -> tuple[str, str]:
    """Return where a function is defined; one that is defined again there replaces itself."""
    return function.__module__, function.__qualname__


def desk(part: str, coefficients: type = NoCoefficients) -> Callable[[Rule], Rule]:
    """Register a function under its own name as a rule of the desk `part`.

    Write `def mine(own, seen, noise, params)` that returns the part of the Action, for all states
    at once: `own` holds the coefficients, each [state]; `seen` is the Observation; `noise` the
    week's draws by stream; `params` the parameters, of which `params.wiring.pair` brings what is of
    states to pairs. The part is a dataclass of `sim.world`: `Procurement`, `Transfer`,
    `Technology`, `Training`, `Crisis` or `Diplomacy`, whose fields have their shapes. Take the
    namespace from an array, choose by `xp.where`, write nothing in place: so both engines run it.
    A scenario then names it: `states.KOR.desks.crisis={rule: mine, limit: 0.2}`.

    Args:
        part: The desk: procurement, transfer, technology, training, crisis or diplomacy.
        coefficients: A frozen dataclass of what may be set, each field a `sim.params.coefficient`.

    Raises:
        ValueError: `part` is not one of `world.DESKS`, or the name is taken.

    Examples:
        >>> @sim.desk("crisis")
        ... def always_hold(own, seen, noise, params):
        ...     '''Hold, whatever happens.'''
        ...     return Crisis(posture=HOLD * seen.posture, demand=0.0 * seen.stake)
        >>> world = sim.load("arms_race_dyad", ["states.RED.desks.crisis=always_hold", "weeks=4"])
        >>> sim.run(world, runs=1, workers=1, engine="reference").count
        1
    """
    if part not in REGISTRY:
        raise ValueError(f"there is no desk '{part}'; the desks are {', '.join(DESKS)}")

    def register(function: Rule) -> Rule:
        name = function.__name__
        taken = REGISTRY[part].get(name)
        if taken is not None and _origin(taken.function) != _origin(function):
            raise ValueError(f"the desk '{part}' has a rule '{name}' already")
        REGISTRY[part][name] = Desk(part, name, function, coefficients)
        return function

    return register
