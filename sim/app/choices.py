"""The controls by which a person chooses worlds: doctrines, numbers, runs, seed."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from nicegui import ui

from .look import heading, named
from .setting import (
    LARGEST_SEED,
    RUNS,
    Lever,
    Setting,
    SettingError,
    Value,
    checked_value,
    common_levers,
    doctrine_path,
    doctrines,
    levers,
    offered,
    shipped_world,
)

SHIPPED = ""
"""The choice of a doctrine that leaves it as shipped."""
FIELD = "outlined dense options-dense"
FOLDS = "dense switch-toggle-side"


class Choices:
    """Controls on a page, and the setting that they stand for.

    - `setting`: what is chosen.
    - `wrong`: which numbers are out of their range; the setting keeps what was there before.
    - `other`: the controls of world B.
    """

    def __init__(self, setting: Setting, changed: Callable[[], None]) -> None:
        """Keep what is chosen; `build` writes the controls.

        Args:
            setting: What is chosen at first.
            changed: Called when another thing is chosen.
        """
        self.setting = setting
        self.wrong = set[str]()
        self._changed = changed

    def build(self, buttons: Callable[[], None]) -> None:
        """Write the controls.

        Args:
            buttons: Writes what starts and stops a simulation, above the worlds.
        """
        ui.label("World").classes("lever")
        world = ui.select(
            offered(),
            value=self.setting.scenario,
            on_change=lambda e: ui.navigate.to(f"/?scenario={e.value}"),
        )
        named(world.props(FIELD), "World")
        with ui.element("div").classes("tools"):
            ui.checkbox(
                "Compare with a world B",
                value=self.setting.compared,
                on_change=lambda e: self._set(compared=e.value),
            )
        with ui.element("div").classes("tools"):
            self._runs()
        buttons()
        with ui.element("div").classes("worlds"):
            self._world("a")
            self.other = ui.element("div")
            with self.other:
                self._world("b")

    def _runs(self) -> None:
        runs = ui.select(
            {n: f"{n} runs" for n in RUNS},
            value=self.setting.runs,
            on_change=lambda e: self._set(runs=e.value),
        )
        named(runs.props(FIELD), "How many runs")
        seed = ui.number(
            value=self.setting.seed,
            validation=lambda x: (
                None if _is_seed(x) else f"a whole number from 0 to {LARGEST_SEED:,}"
            ),
            on_change=lambda e: self._reseed(e.value),
        ).props('outlined dense prefix="seed" hide-bottom-space')
        named(seed, "Seed: another one is another chance").style("width: 150px")

    def _world(self, side: str) -> None:
        """Write the controls of a world."""
        box = ui.element("section").classes(f"world {side}")
        own, common = levers(self.setting.scenario), common_levers()
        with named(box, f"World {side.upper()}"):
            heading(f"World {side.upper()}")
            self._doctrines(side)
            with ui.expansion("Numbers of this world", value=True).props(FOLDS):
                for path in own:
                    if path not in common:
                        self._lever(side, own[path])
            chosen = any(path in self.setting.of(side) for path in common)
            with ui.expansion("Numbers of every world", value=chosen).props(FOLDS):
                for path in own:
                    if path in common:
                        self._lever(side, own[path])

    def _doctrines(self, side: str) -> None:
        scenario = shipped_world(self.setting.scenario)
        for code, state in scenario.spec.states.items():
            label, path = f"Doctrine of {state.name or code}", doctrine_path(code)
            shipped = {SHIPPED: f"{state.doctrine.replace('_', ' ')}, as shipped"}
            options = shipped | {
                name: name.replace("_", " ")
                for name in doctrines(self.setting.scenario)
                if name != state.doctrine
            }
            ui.label(label).classes("lever")
            chosen = self.setting.of(side).get(path, SHIPPED)
            select = ui.select(
                options,
                value=chosen if chosen in options else SHIPPED,
                on_change=lambda e, path=path: self._choose(side, path, e.value or None),
            )
            named(select.props(FIELD), f"{label}, world {side.upper()}")

    def _lever(self, side: str, lever: Lever) -> None:
        ui.label(lever.label).classes("lever")
        median = f"median {lever.shipped:g}"
        chosen = self.setting.of(side).get(lever.path)
        number = ui.number(
            value=None if chosen is None else float(chosen),
            placeholder=median if lever.drawn else f"{lever.shipped:g}",
            validation=partial(self._problem, side, lever),
            on_change=lambda e: self._number(side, lever, e.value),
        ).props("outlined dense clearable hide-bottom-space")
        named(number, f"{lever.label}, {lever.unit}, world {side.upper()}")
        empty = f"each run draws its own, {median}" if lever.drawn else f"{lever.shipped:g}"
        between = f"{lever.low:g} to {lever.high:g} {lever.unit}"
        ui.label(f"{between}; as shipped {empty}").classes("hint")

    def _problem(self, side: str, lever: Lever, number: float | None) -> str | None:
        """Return what is wrong with a number of a world, None if nothing is."""
        key = f"{side}.{lever.path}"
        self.wrong.discard(key)
        try:
            if number is not None:
                checked_value(self.setting.scenario, lever.path, repr(number))
        except SettingError as error:
            self.wrong.add(key)
            return str(error).removeprefix(f"{lever.path} is ")
        return None

    def _number(self, side: str, lever: Lever, number: float | None) -> None:
        if self._problem(side, lever, number):
            return
        value = (
            None
            if number is None
            else checked_value(self.setting.scenario, lever.path, repr(number))
        )
        self._choose(side, lever.path, value)

    def _choose(self, side: str, path: str, value: Value | None) -> None:
        self.setting = self.setting.with_value(side, path, value)
        self._changed()

    def _reseed(self, seed: float | None) -> None:
        if seed is not None and _is_seed(seed):
            self._set(seed=int(seed))

    def _set(self, **changes: Any) -> None:
        self.setting = replace(self.setting, **changes)
        self._changed()


def _is_seed(number: float | None) -> bool:
    return number is not None and number == int(number) and 0 <= number <= LARGEST_SEED
