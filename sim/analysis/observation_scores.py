"""Observations held against runs: where each lies among them, and how far off they are."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from ..results.series import EVERYWHERE, Series, pair_name, weekly
from ..scenario import from_mapping
from .scores import crps

if TYPE_CHECKING:
    from ..results.results import Results
    from ..scenario.schema import Observed

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
IN_BANDS = {"in_50": (0.25, 0.75), "in_90": (0.05, 0.95)}
COLUMNS = (
    *("date", "week", "kind", "issuer", "quantity", "who", "value", "low", "high"),
    *(f"{level:.0%}" for level in LEVELS),
    *("rank", *IN_BANDS, "crps", "kept"),
)


def checked(results: "Results", rows: Iterable[Mapping[str, Any]]) -> "tuple[Observed, ...]":
    """Return further observations of a job's quantities, checked as those of a scenario file are.

    Args:
        results: The job.
        rows: As a scenario file holds them under `observations`; see `read_observations`.

    Raises:
        ScenarioError: All that is wrong with them.
    """
    mapping = results.manifest["scenario"] | {"observations": [dict(row) for row in rows]}
    return from_mapping(mapping).observations


def scores(results: "Results", observations: "Iterable[Observed] | None" = None) -> pd.DataFrame:
    """Hold observations against runs, in the week into which each falls.

    An observation is scored as if it were the truth: the bias of whoever claims it is not taken
    out, and the error of a number that is known to a third is not added.

    Args:
        results: A job that kept weeks, and routes if these are observed; not a sweep.
        observations: Those of its scenario if None.

    Returns:
        A row per observation within the weeks of the job: `date`, `week`, `kind`, `issuer`,
        `quantity`, `who`; `value`, or `low` and `high` of a range; quantiles over runs `5%` to
        `95%`. Of a value: `rank`, the share of runs below it, ties by half; `in_50` and `in_90`,
        whether it lies in that band; `crps`, the continuous ranked probability score in the unit of
        the quantity, less is better. Of a range: `kept`, the share of runs in it.

    Raises:
        ValueError: The job is a sweep.
        LookupError: It did not keep a table that is needed.
        OutputError: A part cannot be read.
    """
    if results.manifest["points"] > 1:
        raise ValueError("observations are held against the runs of one point, not a sweep")
    scenario = results.scenario
    runs = sorted(int(run) for run in results.ids.loc[results.ids["status"] == "ok", "run"])
    read: dict[Series, np.ndarray] = {}
    rows = []
    for seen in scenario.observations if observations is None else observations:
        week = (seen.day - scenario.start).days // 7
        if not (0 <= week < scenario.weeks and runs):
            continue
        series = place(seen)
        if series not in read:
            read[series] = weekly(results, series, runs)
        rows.append(_row(seen, week, read[series][:, week]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def place(seen: "Observed") -> Series:
    """Return where the weeks of an observed quantity stand."""
    if seen.route is not None:
        return Series("routes", pair_name(*seen.route), seen.quantity)
    return Series("weeks", seen.state or EVERYWHERE, seen.quantity)


def _row(seen: "Observed", week: int, values: Float[np.ndarray, " run"]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "date": seen.day,
        "week": week,
        "kind": seen.kind,
        "issuer": seen.issuer or "",
        "quantity": seen.quantity,
        "who": place(seen).who,
    }
    bands = dict(zip(LEVELS, np.quantile(values, LEVELS), strict=True))
    row |= {f"{level:.0%}": float(end) for level, end in bands.items()}
    if seen.value is not None:
        below, equal = np.mean(values < seen.value), np.mean(values == seen.value)
        row |= {"value": seen.value, "rank": float(below + equal / 2.0)}
        row |= {
            name: bool(bands[low] <= seen.value <= bands[high])
            for name, (low, high) in IN_BANDS.items()
        }
        row["crps"] = float(crps(values[:, None], np.asarray([seen.value]))[0])
    if seen.range is not None:
        low, high = (
            end if end is not None else out
            for end, out in zip(seen.range, (-np.inf, np.inf), strict=True)
        )
        row |= {"low": low, "high": high}
        row["kept"] = float(np.mean((low <= values) & (values <= high)))
    return row
