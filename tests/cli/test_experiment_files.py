"""Files of experiments: read as scenario files are, and refused with their line."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from sim.scenario import load

if TYPE_CHECKING:
    from sim.cli.request import Request
    from sim.ensemble.plan import Plan

pytestmark = pytest.mark.usefixtures("unchecked")

HEAD = "# @package _global_\ndefaults:\n  - override /scenario: arms_race_dyad\n"
SWEPT = 'hydra: {sweeper: {params: {rules.watch.fading: "0,1"}}}\n'
WHERE = "hydra.searchpath=[file://own]"

Multirun = Callable[..., tuple[int, str, str]]


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Writes an experiment `mine` under the head and before what it sweeps."""

    def write(text: str | bytes) -> Path:
        file = tmp_path / "own" / "experiment" / "mine.yaml"
        file.parent.mkdir(parents=True)
        body = text.encode() if isinstance(text, str) else text
        file.write_bytes(HEAD.encode() + SWEPT.encode() + body)
        return file

    return write


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("weeks: 010", "weeks: '010': input should be a valid integer"),
        ("weeks: 1:30", "weeks: '1:30': input should be a valid integer"),
        ("runs: 010", "runs: '010' is not a whole number"),
        ("weeks: 0x10", "weeks: '0x10': input should be a valid integer"),
        ("pages: yes", "pages: 'yes' is neither true nor false"),
        ("states: {RED: {observer: on}}", "states.RED.observer: 'on': input should be a valid boo"),
        ("weeks: 2\nweeks: 3", "own/experiment/mine.yaml: 'weeks' stands twice (line 6)"),
        ("weeks:\t2\n\trecord: full", "own/experiment/mine.yaml: found a tab character"),
        ("weeks: &a 2", "own/experiment/mine.yaml: anchors and aliases are not read (line 5)"),
        ("weeks: !!int 2", "own/experiment/mine.yaml: tags are not read (line 5)"),
        ("weeks: {", "own/experiment/mine.yaml: did not find expected node content (line 6)"),
        ("seed: " + "9" * 5000, "own/experiment/mine.yaml: a number has more digits than are re"),
        (b"weeks: \xff", "own/experiment/mine.yaml: is not UTF-8 text (line 5)"),
        ("title: \x07", "own/experiment/mine.yaml: control characters are not allowed (line 5)"),
        ("x: " + "[" * 50, "own/experiment/mine.yaml: nested deeper than 32 (line 5)"),
        ("{1: 2}: 3", "own/experiment/mine.yaml: "),
    ],
)
def test_what_is_no_plain_setting_is_refused(
    multirun: Multirun,
    written: Callable[[str | bytes], Path],
    tmp_path: Path,
    body: str | bytes,
    told: str,
) -> None:
    written(body)
    before = sorted(tmp_path.rglob("*"))
    code, out, err = multirun("experiment=mine", WHERE)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_state_of_a_word_is_a_state(
    planned: Callable[..., tuple["Plan", "Request"]], written: Callable[[str], Path], tmp_path: Path
) -> None:
    text = yaml.safe_dump(load("arms_race_dyad").mapping, sort_keys=False)
    (tmp_path / "norway.yaml").write_text(text.replace("RED", "NO"))
    written("scenario_file: norway.yaml\nstates: {NO: {readiness: 1e-1}}\nseed: 7\n")
    plan, request = planned("experiment=mine", WHERE)
    assert plan.scenario.mapping["states"]["NO"]["readiness"] == 0.1
    assert request.seed == 7


def test_a_heading_that_hydra_cannot_read_is_told(multirun: Multirun, tmp_path: Path) -> None:
    file = tmp_path / "own" / "experiment" / "mine.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("# @package\nweeks: 3\n")
    code, _, err = multirun("experiment=mine", WHERE)
    told = "own/experiment/mine.yaml: Expected header format: KEY VALUE, got '@package' (line 1)\n"
    assert (code, err) == (2, told)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("weeks: 010", "weeks: '010': input should be a valid integer, unable to parse string"),
        (
            "rules:\n  watch:\n    detektion: 1",
            "rules.watch.detektion: no such key (nearest right key: detection)",
        ),
        ("pages: perhaps", "pages: 'perhaps' is neither true nor false"),
    ],
)
def test_what_is_wrong_in_it_is_said_with_its_line(
    body: str, problem: str, written: Callable[[str | bytes], Path], multirun: Multirun
) -> None:
    file = written(body)
    code, _, err = multirun("+experiment=mine", WHERE)
    line = 5 + body.count("\n")
    assert (code, err.splitlines()[0].startswith(problem[:40])) == (2, True)
    assert err.splitlines()[0].endswith(f" (own/experiment/{file.name} line {line})")
