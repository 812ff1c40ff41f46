"""Loaders of public files: each reads a made-up file of the same form, and says what it leaves out.

No number here is of any real state; names of states are real where they are to be recognised.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim
from sim.data import tables
from sim.data.fields import filled
from sim.scenario import ScenarioError

NAMES = {"Norland": "NOR", "Southland": "SOU", "Île": "ILE", "Türkland": "TUR"}
PAGE = Path(__file__).parents[2] / "docs" / "data.md"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """A file with that text."""
    file = folder / "file.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_a_trade_register_in_latin_1_under_a_preamble(tmp_path: Path) -> None:
    text = (
        "Transfers of major weapons: made up\nSource: nobody\n\n"
        'Recipient,Supplier,Year of order,,Number delivered,"Year(s) of delivery","'
        'SIPRI TIV of delivered weapons"\n'
        "Norland,Île,2009,,4,2011-2012,10\n"
        'Norland,Île,2009,,4,"2012; 2014",4\n'
        "Norland,Rebels*,2009,,4,2012,1\n"
        "Southland,Norland,2009,,?,,1\n"
        "Southland,Norland,2009,,?,2012,much\n"
    )
    with pytest.warns(tables.DataWarning) as said:
        frame = sim.data.sipri_transfers(written(tmp_path, text, "latin-1"), NAMES)
    assert frame.to_dict("list") == {
        "supplier": ["ILE"] * 3,
        "recipient": ["NOR"] * 3,
        "year": [2011, 2012, 2014],
        "tiv": [5.0, 7.0, 2.0],
    }
    assert [re.sub(".*csv: ", "", str(each.message)) for each in said] == frame.attrs["dropped"]
    assert frame.attrs["dropped"] == [
        "1 row left out: no year of delivery (line 8)",
        "1 row left out: tiv is not a number of at least 0 (line 9)",
        "1 row left out: supplier is no state that is known: Rebels* (line 7)",
    ]
    assert said[0].filename == __file__


REGISTER = (
    "SIPRI AT Database ID,Supplier,Recipient,Designation,Description,Armament category,Order date,"
    "Order date is estimate,Numbers delivered,Numbers delivered is estimate,Delivery year,"
    "Delivery year is estimate,Status,SIPRI estimate,TIV deal unit,TIV delivery values,"
    "Local production"
)
"""The header of the register that SIPRI exports since 2024."""
OLD_REGISTER = (
    "Recipient,Supplier,Year of order,,Number ordered,,Weapon designation,Weapon description,"
    "Number delivered,,Year(s) of delivery,status,Comments,SIPRI TIV per unit,"
    "SIPRI TIV for total order,SIPRI TIV of delivered weapons"
)
"""That of before."""
EVENTS = (
    "id,relid,year,active_year,code_status,type_of_violence,conflict_dset_id,conflict_new_id,"
    "conflict_name,dyad_dset_id,dyad_new_id,dyad_name,side_a_dset_id,side_a_new_id,side_a,"
    "side_b_dset_id,side_b_new_id,side_b,number_of_sources,source_article,source_office,"
    "source_date,source_headline,source_original,where_prec,where_coordinates,where_description,"
    "adm_1,adm_2,latitude,longitude,geom_wkt,priogrid_gid,country,country_id,region,event_clarity,"
    "date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low,"
    "gwnoa,gwnob"
)
"""The header of UCDP GED, versions 17 to 26."""
CONFLICTS = (
    "conflict_id,location,side_a,side_a_id,side_a_2nd,side_b,side_b_id,side_b_2nd,"
    "incompatibility,territory_name,year,intensity_level,cumulative_intensity,type_of_conflict,"
    "start_date,start_prec,start_date2,start_prec2,ep_end,ep_end_date,ep_end_prec,gwno_a,"
    "gwno_a_2nd,gwno_b,gwno_b_2nd,gwno_loc,region,version"
)
"""The header of the armed conflicts of UCDP and PRIO."""
PREAMBLE = "".join(f"Line {n} of what SIPRI says of the table, with commas\n" for n in range(11))


def row(header: str, cells: dict[str, str]) -> str:
    """A line under a header: what is given, and a filler in all other columns."""
    return ",".join(f'"{cells.get(name, "n/a")}"' for name in header.split(","))


def test_the_register_as_it_is_exported_today(tmp_path: Path) -> None:
    """Eleven lines above the header, a stray sign at the end of each line, as of Windows."""
    deal = {"Supplier": "Île", "Recipient": "Norland", "TIV deal unit": "9"}
    rows = [
        row(REGISTER, deal | {"Delivery year": "2011", "TIV delivery values": "2.5"}),
        row(REGISTER, deal | {"Delivery year": "2012", "TIV delivery values": "0"}),
        row(REGISTER, deal | {"Delivery year": "2011", "TIV delivery values": "4"}),
    ]
    text = PREAMBLE + "".join(f"{line};\n" for line in [REGISTER, *rows])
    frame = sim.data.sipri_transfers(written(tmp_path, text.replace("\n", "\r\n")), NAMES)
    assert frame.to_numpy().tolist() == [["ILE", "NOR", 2011, 6.5], ["ILE", "NOR", 2012, 0.0]]
    assert frame.attrs["dropped"] == []


def test_the_register_as_it_was_exported_before(tmp_path: Path) -> None:
    """With columns without a name, and an empty field where nothing was delivered yet."""
    deal = {"Supplier": "Île", "Recipient": "Norland", "Year of order": "2009", "": "?"}
    tiv, years = "SIPRI TIV of delivered weapons", "Year(s) of delivery"
    rows = [
        row(OLD_REGISTER, deal | {years: "2011; 2013", tiv: "5"}),
        row(OLD_REGISTER, deal | {years: "", tiv: ""}),
    ]
    text = PREAMBLE + "\n".join([OLD_REGISTER, *rows])
    with pytest.warns(tables.DataWarning, match="1 row left out: no year of delivery"):
        frame = sim.data.sipri_transfers(written(tmp_path, text, "latin-1"), NAMES)
    assert frame.to_numpy().tolist() == [["ILE", "NOR", 2011, 2.5], ["ILE", "NOR", 2013, 2.5]]


def test_events_and_conflicts_of_ucdp_under_their_own_headers(tmp_path: Path) -> None:
    event = {"year": "2021", "type_of_violence": "1", "side_a": "Government of Norland"}
    event |= {"side_b": "Rebels", "best": "3", "low": "2", "high": "9", "country": "Norland"}
    event |= {"date_start": "2021-02-03 00:00:00.000", "date_end": "2021-02-04 00:00:00.000"}
    event |= {"source_headline": "Two\nlines, and more", "where_description": "a\u2028b"}
    frame = sim.data.ucdp_events(written(tmp_path, f"{EVENTS}\n{row(EVENTS, event)}\n"))
    assert frame.loc[0, ["a", "deaths", "low", "high"]].tolist() == [event["side_a"], 3, 2, 9]
    assert (frame.loc[0, "start"].day, frame.loc[0, "end"].day) == (3, 4)
    conflict = {"conflict_id": "9", "year": "2020", "side_a": "One", "side_b": "Two, Three"}
    conflict |= {"intensity_level": "2", "type_of_conflict": "2", "gwno_a": "1", "gwno_b": "2, 3"}
    text = f"{CONFLICTS}\n{row(CONFLICTS, conflict)}\n"
    codes = {"1": "ONE", "2": "TWO", "3": "TRE"}
    frame = sim.data.ucdp_conflicts(written(tmp_path, text), codes)
    assert frame.loc[0, ["states_a", "states_b"]].tolist() == [("ONE",), ("TWO", "TRE")]


def test_only_the_end_of_a_line_ends_a_row(tmp_path: Path) -> None:
    """Other signs at which Python splits text stand within cells of real files."""
    text = "date,missile,outcome\n2020-01-01,a\u2028b,success\n2020-01-02,c\x0bd,failure\n"
    frame = sim.data.cns_tests(written(tmp_path, text))
    assert frame["missile"].tolist() == ["a\u2028b", "c\x0bd"]


def test_a_sheet_of_spending(tmp_path: Path) -> None:
    text = (
        "Military expenditure by country, made up\nFigures are in US$ m.;;;;\n\n"
        "Country;Notes;2010;2011;2012\nAfrica;;;;\nTürkland;1;5.5;. .;1,200.5\nÎle;;xxx;...;7\n"
    )
    with pytest.warns(tables.DataWarning, match="3 rows left out: no figure is given"):
        frame = sim.data.sipri_spending(written(tmp_path, text, "cp1252"), NAMES)
    assert frame.to_numpy().tolist() == [
        ["ILE", 2012, 7.0],
        ["TUR", 2010, 5.5],
        ["TUR", 2012, 1200.5],
    ]


def test_the_long_form_of_both(tmp_path: Path) -> None:
    text = "country,year,milex_constant2023_musd,milex_current_musd\nNorland,2010,3,4\n"
    frame = sim.data.sipri_spending(written(tmp_path, text), NAMES)
    assert frame.to_numpy().tolist() == [["NOR", 2010, 3.0]]
    text = (
        "supplier,recipient,year,tiv_million\nNorland,Southland,2010,3\nNorland,Southland,2010,1\n"
    )
    frame = sim.data.sipri_transfers(written(tmp_path, text), NAMES)
    assert frame.to_numpy().tolist() == [["NOR", "SOU", 2010, 4.0]]


def test_participants_of_disputes(tmp_path: Path) -> None:
    text = (
        "dispnum,stabb,ccode,sidea,styear,hostlev,fatality\n7,A,1,1,1950,4,-9\n7,B,2,0,1950,1,0\n"
    )
    frame = sim.data.cow_disputes(written(tmp_path, text), {"1": "ONE", "2": "TWO"})
    assert frame["state"].tolist() == ["ONE", "TWO"]
    assert frame["first"].tolist() == [True, False]
    assert frame["fatality"].isna().tolist() == [True, False]


def test_states_by_number_and_name() -> None:
    pytest.importorskip("country_converter", reason="the extra `data` is not installed")
    assert sim.data.state_codes([255, 260, "345.0", 679, 12345, None], "cow") == [
        *("DEU", "DEU", "SRB", "YEM", None, None)
    ]
    assert sim.data.state_codes([260, 340, 678, 816, 817, 970, 750], "gw") == [
        *("DEU", "SRB", "YEM", "VNM", None, "KIR", "IND")
    ]
    names = ["Korea, South", "North Korea", "Viet Nam", "Türkiye", "Cote d'Ivoire", "NATO**", ""]
    assert sim.data.state_codes(names) == ["KOR", "PRK", "VNM", "TUR", "CIV", None, None]
    assert sim.data.state_codes(["Soviet Union"], codes={"Soviet Union": "RUS"}) == ["RUS"]


def test_without_the_converter_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = __import__("sim.data.codes", fromlist=["codes"])
    codes._table.cache_clear()
    codes._by_number.cache_clear()
    monkeypatch.setattr(codes, "find_spec", lambda _: None)
    with pytest.raises(sim.data.DataError, match=r"pip install 'armsflow\[data\]'"):
        sim.data.state_codes([750], "gw")
    with pytest.raises(sim.data.DataError, match="scheme: 'iso' is none of name, cow, gw"):
        sim.data.state_codes([750], "iso")


@pytest.mark.parametrize(
    ("load", "text", "message"),
    [
        (sim.data.sipri_spending, "a,b\n1,2\n", r"lacks columns: state \(country or"),
        (sim.data.cns_tests, "", "lacks columns: date .* line 1, has: nothing"),
        (sim.data.cow_capabilities, "ccode,year,milex\n1,2,3\n", "lacks columns: milper .*milex$"),
        (sim.data.cns_tests, "date,missile,outcome\nsoon,x,y\n", "no row can be used; 1 row left"),
        (sim.data.cns_tests, f'date,missile,outcome\n"{"x" * 200_000}\n', "is no table in CSV"),
    ],
)
def test_what_is_not_such_a_table(
    tmp_path: Path, load: Callable[[Path], Any], text: str, message: str
) -> None:
    with pytest.raises(sim.data.DataError, match=message):
        load(written(tmp_path, text))
    with pytest.raises(sim.data.DataError, match="cannot be read: No such file"):
        load(tmp_path / "none.csv")
    with pytest.raises(sim.data.DataError, match="save the sheet as CSV"):
        load(tmp_path / "book.xlsx")


# Fields of a scenario


def frames() -> dict[str, pd.DataFrame]:
    """Made-up frames of three states."""
    return {
        "spending": pd.DataFrame(
            {
                "state": ["ONE", "ONE", "TWO"],
                "year": [2009, 2010, 2006],
                "spending": [1e3, 2e3, 5e2],
            }
        ),
        "capabilities": pd.DataFrame({"state": ["ONE"], "year": [2010], "milper": [50.0]}),
        "transfers": pd.DataFrame(
            {
                "supplier": ["SUP", "SUP", "OUT", "SUP"],
                "recipient": ["ONE", "ONE", "TWO", "ONE"],
                "year": [2000, 2010, 2009, 2011],
                "tiv": [100.0, 52.0, 26.0, 999.0],
            }
        ),
        "alliances": pd.DataFrame(
            {
                "a": ["TWO", "ONE"],
                "b": ["ONE", "SUP"],
                "year": [2010, 2010],
                "defense": [True, False],
            }
        ),
    }


def test_frames_fill_what_is_not_there() -> None:
    world: dict[str, Any] = {
        "states": {
            "ONE": {},
            "TWO": {"force": 7, "stock": {"major_arms": 1}},
            "SUP": {"spending": 1},
        }
    }
    world["states"]["SUP"]["force"] = 9
    made = filled(world, 2010, **frames())
    one, two = made["states"]["ONE"], made["states"]["TWO"]
    assert (one["spending"], two["spending"], made["states"]["SUP"]["spending"]) == (2.0, 0.5, 1)
    assert (one["force"], two["force"]) == (50.0, 7)
    assert one["stock"]["major_arms"] == pytest.approx(52.0 + 100.0 * 0.95**10, abs=1e-3)
    assert two["stock"] == {"major_arms": 1}
    assert one["war_plan"] == {
        "major_arms": pytest.approx(one["stock"]["major_arms"] / 40, abs=1e-3)
    }
    assert [(r["from"], r["to"]) for r in made["routes"]] == [("SUP", "ONE")]
    assert made["relations"]["alliances"] == [
        {"protector": "ONE", "protege": "TWO", "commitment": 0.7, "mutual": True}
    ]
    assert world["states"]["ONE"] == {}


def test_what_data_lacks_is_named() -> None:
    own = frames()
    with pytest.raises(ScenarioError) as found:
        filled({"states": {"ONE": {}, "TWO": {}}}, 2012, spending=own["spending"],
               capabilities=own["capabilities"])  # fmt: skip
    assert found.value.problems == [
        "states.TWO.spending: the data has no spending of TWO from 2007 to 2012; give it in the"
        " mapping",
        "states.TWO.force: the data has no milper of TWO from 2007 to 2012; give it in the mapping",
    ]
    with pytest.raises(ScenarioError, match="states: the mapping names none"):
        filled({}, 2010)


@pytest.mark.usefixtures("unchecked")
def test_the_page_runs_on_made_up_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("country_converter", reason="the extra `data` is not installed")
    monkeypatch.chdir(tmp_path)
    numbers = {"AFG": 700, "BGD": 771, "IND": 750, "LKA": 780, "NPL": 790, "PAK": 770}
    numbers |= {"CHN": 710, "RUS": 365, "USA": 2}
    Path("trade-register.csv").write_bytes(
        "Made up\n\nRecipient,Supplier,Year(s) of delivery,SIPRI TIV of delivered weapons\n"
        "India,Russia,2012-2014,30\nIndia,Soviet Union,1980,1000\nPakistan,China,2013,20\n"
        "Bangladesh,China,2014,5\n"
        "Sri Lanka,India,2011,1\nIndia,United States,2014,10\n"
        "Afghanistan,Russia,2010,2\nNepal,China,2009,1\n".encode("latin-1")
    )
    Path("NMC-abridged.csv").write_text(
        "ccode,year,milex,milper,irst,pec,tpop,upop,cinc\n"
        + "".join(f"{n},2012,{1e6 + n},{100 + n / 10},0,1,1,1,0.01\n" for n in numbers.values())
    )
    Path("atop-dyad-year.csv").write_text("stateA,stateB,year,defense\n710,770,2010,1\n")
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block, names)
    assert names["scenario"].routes == (("IND", "LKA"),)
    supplied = names["supplied"]
    soviet = 1000 * 0.95**34
    assert supplied.mapping["states"]["IND"]["stock"]["major_arms"] > soviet
    assert names["again"].spec.states == supplied.spec.states
    assert ("RUS", "IND") in supplied.routes
    assert supplied.spec.relations.alliances[0].commitment == 0.7
    stocks = names["stocks"]
    delivered = names["results"].summary("containers_delivered")["50%"]
    assert delivered["containers_delivered_RUS_IND_last"] > 0.0
    assert len(stocks) >= 9
