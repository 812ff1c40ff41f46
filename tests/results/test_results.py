"""The tables of runs, the store of parts, and how results are read."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import sim
from sim.engines.traces import REDUCE, measured, shape
from sim.events import EVENTS
from sim.metrics import METRICS
from sim.results import store
from sim.results.record import TABLES, Traces, tables
from sim.results.results import Results, paired
from sim.results.store import OutputError
from sim.scenario import from_mapping, load, read_yaml

SCENARIO = load("northeast_asia_2023", ["weeks=4"])
RUS, UKR, USA = (SCENARIO.states.index(code) for code in ("RUS", "UKR", "USA"))
ROCKET = SCENARIO.munitions.index("rocket_122")
MISSILE = SCENARIO.technologies.index("missile")
WEST = SCENARIO.routes.index(("USA", "UKR"))
KOR_SEES = SCENARIO.observers.index("KOR")
STATES = len(SCENARIO.states)
DYADS = len(SCENARIO.pairs)
RUS_TO_USA = SCENARIO.pairs.index((RUS, USA))


def trace(run: int, failed_at: int | None = None, shift: float = 0.0) -> Traces:
    """One run whose every number is drawn, and whose failure is told."""
    rng = np.random.default_rng(run)
    weeks = SCENARIO.weeks
    series = {m.name: rng.normal(shift, 1.0, (1, weeks, *shape(m, SCENARIO))) for m in METRICS}
    return Traces(
        point=np.asarray([0]),
        run=np.asarray([run]),
        seed=7,
        priors={"rules.watch.detection": np.asarray([0.1 * run])},
        swept={},
        failed_at=np.asarray([-1 if failed_at is None else failed_at]),
        series=series,
        summary={
            (m.name, how): REDUCE[how](series[m.name][0])[None] for m in METRICS for how in m.reduce
        },
        events=np.asarray([[0.0, 0.0, EVENTS.index("test"), 0.0, 0.0, 2.0]]),
    )


def together(traces: list[Traces]) -> Traces:
    """Some runs as one."""

    def joined(name: str) -> Any:
        return np.concatenate([getattr(t, name) for t in traces])

    def merged(name: str) -> Any:
        return {k: np.concatenate([getattr(t, name)[k] for t in traces]) for k in first[name]}

    first = vars(traces[0])
    events = [t.events + np.eye(1, 6) * place for place, t in enumerate(traces)]
    return Traces(
        **{name: joined(name) for name in ("point", "run", "failed_at")},
        seed=7,
        swept={},
        **{name: merged(name) for name in ("priors", "series", "summary")},
        events=np.concatenate(events),
    )


def manifest(runs: int, record: str = "full", **others: object) -> dict[str, object]:
    content = {
        "runs": runs,
        "parts": -(-runs // 2),
        "points": 1,
        "sweep": {},
        "scenarios": {},
        "runs_a_part": 2,
        "record": record,
        "seed": 7,
        "first": 0,
        "engine": "reference",
        "versions": {"armsflow": "0.1.0"},
        **others,
    }
    return {**content, "scenario": SCENARIO.mapping, "digest": store.digest(content)}


def write(path: Path, part: int, written: dict[str, pa.Table]) -> None:
    """A part of the job whose folder this is."""
    store.write_part(path, part, written, store.read_manifest(path)["digest"])


def stored(path: Path, traces: list[Traces], record: str = "full") -> Results:
    """Results of some runs, two a part."""
    store.prepare(path, manifest(len(traces), record))
    for part in range(0, len(traces), 2):
        write(path, part // 2, tables(SCENARIO, record, together(traces[part : part + 2])))
    return Results(path)


def test_every_number_comes_back_in_its_place(tmp_path: Path) -> None:
    traces = [trace(0), trace(1), trace(2)]
    results = stored(tmp_path / "out", traces)
    series = {name: rows[0] for name, rows in traces[2].series.items()}
    weeks = results.weeks.set_index(["run", "week", "state"]).loc[(2, 3, "RUS")]
    assert weeks["stock_rocket_122"] == series["stock"][3, RUS, ROCKET]
    assert weeks["tech_missile"] == series["tech"][3, RUS, MISSILE]
    assert weeks["treasury"] == series["treasury"][3, RUS]
    assert weeks["level_new"] == series["level_new"][3]
    assert weeks["date"] == pd.Timestamp("2023-05-22")
    dyads = results.dyads.set_index(["run", "week", "state", "target"])
    assert dyads.loc[(2, 1, "RUS", "USA"), "tension"] == series["tension"][1, RUS_TO_USA]
    routes = results.routes.set_index(["run", "week", "state", "target"])
    there = routes.loc[(2, 1, "USA", "UKR")]
    assert there["containers"] == series["containers"][1, WEST]
    assert there["shipped_rocket_122"] == series["shipped"][1, WEST, ROCKET]
    assert there["estimate_KOR"] == series["estimate"][1, KOR_SEES, WEST]
    assert ("UKR", "USA") not in {*routes.index.droplevel(["run", "week"])}
    event = results.events.iloc[0]
    assert (event["kind"], event["actor"], event["value"]) == ("test", "PRK", 2.0)


def test_rows_are_ordered_by_run_week_state_target(tmp_path: Path) -> None:
    results = stored(tmp_path / "out", [trace(0), trace(1), trace(2)])
    order = {code: place for place, code in enumerate(SCENARIO.states)}
    for frame in (results.weeks, results.dyads):
        keys = [frame["run"], frame["week"], frame["state"].map(order)]
        if "target" in frame:
            keys.append(frame["target"].map(order))
        rows = list(zip(*keys, strict=True))
        assert rows == sorted(set(rows))
    codes = SCENARIO.states
    first = results.dyads[:DYADS][["state", "target"]].itertuples(index=False, name=None)
    assert list(first) == [(codes[i], codes[j]) for i, j in SCENARIO.pairs]
    assert len(results.weeks) == 3 * 4 * STATES
    assert len(results.dyads) == 3 * 4 * DYADS


def test_summaries_reduce_over_weeks(tmp_path: Path) -> None:
    traces = [trace(0), trace(1)]
    runs = stored(tmp_path / "out", traces, "summary").runs
    series = {name: rows[0] for name, rows in traces[1].series.items()}
    row = runs.iloc[1]
    assert row["stock_rocket_122_RUS_last"] == series["stock"][-1, RUS, ROCKET]
    assert row["readiness_USA_mean"] == pytest.approx(series["readiness"][:, USA].mean())
    assert row["tests_UKR_sum"] == pytest.approx(series["tests"][:, UKR].sum())
    assert row["level_new_max"] == series["level_new"].max()
    assert row["containers_USA_UKR_last"] == series["containers"][-1, WEST]
    assert row["rules.watch.detection"] == 0.1
    assert not [name for name in runs.columns if name.startswith("_")]


def test_a_failed_run_keeps_its_weeks_and_no_summary(tmp_path: Path) -> None:
    results = stored(tmp_path / "out", [trace(0), trace(1, failed_at=2), trace(2, failed_at=0)])
    runs = results.runs
    assert runs["status"].tolist() == ["ok", "failed", "failed"]
    assert runs["failed_at"].tolist()[1:] == [2, 0]
    assert runs.loc[1:, "level_new_max"].isna().all()
    assert results.weeks.groupby("run")["week"].max().to_dict() == {0: 3, 1: 1}
    assert results.failed["run"].tolist() == [1, 2]
    assert results.summary().loc["level_new_max", "50%"] == runs.loc[0, "level_new_max"]


@pytest.mark.parametrize("record", list(TABLES))
def test_a_record_keeps_its_tables(tmp_path: Path, record: str) -> None:
    results = stored(tmp_path / "out", [trace(0)], record)
    kept = {path.name for path in (tmp_path / "out").iterdir() if path.is_dir()}
    assert kept == set(TABLES[record])
    for table in {*TABLES["full"]} - kept:
        with pytest.raises(LookupError, match=f"record={record} keeps no {table}"):
            getattr(results, table)
    assert len(measured(record)) <= len(METRICS)


def test_the_same_runs_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        stored(tmp_path / name, [trace(0), trace(1), trace(2)])
    files = [path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*")]
    assert len(files) == 1 + 2 * len(TABLES["full"])
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_columns_can_be_read_alone(tmp_path: Path) -> None:
    frame = stored(tmp_path / "out", [trace(0)]).read("weeks", ["week", "treasury"])
    assert list(frame.columns) == ["week", "treasury"]


def test_a_job_that_still_runs_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "out"
    store.prepare(path, manifest(4))
    with pytest.raises(LookupError, match="no finished part"):
        Results(path).read("runs")
    write(path, 1, tables(SCENARIO, "full", together([trace(2), trace(3)])))
    assert Results(path).runs["run"].tolist() == [2, 3]
    assert not Results(path).complete
    write(path, 0, tables(SCENARIO, "full", together([trace(0), trace(1)])))
    assert Results(path).complete


def test_an_open_folder_is_what_it_was_at_the_first_look(tmp_path: Path) -> None:
    path = tmp_path / "out"
    store.prepare(path, manifest(5))
    early = Results(path)
    assert repr(early) == "Results(northeast_asia_2023: 0 of 5 runs, seed 7)"
    write(path, 2, tables(SCENARIO, "full", trace(4)))
    assert repr(early) == "Results(northeast_asia_2023: 1 of 5 runs, seed 7)"
    write(path, 0, tables(SCENARIO, "full", together([trace(0), trace(1)])))
    for table in TABLES["full"]:
        assert set(early.read(table)["run"]) == {4}
    assert dict(early.to_xarray().sizes)["run"] == early.count == 1
    assert early.summary().loc["level_new_max", "50%"] == early.runs.loc[0, "level_new_max"]
    now = Results(path)
    assert repr(now) == "Results(northeast_asia_2023: 3 of 5 runs, seed 7)"
    assert now.runs["run"].tolist() == [0, 1, 4]
    assert now.plot.disputes() is not None
    assert not now.complete
    write(path, 1, tables(SCENARIO, "full", together([trace(2), trace(3)])))
    assert repr(Results(path)) == "Results(northeast_asia_2023: 5 runs, seed 7)"


def test_what_a_killed_job_left_half_written_is_not_seen(tmp_path: Path) -> None:
    assert all(written[-1] == "runs" for written in TABLES.values())
    path = tmp_path / "out"
    path.mkdir()
    (path / f".manifest.json.{store.MACHINE}.0123abcd.999999999").write_text('{"half": ')
    with pytest.raises(OutputError, match="holds no results"):
        Results(path)
    store.prepare(path, manifest(4))
    written = tables(SCENARIO, "full", together([trace(0), trace(1)]))
    write(path, 0, written)
    write(path, 1, {name: written[name] for name in written if name != "runs"})
    half = path / "runs" / f".part-00001.parquet.{store.MACHINE}.0123abcd.999999999"
    half.write_bytes(b"PAR1 half")
    (path / "sensitivity").mkdir()
    indices = path / "sensitivity" / f".indices.csv.{store.MACHINE}.0123abcd.999999999"
    indices.write_text("metric,pa")
    (path / "runs" / "part-notes.parquet").write_bytes(b"mine")
    results = Results(path)
    assert results.parts == [0]
    assert set(results.dyads["run"]) == {0, 1}
    own = path / "runs" / f".part-00001.parquet.{store.MACHINE}.0123abcd.{os.getppid()}"
    own.write_bytes(b"another process writes")
    store.clean(path)
    assert own.exists()
    assert not half.exists()
    assert not indices.exists()
    assert not (path / f".manifest.json.{store.MACHINE}.0123abcd.999999999").exists()


def test_what_another_machine_writes_stays_until_the_job_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out"
    stored(path, [trace(0), trace(1), trace(2)])
    part = path / "runs" / "part-00000.parquet"
    there = part.with_name(f".{part.name}.elsewhere.0123abcd.999999999")
    here = part.with_name(f".{part.name}.{store.MACHINE}.0123abcd.999999999")
    kept = part.read_bytes()
    part.unlink()
    for whole in (False, True):
        there.touch()
        here.touch()
        store.clean(path)
        assert there.exists() is not whole
        assert not here.exists()
        part.write_bytes(kept)


def test_a_part_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    results = stored(tmp_path / "out", [trace(0), trace(1), trace(2)])
    (tmp_path / "out" / "weeks" / "part-00001.parquet").write_bytes(b"PAR1")
    with pytest.raises(OutputError, match=r"weeks/part-00001.parquet is damaged: .* resume="):
        _ = results.weeks
    (tmp_path / "out" / "dyads" / "part-00000.parquet").unlink()
    with pytest.raises(OutputError, match=r"dyads/part-00000.parquet is missing"):
        _ = results.dyads


@pytest.mark.parametrize("key", ["scenarios", "sweep", "points", "parts"])
def test_a_manifest_that_lacks_what_is_read_of_it_is_refused(tmp_path: Path, key: str) -> None:
    manifest = dict(stored(tmp_path / "out", [trace(0)]).manifest)
    del manifest[key]
    (tmp_path / "out" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(OutputError, match=f"lacks {key}"):
        Results(tmp_path / "out")


def test_a_manifest_that_is_none_is_refused(tmp_path: Path) -> None:
    for text, told in (("[]", "lacks digest"), ('{"runs": 3}', "lacks digest"), ("{", "holds no")):
        (tmp_path / "manifest.json").write_text(text)
        with pytest.raises(OutputError, match=told):
            Results(tmp_path)


@pytest.mark.parametrize("at_once", [1 << 20, 1, 7])
def test_good_columns_come_one_after_the_other(
    tmp_path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.results.results.AT_ONCE", at_once)
    results = stored(tmp_path / "out", [trace(0), trace(1, failed_at=2), trace(2)], "summary")
    names = ["treasury_RUS_last", "level_new_max", "rules.watch.detection", "run"]
    columns = dict(results.good(names))
    assert list(columns) == names
    for name in names:
        assert columns[name].tolist() == results.runs[name][[0, 2]].tolist()


def test_where_every_run_failed_there_is_no_summary(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="every run failed"):
        stored(tmp_path / "out", [trace(0, failed_at=1)]).summary()


def test_a_folder_takes_one_job(tmp_path: Path) -> None:
    path = tmp_path / "out"
    store.prepare(path, manifest(4))
    before = (path / "manifest.json").read_bytes()
    store.prepare(path, manifest(4))
    assert (path / "manifest.json").read_bytes() == before
    with pytest.raises(OutputError, match="another job"):
        store.prepare(path, manifest(5))


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("chapter")
    with pytest.raises(OutputError, match="holds no results"):
        store.prepare(tmp_path, manifest(4))
    with pytest.raises(OutputError, match="holds no results"):
        store.prepare(tmp_path / "thesis.tex", manifest(4))
    with pytest.raises(OutputError, match="holds no results"):
        Results(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_the_manifest_is_plain_json(tmp_path: Path) -> None:
    store.prepare(tmp_path / "out", manifest(4))
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["runs"] == 4


def test_xarray_has_every_number_under_its_codes(tmp_path: Path) -> None:
    traces = [trace(0), trace(1, failed_at=2)]
    dataset = stored(tmp_path / "out", traces).to_xarray()
    assert dict(dataset.sizes) == {"run": 2, "week": 4, "state": STATES, "target": STATES}
    assert dataset["state"].values.tolist() == list(SCENARIO.states)
    there = dataset["tension"].sel(run=0, week=3, state="RUS", target="USA").item()
    assert there == traces[0].series["tension"][0, 3, RUS_TO_USA]
    shipped = dataset["containers"].sel(run=0, week=3)
    assert shipped.sel(state="USA", target="UKR") == traces[0].series["containers"][0, 3, WEST]
    assert np.isfinite(shipped).sum() == len(SCENARIO.routes)
    assert np.isnan(dataset["tension"].sel(state="JPN", target="UKR")).all(), "strangers"
    assert np.isnan(dataset["treasury"].sel(run=1, week=2)).all()
    assert dataset.attrs["seed"] == 7


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("wars", [[["SO", "NO"]], []], ids=["one", "none"])
def test_xarray_has_all_states_where_few_pairs_or_none_are_listed(wars: list[list[str]]) -> None:
    data = read_yaml(Path(__file__).parent.parent / "three_states.yaml")
    data |= {"relations": {"wars": wars}, "routes": [], "exercises": []}
    results = sim.run(from_mapping(data), runs=2, engine="reference", workers=1)
    assert len(results.dyads) == 2 * 10 * 2 * len(wars)
    dataset = results.to_xarray()
    assert dict(dataset.sizes) == {"run": 2, "week": 10, "state": 3, "target": 3}
    assert dataset["target"].values.tolist() == ["NO", "SO", "EA"]
    assert np.isnan(dataset["level"].sel(state="NO", target="EA")).all()
    assert (dataset["level"].sel(state="NO", target="SO", week=0) == 5).all() == bool(wars)


def test_pairing_compares_runs_that_both_finished(tmp_path: Path) -> None:
    a = stored(tmp_path / "a", [trace(r) for r in range(4)], "summary")
    b = stored(tmp_path / "b", [*(trace(r, shift=0.5) for r in range(3)), trace(3, 0)], "summary")
    table = paired(a, b)
    row = table.loc["level_new_max"]
    assert row["difference"] == pytest.approx(0.5)
    assert row["low"] <= row["difference"] <= row["high"]
    assert row["b"] == pytest.approx(b.runs["level_new_max"][:3].mean())


def test_a_difference_is_estimated_as_the_textbook_does(tmp_path: Path) -> None:
    from scipy import stats

    a = stored(tmp_path / "a", [trace(r) for r in range(12)], "summary")
    b = stored(tmp_path / "b", [trace(r + 100) for r in range(12)], "summary")
    b.runs["run"] -= 100
    x, y = (r.runs["treasury_RUS_last"].to_numpy() for r in (a, b))
    row = paired(a, b).loc["treasury_RUS_last"]
    low, high = stats.ttest_rel(y, x).confidence_interval(0.95)
    assert (row["low"], row["high"]) == pytest.approx((low, high), rel=1e-3)
    expected = (x.var(ddof=1) + y.var(ddof=1)) / (y - x).var(ddof=1)
    assert row["variance_reduction"] == pytest.approx(expected)
