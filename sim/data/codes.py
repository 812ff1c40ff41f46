"""Codes of states: from names, and from the numbers of COW and of Gleditsch and Ward, to ISO 3166.

The names are matched by the table of country_converter (extra `data`): its regular expressions.
The table is read as it is, not by its class, which does not load under every version of pandas.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec

import pandas as pd

from .tables import DataError, kept

GW: dict[int, str | None] = {678: "YEM", 680: None, 816: "VNM", 817: None}
"""Numbers of Gleditsch and Ward that country_converter 1.3 gives to the state of the South."""
COW = GW | {
    255: "DEU",  # since 1990; 260 is the Federal Republic before
    345: "SRB",  # Yugoslavia, whose number COW leaves to Serbia
    679: "YEM",
    946: "KIR",
    947: "TUV",
    955: "TON",
    970: "NRU",
}
"""Numbers of COW that differ from those of Gleditsch and Ward."""
SCHEMES = ("name", "cow", "gw")


def state_codes(
    values: Iterable[object], scheme: str = "name", codes: Mapping[str, str] | None = None
) -> list[str | None]:
    """Return the codes of some states, in three letters; None for what is no state.

    Args:
        values: Names in English, or numbers.
        scheme: What they are: `name`, `cow` for numbers of the Correlates of War, `gw` for those of
            Gleditsch and Ward.
        codes: Codes by name or number that go before all others: `{"Soviet Union": "RUS"}`.

    Raises:
        DataError: There is no such scheme, or country_converter is not installed.

    Examples:
        >>> sim.data.state_codes([750, 770, 9999], "cow")  # needs: country_converter
        ['IND', 'PAK', None]
        >>> sim.data.state_codes(["Korea, North", "NATO**"])  # needs: country_converter
        ['PRK', None]
    """
    if scheme not in SCHEMES:
        raise DataError(f"scheme: {scheme!r} is none of {', '.join(SCHEMES)}")
    own = {str(key): code for key, code in (codes or {}).items()}
    found: list[str | None] = []
    for value in values:
        text = _plain(value)
        if text in own:
            found.append(own[text])
        elif scheme == "name":
            found.append(_by_name(text))
        else:
            found.append(_by_number(text, scheme))
    return found


def with_codes(
    frame: pd.DataFrame, column: str, scheme: str, codes: Mapping[str, str] | None
) -> pd.DataFrame:
    """Return the rows whose column names a state, with its code in place of it.

    Args:
        frame: As `tables.read` returned it.
        column: The column.
        scheme: As of `state_codes`.
        codes: As of `state_codes`.
    """
    distinct = list(dict.fromkeys(frame[column]))
    code = dict(zip(distinct, state_codes(distinct, scheme, codes), strict=True))
    unknown = [str(value) for value in distinct if code[value] is None]
    shown = ", ".join(unknown[:8]) + (", ..." if len(unknown) > 8 else "")
    good = frame[column].map(lambda value: code[value] is not None).astype(bool)
    left = kept(frame, good, f"{column} is no state that is known: {shown}")
    left[column] = left[column].map(code)
    return left


def _plain(value: object) -> str:
    """Return a value as text; a whole number without its point."""
    text = str(value).strip()
    return text.removesuffix(".0")


@lru_cache(maxsize=1)
def _table() -> pd.DataFrame:
    if find_spec("country_converter") is None:
        raise DataError(
            "states are found by their names and numbers with country_converter:"
            " pip install 'armsflow[data]'; or give codes={name: code} for all of them"
        )
    with files("country_converter").joinpath("country_data.tsv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, sep="\t", dtype=str, keep_default_na=False)
    return table[table["obsolete"] == ""]


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    table = _table()
    return [
        (re.compile(pattern, re.IGNORECASE), code)
        for pattern, code in zip(table["regex"], table["ISO3"], strict=True)
    ]


@lru_cache(maxsize=4096)
def _by_name(name: str) -> str | None:
    """Return the code of the one state that a name fits; groups, marked by a star, are none."""
    if not name or "*" in name:
        return None
    found = {code for pattern, code in _patterns() if pattern.search(name)}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=4096)
def _by_number(text: str, scheme: str) -> str | None:
    own = COW if scheme == "cow" else GW
    if text.isdigit() and int(text) in own:
        return own[int(text)]
    table = _table()
    match = table.loc[table["GWcode"].str.removesuffix(".0") == text, "ISO3"]
    return str(match.iloc[0]) if text and len(match) else None
