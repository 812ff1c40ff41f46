"""A server for tests: the seminar's pages alone. `python seminar_server.py FOLDER PORT [marks]`."""

import sys
from pathlib import Path
from typing import Any

from nicegui import ui

from sim.app.seminar import seat_page, teacher_page
from sim.app.seminar.pages import add_pages


def plant_marks() -> None:
    """What a seat must not know becomes a mark, before its view is made."""
    from dataclasses import replace

    from seminar_marks import planted

    def marked(room: Any, seat: str | None) -> Any:
        course = replace(room.course)
        course.__dict__["table"] = planted(room.course.table, seat)
        return replace(room, course=course)

    desk, public = seat_page.desk, teacher_page.public
    seat_page.desk = lambda room, seat: desk(marked(room, seat), seat)
    teacher_page.public = lambda room: public(marked(room, None))


if __name__ in {"__main__", "__mp_main__"}:
    if "marks" in sys.argv:
        plant_marks()
    add_pages(Path(sys.argv[1]))
    ui.run(
        host="127.0.0.1",
        port=int(sys.argv[2]),
        reload=False,
        show=False,
        language="en-US",
        tailwind=False,
        dark=False,
    )
