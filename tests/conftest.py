"""What all tests share: shapes are checked as the rulebook runs, and Hypothesis draws the same."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jaxtyping
import yaml
from shapes import check_shapes

# Before anything imports sim: every call of the rulebook then checks its arguments and its result.
check_shapes()

import pytest
from hypothesis import settings
from optimised import optimised as optimised_programs
from quick import mark_quick
from slow import deselect_slow
from thorough import deselect_thorough
from unchecked import unchecked as unchecked_here

if TYPE_CHECKING:
    from worlds import Situation

    from sim.cli.request import Request
    from sim.ensemble.plan import Plan

ROOT = Path(__file__).parent.parent

settings.register_profile("stable", deadline=None, derandomize=True)
settings.load_profile("stable")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say on how many drawn worlds the oracle is compared, and whether all tests run."""
    parser.addoption("--oracle-worlds", type=int, default=29, help="drawn worlds for the oracle")
    parser.addoption("--slow", action="store_true", help="slow tests alone; see tests/slow.py")
    parser.addoption("--thorough", action="store_true", help="all tests; see tests/thorough.py")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is quick before `-m` chooses, and leave out what other commands run."""
    mark_quick(items)
    deselect_thorough(config, items)
    deselect_slow(config, items)


@pytest.fixture(autouse=True, scope="session")
def _slow_and_ready() -> Iterator[None]:
    """Where a test names no engine it gets the one that needs no compiling; little is optimised.

    Processes that a test starts do as they are shipped, but for worlds of more than a few states
    they optimise little too.
    """
    from sim.ensemble import job

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "FASTEST", "reference")
        if find_spec("jax"):
            import jax

            from sim.engines import compiled

            jax.devices()  # XLA has read its flags: here the option below decides
            patch.setitem(compiled.CPU_OPTIONS, "xla_backend_optimization_level", 0)
            flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_backend_optimization_level=0"
            patch.setenv("XLA_FLAGS", flags.strip())
            # under a trace a checked rule is traced twice: the program would be half as large
            # again, and other processes, which check nothing, would not find it among those kept
            patch.setattr(compiled, "_compile", unchecked_here()(compiled._compile))
        yield


@pytest.fixture(autouse=True, scope="session")
def _seldom_cleared() -> None:
    """As the command does: to look for garbage takes more than to play."""
    from sim.ensemble.workers import collect_garbage_rarely

    collect_garbage_rarely()


@pytest.fixture(autouse=True, scope="session")
def _heard() -> None:
    """An interrupt that a test sends is heard, also where a shell began all in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def optimised() -> Iterator[None]:
    """Programs as they are shipped, for this test alone."""
    with optimised_programs():
        yield


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled engine, where it is there: many parameter sets share a program."""
    from sim.ensemble import job

    if find_spec("jax") is not None:
        monkeypatch.setattr(job, "FASTEST", "compiled")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser without a display, where there is one."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: the extra `dev` brings it"
    )
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no chromium here: `apt-get install chromium` brings it")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def runs_that_fail(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let runs fail whose amounts pass a limit, here and in processes that the test starts."""

    def lower(largest: float) -> None:
        from failing import sitecustomize

        from sim.rules import bounds

        monkeypatch.setattr(bounds, "LARGEST", bounds.LARGEST)
        monkeypatch.setattr(bounds, "_SPAN", dict(bounds._SPAN))
        if find_spec("jax"):
            from sim.engines import compiled

            monkeypatch.setattr(compiled, "_PROGRAMS", {})
        monkeypatch.setenv(sitecustomize.VARIABLE, str(largest))
        paths = (Path(sitecustomize.__file__).parent, ROOT, os.environ.get("PYTHONPATH", ""))
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, map(str, paths))))
        sitecustomize.lower(largest)

    return lower


@pytest.fixture
def armsflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """The command in an empty folder, in one process: (exit code, stdout, stderr)."""
    cli = import_module("sim.cli.main")

    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        code = cli.main(words)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def few_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job's page has three figures: to draw all takes seconds, and few tests look at them."""
    from sim.plots.registry import FIGURES, figures_of

    for name in {found.name for found in figures_of("job")} - {"stocks", "network", "timeline"}:
        monkeypatch.delitem(FIGURES, name)


@pytest.fixture
def multirun(armsflow: Callable[..., tuple[int, str, str]]) -> Callable[..., tuple[int, str, str]]:
    """The same of `armsflow -m`."""
    return lambda *words: armsflow("-m", *words)


@pytest.fixture
def planned(
    multirun: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple["Plan", "Request"]]:
    """What `armsflow -m` would run, and as which request; it runs nothing."""
    cli = import_module("sim.cli.main")

    caught: list[tuple[Plan, Request]] = []

    def run_plan(plan: "Plan", request: "Request", overrides: list[str]) -> int:
        caught.append((plan, request))
        return 0

    monkeypatch.setattr(cli, "_run_plan", run_plan)

    def run(*words: str) -> tuple["Plan", "Request"]:
        code, _, told = multirun(*words)
        assert (code, told) == (0, "")
        return caught[-1]

    return run


@pytest.fixture
def experiment(tmp_path: Path) -> Callable[..., str]:
    """Writes an experiment of one's own; returns the word that says where it lies."""

    def write(name: str = "mine", params: Any = None, **content: Any) -> str:
        file = tmp_path / "own" / "experiment" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        if params is not None:
            content["hydra"] = {"sweeper": {"params": params}}
        file.write_text("# @package _global_\n" + yaml.safe_dump(content, sort_keys=False))
        return f"hydra.searchpath=[file://{tmp_path / 'own'}]"

    return write


@pytest.fixture(scope="session")
def calm() -> "Situation":
    """The small world in a week in which nobody does anything and no luck strikes."""
    from worlds import small  # not above: the process that deals tests out needs no sim

    return small()


@pytest.fixture(scope="module")
def unchecked() -> Iterator[None]:
    """Shapes left unchecked, five times quicker: for modules and tests that play many weeks."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
