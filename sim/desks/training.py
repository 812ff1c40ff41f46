"""The training desk: which exercises, with whom."""

from dataclasses import dataclass

from ..arrays import number, row
from ..params import Params, PerState, coefficient
from ..world import EXERCISES, TIMETABLE, Noise, Observation, Training
from .registry import desk


def scheduled(seen: Observation) -> Training:
    """The yearly calendar of each state, less its holidays."""
    xp = seen.stock.__array_namespace__()
    free = 1.0 - xp.minimum(xp.max(seen.summons[TIMETABLE.index("holiday"), ...], axis=1), 1.0)
    both = xp.maximum(seen.calendar, xp.permute_dims(seen.calendar, (1, 0, 2)))
    return Training(exercise=both * free[:, None, None])


@desk("training")
def none(own: object, seen: Observation, noise: Noise, params: Params) -> Training:
    """No exercises."""
    return Training(exercise=0.0 * seen.calendar)


@dataclass(frozen=True)
class Calendar:
    """The yearly calendar, larger when rivals are active."""

    size: PerState = coefficient("multiplier of the calendar", 0, 10, 1.0)
    response: PerState = coefficient("growth at full tension", 0, 10, 0.0)


@desk("training", Calendar)
def calendar(own: Calendar, seen: Observation, noise: Noise, params: Params) -> Training:
    """Hold what the calendar says, times size (1 + response T_i)."""
    xp = seen.stock.__array_namespace__()
    size = own.size * (1.0 + own.response * xp.max(seen.tension, axis=1))
    return Training(exercise=scheduled(seen).exercise * size[:, None, None])


@dataclass(frozen=True)
class Reciprocal:
    """Answers a rival's exercises and tests with its own."""

    threshold: PerState = coefficient(
        "weighted acts of a rival that call for an answer", 0, 20, 0.5
    )
    chance: PerState = coefficient("probability of the answer", 0, 1, 0.5)
    size: PerState = coefficient("size of the answer", 0, 10, 1.0)


@desk("training", Reciprocal)
def reciprocal(own: Reciprocal, seen: Observation, noise: Noise, params: Params) -> Training:
    """A field exercise alone in the week after a rival's acts pass the threshold."""
    xp = seen.stock.__array_namespace__()
    acts = xp.max(seen.stake * (seen.drill + seen.test), axis=1)
    alone = xp.sum(noise["exercise"] * (1.0 - params.wiring.off), axis=1)
    answers = number((acts > own.threshold) & (alone < own.chance), acts) * own.size
    field = number(xp.arange(len(EXERCISES)) == EXERCISES.index("field"), acts)
    diagonal = (1.0 - params.wiring.off) * row(answers)
    return Training(exercise=diagonal[:, :, None] * field)


@dataclass(frozen=True)
class Reassurance:
    """The calendar, called off when tension is high."""

    calm: PerState = coefficient("tension above which exercises are called off", 0, 1, 0.6)
    size: PerState = coefficient("multiplier of the calendar", 0, 10, 1.0)


@desk("training", Reassurance)
def reassurance(own: Reassurance, seen: Observation, noise: Noise, params: Params) -> Training:
    """Hold the calendar only while the highest tension is below `calm`."""
    xp = seen.stock.__array_namespace__()
    quiet = number(xp.max(seen.tension, axis=1) < own.calm, own.calm) * own.size
    return Training(exercise=scheduled(seen).exercise * quiet[:, None, None])
