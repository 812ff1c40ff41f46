"""Where numbers stand is found for all priors by one build, as if each were looked for alone."""

from collections.abc import Callable

import pytest

from sim.scenario import Scenario, load
from sim.scenario.build import Built, build
from sim.scenario.compose import names
from sim.scenario.priors import located
from sim.scenario.schema import Spec

pytestmark = pytest.mark.usefixtures("unchecked")


def building(scenario: Scenario) -> Callable[[Spec], Built]:
    return lambda spec: build(spec, scenario.rules)


@pytest.mark.parametrize("name", names("scenario"))
def test_together_is_as_alone(name: str) -> None:
    scenario = load(name)
    paths = [*scenario.priors, "weeks", "states.none.force", "name", "rules.fight.exhaustion"]
    together = located(scenario.spec, paths, building(scenario))
    assert list(together) == paths
    for path in paths:
        alone = located(scenario.spec, [path], building(scenario))
        assert str(alone[path]) == str(together[path]), path
        assert (together[path] is None) == (path in ("weeks", "states.none.force", "name"))


def test_what_two_states_share_stands_twice() -> None:
    scenario = load("northeast_asia_2023")
    paths = [f"relations.tension.{number}.2" for number in range(3)]
    found = located(scenario.spec, paths, building(scenario))
    for path, (one, other, _) in zip(paths, scenario.spec.relations.tension, strict=False):
        i, j = scenario.states.index(one), scenario.states.index(other)
        cells = found[path]
        assert cells is not None
        ((address, (actors, targets)),) = cells.places
        assert address == ("start", "tension")
        assert {*zip(actors.tolist(), targets.tolist(), strict=True)} == {(i, j), (j, i)}


def test_no_more_builds_for_more_priors() -> None:
    scenario, builds = load("northeast_asia_2023"), []

    def counted(spec: Spec) -> Built:
        builds.append(spec)
        return build(spec, scenario.rules)

    assert len(scenario.priors) > 90
    assert None not in located(scenario.spec, scenario.priors, counted).values()
    assert len(builds) == 1
    assert located(scenario.spec, [], counted) == {}
