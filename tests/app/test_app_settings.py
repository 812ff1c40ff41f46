"""What may be chosen on the pages, and how a choice is kept: link, YAML, command line."""

from urllib.parse import parse_qsl

import pytest

import sim
from sim.app.ensemble import _figure, ensemble, too_large
from sim.app.setting import (
    Setting,
    SettingError,
    doctrines,
    headline,
    levers,
    offered,
    one_sentence,
    setting_of,
    shipped_world,
)
from sim.app.world_file import LARGEST, world_in
from sim.plots.runs import Runs
from sim.results.record import summary_columns
from sim.scenario.files import names

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.xdist_group("app")]
CHOSEN = Setting(
    "arms_race_dyad",
    {"states.RED.doctrine": "restraint", "weeks": 60},
    {"rules.perceive.bias": 0.25},
    compared=True,
    runs=8,
    seed=3,
)


@pytest.mark.parametrize("name", offered())
def test_what_is_offered_is_there_and_within_bounds(name: str) -> None:
    scenario = shipped_world(name)
    assert set(headline(name)) <= set(summary_columns(scenario))
    found = levers(name)
    assert 12 <= len(found) <= 20
    for lever in found.values():
        assert lever.low <= lever.shipped <= lever.high, lever
        if lever.path == "weeks":
            assert (lever.shipped, lever.whole) == (scenario.weeks, True)
        elif not lever.path.startswith("doctrines."):
            low, high = scenario.bounds(lever.path)
            assert low <= lever.low < lever.high <= high, lever
    extremes = [f"{lever.path}={lever.high!r}" for lever in found.values() if lever.path != "weeks"]
    assert scenario.with_(*extremes)


def test_every_world_but_the_limits_is_offered() -> None:
    worlds = {name for name in names("scenario") if not name.startswith("limit_")}
    assert set(offered()) == worlds, "configs/explore/levers.yaml"


@pytest.mark.parametrize("name", offered())
def test_any_state_may_follow_any_doctrine_that_is_offered(name: str) -> None:
    state = shipped_world(name).states[0]
    assert set(doctrines("synthetic")) <= set(doctrines(name))
    for doctrine in doctrines(name):
        setting = Setting(name).with_value("a", f"states.{state}.doctrine", doctrine)
        assert setting_of(parse_qsl(setting.query())).world("a")


def test_a_link_holds_the_setting() -> None:
    assert setting_of(parse_qsl(CHOSEN.query())) == CHOSEN
    assert setting_of([]) == Setting()
    alone = Setting("arms_race_dyad", CHOSEN.a, CHOSEN.b, False, 8, 3)
    assert setting_of(parse_qsl(alone.query())).b == {}


def test_a_value_is_taken_back() -> None:
    assert CHOSEN.with_value("a", "weeks", None).a == {"states.RED.doctrine": "restraint"}
    assert CHOSEN.with_value("b", "weeks", 40).b == {"rules.perceive.bias": 0.25, "weeks": 40}


def test_yaml_is_the_world_again(tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(CHOSEN.yaml("a"), encoding="utf-8")
    again, world = sim.load(file), CHOSEN.world("a")
    assert again.digest == world.digest
    assert again.digest != shipped_world("arms_race_dyad").digest
    command = CHOSEN.command("a").split()
    assert command[:2] == ["armsflow", "scenario=arms_race_dyad"]
    assert sim.load("arms_race_dyad", command[2:-2]).digest == world.digest


@pytest.mark.parametrize("name", ["northeast_asia_2023", "synthetic", "artillery_war"])
def test_yaml_of_other_worlds_is_the_world_again(tmp_path, name: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(Setting(name).yaml("a"), encoding="utf-8")
    assert sim.load(file).digest == shipped_world(name).digest


OF_ASIA = {
    "states.PRK.doctrine": "restraint",
    "weeks": 60,
    "rules.watch.detection": 0.0015,  # the median of its prior: to choose it is to draw no more
    "states.RUS.desks.transfer.teach.satellite": 0.0,
}


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("arms_race_dyad", CHOSEN.a | {"doctrines.racer.desks.procurement.reaction": 1.5}),
        ("northeast_asia_2023", OF_ASIA),
        ("northeast_asia_2023", {}),
        ("alliance_chain", {"rules.escalate.settle": 0.25}),
    ],
)
def test_a_world_comes_back_from_its_file(name: str, chosen: dict) -> None:
    text = Setting(name, chosen).yaml("a")
    assert world_in(text) == (name, chosen)
    assert len(text) < 0.7 * LARGEST


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "must hold a mapping"),
        ("a: [", "did not find expected node content (line 2)"),
        ("name: evil", "no `name:` of a world that is offered"),
        ("name: [1]", "no `name:` of a world that is offered"),
        ("name: limit_richardson", "no `name:` of a world that is offered"),
        ("name: &x arms_race_dyad", "anchors and aliases are not read"),
        ("name: !!python/object:os.system arms_race_dyad", "tags are not read"),
        ("name: arms_race_dyad", "it changes what cannot be chosen here, title, headline, start"),
        ("\ud800", "is not UTF-8"),
        ("x" * (LARGEST + 1), "larger than 50 kB"),
    ],
)
def test_a_file_that_is_no_world_of_the_page_is_refused(text: str, problem: str) -> None:
    with pytest.raises(SettingError) as refused:
        world_in(text)
    assert problem in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("weeks: 260", "weeks: 9000", "weeks is not a number from 26 to 520"),
        ("weeks: 260", "weeks: true", "weeks is not a number from 26 to 520"),
        ("treasury: 1\n", "treasury: 2\n", "here, states.BLU.treasury, states.RED.treasury"),
        ("  RED:\n    doctrine: racer", "  RED:\n    doctrine: evil", "no doctrine 'evil'"),
        ("rules:", "policies: x\nrules:", "cannot be chosen here, policies"),
    ],
)
def test_a_file_that_was_changed_by_hand_keeps_to_what_may_be_chosen(
    old: str, new: str, problem: str
) -> None:
    text = Setting("arms_race_dyad").yaml("a")
    changed = text.replace(old, new)
    assert changed != text
    with pytest.raises(SettingError) as refused:
        world_in(changed)
    assert problem in str(refused.value)
    by_hand = text.replace("weeks: 260", "weeks: 100").replace("  bias: 1.0", "  bias: 0")
    assert world_in(by_hand) == ("arms_race_dyad", {"weeks": 100, "rules.perceive.bias": 0.0})


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("northeast_asia_2023", "The transfer network in week 29"),
        ("supplier_and_embargo", "The transfer network after 30 weeks"),
    ],
)
def test_the_network_stands_on_a_map_where_states_have_a_place(name: str, title: str) -> None:
    results = sim.run(sim.load(name, ["weeks=30"]), 2, 0, record="full", workers=1)
    figure = _figure("network", results, Runs(results))
    assert figure is not None
    assert figure.get_suptitle().startswith(title)


@pytest.mark.parametrize(
    ("pairs", "problems"),
    [
        ([("scenario", "<img src=x>")], ["there is no scenario '<img src=x>'"]),
        ([("scenario", "../../etc/passwd")], ["there is no scenario '../../etc/passwd'"]),
        ([("runs", "7"), ("seed", "-1")], ["runs is none of", "seed is not a whole number"]),
        ([("a.weeks", "1e400"), ("b.weeks", "nan")], ["weeks is not a number from"] * 2),
        ([("a.weeks", "60.5")], ["weeks is not a whole number"]),
        ([("a.rules.move.interdiction", "9" * 99)], ["is not a number from 0 to 0.5"]),
        ([("a.states.PRK.doctrine", "evil")], ["there is no doctrine 'evil'"]),
        ([("a.states.QQQ.doctrine", "restraint")], ["'states.QQQ.doctrine' cannot be chosen"]),
        ([("a.states.PRK.gdp", "1")], ["'states.PRK.gdp' cannot be chosen"]),
        ([("a.policies", "x"), ("evil", "1")], ["cannot be chosen", "there is no key 'evil'"]),
        ([("seed", "1"), ("seed", "2")], ["'seed' stands twice"]),
        ([("compare", "yes")], ["compare is neither 0 nor 1"]),
        ([(f"k{n}", "") for n in range(200)], ["it has more than 100 entries"]),
    ],
)
def test_a_broken_link_is_refused_in_one_sentence(
    pairs: list[tuple[str, str]], problems: list[str]
) -> None:
    with pytest.raises(SettingError) as refused:
        setting_of(pairs)
    lines = str(refused.value).splitlines()
    assert len(lines) == len(problems)
    assert all(some in line for some, line in zip(problems, lines, strict=True))
    assert len(one_sentence(refused.value)) < 300


def test_what_is_too_large_is_refused_before_it_is_simulated(tmp_path) -> None:
    largest = Setting("northeast_asia_2023", {"weeks": 520}, runs=256)
    messages = list(ensemble(largest, tmp_path, "reference"))
    assert [message["kind"] for message in messages] == ["error"]
    assert "choose fewer" in messages[0]["text"]
    assert not list(tmp_path.iterdir())
    for name in offered():
        assert not too_large(shipped_world(name), 64), name
