"""`results.branch`: one run again up to a week, and another policy from then on."""

from typing import TYPE_CHECKING

from ..results.accessors import accessor
from ..results.results import Results
from ..scenario import ScenarioError
from ..scenario.compose import changes
from .run import run as simulate

if TYPE_CHECKING:
    from ..scenario import Scenario


@accessor("branch")
class Branch:
    """`results.branch(run=7, week=40, "states.PRK.doctrine=restraint")`: the same history."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def __call__(self, *overrides: str, run: int, week: int) -> Results:
        """Simulate a run again, with changes of policy from a week on: the same noise throughout.

        Args:
            overrides: Of a state's doctrine, desks or traits: `states.PRK.doctrine=restraint`.
                Without any the run is as it was.
            run: Its number in these results.
            week: The first week of the changes; before it, all is as in these results.

        Raises:
            ScenarioError: An override sets what cannot change in the middle of a run.
            ValueError: There is no such run or week, or these are results of a sweep.

        Examples:
            >>> world = sim.load("arms_race_dyad", ["weeks=4"])
            >>> results = sim.run(world, runs=2, workers=1, engine="reference")
            >>> results.branch("states.RED.doctrine=restraint", run=1, week=2).count
            1
        """
        job, scenario = self._results.manifest, self._results.scenario
        if job["points"] > 1:
            raise ValueError("a sweep has no one history: branch a run of a single point's job")
        if run not in set(self._results.ids["run"]):
            raise ValueError(f"run: there is no run {run}")
        if not 0 <= week < scenario.weeks:
            raise ValueError(f"week: {week} is not one of the {scenario.weeks} weeks, from 0")
        changed = branched(scenario, week, overrides)
        return simulate(changed, 1, job["seed"], job["record"], job["engine"], workers=1, first=run)


def branched(scenario: "Scenario", week: int, overrides: tuple[str, ...]) -> "Scenario":
    """Return a scenario with overrides of states' policies from a week on.

    Args:
        scenario: The scenario.
        week: The first week of the changes.
        overrides: As of `Branch`.

    Raises:
        ScenarioError: All that is wrong with them.
    """
    settings: dict[str, dict[str, object]] = {}
    wrong = []
    for change in changes(overrides):
        if change.path[0] != "states" or len(change.path) < 3 or change.delete:
            wrong.append(f"{change.key}: not a policy of a state, such as states.PRK.doctrine")
        else:
            settings.setdefault(change.path[1], {})[".".join(change.path[2:])] = change.value
    if wrong:
        raise ScenarioError(wrong)
    for code, own in settings.items():
        scenario = scenario.with_change(scenario.date(week), code, **own)
    return scenario
