"""A scenario as HTML, for notebooks: its states, relations and priors, and a small network."""

from collections.abc import Iterable, Sequence
from html import escape
from math import cos, pi, sin
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .scenario import Scenario

MOST_ROWS = 24
"""Rows of a table; of more the rest is counted."""
MOST_DRAWN = 40
"""States beyond which no network is drawn."""
SIZE, RING, DOT = 320, 120, 17


def scenario_html(scenario: "Scenario") -> str:
    """Return a scenario as HTML that needs nothing else.

    Args:
        scenario: The scenario.
    """
    spec = scenario.spec
    heading = f"{scenario.name}: {len(scenario.states)} states, {scenario.weeks} weeks"
    heading += f" from {scenario.start}"
    states = [
        (
            code,
            state.name,
            state.doctrine,
            f"{state.spending:g}",
            f"{state.force:g}",
            "yes" if state.nuclear else "",
        )
        for code, state in spec.states.items()
    ]
    relations = spec.relations
    between = [
        *(("war", *pair, "") for pair in relations.wars),
        *(
            ("alliance", a.protector, a.protege, f"commitment {a.commitment:g}")
            for a in relations.alliances
        ),
        *(("rivalry", *r.states, f"stake {r.stake}") for r in relations.rivalries),
        *(
            ("route", r.source, r.target, f"{sum(leg.weeks for leg in r.legs):g} weeks")
            for r in spec.routes
        ),
    ]
    priors = [
        (path, f"{law}({a:g}, {b:g})")
        for path, (prior, _) in scenario.uncertain.items()
        for law, a, b in [prior.law]
    ]
    stages = [(str(scenario.date(s.week)), ", ".join(s.settled)) for s in scenario.stages]
    parts = [
        f"<h4>{escape(heading)}</h4>",
        f"<p>{escape(spec.title)}</p>" if spec.title else "",
        _network(scenario) if len(scenario.states) <= MOST_DRAWN else "",
        html_table(
            (
                "state",
                "name",
                "doctrine",
                "spending, USD bn per year",
                "force, thousand",
                "nuclear",
            ),
            states,
        ),
        html_table(("relation", "of", "with", ""), between),
        html_table(("changes on", "of"), stages),
        html_table(("prior", "law"), priors),
    ]
    return f'<div style="overflow-x:auto">{"".join(parts)}</div>'


def html_table(heads: Sequence[str], rows: Sequence[Iterable[str]]) -> str:
    """Return a table as HTML, at most MOST_ROWS long; nothing where there is no row.

    Args:
        heads: The heads of its columns.
        rows: Its cells, as text.
    """
    if not rows:
        return ""
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>"
        for row in rows[:MOST_ROWS]
    )
    more = len(rows) - MOST_ROWS
    rest = f'<tr><td colspan="{len(heads)}">and {more} more</td></tr>' if more > 0 else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}{rest}</tbody></table>"


def _network(scenario: "Scenario") -> str:
    """Return states on a ring: routes as arrows, alliances as thin lines, wars as thick ones."""
    codes, middle = scenario.states, SIZE / 2
    turn = 2 * pi / len(codes)
    at = {
        code: (middle + RING * sin(n * turn), middle - RING * cos(n * turn))
        for n, code in enumerate(codes)
    }
    relations = scenario.spec.relations
    lines = [
        *(_line(at[a], at[b], 'stroke="#b2182b" stroke-width="3"') for a, b in relations.wars),
        *(
            _line(at[a.protector], at[a.protege], 'stroke="#2166ac" stroke-dasharray="3 3"')
            for a in relations.alliances
        ),
        *(_line(at[a], at[b], 'stroke="#333" marker-end="url(#tip)"') for a, b in scenario.routes),
    ]
    dots = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{DOT}" fill="#fff" stroke="#333"/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="11">'
        f"{escape(code)}</text>"
        for code, (x, y) in at.items()
    ]
    tip = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#333"/></marker></defs>'
    )
    caption = "arrows: routes; dashed: alliances; red: wars"
    return (
        f'<figure style="margin:0"><svg role="img" aria-label="{caption}" width="{SIZE}"'
        f' height="{SIZE}">'
        f"{tip}{''.join(lines)}{''.join(dots)}</svg><figcaption>{caption}</figcaption></figure>"
    )


def _line(start: tuple[float, float], end: tuple[float, float], look: str) -> str:
    """Return a line between two dots, from edge to edge."""
    (x, y), (u, v) = start, end
    length = ((u - x) ** 2 + (v - y) ** 2) ** 0.5 or 1.0
    dx, dy = (u - x) / length * DOT, (v - y) / length * DOT
    return f'<line x1="{x + dx:.1f}" y1="{y + dy:.1f}" x2="{u - dx:.1f}" y2="{v - dy:.1f}" {look}/>'
