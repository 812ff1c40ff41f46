"""What all pages look like: the head with its links, styles, headings, pictures."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from nicegui import ui

CSS = Path(__file__).with_name("look.css")
NAV = Path(__file__).with_name("nav.css")

PRIMARY = "#00568a"
"""Dark enough for white letters on it, and for letters of it on white."""
LONG = 24
"""Letters of a cell that is broken into lines."""
LEVEL = "level:"
"""How a cell begins that is a dispute level; its number follows."""
PAGES = {"/": "Explore", "/step": "Step", "/seminar": "Seminar"}
"""What the head of each page links to, by address."""


def head(here: str, title: str) -> None:
    """Write the head of a page: styles, links to the other pages, a title.

    Args:
        here: Its address, one of PAGES.
        title: Its title.
    """
    ui.colors(primary=PRIMARY)
    ui.add_css(CSS.read_text(encoding="utf-8"))
    ui.page_title(f"{title} - armsflow")
    navigation(here)
    heading(title, 1)


def navigation(here: str) -> None:
    """Write the links to the pages, where a page begins.

    Args:
        here: The address of the page that is open, one of PAGES.
    """
    ui.add_css(NAV.read_text(encoding="utf-8"))
    with ui.element("nav").props('aria-label="Pages"'):
        ui.label("armsflow").classes("name")
        for address, name in PAGES.items():
            link = ui.link(name, address)
            if address == here:
                link.props('aria-current="page"')


def heading(text: str, level: int = 2) -> ui.label:
    """Write a heading.

    Args:
        text: The heading.
        level: 1 for the page's own, 2 below it.
    """
    return ui.label(text).classes(f"h{level}").props(f'role="heading" aria-level="{level}"')


def named(element: ui.element, name: str) -> ui.element:
    """Give an element the name that a screen reader says.

    Args:
        element: The element.
        name: Its name.
    """
    element.props["aria-label"] = name
    return element


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as HTML: each column at one side, words to the left, numbers to the right.

    A cell `level:N text` is a dispute level, shown in its colour.

    Args:
        caption: What it shows.
        heads: The heads of its columns, the first of what each row is about.
        rows: The cells, as text.
    """
    lines = [tuple(row) for row in rows]
    columns = [*zip(*lines, strict=True)] or [()] * len(heads)
    sides = [' class="left"' if any(map(_is_left, cells)) else "" for cells in columns]

    def cells(texts: Sequence[str], tag: str) -> str:
        end = tag.split()[0]
        return "".join(
            f"<{tag}{side}>{_cell(text)}</{end}>" for side, text in zip(sides, texts, strict=True)
        )

    head_cells = cells(heads, 'th scope="col"')
    body = "".join(f"<tr>{cells(line, 'td')}</tr>" for line in lines)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f'<table class="plain"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head_cells}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _is_left(text: str) -> bool:
    return text.startswith(LEVEL) or len(text) > LONG


def _cell(text: str) -> str:
    if text.startswith(LEVEL):
        level, said = int(text[len(LEVEL)]), text[len(LEVEL) + 2 :]
        return f'<span class="level l{level}">{escape(said)}</span>'
    return escape(text)
