"""The command line of an experiment that takes whole numbers and an engine, `key=value` each."""

import sys
from collections.abc import Callable, Mapping, Sequence

from sim.ensemble import ENGINES

MOST_DIGITS = 18
"""Of a number: such a seed is one that a job takes."""


def called(
    arguments: Sequence[str],
    help: str | None,
    play: Callable[..., int],
    defaults: Mapping[str, int | str],
    least: Mapping[str, int] | None = None,
) -> int:
    """Plays with what some arguments choose, prints the help, or refuses; returns the exit code.

    Args:
        arguments: `key=value` each.
        help: What `--help` prints.
        play: Takes all keys and returns the exit code.
        defaults: By key; that of `engine` is a name, all others are whole numbers.
        least: The least number that a key takes, where it is not 1, of a seed 0.
    """
    if {"-h", "--help"} & set(arguments):
        print(help)
        return 0
    chosen, wrong = dict(defaults), []
    floors = dict.fromkeys(defaults, 1) | {"seed": 0} | dict(least or {})
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key not in defaults:
            wrong.append(f"{argument}: takes {', '.join(f'{known}=' for known in defaults)}")
        elif key == "engine":
            chosen[key] = value
            if value not in ENGINES:
                wrong.append(f"{argument}: takes {', '.join(ENGINES)}")
        elif _whole(value) and int(value) >= floors[key]:
            chosen[key] = int(value)
        else:
            wrong.append(f"{argument}: takes a whole number from {floors[key]} up")
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 2
    return play(**chosen)


def _whole(value: str) -> bool:
    return value.isdecimal() and len(value) <= MOST_DIGITS
