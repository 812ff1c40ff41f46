"""What can be said of a change: sentences that follow from its intervals alone."""

from collections.abc import Mapping, Sequence
from math import floor, isfinite, log10
from typing import TYPE_CHECKING, Any

from .responses import label_and_unit

if TYPE_CHECKING:
    from ..scenario import Scenario
    from .comparison import Comparison
    from .parting import Parting

MOST_DRIVERS, MOST_PLACES = 3, 3
LITTLE = 5.0
"""A variance reduction below this is little: why is said."""
NARROW = 0.1
"""The spread of a world over that of the other, below which it has next to none."""
NO_UNIT = ("0/1",)


def comparison_lines(found: "Comparison") -> list[str]:
    """Return what can be said of a comparison, a sentence each.

    Args:
        found: The comparison.
    """
    scenario = found.a.scenario
    return [
        *(effect_sentence(scenario, name, found.row(name)) for name in found.headline),
        *([parting_sentence(found.parting)] if found.parting else []),
    ]


def effect_sentence(scenario: "Scenario", metric: str, row: Mapping[str, Any]) -> str:
    """Return what a change does to a metric.

    Args:
        scenario: Whose codes the metric is named after.
        metric: A column of the table of runs.
        row: The metric's row of a comparison.
    """
    label, unit = label_and_unit(scenario, metric)
    unit = "" if unit in NO_UNIT else unit
    if row["effect"] == "no channel":
        return f"{label}: no channel; it differs in no week of any run."
    if row["same"] == 1.0:
        return (
            f"{label}: the same in every run, though weeks of it differ in"
            f" {percentage(row['parts'])} of runs."
        )
    size = interval_text(row["difference"], row["low"], row["high"], unit)
    up, same, down = (percentage(row[sign]) for sign in ("rises", "same", "falls"))
    if row["effect"] == "not clear":
        return (
            f"{label}: cannot be distinguished from zero, {size}; it rises in {up} of runs,"
            f" falls in {down} and is the same in {same}."
        )
    way, share = ("rises", up) if row["effect"] == "rises" else ("falls", down)
    size = interval_text(*_absolute(row), unit)
    before, after = (rounded(row[world], row["high"] - row["low"]) for world in ("a", "b"))
    return f"{label} {way} by {size}, from {before} to {after}; it {way} in {share} of runs."


def _absolute(row: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return the size of a clear effect and its interval, smaller end first."""
    low, high = sorted((abs(row["low"]), abs(row["high"])))
    return abs(row["difference"]), low, high


def interval_text(mean: float, low: float, high: float, unit: str = "") -> str:
    """Return a number with its interval: `12 [8, 16] thousand`.

    Args:
        mean: The number.
        low: The lower end.
        high: The upper end.
        unit: Behind both, if any.
    """
    width, near = high - low, min(abs(low), abs(high))
    if low * high > 0.0:  # an end that is not zero must not look like it
        width = min(width, 10.0 * near)
    numbers = [rounded(value, width) for value in (mean, low, high)]
    return f"{numbers[0]} [{numbers[1]}, {numbers[2]}]" + (f" {unit}" if unit else "")


def rounded(value: float, width: float) -> str:
    """Return a number to as many digits as an interval of that width bears.

    Args:
        value: The number.
        width: Of the interval; if it has none, three digits are shown.
    """
    if not isfinite(value):
        return "unknown"
    size = width if isfinite(width) and width > 0.0 else abs(value) / 10.0
    if size <= 0.0:
        return "0"
    digits = min(1 - floor(log10(size)), 9)
    shown = round(value, digits) + 0.0  # no minus zero
    return f"{shown:,.{max(digits, 0)}f}"


def percentage(share: float) -> str:
    """Return a share in per cent; only none is 0 % and only all is 100 %.

    Args:
        share: Between 0 and 1.
    """
    if 0.0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1.0:
        return "over 99 %"
    return f"{100 * share:.0f} %"


def parting_sentence(part: "Parting") -> str:
    """Return when and where the two worlds part.

    Args:
        part: When and where each run does.
    """
    if part.share == 0.0:
        return f"No channel: nothing differs in any of {len(part.runs)} runs."
    table = part.table()
    table = table[table["first"] > 0.0].head(MOST_PLACES)
    places = [
        f"{row['column'].replace('_', ' ')} of {row['who'] or 'the world'} ({row['table']})"
        f" in {percentage(row['first'])}"
        for row in table.to_dict("records")
    ]
    return (
        f"The two worlds part in {percentage(part.share)} of runs, in week {part.week:.0f} by"
        f" median; first in {_joined(places)} of these."
    )


def drivers_sentence(found: "Comparison", metric: str) -> str:
    """Return which priors explain the effect on a metric over runs.

    Args:
        found: The comparison.
        metric: A row of its table.
    """
    label, _ = label_and_unit(found.a.scenario, metric)
    table = found.drivers(metric)
    if table.empty:
        return f"{label}: no uncertain number stands out of chance."
    some = [
        f"{row['prior']} ({row['rho']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}])"
        for row in table.head(MOST_DRIVERS).reset_index().to_dict("records")
    ]
    more = len(table) - len(some)
    rest = f", and {more} more" if more else ""
    return f"{label}: the effect goes with {_joined(some)}{rest}."


def pairing_sentence(scenario: "Scenario", metric: str, row: Mapping[str, Any]) -> str:
    """Return what pairing gains for a metric, and why little if it is little.

    Args:
        scenario: Whose codes the metric is named after.
        metric: A column of the table of runs.
        row: The metric's row of a comparison, with the spreads of both worlds as `sd_a`, `sd_b`.
    """
    label, _ = label_and_unit(scenario, metric)
    gain = row["variance_reduction"]
    if not isfinite(gain):
        return f"{label}: the effect is the same in every run, so that two would do."
    text = f"{label}: pairing divides the variance of the effect by {gain_text(gain)}"
    if gain >= LITTLE:
        return f"{text}."
    narrow, wide = sorted((row["sd_a"], row["sd_b"]))
    if narrow < NARROW * wide:
        world = "without the change" if row["sd_a"] < row["sd_b"] else "with the change"
        return f"{text}: {world} it hardly varies, so that there is no common noise to cancel."
    return (
        f"{text}: over runs the two worlds correlate by {row['correlation']:.2f}; once they part"
        " the same noise decides different things."
    )


def gain_text(gain: float) -> str:
    """Return a variance reduction to three figures; nothing where the effect does not vary.

    Args:
        gain: The variance reduction; NaN where there is none to reduce.
    """
    if not isfinite(gain):
        return ""
    return f"{gain:,.0f}" if gain >= 100.0 else f"{gain:.3g}"


def _joined(texts: Sequence[str]) -> str:
    return ", ".join(texts[:-1]) + (" and " if texts[1:] else "") + texts[-1]
