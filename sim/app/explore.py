"""The page *Explore*: choose a world, or two; simulate an ensemble; read, keep and share it."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from nicegui import app, background_tasks, ui

from ..scenario import ScenarioError
from .choices import Choices
from .ensemble import Message
from .files import Pictures, data_archive, figure_archive
from .look import head, heading, named
from .setting import SIDES, Setting, SettingError, one_sentence, setting_of
from .simulator import Simulator
from .world_file import LARGEST, world_in

INTRODUCTION = (
    "Choose a world, change what you like, simulate it many times. What comes out follows from the"
    " model's assumptions; it is no forecast and no finding about states that lend their names."
)
RESULTS = "what-happens"
"""The heading of the results."""
TO_RESULTS = (
    f"document.getElementById('{RESULTS}')"
    ".scrollIntoView({block: innerWidth <= 900 ? 'start' : 'nearest'})"
)
"""Results are below the choices on a narrow screen, and may be above what is seen on a wide one."""
READ = (
    "async (e) => { const file = e.target.files[0];"
    f" if (file) emit(file.size > {LARGEST} ? null : await file.text()); }}"
)
"""Sends the text of a file that was chosen, or that it is too large."""


def add_explore(data: Path, engine: str) -> None:
    """Add the page and what it needs to the server.

    Args:
        data: The folder under which each page's results lie as long as the page is open.
        engine: `auto`, `reference` or `compiled`.
    """
    simulator, pictures = Simulator(engine), Pictures()
    folder = data / "explore"
    shutil.rmtree(folder, ignore_errors=True)  # of a server that was killed
    app.on_shutdown(simulator.end)
    app.on_shutdown(lambda: shutil.rmtree(folder, ignore_errors=True))

    @app.get("/pictures/{name}")
    def picture(name: str) -> Response:
        found = pictures.find(name)
        if found is None:
            return Response("There is no such picture.", 404, media_type="text/plain")
        return Response(found, media_type="image/svg+xml")

    @ui.page("/", title="armsflow")
    def explore(request: Request) -> None:
        Explore(simulator, pictures, folder).build(request.query_params.multi_items())


class Explore:
    """A page of one person: what is chosen, and what of it is simulated."""

    def __init__(self, simulator: Simulator, pictures: Pictures, above: Path) -> None:
        """Begin with nothing.

        Args:
            simulator: Shared by all pages.
            pictures: Shared by all pages.
            above: The folder of all pages' results.
        """
        self._simulator, self._pictures, self._above = simulator, pictures, above
        self._drawn = list[Path]()
        self._folder: Path | None = None
        self._task: asyncio.Task[Any] | None = None
        self._gone = False

    @property
    def setting(self) -> Setting:
        """Return what is chosen."""
        return self.choices.setting

    def build(self, pairs: list[tuple[str, str]]) -> None:
        """Write the page.

        Args:
            pairs: The query of its link.
        """
        setting, broken = Setting(), ""
        try:
            setting = setting_of(pairs)
        except SettingError as error:
            broken = one_sentence(error)
        self.choices = Choices(setting, self._changed)
        head("/", "Explore")
        ui.label(INTRODUCTION).classes("soft")
        if broken:
            ui.label(broken).classes("error").props('role="alert"')
        self.page = ui.element("div").classes("page")
        with self.page:
            with ui.element("div"):
                self.choices.build(self._buttons)
            with ui.element("div"):
                self._results()
        self._changed()
        ui.context.client.on_delete(self._leave)

    def _buttons(self) -> None:
        with ui.element("div").classes("tools"):
            self.start = ui.button("Simulate", on_click=self._simulate).props("no-caps")
            self.stop = ui.button("Stop", on_click=self._stop).props("no-caps outline")
            self.stop.disable()
            ui.button(
                "As shipped",
                on_click=lambda: ui.navigate.to(f"/?scenario={self.setting.scenario}"),
            ).props("no-caps outline")

    def _results(self) -> None:
        """Write the place of what comes out."""
        heading("What happens").props(f'id="{RESULTS}"')
        self.said = ui.label("Nothing is simulated yet.").props('role="status"').classes("soft")
        self.bar = ui.linear_progress(0.0, show_value=False, size="14px")
        named(self.bar.props("instant-feedback"), "Progress of the simulation")
        self.bar.set_visibility(False)
        self.sentences = ui.element("div")
        self.small = ui.element("div").classes("fans")
        self.large = ui.element("div")
        heading("Keep and share")
        with ui.element("div").classes("links"):
            self.link = ui.link("Link to this setting", "/")
            self.step = ui.link("Step through world A, week by week", "/step")
        with ui.element("div").classes("tools"):
            self.texts = [
                ui.button(f"World {side.upper()} as YAML", on_click=partial(self._yaml, side))
                for side in SIDES
            ]
            self.kept = [
                ui.button("Data as Parquet", on_click=partial(self._data, "parquet")),
                ui.button("Data as CSV", on_click=partial(self._data, "csv")),
                ui.button("Figures as SVG", on_click=self._figures),
            ]
            for button in (*self.texts, *self.kept):
                button.props("no-caps outline")
            for button in self.kept:
                button.disable()
        self._takers = [self._taker(side) for side in SIDES]
        self.refused = ui.label().classes("error").props('role="alert"')
        self.refused.set_visibility(False)
        ui.label("The same on the command line:").classes("lever")
        self.commands = ui.label().classes("command")

    def _changed(self) -> None:
        """Show the setting in the address, so that it can be kept and shared."""
        query = self.setting.query()
        for of_b in (self.choices.other, self.texts[1], self._takers[1]):
            of_b.set_visibility(self.setting.compared)
        if self.setting.compared:
            self.page.classes(add="compared")
        else:
            self.page.classes(remove="compared")
        self.link.props["href"] = f"/?{query}"
        self.step.props["href"] = f"/step?{query}"
        self.commands.set_text("\n".join(self.setting.command(side) for side in self.setting.sides))
        ui.navigate.history.replace(f"/?{query}")

    def _simulate(self) -> None:
        if self.choices.wrong:
            ui.notify("Some numbers are out of their range.", type="warning")
            return
        self._forget()
        for place in (self.small, self.large, self.sentences):
            place.clear()
        for button in self.kept:
            button.disable()
        self.start.disable()
        self.stop.enable()
        self.said.set_text("Starting")
        self.bar.set_value(0.0)
        self.bar.set_visibility(True)
        self._above.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(dir=self._above))
        ui.run_javascript(TO_RESULTS)
        self._task = background_tasks.create(self._follow(self.setting, self._folder))

    async def _follow(self, setting: Setting, folder: Path) -> None:
        """Show the messages of a job as they come."""
        try:
            async for message in self._simulator.messages(setting, folder):
                with self.page:
                    SHOWN[message["kind"]](self, message)
        except asyncio.CancelledError:
            if not self._gone:
                with self.page:
                    self._end("Stopped.")
            raise

    def _progress(self, message: Message) -> None:
        self.bar.set_value(message["share"])
        self.said.set_text(f"{message['doing']}, {100 * message['share']:.0f} %")

    def _waiting(self, message: Message) -> None:
        self.said.set_text(message["text"])

    def _picture(self, message: Message) -> None:
        file = Path(message["file"])
        self._drawn.append(file)
        large, address = message["size"] == "large", self._pictures.address(file)
        with self.large if large else self.small, ui.element("section").classes("picture"):
            ui.label(message["caption"]).classes("caption")
            with ui.element("div").classes("wide" if large else "") as frame:
                if large:
                    named(frame.props('tabindex="0" role="region"'), message["caption"])
                image = ui.element("img")
                image.props["src"], image.props["alt"] = address, message["alt"]
            ui.label(message["said"]).classes("said")
            if large:
                ui.link("Open this figure alone", address, new_tab=True).classes("said")

    def _done(self, message: Message) -> None:
        with self.sentences:
            for sentence in message["sentences"]:
                ui.label(sentence).classes("soft")
        for button in self.kept:
            button.enable()
        self._end(message["text"])

    def _error(self, message: Message) -> None:
        with self.sentences:
            ui.label(message["text"]).classes("error").props('role="alert"')
        self._end("It could not be simulated.")

    def _end(self, text: str) -> None:
        self.said.set_text(text)
        self.bar.set_visibility(False)
        self.start.enable()
        self.stop.disable()
        self._task = None

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _yaml(self, side: str) -> None:
        try:
            text = self.setting.yaml(side)
        except ScenarioError as error:
            ui.notify(f"These values do not go together: {error}", type="warning")
            return
        ui.download.content(text.encode(), f"{self.setting.scenario}_{side}.yaml", "text/yaml")

    def _taker(self, side: str) -> ui.element:
        """Write what takes a world back from a YAML file; its text comes as a message."""
        with ui.element("label").classes("taker") as taker:
            ui.label(f"World {side.upper()} from a YAML file:")
            file = ui.element("input").props('type="file" accept=".yaml,.yml"')
            file.on("change", lambda e: self._take(side, e.args), js_handler=READ)
        return taker

    def _take(self, side: str, text: Any) -> None:
        try:
            if not isinstance(text, str):
                raise SettingError(f"it is larger than {LARGEST // 1000} kB")
            name, chosen = world_in(text)
            if side == "b" and name != self.setting.scenario:
                raise SettingError("world B is another choice of the same world as A")
        except SettingError as error:
            self.refused.set_text(f"This file cannot be taken: {error}.")
            self.refused.set_visibility(True)
            return
        taken = self.setting
        if name != taken.scenario:
            taken = Setting(name, runs=taken.runs, seed=taken.seed)
        taken = replace(taken, b=chosen) if side == "b" else replace(taken, a=chosen)
        ui.navigate.to(f"/?{taken.query()}")

    async def _data(self, form: str) -> None:
        if self._folder is None:
            return
        folder = self._folder
        worlds = {side: folder / side for side in SIDES if (folder / side).is_dir()}
        file = await asyncio.to_thread(data_archive, worlds, form, folder / f"{form}.zip")
        ui.download.file(file, f"armsflow_{form}.zip")

    async def _figures(self) -> None:
        if self._folder is None:
            return
        file = await asyncio.to_thread(figure_archive, self._drawn, self._folder / "figures.zip")
        ui.download.file(file, "armsflow_figures.zip")

    def _leave(self) -> None:
        """Leave nothing behind when the page is closed."""
        self._gone = True
        self._forget()

    def _forget(self) -> None:
        """Stop, and remove what was simulated."""
        self._stop()
        self._drawn = []
        if self._folder is not None:
            self._pictures.forget(self._folder)
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


SHOWN: dict[str, Callable[[Explore, Message], None]] = {
    "waiting": Explore._waiting,
    "progress": Explore._progress,
    "picture": Explore._picture,
    "done": Explore._done,
    "error": Explore._error,
}
"""What is done with each kind of message."""
