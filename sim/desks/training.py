"""The training desk: which exercises, with whom."""

from dataclasses import dataclass

from ..arrays import number
from ..params import Params, PerState, coefficient
from ..world import EXERCISES, Noise, Observation, Training
from .registry import desk


def holiday(seen: Observation, params: Params) -> PerState:
    """The share of each state's calendar that the timetable drops this week."""
    xp = seen.stock.__array_namespace__()
    return xp.minimum(params.agenda.of(seen.summons, "holiday"), 1.0)


def scheduled(seen: Observation, params: Params, extent: PerState) -> Training:
    """The yearly calendar of each state in its extent, less its holidays."""
    pair, kept = params.wiring.pair, extent * (1.0 - holiday(seen, params))
    xp = kept.__array_namespace__()
    both = xp.maximum(seen.calendar, pair.back(seen.calendar))
    return Training(exercise=both * pair.of(kept)[:, None], alone=seen.alone * kept[:, None])


@desk("training")
def none(own: object, seen: Observation, noise: Noise, params: Params) -> Training:
    """No exercises."""
    return Training(exercise=0.0 * seen.calendar, alone=0.0 * seen.alone)


@dataclass(frozen=True)
class Calendar:
    """The yearly calendar, larger when rivals are active."""

    size: PerState = coefficient("multiplier of the calendar", 0, 10, 1.0)
    response: PerState = coefficient("growth at full tension", 0, 10, 0.0)
    by_alarm: PerState = coefficient(
        "growth per weighted act of a rival per week, as remembered", 0, 10, 0.0
    )


def extent(own: Calendar, seen: Observation) -> PerState:
    """The calendar's multiplier: size (1 + response T_i + by_alarm alarm_i), T_i the highest."""
    xp = seen.stock.__array_namespace__()
    growth = own.response * xp.max(seen.tension, axis=1) + own.by_alarm * seen.alarm
    return own.size * (1.0 + growth)


@desk("training", Calendar)
def calendar(own: Calendar, seen: Observation, noise: Noise, params: Params) -> Training:
    """Hold what the calendar says, in its extent."""
    return scheduled(seen, params, extent(own, seen))


@dataclass(frozen=True)
class Reciprocal:
    """Answers a rival's exercises and tests with its own."""

    threshold: PerState = coefficient(
        "weighted acts of a rival that call for an answer", 0, 20, 0.5
    )
    chance: PerState = coefficient("probability of the answer", 0, 1, 0.5)
    size: PerState = coefficient("size of the answer", 0, 10, 1.0)


def acts(seen: Observation, params: Params) -> PerState:
    """What the most active rival did last week, weighted, at full stake."""
    pair = params.wiring.pair
    return pair.highest(seen.stake * pair.toward(seen.drill + seen.test))


@desk("training", Reciprocal)
def reciprocal(own: Reciprocal, seen: Observation, noise: Noise, params: Params) -> Training:
    """A field exercise alone in the week after a rival's acts pass the threshold."""
    xp = seen.stock.__array_namespace__()
    answers = (acts(seen, params) > own.threshold) & (noise["exercise"] < own.chance)
    answers = number(answers, own.size) * own.size
    field = number(xp.arange(len(EXERCISES)) == EXERCISES.index("field"), answers)
    return Training(exercise=0.0 * seen.calendar, alone=answers[:, None] * field)


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
    return scheduled(seen, params, quiet)
