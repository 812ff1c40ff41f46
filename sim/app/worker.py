"""The process in which ensembles are simulated and drawn: `python -m sim.app.worker ENGINE`.

It reads a line of JSON for each job, the query of a setting and a folder, and answers with lines of
JSON, the messages of `ensemble`. What it has compiled serves the jobs after it. It ends with the
process that began it; it is killed where a person stops a job.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

from .ensemble import Message, ensemble
from .setting import setting_of


def messages(line: str, engine: str) -> Iterator[Message]:
    """Do a job and yield its messages; a fault is a message too.

    Args:
        line: The job, as JSON.
        engine: `auto`, `reference` or `compiled`.
    """
    try:
        job = json.loads(line)
        yield from ensemble(setting_of(parse_qsl(job["query"])), Path(job["folder"]), engine)
    except Exception as error:  # whatever it is, the pages live on
        yield {"kind": "error", "text": f"a fault of armsflow: {type(error).__name__}: {error}"}


def main(engine: str) -> None:
    """Answer jobs until nobody writes any more.

    Args:
        engine: `auto`, `reference` or `compiled`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: it is for the server
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what others print goes to stderr
    for line in sys.stdin:
        for message in messages(line, engine):
            print(json.dumps(message), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
