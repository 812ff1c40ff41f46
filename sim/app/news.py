"""What happened in a week, as sentences: one for each kind of event, for all pages."""

from collections.abc import Iterator

import numpy as np

from ..events import EVENTS, counted, event_places
from ..quantities import Week

NEWS = {
    "shipment_departed": "{} shipped arms to {}",
    "delivered": "{} delivered arms to {}",
    "interdicted": "{} lost a part of a shipment to {}",
    "lesson_taught": "{} taught technology to {}",
    "agreement": "{} agreed to supply {}",
    "test": "{} tested a weapon",
    "test_failed": "{} saw a test fail",
    "launch_announced": "{} announced a satellite launch",
    "launch_succeeded": "{} put a satellite into orbit",
    "launch_failed": "{} failed to launch a satellite",
    "launch_postponed": "{} put off a launch",
    "exercise": "{} exercised with {}",
    "visit": "{} visited {}",
    "disclosure": "{} published evidence about {}",
    "joint_statement": "{} joined in condemning {}",
    "denial": "{} denied what was published",
    "draft": "{} tabled a draft of the Council on {}",
    "adopted": "{} came under a resolution of the Council",
    "imposed": "{} was put under an embargo",
    "renewed": "{} is to be watched further by the Council's body",
    "condemned": "{} was condemned by the Council",
    "vetoed": "{} vetoed a draft of the Council on {}",
    "relief": "{} tabled a draft to lift the embargo on {}",
    "lifted": "{} was freed of its embargo",
    "upheld": "{} vetoed a draft to lift the embargo on {}",
    "treaty": "{} signed a treaty of alliance with {}",
    "monitor_ended": "{} is no longer monitored by the Council's body",
    "coalition_monitor": "{} is monitored by a coalition",
    "sanction": "{} sanctioned {}",
    "challenge": "{} challenged {}",
    "resisted": "{} stood against {}",
    "conceded": "{} gave way to {}",
    "backed_down": "{} dropped its challenge to {}",
    "incident": "{} and {} had an incident",
    "level_up": "{}'s dispute with {} rose",
    "level_down": "{}'s dispute with {} fell",
    "joined": "{} went to war with {}",
    "defeated": "{} was defeated by {}",
    "ceasefire": "{} and {} ceased fire",
}
"""What is said of each kind, with places for actor and target; what a state does alone has one."""
ALONE = {"exercise": "{} held an exercise alone"}
"""What is said instead where the actor is its own target."""
UNSAID = "test_day"
"""The days of tests that are counted already."""


def happened(week: Week) -> Iterator[tuple[str, int, int, float]]:
    """Yield what happened in a week: kind, places of actor and target, how often.

    Args:
        week: The week.
    """
    places = event_places(week.params.wiring)
    counts = counted(week.events)[places.order]
    for at in np.flatnonzero(counts > 0.0):
        kind = EVENTS[places.kind[at]]
        if kind != UNSAID:
            yield kind, int(places.actor[at]), int(places.target[at]), float(counts[at])


def sentence(kind: str, actor: str, target: str, count: float) -> str:
    """Return what happened as a sentence, without a full stop.

    Args:
        kind: The name of the event.
        actor: The name of the state that did it.
        target: Of the state that it was done to; the actor again if there is none.
        count: How often.
    """
    said = ALONE.get(kind, NEWS[kind]) if actor == target else NEWS[kind]
    unit = "levels" if kind.startswith("level_") else "times"
    times = f" ({count:g} {unit})" if count > 1.0 else ""
    return f"{said.format(actor, target)}{times}"


def in_sentence(name: str) -> str:
    """Return a state's name as a sentence has it: the United States, the Western power, Ukraine.

    Args:
        name: Its name, or its code.
    """
    parts = name.split()
    return f"the {name}" if parts[0] == "United" or parts[-1].islower() else name
