"""The closed list of what can happen in a week, and what each kind weighs on three scales.

Sources:

- CAMEO codes: Gerner, Schrodt, Yilmaz & Abu-Jabr (2002), "Conflict and Mediation Event
  Observations"; codebook of Schrodt (2012), version 1.1b3.
- Goldstein weights (-10 conflict .. +10 cooperation): Goldstein (1992), "A conflict-cooperation
  scale for WEIS events data", as the GDELT project assigns them to CAMEO codes
  (`CAMEO.goldsteinscale.txt`). They follow from the code: nothing here is chosen.
- MID hostility of an act (0 none, 2 threat, 3 display, 4 use of force, 5 war): the Correlates of
  War's list of militarised actions with their levels (MID codebook, version 4; Palmer et al. 2015).
- Rivera et al. (2024), "Escalation risks from language models in military and diplomatic
  decision-making": severity 2**x - 4 for x = 1 .. 6, from de-escalation (-2) to nuclear (60), for a
  list of 27 actions.

Chosen by us: which CAMEO code, militarised action or action of Rivera's list stands for an event of
the model, and that an act is scored once: an *outcome* (a delivery, the failure of a test) weighs 0
on every scale, because the act behind it (the departure, the test) was scored. Four choices matter:

- Supplying weapons is +8.3, cooperative, for Goldstein: the weight belongs to the dyad, not to the
  third party that suffers. Rivera's action "supply weapons to others" has been read as posturing
  (4), as non-violent (12) and as violent escalation (28): 12 is taken.
- A weapon test counts as a show of force (3); a calendar exercise as routine (0), which COW leaves
  out; so does a satellite launch.
- An incident counts as a border violation (3), not as a clash (4): it may raise the lowest levels.
- A rise of level weighs what a show of force weighs, whichever level it reaches.

On whom an act falls is kept apart. Most acts fall on their target. Third parties feel the dealings
of partners (a shipment, a lesson, an exercise, a veto for a friend) and acts that name no other
state (a test, a launch, a denial): what these weigh is escalation or cooperation between the two
that are named, or nobody's, and the list cannot determine whom it concerns.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float64, Int64

from .params import Wiring
from .world import DISPLAY, THREAT, WAR, Events

Axes = Literal["state", "pair", "meeting", "member state", "state state"]
Scale = Literal["mid", "goldstein", "rivera"]
SCALES: tuple[Scale, ...] = get_args(Scale)
SCALE_NAMES: dict[Scale, str] = {
    "mid": "MID",
    "goldstein": "CAMEO-Goldstein, sign turned",
    "rivera": "Rivera et al. 2024",
}
"""As a table or a figure shows it."""

DE_ESCALATION, STATUS_QUO, POSTURING, NON_VIOLENT, VIOLENT, NUCLEAR = (
    2**x - 4 for x in range(1, 7)
)
"""Severity of Rivera et al. (2024)."""

NO_ACT = 0
"""Hostility of what is none of COW's militarised actions; those have it as dispute levels do."""

GOLDSTEIN = {
    "010": 0.0,  # make statement
    "016": -2.0,  # deny responsibility
    "0254": -0.3,  # appeal for easing of sanctions, boycott or embargo
    "042": 1.9,  # make a visit
    "057": 8.0,  # sign formal agreement
    "062": 7.4,  # cooperate militarily
    "064": 7.0,  # share intelligence or information
    "072": 8.3,  # provide military aid
    "080": 5.0,  # yield
    "083": 5.0,  # accede to demands
    "085": 7.0,  # ease sanctions, boycott or embargo
    "087": 9.0,  # de-escalate military engagement
    "0871": 9.0,  # declare truce, ceasefire
    "093": -2.0,  # investigate military action
    "111": -2.0,  # criticise or denounce
    "112": -2.0,  # accuse
    "124": -4.0,  # refuse to yield
    "129": -5.0,  # veto
    "1312": -5.8,  # threaten to boycott, embargo or sanction
    "138": -7.0,  # threaten to use military force
    "150": -7.2,  # demonstrate military power
    "154": -7.2,  # mobilise or increase armed forces
    "163": -8.0,  # impose embargo, boycott or sanctions
    "1662": -7.0,  # expel or withdraw inspectors, observers
    "1711": -9.2,  # confiscate property
    "190": -10.0,  # use conventional military force
}
"""Goldstein's weight of each CAMEO code that is used, and what the code means."""


@dataclass(frozen=True)
class Event:
    """One kind of event.

    - `name`: what rules and tables call it.
    - `code`: its place in the list, for ever.
    - `cameo`: the CAMEO code that stands for it.
    - `mid`: COW hostility of the act, 0 to 5.
    - `goldstein`: -10 to +10, positive is cooperative: the opposite sign of the other two.
    - `rivera`: -2 to 60, positive is escalatory.
    - `third_party`: whether it falls on states that it does not name, instead of on its target.
    - `definition`: what happened, and who `actor` and `target` are.
    - `axes`: what there is a count for: each `state` (which then is its own target), each listed
      `pair`, each `meeting` (every state alone, then every pair), each `member state` (a member of
      the Council and any state), or `state state`, all of them.
    """

    name: str
    code: int
    cameo: str
    mid: int
    goldstein: float
    rivera: int
    third_party: bool
    definition: str
    axes: Axes

    def weight(self, scale: Scale) -> float:
        """Return what one event of this kind weighs on a scale, in that scale's own sign."""
        return float(getattr(self, scale))

    def escalation(self, scale: Scale) -> float:
        """Return the same with escalation positive on every scale."""
        return -self.goldstein if scale == "goldstein" else self.weight(scale)


_Row = tuple[str, int, float, int, bool, str]


def _act(cameo: str, mid: int, rivera: int, definition: str, third_party: bool = False) -> _Row:
    """Return an act of the actor toward its target, weighed on each scale."""
    return cameo, mid, GOLDSTEIN[cameo], rivera, third_party, definition


def _beside(cameo: str, mid: int, rivera: int, definition: str) -> _Row:
    """Return an act that falls on third parties."""
    return _act(cameo, mid, rivera, definition, third_party=True)


def _outcome(cameo: str, definition: str) -> _Row:
    """Return what came of an act that was scored already: it weighs nothing."""
    return cameo, NO_ACT, 0.0, STATUS_QUO, False, definition


_ROWS = {
    "shipment_departed": _beside(
        "072",
        NO_ACT,
        NON_VIOLENT,
        "at least a container of munitions left the actor for the target",
    ),
    "delivered": _outcome(
        "072", "at least a container of the actor's munitions reached the target, usable"
    ),
    "interdicted": _outcome(
        "1711", "others seized part of a shipment from the actor to the target"
    ),
    "lesson_taught": _beside(
        "064",
        NO_ACT,
        POSTURING,
        "the actor taught the target at least 1e-4 levels of technology, in payment",
    ),
    "test": _beside("150", DISPLAY, POSTURING, "the actor tested a weapon, with whatever success"),
    "test_failed": _outcome("150", "a test of the actor failed"),
    "launch_announced": _beside(
        "010", NO_ACT, STATUS_QUO, "the actor announced a satellite launch"
    ),
    "launch_succeeded": _beside("150", NO_ACT, POSTURING, "the actor put a satellite into orbit"),
    "launch_failed": _beside("150", NO_ACT, POSTURING, "a satellite launch of the actor failed"),
    "exercise": _beside(
        "062", NO_ACT, POSTURING, "the actor exercised with the target, or alone where they are one"
    ),
    "visit": _act("042", NO_ACT, DE_ESCALATION, "a high official of the actor visited the target"),
    "disclosure": _act(
        "112", NO_ACT, NON_VIOLENT, "the actor published evidence of what the target supplies"
    ),
    "joint_statement": _act(
        "111", NO_ACT, NON_VIOLENT, "the actor condemned the target in the same week as an ally"
    ),
    "denial": _beside("016", NO_ACT, STATUS_QUO, "the actor denied what was published about it"),
    "draft": _act(
        "1312", NO_ACT, NON_VIOLENT, "the actor tabled a Council draft on the target, or a renewal"
    ),
    "adopted": _act("163", NO_ACT, NON_VIOLENT, "the Council adopted a draft on the actor"),
    "vetoed": _beside("129", NO_ACT, STATUS_QUO, "the actor vetoed a Council draft on the target"),
    "monitor_ended": _outcome("1662", "the mandate of the Council's body on the actor ended"),
    "coalition_monitor": _act(
        "093", NO_ACT, STATUS_QUO, "a coalition's own monitoring of the actor began"
    ),
    "sanction": _act("163", NO_ACT, NON_VIOLENT, "the actor's sanctions on the target passed half"),
    "challenge": _act("138", THREAT, NON_VIOLENT, "the actor challenged the target"),
    "resisted": _act("124", THREAT, POSTURING, "the actor, challenged, stood against the target"),
    "conceded": _act("083", NO_ACT, DE_ESCALATION, "the actor, challenged, gave way to the target"),
    "backed_down": _act(
        "080", NO_ACT, DE_ESCALATION, "the actor dropped its challenge of the target"
    ),
    "incident": _act(
        "150", DISPLAY, NON_VIOLENT, "forces of the two met by accident, nobody pressing"
    ),
    "level_up": _act("154", DISPLAY, NON_VIOLENT, "a rise by one level of the two's dispute"),
    "level_down": _act("087", NO_ACT, DE_ESCALATION, "a fall by one level of the two's dispute"),
    "ceasefire": _act("0871", NO_ACT, DE_ESCALATION, "the war between the two stopped"),
    "joined": _act(
        "190", WAR, VIOLENT, "the actor, bound by an alliance, went to war with the target"
    ),
    "defeated": _outcome("080", "the actor was defeated in its war with the target"),
    "agreement": _beside("057", NO_ACT, STATUS_QUO, "the actor agreed to supply the target"),
    "test_day": _outcome("150", "a day on which the actor tested, once or in a salvo"),
    "launch_postponed": _outcome("010", "a launch of the actor was put off or called off, ready"),
    "imposed": _outcome("163", "an adopted draft put the actor under an embargo"),
    "renewed": _outcome("163", "an adopted draft gave the Council's body on the actor a mandate"),
    "condemned": _outcome("111", "an adopted draft condemned the actor, with nothing to impose"),
    "relief": _beside(
        "0254", NO_ACT, STATUS_QUO, "the actor tabled a Council draft to lift the target's embargo"
    ),
    "lifted": _act("085", NO_ACT, DE_ESCALATION, "the Council lifted the embargo on the actor"),
    "upheld": _act(
        "129", NO_ACT, STATUS_QUO, "the actor vetoed a draft to lift the target's embargo"
    ),
    "treaty": _beside("057", NO_ACT, STATUS_QUO, "a treaty made allies of the two"),
}

_OF_A_STATE = (
    *("test", "test_failed", "launch_announced", "launch_succeeded", "launch_failed", "denial"),
    *("adopted", "monitor_ended", "coalition_monitor", "test_day", "launch_postponed"),
    *("imposed", "renewed", "condemned", "lifted"),
)
_BETWEEN_ANY = ("visit", "disclosure", "joint_statement", "draft", "sanction", "relief")
_ELSEWHERE: dict[str, Axes] = {
    "exercise": "meeting",
    "vetoed": "member state",
    "upheld": "member state",
}


def _axes(name: str) -> Axes:
    """Return where an event can happen."""
    if name in _OF_A_STATE:
        return "state"
    if name in _BETWEEN_ANY:
        return "state state"
    return _ELSEWHERE.get(name, "pair")


TABLE: tuple[Event, ...] = tuple(
    Event(name, code, *row, _axes(name)) for code, (name, row) in enumerate(_ROWS.items())
)
"""Every kind of event, in the order of its code."""

EVENTS: tuple[str, ...] = tuple(event.name for event in TABLE)
AXES: dict[str, Axes] = {event.name: event.axes for event in TABLE}


def shape(kind: str, wiring: Wiring) -> tuple[int, ...]:
    """Return the shape of the counts of a kind in a week.

    Args:
        kind: The name of the event.
        wiring: Of the world.
    """
    states, pairs, members = len(wiring.off), len(wiring.pair.actor), len(wiring.member)
    return {
        "state": (states,),
        "pair": (pairs,),
        "meeting": (states + pairs,),
        "member state": (members, states),
        "state state": (states, states),
    }[AXES[kind]]


@dataclass(frozen=True)
class Places:
    """Which kind, actor and target each count of a week stands for, in the order of rows.

    - `order`: where each stands among the counts of all kinds, one kind after the other.
    """

    order: Int64[np.ndarray, " cell"]
    kind: Int64[np.ndarray, " cell"]
    actor: Int64[np.ndarray, " cell"]
    target: Int64[np.ndarray, " cell"]


def event_places(wiring: Wiring) -> Places:
    """Return what the counts of a week stand for, sorted by kind, actor and target."""
    own, pair, member = np.arange(len(wiring.off)), wiring.pair, wiring.member
    ends = {
        "state": (own, own),
        "pair": (pair.actor, pair.target),
        "meeting": (np.append(own, pair.actor), np.append(own, pair.target)),
        "member state": (np.repeat(member, len(own)), np.tile(own, len(member))),
        "state state": (np.repeat(own, len(own)), np.tile(own, len(own))),
    }
    actor, target = np.concatenate([ends[axes] for axes in AXES.values()], axis=1)
    kind = np.repeat(range(len(AXES)), [len(ends[axes][0]) for axes in AXES.values()])
    order = np.lexsort((target, actor, kind))
    return Places(order, kind[order], actor[order], target[order])


def counted(events: Events) -> Float64[np.ndarray, " cell"]:
    """Return the counts of all kinds in a week, one kind after the other."""
    return np.concatenate([events[kind] for kind in EVENTS], axis=None)


def none_happened(wiring: Wiring) -> dict[str, np.ndarray]:
    """Return the events of a week in which nothing happens."""
    return {kind: np.zeros(shape(kind, wiring)) for kind in EVENTS}
