"""The keys of experiments, `key=value` each: whole numbers, an engine, lists of names."""

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.util import find_spec

from sim.ensemble.job import ENGINES
from sim.scenario.problems import brief

MOST_DIGITS = 18
"""Of a number: such a seed is one that a job takes."""


def exit_code(
    arguments: Sequence[str],
    help: str | None,
    command: Callable[..., int],
    defaults: Mapping[str, int | str],
    least: Mapping[str, int] | None = None,
    needs: str | None = None,
    lists: Mapping[str, Collection[str]] | None = None,
    texts: Collection[str] = (),
    check: Callable[[Mapping[str, int | str]], list[str]] | None = None,
) -> int:
    """Run a command with the keys that are given, print its help, or refuse; return the exit code.

    Args:
        arguments: `key=value` each.
        help: What `--help` prints.
        command: Takes all keys and returns the exit code.
        defaults: By key; that of `engine` is a name, all but it, `lists` and `texts` are whole
            numbers.
        least: The least number that a key takes, where it is not 1, of a seed 0.
        needs: A package beyond those of a plain installation.
        lists: The names that a key takes, one or several with commas.
        texts: Keys that take any text.
        check: Returns what else is wrong with the keys, one line per problem.
    """
    lists = lists or {}
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
        elif key in texts:
            chosen[key] = value
        elif key in lists:
            chosen[key] = value
            if set(value.split(",")) - set(lists[key]):
                wrong.append(f"{argument}: takes {', '.join(lists[key])}")
        else:
            try:
                chosen[key] = whole_number(key, value, floors[key])
            except ValueError as error:
                wrong.append(str(error))
    wrong += check(chosen) if check else []
    if needs and find_spec(needs) is None:
        wrong.append(f"needs {needs}: pip install {needs}")
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 2
    return command(**chosen)


def whole_number(key: str, value: str, least: int) -> int:
    """Parse the whole number of a key.

    Args:
        key: For the message.
        value: As it was written.
        least: The least number that the key takes.

    Raises:
        ValueError: It is not a whole number, or less than the least.
    """
    if not value.isdecimal() or len(value) > MOST_DIGITS or int(value) < least:
        raise ValueError(f"{key}: {brief(repr(value))} is not a whole number of at least {least}")
    return int(value)
