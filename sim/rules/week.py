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
from .learn import learn
from .move import move
from .perceive import perceive
from .relate import relate
from .sanction import sanction
from .trade import trade
from .train import train
from .watch import watch


def step(params: Params, world: World, noise: Noise) -> tuple[World, Observation, Action, Events]:
    """Perceive, decide, resolve."""
    world, seen = perceive(params, world, noise)
    action = decide(params, seen, noise)
    world, events = resolve(params, world, seen, action, noise)
    return world, seen, action, events


def resolve(
    params: Params, world: World, seen: Observation, action: Action, noise: Noise
) -> tuple[World, Events]:
    """What the decisions of all states together bring about, phase by phase."""
    world, traded = trade(params, world, seen, action)
    world, moved = move(params, world, seen, noise)
    world, fought = fight(params, world, seen, noise)
    world, built = build(params, world, seen, action, noise)
    world, learnt = learn(params, world, seen, action, noise)
    world, trained = train(params, world, action)
    world, watched = watch(params, world, seen, action, noise)
    world, voted = sanction(params, world, seen, action, noise)
    world, met = relate(params, world, seen, action)
    world, played = challenge(params, world, action)
    world, moved_levels = escalate(params, world, action, noise)
    events: dict[str, Array] = (
        traded | moved | fought | built | learnt | trained | watched | voted | met | played
    ) | moved_levels
    return after(world, week=world.week + 1), events
