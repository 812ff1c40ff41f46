"""Results as HTML, for notebooks: what was run, the headline table and a figure."""

from html import escape
from typing import TYPE_CHECKING

from ..scenario.show import html_table
from .accessors import accessor_of
from .store import OutputError
from .text import short

if TYPE_CHECKING:
    from .results import Results

MOST_METRICS, OF_A_METRIC = 16, 3
"""Rows of the headline table, and of one metric in it."""


def results_html(results: "Results") -> str:
    """Return results as HTML that needs nothing else.

    Args:
        results: Of a job or a sweep, finished or not.
    """
    heading = f"<h4>{escape(repr(results))}</h4><p>{escape(str(results.path))}</p>"
    try:
        table = results.summary()
    except (LookupError, OutputError) as error:
        return f"{heading}<p>{escape(str(error))}</p>"
    points = results.manifest["points"]
    if points > 1:
        return f"{heading}<p>{points} points: results.summary() has rows for each.</p>"
    moved = table[(table["5%"] != 0.0) | (table["95%"] != 0.0)]
    moved = moved.groupby(moved["label"].str.partition(",")[0], sort=False).head(OF_A_METRIC)
    rows = [
        (row["label"], *(short(row[share]) for share in ("5%", "50%", "95%")), row["unit"])
        for _, row in moved.iloc[:MOST_METRICS].iterrows()
    ]
    rest = len(table) - len(rows)
    more = f"<p>{rest} more rows: results.summary(). What they mean: results.codebook().</p>"
    heads = ("", "5 %", "50 %", "95 %", "unit")
    figure = accessor_of(results, "plot").first_svg() or ""
    return f"{heading}{html_table(heads, rows)}{more}{figure}"
