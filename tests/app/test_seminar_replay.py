"""A seminar as a file: replayed bit for bit on the command line; broken ones refused."""

import itertools
import json
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from seminar_rooms import SEATS, forward, order, small

from sim.app.seminar.replay import BrokenFileError, exported, replay_lines
from sim.app.seminar.room import opening

pytestmark = pytest.mark.usefixtures("unchecked")
LOG = [
    opening(small(), SEATS, seed=3),
    order(0, "CHL", ("press", ["DEF"])),
    {
        "kind": "propose",
        "seat": "CHL",
        "turn": 0,
        "deal": {"type": "statement", "to": "DEF", "text": "we hold"},
    },
    {"kind": "answer", "seat": "DEF", "turn": 0, "deal": 1, "accept": True},
    forward(0),
    forward(1),
    {"kind": "rewind", "turn": 1},
    forward(1),
    {"kind": "end"},
]
TEXT = exported(LOG)
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "seminar.json"
    found.write_text(TEXT)
    return found


def test_it_is_replayed_bit_for_bit(armsflow: Command, file: Path) -> None:
    code, out, err = armsflow(f"replay={file}")
    assert (code, err) == (0, "")
    assert "bit for bit" in out
    assert out.count("as then") == 3


def test_another_world_is_said_to_differ(armsflow: Command, file: Path) -> None:
    content = json.loads(file.read_text())
    content["worlds"][1] = content["worlds"][1][::-1]
    file.write_text(json.dumps(content))
    code, out, _ = armsflow(f"replay={file}")
    assert code == 1
    assert "the worlds differ" in out
    assert out.count("as then") == 2


def test_a_changed_order_is_seen(file: Path) -> None:
    content = json.loads(file.read_text())
    content["log"][1]["orders"][0]["verb"] = "conciliate"
    file.write_text(json.dumps(content))
    assert not replay_lines(file)[1]


def changed(**changes: Any) -> str:
    return json.dumps(json.loads(TEXT) | changes)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no JSON"),
        ("\x00\xff", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no seminar of this version"),
        ("{}", "no seminar of this version"),
        (changed(format="armsflow seminar 0"), "no seminar of this version"),
        (changed(log=[]), "`log`"),
        (changed(log={}), "`log`"),
        (changed(log=[1]), "`log`"),
        (changed(worlds=None), "`worlds`"),
        (changed(worlds=[1]), "`worlds`"),
        (changed(log=LOG[1:]), "begins with the entry that opens it"),
        (changed(log=[*LOG, forward(2)]), "entry 9: the seminar has ended"),
        (changed(log=[LOG[0], {"kind": "next"}]), "entry 1: turn: a whole number"),
        (changed(log=[LOG[0] | {"scenario": {"weeks": "no"}}]), "its scenario"),
        (TEXT.replace('"seed": 3', '"seed": NaN'), "no JSON"),
    ],
    ids=itertools.count(),
)
def test_a_broken_file_is_refused_in_a_sentence(
    armsflow: Command, file: Path, text: str, why: str
) -> None:
    file.write_text(text, encoding="utf-8")
    code, out, err = armsflow(f"replay={file}")
    assert (code, out) == (2, "")
    assert why in err
    assert "Traceback" not in err


def test_a_file_that_is_not_there_and_keys_beside_are_refused(
    armsflow: Command, file: Path, tmp_path: Path
) -> None:
    for given in (("replay=none.json",), (f"replay={tmp_path}",), (f"replay={file}", "seed=1")):
        code, _, err = armsflow(*given)
        assert code == 2
        assert err


def test_no_change_of_a_value_is_more_than_refused(file: Path) -> None:
    draws, text = random.Random(7), exported(LOG[:5])
    for _ in range(40):
        content = json.loads(text)
        at: Any = content["log"]
        at[0].pop("scenario") if draws.random() < 0.05 else None
        while isinstance(at, dict | list) and at and (draws.random() < 0.9):
            key = draws.choice(list(at) if isinstance(at, dict) else range(len(at)))
            if key == "scenario":
                break
            inner = at[key]
            if not isinstance(inner, dict | list) or draws.random() < 0.2:
                at[key] = draws.choice([None, True, -1, 1e300, "", "DEF", [], {}, [[]], [1], "x"])
                break
            at = inner
        file.write_text(json.dumps(content))
        with suppress(BrokenFileError):
            replay_lines(file)
