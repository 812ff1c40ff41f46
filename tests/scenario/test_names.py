"""Names of a scenario make columns of tables: no two things share one."""

import pytest
import yaml

from sim.metrics import METRICS, Metric
from sim.results.record import summary_names
from sim.scenario import ScenarioError, from_mapping, load, names

pytestmark = pytest.mark.usefixtures("unchecked")


def renamed(old: str, new: str) -> dict[str, object]:
    """The mapping of a small world in which a munition or a technology has another name."""
    text = yaml.safe_dump(load("arms_race_dyad").mapping, sort_keys=False)
    mapping: dict[str, object] = yaml.safe_load(text.replace(f"{old}:", f"{new}:"))
    return mapping


def test_a_munition_does_not_take_the_column_of_a_metric() -> None:
    with pytest.raises(ScenarioError) as error:
        from_mapping(renamed("arms", "value"))
    assert error.value.problems == [
        "munitions.value: its column stock_value is that of the metric stock_value;"
        " choose another name"
    ]


def test_two_names_do_not_make_one_column() -> None:
    """`stock` of the munition `of_any` and `stock_of` of the technology `any`."""
    METRICS.append(Metric("stock_of", "state technology", "", ""))
    try:
        with pytest.raises(ScenarioError, match="its column stock_of_any is that of stock"):
            load("arms_race_dyad").with_("munitions.of_any={}")
    finally:
        METRICS.pop()


@pytest.mark.parametrize("name", names("scenario"))
def test_all_summaries_of_shipped_worlds_have_names_of_their_own(name: str) -> None:
    scenario = load(name)
    made = [
        f"{column}_{how}"
        for metric in METRICS
        for column in summary_names(metric, scenario)
        for how in metric.reduce
    ]
    assert len(set(made)) == len(made)
