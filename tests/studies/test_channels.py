"""Arms deter, by the balance of power alone; and the map says so honestly."""

import numpy as np
import pytest

import sim
from sim.studies.channels import (
    Effect,
    Lever,
    Outcome,
    arms,
    arms_outcomes,
    column,
    effects,
    levers,
    outcomes,
    table,
)

pytestmark = [pytest.mark.usefixtures("unchecked", "fast"), pytest.mark.xdist_group("channels")]


@pytest.mark.slow
def test_a_protector_with_more_forces_deters_more(unchecked: None, optimised: None) -> None:
    """With nothing detected: challenges of the protege fall with its protector's force."""
    pytest.importorskip("jax", reason="many runs are simulated by the compiled engine")
    scenario = sim.load("northeast_asia_2023", ["rules.watch.detection=0"])
    of_force = [lever for lever in arms(scenario) if "force" in lever.name]
    found = effects(scenario, of_force, arms_outcomes()[:1], 150)
    more, fewer = found
    assert more.clear
    assert more.change < 0.0
    assert fewer.clear
    assert fewer.change > 0.0


def test_levers_and_outcomes_are_those_of_the_default() -> None:
    scenario = sim.load("northeast_asia_2023", ["weeks=2"])
    assert all(scenario.with_(*lever.overrides) for lever in [*levers(scenario), *arms(scenario)])
    results = sim.run(scenario, 2, record="full", engine="reference")
    for outcome in [*outcomes(), *arms_outcomes()]:
        assert np.isfinite(outcome.of(results)).all()
        assert outcome.of(results).shape == (2,)


def test_a_lever_that_does_nothing_has_no_effect_and_is_said_to() -> None:
    pytest.importorskip("jax", reason="effects are simulated by the compiled engine")
    scenario = sim.load("arms_race_dyad", ["weeks=8"])
    tension = Outcome("tension", "index", column("tension_mean_mean"))
    pulled = [Lever("nothing", ()), Lever("no rivalry", ("rules.escalate.rivalry=0",))]
    none, some = effects(scenario, pulled, [tension], 3)
    assert none.moved == 0.0
    assert none.change == 0.0
    assert some.moved == 1.0
    assert some.change < 0.0
    rows = table([none, some])
    assert rows[3] == "| nothing | no effect |"
    assert rows[4].startswith("| no rivalry |")


@pytest.mark.parametrize(
    ("change", "half", "moved", "cell"),
    [
        (0.0, 0.0, 0.0, "no effect"),
        (0.5, 0.1, 0.9, "**+0.5 ± 0.1**"),
        (-0.05, 0.1, 0.9, "not clear (-0.05 ± 0.1)"),
    ],
)
def test_a_cell_says_how_sure_it_is(change: float, half: float, moved: float, cell: str) -> None:
    effect = Effect(Lever("a", ()), Outcome("b", "c", column("d")), 1.0, change, half, moved)
    assert table([effect])[3] == f"| a | {cell} |"
