"""`results.replay`: the same job once more, from its folder alone, byte for byte."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..results.accessors import accessor
from ..results.results import Results
from ..results.store import OutputError
from ..scenario import ScenarioError
from ..scenario.code import Code
from ..scenario.stored_code import fingerprint
from .execution import Execution, execute
from .job import job_of_results, version_mismatches


@accessor("replay")
class Replay:
    """`results.replay(out="again")`: the same job once more, the same bytes."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def __call__(
        self,
        out: str | Path | None = None,
        workers: int | None = None,
        progress: bool | None = None,
        policies: Mapping[str, type] | None = None,
        phases: Mapping[str, Callable[..., Any]] | None = None,
    ) -> Results:
        """Simulate the job of this folder again.

        What was written in Python comes from the folder where it was opened with
        `sim.open_results(folder, trust_code=True)`, or is given here and must be the same code, by
        its hash. Desks and metrics of one's own are registered by importing their module.

        Args:
            out: As in `sim.run`.
            workers: As in `sim.run`.
            progress: As in `sim.run`.
            policies: Classes of policies by the code of their state.
            phases: Functions of phases by the phase's name.

        Raises:
            ScenarioError: Code is missing, or is not that of the folder.
            OutputError: It would be another job here, for instance by other versions.
            ValueError: As of `sim.run`.

        Examples:
            >>> world = sim.load("arms_race_dyad", ["weeks=4"])
            >>> first = sim.run(world, runs=2, workers=1)
            >>> again = sim.open_results(first.path).replay(workers=1)
            >>> again.runs.equals(first.runs)
            True
        """
        results = self._results
        code = None
        if policies or phases:
            code = _given(results.manifest.get("code", {}), policies or {}, phases or {})
        job = job_of_results(results, code)
        if job.digest != results.manifest["digest"]:
            why = version_mismatches(results, ("armsflow",)) or [
                "its desks, metrics, policies or phases in Python are not those of the folder"
            ]
            raise OutputError(f"{results.path} cannot be played again here: {'; '.join(why)}")
        return execute(job, Execution(workers, "none", progress), out)


def _given(
    content: Mapping[str, Any], policies: Mapping[str, type], phases: Mapping[str, Any]
) -> Code:
    """Return code that a user gives in place of the text of a folder.

    Raises:
        ScenarioError: It is not that of the folder, or some is missing.
    """
    wrong = []
    for kind, given in (("policies", policies), ("phases", phases)):
        entries = content.get(kind, {})
        wrong += [f"{kind}.{name}: not given" for name in entries if name not in given]
        wrong += [f"{kind}.{name}: the folder has none" for name in given if name not in entries]
        wrong += [
            f"{kind}.{name}: {item.__name__} is not the code that was simulated: its hash is"
            f" {fingerprint(item)[:12]}, not {entries[name]['sha256'][:12]}"
            for name, item in given.items()
            if name in entries and fingerprint(item) != entries[name]["sha256"]
        ]
    if wrong:
        raise ScenarioError(wrong)
    settings = {name: entry["parameters"] for name, entry in content.get("policies", {}).items()}
    return Code(policies, phases, settings)
