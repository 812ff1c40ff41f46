"""Tables in Markdown, and texts whose generated parts stand between markers."""

import re
from collections.abc import Iterable, Mapping, Sequence


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a table; a bar inside a cell is escaped.

    Args:
        heading: The cells of the first line.
        rows: The cells of the others.
    """
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    return [_line(heading), "|" + "---|" * len(heading), *map(_line, cells)]


def _line(cells: Sequence[str]) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)


def filled(text: str, parts: Mapping[str, Sequence[str]]) -> str:
    """Return a text with the lines of each part between `<!-- name -->` and `<!-- end -->`.

    Args:
        text: With a pair of markers for each part.
        parts: Lines by name.

    Raises:
        ValueError: The text has markers for other parts than these.
    """
    marked = re.findall(r"<!-- (?!end)(.*?) -->", text)
    if sorted(marked) != sorted(parts):
        differing = ", ".join(sorted(set(marked) ^ set(parts)) or marked)
        raise ValueError(f"markers and parts differ: {differing}")
    for name, lines in parts.items():
        before, begin, rest = text.partition(f"<!-- {name} -->")
        after = rest.partition("<!-- end -->")[2]
        text = "\n".join([before + begin, "", *lines, "", f"<!-- end -->{after}"])
    return text


def between(low: float, high: float) -> str:
    """Format closed bounds as a cell: `0 to 1`, `≥ 0`, or nothing.

    Args:
        low: The lower bound, -inf for none.
        high: The upper bound, inf for none.
    """
    if high == float("inf"):
        return f"≥ {low:g}" if low > -float("inf") else ""
    return f"{low:g} to {high:g}" if low > -float("inf") else f"≤ {high:g}"
