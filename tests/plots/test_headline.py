"""The headline of a scenario: what its table and its page lead with, and what they leave out."""

import re

import pytest

import sim
from sim.plots.story import sentences
from sim.results.results import Results
from sim.results.table import quantities, short_table
from sim.scenario import ScenarioError, load, names

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.xdist_group("headline")]
SHIPPED = [name for name in names("scenario") if not name.startswith("limit_")]
TRIAL = re.compile(
    r"([\d.,]+) (weapon tests|satellite launches)(?: \([^)]*\))?, of which ([\d.,]+)"
)
LABELS = {
    "deterrence_game": "challenges, in all",
    "arms_race_dyad": "arms of RED, stock",
    "learning_to_launch": "satellite launches by LCH",
    "security_dilemma": "pairs of states in a dispute, mean week",
}


@pytest.fixture(scope="module", params=SHIPPED)
def played(request: pytest.FixtureRequest) -> Results:
    scenario = load(request.param, ["weeks=30"])
    return sim.run(scenario, runs=3, seed=2, record="summary", engine="reference", workers=1)


def number_of(text: str) -> float:
    return float(text.replace(",", ""))


def test_no_more_trials_fail_than_were_made(played: Results) -> None:
    found = TRIAL.findall(" ".join(sentences(played)))
    for made, _, failed in found:
        assert number_of(failed) <= number_of(made)
    for state in played.scenario.states:
        for trials, failures in (("tests", "test_failures"), ("launches", "launch_failures")):
            made, failed = (played.runs[f"{name}_{state}_sum"] for name in (trials, failures))
            assert (failed <= made).all()
    if played.scenario.name in ("northeast_asia_2023", "learning_to_launch"):
        assert found


def test_what_is_shown_first_is_what_the_scenario_names(played: Results) -> None:
    rows, never, same = quantities(played)
    first = LABELS.get(played.scenario.name)
    if first:
        assert first in (rows[0][0], *never, *(label.partition(" (")[0] for label in same))
        heads = [line for line in short_table(played) if line.startswith(first)]
        assert len(heads) == (rows[0][0] == first)
    for label, (low, _, high) in rows:
        assert not low == high == 0.0 or any(
            label in line for line in short_table(played)
        )  # 0 in nine runs of ten, not in all
    assert len(dict(rows)) == len(rows)


def test_nothing_that_did_not_happen_is_a_sentence_of_its_own(played: Results) -> None:
    *_, last = told = sentences(played)
    for text in told:
        assert "Nobody " not in text
        assert "0 of 3 runs" not in text
        assert text.startswith("There were no ") == (text is last and "There were no" in text)


def test_the_order_of_the_sentences_is_the_headlines() -> None:
    results = [
        sim.run(load("deterrence_game", [f"headline={order}", "weeks=40"]), 3, engine="reference")
        for order in ("[challenges,disputes]", "[disputes,challenges]")
    ]
    heads = [[text.split(",")[0] for text in sentences(found)][:2] for found in results]
    assert heads == [["Challenges", "Disputes"], ["Disputes", "Challenges"]]
    assert results[0].scenario.digest == results[1].scenario.digest
    assert short_table(results[0])[2].startswith("challenges, in all")


def test_a_wrong_headline_is_refused_with_all_that_is_wrong() -> None:
    with pytest.raises(ScenarioError) as refused:
        load("deterrence_game", ["headline=[challenge,credence,disputes,disputes]"])
    assert refused.value.problems == [
        "headline.3: disputes stands twice",
        "headline.0: there is no metric 'challenge' (nearest right key: challenges)",
        "headline.1: no run is summarised by 'credence' (docs/metrics.md)",
    ]
