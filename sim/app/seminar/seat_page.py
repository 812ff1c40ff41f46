"""The page of a seat: what its state sees, a form of orders, deals, statements, the clock."""

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from ...world import EXERCISES, MEANS
from .hub import Hub, picture_name
from .orders import (
    EXERCISE,
    LONGEST_TEXT,
    STATEMENT,
    SUPPLY,
    VERBS,
    RefusedError,
    checked_order,
    checked_orders,
    described,
)
from .parts import (
    REFUSAL,
    Shown,
    deal_kinds,
    deal_row,
    heading,
    order_choices,
    page_head,
    status_line,
    tables_html,
    talk_lines,
)
from .room import ENDED, EVERYBODY
from .store import Held
from .views import desk

DEBOUNCE = "debounce=400"
NEWS, DEALS_SHOWN, DRAFT = -1, -2, -3
TEAMS_ALONE = "Deals are among teams. A state without a team answers your orders by its doctrine."
NO_DEALS = "There is no team with which this state could make a deal. Give orders."


class SeatPage:
    """An open page of a seat."""

    def __init__(self, hub: Hub, held: Held, seat: str, key: str) -> None:
        """Build the page in the client at hand.

        Args:
            hub: Of the server.
            held: The room.
            seat: The code of the state.
            key: Of the seat.
        """
        self.hub, self.code, self.role, self._key = hub, held.code, seat, key
        self._client, self._shown, self._turn = ui.context.client, Shown(), held.room.turn
        draft = hub.store.draft(held.code, seat) or {}
        self._orders: list[dict[str, Any]] = list(draft.get("orders", ()))
        page_head(f"{seat} in {held.code}")
        spec = held.room.scenario.spec
        name = spec.states[seat].name
        whose = f"{name} ({seat})" if name else seat
        heading(f"{whose}: {spec.title or held.room.scenario.name}", 1)
        with ui.element("div").classes("row").props('role="status"'):
            self._status, self._clock = ui.label(), ui.label().classes("strong")
        self._windows = ui.label().classes("warn").props('role="alert"')
        self._windows.set_visibility(False)
        self._report = ui.link("Debriefing, a file to keep", self._address("debriefing"))
        self._report.set_visibility(False)
        with ui.element("div").classes("seminar-columns"):
            with ui.element("div"):
                heading("What you see")
                self._picture = ui.image().props('alt="Wars, tests and exercises by week"')
                self._tables = ui.html("", sanitize=False).classes("numbers").props("tabindex=0")
                heading("What happened last turn")
                self._news = ui.label().classes("lines")
            with ui.element("div").classes("forms"):
                self._order_form(held)
                self._deal_form(held, str(draft.get("together", "")))
                self._talk_form(held, str(draft.get("say", "")))
        self.show(held)

    def _address(self, what: str) -> str:
        return f"/seminar/{self.code}/{what}?role={self.role}&key={self._key}"

    def _order_form(self, held: Held) -> None:
        choices = order_choices(held.room.course.state(self.role))
        self._choices = choices
        labels = {name: VERBS[name].label for name in choices}
        with ui.element("div").classes("panel"):
            heading("Your orders")
            self._draft_list = ui.element("div")
            first = next(iter(choices))
            self._verb = ui.select(labels, value=first, label="Order", on_change=self._verb_changed)
            self._where = ui.select([], label="Of what")
            self._value = ui.number("How much", value=1.0)
            with ui.element("div").classes("row"):
                ui.button("Add", on_click=self._guarded(self._add)).props("outline")
                ui.button("Submit orders", on_click=self._guarded(self._submit))
            self._submitted = ui.label().classes("lines").props('role="status"')
            for element in (self._verb, self._where, self._value):
                element.classes("whole")
        self._verb_changed()
        self._show_draft()

    def _verb_changed(self) -> None:
        name = self._verb.value
        options = list(self._choices.get(name, ()))
        self._where.set_options(options, value=options[0] if options else None)
        self._where.set_visibility(options != ["all"])
        unit = VERBS[name].unit
        self._value.set_visibility(bool(unit))
        self._value.set_label(unit or "How much")

    def _add(self) -> None:
        at = self._choices[self._verb.value][self._where.value]
        order = {"verb": self._verb.value, "where": list(at), "value": self._value.value}
        state = self._held().room.course.state(self.role)
        orders = [*self._orders, checked_order(state, order)]
        self._orders = list(checked_orders(state, orders))
        self._save()
        self._show_draft()

    def _remove(self, place: int) -> None:
        del self._orders[place : place + 1]
        self._save()
        self._show_draft()

    def _show_draft(self) -> None:
        self._draft_list.clear()
        with self._draft_list:
            if not self._orders:
                ui.label("No orders: your doctrine decides").classes("lines")
            for place, order in enumerate(self._orders):
                with ui.element("div").classes("row"):
                    ui.label(described(order))
                    remove = self._guarded(partial(self._remove, place))
                    ui.button("Remove", on_click=remove).props("flat dense")

    def _submit(self) -> None:
        self._enter({"kind": "order", "turn": self._turn, "orders": self._orders})
        ui.notify("Your orders are in", color="primary")

    def _deal_form(self, held: Held, text: str) -> None:
        me = held.room.course.state(self.role)
        kinds = deal_kinds(me, held.room.seats)
        self._deal: dict[str, Any] = {}
        with ui.element("div").classes("panel"):
            heading("Deals")
            self._deals = ui.element("div")
            ui.label(TEAMS_ALONE if kinds else NO_DEALS).classes("lines")
            if not kinds:
                return
            near = [c for c in held.room.seats if c != self.role]
            self._deal = {
                "type": ui.select(kinds, value=next(iter(kinds)), label="Propose"),
                "to": ui.select(near, value=near[0], label="To"),
                "munition": ui.select(list(me.codes("munition")), label="Munition"),
                "amount": ui.number("Units per week", value=100),
                "means": ui.select(list(MEANS), value=MEANS[0], label="Paid in"),
                "exercise": ui.select(list(EXERCISES), value=EXERCISES[0], label="Exercise"),
                "size": ui.number("Size, 1 the usual", value=1.0),
                "text": ui.input("What both say", value=text, on_change=self._guarded(self._save)),
                "turns": ui.number("For how many turns", value=1, format="%d"),
            }
            self._deal["text"].props(f"maxlength={LONGEST_TEXT} {DEBOUNCE}")
            self._deal["turns"].bind_visibility_from(
                self._deal["type"], "value", lambda kind: kind != STATEMENT
            )
            self._deal["munition"].set_value(me.codes("munition")[0])
            for name, element in self._deal.items():
                element.classes("whole")
                kind = OF_DEALS.get(name)
                if kind:
                    element.bind_visibility_from(self._deal["type"], "value", value=kind)
            ui.button("Propose", on_click=self._guarded(self._propose)).props("outline")

    def _propose(self) -> None:
        deal = {name: element.value for name, element in self._deal.items()}
        deal["turns"] = int(deal["turns"] or 0)
        wanted = {n: v for n, v in deal.items() if OF_DEALS.get(n, deal["type"]) == deal["type"]}
        self._enter({"kind": "propose", "turn": self._turn, "deal": wanted})
        if deal["type"] == STATEMENT:
            self._deal["text"].set_value("")
            self._save()

    def _answer(self, number: int, accept: bool) -> None:
        entry = {"kind": "answer", "turn": self._turn, "deal": number, "accept": accept}
        self._guarded(lambda: self._enter(entry))()

    def _talk_form(self, held: Held, text: str) -> None:
        seats = [EVERYBODY, *(code for code in held.room.seats if code != self.role)]
        with ui.element("div").classes("panel"):
            heading("Statements")
            self._to = ui.select(seats, value=EVERYBODY, label="To").classes("whole")
            self._say = ui.input("What you say", value=text, on_change=self._guarded(self._save))
            self._say.props(f"maxlength={LONGEST_TEXT} {DEBOUNCE}").classes("whole")
            ui.button("Say", on_click=self._guarded(self._speak)).props("outline")
            self._talk = ui.label().classes("lines").props('role="log"')

    def _speak(self) -> None:
        entry = {"kind": "say", "turn": self._turn, "to": self._to.value, "text": self._say.value}
        self._enter(entry)
        self._say.set_value("")
        self._save()

    def _save(self) -> None:
        draft = {"orders": self._orders, "say": self._say.value}
        if "text" in self._deal:
            draft["together"] = self._deal["text"].value
        self.hub.save_draft(self.code, self.role, draft)

    def _guarded(self, act: Callable[[], None]) -> Callable[[], None]:
        """Return what shows why something was refused instead of doing it."""

        def guarded() -> None:
            try:
                act()
            except RefusedError as error:
                ui.notify(str(error), color=REFUSAL)

        return guarded

    def _enter(self, entry: dict[str, Any]) -> None:
        self.hub.enter(self.code, self.role, entry)

    def _held(self) -> Held:
        held = self.hub.store.get(self.code)
        assert held is not None
        return held

    def show(self, held: Held) -> None:
        """Bring the page up to date."""
        view = desk(held.room, self.role)
        with self._client:
            if view["turn"] != self._turn:
                self._turn, self._orders = view["turn"], []
                self._show_draft()
            self._shown.set(self._status, status_line(view))
            self._shown.set(self._tables, tables_html(view["tables"]))
            self._shown.set(self._news, "\n".join(view["news"]) or "Nothing that you know of")
            self._shown.set(self._talk, talk_lines(view["talk"]))
            lines = "\n".join(view["submitted"]) or "no orders: your doctrine decides"
            said = f"Submitted for this turn:\n{lines}" if view["is_submitted"] else ""
            self._shown.set(self._submitted, said or "Nothing submitted for this turn")
            if self._shown.is_new(NEWS, picture_name(held)):
                self._picture.set_source(f"/seminar/{self.code}/picture?at={picture_name(held)}")
            if self._shown.is_new(DEALS_SHOWN, view["deals"]):
                self._deals.clear()
                with self._deals:
                    for deal in reversed(view["deals"]):
                        deal_row(deal, self._answer)
            self._report.set_visibility(view["status"] == ENDED)

    def show_clock(self, text: str) -> None:
        """Show how much of the turn is left."""
        with self._client:
            self._shown.set(self._clock, text)

    def show_windows(self, count: int) -> None:
        """Show that the seat is open elsewhere, since before this page."""
        with self._client:
            text = "This seat is open in another window too; what is submitted last counts."
            self._shown.set(self._windows, text if count > 1 else "")
            self._windows.set_visibility(count > 1)


OF_DEALS = {
    **dict.fromkeys(("munition", "amount", "means"), SUPPLY),
    **dict.fromkeys(("exercise", "size"), EXERCISE),
    "text": STATEMENT,
}
"""What of a deal belongs to one kind alone."""
