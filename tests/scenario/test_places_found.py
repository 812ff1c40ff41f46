"""Where numbers stand is found once: a change of rules moves none; what is found again agrees."""

import pytest

from sim.scenario import load
from sim.scenario.build import build
from sim.scenario.priors import located

CHANGES = (
    ("rules.watch.detection=0.1",),
    ("weeks=12",),
    ("rules.move.interdiction=0.3", "weeks=9"),
    ("states.PRK.doctrine=restraint",),
    ("rules.watch.detection=0.1", "states.KOR.desks.crisis=hold"),
    ("states.PRK.stock.shell_152=1e6",),
)


@pytest.mark.parametrize("change", CHANGES, ids=" ".join)
def test_places_that_are_kept_are_those_that_would_be_found(change: tuple[str, ...]) -> None:
    scenario = load("northeast_asia_2023")
    scenario.bounds("rules.fight.exhaustion")
    changed = scenario.with_(*change)
    assert changed._found
    for path, cells in changed._found.items():
        found = located(changed.spec, path, lambda spec: build(spec, changed.rules))
        assert found is not None
        assert (found.low, found.high) == (cells.low, cells.high), path
        assert [a for a, _ in found.places] == [a for a, _ in cells.places], path
        assert str(found.places) == str(cells.places), path


def test_a_change_of_rules_looks_for_no_place_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load("northeast_asia_2023")

    def refuse(*_: object) -> None:
        raise AssertionError("a place was looked for")

    monkeypatch.setattr("sim.scenario.scenario.located", refuse)
    assert scenario.with_("rules.watch.fading=0.2").priors == scenario.priors
