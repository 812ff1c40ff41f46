"""The benchmark: it runs, it adds up, and its page is what its numbers say."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jax", reason="jax is not installed: the extra `fast` brings it")
from experiments.benchmark import __main__ as command
from experiments.benchmark import costs, hotspots, parts
from experiments.benchmark.figure import figure
from experiments.benchmark.machine import PARTS, ROOT, _code_lines
from experiments.benchmark.numbers import a_pair, figures, quartiles, ratios, spread, table
from experiments.benchmark.page import JOB_PARTS, SMALL_JOBS, page
from sim.scenario import load

DOCS = ROOT / "docs"
BOTH = ["docs=true", "quick=true"]
PLAYERS = {"peer", "reference", "compiled", "processes", "threads"}


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCS / "performance.json").read_text("utf-8"))
    return found


def assert_well_formed(found: dict[str, Any]) -> None:
    for name in found["packages"]:
        assert found["machine"][name][0].isdigit()
    assert found["lines"].keys() == PARTS.keys()
    assert found["load"] >= 0.0
    assert 0.0 <= found["others"] <= 1.0
    assert found["took"] > 0.0
    for size in found["sizes"]:
        assert set(size["samples"]) == set(size["runs"]) == PLAYERS
        (rounds,) = {len(samples) for samples in size["samples"].values()}
        assert rounds > 2
        assert all(sample > 0.0 for samples in size["samples"].values() for sample in samples)
        assert all(size["runs"][n] % size["block"] == 0 for n in ("compiled", "threads"))


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the processes of the benchmark find what others of these tests have compiled."""
    return str(tmp_path_factory.mktemp("programs"))


@pytest.mark.slow
@pytest.mark.xdist_group("benchmark")
def test_a_quick_look(
    programs: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(command.tempfile, "TemporaryDirectory", lambda: nullcontext(programs))
    assert command.main(["quick=true", f"out={tmp_path}"]) == 0
    heading, row, *_ = capsys.readouterr().out.splitlines()
    assert "peer / compiled" in heading
    assert row.startswith("4 states")
    assert [file.name for file in tmp_path.iterdir()] == ["performance.json"]
    found = json.loads((tmp_path / "performance.json").read_text("utf-8"))
    assert_well_formed(found)
    assert [size["states"] for size in found["sizes"]] == [4]


def test_the_committed_numbers_are_whole(committed: dict[str, Any]) -> None:
    assert_well_formed(committed)
    synthetic = [s["states"] for s in committed["sizes"] if s["scenario"] == "synthetic"]
    assert synthetic == list(command.STATES)
    assert [row["runs"] for row in committed["memory"]][:2] == list(costs.MEMORY)


def test_the_page_is_what_the_committed_numbers_say(committed: dict[str, Any]) -> None:
    assert (DOCS / "performance.md").read_text("utf-8") == page(committed)
    committed = json.loads(json.dumps(committed))
    samples = committed["sizes"][0]["samples"]
    samples["peer"] = [1.0] * len(samples["peer"])
    assert (DOCS / "performance.md").read_text("utf-8") != page(committed)


def test_the_figure_is_drawn(committed: dict[str, Any], tmp_path: Path) -> None:
    assert figure(committed, tmp_path / "performance.png").stat().st_size > 20_000


@pytest.mark.parametrize(
    "arguments",
    [["outt=x"], ["memory=0"], ["memory=many"], ["quick=yes"], ["out="], ["docs"], BOTH],
)
def test_keys_that_do_not_fit(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(arguments) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.startswith(arguments[0].partition("=")[0])


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"{key}=" in told for key in command.DEFAULTS)


def test_a_ratio_is_taken_round_by_round() -> None:
    samples = {"slow": [10.0, 40.0, 1.0], "fast": [1.0, 20.0, 1.0]}
    size = {"states": 3, "pairs": 6, "samples": samples}
    assert ratios(size, "slow", "fast") == [10.0, 2.0, 1.0]
    assert quartiles([1.0, 2.0, 3.0]) == (1.5, 2.0, 2.5)
    assert a_pair(size, "slow") == 10.0 / 6.0
    assert spread([1234.0] * 3) == "1,234 (1,234 to 1,234)"
    assert figures(0.01234) == "0.0123"
    size = {"scenario": "synthetic", "states": 4, "samples": {name: [2.0] for name in PLAYERS}}
    assert table({"sizes": [size]})[1].split()[:3] == ["4", "states", "2"]


def test_lines_that_hold_code_are_counted() -> None:
    text = '"""A\ndocstring."""\n\nX = 1  # one\n"""What X is."""\n\n# no\n'
    assert _code_lines(text) == 1
    assert _code_lines(text + 'def f(\n    a,\n):\n    return """b\n\nc"""\n') == 7


# Where the time goes


def event(name: str, start: float, length: float) -> dict[str, Any]:
    return {"name": name, "ts": start, "dur": length}


def test_an_operation_has_its_own_time() -> None:
    events = [event("add", 2.0, 3.0), event("while", 0.0, 10.0), event("call", 5.0, 4.0)]
    events += [event("mul", 6.0, 1.0), event("sub", 10.0, 2.0)]
    own = hotspots._own_times(events)
    assert dict(own) == {"while": 3.0, "add": 3.0, "call": 3.0, "mul": 1.0, "sub": 2.0}


def test_an_operation_belongs_to_the_phase_that_asked_for_it() -> None:
    outer = ["sim/rules/week.py", "sim/engines/compiled.py", "elsewhere.py"]
    assert hotspots._file(["sim/arrays.py", "sim/rules/trade.py", *outer]) == "sim/rules/trade.py"
    through = ["sim/desks/crisis.py", "sim/desks/decide.py", *outer]
    assert hotspots._file(through) == "sim/desks/crisis.py"
    assert hotspots._file(outer[1:]) == "sim/engines/compiled.py"
    assert hotspots._file(["elsewhere.py"]) == "other"


@pytest.mark.slow
def test_the_time_of_a_week_is_found_by_file(
    unchecked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What JAX writes can be read: a program's operations, and the calls that led to each."""
    import jax

    from sim.engines import compiled

    monkeypatch.setattr(hotspots, "REPEATS", 1)
    monkeypatch.setattr(compiled, "_PROGRAMS", {})
    kept = jax.config.jax_enable_compilation_cache
    jax.config.update("jax_enable_compilation_cache", False)
    try:
        found = hotspots.hotspots(load("synthetic", ["generate.states=4", "weeks=6"]))
    finally:
        jax.config.update("jax_enable_compilation_cache", kept)
    rules = {f"sim/rules/{n}.py" for n in ("trade", "watch", "learn", "train", "perceive", "move")}
    assert rules | {"sim/noise.py"} <= found["files"].keys()
    total = sum(found["files"].values())
    assert found["files"].get("other", 0.0) < 0.25 * total
    assert 0.1 * total < found["alone"] < 10.0 * total
    assert found["operations"] > 50


@pytest.mark.slow
@pytest.mark.xdist_group("benchmark")
def test_a_job_is_measured_by_part_and_small_ones_beside_their_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parts, "POINTS", 3)
    world = "synthetic", ["generate.states=4", "weeks=3"]
    found = parts.job_by_part(*world, runs=2)
    assert found.keys() == JOB_PARTS.keys()
    assert all(seconds > 0.0 for seconds in found.values())
    small = parts.small_jobs(*world)
    assert small.keys() == {*SMALL_JOBS, *(f"{key}_engine" for key in SMALL_JOBS)}
    assert all(small[key] > small[f"{key}_engine"] > 0.0 for key in SMALL_JOBS)


@pytest.mark.slow
@pytest.mark.xdist_group("benchmark")
def test_memory_is_watched(programs: str) -> None:
    scenario = {"scenario": "synthetic", "overrides": ["generate.states=5", "weeks=2"]}
    (row,) = costs.memory(scenario, [3], programs)
    assert row["runs"] == 3
    assert row["seconds"] > 0.0
    assert row["bytes"] > 0
    assert 50 * 2**20 < row["peak"] < 8 * 2**30
