"""No choice of accounts sways a vote: what counts as procurement is no matter to the Council."""

import numpy as np
import pandas as pd
import pytest

import sim

pytestmark = [pytest.mark.usefixtures("unchecked", "fast"), pytest.mark.xdist_group("channels")]

RUNS = 24
COUNCIL = ("vetoes_", "monitor_", "coalition_")
SHARE = "states.RUS.procurement_share"
RICH = "states.RUS.treasury=10000"
"""Money for all that Russia buys whatever its income is: so no flow changes."""


def outcomes(*overrides: str) -> pd.DataFrame:
    """What the Council did and what was shipped: a row per run."""
    scenario = sim.load("northeast_asia_2023", [RICH, *overrides])
    runs = sim.run(scenario, RUNS, record="weekly", engine="compiled", workers=1).runs
    return runs[[name for name in runs if name.startswith((*COUNCIL, "containers_PRK_RUS"))]]


@pytest.mark.slow
def test_russias_share_of_procurement_moves_no_vote_and_in_weeks_of_income_it_did() -> None:
    pytest.importorskip("jax", reason="many runs are simulated by the compiled engine")
    shipped = sim.load("northeast_asia_2023").spec.states["RUS"].procurement_share
    twice, half = (f"{SHARE}={factor * shipped}" for factor in (2.0, 0.5))
    before = outcomes()
    assert 0.0 < np.mean(before["monitor_PRK_last"]) < 1.0
    assert before["vetoes_RUS_sum"].sum() > 0
    for share in (twice, half):
        pd.testing.assert_frame_equal(outcomes(share), before)

    in_income = "rules.trade.yardstick=0"
    alive = [outcomes(in_income, share)["monitor_PRK_last"] for share in (half, twice)]
    assert alive[1].sum() > alive[0].sum()
