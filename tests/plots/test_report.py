"""The page: it needs nothing beside it, says what the frames say, and cannot be broken into."""

import json
import re
import shlex
from base64 import b64decode
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import sim
from sim.ensemble.recipe import differences, recipe
from sim.plots import style
from sim.plots.draw import pages
from sim.plots.registry import figures_of
from sim.plots.report import page
from sim.plots.story import number, sentences
from sim.policy.state import State
from sim.results.intervals import wilson
from sim.results.results import Results
from sim.scenario import Scenario, from_mapping, load

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.xdist_group("report_page")]

TWO = {
    "title": "Two neighbours",
    "start": "2030-01-07",
    "weeks": 8,
    "munitions": {
        "shell": {
            **{"unit": "rounds", "value": 1e-3, "containers": 2e-3, "price": 1e-6},
            **{"lethality": 1e-6, "technology": "tubes"},
        }
    },
    "technologies": {"tubes": {"lesson_cost": 1.0}},
    "routes": [{"from": "AA", "to": "BB", "legs": [{"weeks": 1}]}],
    "states": {
        "AA": {
            **{"name": "Aland", "doctrine": "plain", "spending": 10.0, "force": 5.0},
            **{"baseline_fire": 0.01, "stock": {"shell": 1000}, "tech": {"tubes": 0.5}},
        },
        "BB": {
            **{"doctrine": "plain", "spending": 10.0, "force": 5.0},
            **{"baseline_fire": 0.01, "observer": True},
        },
    },
    "priors": {"states.AA.stock.shell": {"uniform": [1000, 3000]}},
    "doctrines": {
        "plain": {
            "desks": {
                **{"procurement": {"rule": "hold", "upkeep": 0.1}, "transfer": "none"},
                **{"technology": "steady", "training": "none", "crisis": "hold"},
                "diplomacy": "passive",
            }
        }
    },
}
HOSTILE = "</title><script>alert('$1')</script><img src=x onerror=\"alert(1)\"> & {0} %s"


@pytest.fixture(scope="module")
def northeast() -> Results:
    scenario = load("northeast_asia_2023", ["weeks=40", "timetable=none"])
    return sim.run(scenario, runs=5, seed=3, workers=1)


@pytest.fixture(scope="module")
def made_up() -> Results:
    return sim.run(load("synthetic", ["weeks=30"]), runs=4, seed=1, workers=1)


@pytest.fixture(scope="module")
def two() -> Results:
    return sim.run(from_mapping(TWO, "two"), runs=3, seed=0, workers=1)


@pytest.fixture(scope="module")
def folder(northeast: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages")
    pages(northeast, path)
    return path


def three(value: float) -> str:
    """A number to three figures, as a sentence tells it."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(value) >= 100.0 else f"{rounded:g}"


def ranged(values: pd.Series | np.ndarray, unit: str = "") -> str:
    low, middle, high = (three(x) for x in np.quantile(values, (0.05, 0.5, 0.95)))
    assert low != high, "this test wants a spread"
    return f"{middle}{unit} (in 90 % of runs between {low} and {high})"


def brief(values: pd.Series | np.ndarray, unit: str = "") -> str:
    low, middle, high = (three(x) for x in np.quantile(values, (0.05, 0.5, 0.95)))
    return f"{middle}{unit} ({'the same in 90 % of runs' if low == high else f'{low} to {high}'})"


def chance(times: int, runs: int) -> str:
    low, high = wilson(times, runs)
    return f"{times} of {runs} runs (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"


def at_end(frame: pd.DataFrame, **where: str) -> pd.DataFrame:
    """The rows of the last week that are of a state or a pair, a row a run."""
    rows = frame[frame["week"] == frame["week"].max()]
    for column, code in where.items():
        rows = rows[rows[column] == code]
    return rows.sort_values("run").reset_index()


def counted(results: Results, *kinds: str) -> pd.Series:
    """Events of some kinds, a value a run."""
    events = results.events
    some = events[events["kind"].isin(kinds)]
    return some.groupby("run")["value"].sum().reindex(results.runs["run"], fill_value=0.0)


def test_the_sentences_of_the_default_are_those_of_its_frames(northeast: Results) -> None:
    shipped, lost, learned, tense, paid, tried, said, fought, none = sentences(northeast)
    flow = at_end(northeast.routes, state="PRK", target="RUS")
    assert "from North Korea (PRK) to Russia (RUS)" in shipped
    assert f"{ranged(flow['containers'], ' containers')} left in 40 weeks" in shipped
    assert brief(flow["containers_delivered"], " containers") in shipped

    total = flow["paid_cash"] + flow["paid_goods"] + flow["paid_technology"]
    of = "For the munitions from PRK to RUS"
    assert f"{of} {ranged(total, ' billion US dollars')} were paid" in paid
    part = (100 * flow["paid_technology"] / total).dropna()  # of the runs in which any was paid
    assert f"{brief(part, ' %')} of that in technology" in paid
    stock = at_end(northeast.weeks, state="PRK")["stock_shell_152"]
    before = northeast.runs["states.PRK.stock.shell_152"]
    assert f"in North Korea (PRK) fell by {ranged(before - stock, ' rounds')}" in paid
    supply = at_end(northeast.weeks, state="RUS")["supply_shell_152"]
    assert f"Russia (RUS) was left with {brief(supply, ' weeks of supply')}" in paid

    level = at_end(northeast.weeks, state="PRK")["tech_missile"]
    assert f"North Korea (PRK), whose missile level rose by {ranged(level - 0.65)}" in learned
    mean = northeast.weeks.drop_duplicates(["run", "week"]).groupby("run")["tension_mean"].mean()
    assert tense == f"Tension mean, mean week: {ranged(mean, ' index')}."
    tests, bad = counted(northeast, "test"), counted(northeast, "test_failed")
    assert f"those of North Korea (PRK): {brief(tests, ' weapon tests')}" in tried
    assert f"of which {brief(bad)} failed and the others succeeded" in tried
    made = counted(northeast, "launch_succeeded", "launch_failed")
    lost_launches = counted(northeast, "launch_failed")
    assert f"{brief(made, ' satellite launches')}, of which {brief(lost_launches)} failed" in tried

    assert f"published {ranged(counted(northeast, 'disclosure'), ' times')}" in said
    assert f"denied {brief(counted(northeast, 'denial'), ' times')}" in said
    assert not counted(northeast, "vetoed").any()
    assert none == "There were no vetoes in the Council and no new wars in any of the 5 runs."

    russia = at_end(northeast.weeks, state="RUS")["losses"]
    ukraine = at_end(northeast.weeks, state="UKR")["losses"]
    assert "The war with which the scenario begins cost" in lost
    assert three(russia.median()) in lost
    assert three(ukraine.median()) in lost
    assert not northeast.runs["war_onsets_sum"].any()
    highest = northeast.weeks.groupby("run")["level_new"].max()
    assert f"display of force or worse in {chance(int((highest >= 3).sum()), 5)}" in fought


@pytest.mark.quick
def test_the_sentences_of_a_made_up_world_are_those_of_its_frames(made_up: Results) -> None:
    told = sentences(made_up)
    assert not any(code in " ".join(told) for code in ("PRK", "RUS", "Korea"))
    shipped, paid, learned, _, lost, _, closing = told
    flows = made_up.routes.groupby(["state", "target", "run"], observed=True)["containers"].max()
    middle = flows.groupby(["state", "target"], observed=True).median()
    source, target = middle.idxmax()
    flow = at_end(made_up.routes, state=source, target=target)
    assert f"from State {int(source[1:])} ({source}) to" in shipped
    assert f"{three(flow['containers'].median())} containers" in shipped
    total = flow["paid_cash"] + flow["paid_goods"] + flow["paid_technology"]
    of = f"For the munitions from {source} to {target}"
    assert f"{of} {three(total.median())} billion US dollars" in paid

    states = made_up.scenario.spec.states
    last = made_up.weeks[made_up.weeks["week"] == 29].set_index("state")
    gains = {
        (code, d): (last.loc[code, f"tech_{d}"] - states[code].tech.get(d, 0.0)).median()
        for code in states
        for d in made_up.scenario.technologies
    }
    code, domain = max(gains, key=lambda key: gains[key])
    assert f"({code}), whose {domain} level rose by {three(gains[code, domain])}" in learned
    assert "no published pieces of evidence" in closing
    assert "no vetoes in the Council" in closing
    losses = made_up.weeks.groupby(["state", "run"], observed=True)["losses"].max()
    first = losses.groupby("state", observed=True).median().idxmax()
    assert lost.startswith(f"War cost State {int(first[1:])} ({first}) ")


def test_the_sentences_of_two_idle_states_are_those_of_their_frames(two: Results) -> None:
    stocked, closing = sentences(two)
    left = at_end(two.weeks, state="AA")["stock_shell"]
    fell = two.runs["states.AA.stock.shell"] - left
    assert "Of all stocks one changed most in value: the stock of shell in Aland (AA)" in stocked
    way, change = ("fell", fell) if fell.median() > 0.0 else ("rose", -fell)
    assert f"{way} by {ranged(change, ' rounds')} to {brief(left)}." in stocked
    assert closing == (
        "There were no shipments of munitions, no differences of technology between runs, no weapon"
        " tests, no satellite launches, no published pieces of evidence, no vetoes in the Council,"
        " no casualties, no new disputes with a display of force or worse and no new wars in any of"
        " the 3 runs."
    )


def test_one_run_has_no_range(two: Results) -> None:
    told = " ".join(sentences(sim.run(two.scenario, runs=1, workers=1)))
    assert "90 %" not in told
    assert "no new wars in the only run." in told
    assert "(in the only run)" in told


@pytest.mark.parametrize(
    ("value", "told"),
    [(27578.7, "27,600"), (99.96, "100"), (0.0, "0"), (80.5, "80.5"), (-5534463.0, "-5,530,000")],
)
def test_numbers_have_three_figures(value: float, told: str) -> None:
    assert number(value) == told


class Page(HTMLParser):
    """The tags of a page, in order, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_needs_nothing_beside_it(folder: Path) -> None:
    text = (folder / "report.html").read_text(encoding="utf-8")
    read = Page(text)
    names = {tag for tag, _ in read.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "base", "form"}
    for _, attributes in read.tags:
        assert (attributes.get("src") or "data:").startswith("data:")
        assert (attributes.get("href") or "#").startswith("#")
        assert not any(name.startswith("on") for name in attributes)
    assert "http://" not in text
    assert "https://" not in text
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


def test_the_page_has_every_figure_that_was_drawn(folder: Path) -> None:
    read = Page((folder / "report.html").read_text(encoding="utf-8"))
    shown = [b64decode((a["src"] or "").split(",")[1]) for tag, a in read.tags if tag == "img"]
    files = [folder / "figures" / f"{found.name}.png" for found in figures_of("job")]
    vectors = [file.with_suffix(".svg") for file in files]
    best = [b if b.exists() else a for a, b in zip(files, vectors, strict=True)]
    assert shown == [file.read_bytes() for file in best]
    sharp = [file for file in vectors if file.exists()]
    assert sharp
    assert all(file.stat().st_size <= style.LARGEST_SVG for file in sharp)
    assert all(b"<text" not in file.read_bytes() for file in sharp)  # letters drawn: any machine
    links = {(a["href"] or "")[1:] for tag, a in read.tags if tag == "a"}
    assert links <= {a.get("id") for _, a in read.tags}


def test_the_page_tells_what_was_run(northeast: Results, folder: Path) -> None:
    text = Page((folder / "report.html").read_text(encoding="utf-8")).text
    for told in (
        "Munitions for technology in north-east Asia",
        "northeast_asia_2023",
        "40 weeks, 2023-05-01 to 2024-02-04",
        "5; each has its own noise, all of it from seed 3",
        "weeks=40, timetable=none",
        f"{len(northeast.scenario.priors)} uncertain numbers",
        "lognormal, median 330, sd of the log 0.2",
        "containers PRK to RUS, shipped",
        "This is no forecast.",
        recipe(northeast).command,
        *sentences(northeast),
    ):
        assert told in text, told


def test_the_same_results_give_the_same_bytes(northeast: Results, tmp_path: Path) -> None:
    pictures = {"war": tmp_path / "war.png"}
    pictures["war"].write_bytes(b"png")
    again = Results(northeast.path)
    assert page(northeast, pictures) == page(again, pictures)
    assert str(northeast.path) not in page(northeast, pictures)


def test_a_summary_has_a_page_without_figures(two: Results, tmp_path: Path) -> None:
    results = sim.run(two.scenario, runs=2, record="summary", workers=1)
    (path,) = pages(results, tmp_path)
    assert path == tmp_path / "report.html"
    assert Page(path.read_text(encoding="utf-8")).text.count("Figures") == 0


def hostile() -> dict:
    data = json.loads(json.dumps(TWO)) | {"title": HOSTILE, "weeks": 3}
    data["states"]["AA"]["name"] = HOSTILE
    data["munitions"]["shell"]["unit"] = HOSTILE
    return data


def test_no_text_of_a_scenario_becomes_markup(tmp_path: Path) -> None:
    results = sim.run(from_mapping(hostile(), "two"), runs=2, workers=1)
    pages(results, tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    read = Page(text)
    assert "<script" not in text
    assert not [a for tag, a in read.tags if tag == "img" and a["src"] == "x"]
    assert text.count("<title>") == text.count("</title>") == 1
    assert HOSTILE in unescape(text)
    assert f"in {HOSTILE} (AA)" in read.text


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("northeast_asia_2023", []),
        ("northeast_asia_2023", ["weeks=26", "states.PRK.doctrine=restraint", "timetable=none"]),
        ("northeast_asia_2023", ["priors=none", "title='a $HOME \"x\" and it\\'s'"]),
        ("northeast_asia_2023", ["~timetable", "routes.0.legs.0.weeks=2"]),
        ("northeast_asia_2023", ["priors.states.PRK.unusable_share={uniform: [0.1, 0.2]}"]),
        ("northeast_asia_2023", ["~priors.states.KOR.estimate_bias", "states.USA.name='true'"]),
        ("synthetic", ["generate.states=5", "states.S003.doctrine=restraint"]),
    ],
)
def test_the_command_gives_the_scenario_again(name: str, overrides: list[str]) -> None:
    scenario = load(name, overrides)
    told = differences(scenario)
    assert told is not None
    assert len(told) == len(overrides)
    assert load(name, told).digest == scenario.digest


def test_the_command_can_be_typed(northeast: Results) -> None:
    words = shlex.split(recipe(northeast).command)
    assert words == [
        *("armsflow", "scenario=northeast_asia_2023", "weeks=40", "timetable=none"),
        *("runs=5", "seed=3", "record=full", "engine=reference"),
    ]


class Idle(sim.Policy):
    """Lets the desks decide."""

    def decide(self, me: State) -> None:
        pass


def test_no_command_is_promised_where_a_policy_in_python_played(two: Results) -> None:
    results = sim.run(two.scenario.with_policy("AA", Idle), runs=1, workers=1)
    assert recipe(results).command is None
    told = Page(page(results, {})).text
    assert "Python code of the user's took part" in told
    assert "armsflow scenario" not in told


def test_a_scenario_of_ones_own_stands_in_the_page(tmp_path: Path) -> None:
    results = sim.run(from_mapping(hostile(), "two"), runs=1, workers=1)
    told = page(results, {})
    assert "scenario_file=scenario.yaml" in told
    (yaml_text,) = re.findall(
        r"<summary>scenario.yaml</summary><pre><code>(.*?)</code>", told, re.S
    )
    path = tmp_path / "scenario.yaml"
    path.write_text(unescape(yaml_text), encoding="utf-8")
    assert load(path).digest == results.scenario.digest
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["title"] == HOSTILE


def test_too_many_overrides_make_a_scenario_of_its_own() -> None:
    codes = load("northeast_asia_2023").states
    overrides = [f"states.{code}.{key}=0.3" for code in codes for key in ("readiness", "credit")]
    scenario: Scenario = load("northeast_asia_2023", [*overrides, *_prices()])
    assert differences(scenario) is None


def _prices() -> list[str]:
    munitions = ("shell_152", "rocket_122", "shell_155", "missile_srbm")
    return [f"munitions.{k}.{key}=0.3" for k in munitions for key in ("price", "value")]
