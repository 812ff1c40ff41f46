"""The page *Step*: one world, week by week, and why each state decided so."""

import asyncio
from dataclasses import dataclass, field

from fastapi import Request
from nicegui import ui

from ..scenario import ScenarioError
from .ensemble import too_large
from .look import head, heading, named, table
from .setting import Setting, SettingError, offered, one_sentence, setting_of, whole_number
from .walk import Shown, Walk, name_of

SPEEDS = (1, 2, 5, 10)
"""Weeks per second."""
LARGEST_RUN = 10**6
LARGEST_WEEK = 10**4
INTRODUCTION = (
    "One run of one world, week by week: what each state has, what lies between them, what is on"
    " its way, what happened, and why each state decided so."
)


def add_step() -> None:
    """Add the page to the server."""

    @ui.page("/step", title="armsflow")
    def step(request: Request) -> None:
        Step(request.query_params.multi_items()).build()


@dataclass
class Step:
    """A page of one person: a world, and the week that is shown.

    - `pairs`: the query of its link.
    - `setting`: the world, of which A is shown.
    - `run`: the number of the run.
    - `week`: the week that is shown.
    - `state`: whose decisions are shown.
    """

    pairs: list[tuple[str, str]]
    setting: Setting = field(default_factory=Setting)
    run: int = 0
    week: int = 0
    state: str = ""
    busy: bool = False

    def build(self) -> None:
        """Write the page."""
        head("/step", "Step")
        ui.label(INTRODUCTION).classes("soft")
        try:
            self._read()
            scenario = self.setting.world("a")
            refused = too_large(scenario, 1)
        except (SettingError, ScenarioError) as error:
            refused = one_sentence(error)
            self.setting, self.run, self.week = Setting(), 0, 0
            scenario = self.setting.world("a")
        if refused:
            ui.label(refused).classes("error").props('role="alert"')
        self.walk = Walk(scenario, self.setting.seed, self.run)
        self.state = scenario.states[0]
        self.week = self.walk.go(self.week)
        self._controls()
        self._places()
        self._show()

    def _read(self) -> None:
        """Take the run and the week from the link, and the setting from the rest of it.

        Raises:
            SettingError: All that cannot be chosen.
        """
        own, problems = {"run": "0", "week": "0"}, list[str]()
        own |= {key: value for key, value in self.pairs if key in own}
        self.run = whole_number("run", own["run"], LARGEST_RUN, problems)
        self.week = whole_number("week", own["week"], LARGEST_WEEK, problems)
        rest = [(key, value) for key, value in self.pairs if key not in own]
        try:
            self.setting = setting_of(rest)
        except SettingError as error:
            problems += str(error).splitlines()
        if problems:
            raise SettingError("\n".join(problems))

    def _controls(self) -> None:
        """Write what moves through the weeks."""
        with ui.element("div").classes("tools"):
            world = ui.select(
                offered(),
                value=self.setting.scenario,
                on_change=lambda e: ui.navigate.to(f"/step?scenario={e.value}"),
            )
            named(world.props("outlined dense options-dense"), "World")
            run = ui.number(value=self.run, min=0, max=LARGEST_RUN, precision=0)
            named(run.props('outlined dense prefix="run"'), "Number of the run").style(
                "width: 130px"
            )
            run.on("change", lambda: self._other_run(run.value))
        self.timer = ui.timer(1.0 / SPEEDS[0], self._tick, active=False)
        with ui.element("div").classes("tools"):
            ui.button("Back", on_click=lambda: self._move(-1)).props("no-caps outline")
            self.run_button = ui.button("Play", on_click=self._toggle).props("no-caps")
            ui.button("Forward", on_click=lambda: self._move(1)).props("no-caps outline")
            speed = ui.select(
                {n: f"{n} weeks per second" if n > 1 else "1 week per second" for n in SPEEDS},
                value=SPEEDS[0],
                on_change=lambda e: setattr(self.timer, "interval", 1.0 / e.value),
            )
            named(speed.props("outlined dense options-dense"), "Speed")
            self.number = ui.number(value=self.week, min=0, max=self.walk.last, precision=0)
            named(self.number.props('outlined dense prefix="week"'), "Go to week")
            self.number.style("width: 130px")
            self.number.on("change", lambda: self._jump(self.number.value))
        self.slider = ui.slider(min=0, max=self.walk.last, value=self.week)
        self.slider.on_value_change(lambda e: self._jump(e.value))
        named(self.slider.props("label"), "Week")

    def _places(self) -> None:
        """Write where a week is shown."""
        self.day = heading("")
        self.day.props('aria-live="polite"')
        self.note = ui.label().classes("error")
        with ui.element("div").classes("weeks"):
            self.pairs_table = ui.html("", sanitize=True)
            with ui.element("div"):
                heading("What happened this week")
                self.events = ui.label().style("white-space: pre-line")
                self.routes_table = ui.html("", sanitize=True)
        self.states_table = ui.html("", sanitize=True)
        heading("Why it decided so")
        scenario = self.walk.scenario
        names = {code: name_of(scenario, i) for i, code in enumerate(scenario.states)}
        with ui.element("div").classes("tools"):
            whose = ui.select(names, value=self.state, on_change=lambda e: self._whose(e.value))
            named(whose.props("outlined dense options-dense"), "Whose decisions")
        self.why = ui.element("div").classes("why")
        with ui.expansion("What it saw").props("dense switch-toggle-side"):
            self.saw = ui.html("", sanitize=True)
        with ui.element("div").classes("links"):
            self.link = ui.link("Link to this week", "/step")
            self.back = ui.link("Simulate this world many times", f"/?{self.setting.query()}")

    def _show(self) -> None:
        """Show the week."""
        scenario, shown = self.walk.scenario, self.walk.shown(self.week)
        day = scenario.date(self.week)
        self.day.set_text(
            f"Week {self.week} of {scenario.weeks - 1}, {day.day} {day:%B %Y}, run {self.run}"
        )
        self.note.set_text(
            ""
            if self.walk.ended is None
            else f"In week {self.walk.ended} the numbers of this run left the model's range."
        )
        self._tables(shown)
        self._reasons()
        for control in (self.slider, self.number):
            if control.value != self.week:
                control.set_value(self.week)
        self.link.props["href"] = f"/step?{self.setting.query()}&run={self.run}&week={self.week}"

    def _tables(self, shown: Shown) -> None:
        pairs, routes, states = shown.pairs, shown.routes, shown.states
        self.pairs_table.set_content(table("Disputes and tensions", pairs[0], pairs[1:]))
        nothing = [("nothing is on its way", *[""] * (len(routes[0]) - 1))]
        self.routes_table.set_content(table("On the way", routes[0], routes[1:] or nothing))
        self.states_table.set_content(
            table("States and their stocks, with the weeks that they last", states[0], states[1:])
        )
        self.events.set_text("\n".join(shown.events) or "Nothing that is counted happened.")

    def _reasons(self) -> None:
        explanation = self.walk.why(self.state, self.week)
        self.why.clear()
        with self.why:
            for reason in explanation.reasons:
                ui.label(f"{reason.desk.capitalize()} {reason.decided}: {reason.why}.").classes(
                    "why"
                )
        self.saw.set_content(
            "".join(
                table(f"Of {rows[0][0]}".removeprefix("Of of ").capitalize(), rows[0], rows[1:])
                for rows in explanation.saw
            )
        )

    def _whose(self, state: str) -> None:
        self.state = state
        self._reasons()

    def _other_run(self, run: float | None) -> None:
        if run is not None and 0 <= run <= LARGEST_RUN:
            ui.navigate.to(f"/step?{self.setting.query()}&run={int(run)}&week={self.week}")

    def _move(self, weeks: int) -> None:
        """Go some weeks on or back, and stop there."""
        self._pause()
        self._go(self.week + weeks)

    def _go(self, week: int) -> None:
        if self.busy:
            return
        self.week = self.walk.go(max(0, week))
        self._show()

    async def _jump(self, week: float | None) -> None:
        """Go to a week; a long way is simulated beside the page."""
        wanted = self.week if week is None else int(week)
        if self.busy or wanted == self.week or not 0 <= wanted <= LARGEST_WEEK:
            return
        self.busy = True
        try:
            self.week = await asyncio.to_thread(self.walk.go, wanted)
        finally:
            self.busy = False
        self._show()

    def _tick(self) -> None:
        if self.week >= self.walk.last:
            self._pause()
        else:
            self._go(self.week + 1)

    def _toggle(self) -> None:
        if self.timer.active:
            self._pause()
        else:
            self.timer.activate()
            self.run_button.set_text("Pause")

    def _pause(self) -> None:
        self.timer.deactivate()
        self.run_button.set_text("Play")
