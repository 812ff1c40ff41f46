"""What a hindcast found, as plain data, as a page in Markdown and as lines for a terminal."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..analysis import scores
from ..analysis.scores import BASELINES, BINS, LEVELS, Share
from .forecasts import Forecast
from .hindcast import UNITS

AIM = (0.80, 0.98)
"""Between which the share of reports in the 90 % band should lie, all pooled."""
AIMED = ("containers", "tests", "losses")
"""Whose skill should be above 0 against both baselines."""
FEW = 5
"""Reports below which nothing is said of how places are spread."""

Data = dict[str, Any]


def as_data(found: Sequence[Forecast], missing: Sequence[str], unused: Sequence[str]) -> Data:
    """Return all scores as plain data, for JSON: what is not a number is None.

    Args:
        found: The forecasts.
        missing: A line per quantity that is not scored.
        unused: Files whose columns are not known.
    """
    places = np.concatenate([each.pit for each in found]) if found else np.zeros(0)
    pooled = _coverages(found)
    quantities = [_quantity(each) for each in found]
    return {
        "quantities": quantities,
        "pooled": pooled | {"pit": _histogram(places), "pit_p": _uniform(places)},
        "missing": list(missing),
        "unused": list(unused),
        "aims": aims(pooled, quantities),
    }


def _coverages(found: Sequence[Forecast]) -> Data:
    """Return coverage of reports and of changes, at both levels."""
    out: Data = {}
    kinds: dict[str, Callable[[Forecast, float], np.ndarray]] = {
        "reports": Forecast.inside,
        "changes": Forecast.changes_inside,
    }
    for name, inside in kinds.items():
        for level in LEVELS:
            hits = [inside(each, level) for each in found]
            flat = np.concatenate(hits) if hits else np.zeros(0)
            out[f"{name}_{level:.0%}"] = _share(scores.coverage(flat, level))
    return out


def _share(found: Share) -> Data:
    return {
        "inside": found.inside,
        "of": found.count,
        "share": _number(found.share),
        "low": found.low,
        "high": found.high,
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _histogram(places: np.ndarray) -> list[int]:
    counts, _ = np.histogram(places, bins=BINS, range=(0.0, 1.0))
    return [int(count) for count in counts]


def _uniform(places: np.ndarray) -> float | None:
    """Return the p value of uniform places (Kolmogorov and Smirnov); None of few."""
    if len(places) < FEW:
        return None
    from scipy.stats import kstest

    return float(kstest(places, "uniform").pvalue)


def _quantity(found: Forecast) -> Data:
    """Return the scores of a quantity and what they were made of."""
    target = found.target
    kept = target.scored
    quantiles = np.quantile(found.ensemble, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
    return {
        "quantity": target.quantity,
        "unit": UNITS[target.quantity],
        "origin": target.origin.isoformat(),
        "before": int(target.known.sum()),
        "scored": int(kept.sum()),
        **_coverages([found]),
        "crps": float(found.crps.mean()),
        "baselines": {name: float(found.points[name].mean()) for name in BASELINES},
        "skill": {
            name: _number(scores.skill(found.crps, found.points[name])) for name in BASELINES
        },
        "skill_with_spread": {
            name: _number(scores.skill(found.crps, found.spreads[name]))
            for name in BASELINES
            if name in found.spreads
        },
        "log_scores": {name: float(values.mean()) for name, values in found.logs.items()},
        "pit": [float(place) for place in found.pit],
        "pit_p": _uniform(found.pit),
        "history": [
            {"day": f"{day:%Y-%m-%d}", "value": float(value)}
            for day, value in zip(
                target.last[target.known], target.value[target.known], strict=True
            )
        ],
        "reports": [
            {
                "day": f"{target.last[int(place)]:%Y-%m-%d}",
                "issuer": target.issuers[place],
                "low": float(target.low[place]),
                "value": float(target.value[place]),
                "high": float(target.high[place]),
                "quantiles": [float(value) for value in quantiles[:, order]],
                **{name: float(found.baselines[name][0, order]) for name in BASELINES},
            }
            for order, place in enumerate(np.flatnonzero(kept))
        ],
    }


def aims(pooled: Data, quantities: Sequence[Data]) -> list[Data]:
    """Return what was aimed at: whether it is met, and by how much it is missed.

    Args:
        pooled: Coverage of all quantities together.
        quantities: The scores of each.
    """
    band = pooled["reports_90%"]
    share = band["share"]
    met = share is not None and AIM[0] <= share <= AIM[1]
    counted = (
        f"{band['inside']} of {band['of']} (95 % interval {band['low']:.2f} to {band['high']:.2f})"
    )
    out = [{"aim": f"90 % band holds {AIM[0]:.0%} to {AIM[1]:.0%} of all reports", "met": met,
            "found": counted}]  # fmt: skip
    by_name = {row["quantity"]: row for row in quantities}
    for name in AIMED:
        for baseline in BASELINES:
            value = by_name[name]["skill"][baseline] if name in by_name else None
            text = "nothing to score" if value is None else f"{value:+.3f}"
            met = value is not None and value > 0.0
            out.append(
                {"aim": f"skill of {name} over {baseline} above 0", "met": met, "found": text}
            )
    return out


def markdown(data: Data, source: str) -> str:
    """Return the page.

    Args:
        data: As `as_data` returns it.
        source: What was simulated, in a sentence.
    """
    lines = ["# Hindcast", "", source, "", "| aimed at | | found |", "|---|---|---|"]
    lines += [
        f"| {row['aim']} | {'met' if row['met'] else 'not met'} | {row['found']} |"
        for row in data["aims"]
    ]
    lines += [
        "",
        "Skill is 1 less the mean CRPS over that of a baseline: above 0 the model is better.",
        "Baselines are points; *with spread* they have a predictive law. Log scores are better",
        "the less they are.",
        "",
        "| quantity | from | before | scored | in 50 % | in 90 % | changes in 90 % | CRPS "
        "| skill: persistence | trend | with spread: persistence | trend | PIT p "
        "| log score: model | persistence | trend |",
        "|---" * 16 + "|",
    ]
    lines += [f"| {' | '.join(_cells(row))} |" for row in data["quantities"]]
    pooled = data["pooled"]
    cells = ["all", "", "", str(pooled["reports_90%"]["of"])]
    cells += [band_text(pooled[name]) for name in ("reports_50%", "reports_90%", "changes_90%")]
    cells += [""] * 5 + [_digits(pooled["pit_p"])] + [""] * 3
    lines += [f"| {' | '.join(cells)} |", ""]
    histogram = ", ".join(str(count) for count in pooled["pit"])
    lines += [f"Places of the reports in their forecasts, in tenths: {histogram}.", ""]
    lines += [f"- Not scored: {line}." for line in data["missing"]]
    lines += [f"- Not used, its columns are not known: {line}." for line in data["unused"]]
    return "\n".join([*lines, ""])


def _cells(row: Data) -> list[str]:
    """Return the cells of a quantity."""
    logs, spread = row["log_scores"], row["skill_with_spread"]
    return [
        f"{row['quantity']} ({row['unit']})",
        row["origin"],
        str(row["before"]),
        str(row["scored"]),
        band_text(row["reports_50%"]),
        band_text(row["reports_90%"]),
        band_text(row["changes_90%"]),
        f"{row['crps']:.4g}",
        *(_digits(row["skill"][name]) for name in BASELINES),
        *(_digits(spread.get(name)) for name in BASELINES),
        _digits(row["pit_p"]),
        *(_digits(logs.get(name)) for name in ("model", *BASELINES)),
    ]


def band_text(found: Data) -> str:
    """Return how many lie in a band, with the interval of the share.

    Args:
        found: Of `as_data`.
    """
    if not found["of"]:
        return "-"
    return f"{found['inside']} of {found['of']} [{found['low']:.2f}, {found['high']:.2f}]"


def _digits(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
