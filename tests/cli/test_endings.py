"""How a command ends before its time, where its streams are closed, and whose folder it gets."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path

import psutil
import pytest

from experiments.kill import files
from sim.ensemble.interrupts import Terminated, endings_deferred, terminations_raised
from sim.results.store import finished

pytestmark = pytest.mark.usefixtures("unchecked")

Armsflow = Callable[..., tuple[int, str, str]]
cli = import_module("sim.cli.main")
COMMAND = (sys.executable, "-c", "from sim.cli import main; raise SystemExit(main())")
TINY = ("scenario=arms_race_dyad", "weeks=2", "runs=2", "engine=reference", "workers=1")


def begun(folder: Path, *keys: str) -> subprocess.Popen[str]:
    """The command, in a session of its own."""
    return subprocess.Popen(
        [*COMMAND, *keys],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def alive(session: int) -> list[psutil.Process]:
    """The processes of a session."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


JOB = ("scenario=arms_race_dyad", "weeks=13", "runs=16000", "engine=reference", "record=summary")
SWEEP = ("-m", "rules.watch.detection=0,0.01,0.02", *JOB)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "number", "group"),
    [
        pytest.param(JOB, signal.SIGTERM, False, id="job, terminated"),
        pytest.param(JOB, signal.SIGTERM, True, id="job, terminated with its workers"),
        pytest.param(SWEEP, signal.SIGTERM, False, id="sweep, terminated"),
        pytest.param(SWEEP, signal.SIGINT, True, id="sweep, interrupted"),
    ],
)
def test_what_ends_a_job_is_said_with_how_it_goes_on(
    tmp_path: Path, keys: tuple[str, ...], number: int, group: bool
) -> None:
    said, code = {signal.SIGTERM: ("terminated", 143), signal.SIGINT: ("interrupted", 130)}[number]
    process = begun(tmp_path, *keys, "workers=2", "pages=false", "out=mine")
    deadline = time.monotonic() + 60.0
    while not finished(tmp_path / "mine") and time.monotonic() < deadline:
        time.sleep(0.05)
    (os.killpg if group else os.kill)(process.pid, number)
    sent = time.monotonic()
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - sent < 5.0
    while alive(process.pid) and time.monotonic() - sent < 5.0:  # the tracker follows its parent
        time.sleep(0.01)
    assert alive(process.pid) == []
    assert process.returncode == code
    assert err == f"{said}; continue with: armsflow resume=mine workers=2 pages=false\n"
    assert not [name for name in files(tmp_path / "mine") if "/." in name]


def test_one_worker_ends_too(tmp_path: Path) -> None:
    process = begun(tmp_path, *JOB, "workers=1", "pages=false", "out=mine")
    while not (tmp_path / "mine" / "manifest.json").exists() and process.poll() is None:
        time.sleep(0.05)
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 143
    assert err == "terminated; continue with: armsflow resume=mine workers=1 pages=false\n"


def test_a_command_that_runs_nothing_ends_in_a_word(
    armsflow: Armsflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def terminated(*_: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(cli, "_list", terminated)
    assert armsflow("list=rules") == (143, "", "terminated\n")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_handler_of_ones_own_is_left_alone() -> None:
    received = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
    try:
        with terminations_raised():
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert received == [signal.SIGTERM]


def test_what_is_deferred_comes_at_the_end() -> None:
    done = []

    def work() -> None:
        with terminations_raised(), endings_deferred(signal.SIGINT, signal.SIGTERM):
            signal.raise_signal(signal.SIGTERM)
            done.append(1)

    with pytest.raises(Terminated):
        work()
    assert done == [1]


@pytest.mark.parametrize(
    ("number", "said", "code"),
    [(signal.SIGTERM, "terminated", 143), (signal.SIGINT, "interrupted", 130)],
)
def test_one_amid_an_import_is_what_it_is(
    armsflow: Armsflow, monkeypatch: pytest.MonkeyPatch, number: int, said: str, code: int
) -> None:
    """Extension modules make an ImportError of it."""

    def imports(*_: object) -> None:
        try:
            signal.raise_signal(number)
        except KeyboardInterrupt as error:
            raise ImportError("initialization failed") from error

    monkeypatch.setattr("sim.plots.draw.pages", imports)
    found, _, err = armsflow(*TINY, "out=mine")
    assert (found, err) == (code, f"{said}; the runs are kept; again: armsflow report=mine\n")
    monkeypatch.setattr(cli, "execute", imports)
    advice = "continue with: armsflow resume=mine workers=1"
    assert armsflow(*TINY, "out=mine")[::2] == (code, f"{said}; {advice}\n")
    monkeypatch.setattr(cli, "_list", imports)
    assert armsflow("list=rules") == (code, "", f"{said}\n")


# Streams that are closed


def ran(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """What a shell does with a line, in which `armsflow` is the command."""
    command = f'armsflow() {{ {shlex.join(COMMAND)} "$@"; }}\n{line}'
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], str]:
    """What a job with all its streams open writes, in its folder and to its output."""
    folder = tmp_path_factory.mktemp("whole")
    made = ran(folder, shlex.join(["armsflow", *TINY, "pages=false", "out=whole"]))
    return files(folder / "whole"), made.stdout


@pytest.mark.xdist_group("endings")
@pytest.mark.parametrize("closed", ["2>&-", "2>&- <&-", "<&-", ">&-", "2>&- >&- <&-"])
def test_closed_streams_change_no_result(
    tmp_path: Path, closed: str, whole: tuple[dict[str, bytes], str]
) -> None:
    keys, (written, stdout) = shlex.join([*TINY, "pages=false"]), whole
    there = ran(tmp_path, f"armsflow {keys} out=mine {closed}")
    assert (there.returncode, there.stderr) == (0, "")
    assert files(tmp_path / "mine") == written
    said = "" if ">&- <" in closed.removeprefix("2>&- ") or closed == ">&-" else stdout
    assert there.stdout == said.replace("results: whole", "results: mine")


def test_closed_streams_hide_no_refusal(tmp_path: Path) -> None:
    there = ran(tmp_path, "armsflow runs=0 2>&-")
    assert there.returncode == 2
    assert there.stdout == "runs: 0 is not a whole number of at least 1\n"


@pytest.mark.slow
def test_closed_streams_with_workers(tmp_path: Path) -> None:
    keys = shlex.join([*TINY, "runs=40", "workers=2", "pages=true", "out=mine"])
    there = ran(tmp_path, f"armsflow {keys} 2>&-")
    assert there.returncode == 0
    assert finished(tmp_path / "mine") == set(range(5))


# Folders


class Noon(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:
        return datetime(2026, 1, 2, 12, 0, 0)


def test_jobs_of_one_second_have_a_folder_each(
    armsflow: Armsflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "datetime", Noon)
    for seed in range(3):
        assert armsflow(*TINY, "pages=false", f"seed={seed}")[0] == 0
    names = sorted(path.name for path in (tmp_path / "results" / "arms_race_dyad").iterdir())
    assert names == [f"2026-01-02T12-00-00{more}" for more in ("", "-2", "-3")]


def test_three_that_begin_at_once_all_end_well(tmp_path: Path) -> None:
    each = [begun(tmp_path, *TINY, "pages=false", f"seed={seed}") for seed in range(3)]
    for process in each:
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
    assert len(list((tmp_path / "results" / "arms_race_dyad").iterdir())) == 3


def test_a_folder_in_which_nothing_was_put_goes(
    armsflow: Armsflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "execute", interrupted)
    assert armsflow(*TINY, "pages=false") == (130, "", "interrupted; nothing was run yet\n")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "results").write_text("mine")
    code, _, err = armsflow(*TINY, "pages=false")
    assert code == 2
    assert err.startswith("out: results/arms_race_dyad/20")
    assert err.endswith(" cannot be made: Not a directory\n")
