"""How the rows of each kind of file become observations: dates, numbers, issuers, outcomes."""

import re
from collections.abc import Callable
from datetime import date
from math import isnan, nan, sqrt
from typing import NamedTuple

import pandas as pd

from ..scenario.problems import brief

ISSUERS = {
    "KOR": r"\b(ROK|KOR|NIS|Seoul)\b|South Korea",
    "USA": r"\b(US|USA|NSC|Pentagon|State Dep\w*|White House|Washington)\b",
    "UKR": r"\b(UKR|GUR|HUR|Kyiv|Budanov)\b|Ukrain",
    "JPN": r"\b(JPN|Tokyo)\b|Japan",
    "GBR": r"\b(UK|GBR|London)\b|British|Britain",
}
"""What names a state as the issuer of a claim; the first that fits counts."""
LAUNCHER = r"unha|chollima|taepodong-1|malligyong|kwangmyongsong|paektusan|satellite|\bslv\b"
"""Names of what is meant to put a satellite into orbit."""
EMPTY = {"", "nan", "na", "n/a", "none", "unknown", "-"}
MOST_PROBLEMS = 5
"""Of a file, that are named one by one."""


class Row(NamedTuple):
    """An observation; `observed.Observed` says what each field means."""

    quantity: str
    issuer: str
    date: date
    low: float
    value: float
    high: float
    kind: str
    precision: str
    outcome: str
    item: str
    file: str


Read = tuple[list[Row], list[str]]
"""The observations of a file, and what is wrong with it."""


def day(text: str) -> tuple[date, str]:
    """Return the day of a date and its precision: `day`, `month` (its 15th) or `year` (1 July).

    Args:
        text: `2024-02-26`, `2024-02` or `2024`; a time after the day is ignored.

    Raises:
        ValueError: It is none of them.
    """
    found = re.fullmatch(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2})(?:[T ].*)?)?)?", text.strip())
    if not found:
        raise ValueError(f"{brief(repr(text))} is no date such as 2024-02-26, 2024-02 or 2024")
    year, month, number = (int(part) if part else 0 for part in found.groups())
    try:
        if number:
            return date(year, month, number), "day"
        return (date(year, month, 15), "month") if month else (date(year, 7, 1), "year")
    except ValueError:
        raise ValueError(f"{brief(repr(text))} is not a day of the calendar") from None


def span(text: str) -> tuple[float, float, float]:
    """Return the low end, the value and the high end that a number's text states.

    Args:
        text: `5000`, `~5,000`, `5000-6000` (the value is their geometric mean), `>5000` or `5000+`
            (a low end), `<5000` (a high end); empty for none.

    Raises:
        ValueError: It is none of them, or negative.
    """
    bare = re.sub(r"(?<=\d)[,_ ](?=\d{3})", "", text.strip().lower())
    if bare in EMPTY:
        return nan, nan, nan
    number = r"(\d+(?:\.\d+)?(?:e\+?\d+)?)"
    found = re.fullmatch(rf"([~<>≈≤≥]?)=? ?{number}(?: ?(?:-|–|to) ?{number})?(\+?)", bare)
    if not found:
        raise ValueError(f"{brief(repr(text))} is not a number of at least 0")
    sign, first, second, more = found.groups()
    low = float(first)
    if second:
        return low, sqrt(low * float(second)), float(second)
    if more or sign in (">", "≥"):
        return low, nan, nan
    if sign in ("<", "≤"):
        return nan, nan, low
    return low, low, low


def issuer(text: str) -> str:
    """Return the code of the state that a claim is from, or its first name if it is none known.

    Args:
        text: As the file names the issuer.
    """
    for code, pattern in ISSUERS.items():
        if re.search(pattern, text):
            return code
    return re.split(r"[ (,;]", text.strip(), maxsplit=1)[0] or "unnamed"


def claims(table: pd.DataFrame, file: str) -> Read:
    """Return the claims of cumulative containers and rounds.

    Args:
        table: The file as text.
        file: Its name.
    """
    when = "as_of" if "as_of" in table else "date"

    def rows(row: dict[str, str]) -> list[Row]:
        on, precision = day(row[when])
        who, found = issuer(row["issuer"]), []
        low, _, high = span(row.get("cum_shells_low", ""))
        _, _, most = span(row.get("cum_shells_high", ""))
        high = high if isnan(most) else most
        if not isnan(low) and not isnan(high) and low > high:
            raise ValueError(f"rounds from {low:g} to {high:g}: the low end is above the high one")
        middle = sqrt(low * high) if not isnan(low) and not isnan(high) else nan
        for quantity, ends in (
            ("containers", span(row["cum_containers"])),
            ("rounds", (low, middle, high)),
        ):
            if all(isnan(end) for end in ends):
                continue
            kind = "bound" if isnan(ends[1]) else "claim"
            note = row.get("note", "")
            found.append(Row(quantity, who, on, *ends, kind, precision, "", note, file))
        return found

    return _rows(table, file, rows)


def votes(table: pd.DataFrame, file: str) -> Read:
    """Return the votes: how many were in favour, and whether a draft was vetoed.

    Args:
        table: The file as text.
        file: Its name.
    """

    def rows(row: dict[str, str]) -> list[Row]:
        on, precision = day(row["date"])
        # what one permanent member votes against falls, whoever else abstains
        against = row["against_p5"].strip().lower() not in EMPTY
        outcome = "vetoed" if against or "veto" in row["outcome"].lower() else "adopted"
        in_favour = span(row["for"])
        return [
            Row("votes", "record", on, *in_favour, "truth", precision, outcome, row["item"], file)
        ]

    return _rows(table, file, rows)


def tests(table: pd.DataFrame, file: str) -> Read:
    """Return each missile test and each launch of a satellite, with its outcome.

    Args:
        table: The file as text.
        file: Its name.
    """

    def rows(row: dict[str, str]) -> list[Row]:
        on, precision = day(row["date"])
        outcome = row["outcome"].strip().lower()
        outcome = "unknown" if outcome in EMPTY else outcome
        if outcome not in ("success", "failure", "unknown"):
            raise ValueError(f"{brief(repr(outcome))} is not success, failure or unknown")
        name = row["missile"].strip().lower()
        quantity = "launches" if re.search(LAUNCHER, name) else "tests"
        return [Row(quantity, "record", on, 1.0, 1.0, 1.0, "truth", precision, outcome, name, file)]

    return _rows(table, file, rows)


def losses(table: pd.DataFrame, file: str) -> Read:
    """Return the claimed losses, cumulative, in thousands.

    Args:
        table: The file as text.
        file: Its name.
    """

    def rows(row: dict[str, str]) -> list[Row]:
        on, precision = day(row["date"])
        low, value, high = (end / 1000.0 for end in span(row["personnel"]))
        if isnan(value):
            return []
        return [Row("losses", "claim", on, low, value, high, "claim", precision, "", "", file)]

    return _rows(table, file, rows)


def _rows(table: pd.DataFrame, file: str, rows: Callable[[dict[str, str]], list[Row]]) -> Read:
    """Return what a reader makes of each row, and where it cannot."""
    found: list[Row] = []
    wrong: list[str] = []
    for number, row in enumerate(table.to_dict("records"), start=2):
        try:
            found += rows({str(name): str(text) for name, text in row.items()})
        except ValueError as error:
            wrong.append(f"{file}, line {number}: {error}")
    more = len(wrong) - MOST_PROBLEMS
    if more > 0:
        wrong = [*wrong[:MOST_PROBLEMS], f"{file}: {more} more such lines"]
    return found, wrong


READERS: dict[str, Callable[[pd.DataFrame, str], Read]] = {
    "claims": claims,
    "votes": votes,
    "tests": tests,
    "losses": losses,
}
"""By kind of file."""
