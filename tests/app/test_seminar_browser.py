"""A seminar in browsers: four turns with three seats, the fog of war on the wire, kills."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nicegui", reason="nicegui is not installed: the extra `app` brings it")

from seminar_clients import Server, open_room
from seminar_marks import MARKS
from seminar_rooms import asia

from sim.app.seminar.replay import replay_lines

pytestmark = pytest.mark.xdist_group("seminar_browser")  # one server and browser for all
SEATS = ("PRK", "USA", "KOR")
WIDE, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
PROJECTOR = {"width": 1920, "height": 1080}
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
CUT = """[...document.querySelectorAll('.numbers, .q-field__native > span')]
  .filter(x => x.scrollWidth > x.clientWidth).map(x => x.textContent)"""
"""Tables and choices of which a part is not seen."""
NAME = "<script>alert(1)</script><b>hello</b>"
TIMES = 60_000
"""Milliseconds that a page may take."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that sends a mark in place of all that its receiver must not know."""
    started = Server(tmp_path_factory.mktemp("seminar"), "marks")
    yield started
    started.kill()


class Screen:
    """A page in a context of its own, and what it was sent and requested."""

    def __init__(self, browser: Any, url: str, size: dict[str, int], ready: str = "Turn ") -> None:
        self.context = browser.new_context(viewport=size, accept_downloads=True)
        self.context.set_default_timeout(TIMES)
        self.page = self.context.new_page()
        self.sent, self.requested, self.faults = list[str](), list[str](), list[str]()
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        self.page.on("websocket", lambda s: s.on("framereceived", self._frame))
        self.sent.append(self.page.goto(url).text())
        self.see(ready)

    def _frame(self, payload: Any) -> None:
        self.sent.append(
            payload if isinstance(payload, str) else payload.decode("utf-8", "replace")
        )

    def see(self, text: str) -> Any:
        found = self.page.get_by_text(text).first
        found.wait_for()
        return found

    def click(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).click()

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def say(self, text: str) -> None:
        self.page.get_by_label("What you say").fill(text)
        self.page.wait_for_timeout(600)
        self.click("Say")

    def order(self, verb: str, of: str) -> None:
        self.choose("Order", verb)
        self.choose("Of what", of)
        self.click("Add")

    def axe(self) -> list[str]:
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {one['nodes'][0]['html']}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]


@pytest.mark.slow
def test_four_turns_with_three_seats(browser: Any, server: Server, tmp_path: Path) -> None:
    code, keys = open_room(server.folder, SEATS, asia(), turns=4)
    teacher = Screen(browser, server.link(code, "teacher", keys["teacher"]), WIDE)
    watcher = Screen(browser, f"{server.url}/seminar/{code}", WIDE)
    prk, usa, kor = (
        Screen(browser, server.link(code, seat, keys[seat]), size)
        for seat, size in zip(SEATS, (WIDE, PHONE, WIDE), strict=True)
    )
    everybody = (teacher, watcher, prk, usa, kor)
    _first_turn(teacher, watcher, prk, usa, kor)
    for turn in range(2, 5):
        for screen in everybody:
            screen.see(f"Turn {turn} of 4")
        prk.order("Press", "KOR")
        prk.click("Submit orders")
        teacher.see("orders in: PRK")
        if turn == 2:
            _second_window_and_reload(browser, server.link(code, "KOR", keys["KOR"]), kor)
            prk.see("Deals are among teams.")
            for name, screen in (("seat", prk), ("phone", usa), ("teacher", teacher)):
                screen.page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
            for screen in everybody:
                fading = screen.page.locator(".q-notification").first
                fading.wait_for(state="detached")  # half transparent, it has too little contrast
                assert screen.axe() == []
            for screen in (teacher, watcher, prk, kor):
                assert screen.page.evaluate(CUT) == []
            for screen in (prk, watcher):
                screen.page.set_viewport_size(PROJECTOR)
                assert screen.axe() == []
                assert screen.page.evaluate(FITS)
                screen.page.set_viewport_size(WIDE)
        if turn == 3:
            _injected_and_rewound(teacher, prk)
        teacher.click("Next turn")
    for screen in everybody:
        screen.see("Ended after 4 turns")
    for screen in everybody:
        assert screen.faults == []
        assert [url for url in screen.requested if not url.startswith(server.url)] == []
    for screen in (watcher, prk, usa, kor):
        sent = "".join((*screen.sent, screen.page.content()))
        assert len(sent) > 10_000
        assert [mark for mark in MARKS if mark in sent] == []
    assert "between us alone" not in "".join(kor.sent)
    assert "between us alone" not in "".join(watcher.sent)
    _files(teacher, usa, tmp_path, browser)


def _first_turn(teacher: Screen, watcher: Screen, prk: Screen, usa: Screen, kor: Screen) -> None:
    prk.say(NAME)
    for screen in (teacher, watcher, usa, kor):
        screen.see(NAME)
        assert screen.page.locator("b", has_text="hello").count() == 0
    usa.choose("Propose", "We exercise together")
    usa.page.get_by_label("To", exact=True).first.click()
    usa.page.get_by_role("option", name="KOR", exact=True).click()
    usa.click("Propose")
    kor.see("USA and KOR hold a command_post exercise")
    kor.click("Accept")
    usa.see("for 1 turn: accepted")
    usa.choose("Propose", "We say to all together")
    usa.page.get_by_label("For how many turns").wait_for(state="hidden")
    usa.page.get_by_label("What both say").fill(f"we stand together {NAME}")
    usa.page.wait_for_timeout(600)
    usa.click("Propose")
    kor.see("USA and KOR say to all: we stand together")
    kor.click("Accept")
    for screen in (teacher, watcher, prk):
        screen.see("Turn 1, USA and KOR to all: we stand together")
        assert screen.page.locator("b", has_text="hello").count() == 0
    prk.page.get_by_label("To", exact=True).last.click()
    prk.page.get_by_role("option", name="USA", exact=True).click()
    prk.say("between us alone")
    usa.see("between us alone")
    teacher.click("Pause")
    prk.see("paused")
    prk.click("Submit orders")
    prk.see("paused: no orders now")
    teacher.click("Resume")
    prk.see("open; orders in")
    teacher.click("Next turn")


def _injected_and_rewound(teacher: Screen, prk: Screen) -> None:
    teacher.click("Inject")  # a leak of the first route
    prk.see("0.953")  # the evidence
    teacher.page.get_by_label("Turn", exact=True).fill("3")
    teacher.click("Rewind to")
    prk.see("Nothing submitted for this turn")
    prk.order("Press", "KOR")
    prk.click("Submit orders")
    teacher.see("orders in: PRK")


def _second_window_and_reload(browser: Any, link: str, kor: Screen) -> None:
    kor.order("Give way", "PRK")
    second = Screen(browser, link, PHONE)
    second.see("This seat is open in another window too")
    second.see("Give way PRK")  # the draft
    assert not kor.page.get_by_text("This seat is open in another window too").is_visible()
    second.context.close()
    kor.page.reload()
    kor.see("Give way PRK")


def _files(teacher: Screen, usa: Screen, folder: Path, browser: Any) -> None:
    with teacher.page.expect_download() as found:
        teacher.page.get_by_text("The seminar, for armsflow replay=").click()
    file = folder / "seminar.json"
    found.value.save_as(file)
    lines, same = replay_lines(file)
    assert same
    assert "bit for bit" in lines[-1]
    kinds = [entry["kind"] for entry in json.loads(file.read_text())["log"]]
    assert {"open", "say", "propose", "answer", "pause", "inject", "rewind", "next"} <= {*kinds}
    with usa.page.expect_download() as found:
        usa.page.get_by_text("Debriefing, a file to keep").click()
    found.value.save_as(folder / "debriefing.html")
    context = browser.new_context(viewport=PHONE)
    context.set_offline(True)
    page = context.new_page()
    page.goto((folder / "debriefing.html").as_uri())
    page.get_by_text("had PRK not pressed KOR in weeks 4 to 7").wait_for()
    page.screenshot(path=folder / "debriefing.png", full_page=True)
    context.close()


@pytest.mark.slow
def test_a_browser_comes_back_after_the_server_was_killed(browser: Any, server: Server) -> None:
    front = Screen(browser, f"{server.url}/seminar", WIDE, "Open a room")
    assert front.axe() == []
    links = {name: front.page.get_by_role("link", name=name) for name in ("Explore", "Step")}
    assert {n: a.get_attribute("href") for n, a in links.items()} == {
        "Explore": "/",
        "Step": "/step",
    }
    front.click("Open the room")
    front.see("Room code, for spectators")
    front.page.get_by_text("Links of the seats").click()
    link = front.see("PRK: http").get_attribute("href")
    prk = Screen(browser, link, PHONE)
    prk.order("Press", "KOR")
    prk.click("Submit orders")
    prk.see("Your orders are in")
    prk.order("Press", "USA")
    prk.page.get_by_text("Press USA").first.wait_for()
    server.kill()
    server.start()
    prk.page.wait_for_event("load", timeout=60_000)
    prk.see("orders in: PRK")
    prk.see("Press USA")
    prk.click("Submit orders")
    prk.see("Your orders are in")
