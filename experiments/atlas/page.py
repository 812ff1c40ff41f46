"""The page of an atlas: one file that needs nothing else."""

import json
from collections.abc import Mapping
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def atlas_page(data: Mapping[str, Any]) -> str:
    """Return the page as HTML: styles, script and numbers are in it.

    Args:
        data: What `grid.simulate` returns.
    """
    parts = {
        "title": escape(data["title"]),
        "scenario": escape(data["scenario"]),
        "points": str(data["points"]),
        "runs": str(data["runs"]),
        "seed": str(data["seed"]),
        "version": version("armsflow"),
        "css": (HERE / "page.css").read_text(encoding="utf-8"),
        "js": (HERE / "page.js").read_text(encoding="utf-8"),
        "data": json_in_script(data),
    }
    pieces = (HERE / "page.html").read_text(encoding="utf-8").split("{{")
    filled = [pieces[0]]
    for piece in pieces[1:]:  # one pass: what is put in is not looked through again
        name, _, rest = piece.partition("}}")
        filled += [parts[name], rest]
    return "".join(filled)


def json_in_script(data: Mapping[str, Any]) -> str:
    """Return JSON that cannot end the script it stands in."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
