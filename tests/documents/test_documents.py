"""Documents that are made from the code are those in the repository, and say what the code says."""

import re
import tomllib
from dataclasses import fields
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from experiments.documents import __main__ as command
from experiments.documents.documents import documents, source_tables
from experiments.documents.markdown import between, filled, table
from experiments.documents.sources import split_confidence
from sim.desks.registry import REGISTRY
from sim.params import Rules
from sim.rules.bounds import SHARES
from sim.scenario import names, read_yaml
from sim.scenario.file_schema import file_schema
from sim.scenario.files import shipped
from sim.streams import STREAMS
from sim.world import World

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
ODD = (DOCS / "odd.md").read_text(encoding="utf-8")


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the tables with that heading, without it."""
    found, inside = [], False
    for line in text.splitlines():
        inside = line.startswith("|") and (inside or line == heading)
        if inside and line != heading and not line.startswith("|---"):
            found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


SHARE_UNITS = ("share", "index", "probability", "0/1")


def test_a_share_of_the_protocol_is_bounded_as_one() -> None:
    world = rows(ODD, "| field | axes | unit | meaning |")
    units = {name: row[2] for row in world for name in row[0].split(", ")}
    assert {name for name, unit in units.items() if unit in SHARE_UNITS} == set(SHARES)


def test_the_documents_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    found = command.main(["check=1"])
    assert found == 0, f"python -m experiments.documents changes {capsys.readouterr().out}"


def test_a_stale_document_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in documents(DOCS):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "events.md").unlink()
    odd = (tmp_path / "odd.md").read_text(encoding="utf-8")
    (tmp_path / "odd.md").write_text(odd.replace("| `learning` |", "| `lerning` |"), "utf-8")
    monkeypatch.setattr(command, "DOCS", tmp_path)
    assert command.main(["check=1"]) == 1
    assert capsys.readouterr().out.split() == ["events.md", "odd.md"]
    assert command.main([]) == 0
    assert command.main(["check=1"]) == 0
    assert command.main(["chekc=1"]) == 2


def test_every_coefficient_is_in_the_protocol() -> None:
    """The tables of the protocol, read as text, against the code."""
    told_of = {
        name: {
            row[0].strip("`") for row in rows(part, "| coefficient | unit and meaning | bounds |")
        }
        for name, part in re.findall(r"<!-- ((?:rules|desks)\..*?) -->(.*?)<!-- end -->", ODD, re.S)
    }
    for phase in fields(Rules):
        kind: Any = phase.type  # a dataclass
        assert told_of[f"rules.{phase.name}"] == {f.name for f in fields(kind)}
    for desk, rules in REGISTRY.items():
        for rule, found in rules.items():
            names = {f.name for f in fields(found.coefficients)}
            assert told_of.get(f"desks.{desk}.{rule}", set()) == names
            assert f"**{rule}**" in ODD


def test_the_protocol_names_all_state_and_all_chance() -> None:
    world = rows(ODD, "| field | axes | unit | meaning |")
    assert {name for row in world for name in row[0].split(", ")} == {f.name for f in fields(World)}
    streams = rows(ODD, "| stream | axes | law | decides |")
    assert [tuple(row[:3]) for row in streams] == [(s.name, s.axes, s.law) for s in STREAMS]


def test_every_figure_has_a_source_or_says_that_it_was_chosen() -> None:
    for lines in source_tables().values():
        for row in rows(
            "\n".join(lines), "| key | value | unit | source, or `chosen: why` | conf. |"
        ):
            if not row[0].startswith("**"):
                assert row[3] not in ("", "chosen:"), row
                assert row[4] in ("-", "H", "M", "L", "H/M"), row


def with_a_range() -> set[str]:
    """The coefficients of conduct to which `docs/sources.md` gives a range and a reason.

    `fight.omega`, `tit_for_tat.forgive`, `relations.reach`; a star stands for any end of a name.
    """
    text = (DOCS / "sources.md").read_text(encoding="utf-8")
    part = text.split("## What the coefficients of conduct were chosen for")[1].split("\n## ")[0]
    found: set[str] = set()
    prefix = ""
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) < 4 or line.startswith("|---"):
            continue
        if heading := re.match(r"(?:coefficient|trait).*?(?:`rules\.(.*?)`|$)", cells[0]):
            prefix = heading[1] or ""
            continue
        assert all(cells[2:]), line  # a range, and a reason or a pattern
        desk, _, rest = cells[0].rpartition(":")
        named = re.findall("`(.*?)`", rest)
        before = desk.strip("` ") + "." if desk else prefix
        found |= {f"{before}{name}" for name in named}
    return found


def coefficients(kind: Any) -> list[str]:
    """The names of the coefficients of a dataclass."""
    return [found.name for found in fields(kind)]


def test_every_coefficient_of_conduct_has_a_range_and_a_reason() -> None:
    """Of belief, war and disputes, of alliances and wars among the traits, of the crisis desks."""
    told = with_a_range()
    needed = {
        f"{phase.name}.{name}"
        for phase in fields(Rules)
        if phase.name in ("perceive", "fight", "escalate")
        for name in coefficients(phase.type)
    }
    needed |= {
        f"{rule}.{name}"
        for rule, found in REGISTRY["crisis"].items()
        for name in coefficients(found.coefficients)
    }
    needed |= {f"relations.{name}" for name in ("reach", "unenforceable", "commitment", "at_stake")}
    needed.add("technologies.deterrent")
    missing = sorted(name for name in needed if not any(fnmatch(name, one) for one in told))
    part = "docs/sources.md, What the coefficients of conduct were chosen for"
    assert not missing, f"{part}: no row with a range and a reason for {', '.join(missing)}"
    stale = {one for one in told if not any(fnmatch(name, one) for name in needed)}
    assert not stale, f"{part}: a row for what is not there, {', '.join(sorted(stale))}"


def test_marks_of_confidence() -> None:
    assert split_confidence("SIPRI 2024 [H]") == ("SIPRI 2024", "H")
    assert split_confidence("a claim [L]; counted [H]") == ("a claim; counted", "L/H")
    assert split_confidence("chosen") == ("chosen", "-")


def test_tables_and_markers() -> None:
    assert table(("a", "b"), [(1, ""), ("x|y", 2)]) == [
        "| a | b |", "|---|---|", "| 1 | |", "| x\\|y | 2 |"
    ]  # fmt: skip
    text = "before\n<!-- one -->\nold\n<!-- end -->\nafter"
    assert filled(text, {"one": ["new"]}) == "before\n<!-- one -->\n\nnew\n\n<!-- end -->\nafter"
    with pytest.raises(ValueError, match="markers and parts differ: two"):
        filled(text, {"one": [], "two": []})
    assert [between(0, 1), between(1e-6, float("inf")), between(-float("inf"), 0)] == [
        "0 to 1", "≥ 1e-06", "≤ 0"
    ]  # fmt: skip


# The JSON Schema of scenario files


@pytest.fixture(scope="module")
def judge() -> jsonschema.Draft202012Validator:
    schema = file_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", names("scenario"))
def test_shipped_scenarios_are_valid(judge: jsonschema.Draft202012Validator, name: str) -> None:
    judge.validate(shipped("scenario", name))


def test_a_scenario_in_full_is_valid(judge: jsonschema.Draft202012Validator) -> None:
    judge.validate(read_yaml(Path(__file__).parent.parent / "three_states.yaml"))


CLAIM = {"date": "2024-03-01", "issuer": "S001", "quantity": "containers", "value": 5, "source": ""}
CLAIM |= {"route": ["S001", "S002"]}
FORM = ("unknown_key", "unknown_trait", "unknown_phase", "unknown_coefficient", "unknown_desk")
FORM += ("unknown_desk_rule", "unknown_desk_coefficient", "unknown_event", "unknown_council")
FORM += ("word_for_number", "text_for_number", "truth_for_number", "number_for_mapping", "no_week")
FORM += ("half_a_week", "more_than_all", "less_than_nothing", "lower_case_state", "war_as_level")
FORM += ("observed_by_nobody",)
FORM += (
    "alliance_without_commitment",
    "three_in_a_rivalry",
    "route_without_legs",
    "too_many_states",
)
FORM += ("fifty_third_week", "prior_of_unknown_law", "prior_without_law", "nothing_but_a_title")


@pytest.mark.parametrize("name", FORM)
def test_mistakes_of_form_are_told(judge: jsonschema.Draft202012Validator, name: str) -> None:
    broken = read_yaml(Path(__file__).parent.parent / "broken" / f"{name}.yaml")
    assert not judge.is_valid(broken)


def test_the_schema_refuses_nothing_that_is_played(judge: jsonschema.Draft202012Validator) -> None:
    """Whatever the models accept in small, the schema does."""
    for extra in (
        {"timetable": "none", "priors": None},
        {"states": {"S001": {"desks": {"crisis": "hold", "transfer": {"release": 0.1}}}}},
        {"states": {"S001": {"desks": {"technology": {"rule": "steady", "tests": 0.1}}}}},
        {"states": {"S001": {"nuclear": True, "observer": True, "force_target": None}}},
        {"observations": [CLAIM, {**CLAIM, "route": None, "state": "S001", "office": "ministry"}]},
        {"rules": {"train": {"weight": {"air": 0.5}}, "watch": {"detection": 0.1}}},
        {"doctrines": {"mine": {"desks": dict(shipped("doctrine", "restraint")["desks"])}}},
    ):
        judge.validate({"generate": {"states": 3, "seed": 0}, **extra})


def test_the_package_that_judges_is_of_the_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert any(found.startswith("jsonschema") for found in project["optional-dependencies"]["dev"])
