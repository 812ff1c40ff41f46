"""Two worlds compared: effects of known size, sentences that follow from them, when they part."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_results import SCENARIO, manifest, stored, trace

import sim
from sim.metrics import METRICS
from sim.results import store
from sim.results.comparison import FALLS, NO_CHANNEL, NOT_CLEAR, RISES, comparison
from sim.results.drivers import FEWEST_RUNS, drivers
from sim.results.effect_text import (
    drivers_sentence,
    effect_sentence,
    interval_text,
    pairing_sentence,
    percentage,
    rounded,
)
from sim.results.parting import NEVER, Parting, parting
from sim.results.record import summary_columns
from sim.results.results import paired
from sim.results.series import Series, series_of, weekly

pytestmark = pytest.mark.usefixtures("unchecked")
RUNS = 6


def moved(run: int, by: float, week: int, metric: str = "tension_mean") -> Any:
    """A run as `trace` draws it, in which a metric of the world is higher from a week on."""
    from sim.engines.traces import REDUCE

    made = trace(run)
    made.series[metric][:, week:] += by
    (how,) = next(m.reduce for m in METRICS if m.name == metric)
    made.summary[metric, how] = REDUCE[how](made.series[metric][0])[None]
    return made


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Worlds that differ in one metric: from week 2 on, by 1 to 4, in all runs but the last."""
    folder = tmp_path_factory.mktemp("worlds")
    a = stored(folder / "a", [trace(run) for run in range(RUNS)])
    sizes = [1.0, 2.0, 3.0, 4.0, 2.0, 0.0]
    b = stored(folder / "b", [moved(run, sizes[run], 2) for run in range(RUNS)])
    return comparison(a, b, ["tension_mean_mean", "disputes_mean"])


def test_an_effect_of_known_size_is_found(found: Any) -> None:
    row = found.table.iloc[0]
    assert row.name == "tension_mean_mean"  # a headline metric is first
    assert row["difference"] == pytest.approx(12.0 / RUNS / 2)  # two of four weeks
    np.testing.assert_allclose(found.effects("tension_mean_mean"), [0.5, 1.0, 1.5, 2.0, 1.0, 0.0])
    assert row["50%"] == pytest.approx(1.0)
    assert (row["rises"], row["same"], row["falls"]) == pytest.approx((5 / 6, 1 / 6, 0.0))
    assert (row["parts"], row["week"]) == pytest.approx((5 / 6, 2.0))
    assert row["effect"] == RISES
    expected = paired(found.a, found.b).loc["tension_mean_mean"]
    names = ["a", "b", "difference", "low", "high", "variance_reduction"]
    np.testing.assert_allclose(row[names].to_numpy(float), expected[names].to_numpy(float))


def test_every_other_metric_has_no_channel(found: Any) -> None:
    rest = found.table.drop("tension_mean_mean")
    assert set(rest["effect"]) == {NO_CHANNEL}
    assert (rest["difference"] == 0.0).all()
    assert set(found.table.index) == set(summary_columns(SCENARIO))


def test_shares_of_signs_add_up_to_one(found: Any) -> None:
    shares = found.table[["rises", "same", "falls"]]
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert ((shares >= 0.0) & (shares <= 1.0)).all(axis=None)


def test_worlds_part_where_they_were_made_to(found: Any) -> None:
    part = found.parting
    assert part.weeks.tolist() == [2, 2, 2, 2, 2, NEVER]
    assert part.share == pytest.approx(5 / 6)
    assert part.week == 2.0
    (place,) = part.table().to_dict("records")
    assert (place["table"], place["who"], place["column"]) == ("weeks", "", "tension_mean")
    assert (place["first"], place["share"]) == pytest.approx((1.0, 5 / 6))


def test_a_comparison_reads_as_its_table(found: Any) -> None:
    assert found.loc["disputes_mean", "difference"] == 0.0
    assert (found["difference"] == found.table["difference"]).all()
    assert len(found) == len(found.table)
    assert "tension mean" in repr(found)
    with pytest.raises(AttributeError):
        _ = found.nothing_of_that_name
    with pytest.raises(ValueError, match="nearest right key: disputes_mean"):
        found.effects("disputes_men")


def test_what_a_run_that_failed_did_is_left_out(tmp_path: Path) -> None:
    a = stored(tmp_path / "a", [trace(run) for run in range(4)])
    b = stored(tmp_path / "b", [trace(0), trace(1, failed_at=1), trace(2), moved(3, 1.0, 3)])
    both = comparison(a, b)
    assert both.runs == (0, 2, 3)
    assert both.parting is not None
    assert both.parting.weeks.tolist() == [NEVER, NEVER, 3]
    assert len(both.effects("tension_mean_mean")) == 3


def test_events_and_dyads_part_too(tmp_path: Path) -> None:
    a = stored(tmp_path / "a", [trace(run) for run in range(2)])
    other = [trace(run) for run in range(2)]
    other[0].series["affinity"][:, 3, 5] += 1.0
    other[1] = replace(other[1], events=other[1].events * [[1, 1, 1, 1, 1, 2]])
    part = parting(a, stored(tmp_path / "b", other), [0, 1])
    i, j = SCENARIO.pairs[5]
    pair = f"{SCENARIO.states[i]} to {SCENARIO.states[j]}"
    assert {place: first.tolist() for place, first in part.places.items()} == {
        Series("dyads", pair, "affinity"): [3, NEVER],
        Series("events", "PRK to PRK", "test"): [NEVER, 0],
    }


def test_what_agrees_to_nine_digits_is_the_same(tmp_path: Path) -> None:
    a = stored(tmp_path / "a", [trace(run) for run in range(2)])
    other = [trace(run) for run in range(2)]
    other[0].series["stock"] *= 1.0 + 1e-12
    other[1].series["stock"] *= 1.0 + 1e-6
    part = parting(a, stored(tmp_path / "b", other), [0, 1])
    assert part.weeks.tolist() == [NEVER, 0]


def test_a_summary_is_not_known_to_part_by_week(tmp_path: Path) -> None:
    a = stored(tmp_path / "a", [trace(run) for run in range(2)], "summary")
    b = stored(tmp_path / "b", [moved(run, 1.0, 0) for run in range(2)], "summary")
    both = comparison(a, b)
    assert both.parting is None
    assert both.headline == ("tension_mean_mean",)
    assert both.table.loc["tension_mean_mean", "parts"] == 1.0
    assert np.isnan(both.table.loc["tension_mean_mean", "week"])
    with pytest.raises(LookupError, match="record=summary keeps no weeks"):
        both.weekly("tension_mean_mean")


def test_weeks_of_every_summary_are_found(tmp_path: Path) -> None:
    """The last week of each number that is summarised by its last week is that summary."""
    results = stored(tmp_path / "out", [trace(run) for run in range(2)])
    places = series_of(SCENARIO)
    assert set(places) == set(summary_columns(SCENARIO))
    lasts = [name for name in places if name.endswith("_last")]
    assert {places[name].table for name in lasts} == {"weeks", "routes"}
    for name in [*lasts[::9], "published_KOR_PRK_RUS_last"]:
        values = weekly(results, places[name], [0, 1])
        np.testing.assert_array_equal(values[:, -1], results.runs[name])


def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    a = stored(tmp_path / "a", [trace(run) for run in range(2)], "summary")
    b = stored(tmp_path / "b", [trace(run) for run in range(2)], "summary")
    with pytest.raises(ValueError, match="no 'disputes_men'") as caught:
        comparison(a, b, ["disputes_men", "tension"])
    assert len(str(caught.value).splitlines()) == 2
    store.prepare(tmp_path / "c", manifest(2, "summary") | {"seed": 8})
    with pytest.raises(ValueError, match="same master seed"):
        comparison(a, sim.Results(tmp_path / "c"), ["disputes_mean"])
    one = stored(tmp_path / "one", [trace(0)], "summary")
    with pytest.raises(ValueError, match="at least two runs"):
        comparison(one, b)


def planted(runs: int, strength: float) -> tuple[np.ndarray, pd.DataFrame]:
    """An effect that one of forty priors drives."""
    rng = np.random.default_rng(3)
    priors = pd.DataFrame(rng.lognormal(size=(runs, 40)), columns=[f"p{n}" for n in range(40)])
    return strength * np.log(priors["p7"].to_numpy()) + rng.normal(size=runs), priors


def test_a_planted_prior_is_found_and_noise_is_not() -> None:
    table = drivers(*planted(200, 1.0))
    assert list(table.index) == ["p7"]
    row = table.loc["p7"]
    assert row["low"] < row["rho"] < row["high"]
    assert row["rho"] == pytest.approx(6 / np.pi * np.arcsin(0.5**0.5 / 2), abs=0.1)  # of normals
    assert 0.15 < row["floor"] < 0.35
    assert drivers(*planted(200, 0.0)).empty


def test_noise_passes_the_floor_in_one_of_twenty() -> None:
    rng = np.random.default_rng(0)
    priors = pd.DataFrame(rng.normal(size=(50, 20)))
    often = sum(not drivers(rng.normal(size=50), priors, seed).empty for seed in range(100))
    assert often <= 12  # binomial: more has a chance of .002


def test_no_driver_is_made_up() -> None:
    effect, priors = planted(FEWEST_RUNS, 9.0)
    assert drivers(np.zeros(FEWEST_RUNS), priors).empty
    assert drivers(effect[:-1], priors.iloc[:-1]).empty
    assert drivers(effect, priors * 0.0).empty
    assert list(drivers(effect, priors).index) == ["p7"]


ROW = {
    "a": 560.0,
    "b": 572.0,
    "difference": 12.0,
    "low": 8.0,
    "high": 16.0,
    "rises": 0.91,
    "same": 0.0,
    "falls": 0.09,
    "parts": 1.0,
    "effect": RISES,
}
LABEL = "losses UKR, at the end"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "rises by 12.0 [8.0, 16.0] thousand, from 560.0 to 572.0; it rises in 91 % of runs."),
        (
            {"difference": -12.0, "low": -16.0, "high": -8.0, "effect": FALLS, "falls": 0.995},
            "falls by 12.0 [8.0, 16.0] thousand, from 560.0 to 572.0; it falls in over 99 % of"
            " runs.",
        ),
        (
            {"low": -8.0, "high": 32.0, "effect": NOT_CLEAR},
            "cannot be distinguished from zero, 12 [-8, 32] thousand; it rises in 91 % of runs,"
            " falls in 9 %"
            " and is the same in 0 %.",
        ),
        ({"effect": NO_CHANNEL, "same": 1.0}, "no channel; it differs in no week of any run."),
        (
            {"effect": NOT_CLEAR, "same": 1.0, "parts": 0.25},
            "the same in every run, though weeks of it differ in 25 % of runs.",
        ),
    ],
)
def test_a_sentence_follows_from_its_interval(change: dict[str, Any], sentence: str) -> None:
    made = effect_sentence(SCENARIO, "losses_UKR_last", ROW | change)
    assert made.removeprefix(LABEL).lstrip(": ") == sentence


@pytest.mark.parametrize(
    ("low", "high", "effect"),
    [(0.1, 0.3, RISES), (-0.3, -0.1, FALLS), (-0.1, 0.3, NOT_CLEAR)],
)
def test_the_verdict_follows_from_the_interval(
    low: float, high: float, effect: str, tmp_path: Path
) -> None:
    """Two runs whose effects are the ends of an interval that Student's law makes wider."""
    from sim.results.intervals import student

    middle, half = (low + high) / 2.0, (high - low) / 2.0 / student(1)
    sizes = [middle - half, middle + half]
    a = stored(tmp_path / "a", [trace(run) for run in range(2)], "summary")
    b = stored(tmp_path / "b", [moved(run, sizes[run], 0) for run in range(2)], "summary")
    row = comparison(a, b).row("tension_mean_mean")
    assert (row["low"], row["high"]) == pytest.approx((low, high))
    assert row["effect"] == effect


def test_why_pairing_gains_little_is_said() -> None:
    row = {"variance_reduction": 24.5, "sd_a": 1.0, "sd_b": 1.0, "correlation": 0.96}
    assert pairing_sentence(SCENARIO, "losses_UKR_last", row).endswith("effect by 24.5.")
    little = row | {"variance_reduction": 1.5, "correlation": 0.36}
    assert "correlate by 0.36; once they part" in pairing_sentence(SCENARIO, "x", little)
    still = row | {"variance_reduction": 1.0, "sd_b": 0.0}
    assert "with the change it hardly varies" in pairing_sentence(SCENARIO, "x", still)
    alike = row | {"variance_reduction": np.nan}
    assert "the same in every run" in pairing_sentence(SCENARIO, "x", alike)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((0.011, 0.0001, 0.022), "0.0110 [0.0001, 0.0220] pairs"),
        ((-670123.0, -880456.0, -450789.0), "-670,000 [-880,000, -450,000] pairs"),
        ((3.0, 3.0, 3.0), "3.00 [3.00, 3.00] pairs"),
        ((0.0, 0.0, 0.0), "0 [0, 0] pairs"),
        ((0.05, -0.11, 0.21), "0.05 [-0.11, 0.21] pairs"),
    ],
)
def test_numbers_have_the_digits_that_their_interval_bears(
    numbers: tuple[float, float, float], text: str
) -> None:
    assert interval_text(*numbers, "pairs") == text


def test_no_number_looks_like_what_it_is_not() -> None:
    assert [percentage(x) for x in (0.0, 0.001, 0.5, 0.999, 1.0)] == [
        *("0 %", "under 1 %", "50 %", "over 99 %", "100 %")
    ]
    assert rounded(-0.0004, 1.0) == "0.0"
    assert rounded(np.nan, 1.0) == "unknown"


def test_drivers_are_named_by_strength(found: Any) -> None:
    assert "no uncertain number" in drivers_sentence(found, "tension_mean_mean")


def test_nothing_differs_in_worlds_that_are_one(tmp_path: Path) -> None:
    a = stored(tmp_path / "a", [trace(run) for run in range(2)])
    same = comparison(a, a)
    assert set(same.table["effect"]) == {NO_CHANNEL}
    assert same.lines()[-1] == "No channel: nothing differs in any of 2 runs."
    assert same.parting is not None
    assert same.parting.table().empty
    empty = Parting((0, 1), ("weeks",), {})
    assert np.isnan(empty.week)
