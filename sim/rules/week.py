"""One week of one world: the whole model on one screen.

Each state sees, its six desks decide, the world resolves. All decide on the same week.
"""

from ..desks.decide import decide
from ..params import Params
from ..world import Action, Array, Events, Noise, Observation, World, after
from .build import build
from .challenge import challenge
from .escalate import escalate
from .fight import fight
from .haul import haul
from .learn import learn
from .move import move
from .perceive import perceive
from .phase import Functions, Phase, Phases, replaced, table
from .relate import relate
from .sanction import sanction
from .trade import trade
from .train import train
from .watch import watch

# fmt: off
PHASES = table(
    Phase("trade", trade, ("agreement", "shipment_departed", "lesson_taught")),
    Phase("haul", haul),
    Phase("move", move, ("delivered", "interdicted")),
    Phase("fight", fight, ("ceasefire", "defeated")),
    Phase("build", build),
    Phase("learn", learn, ("test", "test_day", "test_failed", "launch_announced",
                           "launch_postponed", "launch_succeeded", "launch_failed")),
    Phase("train", train, ("exercise",)),
    Phase("watch", watch, ("disclosure", "joint_statement", "denial")),
    Phase("sanction", sanction, ("draft", "adopted", "vetoed", "monitor_ended",
                                 "coalition_monitor", "sanction", "imposed", "renewed",
                                 "condemned", "relief", "lifted", "upheld")),
    Phase("relate", relate, ("visit", "treaty")),
    Phase("challenge", challenge, ("challenge", "resisted", "conceded", "backed_down")),
    Phase("escalate", escalate, ("incident", "level_up", "level_down", "joined")),
)
# fmt: on
"""What a week brings about, in order; who replaces one says so by `scenario.with_phase`."""


def phases_with(own: Functions, phases: Phases = PHASES) -> Phases:
    """The phases of the week with functions of one's own in place of some, by name."""
    return replaced(phases, own)


def step(
    params: Params, world: World, noise: Noise, phases: Phases = PHASES
) -> tuple[World, Observation, Action, Events]:
    """Perceive, decide, resolve."""
    world, seen = perceive(params, world, noise)
    action = decide(params, seen, noise)
    world, events = resolve(params, world, seen, action, noise, phases)
    return world, seen, action, events


def resolve(
    params: Params,
    world: World,
    seen: Observation,
    action: Action,
    noise: Noise,
    phases: Phases = PHASES,
) -> tuple[World, Events]:
    """What the decisions of all states together bring about, phase by phase."""
    given = {"params": params, "seen": seen, "action": action, "noise": noise}
    events: dict[str, Array] = {}
    for phase in phases:
        world, happened = phase.run(given | {"world": world})
        events |= happened
    return after(world, week=world.week + 1), events
