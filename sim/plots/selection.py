"""What part of some results is drawn: which states, pairs, routes, weeks and points."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ..scenario.problems import nearest

if TYPE_CHECKING:
    from ..results.results import Results

Pair = tuple[str, str]


@dataclass(frozen=True)
class Selection:
    """What is drawn; what is empty leaves the choice to the figure.

    - `states`: codes, in the order in which they are drawn.
    - `pairs`, `routes`: two codes each: actor and target, supplier and recipient.
    - `weeks`: the first and the last; all if None.
    - `points`: of a sweep; all if None.
    """

    states: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    routes: tuple[Pair, ...] = ()
    weeks: tuple[int, int] | None = None
    points: tuple[int, ...] | None = None


def selection(results: "Results", given: Mapping[str, Any]) -> Selection:
    """Return what a user chose, checked.

    Args:
        results: Of which it is chosen.
        given: By the names of `Selection`. A state is a code, a pair `("PRK", "RUS")` or `"PRK to
            RUS"`, weeks are two numbers or dates, `("2024-01-01", "2024-06-30")`; one of them
            may stand alone.

    Raises:
        ValueError: With a line for everything that is wrong.
    """
    scenario, problems = results.scenario, list[str]()
    known = tuple(scenario.states)
    states = _listed(given.get("states"))
    problems += [
        f"states: there is no '{code}'{nearest(code, known)}; there are {', '.join(known)}"
        for code in states
        if code not in known
    ]
    between = {
        "pairs": tuple((i, j) for i in known for j in known if i != j),
        "routes": tuple((str(i), str(j)) for i, j in scenario.routes),
    }
    found = {
        kind: _pairs(kind, given.get(kind), known, there, problems)
        for kind, there in between.items()
    }
    weeks = None if given.get("weeks") is None else _weeks(results, given["weeks"], problems)
    if problems:
        raise ValueError("\n".join(problems))
    return Selection(tuple(states), found["pairs"], found["routes"], weeks, given.get("points"))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _pairs(
    kind: str,
    value: Any,
    states: Collection[str],
    there: Sequence[Pair],
    problems: list[str],
) -> tuple[Pair, ...]:
    """Return pairs or routes that were written in any of the ways; notes what is wrong."""
    items = _listed(value)
    if len(items) == 2 and all(item in states for item in items):
        items = [tuple(items)]
    found = list[Pair]()
    for item in items:
        text = item if isinstance(item, str) else " to ".join(map(str, item))
        ends = tuple(text.replace("-", " ").replace(" to ", " ").split())
        if ends in there:
            found.append((ends[0], ends[1]))
            continue
        listed = ", ".join(" to ".join(pair) for pair in there)
        more = f"; there are {listed}" if kind == "routes" else ": write ('PRK', 'KOR')"
        problems.append(f"{kind}: there is no '{text}'{more}")
    return tuple(found)


def _weeks(results: "Results", value: Any, problems: list[str]) -> tuple[int, int] | None:
    """Return the first and the last week, from numbers, dates or a range; notes what is wrong."""
    last = results.scenario.weeks - 1
    if isinstance(value, slice):
        stop = last + 1 if value.stop is None else value.stop
        ends = [value.start or 0, stop - 1 if isinstance(stop, int) else stop]
    elif isinstance(value, range):
        ends = [value.start, value.stop - 1]
    elif isinstance(value, int):
        ends = [0, value]
    else:
        ends = (
            list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]
        )
    try:
        first, end = (_week(results, each) for each in ends)
    except (ValueError, TypeError):
        problems.append(
            f"weeks: {value!r} is neither two weeks, (0, 51), nor two dates, "
            "('2024-01-01', '2024-12-31')"
        )
        return None
    if not 0 <= first <= end or first > last:
        problems.append(f"weeks: {value!r} holds no week of the runs, which have 0 to {last}")
        return None
    return first, min(end, last)


def _week(results: "Results", value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, int):
        return value
    day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    start = results.scenario.date(0)
    return max(0, (day - start).days // 7)
