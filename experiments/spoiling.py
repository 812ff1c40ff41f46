"""Plain data spoiled: values replaced, renamed, doubled or taken out, and what comes in."""

from collections.abc import Sequence
from copy import deepcopy
from random import Random
from typing import Any

from hypothesis import strategies as st

ODD = (
    *(None, True, False, -1, 0, 1, 2, 10**30, 1e308, -1e308, 1e-320, 0.5, float("nan")),
    *(float("inf"), "", "x", "PRK", "RED", "null", "true", "${oc.env:HOME}", "é", "1e3", "010"),
    *(
        "2023-01-01",
        "1:30",
        "none",
        "no",
        [],
        {},
        [[]],
        {"x": 1},
        ["RED", "BLU"],
        ["RED", "RED", 1],
    ),
    *({"uniform": [0, 1]}, {"normal": [0, -1]}, {"rule": "none"}, "a b", "'", "a=b", "\t", "#"),
)
ANY = st.sampled_from(ODD) | st.floats() | st.integers() | st.text(max_size=6)


def places(data: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside plain data.

    Args:
        data: Mappings, lists and values.
        above: The path of `data`.
    """
    inside = data.items() if isinstance(data, dict) else enumerate(data)
    found = []
    for key, value in inside:
        found.append((*above, key))
        if isinstance(value, dict | list):
            found += places(value, (*above, key))
    return found


def spoiled(data: dict[str, Any], random: Random, odd: Sequence[Any]) -> dict[str, Any]:
    """Return data in which a value for each odd one is replaced, renamed, doubled or taken out.

    Args:
        data: Plain data, left as it is.
        random: Chooses what and where.
        odd: What comes in.
    """
    data = deepcopy(data)
    for value in odd:
        where = places(data)
        if not where:
            break
        *way, last = random.choice(where)
        here: Any = data
        for part in way:
            here = here[part]
        how = random.randrange(4)
        if how == 0:
            del here[last]
        elif how == 1 and isinstance(here, dict):
            here[value if isinstance(value, str) else f"{last}x"] = here.pop(last)
        elif how == 2 and isinstance(here, list):
            here.append(deepcopy(here[last]))
        else:
            here[last] = deepcopy(value)  # what comes in later may go into it
    return data
