"""Quantiles over runs, with units: the first table that a reader asks for."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ..scenario.problems import nearest
from .codebook import Column, columns_of
from .text import QUANTILES

if TYPE_CHECKING:
    import pandas as pd

    from .results import Results

HEADLINES = (
    "containers",
    "containers_delivered",
    "stock",
    "losses",
    "tech",
    "tests",
    "launches",
    "payoff",
    "level_new",
    "war_onsets",
    "militarised",
    "tension_mean",
    "sanctions",
    "force",
    "supply",
)
"""The metrics that stand first, in this order."""
LATE = ("escalation",)
"""Those of experts, which stand last."""


def summary(
    results: "Results",
    metrics: str | Iterable[str] | None = None,
    by: str | Sequence[str] | None = None,
    priors: bool = False,
) -> "pd.DataFrame":
    """Return quantiles over the runs that did not fail, with unit and label of each row.

    Args:
        results: Of a job or a sweep.
        metrics: Metrics or columns to show, also patterns such as `stock_*_PRK_*`; all if None.
        by: Columns of `runs` by whose values runs are grouped, such as a path that a sweep sets.
            If None, by point where there are several.
        priors: Whether the drawn priors are shown, below the metrics.

    Returns:
        A row per metric, after those of `by`; columns `5%`, `50%`, `95%`, `unit`, `label`.

    Raises:
        LookupError: Every run failed, or there is no such metric or column.
    """
    import pandas as pd

    good = results.runs[results.runs["status"] == "ok"]
    if good.empty:
        raise LookupError(f"{results.path}: every run failed")
    groups = [by] if isinstance(by, str) else list(by or ())
    wrong = [
        f"there is no column '{name}'{nearest(name, good)}" for name in groups if name not in good
    ]
    known = [c for c in columns_of(results.scenario, "summary") if c.metric and c.column in good]
    chosen, unknown = _chosen(known, metrics, priors)
    if wrong or unknown:
        raise LookupError("; ".join([*wrong, *unknown]))
    if not groups and len(set(good["point"])) > 1:
        groups = ["point"]
    names = [column.column for column in chosen if column.column not in groups]
    described = {
        column.column: (column.unit, f"{column.label}, {column.over_weeks}".removesuffix(", "))
        for column in chosen
    }

    def table(rows: pd.DataFrame) -> pd.DataFrame:
        found = rows[names].astype(float).quantile(list(QUANTILES)).T
        found.columns = [f"{share:.0%}" for share in QUANTILES]
        found["unit"] = [described[name][0] for name in names]
        found["label"] = [described[name][1] for name in names]
        if metrics is None:  # what a world does not have stands below what it has
            never = (found.iloc[:, : len(QUANTILES)] == 0.0).all(axis=1)
            found = pd.concat([found[~never], found[never]])
        return found.rename_axis("metric")

    if not groups:
        return table(good)
    key = groups if len(groups) > 1 else groups[0]
    parts = {value: table(rows) for value, rows in good.groupby(key, observed=True)}
    return pd.concat(parts, names=[*groups, "metric"])


def _chosen(
    known: Sequence[Column], metrics: str | Iterable[str] | None, priors: bool
) -> tuple[list[Column], list[str]]:
    """Return the columns to show in their order, and what is wrong with what was asked for."""
    if metrics is None:
        found = [column for column in known if column.metric != "prior"]
        found.sort(key=_rank)
        return found + [column for column in known if priors and column.metric == "prior"], []
    chosen, wrong = list[Column](), list[str]()
    for pattern in [metrics] if isinstance(metrics, str) else list(metrics):
        hits = [
            column
            for column in known
            if pattern == column.metric or fnmatchcase(column.column, pattern)
        ]
        chosen += [column for column in hits if column not in chosen]
        if not hits:
            names = [*(c.metric for c in known), *(c.column for c in known)]
            wrong.append(f"there is no metric or column '{pattern}'{nearest(pattern, names)}")
    return chosen, wrong


def _rank(column: Column) -> int:
    """Return where a column stands: headline metrics first, the escalation index last."""
    if column.metric in HEADLINES:
        return HEADLINES.index(column.metric)
    return len(HEADLINES) + column.metric.startswith(LATE)
