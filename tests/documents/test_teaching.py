"""The teaching pages say what the worlds do: every row of their tables is played and measured.

A claim is a row `| claim | change[, against change] | measure | way |` of a page in docs/teaching.
Both sides meet the same luck, and the 99 % interval of the mean difference lies on the side that
the row says.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.cli.request import parse_request
from sim.events import EVENTS
from sim.results.intervals import student
from sim.results.results import Results
from sim.scenario import Scenario, names
from sim.world import DESKS

pytest.importorskip("jax", reason="many runs are played by the compiled engine")

PAGES = Path(__file__).parent.parent.parent / "docs" / "teaching"
WORLDS = {page.stem: page.stem for page in sorted(PAGES.glob("*.md"))} | {
    "lessons": "northeast_asia_2023"
}
del WORLDS["README"], WORLDS["classroom"], WORLDS["solutions"]  # of the app, of the notebooks
Armsflow = Callable[..., tuple[int, str, str]]
RUNS = 256
WAYS = {"rises": 1.0, "falls": -1.0}
MOST_LINES = 60
NUMBERS = dict(enumerate(("eight", "nine", "ten", "eleven", "twelve"), 8))


@dataclass(frozen=True)
class Claim:
    """That a measure rises or falls from one set of overrides of a world to another."""

    page: str
    text: str
    changed: tuple[str, ...]
    against: tuple[str, ...]
    measure: str
    way: str


def claims_of(page: str) -> list[Claim]:
    """The claims of a page: the rows of its table with four cells, less its heading."""
    lines = (PAGES / f"{page}.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    found = []
    for row in rows[2:]:
        text, change, measure, way = row
        changed, _, against = change.partition("against")
        (named,) = re.findall("`(.*?)`", measure)
        words = (tuple(re.findall("`(.*?)`", side)) for side in (changed, against))
        found.append(Claim(page, text, *words, named, way))
    return found


CLAIMS = [claim for page in WORLDS for claim in claims_of(page)]


@cache
def scenarios(page: str) -> dict[tuple[str, ...], Scenario]:
    """The world of a page under the overrides of each side of its claims.

    All hold the same rules of desks, so that one program plays as many as may be.
    """
    sides = {side for claim in claims_of(page) for side in (claim.against, claim.changed)}
    made = {side: sim.load(WORLDS[page], side) for side in sorted(sides)}
    rules = {
        desk: sorted({rule for scenario in made.values() for rule in scenario.rules[desk]})
        for desk in DESKS
    }
    return {side: scenario.holding(rules) for side, scenario in made.items()}


@cache
def played(page: str, overrides: tuple[str, ...], record: str) -> Results:
    """The world of a page under overrides."""
    scenario = scenarios(page)[overrides]
    return sim.run(scenario, RUNS, seed=0, engine="compiled", record=record, workers=1)


def measured(claim: Claim, overrides: tuple[str, ...]) -> np.ndarray:
    """The claim's measure [run].

    A summary; with a pair behind it the mean over weeks of a column of `dyads`, or how often a kind
    of event befell the pair; or a share of one kind among another, `backed_down / resisted`, in all
    runs together. Its values are what each run adds to it (the influence of the run), so that
    their mean is the share.
    """
    if "/" in claim.measure:
        part, whole = (counted(claim, overrides, kind) for kind in claim.measure.split(" / "))
        share = part.mean() / whole.mean()
        return np.asarray(share + (part - share * whole) / whole.mean())
    name, *pair = claim.measure.split()
    if not pair:
        return played(claim.page, overrides, "summary").runs[name].to_numpy(float)
    dyads = played(claim.page, overrides, "full").dyads
    if name not in dyads:
        return counted(claim, overrides, name, pair[0])
    state, target = pair[0].split("-")
    there = dyads[(dyads["state"] == state) & (dyads["target"] == target)]
    return there.groupby("run")[name].mean().to_numpy(float)


def counted(claim: Claim, overrides: tuple[str, ...], kind: str, pair: str = "") -> np.ndarray:
    """How often a kind of event happened [run], of all pairs or of one."""
    assert kind in EVENTS
    events = played(claim.page, overrides, "full").events
    events = events[events["kind"] == kind]
    if pair:
        actor, target = pair.split("-")
        events = events[(events["actor"] == actor) & (events["target"] == target)]
    return events.groupby("run")["value"].sum().reindex(range(RUNS), fill_value=0.0).to_numpy(float)


def test_every_world_has_a_page_and_claims() -> None:
    small = {name for name in names("scenario") if not name.startswith("limit_")}
    assert {*WORLDS.values(), "synthetic"} == small
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    count = NUMBERS[len(WORLDS) - 1]  # less the lessons
    readme = (PAGES.parents[1] / "README.md").read_text(encoding="utf-8")
    for where, text in (("docs/teaching/README.md", index), ("README.md", readme)):
        told = set(re.findall(r"(\w+) small worlds", text.lower()))
        assert told == {count}, f"{where}: {count} small worlds"
    for page in WORLDS:
        assert f"]({page}.md)" in index, f"docs/teaching/README.md: no line of {page}.md"
        assert len(claims_of(page)) >= 5
        assert all(claim.changed and claim.way in WAYS for claim in claims_of(page))


@pytest.mark.parametrize("page", [page for page in WORLDS if page != "lessons"])
def test_a_world_is_a_screen_long(page: str) -> None:
    file = Path(__file__).parent.parent.parent / "configs" / "scenario" / f"{page}.yaml"
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert re.search("^headline:", text, re.MULTILINE), "no headline: what its table begins with"


@pytest.mark.parametrize("page", WORLDS)
def test_the_command_line_takes_every_command_of_a_page(page: str) -> None:
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    commands = re.findall(r"^ +armsflow(.*)$", text, re.MULTILINE)
    assert len(commands) >= 2
    for command in commands:
        request = parse_request(command.split())
        scenario = request.scenario
        assert scenario.name == WORLDS[page]
        assert str(request.out).startswith("results/")
    for changed in dict.fromkeys(claim.changed for claim in claims_of(page)):
        scenario = parse_request([f"scenario={WORLDS[page]}", *changed]).scenario
        assert scenario.digest == sim.load(WORLDS[page], changed).digest


@pytest.mark.usefixtures("unchecked")
def test_a_measure_is_told_by_a_sweep_of_two_points(armsflow: Armsflow) -> None:
    page = (PAGES / "README.md").read_text(encoding="utf-8")
    sweep, report = re.findall(r"^    armsflow (-m .*|report=.*)$", page, re.MULTILINE)
    small = ("runs=2", "weeks=2", "pages=false", "workers=1")
    assert armsflow(*sweep.split(), *small)[::2] == (0, "")
    code, out, err = armsflow(*report.split())
    assert (code, err) == (0, "")
    assert "militarised, mean week (pairs)" in out


@pytest.mark.slow
@pytest.mark.usefixtures("unchecked", "optimised")
@pytest.mark.parametrize(
    "claim",
    [
        pytest.param(claim, id=f"{claim.page}-{n}", marks=pytest.mark.xdist_group(claim.page))
        for n, claim in enumerate(CLAIMS)
    ],
)
def test_what_a_page_claims_is_what_runs_show(claim: Claim) -> None:
    before, after = (measured(claim, overrides) for overrides in (claim.against, claim.changed))
    difference = WAYS[claim.way] * (after - before)
    half = student(RUNS - 1, 0.99) * difference.std(ddof=1) / RUNS**0.5
    assert difference.mean() > half, (
        f"{claim.text} {claim.measure} {claim.way}: {before.mean():.4g} to {after.mean():.4g},"
        f" difference {WAYS[claim.way] * difference.mean():.3g} +- {half:.3g}"
    )
