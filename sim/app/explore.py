"""The page *Explore*: choose a world, or two; simulate an ensemble; read, keep and share it."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from nicegui import app, background_tasks, ui

from ..scenario import ScenarioError
from .ensemble import Message
from .files import Pictures, data_archive, figure_archive
from .look import head, heading, named
from .setting import (
    LARGEST_SEED,
    RUNS,
    SIDES,
    Lever,
    Setting,
    SettingError,
    checked_value,
    doctrine_path,
    doctrines,
    levers,
    offered,
    one_sentence,
    setting_of,
    shipped_world,
)
from .simulator import Simulator

RESULTS = "what-happens"
"""The element in which results are shown."""
SHIPPED = ""
"""The choice of a doctrine that leaves it as shipped."""
TO_RESULTS = f"if (innerWidth <= 900) document.getElementById('{RESULTS}').scrollIntoView()"
"""On a narrow screen results are below the choices."""
FOLDS = "dense switch-toggle-side"
INTRODUCTION = (
    "Choose a world, change what you like, simulate it many times. What comes out follows from the"
    " model's assumptions; it is no forecast and no finding about states that lend their names."
)


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
        Explore(request.query_params.multi_items(), simulator, pictures, folder).build()


@dataclass
class Explore:
    """A page of one person: what is chosen, and what of it is simulated.

    - `pairs`: the query of its link.
    - `simulator`, `pictures`: shared by all pages.
    - `above`: the folder of all pages' results.
    """

    pairs: list[tuple[str, str]]
    simulator: Simulator
    pictures: Pictures
    above: Path
    setting: Setting = field(default_factory=Setting)
    wrong: set[str] = field(default_factory=set)
    drawn: list[Path] = field(default_factory=list)
    folder: Path | None = None
    task: "asyncio.Task[Any] | None" = None

    def build(self) -> None:
        """Write the page."""
        broken = ""
        try:
            self.setting = setting_of(self.pairs)
        except SettingError as error:
            broken = one_sentence(error)
        head("/", "Explore")
        ui.label(INTRODUCTION).classes("soft")
        if broken:
            ui.label(broken).classes("error").props('role="alert"')
        self.page = ui.element("div").classes("page")
        with self.page:
            with ui.element("div"):
                self._choices()
            with ui.element("div").props(f'id="{RESULTS}"'):
                self._results()
        self._changed()
        ui.context.client.on_delete(self._leave)

    def _choices(self) -> None:
        """Write the controls."""
        setting = self.setting
        ui.label("World").classes("lever")
        world = ui.select(
            offered(),
            value=setting.scenario,
            on_change=lambda e: ui.navigate.to(f"/?scenario={e.value}"),
        )
        named(world.props("outlined dense options-dense"), "World")
        with ui.element("div").classes("tools"):
            ui.checkbox(
                "Compare with a world B",
                value=setting.compared,
                on_change=lambda e: self._compare(e.value),
            )
        with ui.element("div").classes("tools"):
            runs = ui.select(
                {n: f"{n} runs" for n in RUNS},
                value=setting.runs,
                on_change=lambda e: self._set(runs=e.value),
            )
            named(runs.props("outlined dense options-dense"), "How many runs")
            seed = ui.number(
                value=setting.seed,
                validation=lambda x: (
                    None if _is_seed(x) else f"a whole number from 0 to {LARGEST_SEED:,}"
                ),
                on_change=lambda e: self._reseed(e.value),
            ).props('outlined dense prefix="seed" hide-bottom-space')
            named(seed, "Seed: another one is another chance").style("width: 150px")
        with ui.element("div").classes("tools"):
            self.start = ui.button("Simulate", on_click=self._simulate).props("no-caps")
            self.stop = ui.button("Stop", on_click=self._stop).props("no-caps outline")
            self.stop.disable()
            ui.button(
                "As shipped",
                on_click=lambda: ui.navigate.to(f"/?scenario={self.setting.scenario}"),
            ).props("no-caps outline")
        with ui.element("div").classes("worlds"):
            self._world("a")
            self.other = ui.element("div")
            with self.other:
                self._world("b")

    def _world(self, side: str) -> None:
        """Write the controls of a world."""
        box = ui.element("section").classes(f"world {side}")
        with named(box, f"World {side.upper()}"):
            heading(f"World {side.upper()}")
            self._doctrines(side)
            own = levers(self.setting.scenario)
            common = [path for path in own if path in _common(own)]
            with ui.expansion("Numbers of this world", value=True).props(FOLDS):
                for path in own:
                    if path not in common:
                        self._lever(side, own[path])
            chosen = any(path in self.setting.of(side) for path in common)
            with ui.expansion("Numbers of every world", value=chosen).props(FOLDS):
                for path in common:
                    self._lever(side, own[path])

    def _doctrines(self, side: str) -> None:
        scenario = shipped_world(self.setting.scenario)
        for code, state in scenario.spec.states.items():
            label = f"Doctrine of {state.name or code}"
            path = doctrine_path(code)
            known = {name: name.replace("_", " ") for name in doctrines(self.setting.scenario)}
            options = {SHIPPED: f"{state.doctrine.replace('_', ' ')}, as shipped"} | {
                name: text for name, text in known.items() if name != state.doctrine
            }
            ui.label(label).classes("lever")
            chosen = self.setting.of(side).get(path, SHIPPED)
            select = ui.select(
                options,
                value=chosen if chosen in options else SHIPPED,
                on_change=lambda e, path=path: self._choose(side, path, e.value or None),
            )
            named(select.props("outlined dense options-dense"), f"{label}, world {side.upper()}")

    def _lever(self, side: str, lever: Lever) -> None:
        ui.label(lever.label).classes("lever")
        between = f"{lever.low:g} to {lever.high:g} {lever.unit}"
        shipped = f"{'median ' if lever.drawn else ''}{lever.shipped:g}"
        own = (
            f"empty: each run draws its own, {shipped}" if lever.drawn else f"as shipped {shipped}"
        )
        number = ui.number(
            value=_number(self.setting.of(side).get(lever.path)),
            placeholder=shipped,
            validation=lambda x: self._problem(side, lever, x),
            on_change=lambda e: self._number(side, lever, e.value),
        ).props("outlined dense clearable hide-bottom-space")
        ui.label(f"{between}; {own}").classes("hint")
        named(number, f"{lever.label}, {lever.unit}, world {side.upper()}")

    def _problem(self, side: str, lever: Lever, value: float | None) -> str | None:
        """Return what is wrong with a number of a world, None if nothing is."""
        key = f"{side}.{lever.path}"
        self.wrong.discard(key)
        if value is None:
            return None
        try:
            checked_value(self.setting.scenario, lever.path, repr(value))
        except SettingError as error:
            self.wrong.add(key)
            return str(error).removeprefix(f"{lever.path} is ")
        return None

    def _number(self, side: str, lever: Lever, value: float | None) -> None:
        if self._problem(side, lever, value):
            return
        text = None if value is None else repr(value)
        self._choose(
            side,
            lever.path,
            None if text is None else checked_value(self.setting.scenario, lever.path, text),
        )

    def _choose(self, side: str, path: str, value: float | str | None) -> None:
        self.setting = self.setting.with_value(side, path, value)
        self._changed()

    def _compare(self, compared: bool) -> None:
        self._set(compared=compared)

    def _reseed(self, seed: float | None) -> None:
        if seed is not None and _is_seed(seed):
            self._set(seed=int(seed))

    def _set(self, **changes: Any) -> None:
        self.setting = replace(self.setting, **changes)
        self._changed()

    def _changed(self) -> None:
        """Show the setting in the address, so that it can be kept and shared."""
        query = self.setting.query()
        for of_b in (self.other, self.texts[1]):
            of_b.set_visibility(self.setting.compared)
        self.page.classes(**{"add" if self.setting.compared else "remove": "compared"})
        self.link.props["href"] = f"/?{query}"
        self.step.props["href"] = f"/step?{query}"
        self.commands.set_text("\n".join(self.setting.command(side) for side in self.setting.sides))
        ui.navigate.history.replace(f"/?{query}")

    def _results(self) -> None:
        """Write the place of what comes out."""
        heading("What happens")
        self.said = ui.label("Nothing is simulated yet.").props('role="status"').classes("soft")
        self.bar = ui.linear_progress(0.0, show_value=False, size="14px").props("instant-feedback")
        named(self.bar, "Progress of the simulation")
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
            for button in self.texts:
                button.props("no-caps outline")
            self.kept = [
                ui.button("Data as Parquet", on_click=lambda: self._data("parquet")),
                ui.button("Data as CSV", on_click=lambda: self._data("csv")),
                ui.button("Figures as SVG", on_click=self._figures),
            ]
            for button in self.kept:
                button.props("no-caps outline").disable()
        ui.label("The same on the command line:").classes("lever")
        self.commands = ui.label().style("white-space: pre-wrap; font-family: monospace")
        self.commands.style("font-size: .85rem; overflow-wrap: anywhere")

    def _simulate(self) -> None:
        if self.wrong:
            ui.notify("Some numbers are out of their range.", type="warning")
            return
        self._forget()
        self.small.clear()
        self.large.clear()
        self.sentences.clear()
        self.start.disable()
        self.stop.enable()
        self.bar.set_value(0.0)
        self.bar.set_visibility(True)
        self.above.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(dir=self.above))
        ui.run_javascript(TO_RESULTS)
        self.task = background_tasks.create(self._follow(self.setting, self.folder))

    async def _follow(self, setting: Setting, folder: Path) -> None:
        """Show the messages of a job as they come."""
        try:
            async for message in self.simulator.messages(setting, folder):
                with self.page:
                    SHOWN[message["kind"]](self, message)
        except asyncio.CancelledError:
            with self.page:
                self._end("Stopped.")
            raise

    def _progress(self, message: Message) -> None:
        self.bar.set_value(message["share"])
        self.said.set_text(f"{message['doing']}, {100 * message['share']:.0f} %".capitalize())

    def _picture(self, message: Message) -> None:
        file = Path(message["file"])
        self.drawn.append(file)
        large = message["size"] == "large"
        address = self.pictures.address(file)
        with self.large if large else self.small, ui.element("section").classes("picture"):
            ui.label(message["caption"]).classes("caption")
            with ui.element("div").classes("wide" if large else "") as frame:
                if large:
                    named(frame.props('tabindex="0" role="region"'), message["caption"])
                image = ui.element("img")
                image.props["src"] = address
                image.props["alt"] = message["alt"]
            ui.label(message["said"]).classes("said")
            if large:
                ui.link("Open this figure alone", address, new_tab=True).classes("said")

    def _done(self, message: Message) -> None:
        with self.sentences:
            for sentence in message["sentences"]:
                ui.label(sentence).classes("soft")
        for button in self.kept:
            button.enable()
        many = f"{self.setting.runs} runs"
        worlds = (
            "of each world, with the same chance in both" if self.setting.compared else "of world A"
        )
        self._end(
            f"{many} {worlds}. Dark band: half of the runs; light band: nine of ten; line: median."
        )

    def _error(self, message: Message) -> None:
        with self.sentences:
            ui.label(message["text"]).classes("error").props('role="alert"')
        self._end("It could not be simulated.")

    def _end(self, text: str) -> None:
        self.said.set_text(text)
        self.bar.set_visibility(False)
        self.start.enable()
        self.stop.disable()
        self.task = None

    def _stop(self) -> None:
        if self.task is not None:
            self.task.cancel()

    def _yaml(self, side: str) -> None:
        try:
            text = self.setting.yaml(side)
        except ScenarioError as error:
            ui.notify(f"These values do not go together: {error}", type="warning")
            return
        ui.download.content(text.encode(), f"{self.setting.scenario}_{side}.yaml", "text/yaml")

    async def _data(self, form: str) -> None:
        if self.folder is None:
            return
        worlds = {side: self.folder / side for side in ("a", "b") if (self.folder / side).is_dir()}
        file = await asyncio.to_thread(data_archive, worlds, form, self.folder / f"{form}.zip")
        ui.download.file(file, f"armsflow_{form}.zip")

    async def _figures(self) -> None:
        if self.folder is None:
            return
        file = await asyncio.to_thread(figure_archive, self.drawn, self.folder / "figures.zip")
        ui.download.file(file, "armsflow_figures.zip")

    def _forget(self) -> None:
        """Remove what was simulated before."""
        for button in self.kept:
            button.disable()
        self.drawn = []
        if self.folder is not None:
            self.pictures.forget(self.folder)
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def _leave(self) -> None:
        """Stop and remove what is of this page, when it is closed."""
        self._stop()
        if self.folder is not None:
            self.pictures.forget(self.folder)
            shutil.rmtree(self.folder, ignore_errors=True)


SHOWN: dict[str, Callable[[Explore, Message], None]] = {
    "progress": Explore._progress,
    "picture": Explore._picture,
    "done": Explore._done,
    "error": Explore._error,
}
"""What is done with each kind of message."""


def _is_seed(value: float | None) -> bool:
    return value is not None and value == int(value) and 0 <= value <= LARGEST_SEED


def _common(own: dict[str, Lever]) -> set[str]:
    from ..scenario.files import shipped

    return set(shipped("explore", "levers")["common"]) & set(own)


def _number(value: float | str | None) -> float | None:
    return None if value is None else float(value)
