"""`results.plot`: what a user chooses, an axes, a look of their own, fans, worlds, map and film."""

from inspect import signature
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

import sim
import sim.plots as plots
from sim.plots import canvas, looks, places, style
from sim.plots.places import PLACES
from sim.plots.registry import figures_of
from sim.plots.runs import Runs
from sim.plots.selection import selection
from sim.plots.world_map import projected
from sim.results import Results

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.xdist_group("user_figures")]
QUICK = {"workers": 1, "engine": "reference", "record": "full"}


@pytest.fixture(scope="module")
def results() -> Results:
    scenario = sim.load("northeast_asia_2023", ["weeks=30", "timetable=none"])
    return sim.run(scenario, runs=3, **QUICK)


@pytest.fixture(scope="module")
def swept() -> Results:
    choices = {"states.SUP.doctrine": ["opportunist_supplier", "restraint"]}
    world = sim.load("supplier_and_embargo", ["weeks=12"])
    return sim.sweep(world, choices, runs=2, **QUICK)


def test_each_figure_is_listed_with_what_it_takes(results: Results, swept: Results) -> None:
    listed = dir(results.plot)
    assert {figure.name for figure in figures_of("job")} <= set(listed)
    assert {"fan", "compare", "map", "animate", "figures", "pages"} <= set(listed)
    assert not {figure.name for figure in figures_of("sweep")} & set(listed)
    assert {figure.name for figure in figures_of("sweep")} <= set(dir(swept.plot))
    taken = list(signature(results.plot.stocks).parameters)
    assert taken == ["weeks", "states", "by", "panel", "ax", "style"]
    assert "states: The codes of the states" in results.plot.stocks.__doc__
    assert "results:" not in results.plot.stocks.__doc__


def test_only_what_was_chosen_is_drawn(results: Results) -> None:
    figure = results.plot.stocks(states=["UKR", "PRK"])
    assert [axes.get_title(loc="left") for axes in figure.axes[:2]] == ["Ukraine", "North Korea"]
    figure = results.plot.disputes(pairs="RUS to JPN")
    assert figure.axes[0].get_title(loc="left") == "Russia and Japan"
    figure = results.plot.barter(routes=("PRK", "RUS"))
    assert figure is None or len(figure.axes) == 2
    dates = Runs(results).dates
    figure = results.plot.technology(weeks=(5, 9))
    assert len(figure.axes[0].lines[0].get_xdata()) == 5
    assert (
        Runs(results, selection(results, {"weeks": (5, 9)})).dates.tolist() == dates[:10].tolist()
    )
    first = results.plot.technology(weeks=(str(dates[5]), str(dates[9])))
    np.testing.assert_array_equal(
        first.axes[0].lines[0].get_ydata(), figure.axes[0].lines[0].get_ydata()
    )


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        ({"states": ["UKX"]}, ["states: there is no 'UKX' (nearest right key: UKR)"]),
        ({"weeks": (40, 50)}, ["weeks: (40, 50) holds no week of the runs, which have 0 to 29"]),
        (
            {"weeks": "soon", "states": ["X"]},
            ["weeks: 'soon' is neither", "states: there is no 'X'; there are PRK, RUS"],
        ),
        ({"style": "papr"}, ["style: 'papr' is none of paper, slide"]),
        ({"panel": 99}, ["panel: there are", "from 0 to"]),
        ({"by": "nothing"}, ["by: there is no 'nothing'; there are states"]),
    ],
)
def test_what_is_wrong_is_named_and_what_there_is_listed(
    results: Results, given: dict, messages: list[str]
) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        results.plot.stocks(**given)
    assert all(message in str(caught.value) for message in messages), str(caught.value)


def test_an_argument_or_a_name_that_is_not_there(results: Results) -> None:
    with pytest.raises(TypeError, match="pairs: stocks does not take it; stocks takes weeks, st"):
        results.plot.stocks(pairs=[("PRK", "RUS")])
    with pytest.raises(AttributeError, match=r"no figure 'stoks' .*: stocks.; there are barter, "):
        results.plot.stoks()
    with pytest.raises(TypeError, match="ax: 3 is no matplotlib Axes"):
        results.plot.stocks(ax=3)


@pytest.mark.parametrize("name", [figure.name for figure in figures_of("job")])
def test_into_an_axes_nothing_beside_it_is_touched(results: Results, name: str) -> None:
    figure = Figure()
    own, other = figure.subplots(1, 2)
    before = own.get_position().bounds, dict(mpl.rcParams)
    drawn = getattr(results.plot, name)(ax=own)
    assert drawn in (own, None)
    assert figure.axes == [own, other]
    assert (own.get_position().bounds, dict(mpl.rcParams)) == before
    assert not other.has_data()
    assert not any((other.get_title(), other.get_ylabel()))
    assert not any((figure.texts, figure.legends, figure.get_suptitle(), figure.get_supxlabel()))
    if drawn is not None:
        assert own.has_data() or own.texts
        figure.canvas.draw()


def test_of_a_sweep_too(swept: Results) -> None:
    numbers = {"rules.watch.detection": [0.0, 0.03], "rules.move.interdiction": [0.0, 0.3]}
    two = sim.sweep(swept.scenario, numbers, runs=2, **QUICK | {"record": "summary"})
    for job, name in ((two, "heatmap"), (two, "response"), (two, "points"), (swept, "points")):
        figure = Figure()
        own, other = figure.subplots(1, 2)
        assert getattr(job.plot, name)(metrics=["tension_mean_mean"], ax=own) is own
        assert figure.axes == [own, other]
        assert not other.has_data()
        figure.canvas.draw()


def test_what_a_style_sheet_sets_is_heeded(results: Results) -> None:
    plain = results.plot.technology(panel=0)
    with plt.style.context("dark_background"):
        dark = results.plot.technology(panel=0)
        assert dark.get_facecolor() == (0.0, 0.0, 0.0, 1.0)
        cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    assert mpl.colors.same_color(dark.axes[0].lines[0].get_color(), cycle[0])
    assert mpl.colors.same_color(plain.axes[0].lines[0].get_color(), looks.PALETTE[0])
    with mpl.rc_context({"lines.linewidth": 5.0, "font.size": 20.0}):
        thick = results.plot.technology(panel=0)
    assert thick.axes[0].lines[0].get_linewidth() == 5.0
    assert thick.axes[0].yaxis.label.get_fontsize() == 20.0


def test_ink_is_seen_on_a_dark_ground(results: Results) -> None:
    with plt.style.context("dark_background"):
        figure = results.plot.war() or results.plot.observers() or results.plot.tests()
    shades = {mpl.colors.to_hex(line.get_color()) for axes in figure.axes for line in axes.lines}
    assert looks.INK not in shades


def test_a_figure_for_a_paper_is_a_column_wide_with_its_fonts(
    results: Results, tmp_path: Path
) -> None:
    figure = results.plot.technology(style="paper", panel=0)
    assert figure.get_figwidth() == pytest.approx(8.5 / 2.54)
    assert figure.get_suptitle() == ""
    assert figure.get_label().startswith("North Korea: technology, and lessons it has to absorb. ")
    whole = results.plot.technology(style="paper")
    assert len({axes.get_position().x0 for axes in whole.axes}) == 1  # below each other
    figure.savefig(tmp_path / "column.pdf")
    whole.savefig(tmp_path / "whole.pdf")
    for name in ("column.pdf", "whole.pdf"):  # what journals take: TrueType fonts, embedded
        file = (tmp_path / name).read_bytes()
        assert b"/FontFile2" in file
        assert b"/Subtype /Type3" not in file
    assert mpl.rcParams["pdf.fonttype"] == mpl.rcParamsDefault["pdf.fonttype"]
    slide = results.plot.technology(style="slide")
    assert tuple(slide.get_size_inches()) == (12.8, 7.2)


def test_a_panel_per_group(results: Results, swept: Results) -> None:
    figure = results.plot.technology(by="states")
    seen = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in seen][:2] == ["North Korea", "Russia"]
    assert len(seen) == len(results.scenario.states)
    assert len({axes.get_ylim() for axes in seen}) == 1
    figure = swept.plot.technology(by="states.SUP.doctrine")
    titles = [axes.get_title(loc="left").replace("\n", " ") for axes in figure.axes]
    assert titles == ["doctrine opportunist_supplier", "doctrine restraint"]


def test_a_sentence_says_what_the_numbers_say(results: Results) -> None:
    figure = results.plot.technology()
    tech = Runs(results).of_states("tech_satellite")[:, :, 0]
    gains = [
        Runs(results).of_states(f"tech_{domain}")[:, -1, 0].mean()
        - Runs(results).of_states(f"tech_{domain}")[:, 0, 0].mean()
        for domain in results.scenario.technologies
    ]
    best = results.scenario.technologies[int(np.argmax(gains))]
    assert f"Most is gained in {best}: " in figure.get_label()
    assert (
        style.spread(tech[:, -1] - tech[:, 0], "levels") in figure.get_label()
        or best != "satellite"
    )
    assert style.spread(np.array([1.0, 1.0])) == "1"
    assert style.spread(np.linspace(0.0, 1736.0, 101), "tests") == "870 tests (87 to 1.6 k)"


def test_bands_that_would_mix_are_thin_lines() -> None:
    with looks.look():
        figure, axes = canvas.grid(1, 2, 4.0, "Two")
        dates = np.datetime64("2024-01-01") + 7 * np.arange(9)
        values = np.random.default_rng(0).normal(size=(20, 9))
        style.band(axes[0, 0], dates, values, "red")
        for shade in ("red", "blue"):
            style.band(axes[0, 1], dates, values, shade)
        canvas.finish(figure)
    alone, several = (
        [band.get_facecolor()[0][3] for band in panel.collections if band.get_gid() == canvas.OUTER]
        for panel in axes[0]
    )
    assert alone == [0.16]
    assert several == [0.05, 0.05]
    low = next(x for x in axes[0, 1].collections if x.get_gid() is None).get_segments()[0]
    np.testing.assert_allclose(low[:, 1], np.quantile(values, 0.05, axis=0))


def test_a_line_that_is_the_same_in_every_run_is_said_to_be_so() -> None:
    with looks.look():
        figure, axes = canvas.grid(1, 1, 4.0, "Sure")
        dates = np.datetime64("2024-01-01") + 7 * np.arange(9)
        style.band(axes[0, 0], dates, np.ones((5, 9)), "red")
        canvas.footer(figure, "Simulated.")
        canvas.finish(figure)
    assert canvas.NO_BAND in figure.get_supxlabel().replace("\n", " ")


def test_a_fan_of_any_metric(results: Results, swept: Results) -> None:
    figure = results.plot.fan("stock_value", states=["RUS", "PRK"])
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Russia", "North Korea"]
    worth = Runs(results).of_states("stock_value")[:, :, 1]
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), np.median(worth, axis=0))
    assert len(figure.axes[0].collections) == 10
    assert style.spread(worth[:, -1], "USD bn") in figure.get_label()
    one = results.plot.fan("losses_UKR_last")
    assert one.axes[0].get_title(loc="left") == "Ukraine"
    assert len(swept.plot.fan("tension_mean", by="states.SUP.doctrine").axes) == 2
    axes = Figure().subplots()
    assert results.plot.fan("tension", pairs=("PRK", "KOR"), ax=axes) is axes
    with pytest.raises(ValueError, match=r"no 'tenson' by week .nearest right key: tension"):
        results.plot.fan("tenson")
    with pytest.raises(ValueError, match="states: tension is of pairs"):
        results.plot.fan("tension", states=["PRK"])


def test_worlds_on_shared_axes(results: Results, swept: Results) -> None:
    other = sim.run(results.scenario.with_("states.PRK.doctrine=restraint"), runs=3, **QUICK)
    figure = results.plot.compare("stock_value", {"restraint": other}, states=["PRK"])
    assert [line.get_label() for line in figure.axes[0].lines] == [
        "northeast_asia_2023",
        "restraint",
    ]
    here, there = (Runs(job).of_states("stock_value")[:, -1, 0] for job in (results, other))
    assert (
        f"restraint less northeast_asia_2023 is {style.rounded((there - here).mean())} USD bn"
        in (figure.get_label())
    )
    figure = swept.plot.compare("tension_mean", by="states.SUP.doctrine")
    assert len(figure.axes[0].lines) == 2
    with pytest.raises(ValueError, match="give other results"):
        results.plot.compare("tension_mean")


def test_the_network_on_a_map(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, ((west, east), (south, north)) = projected(Runs(results), {})
    assert (
        west < where["UKR"][0] < where["PRK"][0] < where["USA"][0] < east
    )  # Pacific in the middle
    assert south < PLACES["PRK"][1] < north
    monkeypatch.setattr(places, "find_spec", lambda _: None)
    places.outlines.cache_clear()
    figure = results.plot.map(week=10)
    assert "in week 10, 2023-07-10" in figure.get_suptitle()
    assert "armsflow[maps]" in figure.get_supxlabel().replace("\n", " ")
    with pytest.raises(ValueError, match="week: 30 is none of the runs, which have 0 to 29"):
        results.plot.map(week=30)
    ring = np.array([[120.0, 30.0], [140.0, 30.0], [140.0, 45.0], [120.0, 30.0]], "<f4")
    home = tmp_path / places.FOLDER
    home.mkdir()
    for name in ("gshhs", "countries"):
        (home / f"{name}_c.dat").write_bytes(ring.tobytes())
        (home / f"{name}meta_c.dat").write_text("1 9e9 4 30 45 0 32 0\n")
    monkeypatch.setattr(places, "find_spec", lambda _: _Spec([str(tmp_path)]))
    places.outlines.cache_clear()
    try:
        figure = results.plot.map()
        assert len(figure.axes[0].collections[0].get_segments()) == 2
        assert "armsflow[maps]" not in figure.get_supxlabel()
    finally:
        places.outlines.cache_clear()


class _Spec:
    """As much of a module's spec as is read."""

    def __init__(self, homes: list[str]) -> None:
        self.submodule_search_locations = homes


def test_states_without_a_place_are_named(swept: Results) -> None:
    world = sim.run(sim.load("supplier_and_embargo", ["weeks=3"]), runs=1, **QUICK)
    with pytest.raises(ValueError, match="have no place on the map; give places="):
        world.plot.map()
    some = {code: (float(place), 10.0) for place, code in enumerate(world.scenario.states)}
    assert isinstance(world.plot.map(places=some), Figure)


def test_a_film_of_the_network(results: Results, tmp_path: Path) -> None:
    path = results.plot.animate(tmp_path / "film.gif", every=15)
    with Image.open(path) as film:
        assert film.n_frames == 3
    shown = results.plot.animate(every=29, map=True)
    assert shown._repr_html_().count("data:image/png;base64") == 2
    with pytest.raises(ValueError, match=r"out: 'film.avi' ends in none of .html, .gif"):
        results.plot.animate("film.avi")


def test_the_description_of_a_file_is_its_sentence(results: Results, tmp_path: Path) -> None:
    for name in ("technology", "timeline"):
        with looks.look():
            figure = plots.FIGURES[name].draw(Runs(results))
        assert style.said_in(style.write(figure, tmp_path / f"{name}.png")) == figure.get_label()
        assert bool(figure.get_label()) == (name == "technology")
