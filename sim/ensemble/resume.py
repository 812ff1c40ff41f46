"""Go on with a job that was interrupted."""

from pathlib import Path

from ..results.results import Results
from ..results.store import OutputError
from .cluster import Cluster
from .execution import check, go_on, same_installation
from .job import arguments, job_of


def resume(
    path: str | Path,
    workers: int | None = None,
    progress: bool | None = None,
    cluster: Cluster = "none",
) -> Results:
    """Goes on with the job whose folder this is; one that is finished is only opened.

    Args:
        path: The folder.
        workers: As in `run`.
        progress: As in `run`.
        cluster: As in `run`; it need not be the one with which the job was begun.

    Raises:
        ValueError: The number of workers is none, or there is no such cluster.
        OutputError: There is no job, or it needs what its manifest does not hold.
        ScenarioError: Its scenario names a desk that is not there.
        ClusterError, DiskError, RunError: As in `run`.
    """
    results = Results(path)
    if results.complete:
        return results
    problems = check(**arguments(results), workers=workers, cluster=cluster)
    if problems:
        raise ValueError("\n".join(problems))
    same_installation(results)
    job = job_of(results)
    if job.manifest()["digest"] != results.manifest["digest"]:
        raise OutputError(
            f"{path} holds a job that its manifest does not hold whole: it has policies, phases,"
            " desks or metrics written in Python, or the manifest was changed; with the same code"
            f" sim.run(scenario, ..., out={str(path)!r}) goes on"
        )
    go_on(job, workers, progress, cluster)
    return Results(path)
