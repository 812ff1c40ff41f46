"""Parts of pages: tables, headings, lists of text that somebody wrote.

What somebody wrote is shown as text, by labels. HTML is made of the model's own names and numbers
alone, and escaped all the same.
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from nicegui import ui

from .orders import DEALS, STATEMENT, SUPPLY, VERBS

REFUSAL = "brown-10"
"""The colour of a message that refuses something."""
STYLE = """
<style>
* { box-sizing: border-box; }
.nicegui-content { padding: 0.75rem; gap: 0.75rem; max-width: 80rem; margin: 0 auto; width: 100%; }
body { color: #222; font-size: 1rem; }
h1 { font-size: 1.35rem; font-weight: 700; line-height: 1.25; }
h2 { font-size: 1.1rem; font-weight: 700; margin-top: 0.5rem; }
.numbers { overflow-x: auto; max-width: 100%; }
.numbers table { border-collapse: collapse; font-size: 0.9rem; margin-bottom: 0.75rem; }
.numbers caption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
.numbers th, .numbers td { text-align: right; padding: 0.2rem 0.7rem 0.2rem 0;
  border-bottom: 1px solid #ddd; font-variant-numeric: tabular-nums; }
.numbers th { vertical-align: bottom; font-weight: 600; border-bottom: 2px solid #888; }
.numbers td:first-child, .numbers th:first-child { text-align: left; white-space: nowrap;
  position: sticky; left: 0; background: #fff; }
.whole { width: 100%; }
.wide { width: 26rem; max-width: 100%; }
.q-select .q-field__native > span { white-space: normal; }
.medium { width: 7rem; }
.narrow { width: 5rem; }
.strong { font-weight: 700; }
.lines { white-space: pre-line; overflow-wrap: anywhere; width: 100%; }
.warn { background: #fff3cd; border: 1px solid #b58900; padding: 0.4rem 0.7rem; width: 100%; }
.seminar-columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.5rem; width: 100%; }
@media (min-width: 60rem) {
  .seminar-columns { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
}
.panel { border: 1px solid #ddd; border-radius: 6px; padding: 0.75rem; width: 100%;
  display: flex; flex-direction: column; gap: 0.5rem; min-width: 0; }
.row { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
.forms { display: flex; flex-direction: column; gap: 0.75rem; }
h1, h2 { margin: 0.25rem 0; letter-spacing: normal; }
h2 { line-height: 1.4; }
.nicegui-link { color: #005a8c !important; }
.q-btn { min-height: 2.75rem; text-transform: none; }
@media (max-width: 60rem) { .forms { order: -1; } }
</style>
"""


def page_head(title: str) -> None:
    """Begin a page: its title and look."""
    ui.page_title(title)
    ui.add_head_html(STYLE)
    ui.add_head_html('<meta name="referrer" content="no-referrer">')
    ui.colors(primary="#005a8c", negative="#9b1c1c")


def heading(text: str, level: int = 2) -> Any:
    """Add a heading.

    Args:
        text: What it says.
        level: 1 or 2.
    """
    with ui.element(f"h{level}"):
        return ui.label(text)


def tables_html(tables: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Return tables as HTML; the first row of each is its head."""
    return "".join(
        f"<table><caption>{escape(name)}</caption><thead>{_row(rows[0], 'th')}</thead>"
        f"<tbody>{''.join(_row(row, 'td') for row in rows[1:])}</tbody></table>"
        for name, rows in tables.items()
    )


def _row(cells: Sequence[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"


class Shown:
    """Elements of a page whose content is sent again only when it is another."""

    def __init__(self) -> None:
        """Begin with nothing shown."""
        self._last: dict[int, Any] = {}

    def set(self, element: Any, value: str) -> None:
        """Show text or HTML in an element, if it does not.

        Args:
            element: A label or `ui.html`.
            value: What it shows.
        """
        if self._last.get(element.id) != value:
            self._last[element.id] = value
            (element.set_content if isinstance(element, ui.html) else element.set_text)(value)

    def is_new(self, name: int, value: Any) -> bool:
        """Return whether a value is another than the last under that name, and keep it.

        Args:
            name: Of what it is.
            value: The value.
        """
        before, self._last[name] = self._last.get(name), value
        return bool(before != value)


def status_line(view: Mapping[str, Any]) -> str:
    """Return the turn, the date and who submitted, as a line."""
    turn = min(view["turn"] + 1, view["turns"])
    ready = ", ".join(view["in"]) or "nobody yet"
    if view["status"] == "ended":
        return f"Ended after {view['turn']} turns, in week {view['week']} ({view['date']})"
    return (
        f"Turn {turn} of {view['turns']}, week {view['week']} ({view['date']}), {view['status']};"
        f" orders in: {ready}"
    )


def talk_lines(talk: Sequence[Mapping[str, Any]], most: int = 100) -> str:
    """Return statements as lines of text, the last first.

    Args:
        talk: Of a view.
        most: How many.
    """
    said = [f"Turn {t['turn'] + 1}, {t['by']} to {t['to']}: {t['text']}" for t in talk[-most:]]
    return "\n".join(reversed(said)) or "Nothing yet"


def order_choices(me: Any) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the orders that a state can give: by label of the verb, by label of what it is of.

    Args:
        me: The state, in an open week.
    """
    found = {}
    for name, verb in VERBS.items():
        if choices := verb.of(me):
            found[name] = {", ".join(at) or "all": at for at in choices}
    return found


def deal_kinds(me: Any, seats: Sequence[str]) -> dict[str, str]:
    """Return the deals that a state can propose: kind and label.

    Args:
        me: The state, in an open week.
        seats: The codes of the seats.
    """
    others = [code for code in seats if code != me.code]
    supplies = [code for code in others if code in me.customers]
    near = [code for code in others if code in me.partners]
    with_whom = {SUPPLY: supplies, STATEMENT: others}
    return {kind: label for kind, label in DEALS.items() if with_whom.get(kind, near)}


def deal_row(deal: Mapping[str, Any], answer: Callable[[int, bool], None]) -> None:
    """Add a row for a deal, with buttons where it waits for this seat's answer.

    Args:
        deal: Of a view.
        answer: Called with its number, and whether it is accepted.
    """
    with ui.element("div").classes("row"):
        ui.label(f"{deal['text']}: {deal['state']}").classes("lines")
        if deal["state"] == "proposed" and not deal["mine"]:
            ui.button("Accept", on_click=lambda: answer(deal["id"], True)).props("dense")
            ui.button("Refuse", on_click=lambda: answer(deal["id"], False)).props("dense outline")
