"""The page on how to add something: its blocks run, in their order, as one script."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.metrics import METRICS
from sim.rules.week import PHASES

PAGE = Path(__file__).parent.parent.parent / "docs" / "extending.md"
TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## A (\w+)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
BLOCKS = [
    (name, block)
    for name, section in SECTIONS
    for block in re.findall(r"```python\n(.*?)```", section, re.DOTALL)
]
LONGEST = 30


def test_every_thing_that_can_be_added_has_its_block() -> None:
    names = [*dict.fromkeys(name for name, _ in BLOCKS)]
    assert names == ["desk", "policy", "phase", "metric", "figure", "scenario"]
    assert TEXT.count("```python") == len(BLOCKS)


@pytest.mark.parametrize(("name", "block"), BLOCKS)
def test_a_block_is_short(name: str, block: str) -> None:
    assert len([line for line in block.splitlines() if line.strip()]) <= LONGEST


def test_the_blocks_run(tmp_path: Path) -> None:
    """As a user's script does: in a process and a folder of its own, warnings as errors."""
    checks = f"""
assert patience.runs["status"].eq("ok").all()
assert not hedged.weeks.equals(patience.weeks)
assert not firm.weeks.equals(patience.weeks)
assert (difference["difference"] != 0.0).any()
assert picture.axes[0].get_ylabel() == "USD bn"
from sim.metrics import METRICS
assert len(METRICS) == {len(METRICS)} + 1
assert [phase.name for phase in tiring.phases if not phase.shipped] == ["train"]
assert len(tiring.phases) == {len(PHASES)}
assert len(sim.open_results(results.path).runs) == 4
print("all run")
"""
    script = tmp_path / "script.py"
    script.write_text("\n\n".join(block for _, block in BLOCKS) + checks, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-W", "error", script.name],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert ran.stdout == "all run\n", ran.stderr
