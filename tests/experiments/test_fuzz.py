"""Whatever comes in is answered in a sentence: 200 spoiled inputs, of which CI draws 2,000."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from experiments import fuzz, spoiling

pytestmark = pytest.mark.usefixtures("unchecked")
INPUTS = {"files": 50, "lines": 35, "experiments": 5, "frames": 60, "folders": 50}
"""Twice as many in `make thorough`."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", INPUTS)
def test_spoiled_input_is_answered(kind: str, pytestconfig: pytest.Config) -> None:
    inputs = INPUTS[kind] * (2 if pytestconfig.getoption("--thorough") else 1)
    found = fuzz.fuzzed(kind, inputs, seed=0)
    assert found.total() == inputs
    assert min(found["refused"], found["accepted"]) > 0, found


def test_every_door_is_tried() -> None:
    assert set(INPUTS) == set(fuzz.SHARES) == set(fuzz.KINDS)


def test_what_is_no_sentence_is_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    def broken(data: object) -> str:
        return fuzz.door(lambda: [][1])

    monkeypatch.setitem(fuzz.KINDS, "lines", broken)
    with pytest.raises(fuzz.FailedError, match="IndexError"):
        fuzz.fuzzed("lines", 1, 0)
    assert fuzz.print_fuzz(20, 0, "lines") == 1
    assert "lines, seed=0: FailedError" in capsys.readouterr().out
    with fuzz.nothing_written() as check:
        Path("left").touch()
        with pytest.raises(fuzz.FailedError, match="written"):
            check()


def test_spoiled_data_leaves_the_good_alone() -> None:
    good = {"a": [1, {"b": 2}], "c": 3}
    seen = Counter(str(spoiling.spoiled(good, Random(n), ["x"])) for n in range(40))
    assert good == {"a": [1, {"b": 2}], "c": 3}
    assert len(seen) > 8
