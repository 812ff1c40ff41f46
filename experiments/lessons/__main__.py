"""`python -m experiments.lessons [write=true] [print=DIR] [paper=a4]`: the lesson kit.

    write=true             simulate what the answer keys of docs/teaching/kit compare, write the
                           numbers into the lessons, their glossaries from docs/glossary.md, and
                           store what each run gave in docs/teaching/kit/numbers.json; two
                           minutes. Without it nothing is simulated or written; exit code 1 if a
                           lesson differs from what is stored.
    print=DIR              write the sheets for students and for the teacher as HTML and as PDF
    paper=a4               of the PDF: a4, letter or both

Sheets need markdown-it-py, PDF a browser (Chromium) and playwright too; without the last two HTML
is written and a sentence says what to install. Exit code 2 for a key or a value that does not fit.
"""

import sys
import time
from importlib.util import find_spec
from pathlib import Path

from experiments.keys import exit_code
from experiments.lessons import key, kit
from experiments.lessons.sheets import PAPERS, print_kit
from sim.results.store import atomic_write

DEFAULTS = {"write": "false", "print": "", "paper": "a4"}
LISTS = {"write": ("true", "false"), "paper": (*PAPERS, "both")}


def report(write: str, paper: str, **texts: str) -> int:
    """Write or check the lessons, print them if a folder is named; return the exit code.

    Args:
        write: Whether to simulate and write the numbers: `true` or `false`.
        paper: Of the PDF: `a4`, `letter` or `both`.
        texts: `print`: the folder of the sheets; none if empty.
    """
    started = time.perf_counter()
    try:
        stale = _written(write == "true")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if write == "true":
        print(f"{time.perf_counter() - started:.0f} s")
    if texts["print"]:
        papers = list(PAPERS) if paper == "both" else paper.split(",")
        for line in print_kit(Path(texts["print"]), papers):
            print(line)
    return 1 if stale and write != "true" else 0


def _written(write: bool) -> bool:
    """Return whether a lesson differs from what it should be; write it if that is wanted."""
    if write:
        kit.store({lesson: key.simulate(key.rows_of(kit.text(lesson))) for lesson in kit.LESSONS})
    made = kit.lessons()
    stale = [path for path, text in made.items() if path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{path.name}{' written' if write else ' is out of date: write=true'}")
        if write:
            with atomic_write(path) as file:
                file.write(made[path].encode())
    return bool(stale)


def _problems(chosen: "dict[str, str]") -> list[str]:
    """Return what is wrong with the folder of the sheets, and what is needed to make them."""
    out = Path(chosen["print"])
    if chosen["print"] and find_spec("markdown_it") is None:
        return ["print: needs markdown-it-py: pip install markdown-it-py"]
    if any(path.exists() and not path.is_dir() for path in (out, *out.parents)):
        return [f"print: {out} is not a folder"]
    return []


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(
        arguments, __doc__, report, DEFAULTS, lists=LISTS, texts=("print",), check=_problems
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
