"""The frame of the page and its style: plain HTML, readable on a projector and on a phone."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from .registry import FIGURES
from .style import said_in

if TYPE_CHECKING:
    from ..results.results import Results

FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" \
content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>Simulated arms transfers and deterrence: <code>{name}</code>. A model for study, no forecast.</p>
<nav>{links}</nav>
</header>
<main>
{body}
</main>
<footer>Made by armsflow {version}.</footer>
</body>
</html>
"""
"""With the places `title`, `style`, `name`, `links`, `body`, `version`."""

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 78rem; padding: 1rem 1.5rem 3rem; background: #fff; color: #222;
  font: 1.15rem/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0.5rem 0 0.25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.5rem; margin: 2.5rem 0 0.75rem;
  padding-top: 0.75rem; border-top: 2px solid #0072b2; }
header p { margin: 0 0 0.75rem; color: #555; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
a { color: #005a8c; }
dl { display: grid; grid-template-columns: max-content 1fr;
  gap: 0.25rem 1.25rem; margin: 0 0 1rem; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
ol { padding-left: 1.5rem; max-width: 62rem; }
li { margin: 0 0 0.75rem; overflow-wrap: anywhere; }
section > p { max-width: 62rem; }
figure { margin: 0 0 2.5rem; break-inside: avoid; }
figure div { overflow-x: auto; border: 1px solid #ddd; border-radius: 4px; }
figure img { display: block; width: 100%; min-width: 56rem; height: auto; }
figcaption { margin-bottom: 0.4rem; font-weight: 600; }
figcaption p { margin: 0.1rem 0 0; font-weight: 400; }
table { border-collapse: collapse; font-size: 1rem; }
th, td { padding: 0.3rem 0.9rem 0.3rem 0; text-align: left; border-bottom: 1px solid #ddd;
  vertical-align: top; }
th { border-bottom: 2px solid #888; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.n { white-space: normal; min-width: 5rem; }
td i { display: inline-block; width: 0.8em; height: 0.8em;
  margin-right: 0.5em; border-radius: 50%; }
.narrow { display: none; }
.scroll { overflow-x: auto; }
details { margin: 0.5rem 0; }
summary { cursor: pointer; color: #005a8c; }
pre { overflow-x: auto; background: #f4f4f4; padding: 0.75rem 1rem; border-radius: 4px;
  font-size: 0.95rem; }
.wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 0.92em; }
footer { margin-top: 3rem; color: #777; font-size: 0.95rem; }
@media (max-width: 40rem) {
  body { font-size: 1.05rem; padding: 0.5rem 1rem 2rem; }
  h1 { font-size: 1.5rem; }
  h2 { font-size: 1.25rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.5rem; }
  .narrow { display: block; }
  table { font-size: 0.85rem; line-height: 1.35; }
  th, td { padding-right: 0.5rem; }
  th.n { min-width: 0; }
}
@media print { nav { display: none; } figure img { min-width: 0; } }
"""


SWIPE = '<p class="narrow">Swipe figures and tables sideways to see all of them.</p>'
"""For a phone."""


def framed(
    results: "Results", sections: Mapping[str, tuple[str, str]], title: str | None = None
) -> str:
    """Return the page of some sections; those without content are left out.

    Args:
        results: The results of a job or a sweep.
        sections: The heading and the HTML of each section, by its anchor.
        title: Of the page; that of the scenario if None.
    """
    scenario = results.scenario
    sections = {key: section for key, section in sections.items() if section[1]}
    return FRAME.format(
        title=escape(title or scenario.spec.title or scenario.name),
        style=STYLE,
        name=escape(scenario.name),
        links="".join(f'<a href="#{key}">{head}</a>' for key, (head, _) in sections.items()),
        body="\n".join(
            f'<section id="{key}"><h2>{head}</h2>\n{body}\n</section>'
            for key, (head, body) in sections.items()
        ),
        version=escape(results.manifest["versions"]["armsflow"]),
    )


def picture(name: str, path: Path, caption: str | None = None) -> str:
    """Return a figure, embedded, with its caption and what its numbers say.

    Args:
        name: The name of the figure.
        path: Its PNG; an SVG of that name beside it is taken instead.
        caption: What it shows; what its register says if None.
    """
    vector = path.with_suffix(".svg")
    file, kind = (vector, "svg+xml") if vector.exists() else (path, "png")
    data = b64encode(file.read_bytes()).decode("ascii")
    caption = escape(FIGURES[name].caption if caption is None else caption)
    said = escape(said_in(path))
    sentence = f"<p>{said}</p>" if said else ""
    alt = f"{caption} {said}".strip()
    return (
        f'<figure id="{name}"><figcaption>{caption}{sentence}</figcaption>'
        f'<div><img src="data:image/{kind};base64,{data}" alt="{alt}"></div>'
        "</figure>"
    )


def details(summary: str, body: str) -> str:
    """Return HTML that opens on a click.

    Args:
        summary: What is always shown, as HTML.
        body: What opens, as HTML.
    """
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """Return a table of cells that are HTML already; the last `numbers` columns hold numbers.

    Args:
        head: The headings, as HTML.
        rows: The cells of each row, as HTML.
        numbers: How many of the last columns hold numbers.
    """
    first = len(head) - numbers

    def line(cells: Sequence[str], tag: str) -> str:
        kinds = [' class="n"' if place >= first else "" for place in range(len(cells))]
        inner = "".join(
            f"<{tag}{kind}>{cell}</{tag}>" for kind, cell in zip(kinds, cells, strict=True)
        )
        return f"<tr>{inner}</tr>"

    body = "\n".join(line(row, "td") for row in rows)
    markup = f"<table><thead>{line(head, 'th')}</thead>\n<tbody>{body}</tbody></table>"
    return f'<div class="scroll">{markup}</div>'


def percent(share: float) -> str:
    """Return a share as a heading says it."""
    return f"{100 * share:.0f}\u00a0%"
