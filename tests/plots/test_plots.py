"""Figures: they are drawn, say what they show, and depend on nothing but the results."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from synthetic_results import SyntheticResults, synthetic

import sim.plots as plots
from sim.events import EVENTS
from sim.plots import style
from sim.plots.draw import figures
from sim.plots.figures import barter as payments
from sim.plots.figures import network as graph
from sim.plots.figures import timeline as chronicle
from sim.plots.figures.war import belligerents
from sim.plots.registry import FIGURES as REGISTERED
from sim.plots.registry import figures_of
from sim.plots.runs import Runs
from sim.scenario import load
from sim.scenario.observed import observations_of

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.xdist_group("plots")]

FIGURES = [figure.name for figure in figures_of("job")]
WITHOUT_ROUTES = {"stocks", "technology", "disputes"}
"""What is left to draw where no route carries anything and nobody tests."""


@pytest.fixture(scope="module")
def results() -> SyntheticResults:
    return synthetic(runs=6, weeks=60)


@pytest.fixture(scope="module")
def drawings(results: SyntheticResults) -> dict[str, Figure]:
    return {name: getattr(plots, name)(results) for name in FIGURES}


def panels(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.get_visible()]


@pytest.mark.parametrize("every", [4, 1])
def test_the_same_results_give_the_same_bytes_and_matplotlib_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    some = FIGURES[::every]
    for name in set(FIGURES) - set(some):
        monkeypatch.delitem(REGISTERED, name)
    before = dict(mpl.rcParams)
    ours = figures(synthetic(runs=3, weeks=30), tmp_path / "new" / "folder")
    assert dict(mpl.rcParams) == before
    with mpl.rc_context({"font.size": 30.0, "axes.facecolor": "black"}):
        theirs = figures(synthetic(runs=3, weeks=30), tmp_path)
    assert [path.stem for path in ours] == some
    assert [p.read_bytes() for p in ours] == [p.read_bytes() for p in theirs]


CASES = {
    "one run": ({"runs": 1}, set(FIGURES)),
    "one week": (
        {"weeks": 1, "runs": 2},
        set(FIGURES) - {"tests", "exercises", "escalation", "timeline"},
    ),
    "two idle weeks of one run": ({"weeks": 2, "runs": 1, "used": False}, WITHOUT_ROUTES),
    "idle": ({"used": False}, WITHOUT_ROUTES),
    "no dyads kept": (
        {"dyads": False},
        {
            "stocks",
            "technology",
            "tests",
            "war",
            "exercises",
            "sanctions",
            "escalation",
            "timeline",
        },
    ),
    "some failed": ({"failed": 2}, set(FIGURES)),
    "two states": (
        {"states": "AB", "routes": (("A", "B"),), "observers": ()},
        set(FIGURES) - {"observers"},
    ),
    "twelve states": (
        {"states": "ABCDEFGHIJKL", "routes": (("J", "K"),), "observers": "L"},
        set(FIGURES),
    ),
}


@pytest.mark.parametrize(("options", "expected"), CASES.values(), ids=CASES)
def test_any_results_can_be_drawn(options: dict, expected: set[str]) -> None:
    results = synthetic(**{"runs": 4, "weeks": 20} | options)
    assert {name for name in FIGURES if getattr(plots, name)(results) is not None} == expected


@pytest.mark.quick
def test_there_are_a_dozen_figures_and_each_has_its_caption() -> None:
    assert len(FIGURES) >= 12
    for figure in plots.FIGURES.values():
        assert figure.caption.endswith("."), figure.name
        about = figure.function.__doc__.splitlines()[0]
        assert getattr(plots, figure.name).__doc__.startswith(about)
    orders = [figure.order for figure in figures_of("job")]
    assert len(set(orders)) == len(orders)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_needs_no_table_but_those_that_it_names(name: str) -> None:
    results = synthetic(runs=2, weeks=20)
    tables = {table: results.tables[table] for table in ("runs", *plots.FIGURES[name].tables)}
    assert getattr(plots, name)(replace(results, tables=tables)) is not None


def test_a_figure_is_one_file_that_bears_its_name() -> None:
    folder = Path(plots.__file__).parent / "figures"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == {figure.name for figure in plots.FIGURES.values() if figure.shipped}


def test_every_figure_is_in_the_gallery() -> None:
    docs = Path(plots.__file__).parents[2] / "docs"
    text = (docs / "gallery.md").read_text(encoding="utf-8")
    for figure in plots.FIGURES.values():
        if figure.shipped:
            anew = f"{figure.name}: python -m experiments.gallery write=true"
            assert f"![{figure.caption}](gallery/{figure.name}.png)" in text, anew
            assert (docs / "gallery" / f"{figure.name}.png").is_file(), anew


def test_nothing_is_written_where_all_runs_failed(tmp_path: Path) -> None:
    assert figures(synthetic(runs=2, weeks=8, failed=2), tmp_path) == []


@pytest.mark.quick
@pytest.mark.parametrize("name", FIGURES)
def test_axes_and_footers_say_what_they_show(drawings: dict[str, Figure], name: str) -> None:
    figure = drawings[name]
    rows: dict[int, Axes] = {}
    for axes in panels(figure):
        rows.setdefault(axes.get_subplotspec().rowspan.start, axes)
    assert all(axes.get_ylabel() for axes in rows.values()), "a row's first panel has no label"
    assert figure.get_suptitle()
    foot = figure.get_supxlabel()
    assert "synthetic_test, 6 runs" in foot
    assert "5-95 %" in foot


UNITS = {
    "stocks": ["(rounds and rockets)", "(units)", "(weeks of need)"],
    "containers": ["containers since the start", "containers, as published"],
    "technology": ["(1 = frontier at start)", "(levels)"],
    "tests": ["number since the start", "tests in 13 weeks", "tests per year"],
    "exposure": ["probability", "share of the public", "number since", "share of runs"],
    "disputes": ["share of runs\nat level", "tension\nindex"],
    "network": ["route"],
    "barter": ["USD bn since the start", "USD bn"],
    "war": ["soldiers", "casualties, cumulative", "casualties per week", "km"],
    "exercises": ["partners", "readiness index", "interoperability index"],
    "observers": ["claim over containers shipped", "highest over lowest"],
    "sanctions": ["sum of levels", "share of runs", "share of the week's containers"],
    "escalation": ["weight per week"],
    "timeline": ["kind of event"],
}


@pytest.mark.parametrize("name", FIGURES)
def test_units_stand_on_the_axes(drawings: dict[str, Figure], name: str) -> None:
    labels = " | ".join(axes.get_ylabel() for axes in drawings[name].axes)
    assert all(unit in labels for unit in UNITS[name]), labels


def test_one_run_is_not_called_a_median() -> None:
    foot = plots.stocks(synthetic(runs=1, weeks=20)).get_supxlabel()
    assert "a single run" in foot
    assert "median" not in foot


def test_failed_runs_are_left_out_and_counted() -> None:
    foot = plots.stocks(synthetic(runs=5, weeks=20, failed=2)).get_supxlabel()
    assert "3 runs (2 failed and are left out)" in foot


def test_the_points_of_a_sweep_are_counted() -> None:
    one, two = (synthetic(runs=2, weeks=20, seed=seed) for seed in range(2))
    for frame in two.tables.values():
        frame["point"] = 1
    both = SyntheticResults(
        one.scenario, {name: pd.concat([one.tables[name], two.tables[name]]) for name in one.tables}
    )
    assert "4 runs of 2 points" in plots.technology(both).get_supxlabel()
    tech = Runs(both).of_states("tech_missile")
    assert (tech[2:] == Runs(two).of_states("tech_missile")).all()


def test_no_line_is_drawn_without_its_range(drawings: dict[str, Figure]) -> None:
    for axes in panels(drawings["containers"]):
        medians = [line for line in axes.lines if len(line.get_xdata()) == 60]
        bands = [band for band in axes.collections if band.get_gid()]
        assert len(bands) == 2 * len(medians) > 0


def test_a_single_week_still_shows_its_range() -> None:
    figure = plots.technology(synthetic(runs=5, weeks=1))
    box = figure.axes[0].collections[0].get_paths()[0].get_extents()
    assert box.width > 0.0
    assert box.height > 0.0


def test_a_band_is_the_quantiles_over_runs() -> None:
    values = np.random.default_rng(0).normal(size=(50, 4))
    values[:, 3] = np.nan
    values[0, 2] = np.nan
    low, high = style.quantiles(values, (0.05, 0.95))
    assert low[0] == np.quantile(values[:, 0], 0.05)
    assert high[2] == np.quantile(values[1:, 2], 0.95)
    assert np.isnan(low[3])


def test_the_network_is_the_median_run(results: SyntheticResults) -> None:
    runs = Runs(results)
    shipped = np.median(runs.of_routes("containers", runs.routes)[:, -1], axis=0)
    drawn = graph.transfers(runs, shipped, np.array([True, False, False]), np.arange(7.0))
    edge = drawn.edges["PRK", "RUS"]
    assert edge == {"containers": shipped[0], "unlawful": True}
    assert drawn.nodes["CHN"]["value"] == 6.0
    assert list(drawn.nodes) == list(runs.states)


def test_a_large_network_shows_who_ships_most() -> None:
    codes = [f"S{n:03d}" for n in range(30)]
    results = synthetic(codes, (("S029", "S028"),), (), runs=2, weeks=4)
    runs = Runs(results)
    drawn = graph.transfers(runs, np.array([3.0]), np.array([False]), np.zeros(30))
    assert len(drawn) == graph.MOST_STATES
    assert ("S029", "S028") in drawn.edges


def test_accounts_are_those_of_the_frames(results: SyntheticResults) -> None:
    runs, route = Runs(results), ("USA", "UKR")
    account = payments.accounts(runs, [route])
    row = results.tables["routes"].query(
        "run == 1 and week == 40 and state == 'USA' and target == 'UKR'"
    )
    row = row.iloc[0]
    value = sum(
        row[f"delivered_{k}"] * munition.price
        for k, munition in results.scenario.spec.munitions.items()
    )
    paid = row["paid_cash"] + row["paid_goods"] + row["paid_technology"]
    assert account.delivered[1, 40, 0] == pytest.approx(value)
    assert account.balance[1, 40, 0] == pytest.approx(paid - value)
    assert account.debt[1, 40, 0] == row["debt"]


def test_claims_are_told_against_the_truth() -> None:
    results = synthetic(runs=4, weeks=20)
    routes = results.tables["routes"]
    routes.loc[routes["week"] < 5, ["published_USA", "published_KOR"]] = 0.0
    figure = plots.observers(results)
    usa, kor = (line.get_ydata() for line in figure.axes[0].lines[:2])
    assert np.isnan(usa[:5]).all()
    assert usa[5:] == pytest.approx(0.7)
    assert kor[5:] == pytest.approx(1.1)
    apart = figure.axes[2].lines[0].get_ydata()
    assert apart[5:] == pytest.approx(1.1 / 0.7)


def test_a_mean_of_the_last_weeks_begins_with_what_there_is() -> None:
    mean = style.lately(np.array([[2.0, 4.0, 6.0, 8.0]]), 2)
    assert mean.tolist() == [[2.0, 3.0, 5.0, 7.0]]


def test_every_kind_of_event_has_its_place_in_the_timeline() -> None:
    themes = [kind for kinds in chronicle.THEMES.values() for kind in kinds]
    assert set(themes) == set(EVENTS), "THEMES of sim/plots/figures/timeline.py"
    assert len(themes) == len(EVENTS)


def test_the_timeline_counts_its_run_and_the_others(results: SyntheticResults) -> None:
    figure = plots.timeline(results)
    kinds = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    told = [text.get_text() for text in figure.axes[0].texts]
    counts = results.tables["events"].query("kind == 'denial'").groupby("run").size()
    low, high = counts.reindex(range(6), fill_value=0).quantile([0.05, 0.95])
    assert told[kinds.index("denial")] == f"{counts[0]}  ({low:.0f} to {high:.0f})"
    assert "run 0 of seed 0" in figure.get_suptitle()


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("North Korea", "North Korea"),
        ("$\\frac{1}{0}$", r"\$\frac{1}{0}\$"),
        ("\u671d\u9bae", ""),
        ("a\nb", ""),
        ("x" * 60, "x" * 39 + "\u2026"),
    ],
)
def test_names_are_drawn_as_they_are_written_or_not_at_all(written: str, drawn: str) -> None:
    assert style.drawable(written) == drawn


def test_no_name_of_a_state_breaks_a_figure() -> None:
    results = synthetic(runs=2, weeks=10)
    for state in results.scenario.spec.states.values():
        state.name = "$ {\\x_^ % \u671d"
    results.scenario.spec.munitions["shell"].unit = "$\\bad{"
    with style.look():
        for name in FIGURES:
            getattr(plots, name)(results)


def test_a_route_with_claims_shows_them_and_others_do_not(drawings: dict[str, Figure]) -> None:
    labels = [axes.get_legend_handles_labels()[1] for axes in drawings["containers"].axes]
    claimed = [any("public claim" in label for label in panel) for panel in labels]
    assert claimed == [True, False, False] * 2
    silent = plots.containers(synthetic(runs=2, claims=0))
    assert "claim" not in str([axes.get_legend_handles_labels() for axes in silent.axes])
    assert "claims" not in silent.get_supxlabel()
    points = [line for line in drawings["containers"].axes[0].lines if line.get_marker() != "None"]
    assert [line.get_ydata().tolist() for line in points] == [[500.0, 1500.0], [1000.0, 2000.0]]


def test_claims_are_those_of_a_quantity_a_route_and_a_span() -> None:
    claims = load().observations
    first, last = date(2023, 5, 1), date(2023, 12, 29)
    year = observations_of(claims, "containers", ("PRK", "RUS"), first, last)
    assert [(claim.issuer, claim.value) for claim in year] == [("USA", 1000), ("KOR", 5000)]
    assert year == claims[:2]
    assert observations_of(claims, "containers", ("RUS", "PRK"), first, last) == ()
    assert observations_of(claims, "debt", ("PRK", "RUS"), first, last) == ()


def test_a_war_that_not_every_run_saw_shows_those_that_did() -> None:
    some = synthetic(runs=6, weeks=40)
    weeks = some.tables["weeks"]
    weeks.loc[weeks["run"] < 4, "losses"] = 0.0
    figure = plots.war(some)
    assert figure.get_suptitle().strip().endswith("in the 2 of 6 runs that saw one")
    casualties = figure.axes[1].lines[0].get_ydata()
    assert casualties[-1] > 0.0  # the median of all six would be none


def test_people_are_counted_singly(results: SyntheticResults, drawings: dict[str, Figure]) -> None:
    """Metrics count them in thousands, and "1.2 k thousand" is nobody's million."""
    runs = Runs(results)
    force, lost = (drawings["war"].axes[i].lines[0].get_ydata() for i in (0, 1))
    place = belligerents(runs.of_states("losses"))[0]
    for drawn, metric in ((force, "force"), (lost, "losses")):
        median = np.median(runs.of_states(metric)[:, :, place], axis=0)
        np.testing.assert_allclose(drawn, 1000.0 * median)


def test_weeks_without_a_ship_are_no_gaps_in_unlawful_trade(
    results: SyntheticResults, drawings: dict[str, Figure]
) -> None:
    share = Runs(results).of_states("unlawful_share")[:, :, 0]
    line = drawings["sanctions"].axes[3].lines[0].get_ydata()
    np.testing.assert_allclose(line, np.median(style.lately(share, 13), axis=0))


@pytest.mark.parametrize("name", ["exposure", "sanctions"])
def test_no_legend_hides_a_date(drawings: dict[str, Figure], name: str) -> None:
    figure = drawings[name]
    figure.draw_without_rendering()
    for axes in panels(figure):
        legend = axes.get_legend()
        frame = legend.get_window_extent() if legend and legend.get_visible() else None
        dates = [label.get_window_extent() for label in axes.get_xticklabels() if label.get_text()]
        assert frame is None or not any(frame.overlaps(date) for date in dates)


def test_a_route_without_munitions_is_not_called_unused(drawings: dict[str, Figure]) -> None:
    """What is paid in goods goes there: `containers` shows it."""
    texts = [text.get_text() for text in drawings["network"].axes[0].get_legend().get_texts()]
    assert not any("used" in text for text in texts)
