"""The files of the lesson kit: lessons, their glossaries, and the store of what runs gave."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.documents.markdown import table
from sim.results.store import atomic_write

from .key import filled

DOCS = Path(__file__).parents[2] / "docs"
KIT = DOCS / "teaching" / "kit"
STORE = KIT / "numbers.json"
LESSONS = ("1_arms_race", "2_deterrence", "3_munitions")
GLOSSARY = re.compile(r"(<!-- glossary: (.*?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def text(lesson: str) -> str:
    """Return a lesson as it stands in its file.

    Args:
        lesson: One of `LESSONS`.
    """
    return (KIT / f"{lesson}.md").read_text(encoding="utf-8")


def stored() -> dict[str, Any]:
    """Return what the runs of each lesson gave: `key.simulate` by lesson."""
    return json.loads(STORE.read_text(encoding="utf-8"))


def store(found: Mapping[str, Any]) -> None:
    """Store what the runs of each lesson gave.

    Args:
        found: `key.simulate` by lesson.
    """
    lines = json.dumps(found, indent=1)
    lines = re.sub(r"\[[^\[\]{}]*\]", lambda m: re.sub(r"\s+", " ", m[0]), lines)
    with atomic_write(STORE) as file:
        file.write(f"{lines}\n".encode())


def terms() -> dict[str, str]:
    """Return the meaning of each term of `docs/glossary.md`; a row may hold several terms."""
    found = dict[str, str]()
    for line in (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 3:
            found.setdefault(cells[0], cells[1])
    return found


def lessons() -> dict[Path, str]:
    """Return every lesson as it should be, by its file.

    Raises:
        ValueError: A lesson names a term that the glossary lacks, or is malformed.
    """
    known, values = terms(), stored()

    def glossary(match: re.Match[str]) -> str:
        named = re.split(r"; ", match[2])
        wrong = [term for term in named if term not in known]
        if wrong:
            raise ValueError(f"docs/glossary.md has no {', '.join(wrong)}")
        rows = [(term, LINK.sub(r"\1", known[term])) for term in sorted(named, key=str.casefold)]
        return match[1] + "\n".join(table(("term", "meaning"), rows)) + "\n" + match[4]

    return {
        KIT / f"{lesson}.md": GLOSSARY.sub(glossary, filled(text(lesson), values[lesson]["rows"]))
        for lesson in LESSONS
    }
