"""`python -m experiments.documents [check=0]`: the documents that are made from the code.

Writes `docs/metrics.md`, `docs/events.md`, `docs/configuration.md` and the tables of `docs/odd.md`,
`docs/sources.md` and `docs/escalation.md`. With check=1 it writes nothing and ends with 1 if one is
out of date.
"""

import sys
from pathlib import Path

from .documents import documents

DOCS = Path(__file__).parents[2] / "docs"


def main(arguments: list[str]) -> int:
    """Write the documents, or print which would change."""
    if arguments not in ([], ["check=0"], ["check=1"]):
        print("takes check=0 or check=1", file=sys.stderr)
        return 2
    made = documents(DOCS)
    stale = [
        path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text
    ]
    for path in stale:
        print(path.name)
    if arguments == ["check=1"]:
        return 1 if stale else 0
    for path in stale:
        path.write_text(made[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
