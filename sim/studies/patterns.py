"""Patterns of the real world beside simulated ones: what holds, what fails, what is not there yet.

A pattern is a number that can be counted both from the record and from runs. Each is labelled:
`built in` (a rule or a starting value says so), `fitted` (coefficients were chosen with this number
in view) or `tested` (nobody looked at it when the model was made). A pattern holds if the simulated
value lies in the range that is wanted, or the real value within the simulated 90 % interval.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ..analysis.observed import Observed
from ..world import DISPLAY, FORCE, THREAT, WAR
from . import record
from .record import Real
from .samples import Sample, Samples

Label = Literal["built in", "fitted", "tested"]
Verdict = Literal["holds", "fails", "not in the model"]
HOLDS: Verdict = "holds"
FAILS: Verdict = "fails"
ABSENT: Verdict = "not in the model"
BUILT_IN: Label = "built in"
FITTED: Label = "fitted"
TESTED: Label = "tested"
Range = tuple[float, float]
Count = Callable[[Observed], Real | None]
GROUPS = ("Arms network", "Disputes", "Spending", "North Korea", "Transfers")
INF = float("inf")


@dataclass(frozen=True)
class Pattern:
    """A number that the record and the runs have in common.

    - `unit`: of the number, with what it is counted over.
    - `wanted`: from where to where the simulated value should lie.
    - `real`: counts it from data; None where the data does not hold it.
    - `simulated`: the name of what `Samples` counts; None if the model has nothing like it.
    - `argument`: why a failure is no fault of the rule, or why there is no real value.
    """

    group: str
    name: str
    unit: str
    label: Label
    wanted: Range
    real: Count
    simulated: str | None = None
    argument: str = ""


@dataclass(frozen=True)
class Row:
    """What was found of a pattern.

    - `sentence`: why the verdict is what it is.
    """

    pattern: Pattern
    real: Real | None
    simulated: Sample | None
    verdict: Verdict
    sentence: str

    @property
    def argued(self) -> bool:
        """Return whether it fails and there is an argument why."""
        return self.verdict == FAILS and bool(self.pattern.argument)


NO_MARKET = (
    "Who trades with whom is given by the scenario's routes; no market chooses partners yet."
)
RARER_WARS = (
    "The record's eras differ fourfold: before 1946 one dispute in nine became a war, since then "
    "one in forty, and worlds with alliances and nuclear states are nearer to these. Three years "
    "of a world also cut short what would have become a war later."
)
CODED = "The record knows the day of some disputes and only the month of others: a range of weeks."
FEW_YEARS = (
    "A few years of war make most of the record's variance; six states over three years hold few "
    "such years or none."
)
BURSTS = (
    "The record's twelve years hold a year without a test and the burst of 2022; three years of a "
    "run hold fewer such turns, so its interval is wide."
)
TOO_SHORT = "Real claims must reach two years beyond their peak; data of later years fills this."
NO_COUNT = "Nobody counts the supplier's stock in public."
BEFORE_WAR = (
    "Most drafts of the record are from before 2022, when Russia and the West still agreed; runs "
    "without trade begin in 2023, in a war that has parted them."
)


def patterns(at_war: Sequence[str]) -> tuple[Pattern, ...]:
    """Return every pattern of the list, in the order of the table.

    Args:
        at_war: The names of the belligerents, as data on spending has them.
    """
    return (*_network(), *_disputes(), *_spending(at_war), *_supplier(), *_transfers())


def _network() -> list[Pattern]:
    group, label = "Arms network", TESTED
    rows = [
        ("density", "ties per ordered pair", (0.02, 0.03), record.of_network("density")),
        ("reciprocity over density", "ratio", (1.5, INF), record.of_network("reciprocity")),
        ("transitivity over density", "ratio", (2.0, INF), record.of_network("transitivity")),
        ("top five exporters", "share of volume", (0.68, 0.87), record.of_network("top")),
        ("ties that last a year", "share", (0.58, 0.69), record.of_network("persistence")),
        ("odds of a tie with a defence pact", "odds ratio", (2.0, INF), record.pact_odds),
    ]
    return [
        Pattern(group, name, unit, label, wanted, real, None, NO_MARKET)
        for name, unit, wanted, real in rows
    ]


def _disputes() -> list[Pattern]:
    unit, wanted = "share of militarised disputes", (0.04, 0.08)
    levels = [
        ("highest level threat", THREAT, (0.025, 0.045), ""),
        ("highest level display of force", DISPLAY, (0.18, 0.28), ""),
        ("highest level use of force", FORCE, (0.63, 0.73), ""),
        ("highest level war", WAR, wanted, RARER_WARS),
    ]
    weeks = Pattern(
        "Disputes",
        "duration of a militarised dispute",
        "weeks, median",
        FITTED,
        (4.0, 9.0),
        record.dispute_weeks,
        "dispute_weeks",
        CODED,
    )
    return [
        *(
            Pattern("Disputes", name, unit, FITTED, ends, record.share_at(at), f"level_{at}", why)
            for name, at, ends, why in levels
        ),
        weeks,
    ]


def _spending(at_war: Sequence[str]) -> list[Pattern]:
    group, of = "Spending", "% of output, median of states"
    middle, spread_ = record.growth("median"), record.growth("std")
    peace, war = (record.burden(at_war, fighting=fighting) for fighting in (False, True))
    rows: list[tuple[str, str, Label, Range, Count, str, str]] = [
        ("growth, median", "log per year", FITTED, (0.01, 0.03), middle, "growth_median", ""),
        ("growth, sd", "log per year", FITTED, (0.09, 0.16), spread_, "growth_std", FEW_YEARS),
        ("spending at peace", of, BUILT_IN, (1.6, 2.5), peace, "burden_peace", ""),
        ("spending at war", of, BUILT_IN, (5.0, INF), war, "burden_war", ""),
    ]
    return [Pattern(group, *row) for row in rows]


def _supplier() -> list[Pattern]:
    rows: list[tuple[str, str, Label, Range, Count, str, str]] = [
        (
            "launches a year",
            "variance over mean",
            TESTED,
            (3.0, INF),
            record.dispersion,
            "dispersion",
            BURSTS,
        ),
        (
            "success after the tenth trial of a type",
            "less that of the first",
            FITTED,
            (0.05, 0.3),
            record.learning,
            "learning",
            "",
        ),
        (
            "success of missile tests",
            "less that of satellite launches",
            FITTED,
            (0.3, 0.8),
            record.satellites,
            "satellites",
            "",
        ),
    ]
    return [Pattern("North Korea", *row) for row in rows]


def _transfers() -> list[Pattern]:
    before, after = record.vetoes(after=False), record.vetoes(after=True)
    rows: list[tuple[str, str, Label, Range, Count, str, str]] = [
        (
            "flow two years after its peak",
            "over the peak",
            TESTED,
            (0.0, 0.5),
            record.fall,
            "fall",
            TOO_SHORT,
        ),
        (
            "stock to spare in those two years",
            "end over beginning",
            TESTED,
            (0.0, 0.75),
            lambda data: None,
            "depletion",
            NO_COUNT,
        ),
        (
            "two observers of one flow",
            "higher over lower",
            FITTED,
            (1.3, 2.0),
            record.disagreement,
            "disagreement",
            "",
        ),
        (
            "drafts that fall by veto, trade going on",
            "share",
            BUILT_IN,
            (0.5, 1.0),
            after,
            "vetoes_with",
            "",
        ),
        (
            "drafts that fall by veto, without trade",
            "share",
            BUILT_IN,
            (0.0, 0.5),
            before,
            "vetoes_without",
            BEFORE_WAR,
        ),
    ]
    return [Pattern("Transfers", *row) for row in rows]


def judge(pattern: Pattern, data: Observed, samples: Samples) -> Row:
    """Return what the record and the runs say of a pattern.

    Args:
        pattern: It.
        data: The folder of data.
        samples: The runs.
    """
    real = pattern.real(data)
    sample = samples.count(pattern.simulated) if pattern.simulated else None
    if sample is None:
        why = (
            pattern.argument
            if not pattern.simulated
            else "The scenario has nothing to count it from."
        )
        return Row(pattern, real, None, ABSENT, why)
    low, high = pattern.wanted
    inside = low <= sample.value <= high
    held = real is not None and sample.low <= real.value <= sample.high
    wanted = f"at least {low:g}" if high == INF else f"{low:g} to {high:g}"
    parts = [
        f"The simulated value lies {'in' if inside else 'outside'} the range wanted ({wanted})"
    ]
    if real is None:
        parts.append("; the data here holds no real value.")
    else:
        parts.append(f", the real one {'within' if held else 'outside'} the simulated interval.")
    argument = pattern.argument if not (inside and held) else ""
    sentence = " ".join(["".join(parts), argument]).strip()
    return Row(pattern, real, sample, HOLDS if inside or held else FAILS, sentence)


def counts(rows: Sequence[Row]) -> dict[str, int]:
    """Return how many rows have each verdict.

    Args:
        rows: They.
    """
    return {name: sum(row.verdict == name for row in rows) for name in (HOLDS, FAILS, ABSENT)}


def markdown(rows: Sequence[Row], source: str) -> str:
    """Return the rows as a page in Markdown, failures first in its summary.

    Args:
        rows: They.
        source: What was simulated, in a sentence.
    """
    found = counts(rows)
    lines = [
        "# Patterns",
        "",
        source,
        "",
        "; ".join(f"{count} {verdict}" for verdict, count in found.items()) + ".",
        "Real values are counted from the data; simulated ones are medians or shares, with 90 %",
        "intervals over runs. *Built in*: a rule or a starting value says so; *fitted*:",
        "coefficients were chosen with it in view; *tested*: neither.",
        "",
    ]
    failed = [row for row in rows if row.verdict == FAILS]
    lines += [f"- **{row.pattern.name}** fails. {row.sentence}" for row in failed]
    lines += [""] if failed else []
    for group in GROUPS:
        lines += [
            f"## {group}",
            "",
            "| pattern | label | real | simulated | verdict | why |",
            "|---|---|---|---|---|---|",
        ]
        for row in (row for row in rows if row.pattern.group == group):
            real = f"{spread(row.real)}; {row.real.basis}" if row.real else "not in the data"
            lines.append(
                f"| {row.pattern.name} ({row.pattern.unit}) | {row.pattern.label} | {real} | "
                f"{spread(row.simulated) if row.simulated else '-'} | "
                f"{row.verdict}{', argued' if row.argued else ''} | {row.sentence} |"
            )
        lines.append("")
    return "\n".join(lines)


def spread(found: Real | Sample) -> str:
    """Return a value with its interval.

    Args:
        found: It.
    """
    return f"{found.value:.3g} [{found.low:.3g}, {found.high:.3g}]"


def as_data(rows: Sequence[Row]) -> list[dict[str, object]]:
    """Return the rows as plain data, for JSON: endless wanted ends are None.

    Args:
        rows: They.
    """

    def ends(found: Real | Sample | None) -> dict[str, float] | None:
        if found is None:
            return None
        return {"value": found.value, "low": found.low, "high": found.high}

    return [
        {
            "group": row.pattern.group,
            "name": row.pattern.name,
            "unit": row.pattern.unit,
            "label": row.pattern.label,
            "wanted": [None if end == INF else end for end in row.pattern.wanted],
            "real": ends(row.real)
            and {**(ends(row.real) or {}), "basis": row.real and row.real.basis},
            "simulated": ends(row.simulated),
            "verdict": row.verdict,
            "argued": row.argued,
            "why": row.sentence,
        }
        for row in rows
    ]
