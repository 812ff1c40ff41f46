"""Observations from a folder of CSV files, as one tidy table; files are known by their columns.

No file is known by its name. `read_folder` looks at the first line of every CSV file and takes
those whose columns it knows; the others are listed as unused. What the files say of the war and the
trade becomes rows of `Observed.table`; the data of many countries, which patterns are counted from,
is returned by `Observed.frame` as it stands.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from ..scenario.problems import ScenarioError, brief
from .readers import READERS, Row

COLUMNS = (
    *("quantity", "issuer", "date", "low", "value", "high", "kind"),
    *("precision", "outcome", "item", "file"),
)
"""Of the table of observations; see `Observed`."""
QUANTITIES = ("containers", "rounds", "tests", "launches", "losses", "votes")
KNOWN: dict[str, tuple[str, ...]] = {
    "claims": ("as_of|date", "cum_containers", "issuer"),
    "votes": ("date", "item", "for", "against_p5", "outcome"),
    "tests": ("date", "missile", "outcome"),
    "losses": ("date", "personnel"),
    "deliveries": ("supplier", "recipient", "year", "tiv_million"),
    "spending": ("country", "year", r"milex_constant\d{4}_musd", "milex_pct_gdp"),
    "disputes": ("dispnum", "mindur", "maxdur", "hostlev"),
    "pacts": ("ccode1", "ccode2", "year", "atop_defense"),
    "rivalries": ("ccode1", "ccode2", "rivalry", "start", "end"),
    "races": ("race_id", "ccode1", "ccode2", "styear", "endyear"),
    "capabilities": ("ccode", "year", "milex", "cinc"),
    "members": ("stateabb", "ccode", "styear", "endyear"),
    "majors": ("ccode", "styear", "endyear", "version"),
    "aid": ("year", "month", "military"),
}
"""The columns by which a file is known, as regular expressions; the first kind that fits counts."""
OF_KIND = {
    "claims": ("containers", "rounds"),
    "votes": ("votes",),
    "tests": ("tests", "launches"),
    "losses": ("losses",),
}
"""Which quantities a kind of file holds."""


class DataError(ScenarioError):
    """All that is wrong with a folder of data."""


@dataclass(frozen=True)
class Observed:
    """What a folder of data holds.

    - `table`: a row per observation, ordered by quantity and date.
        - `quantity`: one of QUANTITIES.
        - `issuer`: who says so: a state's code or the issuer as the file names it; of losses
          `claim`, of tests, launches and votes `record`.
        - `date`: the day; of a month the 15th, of a year 1 July. `precision` says which.
        - `low`, `value`, `high`: cumulative containers and rounds; cumulative losses in thousands;
          1 for each test and launch; of votes how many were in favour. Not a number where
          only a bound is known.
        - `kind`: `truth`, `claim` (with a bias of its issuer) or `bound` (no value, one end).
        - `outcome`: of tests and launches `success`, `failure` or `unknown`; of votes `adopted` or
          `vetoed`. `item`: the missile, the draft, the note of a claim.
        - `file`: its name.
    - `files`: the files of each kind, by the names of KNOWN.
    - `unused`: files whose columns are not known, with their columns.
    - `until`: the last day of each quantity.
    """

    table: pd.DataFrame
    files: dict[str, tuple[Path, ...]]
    unused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    until: dict[str, date] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the quantities of which the folder holds no observation."""
        there = set(self.table["quantity"])
        return tuple(name for name in QUANTITIES if name not in there)

    def of(self, quantity: str) -> pd.DataFrame:
        """Return the observations of a quantity, in the order of their days.

        Args:
            quantity: One of QUANTITIES.
        """
        rows = self.table[self.table["quantity"] == quantity]
        return rows.sort_values("date", kind="stable").reset_index(drop=True)

    def frame(self, kind: str) -> pd.DataFrame | None:
        """Return the files of a kind as they stand, one below the other; None if there is none.

        Args:
            kind: One of KNOWN.
        """
        paths = self.files.get(kind, ())
        if not paths:
            return None
        table = pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)
        return table.drop_duplicates().rename(columns=str.strip)


def read_folder(folder: str | Path) -> Observed:
    """Return what the CSV files of a folder hold.

    A day that two files of one kind cover is taken from the one that reaches further.

    Args:
        folder: The folder; files in folders within it are not read.

    Raises:
        DataError: It is no folder, or a file that is known cannot be read; all problems at once.
    """
    place = Path(folder).expanduser()
    if not place.is_dir():
        raise DataError([f"{folder} is not a folder; data=DIR names the one with the CSV files"])
    problems: list[str] = []
    files: dict[str, list[Path]] = {}
    unused: dict[str, tuple[str, ...]] = {}
    for path in sorted(place.iterdir()):
        if path.suffix.lower() != ".csv" or not path.is_file():
            continue
        try:
            head = tuple(name.strip() for name in pd.read_csv(path, nrows=0).columns)
        except pd.errors.EmptyDataError:
            head = ()
        except (OSError, ValueError) as error:
            problems.append(f"{path.name}: cannot be read as CSV: {brief(str(error))}")
            continue
        kind = kind_of(head)
        if kind is None:
            unused[path.name] = head
        else:
            files.setdefault(kind, []).append(path)
    rows: list[Row] = []
    for kind, reader in READERS.items():
        parts = []
        for path in files.get(kind, ()):
            try:
                text = pd.read_csv(path, dtype=str, keep_default_na=False)
            except (OSError, ValueError) as error:
                problems.append(f"{path.name}: cannot be read as CSV: {brief(str(error))}")
                continue
            found, wrong = reader(text.rename(columns=str.strip), path.name)
            parts.append(found)
            problems += wrong
        rows += _merged(parts, by_day=kind != "claims")
    if problems:
        raise DataError(problems)
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(
        {"low": float, "value": float, "high": float}
    )
    table = table.assign(date=pd.to_datetime(table["date"]))
    table = table.sort_values(["quantity", "date"], kind="stable", ignore_index=True)
    until = {str(name): day.date() for name, day in table.groupby("quantity")["date"].max().items()}
    return Observed(table, {kind: tuple(paths) for kind, paths in files.items()}, unused, until)


def kind_of(head: Iterable[str]) -> str | None:
    """Return the kind of a file by its columns; None if it is not known.

    Args:
        head: The names of its columns.
    """
    names = [name.strip().lower() for name in head]
    for kind, wanted in KNOWN.items():
        if all(any(re.fullmatch(pattern, name) for name in names) for pattern in wanted):
            return kind
    return None


def _merged(parts: list[list[Row]], by_day: bool) -> list[Row]:
    """Return the rows of several files, each day and claim once.

    Args:
        parts: The rows of each file.
        by_day: Whether a day belongs to one file, the one that reaches further; if not, rows are
            dropped only where they say the same.
    """
    if not by_day:
        seen: dict[tuple[object, ...], Row] = {}
        for row in (row for part in parts for row in part):
            seen.setdefault(row[:7], row)
        return list(seen.values())
    kept: list[Row] = []
    taken: list[tuple[date, date]] = []
    for part in sorted((part for part in parts if part), key=lambda part: -_last(part).toordinal()):
        kept += [row for row in part if not any(a <= row[2] <= b for a, b in taken)]
        taken.append((min(row[2] for row in part), _last(part)))
    return kept


def _last(part: list[Row]) -> date:
    """Return the last day of the rows of a file."""
    return max(row[2] for row in part)
