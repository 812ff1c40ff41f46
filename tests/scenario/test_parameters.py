"""`parameters=`: posteriors as files, drawn row by row in the place of the priors."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unchecked import unchecked

import sim
from sim import noise
from sim.cli import main as armsflow
from sim.engines import compiled, reference
from sim.scenario import ScenarioError, load
from sim.scenario.parameters import STREAM, Parameters, posterior_text

PATHS = ("states.PRK.desks.transfer.release", "states.RUS.stock.shell_152", "rules.fight.swing")
ROWS = 40


def content(**changed: Any) -> dict[str, Any]:
    """A posterior of three numbers of the default scenario, whose rows can be told apart."""
    priors = load().uncertain
    rows = [
        f"{0.01 + 1e-4 * row:.5g} {3e6 + 1e4 * row:.7g} {0.2 + 1e-3 * row:.5g}"
        for row in range(ROWS)
    ]
    whole = {
        "scenario": "northeast_asia_2023",
        "scenario_digest": "0",
        "data": {"claims": "1"},
        "first": "2023-05-01",
        "last": "2024-08-31",
        "seed": 0,
        "simulations": 1000,
        "versions": {"numpy": "2"},
        "method": "by hand",
        "priors": {path: list(priors[path][0].law) for path in PATHS},
        "rows": rows,
    }
    return whole | changed


@pytest.fixture
def posterior(tmp_path: Path) -> Path:
    path = tmp_path / "mine.json"
    path.write_text(posterior_text(content()), encoding="utf-8")
    return path


def drawn(scenario: sim.Scenario, runs: range) -> dict[str, np.ndarray]:
    return scenario.numbers(noise.run_keys(3, runs))[1]


def rows_of(values: dict[str, np.ndarray]) -> np.ndarray:
    return np.round((values[PATHS[0]] - 0.01) / 1e-4).astype(int)


def test_a_run_takes_all_its_numbers_from_one_row(posterior: Path) -> None:
    scenario = load("northeast_asia_2023", [f"parameters={posterior}"])
    values = drawn(scenario, range(500))
    row = rows_of(values)
    assert set(row) == set(range(ROWS))
    np.testing.assert_allclose(values[PATHS[1]], 3e6 + 1e4 * row)
    np.testing.assert_allclose(values[PATHS[2]], 0.2 + 1e-3 * row)


def test_what_the_posterior_lacks_is_drawn_from_its_prior_as_before(posterior: Path) -> None:
    plain, changed = load(), load("northeast_asia_2023", [f"parameters={posterior}"])
    before, after = drawn(plain, range(20)), drawn(changed, range(20))
    assert list(before) == list(after)
    for path in before:
        assert (before[path] == after[path]).all() == (path not in PATHS), path


def test_the_row_of_a_run_is_its_own(posterior: Path) -> None:
    scenario = load("northeast_asia_2023", [f"parameters={posterior}"])
    whole, some = rows_of(drawn(scenario, range(50))), rows_of(drawn(scenario, range(30, 37)))
    np.testing.assert_array_equal(whole[30:37], some)
    chance = noise.initial_uniforms(noise.run_keys(3, range(50)), [STREAM])[0]
    np.testing.assert_array_equal(whole, (chance * ROWS).astype(int))


def test_what_is_set_stays_set(posterior: Path) -> None:
    for order in ((0, 1), (1, 0)):
        overrides = [f"parameters={posterior}", f"{PATHS[0]}=0.5"]
        scenario = load("northeast_asia_2023", [overrides[place] for place in order])
        assert PATHS[0] not in drawn(scenario, range(4))
        assert scenario.spec.states["PRK"].desks["transfer"]["release"] == 0.5
        assert (drawn(scenario, range(4))[PATHS[1]] % 1e4 == 0.0).all()


def test_numbers_of_a_point_go_before(posterior: Path) -> None:
    scenario = load("northeast_asia_2023", [f"parameters={posterior}"])
    _, values = scenario.numbers(noise.run_keys(0, range(5)), {PATHS[0]: 0.02})
    assert (values[PATHS[0]] == 0.02).all()
    assert (values[PATHS[1]] % 1e4 == 0.0).all()


def test_a_changed_prior_is_drawn_and_named(posterior: Path) -> None:
    changed = f"priors.{PATHS[2]}={{uniform: [0.5, 0.6]}}"
    with pytest.warns(sim.ScenarioWarning, match=f"1 of 3 numbers have another prior.*{PATHS[2]}"):
        scenario = load("northeast_asia_2023", [f"parameters={posterior}", changed])
    assert (drawn(scenario, range(9))[PATHS[2]] >= 0.5).all()
    with pytest.warns(sim.ScenarioWarning, match="no number that the scenario leaves open"):
        load("northeast_asia_2023", [f"parameters={posterior}", "priors=none"])


def test_the_posterior_counts_in_the_digest_and_stands_in_the_mapping(posterior: Path) -> None:
    plain, scenario = load(), load("northeast_asia_2023", [f"parameters={posterior}"])
    assert scenario.digest != plain.digest
    assert plain.with_(f"parameters={posterior}").digest == scenario.digest
    assert scenario.with_("parameters=prior").digest == plain.digest
    posterior.unlink()
    again = sim.scenario.from_mapping(json.loads(json.dumps(scenario.mapping)))
    assert again.digest == scenario.digest
    other = content(rows=content()["rows"][::-1])
    posterior.write_text(posterior_text(other), encoding="utf-8")
    assert plain.with_(f"parameters={posterior}").digest != scenario.digest


def test_a_file_comes_back_as_it_went() -> None:
    text = posterior_text(content())
    read = Parameters.model_validate(json.loads(text))
    assert json.loads(text) == read.model_dump(mode="json")
    assert json.dumps(read.model_dump(mode="json"), indent=1) + "\n" == text


def test_a_changed_byte_is_refused(posterior: Path) -> None:
    raw = posterior.read_bytes()
    for old, new in (
        (b"0.0101 ", b"0.0102 "),
        (b'"seed": 0', b'"seed": 1'),
        (b"by hand", b"by Hand"),
    ):
        assert raw.count(old) == 1
        posterior.write_bytes(raw.replace(old, new))
        with pytest.raises(ScenarioError, match="its digest differs"):
            load("northeast_asia_2023", [f"parameters={posterior}"])


REFUSED = {
    "nowhere.json": "there is no file",
    "'s3://bucket/x'": "is an address",
    "5": "parameters",
    "{a: 1}": "parameters",
}


@pytest.mark.parametrize("value", sorted(REFUSED))
def test_refusals(value: str) -> None:
    with pytest.raises(ScenarioError, match=REFUSED[value]):
        load("northeast_asia_2023", [f"parameters={value}"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "does not hold JSON"),
        ("[" * 100_000, "does not hold JSON"),
        ("[]", "must be a mapping"),
        ("{}", "lacks format, digest"),
    ],
)
def test_files_that_are_no_posterior(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=message) as error:
        load("northeast_asia_2023", [f"parameters={path}"])
    assert len(error.value.problems) == 1


def test_rows_that_are_no_numbers_are_refused() -> None:
    for rows in ([], ["1 2"], ["1 2 x"], ["1 2 nan"], ["1 2 3 4"]):
        with pytest.raises(ScenarioError, match="must hold"):
            posterior_text(content(rows=rows))


def test_no_posterior_of_that_scenario() -> None:
    with pytest.raises(ScenarioError, match="no posterior of 'artillery_war' is shipped"):
        load("artillery_war", ["parameters=posterior"])


@pytest.mark.xdist_group("default")
@unchecked()
def test_the_engines_draw_alike(posterior: Path) -> None:
    pytest.importorskip("jax", reason="the compiled engine needs JAX")
    scenario = load("northeast_asia_2023", [f"parameters={posterior}", "weeks=3", "timetable=none"])
    one, other = (
        engine.simulate(scenario, 5, [2, 9], "summary") for engine in (compiled, reference)
    )
    for path in PATHS:
        np.testing.assert_array_equal(one.priors[path], other.priors[path])
    assert (
        rows_of({PATHS[0]: one.priors[PATHS[0]]})[0] != rows_of({PATHS[0]: one.priors[PATHS[0]]})[1]
    )


def test_the_command_line_draws_from_it(posterior: Path, tmp_path: Path, capsys: Any) -> None:
    common = ["weeks=2", "timetable=none", "pages=false", "engine=reference", "record=summary"]
    out = tmp_path / "out"
    for runs, workers, name in ((4, 1, "a"), (6, 2, "b")):
        arguments = [*common, f"runs={runs}", f"workers={workers}", f"out={out / name}"]
        assert armsflow([f"parameters={posterior}", *arguments]) == 0
    first, second = (sim.open_results(out / name) for name in "ab")
    paths = list(PATHS)
    assert first.runs[paths].equals(second.runs[paths].iloc[:4])
    assert (
        first.manifest["scenario"]["parameters"]["digest"]
        == json.loads(posterior.read_text())["digest"]
    )
    posterior.unlink()
    assert armsflow([f"resume={out / 'a'}", "pages=false"]) == 0
    capsys.readouterr()
    assert armsflow(["parameters=gone.json", *common, f"out={out / 'c'}"]) == 2
    assert "there is no file" in capsys.readouterr().err
    assert not (out / "c").exists()


def test_prior_and_posterior_can_be_swept(posterior: Path) -> None:
    scenario = load("northeast_asia_2023", ["weeks=2", "timetable=none"])
    table = {"parameters": ["prior", str(posterior)]}
    results = sim.sweep(scenario, table, runs=3, engine="reference", workers=1)
    runs = results.runs
    assert sorted(set(runs["parameters"])) == sorted(table["parameters"])
    prior, after = (runs[runs["parameters"] == value] for value in table["parameters"])
    assert not np.isin(after[PATHS[1]], prior[PATHS[1]]).any()
    assert (after[PATHS[1]] % 1e4 == 0.0).all()


def test_load_and_run_take_parameters(posterior: Path) -> None:
    overrides = ["weeks=1", "timetable=none"]
    scenario = load("northeast_asia_2023", overrides, parameters=posterior)
    assert (
        scenario.digest
        == load("northeast_asia_2023", [*overrides, f"parameters={posterior}"]).digest
    )
    plain = load("northeast_asia_2023", overrides)
    results = sim.run(plain, runs=2, engine="reference", workers=1, parameters=posterior)
    assert results.scenario.digest == scenario.digest
    assert (results.runs[PATHS[1]] % 1e4 == 0.0).all()


def test_a_recipe_names_the_shipped_posterior_and_no_other(posterior: Path) -> None:
    from sim.ensemble.recipe import differences

    shipped = load("northeast_asia_2023", ["weeks=60"], parameters="posterior")
    assert differences(shipped) == ("weeks=60", "parameters=posterior")
    assert differences(load("northeast_asia_2023", parameters=posterior)) is None
