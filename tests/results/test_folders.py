"""A folder belongs to one job, and nothing is written through a name that another may have set."""

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from sim.engines.traces import TABLES
from sim.ensemble.job import Job
from sim.ensemble.plan import single_plan
from sim.results import store
from sim.results.store import OutputError, atomic_write, prepare, read_manifest
from sim.scenario import Scenario, load

pytestmark = pytest.mark.usefixtures("unchecked")

Armsflow = Callable[..., tuple[int, str, str]]
FLIPS, EDITS = 1000, 100
FULL = TABLES["full"]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("arms_race_dyad", ["weeks=3"])


# Two jobs, one folder


def manifests(scenario: Scenario) -> list[dict[str, Any]]:
    jobs = (Job(single_plan(scenario), 1, seed=seed, engine="reference") for seed in (1, 2))
    return [job.manifest() for job in jobs]


def test_of_two_jobs_that_meet_one_gets_the_folder(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have found the folder empty before either writes."""
    meet, real = Barrier(2, timeout=20), store.atomic_write

    def late(*args: Any, **keys: Any) -> Any:
        meet.wait()
        return real(*args, **keys)

    def claim(manifest: dict[str, Any]) -> str | None:
        try:
            prepare(tmp_path / "out", manifest)
        except OutputError as error:
            return str(error)
        return None

    monkeypatch.setattr(store, "atomic_write", late)
    one, two = manifests(scenario)
    with ThreadPoolExecutor(2) as threads:
        said = list(threads.map(claim, (one, two)))
    assert sorted(map(bool, said)) == [False, True]
    assert "holds the results of another job; choose another out" in next(filter(None, said))
    winner = (one, two)[said.index(None)]
    assert read_manifest(tmp_path / "out")["digest"] == winner["digest"]
    meet.reset()
    shutil.rmtree(tmp_path / "out")
    with ThreadPoolExecutor(2) as threads:  # the same job twice is no quarrel
        assert list(threads.map(claim, (one, one))) == [None, None]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["manifest.json"]


def test_a_disk_without_hard_links_takes_one_job_too(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    one, two = manifests(scenario)
    prepare(tmp_path / "out", one)
    monkeypatch.setattr(store, "_holds", lambda path, manifest: False)
    with pytest.raises(FileExistsError), atomic_write(tmp_path / "out" / "manifest.json", new=True):
        pass
    assert read_manifest(tmp_path / "out")["digest"] == one["digest"] != two["digest"]


# Temporary files


def test_a_temporary_name_cannot_be_guessed(tmp_path: Path) -> None:
    names = set()
    for _ in range(3):
        with atomic_write(tmp_path / "a.csv") as file:
            names.add(Path(file.name).name)
            file.write(b"mine")
    assert len(names) == 3
    assert all(name.startswith(".a.csv.") and len(name.split(".")[-2]) >= 16 for name in names)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_no_link_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thesis = tmp_path / "thesis.tex"
    thesis.write_text("chapter")
    place = tmp_path / "a.csv"
    place.symlink_to(thesis)
    with atomic_write(place) as file:
        file.write(b"mine")
    assert (thesis.read_text(), place.read_text(), place.is_symlink()) == ("chapter", "mine", False)
    monkeypatch.setattr(store.secrets, "token_hex", lambda size: "0" * 16)
    guessed = tmp_path / f".b.csv.{store.MACHINE}.{'0' * 16}.{os.getpid()}"
    guessed.symlink_to(thesis)
    with pytest.raises(store.DiskError, match="File exists"), atomic_write(tmp_path / "b.csv"):
        pass
    assert thesis.read_text() == "chapter"
