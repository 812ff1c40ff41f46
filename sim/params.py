"""What a world is given: its wiring, the traits of its things, and every coefficient.

`Params` is a tree of arrays. `Wiring` fixes the shapes of a program; every other number may differ
from run to run. A field made with `coefficient` carries its unit and its bounds, from which the
schema of configuration files is built; the defaults of the rules stand in `configs/rules/*.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float64, Int64

from .traits import Munitions as Munitions
from .traits import PerState as PerState
from .traits import Relations as Relations
from .traits import Routes as Routes
from .traits import Scalar as Scalar
from .traits import States as States
from .traits import Table as Table
from .traits import Technologies as Technologies
from .traits import coefficient as coefficient
from .wiring import Agenda as Agenda
from .wiring import Wiring as Wiring

Array = Any


@dataclass(frozen=True)
class Perceive:
    """Coefficients of `rules/perceive.py`."""

    learning: Scalar = coefficient("share of the error corrected per week", 0, 1)
    battle: Scalar = coefficient("share of the error that a week of war corrects", 0, 1)
    noise: Scalar = coefficient("log strength", 0, 5)
    by_reconnaissance: Scalar = coefficient("log noise per level", 0, 20)
    bias: Scalar = coefficient("multiplier of every state's perception_bias", 0, 10)
    sustained: Scalar = coefficient("weeks over which a war is reckoned with", 1, 520)
    point: Scalar = coefficient(
        "thousand casualties per week that a strength point inflicts", 1e-12, 1e6
    )
    quality_floor: Scalar = coefficient("quality at technology 0", 0, 1)
    by_maker: Scalar = coefficient("1 quality is the maker's, 0 the holder's", 0, 1)


@dataclass(frozen=True)
class Trade:
    """Coefficients of `rules/trade.py`."""

    inertia: Scalar = coefficient("share of the gap to the deal closed per week", 0, 1)
    premium: Scalar = coefficient("price rise at wholly unmet wants", 0, 100)
    settlement: Scalar = coefficient("share of debt settled per week", 0, 1)
    memory: Scalar = coefficient("weight of this week in net benefit", 0, 1)
    scarcity: Scalar = coefficient("extra worth of a delivery at no supply", 0, 100)
    yardstick: Scalar = coefficient(
        "share of military spending that benefit is weighed in, 0: procurement income", 0, 1
    )
    given: Scalar = coefficient("worth of what is given, share of its price", 0, 1)
    cutback: Scalar = coefficient("share of the gap closed per week, deals that shrink", 0, 1)
    agreement: Scalar = coefficient("hazard per week of an agreement, 0: deals need none", 0, 10)
    by_affinity: Scalar = coefficient("log hazard of an agreement per unit of affinity", 0, 20)
    by_talks: Scalar = coefficient("multiplier of the hazard after a visit, less 1", 0, 1000)
    forgetting: Scalar = coefficient("share of the memory of a visit lost per week", 0, 1)
    first: Scalar = coefficient("share of the free stock promised at an agreement", 0, 1)
    rush: Scalar = coefficient("share of what is promised from it shipped per week", 0, 1)
    container_price: Scalar = coefficient("USD bn of goods per container, 0: they need no room", 0)


@dataclass(frozen=True)
class Move:
    """Coefficients of `rules/move.py`."""

    interdiction: Scalar = coefficient("hazard per week at full enforcement", 0, 10)
    taken: Scalar = coefficient("share of the leg's outflow taken", 0, 1)
    by_embargo: Scalar = coefficient("enforcement", 0, 1)
    by_monitor: Scalar = coefficient("enforcement", 0, 1)
    by_sanctions: Scalar = coefficient("enforcement", 0, 1)
    by_exposure: Scalar = coefficient("enforcement", 0, 1)


@dataclass(frozen=True)
class Fight:
    """Coefficients of `rules/fight.py`."""

    omega: Scalar = coefficient("0 aimed fire, 1 area fire", 0, 1)
    ration: Scalar = coefficient("weeks of supply at which fire is halved", 0, 104)
    swing: Scalar = coefficient("log fire, standard deviation of offensives and lulls", 0, 2)
    persistence: Scalar = coefficient("share of an offensive or a lull left a week later", 0, 1)
    scatter: Scalar = coefficient("log fire, standard deviation of a week about that", 0, 2)
    assault: Scalar = coefficient(
        "extra share of losses of who attacks, per log point by which it leads in tempo", 0, 10
    )
    memory: Scalar = coefficient("weight of this week in expenditure", 0, 1)
    mobilisation: Scalar = coefficient("share of the gap closed per week", 0, 1)
    soldier_cost: Scalar = coefficient("USD bn per thousand soldiers mobilised", 0, 1e6)
    advance: Scalar = coefficient("km per week per unit of log fire ratio", 0, 1000)
    without_shells: Scalar = coefficient("share of fire without shells that gains ground", 0, 1)
    exhaustion: Scalar = coefficient("ceasefire hazard per week at full exhaustion", 0, 1)
    defeat: Scalar = coefficient("share of the wanted force at which a state is defeated", 0, 1)
    settlement: Scalar = coefficient("hazard per week once both would rather settle", 0, 10)
    burden: Scalar = coefficient(
        "cost of war in stakes, if all of the force were lost per week", 0, 1e6
    )


@dataclass(frozen=True)
class Build:
    """Coefficients of `rules/build.py`."""

    lag: Scalar = coefficient("weeks to move capacity", 1, 520)
    unit_cost: Scalar = coefficient("share of the base price", 0, 10)
    retirement: Scalar = coefficient("share of stock per year", 0, 5)
    budget: Scalar = coefficient("weeks between budgets, counted from the new year", 1, 52)
    gdp_growth: Scalar = coefficient("log growth of output per year", -1, 1)
    spending_growth: Scalar = coefficient("log growth per year at no tension", -1, 1)
    by_tension: Scalar = coefficient("log growth per year at full tension", -5, 5)
    spending_noise: Scalar = coefficient("log growth, per year", 0, 2)
    tail: Scalar = coefficient("log spread of the noise: fat tails", 0, 3)


@dataclass(frozen=True)
class Learn:
    """Coefficients of `rules/learn.py`."""

    absorption: Scalar = coefficient("share of lessons per week at the frontier", 0, 1)
    least_absorption: Scalar = coefficient("share of that at level 0", 0, 1)
    announcement: Scalar = coefficient("preparation at which a launch is announced", 0.01, 1)
    postponed: Scalar = coefficient("probability per week that a ready launch is put off", 0, 1)
    scrubbed: Scalar = coefficient("probability per week that it is called off", 0, 1)
    pause: Scalar = coefficient("weeks without preparations after a failure", 0, 520)
    image: Scalar = coefficient("reconnaissance gap closed by a satellite in orbit", 0, 1)
    feedback: Scalar = coefficient("of the gap, per USD bn of its make that others use", 0, 100)


@dataclass(frozen=True)
class Train:
    """Coefficients of `rules/train.py`; the order of kinds is `world.EXERCISES`."""

    readiness: Float64[Array, " kind"] = coefficient("share of the gap closed", 0, 1)
    interop: Float64[Array, " kind"] = coefficient("share of the gap closed", 0, 1)
    weight: Float64[Array, " kind"] = coefficient("as a rival feels it", 0, 10)
    partners: Scalar = coefficient("extra weight of each partner", 0, 10)
    readiness_decay: Scalar = coefficient("share per week", 0, 1)
    readiness_floor: Scalar = coefficient("readiness without exercises", 0, 1)
    experience: Scalar = coefficient("share of the decay that war spares who fights", 0, 1)
    interop_decay: Scalar = coefficient("share per week", 0, 1)
    accepts: Scalar = coefficient("lowest affinity of a partner", -1, 1)
    held: Scalar = coefficient("probability that an exercise of the calendar is held", 0, 1)
    memory: Scalar = coefficient("weight of this week in alarm", 0, 1)
    dispute: Scalar = coefficient("weighted acts that a week with a use of force is", 0, 100)


@dataclass(frozen=True)
class Watch:
    """Coefficients of `rules/watch.py`."""

    detection: Scalar = coefficient("hazard per container", 0, 10)
    evidence: Scalar = coefficient("log-odds of one detection", 0, 20)
    base: Scalar = coefficient("log-odds without evidence", -20, 0)
    bound: Scalar = coefficient("log-odds never passed", 0, 20)
    fading: Scalar = coefficient("share per week", 0, 1)
    notice: Scalar = coefficient(
        "share of the unknown that a detection of lawful trade shows", 0, 1
    )
    estimate_noise: Scalar = coefficient("log flow", 0, 5)
    persuasion: Scalar = coefficient("share of doubt that one publication lowers", 0, 1)
    joint_persuasion: Scalar = coefficient("share that a joint statement lowers", 0, 1)
    denial: Scalar = coefficient("share of belief that a denial turns", 0, 1)
    finding: Scalar = coefficient("share of doubt that an adopted draft lowers", 0, 1)
    doubt_return: Scalar = coefficient("share per week back to no opinion", 0, 1)


@dataclass(frozen=True)
class Sanction:
    """Coefficients of `rules/sanction.py`."""

    needed: Scalar = coefficient("votes", 1, 15)
    seats: Scalar = coefficient("votes in all", 1, 15)
    outside_yes: Scalar = coefficient("share of members outside the scenario", 0, 1)
    outside_shift: Scalar = coefficient("log-odds by exposure and doubt", 0, 20)
    support: Scalar = coefficient("log-odds that a member votes yes", -20, 20)
    by_exposure: Scalar = coefficient("log-odds of a yes at full exposure", 0, 20)
    by_affinity: Scalar = coefficient("log-odds against, per unit of affinity", 0, 50)
    by_benefit: Scalar = coefficient("log-odds against, per week's income of benefit", 0, 500)
    veto: Scalar = coefficient("log-odds of a veto with no benefit and no affinity", -50, 20)
    renewal: Scalar = coefficient("weeks before its end that a mandate is voted on", 1, 52)
    term: Scalar = coefficient("weeks of a mandate", 1, 520)
    coalition_lag: Scalar = coefficient("weeks to a coalition's own body", 0, 520)
    coalition_reach: Scalar = coefficient("of its monitoring, over the Council's", 0, 1)
    speed: Scalar = coefficient("share of the gap to the wanted sanctions per week", 0, 1)
    cost: Scalar = coefficient("share of income lost at all others' full sanctions", 0, 1)
    hesitation: Scalar = coefficient("share of the rise of sanctions that full doubt stops", 0, 1)
    disunity: Scalar = coefficient("share of a coalition that full doubt keeps out", 0, 1)
    relief: Scalar = coefficient(
        "probability per week of a draft to lift, by a member that would veto", 0, 1
    )


@dataclass(frozen=True)
class Escalate:
    """Coefficients of `rules/escalate.py`."""

    # affinity
    affinity_return: Scalar = coefficient("share per week back to its base", 0, 1)
    by_trade: Scalar = coefficient("affinity per week of income of mutual benefit, per week", 0, 1)
    by_visit: Scalar = coefficient("share of the gap to 1", 0, 1)
    visits: Scalar = coefficient(
        "hazard per week of a visit that is not dated, at a common interest of 1", 0, 1
    )
    by_common_rival: Scalar = coefficient("affinity per week at full common tension", 0, 1)
    by_dispute: Scalar = coefficient("affinity lost per week and level", 0, 1)
    by_condemnation: Scalar = coefficient("affinity lost per condemnation", 0, 1)
    treaty: Scalar = coefficient(
        "hazard per week of a treaty, at full affinity and common tension", 0, 10
    )
    # tension
    speed: Scalar = coefficient("share of the gap closed per week", 0, 1)
    base: Scalar = coefficient("log-odds of tension", -20, 20)
    threat: Scalar = coefficient(
        "log-odds per log ratio of believed strengths, at full stake", 0, 20
    )
    rivalry: Scalar = coefficient("log-odds at full stake", 0, 20)
    test_provocation: Scalar = coefficient("log-odds per weighted test", 0, 20)
    exercise_provocation: Scalar = coefficient("log-odds per weighted exercise", 0, 20)
    exposure: Scalar = coefficient("log-odds at full exposure of the other's dealings", 0, 20)
    partisan: Scalar = coefficient("log-odds at full resentment for arming a friend's enemy", 0, 20)
    affinity: Scalar = coefficient("log-odds less per unit of affinity", 0, 20)
    reassurance: Scalar = coefficient("log-odds less at deterrence by allies", 0, 20)
    dispute: Scalar = coefficient("log-odds per level", 0, 20)
    # levels
    climb: Scalar = coefficient("1 levels are climbed by rungs, 0 acts are drawn", 0, 1)
    act_threat: Scalar = coefficient("weight of a threat among acts", 1e-6, 1)
    act_display: Scalar = coefficient("weight of a display of force among acts", 0, 1)
    act_force: Scalar = coefficient("weight of a use of force among acts", 0, 1)
    act_caution: Scalar = coefficient(
        "fall of an act's log weight, per level and deterrence", 0, 20
    )
    both: Scalar = coefficient("probability that a press goes through, both press", 0, 1)
    one: Scalar = coefficient("probability that a press goes through, one presses", 0, 1)
    war: Scalar = coefficient("probability of war in a week with an act of force", 0, 1)
    settle: Scalar = coefficient("probability of an end at no tension, both hold", 0, 1)
    settle_heat: Scalar = coefficient(
        "share of what a dispute adds to tension that delays its end", 0, 1
    )
    settle_fast: Scalar = coefficient("probability of an end, one conciliates", 0, 1)
    settle_steep: Scalar = coefficient("fall of the log probability of an end, per level", 0, 20)
    incident: Scalar = coefficient("hazard per week at full tension", 0, 10)
    incident_activity: Scalar = coefficient("multiplier per weighted exercise or test", 0, 100)
    incident_steep: Scalar = coefficient("fall of the log hazard per level", 0, 20)
    deterrence: Scalar = coefficient("share of deterrence that challengers reckon with", 0, 1)
    balance: Scalar = coefficient("weight of the balance of power in deterrence", 0, 10)
    ladder: Scalar = coefficient("share of rises that unweighed deterrence stops", 0, 1)
    incident_deterrence: Scalar = coefficient("share of incidents that deterrence stops", 0, 1)
    nuclear_restraint: Scalar = coefficient("share of rises to war stopped, both nuclear", 0, 1)
    interop_weight: Scalar = coefficient(
        "share of an ally's help that needs interoperability", 0, 1
    )
    # credence and trust: probabilities of what was seen
    hard_share: Scalar = coefficient("prior probability of a hard type at full stake", 0, 1)
    resist_hard: Scalar = coefficient("probability", 0.001, 0.999)
    resist_soft: Scalar = coefficient("probability", 0.001, 0.999)
    press_trusted: Scalar = coefficient("probability per week", 0.0001, 0.9999)
    press_exploiting: Scalar = coefficient("probability per week", 0.0001, 0.9999)
    deliver_hard: Scalar = coefficient("probability that it stands, resisted", 0.001, 0.999)
    deliver_soft: Scalar = coefficient("probability that it stands, resisted", 0.001, 0.999)
    test_hard: Scalar = coefficient("probability of a test in a week", 0.001, 0.999)
    test_soft: Scalar = coefficient("probability of a test in a week", 0.001, 0.999)
    exercise_hard: Scalar = coefficient("probability of an exercise in a week", 0.001, 0.999)
    exercise_soft: Scalar = coefficient("probability of an exercise in a week", 0.001, 0.999)
    drill_trusted: Scalar = coefficient("probability of an exercise in a week", 0.001, 0.999)
    drill_exploiting: Scalar = coefficient("probability of an exercise in a week", 0.001, 0.999)
    by_desk: Scalar = coefficient(
        "1 credence learns by what desks do, 0 by fixed likelihoods", 0, 1
    )
    forgetting: Scalar = coefficient("hazard per week that a state's type is drawn anew", 0, 1)
    trust_prior: Scalar = coefficient("probability", 0, 1)
    trust_by_affinity: Scalar = coefficient("of the prior, at full affinity", 0, 1)
    occasion: Scalar = coefficient("tension from which holding back is an occasion", 0, 1)


@dataclass(frozen=True)
class Rules:
    """The coefficients of all phases, one group per file."""

    perceive: Perceive
    trade: Trade
    move: Move
    fight: Fight
    build: Build
    learn: Learn
    train: Train
    watch: Watch
    sanction: Sanction
    escalate: Escalate


@dataclass(frozen=True)
class Params:
    """Everything that a world is given."""

    wiring: Wiring
    agenda: Agenda
    munitions: Munitions
    technologies: Technologies
    states: States
    relations: Relations
    routes: Routes
    rules: Rules
    desks: Mapping[str, Mapping[str, Any]]  # desk -> rule -> its coefficients, each [state]
    choice: Int64[Array, "desk state"]  # which of the desk's rules a state follows
