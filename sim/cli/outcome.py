"""What a job of a sweep gives back to Hydra: its exit code, and the numbers that a search needs.

Any launcher of Hydra's may run the jobs, in this process or in others: what a job returns stands
in its `JobReturn`, and nowhere else.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn, JobStatus
from hydra.errors import HydraException

from ..results.responses import responses
from ..results.results import open_results
from ..results.store import OutputError
from .overrides import InputError

INTERRUPTED = 130
MAKERS = {"launcher": "instantiate_launcher", "sweeper": "instantiate_sweeper"}
"""The methods by which Hydra makes a plugin, by the key that names it."""


class Value(float):
    """The mean over runs of what is searched for, with the exit code of the job."""

    code: int


class Values(tuple[float, ...]):
    """Several such means."""

    code: int


def outcomes(
    code: int, folder: Path | None, metrics: Sequence[str], points: int
) -> list[int] | list[Value | Values]:
    """Return what the points of a job give back: exit codes, or what a search needs of each.

    Args:
        code: The exit code of the job.
        folder: Its results; needed for a search alone.
        metrics: Columns of the table of runs; none if nobody searches.
        points: How many.

    Returns:
        Per point the mean over the runs that did not fail, NaN if there is none.

    Raises:
        KeyboardInterrupt: A job of a search was interrupted; its successors are not to run.
    """
    if not metrics or folder is None:
        return [code] * points
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    means = np.full((points, len(metrics)), nan)
    try:
        results = open_results(folder)
        found = responses(results, metrics) if results.complete else ()
        for place, (_, table) in enumerate(found):
            for point, values in enumerate(table):
                known = values[np.isfinite(values)]
                means[point, place] = known.mean() if known.size else nan
    except OutputError:  # nothing was run
        pass
    made: list[Value | Values] = []
    for own in means.tolist():
        made.append(Value(own[0]) if len(own) == 1 else Values(own))
        made[-1].code = code
    return made


def exit_code(job: JobReturn) -> int:
    """Return the exit code of a job; of one that raised 1."""
    if job.status != JobStatus.COMPLETED:
        return 1
    returned: int = getattr(job._return_value, "code", job._return_value)
    return returned


@contextmanager
def launched_jobs() -> Iterator[list[JobReturn]]:
    """Give a list of the jobs that any launcher of Hydra's launches, until the end of the block.

    Sweepers differ in what they return; all of them take their launcher from Hydra.

    Raises:
        InputError: A sweeper or a launcher cannot be made.
    """
    jobs: list[JobReturn] = []

    def kept(plugin: Any) -> Any:
        launch = plugin.launch

        def launching(job_overrides: Any, initial_job_idx: int) -> Any:
            returned = launch(job_overrides, initial_job_idx=initial_job_idx)
            jobs.extend(returned)
            return returned

        plugin.launch = launching
        return plugin

    hydras = {kind: getattr(Plugins, name) for kind, name in MAKERS.items()}
    for kind, make in hydras.items():
        then = kept if kind == "launcher" else lambda plugin: plugin
        setattr(Plugins, MAKERS[kind], _in_a_sentence(kind, make, then))
    try:
        yield jobs
    finally:
        for kind, make in hydras.items():
            setattr(Plugins, MAKERS[kind], make)


def _in_a_sentence(
    kind: str, make: Callable[..., Any], then: Callable[[Any], Any]
) -> Callable[..., Any]:
    """Return what makes a plugin, or says in a sentence why it cannot."""

    @wraps(make)
    def making(*given: Any, **named: Any) -> Any:
        try:
            plugin = make(*given, **named)
        except (InputError, HydraException):
            raise
        except (ImportError, RuntimeError, TypeError, ValueError) as error:
            raise InputError(f"hydra.{kind}: {str(error).partition(chr(10))[0]}") from None
        return then(plugin)

    return making
