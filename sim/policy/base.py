"""What a policy in plain Python is made from."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, dataclass_transform

if TYPE_CHECKING:
    from .state import State


@dataclass_transform()
class Policy:
    """How a state decides: a class with a `decide(self, me)` of your own.

    Each state and each run has a new instance: it may remember things. Annotated fields are its
    parameters, which `scenario.with_policy(code, policy, limit=0.2)`, an override or a sweep sets
    (`policies.KOR.limit=0.2`) and the manifest holds; or write an `__init__` that takes them.

    What `me` sees are attributes (`me.treasury`, `me.stock["shell_152"]`, `me.of("RUS").tension`,
    `me.route("PRK", "RUS").exposure`), what it does are verbs:

    - `press(other)`, `hold(other)`, `conciliate(other)`: its posture toward a partner
    - `offer(to, munition, amount)`, `want(munition, amount)`, `build(munition, amount)`
    - `exercise(kind, partner, size)`, `sanction(other, level)`, `condemn(other)`
    - `payment(cash, goods, technology)`: how it wants to be paid
    - `order(field, value, ...)`: any other field of the Action; `decided(field, ...)` reads one
    - `uniform(name)`: a draw of its own; `me.week`, `me.date`, `me.partners`, `me.others`

    `help(sim.State)` tells more of each.

    Examples:
        >>> class Hedger(sim.Policy):
        ...     limit: float = 0.5
        ...
        ...     def decide(self, me):
        ...         if me.of("BLU").tension > self.limit:
        ...             me.conciliate("BLU")
        >>> world = sim.load("arms_race_dyad", ["weeks=4"])
        >>> careful = world.with_policy("RED", Hedger, limit=0.2)
        >>> sim.run(careful, runs=1, workers=1).count
        1
    """

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Make parameters of the annotated fields, unless the class has an `__init__`."""
        super().__init_subclass__(**keywords)
        if "__init__" not in vars(cls) and vars(cls).get("__annotations__"):
            dataclass(cls, repr=False, eq=False, match_args=False)

    @abstractmethod  # so that a class without its own is refused when it is given
    def decide(self, me: "State") -> None:
        """Change what the state's desks decided this week. Called once per week.

        Examples:
            >>> Hedger().limit
            0.5
        """
