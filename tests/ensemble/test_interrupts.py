"""An interrupt while processes start: the job ends at once, in a sentence, and leaves none."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import psutil
import pytest

import sim
from sim.results.store import finished

pytestmark = pytest.mark.usefixtures("unchecked")


def test_one_amid_the_parts_ends_them_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submit, asked = ProcessPoolExecutor.submit, []

    def interrupted(*told: object) -> object:
        asked.append(told)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return submit(*told)

    monkeypatch.setattr(ProcessPoolExecutor, "submit", interrupted)
    before = set(multiprocessing.active_children())
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    scenario = sim.load("northeast_asia_2023", ["weeks=52"])
    with pytest.raises(KeyboardInterrupt):
        sim.run(scenario, 400, record="weekly", workers=2, out=tmp_path)
    assert set(multiprocessing.active_children()) <= before
    assert finished(tmp_path) == set()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == blocked


HOLDING_A_LOCK = """
import threading
from contextlib import contextmanager

import sim
from sim.ensemble import workers

enter, main = threading.Condition.__enter__, threading.get_ident()
wanted, starting = [], workers._starting

@contextmanager
def started():
    with starting():
        yield
    wanted.append(True)

def interrupted(lock):
    entered = enter(lock)
    if wanted and threading.get_ident() == main:
        wanted.clear()
        raise KeyboardInterrupt
    return entered

threading.Condition.__enter__, workers._starting = interrupted, started
scenario = sim.load("arms_race_dyad", ["weeks=13"])
sim.run(scenario, 16_000, record="summary", engine="reference", workers=2, progress=False)
"""


def test_one_that_leaves_a_lock_taken_ends_the_job_all_the_same(tmp_path: Path) -> None:
    """A signal may come between the moment a lock is taken and that in which it is looked after."""
    process = subprocess.run(
        [sys.executable, "-c", HOLDING_A_LOCK],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60.0,
        check=False,
    )
    assert process.returncode == -signal.SIGINT
    assert process.stderr.endswith("KeyboardInterrupt\n")


def test_one_of_the_whole_group_is_told_once(tmp_path: Path) -> None:
    """As a terminal sends it, when the first worker has barely begun."""
    command = "from sim.cli import main; raise SystemExit(main())"
    words = ("runs=300", "engine=reference", "record=weekly", "workers=2", "out=mine")
    process = subprocess.Popen(
        [sys.executable, "-c", command, *words, "pages=false"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    parent, deadline = psutil.Process(process.pid), time.monotonic() + 60.0
    while len(parent.children()) < 2 and time.monotonic() < deadline:  # a worker beside the tracker
        time.sleep(0.01)
    time.sleep(0.3)  # it imports
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told == "interrupted; continue with: armsflow resume=mine workers=2 pages=false\n"
