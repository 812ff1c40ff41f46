"""`python -m experiments.evidence [results=results] [write=false]`: what supports the model?

Reads what the other commands of `make evidence` left in a folder (calibration, hindcast, patterns,
robustness), and prints a page that follows from their verdicts; `write=true` stores it as
docs/evidence.md. What was not run is named as lacking.

Exit code 2 for a key or a value that does not fit, or if nothing was run.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments.keys import exit_code
from sim.results.store import atomic_write

TEXTS = {"results": "results", "write": "false"}
PAGE = Path(__file__).parents[1] / "docs" / "evidence.md"
PARTS = ("patterns", "hindcast", "calibration", "robustness")
INTRODUCTION = """# Evidence

Made by `make evidence DATA=folder`: every line follows from a number of [patterns](patterns.md),
[hindcasts](hindcast.md), the calibration or the table of conclusions below, by code.
"""
NOT_FOR = """
## What it must not be used for

- **Forecasts of single events.** A war, a launch or a vote in a given month is a draw from a wide
  law.
- **Judgements about real governments.** States are six desks and a few numbers; doctrines are
  caricatures on purpose.
- **Numbers beyond the window.** Coefficients were chosen with reports up to 2025 in view; only
  later data are a test.
- **The network of the world's arms trade.** Routes are given, and nobody enters or leaves the
  market.
- **Small differences.** An effect whose interval holds 0, or that turns under a rival rule below,
  is no conclusion.
"""
TABLE = """
## Conclusions under rival forms

The effect with its 95 % interval, run by run.

"""
Line = tuple[str, str]
"""`for`, `against` or `lacking`, and what is said."""


def found_in(folder: Path) -> dict[str, Any]:
    """Return what each command left, by its name.

    Args:
        folder: The folder of results.
    """
    found = {}
    for name in PARTS:
        file = folder / name / f"{name}.json"
        if file.is_file():
            found[name] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _of_patterns(data: Mapping[str, Any]) -> Iterator[Line]:
    for row in data["patterns"]:
        name = f"{row['group']}: {row['name']} ({row['label']})"
        if row["verdict"] == "holds":
            yield "for", f"pattern holds: {name}"
        elif row["verdict"] == "fails":
            why = row.get("why") or "nothing is said why"
            yield "against", f"pattern fails: {name}. {why}"
        else:
            yield "lacking", f"pattern not in the model: {name}"


def _of_hindcast(data: Mapping[str, Any]) -> Iterator[Line]:
    for aim in data["aims"]:
        met = "for" if aim["met"] else "against"
        yield met, f"hindcast, {aim['aim']}: {'met' if aim['met'] else 'not met'}, {aim['found']}"
    for text in data["missing"]:
        yield "lacking", f"hindcast, {text}"


def _of_calibration(data: Mapping[str, Any]) -> Iterator[Line]:
    known, unknown = data["identifiable"], data["not_identifiable"]
    side = "for" if data["calibrated"] else "against"
    said = "is" if data["calibrated"] else "is not"
    yield side, f"the posterior {said} calibrated on {data['truths']} data sets of the model's own"
    names = ", ".join(f"`{name}`" for name in known)
    yield (
        "for",
        f"{len(known)} of {len(known) + len(unknown)} uncertain numbers are identified by the data:"
        f" {names}",
    )
    yield "against", f"{len(unknown)} uncertain numbers are not: the data say nothing of them"


def _of_robustness(data: Mapping[str, Any]) -> Iterator[Line]:
    for one in data["conclusions"]:
        forms: dict[str, str] = one["verdicts"]
        shipped = next(iter(one["effects"].values()))
        name = f"{one['title']}: {one['label']} {'rises' if shipped['mean'] > 0 else 'falls'}"
        broken = [f"{word} with {form}" for form, word in forms.items() if word != "stands"]
        if shipped["low"] <= 0.0 <= shipped["high"]:
            yield (
                "lacking",
                f"no conclusion: {one['title']}: {one['label']} cannot be distinguished from"
                " unmoved",
            )
        elif broken:
            yield "against", f"conclusion does not stand everywhere: {name}; {', '.join(broken)}"
        else:
            yield "for", f"conclusion stands under all {len(forms) - 1} other forms: {name}"


READERS = {
    "patterns": _of_patterns,
    "hindcast": _of_hindcast,
    "calibration": _of_calibration,
    "robustness": _of_robustness,
}
HEADS = {
    "for": "What supports the model",
    "against": "What contradicts it",
    "lacking": "What it says nothing of",
}


def page(found: Mapping[str, Any], table: str = "") -> str:
    """Return the page.

    Args:
        found: What each command left, by its name.
        table: The table of conclusions.
    """
    lines = [line for name in PARTS if name in found for line in READERS[name](found[name])]
    lines += [("lacking", f"`{name}` was not run") for name in PARTS if name not in found]
    parts = [INTRODUCTION]
    for side, head in HEADS.items():
        said = [f"- {text}" for which, text in lines if which == side]
        parts.append(f"\n## {head}\n\n" + "\n".join(said or ["- nothing"]) + "\n")
    parts.append(NOT_FOR)
    if table:
        parts += [TABLE, table]
    return "".join(parts)


def report(results: str, write: str) -> int:
    """Print the page, and store it if that is wanted; return the exit code.

    Args:
        results: The folder of results.
        write: `true` to store it.
    """
    folder = Path(results)
    found = found_in(folder)
    wrong = [] if write in ("true", "false") else [f"write={write}: takes true, false"]
    if not found:
        wrong.append(f"results={results}: holds no results of {', '.join(PARTS)}")
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 2
    conclusions = folder / "robustness" / "robustness.md"
    table = conclusions.read_text(encoding="utf-8") if conclusions.is_file() else ""
    text = page(found, table)
    print(text)
    if write == "true":
        with atomic_write(PAGE) as file:
            file.write(text.encode())
    return 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(arguments, __doc__, report, TEXTS, texts=TEXTS)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
