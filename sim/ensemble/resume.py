"""Continue a job that was interrupted."""

from pathlib import Path

from ..results.checks import is_intact
from ..results.results import Results
from ..results.store import OutputError
from .cluster import Cluster
from .execution import Execution, check_versions, complete
from .job import job_of_results


def resume(
    path: str | Path,
    workers: int | None = None,
    progress: bool | None = None,
    cluster: Cluster = "none",
    trust_code: bool = False,
) -> Results:
    """Continue the job whose folder this is; a complete one is only read, checked and opened.

    Args:
        path: The folder.
        workers: As in `run`.
        progress: As in `run`.
        cluster: As in `run`; it need not be the one with which the job was begun.
        trust_code: Whether policies, phases, desks and metrics that stand in the folder as text may
            be run, as in `sim.open_results`.

    Raises:
        ValueError: The number of workers or the cluster is out of its range.
        OutputError: There is no job, or it needs what its manifest does not hold.
        ScenarioError: Its scenario names a desk that does not exist here.
        ClusterError, DiskError, RunError: As of `run`.
    """
    execution = Execution(workers, cluster, progress)
    results = Results(path, trust_code=trust_code)
    manifest = results.manifest
    if is_intact(results.path, manifest):
        return results
    check_versions(results, lacking=True)
    job = None if results.scenario.code.absent else job_of_results(results)
    if job is None or job.digest != manifest["digest"]:
        raise OutputError(
            f"{path} holds a job of which its manifest does not hold all: it has policies, phases,"
            " desks or metrics written in Python, or the manifest was changed; with the same code"
            f" sim.run(scenario, ..., out={str(path)!r}) continues it, and if you trust that in the"
            " folder, armsflow resume=DIR trust_code=true"
        )
    complete(job, execution, results.path)
    return Results(results.path)
