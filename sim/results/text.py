"""Numbers and rows as text, and the quantiles that tables show."""

from collections.abc import Sequence

QUANTILES = (0.05, 0.5, 0.95)


def short(value: float) -> str:
    """Return a number to three figures, with thousands apart."""
    if abs(value) >= 100.0:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines whose columns stand under each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
