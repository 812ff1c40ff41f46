"""A policy goes wherever its scenario goes, and is part of what the scenario is."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from own_policies import Greedy, Hedger, Idle

import sim
from sim.policy.state import State
from sim.scenario import Scenario, load

pytestmark = pytest.mark.usefixtures("unchecked")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("northeast_asia_2023", ["weeks=8"])


def test_a_scenario_keeps_its_policies(scenario: Scenario) -> None:
    hedged = scenario.with_policy("PRK", Hedger)
    rules = {"crisis": ("hold", "tit_for_tat")}
    for kept in (
        hedged.with_("weeks=3"),
        hedged.holding(rules),
        pickle.loads(pickle.dumps(hedged)),
    ):
        assert dict(kept.policies) == {"PRK": Hedger}
    assert not scenario.policies


def test_the_digest_tells_policies_apart(scenario: Scenario) -> None:
    class Bolder(Hedger):
        threshold = 0.5

    def patient(weeks: int) -> type[sim.Policy]:
        class Patient(sim.Policy):
            def decide(self, me: State) -> None:
                if me.week < weeks:
                    me.offer("RUS", "shell_152", 0.0)

        return Patient

    digests = [
        s.digest
        for s in (
            scenario,
            scenario.with_policy("PRK", Hedger),
            scenario.with_policy("RUS", Hedger),
            scenario.with_policy("PRK", Idle),
            scenario.with_policy("PRK", Bolder),
            scenario.with_policy("PRK", patient(3)),
            scenario.with_policy("PRK", patient(4)),
        )
    ]
    assert len(set(digests)) == len(digests)
    assert digests[1] == scenario.with_policy("PRK", Hedger).digest


@pytest.mark.slow
def test_processes_do_not_matter(scenario: Scenario, tmp_path: Path) -> None:
    class Local(Greedy):
        """A class that no other process can import."""

    policies = scenario.with_policy("PRK", Hedger).with_policy("KOR", Local)
    for workers in (1, 2):
        sim.run(policies, runs=17, record="weekly", out=tmp_path / str(workers), workers=workers)
    one, two = (
        {p.relative_to(tmp_path / w): p.read_bytes() for p in (tmp_path / w).rglob("part-*")}
        for w in ("1", "2")
    )
    assert one == two
    assert len(one) == 2 * 3


@pytest.mark.slow
def test_a_policy_of_a_script_goes_to_the_workers(tmp_path: Path) -> None:
    script = tmp_path / "study.py"
    script.write_text(
        "import sim\n"
        "AMOUNT = 77.0\n"
        "class Hoarder(sim.Policy):\n"
        "    def decide(self, me):\n"
        "        me.want('shell_155', AMOUNT)\n"
        "scenario = sim.load('northeast_asia_2023', ['weeks=3', 'timetable=none'])\n"
        "scenario = scenario.with_policy('KOR', Hoarder)\n"
        "weeks = sim.run(scenario, runs=17, workers=2, record='weekly').weeks\n"
        "print(set(weeks.loc[weeks['state'] == 'KOR', 'want_shell_155']))\n"
    )
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("{77.0}\n", "")
