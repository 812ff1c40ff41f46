"""The Correlates of War, ATOP, UCDP and the CNS tests: capabilities, disputes, pacts, events."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from .codes import state_codes, with_codes
from .tables import Columns, kept, numbers, read, tidy, whole

MISSING = ("-9", "-9.0", "", "NA", "nan")
"""What stands for a figure that is not known."""
CAPABILITIES = ("milex", "milper", "irst", "pec", "tpop", "upop", "cinc")
NUMBER = ("ccode", "cowcode", "cow code")
PACTS = {
    "defense": ("defense", "atop defense"),
    "offense": ("offense", "atop offense"),
    "neutral": ("neutral", "atop neutral"),
    "nonagg": ("nonagg", "atop nonagg"),
    "consul": ("consul", "atop consul"),
}
YEAR: Columns = {"year": ("year",)}


def cow_capabilities(path: str | Path, codes: Mapping[str, str] | None = None) -> pd.DataFrame:
    r"""Load the National Material Capabilities of the Correlates of War.

    Args:
        path: The CSV file, `NMC-..-abridged.csv`.
        codes: Codes of states by COW number that go before all others.

    Returns:
        A row per `state` and `year`: `milex` (thousand USD), `milper` (thousand soldiers), `irst`,
        `pec`, `tpop`, `upop` (thousands) and `cinc` (share); NaN where the file says -9.

    Warns:
        DataWarning: For rows that are left out, and why.

    Raises:
        DataError: The file lacks a column, or no row can be used.

    Examples:
        >>> header = "ccode,year,milex,milper,irst,pec,tpop,upop,cinc\n"
        >>> _ = Path("nmc.csv").write_text(header + "1,2010,500,20,-9,1,1,1,.1\n")
        >>> sim.data.cow_capabilities("nmc.csv", {"1": "ONE"})["milper"].tolist()
        [20.0]
    """
    needed = {"state": NUMBER, **YEAR, **{name: (name,) for name in CAPABILITIES}}

    def make(frame: pd.DataFrame) -> pd.DataFrame:
        frame = with_codes(whole(frame, "year", 1800, 2100), "state", "cow", codes)
        for name in CAPABILITIES:
            frame[name] = numbers(frame[name], MISSING)
        return frame[["state", "year", *CAPABILITIES]]

    return tidy(read(path, needed), make)


def cow_disputes(path: str | Path, codes: Mapping[str, str] | None = None) -> pd.DataFrame:
    r"""Load militarised interstate disputes: those of a dispute each (MIDA) or of a side (MIDB).

    Args:
        path: The CSV file.
        codes: Codes of states by COW number that go before all others.

    Returns:
        A row per row of the file: `dispute`, `year` (of its start), `level` (hostility, 1 to 5),
        `fatality`, `weeks` (at least, NaN where unknown); with `state` and `first` (whether on
        the first side) where the file has a row per participant.

    Warns:
        DataWarning: For rows that are left out, and why.

    Raises:
        DataError: The file lacks a column, or no row can be used.

    Examples:
        >>> _ = Path("mid.csv").write_text("dispnum,styear,hostlev\n7,1950,4\n8,1951,5\n")
        >>> sim.data.cow_disputes("mid.csv")["level"].tolist()
        [4, 5]
    """
    needed = {
        "dispute": ("dispnum", "dispnum3", "dispnum4", "disno"),
        "year": ("styear", "strtyr", "year"),
        "level": ("hostlev", "hostlev1"),
    }
    more = {
        "fatality": ("fatality", "fatality1"),
        "mindur": ("mindur",),
        "state": NUMBER,
        "first": ("sidea", "side a"),
    }

    def make(frame: pd.DataFrame) -> pd.DataFrame:
        frame = whole(whole(frame, "year", 1800, 2100), "level", 1, 5)
        columns = ["dispute", "year", "level"]
        frame["dispute"] = numbers(frame["dispute"])
        if "fatality" in frame:
            frame["fatality"] = numbers(frame["fatality"], MISSING)
            columns.append("fatality")
        if "mindur" in frame:
            frame["weeks"] = numbers(frame["mindur"], MISSING) / 7.0
            columns.append("weeks")
        if "state" in frame:
            frame = with_codes(frame, "state", "cow", codes)
            columns.insert(1, "state")
        if "first" in frame:
            frame["first"] = numbers(frame["first"]) == 1.0
            columns.append("first")
        return frame[columns]

    return tidy(read(path, needed, more), make)


def atop_alliances(path: str | Path, codes: Mapping[str, str] | None = None) -> pd.DataFrame:
    r"""Load alliances of ATOP, from a file with a row per pair of states and year.

    Args:
        path: The CSV file, such as `atop5_1ddyr.csv`.
        codes: Codes of states by COW number that go before all others.

    Returns:
        A row per pair and year with a pact: `a`, `b`, `year`, and true or false for `defense`,
        `offense`, `neutral`, `nonagg`, `consul`.

    Warns:
        DataWarning: For rows that are left out, and why.

    Raises:
        DataError: The file lacks a column, or no row can be used.

    Examples:
        >>> _ = Path("atop.csv").write_text("stateA,stateB,year,defense\n1,2,2010,1\n")
        >>> sim.data.atop_alliances("atop.csv", {"1": "ONE", "2": "TWO"})["defense"].tolist()
        [True]
    """
    needed = {
        "a": ("ccode1", "statea", "state a"),
        "b": ("ccode2", "stateb", "state b"),
        **YEAR,
        "defense": PACTS["defense"],
    }

    def make(frame: pd.DataFrame) -> pd.DataFrame:
        frame = whole(frame, "year", 1800, 2100)
        for end in ("a", "b"):
            frame = with_codes(frame, end, "cow", codes)
        pacts = [name for name in PACTS if name in frame]
        for name in pacts:
            frame[name] = numbers(frame[name], MISSING) == 1.0
        return frame.loc[frame[pacts].any(axis=1), ["a", "b", "year", *pacts]]

    return tidy(read(path, needed, PACTS), make)


def ucdp_events(path: str | Path) -> pd.DataFrame:
    r"""Load the georeferenced events of UCDP: fatal violence, an event a row.

    Args:
        path: The CSV file, `GEDEvent_v...csv`.

    Returns:
        A row per event: `year`, `type` (1 state-based, 2 non-state, 3 one-sided), `a`, `b` (the
        names of the sides), `deaths` (best estimate), `low`, `high`; `country`, `start` and `end`
        where the file has them.

    Warns:
        DataWarning: For rows that are left out, and why.

    Raises:
        DataError: The file lacks a column, or no row can be used.

    Examples:
        >>> head = "year,type_of_violence,side_a,side_b,best,low,high\n"
        >>> _ = Path("ged.csv").write_text(head + "2010,1,Government of Norland,Rebels,3,2,5\n")
        >>> sim.data.ucdp_events("ged.csv")["deaths"].tolist()
        [3.0]
    """
    needed: Columns = {
        **YEAR,
        "type": ("type of violence",),
        "a": ("side a",),
        "b": ("side b",),
        "deaths": ("best", "best est"),
        "low": ("low",),
        "high": ("high",),
    }
    more: Columns = {
        "country": ("country",),
        "start": ("date start",),
        "end": ("date end",),
    }

    def make(frame: pd.DataFrame) -> pd.DataFrame:
        frame = whole(whole(frame, "year", 1900, 2100), "type", 1, 3)
        for name in ("deaths", "low", "high"):
            frame[name] = numbers(frame[name])
        why = "the best estimate is not a number of at least 0"
        frame = kept(frame, frame["deaths"] >= 0.0, why)
        for name in {"start", "end"} & {*frame}:
            frame[name] = pd.to_datetime(frame[name], errors="coerce", format="mixed")
        return frame[[name for name in (*needed, *more) if name in frame]]

    return tidy(read(path, needed, more), make)


def ucdp_conflicts(path: str | Path, codes: Mapping[str, str] | None = None) -> pd.DataFrame:
    r"""Load the armed conflicts of UCDP and PRIO, a conflict and year a row.

    Args:
        path: The CSV file, `UcdpPrioConflict_v...csv`.
        codes: Codes of states by Gleditsch and Ward's number that go before all others.

    Returns:
        A row per conflict and year: `conflict`, `year`, `a`, `b` (names of the sides), `level` (1
        minor, 2 war), `type` (2 between states), and the codes of the states on each side,
        `states_a` and `states_b`, tuples.

    Warns:
        DataWarning: For rows that are left out, and why.

    Raises:
        DataError: The file lacks a column, or no row can be used.

    Examples:
        >>> head = "conflict_id,year,side_a,side_b,intensity_level,type_of_conflict,gwno_a,gwno_b\n"
        >>> _ = Path("acd.csv").write_text(head + '9,2010,One,Two,2,2,1,"2, 3"\n')
        >>> numbers = {"1": "ONE", "2": "TWO", "3": "TRE"}
        >>> sim.data.ucdp_conflicts("acd.csv", numbers)["states_b"].tolist()
        [('TWO', 'TRE')]
    """
    needed: Columns = {
        "conflict": ("conflict id",),
        **YEAR,
        "a": ("side a",),
        "b": ("side b",),
        "level": ("intensity level",),
        "type": ("type of conflict",),
        "states_a": ("gwno a",),
        "states_b": ("gwno b",),
    }

    def make(frame: pd.DataFrame) -> pd.DataFrame:
        frame = whole(whole(frame, "year", 1900, 2100), "level", 1, 2)
        frame = whole(frame, "type", 1, 4)
        for side in ("states_a", "states_b"):
            frame[side] = [
                tuple(
                    code
                    for code in state_codes(filter(None, text.replace(";", ",").split(",")),
                                            "gw", codes)
                    if code
                )
                for text in frame[side].str.replace(" ", "")
            ]  # fmt: skip
        return frame[list(needed)]

    return tidy(read(path, needed), make)


def cns_tests(path: str | Path) -> pd.DataFrame:
    r"""Load missile tests, as the CNS of the Nuclear Threat Initiative lists them.

    Args:
        path: The CSV file of the sheet.

    Returns:
        A row per test: `date`, `missile`, `outcome` (`success`, `failure` or `unknown`).

    Warns:
        DataWarning: For rows that are left out, and why.

    Raises:
        DataError: The file lacks a column, or no row can be used.

    Examples:
        >>> text = "Date,Missile Name,Test Outcome\n2010-05-01,Arrow-1,Success\n"
        >>> _ = Path("tests.csv").write_text(text)
        >>> sim.data.cns_tests("tests.csv")["outcome"].tolist()
        ['success']
    """
    needed: Columns = {
        "date": ("date", "test date", "event date"),
        "missile": ("missile", "missile name", "name"),
        "outcome": ("outcome", "test outcome", "success"),
    }

    def make(frame: pd.DataFrame) -> pd.DataFrame:
        frame["date"] = pd.to_datetime(frame["date"], errors="coerce", format="mixed")
        frame = kept(frame, frame["date"].notna(), "date is no day")
        said = frame["outcome"].str.lower()
        frame["outcome"] = [
            next((each for each in ("success", "failure") if text.startswith(each[:4])), "unknown")
            for text in said
        ]
        return frame[["date", "missile", "outcome"]]

    return tidy(read(path, needed), make)
