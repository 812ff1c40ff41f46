"""The atlas: its numbers are those of runs, and its page works in a browser that is offline."""

import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from experiments.atlas.__main__ import DEFAULTS, main
from experiments.atlas.grid import (
    MOST_TOLD,
    MOST_WEEKS,
    combinations,
    packed,
    plan,
    points,
    simulate,
)
from experiments.atlas.page import atlas_page, json_in_script
from experiments.atlas.worlds import WORLDS, Choice, Measure, World
from sim.scenario.grammar import override_text
from sim.scenario.shipped import shipped_value

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.xdist_group("atlas")]
RUNS, SHORT = 8, ["weeks=60"]
LARGEST, SLOWEST = 8_000_000, 4_000
"""Bytes of a page, and milliseconds until it shows something on a machine that is busy."""
SMALL = World(
    "arms_race_dyad",
    "Two <states> & their arms",
    (
        Choice(
            "Red's doctrine",
            {
                "races": {"states.RED.doctrine": "racer"},
                "restrains itself": {"states.RED.doctrine": "restraint"},
            },
        ),
        Choice(
            "Reaction of racers",
            {
                "as shipped": {"doctrines.racer.desks.procurement.reaction": 0.8},
                "strong": {"doctrines.racer.desks.procurement.reaction": 1.5},
            },
        ),
    ),
    (
        Measure("Arms of Blue", "units", "weeks", "stock_arms", "BLU"),
        Measure("Tension, Blue toward Red", "index", "dyads", "tension", "BLU", "RED"),
    ),
    ("What will happen?",),
)


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return simulate(SMALL, RUNS, seed=3, workers=1, overrides=SHORT)


def numbers(measure: dict[str, Any]) -> np.ndarray:
    steps = np.frombuffer(b64decode(measure["data"]), "<u2").astype(float)
    return measure["low"] + measure["scale"] * steps


@pytest.mark.parametrize("name", WORLDS)
def test_the_shipped_answers_are_the_shipped_world(name: str) -> None:
    world, scenario = WORLDS[name], sim.load(name)
    table = points(world, scenario)
    shipped = combinations(world).index(tuple(choice.shipped for choice in world.choices))
    row = table.iloc[shipped].to_dict()
    assert row == {path: shipped_value(scenario, path) for path in row}
    assert len(table) == len(table.astype(str).drop_duplicates())
    same = scenario.with_(*(f"{path}={value}" for path, value in row.items()))
    ours, theirs = (each.spec.model_copy(update={"priors": {}}) for each in (same, scenario))
    assert ours == theirs


@pytest.mark.parametrize("name", WORLDS)
def test_a_point_draws_what_its_command_line_draws(name: str) -> None:
    scenario, made = sim.load(name), plan(WORLDS[name], sim.load(name))
    rows = points(WORLDS[name], scenario).to_dict("records")
    for variant, place in enumerate(np.unique(made.which, return_index=True)[1]):
        sets = {p: value for p, value in rows[place].items() if value != shipped_value(scenario, p)}
        line = [f"{path}={override_text(value)}" for path, value in sets.items()]
        assert made.variant(variant).priors == (scenario.with_(*line) if line else scenario).priors
    assert not {*made.numbers} & {*scenario.priors}
    if name == "northeast_asia_2023":
        assert len({len(made.variant(n).priors) for n in range(len(made.variants))}) == 4


@pytest.mark.parametrize("name", WORLDS)
def test_what_is_measured_is_in_the_codebook(name: str) -> None:
    from sim.results.codebook import columns_of

    known = {(c.table, c.column) for c in columns_of(sim.load(name), "full")}
    assert {(m.table, m.column) for m in WORLDS[name].measures} <= known


def test_numbers_are_those_of_runs(data: dict[str, Any]) -> None:
    scenario = sim.load("arms_race_dyad", SHORT).with_("states.RED.doctrine=restraint")
    alone = sim.run(scenario, RUNS, 3, workers=1)
    blue = alone.weeks.query("state == 'BLU'").pivot(
        index="run", columns="week", values="stock_arms"
    )
    weeks = [scenario.date(week).isoformat() for week in range(scenario.weeks)]
    kept = [weeks.index(day) for day in data["dates"]]
    assert kept[0] == 0
    assert kept[-1] == scenario.weeks - 1
    ours = numbers(data["measures"][0]).reshape(4, RUNS, len(kept))[2]
    np.testing.assert_allclose(ours, blue.to_numpy()[:, kept], atol=data["measures"][0]["scale"])
    assert data["sets"][0] == {}
    assert data["sets"][2] == {"states.RED.doctrine": "restraint"}


def test_storing_loses_less_than_a_step() -> None:
    values = np.random.default_rng(0).lognormal(3, 2, (3, 4, 5))
    stored = packed(values)
    assert np.abs(numbers(stored) - values.ravel()).max() <= 0.51 * stored["scale"]
    assert numbers(packed(np.full((1, 2, 3), 7.0))).tolist() == [7.0] * 6


def test_a_page_needs_nothing_and_holds_text_as_text(data: dict[str, Any]) -> None:
    page = atlas_page(data)
    assert page.count("http") == page.count("http://www.w3.org/2000/svg") + page.count("http-equiv")
    assert "Two &lt;states&gt; &amp; their arms" in page
    assert "{{" not in page.partition('id="data"')[0]
    evil = {**data, "title": "</script><script>alert(1)</script>", "questions": ["<img src=x>"]}
    assert atlas_page(evil).count("<script") == page.count("<script")
    assert json.loads(json_in_script(evil)) == evil


def test_a_wrong_key_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario=arms_race", "runs=2", "seeds=1"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3


@pytest.fixture
def opened(browser: Any, data: dict[str, Any], tmp_path: Path) -> Iterator[Any]:
    """The page from its file, with the network off; requests and errors are kept."""
    file = tmp_path / "atlas.html"
    file.write_text(atlas_page(data), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.set_offline(True)
    page = context.new_page()
    page.asked, page.faults = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    page.goto(file.as_uri())
    yield page
    assert not page.faults
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    context.close()


@pytest.mark.slow
def test_sliders_move_and_two_worlds_are_compared(opened: Any, data: dict[str, Any]) -> None:
    said = opened.locator("figure .said").first
    before = said.inner_text()
    opened.locator("#A-1").focus()
    opened.keyboard.press("ArrowRight")
    assert said.inner_text() != before
    assert opened.locator("output").nth(1).inner_text() == "strong"
    opened.get_by_label("Compare with a world B").check()
    values = numbers(data["measures"][0]).reshape(4, RUNS, -1)[:, :, -1]
    mean = float((values[0] - values[1]).mean())
    text = said.inner_text()
    assert "B is lower at the end by" in text
    assert float(text.split("end by ")[1].split()[0]) == pytest.approx(-mean, rel=0.01)
    assert f"in {RUNS} of {RUNS} runs" in text
    assert opened.locator("#world-B").is_visible()
    opened.get_by_role("button", name="As shipped").click()
    assert said.inner_text() == "A and B are the same world."
    kept = "armsflow scenario=arms_race_dyad runs=8 seed=3"
    assert opened.locator("#command").text_content() == f"{kept}\n{kept}"


@pytest.mark.slow
def test_what_is_the_same_at_the_end_may_have_differed_before(opened: Any) -> None:
    change = "(week) => { const m = DATA.measures[0], was = number;"
    change += " number = (x, p, r, w) => was(x, 0, r, w) + (p && w === week ? 1 : 0);"
    change += " const said = sentence(m, 0, 1); number = was; return said; }"
    assert opened.evaluate(change, -1).startswith("No run differs in any week: nothing leads")
    assert (
        opened.evaluate(change, 3) == "Every run is the same at the end, though some weeks differ."
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_a_page_of_full_size_is_small_and_soon_there(
    browser: Any, data: dict[str, Any], tmp_path: Path, name: str
) -> None:
    file = tmp_path / "atlas.html"
    file.write_text(atlas_page(as_large_as(WORLDS[name], data)), encoding="utf-8")
    assert 500_000 < file.stat().st_size < LARGEST
    page = browser.new_page()
    page.goto(file.as_uri())
    page.locator("figure path").first.wait_for(state="attached")
    entry = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    assert 0.0 < page.evaluate(entry) < SLOWEST
    page.close()


def as_large_as(world: World, data: dict[str, Any]) -> dict[str, Any]:
    """The data of a page as large as a world's: numbers are drawn, each run is full of events."""
    size, runs, weeks = len(combinations(world)), DEFAULTS["runs"], MOST_WEEKS + 1
    values = np.random.default_rng(0).random((size, runs, weeks))
    event = ["2023-01-01", "launch_succeeded", "AAAA", "BBBB"]
    return {
        **data,
        "choices": [
            {"question": c.question, "options": list(c.options), "shipped": c.shipped}
            for c in world.choices
        ],
        "sets": [{}] * size,
        "sizes": [len(choice.options) for choice in world.choices],
        "dates": [data["dates"][week % len(data["dates"])] for week in range(weeks)],
        "runs": runs,
        "measures": [asdict(measure) | packed(values) for measure in world.measures],
        "events": [[[event] * MOST_TOLD] * runs] * size,
        "points": size,
    }


@pytest.mark.slow
def test_the_interval_is_students(opened: Any) -> None:
    from sim.results.intervals import student

    for df in (7, 23, 31, 99):
        assert opened.evaluate(f"student({df})") == pytest.approx(student(df), abs=0.01)


@pytest.mark.slow
def test_a_link_keeps_the_settings_and_a_run_is_followed(opened: Any) -> None:
    opened.goto(opened.url.partition("#")[0] + "#a=11&b=01")
    opened.reload()
    assert opened.locator("#world-B").is_visible()
    assert opened.locator("output").nth(0).inner_text() == "restrains itself"
    opened.get_by_label("Follow one run").check()
    assert opened.locator("#events li").count() >= 1
    events = [["2000-05-01", "challenge", "BLU", "RED"], ["2000-06-05", "renewed", "RED", "RED"]]
    opened.evaluate("events => { DATA.events = [[], [], [], [events]]; show(); }", events)
    assert opened.locator("#events li").all_inner_texts() == [
        "2000-05-01: BLU challenged RED",
        "2000-06-05: RED is to be watched further by the Council's body",
    ]
    opened.goto(opened.url.partition("#")[0] + "#a=99&b=%3Cimg%3E")
    opened.reload()
    assert opened.locator("output").nth(0).inner_text() == "races"


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_anybody_can_use_it(opened: Any, width: int, height: int) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is not installed: `dev` brings it"
    )
    opened.set_viewport_size({"width": width, "height": height})
    opened.get_by_label("Compare with a world B").check()
    opened.get_by_text("The numbers at the end").click()
    found = axe.Axe().run(opened).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert opened.locator("#numbers tr").count() == 2 * len(SMALL.measures)


def test_a_choice_that_sets_nothing_there_is_an_error() -> None:
    wrong = replace(SMALL, choices=(Choice("?", {"x": {"states.RED.nothing": 1}}),))
    with pytest.raises(KeyError):
        points(wrong, sim.load("arms_race_dyad"))
