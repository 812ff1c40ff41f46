"""The command line that experiments share: what it refuses, and what their help says of it."""

from importlib import import_module

import pytest

from experiments.keys import exit_code

PROGRAMS = ("deterrence", "dispatch", "efficiency", "kill", "optimise", "plausibility")


def played(**chosen: int | str) -> int:
    """What a command would do."""
    print(sorted(chosen.items()))
    return 7


def test_keys_that_are_given_replace_the_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    defaults = {"runs": 5, "seed": 1, "engine": "auto"}
    assert exit_code(["seed=0", "engine=reference"], "", played, defaults) == 7
    assert capsys.readouterr().out == f"{[('engine', 'reference'), ('runs', 5), ('seed', 0)]}\n"


@pytest.mark.parametrize("program", PROGRAMS)
def test_all_that_does_not_fit_is_told_at_once(
    program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = import_module(f"experiments.{program}")
    number = next(iter(command.DEFAULTS))
    wrong = ["runz=3", f"{number}=0", f"{number}=many", f"{number}={'9' * 5000}", "engine=cobol"]
    assert command.main(wrong) == 2
    out, err = capsys.readouterr()
    assert out == ""
    keys = [line.partition("=")[0].partition(":")[0] for line in err.splitlines()]
    assert keys == [word.partition("=")[0] for word in wrong]


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_help_tells_every_key_with_its_default(
    program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = import_module(f"experiments.{program}")
    assert command.main(["--help"]) == 0
    told = capsys.readouterr().out
    for key, value in command.DEFAULTS.items():
        assert f"[{key}={value}]" in told


@pytest.mark.parametrize("program", ["efficiency", "optimise"])
def test_a_package_that_is_missing_is_named(
    program: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.keys.find_spec", lambda name: None)
    assert import_module(f"experiments.{program}").main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("needs ")
    assert ": pip install " in err
