"""The nouns of a week: World, Observation, the parts of an Action, Noise, Events.

Axes: `state` i,j; `munition` k; `technology` d; `route` e (a supplier -> recipient pair that may
trade); `leg` l of a route; `kind` x of exercise; `observer` (the states that publish estimates);
`pair` of actor and target that the scenario names together (`arrays.Pairs`). What truly lies
between all states is [actor, target]: the diagonal means nothing and is kept at zero. Weeks,
native munition units, USD billion of constant 2023, thousand soldiers; probabilities and indices
in [0, 1].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jaxtyping import Float64, Int64

Array = Any

DESKS = ("procurement", "transfer", "technology", "training", "crisis", "diplomacy")
EXERCISES = ("command_post", "air", "naval", "field")
TIMETABLE = ("visit", "launch", "draft", "ceasefire", "holiday", "treaty")
MEANS = ("cash", "goods", "technology")

CONCILIATE, HOLD, PRESS = -1, 0, 1
QUIET, CHALLENGED, RESISTED = 0, 1, 2
NO_DISPUTE, DISPUTE, THREAT, DISPLAY, FORCE, WAR = range(6)
"""Dispute levels follow COW hostility: 0 none, 1 dispute without a militarised act, 2 threat,
3 display of force, 4 use of force, 5 war."""
YEAR = 52
"""Weeks."""
BARE = 1e-3
"""Strength points of a state that has nothing: those of one soldier."""


@dataclass(frozen=True)
class World:
    """Everything that a week leaves to the next."""

    week: Int64[Array, ""]
    # material
    stock: Float64[Array, "state munition"]
    grade: Float64[Array, "state munition"]  # mean quality of the stock, as its makers made it
    expenditure: Float64[Array, "state munition"]  # smoothed, units per week
    capacity: Float64[Array, "state munition"]  # units per week
    treasury: Float64[Array, " state"]
    spending: Float64[Array, " state"]  # military spending, USD bn per year
    gdp: Float64[Array, " state"]  # output, USD bn per year; 0 where it is not given
    price: Float64[Array, " munition"]
    want: Float64[Array, "state munition"]  # posted last week
    transit: Float64[Array, "leg route munition"]
    transit_grade: Float64[Array, "leg route munition"]  # mean quality of it; 0 before anything
    contract: Float64[Array, "route munition"]  # units per week
    agreed: Float64[Array, " route"]  # an agreement stands, 0/1
    talks: Float64[Array, " route"]  # the memory of visits between the two ends
    advance: Float64[Array, "route munition"]  # promised from ready stock, units left
    loading: Float64[Array, "route munition"]  # units that wait for a ship, still in stock
    debt: Float64[Array, " route"]
    settled: Float64[Array, "route means"]  # cumulative USD bn paid in cash, goods, technology
    shipment: Float64[Array, "route munition"]  # departed this week
    delivery: Float64[Array, "route munition"]  # arrived usable this week
    cargo: Float64[Array, " route"]  # containers of goods in payment that departed this week
    cargo_delivery: Float64[Array, " route"]  # containers of them that arrived this week
    cargo_transit: Float64[Array, "leg route"]  # containers of them on the way
    # technology
    lessons: Float64[Array, "state technology"]
    tech: Float64[Array, "state technology"]
    frontier: Float64[Array, " technology"]
    trials: Float64[Array, "state technology"]
    failures: Float64[Array, "state technology"]
    campaign: Float64[Array, " state"]  # 0/1
    preparation: Float64[Array, " state"]  # of a launch, 0 none .. 1 ready
    pause: Float64[Array, " state"]  # weeks until preparations may begin again
    # forces
    readiness: Float64[Array, " state"]
    interop: Float64[Array, " pair"]
    convened: Float64[Array, " drill"]  # 1 where the calendar's exercise was held when last due
    alarm: Float64[Array, " state"]  # rivals' tests, launches and disputes, weighted, remembered
    force: Float64[Array, " state"]
    manpower: Float64[Array, " state"]  # that can still be mobilised
    losses: Float64[Array, " state"]  # cumulative casualties
    drive: Float64[Array, " state"]  # offensive above 0, lull below; standard deviations
    front: Float64[Array, " pair"]  # km gained by the actor; antisymmetric
    won: Float64[Array, " pair"]  # by the actor in war, of what is at stake; antisymmetric
    # what states think of each other
    affinity: Float64[Array, "state state"]
    pact: Float64[Array, " alliance"]  # 1 where the alliance is in force
    belief: Float64[Array, " pair"]
    hard: Float64[Array, " pair"]  # 0/1
    credence: Float64[Array, " pair"]
    suspected: Float64[Array, " pair"]  # the actor's credence when the target last challenged it
    trust: Float64[Array, " pair"]
    benefit: Float64[Array, " pair"]  # in weeks of its procurement income, or a share of spending
    # crisis
    stage: Int64[Array, " pair"]
    level: Int64[Array, " pair"]
    hostility: Int64[Array, " pair"]  # the actor's highest act in this dispute, as levels
    posture: Int64[Array, " pair"]  # last week's
    demand: Float64[Array, " pair"]  # last week's; share of what is at stake, 0 none
    tension: Float64[Array, "state state"]
    provocation: Float64[Array, " state"]  # last week's tests and launches, weighted
    drill: Float64[Array, " state"]  # last week's exercises, weighted
    # what the world knows
    exposure: Float64[Array, " route"]  # log-odds
    doubt: Float64[Array, " route"]
    unseen: Float64[Array, " route"]  # containers since the last detection
    estimate: Float64[Array, "observer route"]  # cumulative containers, held
    published: Float64[Array, "observer route"]  # cumulative containers, as last published
    accused: Float64[Array, " route"]  # publications of last week
    noted: Float64[Array, " route"]  # how well known its lawful dealings are
    # the Council
    sanctions: Float64[Array, "state state"]
    embargo: Float64[Array, " state"]
    censured: Float64[Array, " state"]  # the Council adopted a draft on it last week, 0/1
    monitor: Float64[Array, " state"]  # the Council's body alive, 0/1
    coalition: Float64[Array, " state"]  # share of the willing in the coalition's body
    mandate: Float64[Array, " state"]  # weeks left
    lapsed: Float64[Array, " state"]  # weeks since the mandate ended
    # ledgers, cumulative
    produced: Float64[Array, "state munition"]
    retired: Float64[Array, "state munition"]
    expended: Float64[Array, "state munition"]
    shipped: Float64[Array, "route munition"]
    delivered: Float64[Array, "route munition"]
    unusable: Float64[Array, "route munition"]
    interdicted: Float64[Array, "route munition"]
    cargo_shipped: Float64[Array, " route"]  # containers
    cargo_delivered: Float64[Array, " route"]
    cargo_interdicted: Float64[Array, " route"]


def after(world: World, **changes: Array) -> World:
    """Return the world with some fields changed.

    What `dataclasses.replace` does, several times quicker: no `__init__` is called.

    Args:
        world: The world before.
        changes: The new value of each field that changes.

    Raises:
        TypeError: a change names no field.
    """
    if not changes.keys() <= world.__dict__.keys():
        unknown = ", ".join(sorted(changes.keys() - world.__dict__.keys()))
        raise TypeError(f"World has no field {unknown}")
    new = object.__new__(World)
    new.__dict__.update(world.__dict__, **changes)
    return new


@dataclass(frozen=True)
class Observation:
    """What each state sees this week; the first axis is the state that sees, where there is one.

    Of others a state knows beliefs, posted and published things and acts, never their true stocks.
    Routes and prices are public.
    """

    week: Int64[Array, ""]
    week_of_year: Int64[Array, ""]
    stock: Float64[Array, "state munition"]
    capacity: Float64[Array, "state munition"]
    expenditure: Float64[Array, "state munition"]
    need: Float64[Array, "state munition"]  # units per week: the larger of use and war plan
    supply: Float64[Array, "state munition"]  # weeks of supply at that need
    reserve: Float64[Array, "state munition"]  # units never to be given away
    inbound: Float64[Array, "state munition"]  # units on their way to me
    treasury: Float64[Array, " state"]
    income: Float64[Array, " state"]  # USD bn per week for procurement
    debts: Float64[Array, " state"]
    at_war: Float64[Array, " state"]
    tech: Float64[Array, "state technology"]
    lessons: Float64[Array, "state technology"]
    trials: Float64[Array, "state technology"]
    failures: Float64[Array, "state technology"]
    campaign: Float64[Array, " state"]
    preparation: Float64[Array, " state"]
    pause: Float64[Array, " state"]  # weeks until preparations of a launch may begin again
    scheduled: Float64[Array, " state"]  # the timetable has a launch of it, now or later, 0/1
    readiness: Float64[Array, " state"]
    force: Float64[Array, " state"]
    losses: Float64[Array, " state"]
    fire: Float64[Array, " state"]  # thousand casualties that a week of war inflicts
    strength: Float64[Array, " state"]  # my own log strength
    believed: Float64[Array, " pair"]  # log strength of the other
    hard: Float64[Array, " pair"]  # my own type toward the other, 0/1
    credence: Float64[Array, " pair"]
    suspected: Float64[Array, " pair"]  # my credence when the other's challenge began; else now's
    repute: Float64[Array, " pair"]  # the other's credence of me: public acts made it
    trust: Float64[Array, " pair"]
    affinity: Float64[Array, "state state"]
    commitment: Float64[Array, " pair"]  # of mine to the other's defence
    backing: Float64[Array, " state"]  # ready help of that state's surest protector
    called: Float64[Array, " pair"]  # my ready commitment to whom the other challenges
    stake: Float64[Array, " pair"]
    balance: Float64[Array, " pair"]  # the chance that it would prevail, in the balance's weight
    deterrence: Float64[Array, " pair"]  # that I face if I press the other
    cover: Float64[Array, " pair"]  # deterrence that the other faces if it presses me
    tension: Float64[Array, "state state"]
    level: Int64[Array, " pair"]
    stage: Int64[Array, " pair"]  # of the game in which I challenge the other
    against: Int64[Array, " pair"]  # stage of the game in which the other challenges me
    posture: Int64[Array, " pair"]  # the other's last posture toward me
    demanded: Float64[Array, " pair"]  # share of what is at stake, by the other of me
    drill: Float64[Array, " state"]  # exercises of that state last week, weighted
    test: Float64[Array, " state"]  # tests of that state last week, weighted
    alarm: Float64[Array, " state"]  # tests, launches and disputes of my rivals, remembered
    suspicion: Float64[Array, " state"]  # that that state's dealings with anybody are unlawful
    resentment: Float64[Array, "state state"]  # of the other, who arms an enemy of a friend
    sanctions: Float64[Array, "state state"]  # on me by the other
    beneficiary: Float64[Array, " pair"]  # my smoothed net benefit from the other
    embargoed: Float64[Array, " state"]
    monitored: Float64[Array, " state"]
    announced: Float64[Array, " state"]  # a launch of that state, public
    summons: Float64[Array, "call event"]  # the timetable's entries of this week
    visits: Float64[Array, "state state"]  # to the other this week, dated or not
    calendar: Float64[Array, "pair kind"]  # joint exercises that this week of the year brings
    alone: Float64[Array, "state kind"]  # exercises alone that it brings
    want: Float64[Array, "state munition"]  # posted last week by that state
    delivery: Float64[Array, "route munition"]
    contract: Float64[Array, "route munition"]
    agreed: Float64[Array, " route"]
    talks: Float64[Array, " route"]
    advance: Float64[Array, "route munition"]
    loading: Float64[Array, "route munition"]
    debt: Float64[Array, " route"]
    price: Float64[Array, " munition"]
    unlawful: Float64[Array, " route"]
    exposure: Float64[Array, " route"]
    doubt: Float64[Array, " route"]
    accused: Float64[Array, " route"]
    estimate: Float64[Array, "observer route"]  # each observer's own
    published: Float64[Array, "observer route"]


@dataclass(frozen=True)
class Procurement:
    """What the procurement desk fills."""

    build: Float64[Array, "state munition"]  # units wanted this week; below 0, to be scrapped
    surge: Float64[Array, " state"]  # share of the possible expansion of capacity


@dataclass(frozen=True)
class Transfer:
    """What the transfer desk fills."""

    offer: Float64[Array, "route munition"]  # units per week, by the route's supplier
    want: Float64[Array, "state munition"]  # units per week
    mix: Float64[Array, "state means"]  # payment that it wants as a supplier; sums to 1
    grant: Float64[Array, " state"]  # 1 gives as aid
    teach: Float64[Array, "state technology"]  # highest level this state teaches
    secrecy: Float64[Array, " state"]


@dataclass(frozen=True)
class Technology:
    """What the technology desk fills."""

    research: Float64[Array, "state technology"]  # effort, 1 = ordinary
    tests: Float64[Array, "state technology"]  # tests per week in a campaign
    quiet_tests: Float64[Array, "state technology"]  # tests per week outside one
    campaign_on: Float64[Array, " state"]  # probability per week that a campaign begins
    campaign_off: Float64[Array, " state"]
    launch: Float64[Array, " state"]  # probability per week that preparations begin
    prepare: Float64[Array, " state"]  # share of the preparations done in a week
    redesign: Float64[Array, "state technology"]  # probability per week


@dataclass(frozen=True)
class Training:
    """What the training desk fills."""

    exercise: Float64[Array, "pair kind"]  # with the other
    alone: Float64[Array, "state kind"]


if TYPE_CHECKING:
    Said = Any
else:
    Said = Float64[Array, " pair"] | None
"""What a desk may leave out."""


@dataclass(frozen=True)
class Crisis:
    """What the crisis desk fills; the last five it may leave out (`desks.decide.UNSAID`)."""

    posture: Int64[Array, " pair"]  # conciliate -1, hold 0, press 1
    demand: Float64[Array, " pair"]  # share of what is at stake, 0 none
    weighed: Said = None  # 1 where deterrence was weighed already
    # what others may learn from: the probabilities of a hard and of a soft type, as things stand
    press_if_hard: Said = None
    press_if_soft: Said = None
    yield_if_hard: Said = None
    yield_if_soft: Said = None


@dataclass(frozen=True)
class Diplomacy:
    """What the diplomacy desk fills; 0/1 unless said."""

    publish: Float64[Array, "observer route"]
    condemn: Float64[Array, "state state"]
    sanction: Float64[Array, "state state"]  # level wanted, [0, 1]
    propose: Float64[Array, "state state"]  # a draft resolution on the other
    veto: Float64[Array, "state state"]  # willingness to shield the other, [0, 1]
    deny: Float64[Array, " state"]  # probability that an accusation is denied
    comply: Float64[Array, " state"]  # share of unlawful shipments that the state forgoes


@dataclass(frozen=True)
class Action:
    """A week's decisions of all states, one part a desk."""

    procurement: Procurement
    transfer: Transfer
    technology: Technology
    training: Training
    crisis: Crisis
    diplomacy: Diplomacy


Noise = Mapping[str, Array]
"""Draws of one week by stream name (`sim.streams.STREAMS` gives each one's axes and law)."""

Events = Mapping[str, Array]
"""Counts of one week by event kind, each with the axes that `sim.events.AXES` gives it."""
