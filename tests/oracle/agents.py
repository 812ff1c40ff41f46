"""The oracle's agents, and the routes between them."""

from dataclasses import dataclass, field
from functools import partial
from math import exp, log
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import mesa

from .arithmetic import sigmoid
from .desks import RULES

if TYPE_CHECKING:
    from .model import OracleModel

PRESS, DISPLAY, WAR = 1, 3, 5
ONE_SOLDIER = 1e-3
"""The least strength, in points."""
MOST_WEEKS = 520.0
"""Weeks of supply of what nobody needs."""


@dataclass(slots=True)
class Leg:
    """A part of a route, with what is on it by munition."""

    time: float
    vulnerability: float
    over: list[int]  # places of the infrastructure that it runs over
    contents: list[float]
    grade: list[float]  # mean quality of the contents
    goods: float = 0.0  # containers of goods in payment
    ready: list[float] = field(default_factory=list)  # what may leave this week


@dataclass(slots=True, eq=False)
class Alliance:
    """A protector and its protege, and whether a treaty binds them by now."""

    protector: "StateAgent"
    protege: "StateAgent"
    commitment: float
    stake: float
    in_force: float


class Route:
    """A supplier and a recipient that may trade, and what is known of their dealings.

    Its own row of every field of `sim.world.World` by route is an attribute of that name.
    """

    def __init__(
        self, index: int, supplier: "StateAgent", recipient: "StateAgent", start: dict[str, Any]
    ) -> None:
        """The route at a place of the scenario's order, as `start` has it."""
        self.index, self.supplier, self.recipient = index, supplier, recipient
        self.legs: list[Leg] = []
        self.offer: list[float] | None = None
        self.unlawful = False
        self.containers = 0.0  # departed this week
        self.__dict__.update(start)


class StateAgent(mesa.Agent):
    """A state: what it has, what it believes of others, what it decides.

    Its own row of every field of `sim.world.World` and every trait of `sim.params.States` is an
    attribute of that name: `stock[k]` of each munition, `tension[j]` toward each other state,
    `level[j]` too, whether the pair is listed or not.
    """

    model: "OracleModel"

    def __init__(self, model: "OracleModel", index: int, code: str, start: dict[str, Any]) -> None:
        """The state at a place of the scenario's order, as `start` has it."""
        super().__init__(model)
        self.__dict__.update(start)
        self.index, self.code = index, code
        self.exports: list[Route] = []
        self.imports: list[Route] = []
        self.routes: list[Route] = []
        self.alliances: list[Alliance] = []  # in which it protects or is protected
        self.others: list[StateAgent] = []
        self.estimate: list[float] | None = None  # of containers on each route, if it observes
        self.published: list[float] | None = None
        self.given_wars: set[int] = set()  # with whom the scenario begins at war
        self.acts: dict[str, float] = {}  # events of this week by kind
        self.demands: dict[int, float] = {}  # shares that it demands this week, by target
        self.deterred = 0  # presses that deterrence stopped this week
        self.rivals = [j for j, stake in enumerate(self.stake) if stake > 0.0]
        self.desks: dict[str, partial[None]] = {}
        self.calendar: dict[tuple[int, int], float] = {}  # size by partner and kind of exercise

    @property
    def protectors(self) -> list[tuple["StateAgent", float]]:
        """Who is bound to defend it, and by what commitment."""
        return [
            (a.protector, a.commitment) for a in self.alliances if a.in_force and a.protege is self
        ]

    @property
    def proteges(self) -> list[tuple["StateAgent", float]]:
        """Whom it is bound to defend, and by what commitment."""
        return [
            (a.protege, a.commitment) for a in self.alliances if a.in_force and a.protector is self
        ]

    def is_allied_with(self, other: "StateAgent") -> bool:
        """Whether an alliance binds the two, either way."""
        return other is not self and any(
            a.in_force and other in (a.protector, a.protege) for a in self.alliances
        )

    def take(self, desk: str, rule: str, own: SimpleNamespace) -> None:
        """Follows a rule at a desk from now on.

        Raises:
            ValueError: The oracle does not know the rule.
        """
        if rule not in RULES[desk]:
            known = ", ".join(RULES[desk])
            raise ValueError(f"{self.code}: the oracle knows no {desk} rule '{rule}' ({known})")
        self.desks[desk] = partial(RULES[desk][rule], own, self)

    def luck(self, stream: str) -> Any:
        """This week's draws of a stream for this state."""
        return self.model.luck[stream][self.index]

    # what it sees

    def assess(self) -> None:
        """Takes stock of itself: strength, needs, income, wars, what is suspected of it."""
        rules = self.model.rules
        munitions = self.model.munitions
        self.quality = self.held_quality()
        points = self.power() / rules.perceive.point
        for k, held in enumerate(self.stock):
            if munitions.lethality[k] * self.fire_rate[k] == 0.0:
                points += munitions.value[k] * held * self.quality[k]
        self.strength = log(max(points, ONE_SOLDIER))
        self.at_war = WAR in self.level
        self.need = self.weekly_need()
        self.supply = self.weeks_of_supply()
        self.free = [
            max(0.0, held - self.reserve_weeks * need)
            for held, need in zip(self.stock, self.need, strict=True)
        ]
        self.inbound = [0.0] * len(self.stock)
        for route in self.imports:
            for leg in route.legs:
                if any(leg.contents):
                    self.inbound = [a + b for a, b in zip(self.inbound, leg.contents, strict=True)]
        self.pooled_want = self.model.pool(self.want)
        self.debts = sum(route.debt for route in self.imports)
        self.monitored = max(self.monitor, self.coalition)
        others = self.model.all_spending - self.spending
        against = sum(other.spending * other.sanctions[self.index] for other in self.others)
        self.sanctioned = min(1.0, against / others) if others > 0.0 else 0.0
        self.income = (
            self.procurement_share
            * self.spending
            / 52.0
            * (1.0 - rules.sanction.cost * self.sanctioned)
        )
        self.suspicion = max(
            (sigmoid(route.exposure) for route in self.routes if route.unlawful), default=0.0
        )
        self.named = any(route.accused for route in self.routes)
        self.resented = [0.0] * len(self.level)
        for other in self.others:
            self.resented[other.index] = self.resentment(other)

    def made_quality(self) -> list[float]:
        """Quality of what it makes, by munition."""
        floor = self.model.rules.perceive.quality_floor
        return [floor + (1.0 - floor) * self.tech[d] for d in self.model.domain]

    def held_quality(self) -> list[float]:
        """Quality of what it holds, by munition: as its makers made it, as far as that counts."""
        share = self.model.rules.perceive.by_maker
        return [
            (1.0 - share) * own + share * grade
            for own, grade in zip(self.made_quality(), self.grade, strict=True)
        ]

    def weekly_need(self) -> list[float]:
        """Units that it reckons with: the larger of its use and its war plan."""
        return [max(used, plan) for used, plan in zip(self.expenditure, self.war_plan, strict=True)]

    def weeks_of_supply(self) -> list[float]:
        """For how long its stock would last, by munition."""
        return [
            min(MOST_WEEKS, held / need) if need > 0.0 else MOST_WEEKS
            for held, need in zip(self.stock, self.weekly_need(), strict=True)
        ]

    def perceive(self) -> None:
        """Corrects its beliefs of the others' strength."""
        rules = self.model.rules.perceive
        learning, belief = rules.learning, self.belief
        bias = rules.bias * self.perception_bias
        spread = rules.noise * exp(-rules.by_reconnaissance * self.sight)
        luck = self.luck("belief")
        for other in self.others:
            j = other.index
            belief[j] += learning * (other.strength + bias + spread * luck[j] - belief[j])
            if self.level[j] == WAR:
                belief[j] += rules.battle * (other.strength - belief[j])

    @property
    def sight(self) -> float:
        """The level of its reconnaissance."""
        return sum(self.tech[d] for d in self.model.watching)

    def power(self) -> float:
        """Thousand casualties per week that it could inflict for as long as wars are reckoned."""
        fire, weeks = self.small_fire(), self.model.rules.perceive.sustained
        made = self.made_quality()
        for k, rate in enumerate(self.fire_rate):
            stored, output = self.stock[k] / weeks, self.capacity[k]
            shots = min(rate * self.force * self.tempo, stored + output)
            if stored + output > 0.0:
                good = (stored * self.quality[k] + output * made[k]) / (stored + output)
                fire += self.model.munitions.lethality[k] * good * shots
        return self.alpha * fire

    def deterrence(self, other: "StateAgent", surely: bool = False) -> float:
        """What it reckons with if it presses the other: to be resisted, and not to prevail.

        `surely` takes the resistance for certain.
        """
        rules, credence = self.model.rules.escalate, self.credence
        doubt = 1.0 - credence[other.index]
        theirs = self.odds_of(other)
        for ally, commitment in other.protectors:
            if ally is not self:
                comes = commitment * credence[ally.index] * ally.help(other)
                doubt *= 1.0 - comes
                if comes > 0.0:
                    theirs += comes * ally.reach[self.index] * self.odds_of(ally)
        chance = theirs / (theirs + self.reach[other.index])
        will = 1.0 if surely else 1.0 - doubt
        return rules.deterrence * will * chance**rules.balance

    def odds_of(self, other: "StateAgent") -> float:
        """The other's power over its own, as it believes."""
        return exp(min(50.0, max(-50.0, self.belief[other.index] - self.strength)))

    def at_risk(self, other: "StateAgent") -> float:
        """What it has at stake against the other: itself, or a protege that the other is after."""
        stakes = [self.stake[other.index]]
        stakes += [
            alliance.stake
            for alliance in self.alliances
            if alliance.protector is self
            and alliance.in_force
            and other.stake[alliance.protege.index] > 0.0
        ]
        return max(stakes)

    def doubted(self) -> float:
        """The doubt about its most doubted unlawful route; 0 without any."""
        return max((route.doubt for route in self.routes if route.unlawful), default=0.0)

    def resentment(self, other: "StateAgent") -> float:
        """How well it knows that the other lawfully arms an enemy of itself or of its friends."""
        sum_ = 0.0
        for route in other.exports:
            if route.unlawful or not route.noted:
                continue
            for enemy in route.recipient.others:
                if route.recipient.level[enemy.index] == WAR:
                    friend = 1.0 if enemy is self else max(0.0, self.affinity[enemy.index])
                    sum_ += route.noted * friend
        return min(1.0, sum_)

    def help(self, other: "StateAgent") -> float:
        """What its help is worth to an ally."""
        weight = self.model.rules.escalate.interop_weight
        return self.readiness * (1.0 - weight + weight * self.interop[other.index])

    def backing(self) -> float:
        """The ready help of its surest protector."""
        return max(
            (committed * ally.help(self) for ally, committed in self.protectors), default=0.0
        )

    def small_fire(self) -> float:
        """Thousand casualties per week without shells, which may grow with the years."""
        return self.baseline_fire * exp(self.baseline_growth * self.model.week / 52) * self.force

    def fired(self, pace: float = 1.0) -> list[float]:
        """What it fires in a week of war at a pace, by munition: less as its supply falls."""
        ration, fired = self.model.rules.fight.ration, []
        for held, rate in zip(self.stock, self.fire_rate, strict=True):
            wanted = rate * self.force * self.tempo * pace
            lasting = held + ration * wanted
            fired.append(min(held, wanted * held / lasting) if lasting > 0.0 else 0.0)
        return fired

    def possible_fire(self) -> float:
        """Thousand casualties that a week of war would inflict, as things stand."""
        shells = sum(
            lethality * shots * quality
            for lethality, shots, quality in zip(
                self.model.munitions.lethality, self.fired(), self.quality, strict=True
            )
        )
        return self.alpha * (shells + self.small_fire())

    # what it does

    def decide(self) -> None:
        """Lets its six desks decide."""
        for desk in self.desks.values():
            desk()
        self.feared = {
            other.index: self.deterrence(other)
            for other in self.others
            if self.move[other.index] == PRESS or self.level[other.index] >= DISPLAY
        }

    def payoff(self) -> float:
        """What the week was worth to it: what it holds at stake, less losses and spending."""
        held = sum(z * (0.5 + won) for z, won in zip(self.stake, self.won, strict=True))
        worn = self.killed / self.had if self.had > 0.0 else 0.0
        cost = self.model.rules.fight.burden * worn + self.thrift * self.spending / 52.0
        return float(held - cost)

    def reliability(self) -> float:
        """How surely it could answer with nuclear arms, if it has any."""
        sure = 1.0
        for level, needed in zip(self.tech, self.model.technologies.deterrent, strict=True):
            sure *= 1.0 - needed + needed * min(1.0, level)
        return sure
