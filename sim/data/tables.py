"""Reading of other people's tables: encodings, preambles, headers, and what is left out and why."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path

import pandas as pd

from ..scenario.files import local_path
from ..scenario.problems import brief, nearest
from ..scenario.warn import warn_outside

Columns = Mapping[str, Sequence[str]]
"""What a loader calls a column, and the names that files give it, in their simplest form."""
MOST_LINES = 5
"""Lines that a sentence about dropped rows names."""
PREAMBLE = 60
"""Lines at the head of a file among which the header is looked for."""


class DataError(ValueError):
    """A file is not the table that a loader reads; the message says what is missing.

    Examples:
        >>> try:
        ...     sim.data.cns_tests("none.csv")
        ... except sim.data.DataError as error:
        ...     print(error)
        none.csv: cannot be read: No such file or directory
    """


class DataWarning(UserWarning):
    """Rows of a file were left out; the sentence says how many, and why.

    Examples:
        >>> warnings.simplefilter("error", sim.data.DataWarning)  # to be stopped by them
    """


def read(path: str | Path, needed: Columns, more: Columns | None = None) -> pd.DataFrame:
    """Return the table in a CSV file as text, whatever stands above its header.

    Args:
        path: The file; UTF-8 or Latin-1, separated by commas, semicolons or tabs.
        needed: The columns that there must be.
        more: Columns that are taken where there are any.

    Returns:
        A row per line below the header, by the loader's names; the index is the number of the line
        in the file. `attrs["rest"]` holds the columns of other names, by name.

    Raises:
        DataError: There is no such file, or no line that names the needed columns.
    """
    file = local_path(path)
    if file.suffix.lower() in (".xls", ".xlsx"):
        raise DataError(f"{path}: is a workbook; save the sheet as CSV, which is what is read")
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:  # as SIPRI's exports are
        text = raw.decode("cp1252", errors="replace")
    known = {**needed, **(more or {})}
    best: tuple[int, int, str] = (-1, 0, ",")
    lines = StringIO(text, newline=None).readlines()  # a cell in quotes may hold lines of its own
    try:
        for sign in (",", ";", "\t"):
            for place, cells in enumerate(csv.reader(lines[:PREAMBLE], delimiter=sign)):
                found = _found(cells, needed)
                if len(found) > best[0]:
                    best = (len(found), place, sign)
        rows = list(csv.reader(lines, delimiter=best[2]))
    except csv.Error as error:
        raise DataError(f"{path}: is no table in CSV: {error}") from None
    header = rows[best[1]] if rows else []
    at = _found(header, known)
    lacking = [name for name in needed if name not in at]
    if lacking:
        said = "; ".join(f"{name} ({' or '.join(known[name])})" for name in lacking)
        seen = brief(", ".join(cell for cell in header if cell.strip()) or "nothing")
        raise DataError(
            f"{path}: lacks columns: {said}; the line that is most like a header, line"
            f" {best[1] + 1}, has: {seen}{_hint(lacking, known, header, at)}"
        )
    body = rows[best[1] + 1 :]
    index = [line for line, row in enumerate(body, best[1] + 2) if any(map(str.strip, row))]
    full = [[*row, *[""] * (len(header) - len(row))] for row in body if any(map(str.strip, row))]
    frame = pd.DataFrame(
        {name: [row[place].strip() for row in full] for name, place in at.items()},
        index=pd.Index(index, name="line"),
        dtype=object,
    )
    others = {cell.strip(): place for place, cell in enumerate(header) if place not in at.values()}
    rest = {name: [row[place].strip() for row in full] for name, place in others.items() if name}
    frame.attrs = {
        "file": str(path),
        "dropped": [],
        "rest": pd.DataFrame(rest, index=frame.index, dtype=object),
        "preamble": [" ".join(row) for row in rows[: best[1]]],
    }
    return frame


def _simple(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def _found(cells: Sequence[str], columns: Columns) -> dict[str, int]:
    """Return where each column stands in a line; the first of its names that is there counts."""
    simple = [_simple(cell) for cell in cells]
    places = {
        name: next((simple.index(each) for each in names if each in simple), None)
        for name, names in columns.items()
    }
    return {name: place for name, place in places.items() if place is not None}


def _hint(
    lacking: Sequence[str], known: Columns, header: Sequence[str], at: Mapping[str, int]
) -> str:
    free = [_simple(cell) for place, cell in enumerate(header) if place not in at.values()]
    close = (nearest(known[name][0], free) for name in lacking)
    return next((hint for hint in close if hint), "")


def numbers(texts: pd.Series, missing: Iterable[str] = ()) -> pd.Series:
    """Return texts as numbers; NaN where they are none.

    Args:
        texts: The texts; commas for thousands and signs such as `%` are taken off.
        missing: Texts that stand for a missing number, such as `-9`.
    """
    plain = texts.astype(str).str.replace(r"[,%\s]", "", regex=True)
    found: pd.Series = pd.to_numeric(plain.where(~plain.isin(list(missing))), errors="coerce")
    return found.astype(float)


def kept(frame: pd.DataFrame, good: pd.Series, why: str) -> pd.DataFrame:
    """Return the rows that are good; how many are left out, and why, is noted in `attrs`.

    Args:
        frame: As `read` returned it.
        good: Whether each row stays.
        why: Why the others do not, the end of a sentence.
    """
    out = frame.index[~good.to_numpy(bool)]
    if len(out):
        shown = ", ".join(map(str, out[:MOST_LINES])) + (", ..." if len(out) > MOST_LINES else "")
        rows = "1 row" if len(out) == 1 else f"{len(out):,} rows"
        frame.attrs["dropped"].append(f"{rows} left out: {why} (line {shown})")
    left = frame[good.to_numpy(bool)].copy()
    left.attrs = frame.attrs
    return left


def whole(frame: pd.DataFrame, column: str, low: int = 1, high: int = 9999) -> pd.DataFrame:
    """Return the rows whose column is a whole number in a range, and it as one.

    Args:
        frame: As `read` returned it.
        column: Its name.
        low: The least.
        high: The most.
    """
    found = numbers(frame[column])
    good = (found >= low) & (found <= high) & (found % 1 == 0)
    left = kept(frame, good, f"{column} is not a whole number from {low} to {high}")
    left[column] = found[good].astype(int)
    return left


def tidy(frame: pd.DataFrame, make: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """Return what a loader makes of its rows, and warn of those that it left out.

    Args:
        frame: As `read` returned it.
        make: Makes the tidy frame.

    Warns:
        DataWarning: For each reason why rows were left out.

    Raises:
        DataError: No row is left.
    """
    made = make(frame)
    file, dropped = frame.attrs["file"], frame.attrs["dropped"]
    if made.empty:
        raise DataError("; ".join([f"{file}: no row can be used", *dropped]))
    warn_outside((f"{file}: {sentence}" for sentence in dropped), DataWarning)
    made = made.reset_index(drop=True)
    made.attrs = {"file": file, "dropped": list(dropped)}
    return made
