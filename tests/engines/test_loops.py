"""Small loops stay loops in a program, which XLA can be asked only before JAX is first used."""

import os
import subprocess
import sys
from typing import Any

import pytest

pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
from sim.engines import compiled
from sim.scenario import load

THEN = (
    "; from sim.engines import compiled; import os; print(compiled.LATE, os.environ['XLA_FLAGS'])"
)
SHAPES = "--xla_dump_to="
OTHER = "--xla_backend_extra_options=xla_cpu_optimize_for_size=false"


@pytest.mark.parametrize(
    ("before", "flags", "late", "after"),
    [
        ("import jax", SHAPES, False, f"{SHAPES} {compiled.FLAG}"),
        ("import jax; jax.devices()", SHAPES, True, SHAPES),
        ("import jax; jax.devices()", compiled.FLAG, False, compiled.FLAG),
        ("import jax", OTHER, False, OTHER),
    ],
    ids=["asked", "too late", "in the environment", "a choice of one's own"],
)
def test_xla_is_asked_before_jax_is_used(before: str, flags: str, late: bool, after: str) -> None:
    found = subprocess.run(
        [sys.executable, "-c", before + THEN],
        env=os.environ | {"XLA_FLAGS": flags},
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout.split() == [str(late), *after.split()]


def test_that_it_was_too_late_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class NotCompiledError(Exception):
        pass

    def stop(*_: Any) -> Any:
        raise NotCompiledError

    monkeypatch.setattr(compiled, "_SAID", set())
    monkeypatch.setattr(compiled, "block", stop)
    scenario = load("arms_race_dyad")
    row = compiled.Row(scenario.built)
    for late, lines in ((False, 0), (True, 1), (True, 0)):
        monkeypatch.setattr(compiled, "LATE", late)
        with pytest.raises(NotCompiledError):
            compiled._compile(scenario, "summary", row)
        said = capsys.readouterr().err.splitlines()
        assert len(said) == lines
        assert all(f"XLA_FLAGS={compiled.FLAG}" in line for line in said)
