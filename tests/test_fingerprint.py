"""Results are what they were: digests of the tables of every shipped scenario and of drawn worlds.

It stays until numbers change on purpose; `python -m experiments.fingerprint write=true` then stores
the new ones. On another kind of processor, or with another NumPy or JAX, the last digits of floats
may differ: there whole numbers, dates, names and the order of rows must still be the same, and the
sums of floats agree to nine digits.
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from experiments import fingerprint as fingerprints
from experiments.fingerprint import (
    ENGINES,
    TABLES,
    differences,
    fingerprint,
    made_elsewhere,
    made_with,
    main,
    stored_fingerprints,
    table_fingerprint,
    world,
    world_names,
)

pytestmark = pytest.mark.usefixtures("unchecked")

COMPILED = ("northeast_asia_2023", "drawn_5", "drawn_14")
"""Few: each is compiled as it is shipped."""
STORED = stored_fingerprints()
ELSEWHERE = made_elsewhere(STORED["made_with"])


def assert_as_stored(engine: str, name: str) -> None:
    stored = STORED["worlds"][f"{engine}/{name}"]
    assert list(differences(stored, fingerprint(world(name), engine), not ELSEWHERE)) == []


@pytest.mark.parametrize("name", sorted(world_names(), key=lambda name: name != COMPILED[0]))
def test_the_reference_engine_gives_what_is_stored(name: str) -> None:
    assert_as_stored("reference", name)


@pytest.mark.xdist_group("optimised")
@pytest.mark.usefixtures("optimised")
@pytest.mark.parametrize("name", COMPILED)
def test_the_compiled_engine_gives_what_is_stored(name: str) -> None:
    pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
    assert_as_stored("compiled", name)


def test_floats_are_compared_bit_by_bit() -> None:
    if ELSEWHERE:
        pytest.skip(f"floats were compared by their sums alone: {'; '.join(ELSEWHERE)}")
    assert made_with() == STORED["made_with"]


def test_every_world_is_stored_and_no_other() -> None:
    both = {f"{engine}/{name}" for engine in ENGINES for name in world_names()}
    assert STORED["worlds"].keys() == both
    assert len(world_names()) >= 45


FRAME = pd.DataFrame({"week": [0, 1, 2], "kind": ["test", "visit", "test"], "x": [0.5, 2.0, -3.0]})


def changed(frame: pd.DataFrame, bits: bool) -> list[str]:
    """What differs between `FRAME` as a table and another one, all other tables the same."""
    old = dict.fromkeys(TABLES, table_fingerprint(FRAME))
    return list(differences(old, old | {"weeks": table_fingerprint(frame)}, bits))


def test_what_differs_is_seen() -> None:
    one_ulp = FRAME.assign(x=[0.5, 2.0000000000000004, -3.0])
    assert changed(FRAME, bits=True) == changed(FRAME, bits=False) == []
    assert changed(one_ulp, bits=True) == ["weeks: floats"]
    assert changed(one_ulp, bits=False) == []
    more = FRAME.assign(x=[0.5, 2.0 + 1e-7, -3.0])
    assert [line.split(" is ")[0] for line in changed(more, bits=False)] == [
        "weeks: sum",
        "weeks: weighed",
        "weeks: size",
    ]
    swapped = FRAME.assign(x=[2.0, 0.5, -3.0])
    assert [line.split(" is ")[0] for line in changed(swapped, bits=False)] == ["weeks: weighed"]
    for bits in (True, False):
        exact = ["weeks: whole numbers, dates or names"]
        assert changed(FRAME.assign(week=[0, 2, 1]), bits) == exact
        assert changed(FRAME.assign(kind=["visit", "test", "test"]), bits) == exact
        assert changed(FRAME.rename(columns={"x": "y"}), bits) == exact
        assert changed(FRAME[:2], bits) == ["weeks: 2 rows, not 3"]


def test_a_number_that_is_not_finite_is_a_difference() -> None:
    for value in (float("inf"), float("nan")):
        lines = changed(FRAME.assign(x=[0.5, value, -3.0]), bits=False)
        assert lines[0] == "weeks: whole numbers, dates or names"


def test_keys_that_do_not_fit_end_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["write=yes", "world=synthetic"]) == 2
    said = capsys.readouterr().err.splitlines()
    wanted = "takes write=true, write=new or write=false"
    assert said == [f"{a}: {wanted}" for a in ("write=yes", "world=synthetic")]


def store(monkeypatch: pytest.MonkeyPatch, path: Path, **made_with: str) -> None:
    """Store two of the worlds there are, one of them with digests of nothing."""
    held: dict[str, Any] = {name: {} for name in ("reference/a", "compiled/a")}
    made = fingerprints.made_with() | made_with
    path.write_text(json.dumps({"made_with": made, "worlds": held}), "utf-8")
    monkeypatch.setattr(fingerprints, "STORED", path)
    monkeypatch.setattr(fingerprints, "world_names", lambda: ["a", "b"])
    monkeypatch.setattr(fingerprints, "world", lambda name: name)
    monkeypatch.setattr(fingerprints, "fingerprint", lambda name, engine: {"of": [name, engine]})


def test_a_new_world_is_stored_beside_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("jax", reason="digests of both engines are stored")
    path = tmp_path / "fingerprints.json"
    store(monkeypatch, path)
    assert main(["write=new"]) == 0
    assert "2 fingerprints are stored" in capsys.readouterr().out
    assert json.loads(path.read_text("utf-8"))["worlds"] == {
        "reference/a": {},
        "compiled/a": {},
        "reference/b": {"of": ["b", "reference"]},
        "compiled/b": {"of": ["b", "compiled"]},
    }


def test_it_is_not_stored_beside_digests_of_another_processor(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("jax", reason="digests of both engines are stored")
    path = tmp_path / "fingerprints.json"
    store(monkeypatch, path, cpu="another")
    before = path.read_bytes()
    assert main(["write=new"]) == 2
    assert "not another); use write=true" in capsys.readouterr().err
    assert path.read_bytes() == before
