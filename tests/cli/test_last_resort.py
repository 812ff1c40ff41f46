"""What nobody foresaw is told as a fault of the program; what others type is answered."""

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("unchecked")

Armsflow = Callable[..., tuple[int, str, str]]


def test_a_fault_of_the_program_is_a_sentence(
    armsflow: Armsflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise AssertionError("no such case\nat all")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(import_module("sim.cli.main"), "parse_request", fails)
    code, out, err = armsflow("weeks=2")
    assert (code, out) == (1, "")
    found = re.fullmatch(
        r"a fault of armsflow, not of your input: AssertionError: no such case; where it happened"
        r" is in (.*armsflow-fault-.*\.txt)\n",
        err,
    )
    assert found
    assert "Traceback" in Path(found[1]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--version"], "manifest.json"),
        (["--info"], "armsflow --cfg job"),
        (["--config-dir", "x"], "key=value"),
        (["--config-name=x"], "key=value"),
        (["--runs", "10"], "key=value"),
        (["run"], "armsflow scenario=NAME"),
        (["help"], "armsflow --help"),
        (["list"], "armsflow list=scenarios"),
    ],
)
def test_what_others_type_is_answered(armsflow: Armsflow, words: list[str], told: str) -> None:
    code, out, err = armsflow(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err
