"""What North Korea knows of ammunition is felt in Ukraine: quality goes with the shells."""

import numpy as np
import pytest

import sim
from sim.results.intervals import student

pytestmark = pytest.mark.usefixtures("unchecked", "optimised")


def lost(level: int, runs: int, engine: str) -> np.ndarray:
    """Ukrainian casualties in three years, thousand, with that level of North Korea: [run]."""
    scenario = sim.load("northeast_asia_2023", [f"states.PRK.tech.ammunition={level}"])
    found = sim.run(scenario, runs, record="weekly", engine=engine, workers=1)
    return found.runs["losses_UKR_last"].to_numpy()


@pytest.mark.slow
@pytest.mark.parametrize(("engine", "runs"), [("reference", 6), ("compiled", 400)])
def test_better_ammunition_of_north_korea_costs_ukraine_more(engine: str, runs: int) -> None:
    if engine == "compiled":
        pytest.importorskip("jax", reason="many runs are simulated by the compiled engine")
    more = lost(1, runs, engine) - lost(0, runs, engine)
    half = student(runs - 1) * float(more.std(ddof=1)) / runs**0.5
    assert more.mean() > half
