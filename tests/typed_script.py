"""A user's script, fully annotated: `mypy --strict` must find nothing in it (`test_typing.py`)."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

import sim
from sim.metrics import Week
from sim.scenario import from_mapping


class Hedger(sim.Policy):
    """Gives way while tension is high, and remembers how often."""

    def __init__(self) -> None:
        self.yielded = 0

    def decide(self, me: sim.State) -> None:
        """Conciliate when the week is tense."""
        if me.of("PRK").tension > 0.5:
            me.conciliate("PRK")
            self.yielded += 1


class Fearful(sim.Policy):
    """Has a parameter."""

    limit: float = 0.1

    def decide(self, me: sim.State) -> None:
        """Conciliate above the limit."""
        for other in me.partners:
            if me.of(other).tension > self.limit:
                me.conciliate(other)


def again(scenario: sim.Scenario, out: Path) -> pd.DataFrame:
    """Run a policy with a parameter, and play its folder again."""
    own: Fearful = Fearful(limit=0.2)
    changed_policy = scenario.with_policy("KOR", Fearful, limit=own.limit)
    sim.run(changed_policy.with_("policies.KOR.limit=0.3"), runs=1, out=out, workers=1)
    opened: sim.Results = sim.open_results(out, trust_code=True)
    given: sim.Results = opened.replay(workers=1, policies={"KOR": Fearful})
    played: sim.Results = opened.replay(out / "again", workers=1)
    return pd.concat([given.runs, played.runs])


def refused() -> list[str]:
    """Read what is wrong with a scenario."""
    try:
        sim.load("arms_race_dyad", ["weks=4"])
    except sim.ScenarioError as error:
        return error.problems
    return []


def from_data(folder: Path, world: dict[str, object]) -> sim.Scenario:
    """Make a world of public files."""
    spending: pd.DataFrame = sim.data.sipri_spending(folder / "milex.csv", {"Norland": "NOR"})
    transfers: pd.DataFrame = sim.data.sipri_transfers(folder / "register.csv")
    capabilities: pd.DataFrame = sim.data.cow_capabilities(folder / "nmc.csv")
    alliances: pd.DataFrame = sim.data.atop_alliances(folder / "atop.csv")
    others: list[pd.DataFrame] = [
        sim.data.cow_disputes(folder / "mid.csv"),
        sim.data.ucdp_events(folder / "ged.csv"),
        sim.data.ucdp_conflicts(folder / "acd.csv"),
        sim.data.cns_tests(folder / "tests.csv"),
    ]
    warnings.simplefilter("error", sim.data.DataWarning)
    codes: list[str | None] = sim.data.state_codes([750, 770], "cow")
    try:
        filled = sim.data.filled(
            world, 2014, spending=spending, transfers=transfers,
            capabilities=capabilities, alliances=alliances,
        )  # fmt: skip
    except sim.data.DataError as error:
        raise SystemExit(f"{error} {len(others)} {codes}") from error
    return from_mapping(filled, "made_of_data")


class Watcher(sim.StateAgent):
    """An agent of a model of one's own."""

    def decide(self) -> None:
        """Decide as its doctrine does, unless its treasury is empty."""
        super().decide()
        if me_is_poor(self):
            self.order("secrecy", 1.0)


def me_is_poor(me: sim.State) -> bool:
    """Return whether nothing is left."""
    return float(me.treasury) <= 0.0


@sim.desk("crisis")
def patient(own: object, seen: object, noise: object, params: object) -> np.ndarray:
    """Hold, whatever happens."""
    return np.zeros(1)


def desk_keeps_its_type() -> np.ndarray:
    """A decorated desk is still the function that it was."""
    return patient(None, None, None, None)


@sim.metric("state", unit="index", definition="readiness, squared", reduce=("last",))
def readiness_squared(week: Week) -> np.ndarray:
    """Return the square of readiness: [state]."""
    return np.asarray(week.world.readiness) ** 2


@sim.figure("Nothing but a frame.")
def blank(runs: object) -> Figure | None:
    """Draw an empty figure."""
    return Figure()


def first_look(out: Path) -> pd.DataFrame:
    """Run a scenario and look at each of its tables."""
    scenario: sim.Scenario = sim.load("northeast_asia_2023", ["weeks=4"])
    results: sim.Results = sim.run(scenario, runs=2, seed=0, out=out, workers=1)
    tables: list[pd.DataFrame] = [results.runs, results.weeks, results.dyads, results.routes]
    tables.append(results.events)
    dataset: xr.Dataset = results.to_xarray()
    again: sim.Results = sim.open_results(out)
    return results.summary() if again.complete and dataset.sizes else tables[0]


def choices() -> list[pd.DataFrame]:
    """Look at what there is to choose from."""
    return [sim.list_scenarios(), sim.list_doctrines(), sim.list_metrics()]


def read(results: sim.Results) -> pd.DataFrame:
    """Ask what columns mean, and for some of them by what was swept."""
    book: pd.DataFrame = results.codebook()
    return results.summary(metrics=["stock"], by="point") if len(book) else book


def contest(scenario: sim.Scenario) -> pd.DataFrame:
    """Play doctrines against each other."""
    game: sim.MetaGame = sim.meta_game(scenario, {"PRK": ["restraint", "status_quo"]}, runs=2)
    return game.equilibria()


def learn() -> float:
    """Begin an episode of one seat."""
    seat = sim.environment("arms_race_dyad", "RED")
    seat.reset(seed=1)
    return 0.0


def two_futures(results: sim.Results) -> sim.Results:
    """Branch a run."""
    return results.branch("states.PRK.doctrine=restraint", run=0, week=2)


def dated(scenario: sim.Scenario) -> sim.Results:
    """Let a policy change on a day; a name is enough for a run."""
    later = scenario.with_change("2024-01-01", "PRK", doctrine="restraint")
    return sim.run(later if later.stages else "arms_race_dyad", runs=2)


def changed(scenario: sim.Scenario) -> pd.DataFrame:
    """Compare a scenario with itself under restraint."""
    restrained = scenario.with_("states.PRK.doctrine=restraint")
    hedged = scenario.with_policy("KOR", Hedger)
    found: list[sim.Comparison] = [sim.compare(scenario, one, 2) for one in (restrained, hedged)]
    named: sim.Comparison = sim.compare("northeast_asia_2023", b={"weeks": 2}, runs=2)
    return pd.concat([each.table for each in (*found, named)])


def swept(scenario: sim.Scenario, table: pd.DataFrame) -> list[sim.Results]:
    """Sweep over a grid, over a table of points and over a design."""
    return [
        sim.sweep(scenario, {"rules.watch.detection": [0, 0.01]}, runs=2),
        sim.sweep(scenario, table, runs=2),
        sim.sweep(scenario, {"rules.watch.detection": (0.0, 0.05)}, design="sobol", points=8),
    ]


def drawn(results: sim.Results) -> Figure | None:
    """Draw a figure of a job."""
    return results.plot.containers()


def strict() -> None:
    """Make errors of what is cut or has no effect."""
    warnings.simplefilter("error", sim.ScenarioWarning)


def watched() -> pd.DataFrame:
    """Run a Mesa model, week by week."""
    model = sim.ArmsTransferModel("northeast_asia_2023", rng=7, agents={"KOR": Watcher})
    model.step()
    tension: float = model.state("KOR").of("PRK").tension
    kinds: list[str] = [kind for kind, _, _, _ in model.happened]
    print(model.week, tension, *kinds)
    frame: pd.DataFrame = model.datacollector.get_agent_vars_dataframe()
    return frame
