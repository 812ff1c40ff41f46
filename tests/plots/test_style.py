"""What figures share: round dates, ticks that differ, short numbers, colours that stay apart."""

import numpy as np
import pytest

from sim.plots import axes as panel_axes
from sim.plots import style


@pytest.mark.parametrize("weeks", [1, 2, 5, 20, 60, 156, 520, 2600])
def test_a_date_axis_has_a_few_round_dates(weeks: int) -> None:
    dates = np.datetime64("2023-05-01") + 7 * np.arange(weeks)
    ticks = panel_axes.date_ticks(dates, 6)
    assert 1 <= len(ticks) <= 8
    assert dates[0] <= ticks[0] <= ticks[-1] <= dates[-1]


def test_ticks_tell_their_steps_apart() -> None:
    told = style.Short().format_ticks
    assert told([14.0, 14.25, 14.5, 14.75, 15.0]) == ["14", "14.25", "14.5", "14.75", "15"]
    assert told([342.1, 342.2, 342.3]) == ["342.1", "342.2", "342.3"]
    assert told([0.0, 15e3, 30e3]) == ["0", "15 k", "30 k"]
    assert told([0.1, 0.2, 0.30000000000000004]) == ["0.1", "0.2", "0.3"]
    assert told([7.0]) == ["7"]


def test_numbers_are_short() -> None:
    assert [style.short(x) for x in (0.0, 0.25, 12.0, 2500.0, 4e6, 1.5e9)] == [
        "0",
        "0.25",
        "12",
        "2.5 k",
        "4 M",
        "1.5 bn",
    ]


def test_states_keep_their_colours_and_more_than_eight_differ() -> None:
    looks = [(style.colour(i), style.dash(i)) for i in range(20)]
    assert len(set(looks)) == 20
