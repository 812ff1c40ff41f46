"""What is stored cannot lie: bits that flip, parts of something else, edited manifests."""

import json
import shutil
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest

import sim
from experiments.kill import files
from sim import ensemble
from sim.engines.traces import TABLES
from sim.results.results import Results, open_results
from sim.results.store import OutputError, finished, part_name, read_manifest
from sim.scenario import Scenario, load

pytestmark = pytest.mark.usefixtures("unchecked")

Armsflow = Callable[..., tuple[int, str, str]]
FLIPS, EDITS = 1000, 100
FULL = TABLES["full"]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("arms_race_dyad", ["weeks=3"])


@pytest.fixture(scope="module")
def made(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen runs in two parts; not to be changed."""
    path = tmp_path_factory.mktemp("vault") / "made"
    ensemble.run(scenario, runs=16, engine="reference", workers=1, out=path)
    assert finished(path) == {0, 1}
    return path


@pytest.fixture
def mine(made: Path, tmp_path: Path) -> Path:
    """A copy, to be changed."""
    shutil.copytree(made, tmp_path / "mine")
    return tmp_path / "mine"


@pytest.fixture
def other(scenario: Scenario, tmp_path: Path) -> Path:
    """The same job with another seed."""
    out = tmp_path / "other"
    ensemble.run(scenario, runs=16, seed=1, engine="reference", workers=1, out=out)
    return out


def refused(path: Path, *tables: str) -> str:
    """What opening a folder and reading its tables says; it must say something."""

    def read() -> None:
        results = open_results(path)
        for table in tables or FULL:
            results.read(table)

    with pytest.raises(OutputError) as caught:
        read()
    (line,) = str(caught.value).splitlines()
    return line


# Bits


@pytest.mark.parametrize("table", FULL)
def test_no_bit_flips_unnoticed(mine: Path, table: str) -> None:
    """A thousand over all tables: in numbers, in names of columns, in the metadata at the end."""
    file = mine / table / part_name(1)
    sound = file.read_bytes()
    random = Random(table)
    ends = [8 * at + bit for at in range(len(sound) - 8, len(sound)) for bit in (0, 7)]
    seal = 8 * sound.rfind(b'"checksum"')
    places = [*ends, *range(seal, seal + 40)]
    places += [random.randrange(8 * len(sound)) for _ in range(FLIPS // len(FULL) - len(places))]
    for place in places:
        data = bytearray(sound)
        data[place // 8] ^= 1 << place % 8
        file.write_bytes(data)
        said = refused(mine, table)
        assert said.startswith(f"{file} is damaged: "), place
        assert said.endswith(f"; armsflow resume={mine} runs part 1 again")


def test_bits_that_are_gone_or_too_many_are_noticed(mine: Path) -> None:
    file = mine / "weeks" / part_name(0)
    sound = file.read_bytes()
    for data in (b"", b"PAR1", sound[:-1], sound[:-100], sound + b"\0", sound * 2, b"PAR1" * 99):
        file.write_bytes(data)
        assert "weeks/part-00000.parquet is damaged" in refused(mine)


def test_a_damaged_part_alone_is_run_again(armsflow: Armsflow, mine: Path, made: Path) -> None:
    whole, file = files(made), mine / "dyads" / part_name(1)
    times = {name: (mine / name).stat().st_mtime_ns for name in whole if "00000" in name}
    file.write_bytes(file.read_bytes().replace(b"tension", b"tensiom"))
    code, out, err = armsflow(f"report={mine}")
    assert (code, out) == (2, "")
    command = err.rstrip("\n").partition("; ")[2].partition(" runs part")[0]
    code, out, err = armsflow(*command.split()[1:], "pages=false", "workers=1")
    assert code == 0
    assert f"{file} is damaged" in err
    assert "complete already" not in out
    assert files(mine) == whole
    assert all((mine / name).stat().st_mtime_ns == time for name, time in times.items())
    assert "complete already" in armsflow(*command.split()[1:], "pages=false", "workers=1")[1]


def test_a_part_is_checked_once_an_open(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = sim.results.results.fault
    monkeypatch.setattr(
        "sim.results.results.fault", lambda path, place: seen.append(path) or real(path, place)
    )
    results = open_results(mine)
    for _ in range(3):
        results.read("runs", ["run"])
        results.read("weeks", ["week"])
    assert sorted(seen) == sorted(
        mine / t / part_name(n) for t in ("runs", "weeks") for n in (0, 1)
    )


def test_others_read_what_a_part_says_of_itself(made: Path) -> None:
    held = json.loads(pq.read_metadata(made / "events" / part_name(1)).metadata[b"armsflow"])
    digest = read_manifest(made)["digest"]
    assert {k: held[k] for k in held if k != "checksum"} == {
        "job": digest,
        "table": "events",
        "part": 1,
    }


# Parts of something else


def test_a_part_of_another_job_is_refused(mine: Path, other: Path, made: Path) -> None:
    file = mine / "runs" / part_name(1)
    theirs = (other / "runs" / part_name(1)).read_bytes()
    file.write_bytes(theirs)
    assert f"{file} is of another job; armsflow resume={mine} runs part 1" in refused(mine)
    ensemble.resume(mine, workers=1)
    left = files(mine)
    assert left.pop("runs/part-00001.parquet.astray") == theirs
    assert left == files(made)


def test_one_part_under_the_number_of_another_is_refused(mine: Path, made: Path) -> None:
    shutil.copy(mine / "runs" / part_name(0), mine / "runs" / part_name(1))
    assert "runs/part-00001.parquet is part 0 of the table runs; " in refused(mine)
    with pytest.raises(OutputError, match="is part 0"):
        _ = open_results(mine).count
    ensemble.resume(mine, workers=1)
    assert set(files(mine)) - set(files(made)) == {"runs/part-00001.parquet.astray"}


def test_one_table_under_the_name_of_another_is_refused(mine: Path) -> None:
    shutil.copy(mine / "dyads" / part_name(0), mine / "routes" / part_name(0))
    assert "routes/part-00000.parquet is part 0 of the table dyads; " in refused(mine)


@pytest.mark.parametrize("number", [2, 9, 100_000])
def test_a_part_that_the_job_does_not_have_is_refused(
    armsflow: Armsflow, mine: Path, made: Path, number: int
) -> None:
    stray = mine / "runs" / part_name(number)
    shutil.copy(mine / "runs" / part_name(0), stray)
    for said in (refused(mine), armsflow(f"report={mine}")[2]):
        assert f"{stray} is none of this job, which has 2 parts; armsflow resume={mine}" in said
    assert finished(mine) == {0, 1}
    assert armsflow(f"resume={mine}", "workers=1", "pages=false")[0] == 0
    assert set(files(mine)) - set(files(made)) == {f"runs/{stray.name}.astray"}


def test_half_a_job_with_a_stray_part_is_not_complete(mine: Path, made: Path) -> None:
    (mine / "runs" / part_name(1)).rename(mine / "runs" / part_name(9))
    assert "part-00009" in refused(mine)
    assert len(ensemble.resume(mine, workers=1).runs) == 16
    assert files(mine).items() >= files(made).items()


def test_what_was_set_aside_is_not_written_over(mine: Path) -> None:
    kept = (mine / "runs" / part_name(0)).read_bytes()
    for _ in range(3):
        (mine / "runs" / part_name(7)).write_bytes(kept)
        ensemble.resume(mine, workers=1)
    names = sorted(path.name for path in (mine / "runs").glob("*astray*"))
    assert [name.partition(".astray")[2] for name in names] == ["", "-2", "-3"]


@pytest.mark.parametrize("table", FULL)
def test_a_part_is_done_when_all_its_tables_are_there(
    armsflow: Armsflow, mine: Path, made: Path, table: str
) -> None:
    gone = mine / table / part_name(0)
    gone.unlink()
    assert finished(mine) == {1}
    if table != "runs":  # without its last table a part may still be written
        assert f"{gone} is missing; armsflow resume={mine} runs part 0 again" in refused(mine)
    code, out, _ = armsflow(f"resume={mine}", "workers=1", "pages=false")
    assert (code, "complete already" in out) == (0, False)
    assert files(mine) == files(made)


def test_what_resume_may_not_run_it_leaves_as_it_is(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = mine / "runs" / part_name(0)
    file.write_bytes(b"PAR1" + file.read_bytes())
    before = files(mine)
    monkeypatch.setattr("sim.ensemble.job.installed_versions", lambda engine: {"numpy": "1.0"})
    with pytest.raises(OutputError, match="was begun with"):
        ensemble.resume(mine, workers=1)
    assert files(mine) == before


def test_what_stands_in_the_way_of_a_part_is_replaced(
    mine: Path, made: Path, tmp_path: Path
) -> None:
    thesis = tmp_path / "thesis.tex"
    thesis.write_text("chapter")
    part = mine / "weeks" / part_name(0)
    part.unlink()
    part.symlink_to(thesis)
    assert "weeks/part-00000.parquet is damaged" in refused(mine)
    Results(ensemble.resume(mine, workers=1).path)
    assert thesis.read_text() == "chapter"
    assert files(mine) == files(made)


# Manifests


def edits(manifest: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Edits of a manifest, each with what it is."""
    values = (None, 0, -1, 1, "1", 10**9, 1e9, True, [], {}, [1], "x", {"x": 1}, 1e308, "é" * 99)
    paths = [
        *((key,) for key in manifest),
        *(("scenario", key) for key in manifest["scenario"]),
        *(("versions", key) for key in manifest["versions"]),
        ("scenario", "states", "BLU", "spending"),
    ]
    for path in paths:
        whole = json.loads(json.dumps(manifest))
        at = reduce(lambda data, key: data.setdefault(key, {}), path[:-1], whole)
        own = at.get(path[-1])
        for value in values:
            if json.dumps(value) != json.dumps(own):
                at[path[-1]] = value
                yield f"{'.'.join(path)} is {value!r}", json.loads(json.dumps(whole))
        at.pop(path[-1])
        yield f"{'.'.join(path)} is gone", json.loads(json.dumps(whole))


def test_no_edit_of_a_manifest_is_believed(mine: Path, armsflow: Armsflow) -> None:
    file = mine / "manifest.json"
    every = list(edits(json.loads(file.read_text())))
    some = [every[place] for place in sorted(Random(0).sample(range(len(every)), EDITS))]
    named = {"points is '1'", "scenario is None", "runs_a_part is 0", "runs is 1000000000"}
    some += [edit for edit in every if edit[0] in named]
    assert named <= {what for what, _ in some}
    for number, (what, edited) in enumerate(some):
        file.write_text(json.dumps(edited))
        assert refused(mine), what
        with pytest.raises(OutputError):
            ensemble.resume(mine)
        doors = [(f"report={mine}",)]
        if number % 10 == 0:
            doors += [
                (f"resume={mine}",),
                ("explain=BLU", "week=1", f"scenario_file={mine}"),
                (f"scenario_file={mine}", "runs=1", "dry_run=true"),
            ]
        for door in doors:
            code, out, err = armsflow(*door)
            assert (code, out, len(err.splitlines())) == (2, "", 1), (what, door)
            assert str(mine) in err


def test_no_bit_of_a_manifest_flips_unnoticed(mine: Path) -> None:
    file = mine / "manifest.json"
    sound, random = file.read_bytes(), Random(1)
    for _ in range(200):
        place = random.randrange(8 * len(sound))
        data = bytearray(sound)
        data[place // 8] ^= 1 << place % 8
        file.write_bytes(data)
        assert refused(mine, "runs"), place


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "[" * 100_000, '{"runs": ' + "9" * 5000 + "}", '{"a": 1}', "\0"]
)
def test_what_is_no_manifest_at_all(mine: Path, text: str) -> None:
    (mine / "manifest.json").write_text(text)
    assert refused(mine).startswith(f"{mine} holds no results: ")


def test_a_folder_of_an_earlier_version_is_refused(mine: Path) -> None:
    manifest = json.loads((mine / "manifest.json").read_text())
    del manifest["checksum"]
    (mine / "manifest.json").write_text(json.dumps(manifest))
    assert refused(mine).endswith(
        "lacks a checksum, as those of earlier versions do; run the job again"
    )
