"""Configuration files with their comments: what a value is, and what the file says of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from sim.scenario.files import shipped_text

Path = tuple[str, ...]


@dataclass(frozen=True)
class Note:
    """What a file says of a key or of an item of a list.

    - `text`: the value as it is written, "" for a mapping or a list.
    - `line`: the line on which it stands, from 0.
    - `comment`: what stands behind it on that line, "" if nothing does.
    - `above`: the comment that is the whole line before, "" if there is none.
    """

    text: str
    line: int
    comment: str
    above: str


@cache
def commented_numbers(group: str, name: str) -> dict[Path, Note]:
    """Return the note of every path into a file of `configs/`, in the order of the file.

    Args:
        group: A folder of `configs/`, "" for the root.
        name: Of the file, without its ending.
    """
    text = shipped_text(group, name)
    lines = [_split(line) for line in text.splitlines()]
    return dict(_notes(yaml.compose(text), (), lines))


def _split(line: str) -> tuple[str, str]:
    """Split a line into what comes before its comment, and the comment."""
    quoted = False
    for place, sign in enumerate(line):
        quoted ^= sign == '"'
        if sign == "#" and not quoted and line[:place].endswith(" " if place else ""):
            return line[:place].rstrip(), line[place + 1 :].strip()
    return line.rstrip(), ""


def _notes(node: Any, path: Path, lines: list[tuple[str, str]]) -> Iterator[tuple[Path, Note]]:
    """Yield the notes of what a node holds, containers before what they hold."""
    if isinstance(node, yaml.MappingNode):
        inner = [(key.value, key.start_mark.line, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        inner = [(str(n), item.start_mark.line, item) for n, item in enumerate(node.value)]
    else:
        return
    for key, line, value in inner:
        here = (*path, key)
        above = lines[line - 1] if line else ("", "")
        text = value.value if isinstance(value, yaml.ScalarNode) else ""
        yield here, Note(text, line, lines[line][1], "" if above[0] else above[1])
        yield from _notes(value, here, lines)
