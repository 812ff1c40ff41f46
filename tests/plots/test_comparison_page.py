"""Figures and page of a comparison: rows, units, what is drawn by week, no text unescaped."""

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.plots.counterfactual import drawn_weekly, effects, row_text, weekly_effect, weeks
from sim.plots.counterfactual_page import comparison_page, write_page
from sim.plots.style import QUARTER, look
from sim.results.comparison import Comparison

pytestmark = pytest.mark.usefixtures("unchecked")
HEADLINE = ("losses_NEI_last", "vetoes_OBS_sum", "tension_mean_mean", "presses_sum")


@pytest.fixture(scope="module")
def found() -> Comparison:
    """A supplier that sells nothing."""
    return sim.compare(
        sim.load("supplier_and_embargo", ["weeks=20"]),
        b="states.SUP.desks.transfer=none",
        metrics=HEADLINE,
        runs=4,
        workers=1,
        engine="reference",
    )


def test_a_row_per_metric_says_its_effect(found: Comparison) -> None:
    with look():
        panel = effects(found, "No sales").axes[0]
    names = [text.get_text() for text in panel.get_yticklabels()]
    assert names == [
        "losses NEI, at the end",
        "vetoes OBS, in all",
        "tension mean, mean week",
        "presses, in all",
    ]
    assert panel.get_xlabel() == "effect, in standard deviations of the metric over runs"
    assert [text.get_text() for text in panel.texts] == [row_text(found, n) for n in HEADLINE]
    assert row_text(found, "vetoes_OBS_sum") == "no channel"
    assert "thousand\nup " in row_text(found, "losses_NEI_last")
    row = found.row("tension_mean_mean")
    marks = [
        x
        for x, y in (line.get_xydata()[0] for line in panel.lines if line.get_xydata().size)
        if y == 2
    ]
    assert marks == pytest.approx([row["standard"]])


def test_weeks_are_drawn_as_their_summary_has_them(found: Comparison) -> None:
    assert drawn_weekly(found) == ["losses_NEI_last", "tension_mean_mean"]  # nobody presses
    values, label, unit = weekly_effect(found, "losses_NEI_last")
    assert (label, unit) == ("losses NEI", "thousand")
    np.testing.assert_allclose(values[:, -1], found.effects("losses_NEI_last"), atol=1e-12)
    values, label, unit = weekly_effect(found, "tests_SUP_sum")
    assert (label, unit) == ("tests SUP, so far", "number")
    np.testing.assert_allclose(values[:, -1], found.effects("tests_SUP_sum"), atol=1e-12)
    values, label, unit = weekly_effect(found, "tension_mean_mean")
    assert (label, unit) == ("tension mean, mean of a quarter", "index")
    last = found.weekly("tension_mean_mean")[:, -QUARTER:].mean(axis=1)
    np.testing.assert_allclose(values[:, -1], last)
    with look():
        figure = weeks(found, "No sales")
    assert figure is not None
    assert [panel.get_ylabel() for panel in figure.axes] == ["thousand", "index"]
    assert figure.axes[0].get_legend() is not None


def test_nothing_is_drawn_by_week_where_nothing_differs(found: Comparison) -> None:
    same = sim.compare(found.a.scenario, runs=2, workers=1, engine="reference")
    with look():
        assert weeks(same, "Nothing") is None
        assert effects(same, "Nothing").axes


def test_a_page_escapes_what_it_is_given(found: Comparison) -> None:
    page = comparison_page(found, "<b>", {"With": ("<i>",)}, {}, "a <command>")
    assert "&lt;b&gt;" in page
    assert "<i>" not in page
    assert "a &lt;command&gt;" in page
    assert "No channel to" in page
    assert "When and where the worlds part" in page


def test_a_page_is_one_file_and_says_how_to_repeat_it_where_it_is_known(
    found: Comparison, tmp_path: Path
) -> None:
    page = write_page(found, tmp_path / "new", "No sales")
    assert sorted(file.name for file in page.parent.iterdir()) == [
        *("beside.png", "beside.svg", "effects.png", "effects.svg", "page.html"),
        *("weeks.png", "weeks.svg"),
    ]
    text = page.read_text()
    assert "How to repeat it" not in text
    assert 'href="#repeat"' not in text
    assert text.count("data:image/svg+xml") == 3
    again = write_page(found, tmp_path, "No sales", command="a command").read_text()
    assert "How to repeat it" in again
