"""The pages in a browser: explore, A against B, step; nothing foreign, nothing in the way."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen
from zipfile import ZipFile

import pandas as pd
import pytest

import sim
from sim.app.walk import Walk
from sim.explain.explain import explain

pytestmark = [
    pytest.mark.usefixtures("unchecked"),
    pytest.mark.xdist_group("app"),
    pytest.mark.slow,
]
START = "from sim.app.main import main; raise SystemExit(main())"
KEYS = "scenario=arms_race_dyad&runs=8&seed=3&a.weeks=30"
SMALL = f"?{KEYS}"
TWO = f"?{KEYS}&b.weeks=30&compare=1&b.states.RED.doctrine=restraint"
SIZES = [(1280, 720), (390, 844)]
UNEVEN = """[...document.querySelectorAll('table.plain')].flatMap(table =>
  [...table.tHead.rows[0].cells].filter((head, at) => [...table.tBodies[0].rows].some(row =>
    getComputedStyle(row.cells[at]).textAlign !== getComputedStyle(head).textAlign))
  ).map(head => head.textContent)"""
"""Heads of columns whose cells stand at the other side."""
PATIENCE = 30_000
"""Milliseconds that a busy machine may take."""

pytest.importorskip("nicegui", reason="NiceGUI is not installed: the extra `app` brings it")


def served(folder: Path, *keys: str) -> Iterator[str]:
    """The address at which the command serves, until the end."""
    keys = ("port=0", "show=false", f"data={folder / 'data'}", *keys)
    plain = {key: text for key, text in os.environ.items() if not key.startswith("PYTEST")}
    with subprocess.Popen(
        [sys.executable, "-c", START, *keys],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=plain,  # else NiceGUI takes itself for a test of its own
    ) as server:
        assert server.stdout is not None
        said = server.stdout.readline()
        assert "only this machine" in said
        _wait_until_served(address := said.split()[2].rstrip(":"))
        yield address
        server.terminate()
        assert server.wait(timeout=30) == 143
    assert sorted(path.name for path in folder.iterdir()) == ["data"]
    assert not (folder / "data" / "explore").exists(), "what was simulated is removed"


def _wait_until_served(address: str) -> None:
    until = time.monotonic() + 60.0
    while True:
        try:
            urlopen(address).close()
            return
        except URLError:
            assert time.monotonic() < until
            time.sleep(0.1)


@pytest.fixture(scope="module")
def server(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from served(tmp_path_factory.mktemp("app"), "engine=reference")


class Visit:
    """A page of a browser of its own; all that it loads and complains of is kept."""

    def __init__(self, browser: Any, address: str) -> None:
        self.address = address
        self.context = browser.new_context(viewport={"width": 1280, "height": 720})
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.loaded: list[str] = []
        self.faults: list[str] = []
        self.page.on("request", lambda request: self.loaded.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(message.text)

    def open(self, query: str) -> Any:
        self.page.goto(self.address + query.removeprefix("/"))
        self.page.get_by_role("heading", level=1).wait_for()
        return self.page

    def simulate(self) -> None:
        self.page.get_by_role("button", name="Simulate", exact=True).click()
        self.page.get_by_text("Dark band").wait_for()

    def close(self) -> None:
        self.context.close()
        assert not self.faults
        own = (self.address, self.address.replace("http:", "ws:"), "data:")
        assert [url for url in self.loaded if not url.startswith(own)] == []

    def download(self, button: str, folder: Path) -> Path:
        with self.page.expect_download() as given:
            self.page.get_by_role("button", name=button).click()
        file = folder / given.value.suggested_filename
        given.value.save_as(file)
        return file


@pytest.fixture
def visit(browser: Any, server: str) -> Iterator[Visit]:
    made = Visit(browser, server)
    yield made
    made.close()


@pytest.fixture(scope="module")
def compared(browser: Any, server: str) -> Iterator[Visit]:
    """Two worlds, simulated."""
    made = Visit(browser, server)
    made.open(TWO)
    made.simulate()
    yield made
    made.close()


def texts(page: Any, selector: str) -> list[str]:
    return list(page.locator(selector).all_inner_texts())


def test_a_world_is_changed_simulated_and_shown(visit: Visit) -> None:
    page = visit.open(SMALL)
    assert page.get_by_label("Length of a run, weeks, world A").input_value() == "30"
    field = page.get_by_label("How strongly racers answer the other's arms, per year, world A")
    field.fill("99")
    page.get_by_text("not a number from 0 to 3").wait_for()
    page.get_by_role("button", name="Simulate", exact=True).click()
    page.get_by_text("Some numbers are out of their range.").wait_for()
    assert "reaction" not in page.url
    field.fill("1.5")
    page.wait_for_url("**reaction=1.5**")
    page.get_by_label("Doctrine of RED, world A").click()
    page.get_by_role("option", name="restraint").click()
    page.wait_for_url("**RED.doctrine=restraint**")
    visit.simulate()
    page.wait_for_function("[...document.images].every(x => x.complete && x.naturalWidth > 0)")
    alts = page.eval_on_selector_all(".picture img", "images => images.map(x => x.alt)")
    assert len(alts) == 7  # six measures and the disputes; nothing is shipped, nothing happened
    world = sim.load("arms_race_dyad", ["weeks=30"]).with_(
        "states.RED.doctrine=restraint", "doctrines.racer.desks.procurement.reaction=1.5"
    )
    arms = sim.run(world, 8, 3, workers=1).runs["stock_arms_BLU_last"]
    assert alts[0] == (
        f"Arms of Blue. {arms.median():.3g} units at the end; in nine of ten runs"
        f" {arms.quantile(0.05):.3g} to {arms.quantile(0.95):.3g}."
    )
    again = visit.open(f"?{page.url.partition('?')[2]}")
    assert again.get_by_label("Doctrine of RED, world A").input_value() == "restraint"


def test_two_worlds_are_compared_run_by_run(compared: Visit) -> None:
    world = sim.load("arms_race_dyad", ["weeks=30"])
    found = sim.compare(world, b="states.RED.doctrine=restraint", runs=8, seed=3, workers=1)
    row = found.row("stock_arms_RED_last")
    said = texts(compared.page, ".fans .said")
    assert row["effect"] == "falls"
    assert re.match(r"B is lower at the end by [\d.]+ \[[\d.]+, [\d.]+\] units, in", said[1])
    assert float(said[1].split(" by ")[1].split()[0]) == pytest.approx(-row["difference"], rel=0.1)
    assert said[1].endswith("of runs: not luck.")
    kinds = ("not luck.", "may be luck.", "to this measure.", "some weeks differ.")
    assert all(text.endswith(kinds) for text in said)
    headings = texts(compared.page, ".caption")
    assert {"How disputes rise, world A", "How disputes rise, world B"} <= set(headings)


def test_settings_data_and_figures_are_taken_home(compared: Visit, tmp_path: Path) -> None:
    world = sim.load("arms_race_dyad", ["weeks=30", "states.RED.doctrine=restraint"])
    file = compared.download("World B as YAML", tmp_path)
    assert sim.load(file).digest == world.digest
    taker = compared.context.new_page()
    taker.goto(compared.address + "?scenario=security_dilemma&runs=16")
    taker.get_by_label("World A from a YAML file").set_input_files(file)
    taker.wait_for_url("**a.states.RED.doctrine=restraint**")
    assert taker.url.partition("?")[2] == (
        "scenario=arms_race_dyad&runs=16&seed=0&a.states.RED.doctrine=restraint&a.weeks=30"
    )
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("name: arms_race_dyad\n<img src=x>: 1\n", encoding="utf-8")
    taker.get_by_label("World A from a YAML file").set_input_files(wrong)
    taker.get_by_text("This file cannot be taken: it changes what").wait_for()
    assert taker.locator("img[src=x]").count() == 0
    taker.close()
    weeks = sim.run(world, 8, 3, workers=1).weeks["stock_arms"]
    with ZipFile(compared.download("Data as CSV", tmp_path)) as archive:
        assert {"a/runs.csv", "b/weeks.csv", "b/events.csv"} <= set(archive.namelist())
        ours = pd.read_csv(archive.open("b/weeks.csv"))["stock_arms"]
    pd.testing.assert_series_equal(ours, weeks)
    with ZipFile(compared.download("Data as Parquet", tmp_path)) as archive:
        (tmp_path / "weeks").write_bytes(archive.read("b/weeks.parquet"))
    assert pd.read_parquet(tmp_path / "weeks")["stock_arms"].equals(weeks)
    with ZipFile(compared.download("Figures as SVG", tmp_path)) as archive:
        assert "disputes_b.svg" in archive.namelist()
        assert archive.read("disputes_b.svg").startswith(b"<svg")


def test_the_page_lives_on_beside_a_job_and_stops_it(visit: Visit) -> None:
    page = visit.open("?scenario=arms_race_dyad&runs=256")
    page.get_by_role("button", name="Simulate", exact=True).click()
    page.get_by_text("Simulating world A").wait_for()
    page.get_by_label("How strongly racers answer").first.fill("2.5")  # it lives on meanwhile
    page.wait_for_url("**reaction=2.5**")
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.").wait_for()
    assert page.get_by_role("button", name="Simulate", exact=True).is_enabled()
    assert page.get_by_role("button", name="Stop").is_disabled()
    assert page.get_by_role("button", name="Data as CSV").is_disabled()


@pytest.mark.parametrize("place", ["", "step"])
def test_a_broken_link_is_answered_by_a_sentence(visit: Visit, place: str) -> None:
    page = visit.open(f"{place}?scenario=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&a.weeks=9e9")
    (said,) = filter(None, texts(page, ".error[role=alert]"))  # one waits for a refused file
    assert said.startswith("This link cannot be followed: there is no scenario '<img src=x")
    assert page.locator("img[src=x]").count() == 0
    page = visit.open(f"{place}?scenario=arms_race_dyad&a.weeks=9e9&a.policies=x")
    (said,) = filter(None, texts(page, ".error[role=alert]"))  # one waits for a refused file
    assert "weeks is not a number from 26 to 520 (and 1 more)" in said


def test_who_waits_reads_how_many_are_before(browser: Any, server: str, visit: Visit) -> None:
    page = visit.open("?scenario=arms_race_dyad&runs=256")
    page.get_by_role("button", name="Simulate", exact=True).click()
    page.get_by_text("Simulating world A").wait_for()
    other = Visit(browser, server)
    waiting = other.open(SMALL)
    waiting.get_by_role("button", name="Simulate", exact=True).click()
    waiting.get_by_text("one simulation of somebody else is before yours").wait_for()
    page.get_by_role("button", name="Stop").click()
    waiting.get_by_text("Dark band").wait_for()
    other.close()


def test_two_people_do_not_see_each_other(browser: Any, server: str, visit: Visit) -> None:
    visit.open(SMALL)
    other = Visit(browser, server)
    page = other.open("?scenario=security_dilemma")
    page.get_by_label("Trust at the start, probability, world A").fill("0.9")
    page.wait_for_url("**trust_prior=0.9**")
    assert "security" not in visit.page.url
    assert visit.page.get_by_label("Trust at the start, probability, world A").count() == 0
    other.close()
    again = visit.open("?scenario=security_dilemma")
    assert again.get_by_label("Trust at the start, probability, world A").input_value() == ""


def test_nothing_is_given_to_who_guesses(server: str) -> None:
    for address in ("pictures/x", "pictures/..%2F..%2Fetc%2Fpasswd", "etc/passwd"):
        with pytest.raises(OSError, match="404"):
            urlopen(server + address)
    with pytest.raises(OSError, match="400"):
        urlopen(Request(server, headers={"Host": "evil.example"}))
    with urlopen(server) as answer:
        assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_one_world_is_gone_through_week_by_week(visit: Visit) -> None:
    page = visit.open("step?scenario=alliance_chain&seed=3&run=1&week=5&a.weeks=30")
    scenario = sim.load("alliance_chain", ["weeks=30"])
    day = page.get_by_role("heading", name=re.compile("^Week"))
    assert day.inner_text() == "Week 5 of 29, 7 February 2000, run 1"
    page.get_by_role("button", name="Forward").click()
    page.get_by_text("Week 6 of 29").wait_for()
    page.get_by_role("button", name="Back").click()
    page.get_by_text("Week 5 of 29").wait_for()
    page.get_by_label("Speed").click()
    page.get_by_role("option", name="10 weeks").click()
    page.get_by_role("button", name="Play").click()
    page.get_by_text(re.compile("Week 1[0-9] of 29")).wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_label("Go to week").fill("20")
    page.get_by_label("Go to week").press("Enter")
    page.get_by_text("Week 20 of 29").wait_for()
    page.locator(".q-slider [tabindex]").press("ArrowRight")
    page.get_by_text("Week 21 of 29").wait_for()
    page.get_by_label("Go to week").fill("29")
    page.get_by_label("Go to week").press("Enter")
    page.get_by_text("Week 29 of 29").wait_for()
    page.get_by_label("Whose decisions").click()
    page.get_by_role("option", name="Western client").click()
    reasons = explain(scenario, "WCL", 29, 3, 1).reasons
    page.get_by_text(f"Crisis {reasons[4].decided}: {reasons[4].why}.").wait_for()
    assert len(texts(page, ".why .why")) == len(reasons) == 6
    walk = Walk(scenario, 3, 1)
    pairs = walk.shown(walk.go(29)).pairs
    assert page.evaluate(UNEVEN) == []
    shown = texts(page, "table:has-text('Disputes') tbody td")
    assert [shown[0], shown[1], shown[2]] == [pairs[1][0], pairs[1][1][8:], pairs[1][2]]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_anybody_can_use_it(compared: Visit, visit: Visit, width: int, height: int) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is not installed: `dev` brings it"
    )
    for page in (compared.page, visit.open("step?a.weeks=30&week=4")):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
        found = axe.Axe().run(page).response["violations"]
        serious = [v["id"] for v in found if v["impact"] in ("serious", "critical")]
        assert serious == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_compiled_engine_serves_the_same_numbers(
    browser: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if find_spec("jax") is None:
        pytest.skip("JAX is not installed: the extra `fast` brings it")
    serving = served(tmp_path, "engine=compiled")
    visit = Visit(browser, next(serving))
    visit.open(TWO)
    visit.simulate()
    said = texts(visit.page, ".fans .said")
    visit.close()
    next(serving, None)
    assert said == texts(request.getfixturevalue("compared").page, ".fans .said")
