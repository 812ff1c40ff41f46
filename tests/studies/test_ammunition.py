"""What North Korea knows of ammunition is felt in Ukraine: quality goes with the shells."""

import numpy as np
import pytest

import sim
from sim.results.intervals import student

pytestmark = pytest.mark.usefixtures("unchecked", "optimised")


def lost(level: int, weeks: int, runs: int, engine: str) -> np.ndarray:
    """Ukrainian casualties, thousand, with that level of North Korea: [run]."""
    words = [f"states.PRK.tech.ammunition={level}", f"weeks={weeks}"]
    scenario = sim.load("northeast_asia_2023", words)
    found = sim.run(scenario, runs, record="weekly", engine=engine, workers=1)
    return found.runs["losses_UKR_last"].to_numpy()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "weeks", "runs"), [("reference", 78, 6), ("compiled", 156, 400)]
)
def test_better_ammunition_of_north_korea_costs_ukraine_more(
    engine: str, weeks: int, runs: int
) -> None:
    if engine == "compiled":
        pytest.importorskip("jax", reason="many runs are simulated by the compiled engine")
    more = lost(1, weeks, runs, engine) - lost(0, weeks, runs, engine)
    half = student(runs - 1) * float(more.std(ddof=1)) / runs**0.5
    assert more.mean() > half
