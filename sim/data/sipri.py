"""SIPRI: transfers of major arms, and military spending.

Both are free for research; SIPRI asks to be cited and not to be republished in bulk.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from .codes import with_codes
from .tables import Columns, numbers, read, tidy, whole
from .tables import kept as kept_rows

MISSING = ("...", "..", ". .", "xxx", "")
"""What stands in SIPRI's tables for a figure that is not known, or a state that was not."""
ENDS: Columns = {
    "supplier": ("supplier", "seller", "supplier name", "exporter"),
    "recipient": ("recipient", "buyer", "recipient name", "importer"),
}
VALUES: Columns = {
    "year": (
        *("year", "delivery year", "year s of delivery", "years of delivery"),
        *("year of delivery", "deliveries year"),
    ),
    "tiv": (
        *("tiv", "tiv million", "tiv delivery values", "tiv delivered", "delivered tiv"),
        *("sipri tiv of delivered weapons", "tiv of delivered weapons", "value"),
    ),
}
NAMES: Columns = {"state": ("country", "state", "country name")}
SPENT: Columns = {
    "year": ("year",),
    "spending": (
        *("spending", "milex", "milex constant2023 musd", "constant usd", "milex constant musd"),
        *("military expenditure", "milex current musd", "amount"),
    ),
}


def sipri_transfers(path: str | Path, codes: Mapping[str, str] | None = None) -> pd.DataFrame:
    r"""Load transfers of major arms, as SIPRI exports them.

    It reads the trade register, that of today (a row per deal and year of delivery) and that of
    before 2024 (a row per deal), and tables with a row per supplier, recipient and year. Where a
    deal names several years of delivery its value is spread evenly over them.

    Args:
        path: The CSV file; the preamble above its header may stay.
        codes: Codes of states by name that go before those of country_converter.

    Returns:
        A row per `supplier`, `recipient` and `year`, with `tiv`, in millions of SIPRI's trend
        indicator value.

    Warns:
        DataWarning: For rows that are left out, and why.

    Raises:
        DataError: The file lacks a column, or no row can be used.

    Examples:
        >>> text = "supplier,recipient,year,tiv\nNorland,Southland,2010,5\n"
        >>> _ = Path("made-up.csv").write_text(text)
        >>> made_up = {"Norland": "NOR", "Southland": "SOU"}
        >>> sim.data.sipri_transfers("made-up.csv", made_up).to_csv(index=False)
        'supplier,recipient,year,tiv\nNOR,SOU,2010,5.0\n'
    """

    def make(frame: pd.DataFrame) -> pd.DataFrame:
        years = frame["year"].map(_years)
        frame = kept_rows(frame, years.map(bool), "no year of delivery")
        frame["year"], frame["tiv"] = years, numbers(frame["tiv"], MISSING)
        frame = kept_rows(frame, frame["tiv"] >= 0.0, "tiv is not a number of at least 0")
        for end in ENDS:
            frame = with_codes(frame, end, "name", codes)
        frame["tiv"] /= frame["year"].map(len)
        rows = frame.explode("year")
        rows["year"] = rows["year"].astype(int)
        keys = [rows[name] for name in ("supplier", "recipient", "year")]
        return rows["tiv"].groupby(keys).sum().reset_index()

    return tidy(read(path, {**ENDS, **VALUES}), make)


def sipri_spending(path: str | Path, codes: Mapping[str, str] | None = None) -> pd.DataFrame:
    r"""Load military spending, as SIPRI publishes it: a sheet with a column per year, or long.

    Args:
        path: The CSV file of one sheet, such as that in constant US dollars; the preamble may stay.
        codes: Codes of states by name that go before those of country_converter.

    Returns:
        A row per `state` and `year`, with `spending` in the unit of the sheet, which in SIPRI's
        is millions of US dollars.

    Warns:
        DataWarning: For rows that are left out, and why.

    Raises:
        DataError: The file lacks a column, or no row can be used.

    Examples:
        >>> text = "A sheet\n\nCountry,Notes,2010,2011\nNorland,,5.5,6\n"
        >>> _ = Path("milex.csv").write_text(text)
        >>> sim.data.sipri_spending("milex.csv", {"Norland": "NOR"})["spending"].tolist()
        [5.5, 6.0]
    """
    frame = read(path, NAMES, SPENT)
    years = [name for name in frame.attrs["rest"] if re.fullmatch(r"(19|20)\d\d(\.0)?", name)]
    if "year" not in frame or "spending" not in frame:
        frame = _long(frame, years) if years else read(path, {**NAMES, **SPENT})

    def make(rows: pd.DataFrame) -> pd.DataFrame:
        named = ~rows["spending"].isin(MISSING)
        rows = kept_rows(rows, named, "no figure is given")
        rows = whole(rows, "year", 1900, 2100)
        rows["spending"] = numbers(rows["spending"])
        rows = kept_rows(rows, rows["spending"] >= 0.0, "spending is not a number of at least 0")
        rows = with_codes(rows, "state", "name", codes)
        return rows[["state", "year", "spending"]].sort_values(["state", "year"])

    return tidy(frame, make)


def _long(frame: pd.DataFrame, years: list[str]) -> pd.DataFrame:
    """Return a table with a column per year as one with a row per state and year."""
    wide = frame.attrs["rest"][years]
    region = (wide == "").all(axis=1)  # the head of a region, which has no figures
    made = pd.concat([frame["state"], wide], axis=1)[~region]
    rows = made.melt(["state"], years, "year", "spending", ignore_index=False)
    rows.attrs = frame.attrs
    return rows


def _years(text: str) -> list[int]:
    """Return the years in a text such as `2015`, `2015; 2017` or `2015-2017`."""
    found: list[int] = []
    for first, last in re.findall(r"\b((?:19|20)\d\d)(?:\s*[-–]\s*((?:19|20)\d\d))?", text):
        found += range(int(first), int(last or first) + 1)
    return sorted(set(found))
