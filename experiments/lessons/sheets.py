"""The lessons as sheets to print: HTML by markdown-it, PDF by a headless Chromium."""

import re
import shutil
from collections.abc import Iterator, Sequence
from html import escape
from importlib.util import find_spec
from pathlib import Path

from sim.results.store import atomic_write

from .key import BLOCK
from .kit import LESSONS, text

STUDENTS = ("Prediction sheet", "Role cards", "Worksheet", "Reading", "Glossary")
TEACHER = ("Plan", "Answer key", "Debrief", "Rubric")
READERS = {"students": STUDENTS, "teacher": TEACHER}
CARDS = "Role cards"
PAPERS = {"a4": "A4", "letter": "Letter"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_BROWSER = (
    "no PDF: install Chromium (apt-get install chromium) and playwright (pip install playwright);"
    " or open the HTML in a browser and print it from there"
)
BESIDES = re.compile(
    r"(?<=\| the same): `[^|]*`|(?<=\w): `[^`|]*`(?= \|(?: [^|]+\|){4}$)", re.MULTILINE
)
"""What a table of numbers need not say on paper: a change again, the column that is read."""
COMMENT = re.compile("<!--.*?-->", re.DOTALL)
CODE = re.compile("<code>([^<]*)</code>")
WHOLE = 25
"""Characters of a command or name that stays on one line; longer ones break where they may."""
STYLE = Path(__file__).with_name("sheets.css")
FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""
FOOT = (
    '<div style="width:100%; font: 8pt sans-serif; padding: 0 15mm; display: flex;'
    ' justify-content: space-between"><span>{title}</span>'
    '<span><span class="pageNumber"></span> of <span class="totalPages"></span></span></div>'
)


def sections(markdown: str) -> dict[str, str]:
    """Return the title of a lesson by the empty name, and its sheets by their headings.

    Args:
        markdown: The lesson.
    """
    markdown = COMMENT.sub("", BLOCK.sub(lambda table: BESIDES.sub("", table[0]), markdown))
    title, *parts = re.split(r"^## ", markdown, flags=re.MULTILINE)
    found = {"": title.strip().removeprefix("# ")}
    for part in parts:
        name, _, body = part.partition("\n")
        found[name.strip()] = body.strip()
    return found


def sheets(lesson: str, readers: str) -> tuple[str, str]:
    """Return the title and the HTML of the sheets of a lesson.

    Args:
        lesson: One of `LESSONS`.
        readers: `students` or `teacher`.
    """
    found = sections(text(lesson))
    title = f"{found['']}: {'for students' if readers == 'students' else 'for the teacher'}"
    body = "\n".join(
        f'<section class="{name.split()[0].lower()}">\n<h2>{name}</h2>\n{part}\n</section>'
        for name, part in ((name, _html(name, found[name])) for name in READERS[readers])
    )
    style = STYLE.read_text(encoding="utf-8")
    return title, FRAME.format(title=escape(title), style=style, body=body)


def _html(name: str, markdown: str) -> str:
    """Return a sheet as HTML: each table may be scrolled, each role card is a box of its own.

    Long names break before a word of theirs, never within a word or a number.
    """
    from markdown_it import MarkdownIt

    whole = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    whole = CODE.sub(_breakable, whole)
    whole = whole.replace("<table>", '<div class="scroll"><table>')
    whole = whole.replace("</table>", "</table></div>")
    whole = re.sub("_{16,}", '<span class="blank long"></span>', whole)
    whole = re.sub("_{8,}", '<span class="blank"></span>', whole)
    if name != CARDS:
        return whole
    first, *cards = whole.split("<h3>")
    return first + "\n".join(f'<div class="card">\n<h3>{card}</div>' for card in cards)


def _breakable(code: re.Match[str]) -> str:
    text = code[1]
    if len(text) < WHOLE:
        return f'<code class="whole">{text}</code>'
    return f"<code>{re.sub(r'(?<=[._/=])(?=[A-Za-z])', '<wbr>', text)}</code>"


def print_kit(out: Path, papers: Sequence[str]) -> Iterator[str]:
    """Write the sheets of all lessons as HTML, and as PDF where a browser is installed.

    Args:
        out: The folder.
        papers: Of the PDF: keys of `PAPERS`.

    Yields:
        A line about what was written, or what to install.
    """
    out.mkdir(parents=True, exist_ok=True)
    pages = dict[Path, str]()
    for lesson in LESSONS:
        for readers in READERS:
            path = out / f"{lesson}_{readers}.html"
            pages[path], html = sheets(lesson, readers)
            with atomic_write(path) as file:
                file.write(html.encode())
            yield str(path)
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None or find_spec("playwright") is None:
        yield NO_BROWSER
        return
    yield from _pdf(pages, papers, browser)


def _pdf(pages: dict[Path, str], papers: Sequence[str], browser: str) -> Iterator[str]:
    """Print HTML files, by path with their titles, to PDF beside them; yield each path."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page()
        for html, title in pages.items():
            page.goto(html.resolve().as_uri())
            for paper in papers:
                path = html.with_name(f"{html.stem}_{paper}.pdf")
                made = page.pdf(
                    format=PAPERS[paper],
                    display_header_footer=True,
                    header_template="<span></span>",
                    footer_template=FOOT.format(title=escape(title)),
                    margin={"top": "15mm", "bottom": "18mm", "left": "15mm", "right": "15mm"},
                )
                with atomic_write(path) as file:
                    file.write(made)
                yield str(path)
        chromium.close()
