"""Mutants: what is changed, that nothing else is, and that the tests of rules notice."""

import ast
import re
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.mutants import _in_fork, main
from experiments.mutations import (
    ALL,
    FILES,
    ROOT,
    Mutant,
    alternatives,
    code_of,
    drawn,
    mutants_of,
)

EVERY = 10**9
SOME = sorted(FILES)[::9]
"""Files enough: each is parsed anew."""


def changed(text: str) -> list[str]:
    """Return what may stand for an expression."""
    node = ast.parse(text, mode="eval").body
    return [ast.unparse(other) for other in alternatives(node)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b", ["a - b"]),
        ("a < b", ["a <= b", "a >= b"]),
        ("noise['level'] < b", ["noise['level'] >= b"]),
        ("~a", ["a"]),
        ("1.5", ["2.5"]),
        ("True", ["False"]),
        ("pair.of(x)", ["pair.toward(x)"]),
        ("pair.back(x)", ["x"]),
        ("xp.where(a, b, c)", ["xp.where(a, c, b)"]),
        ("after(world, force=a, stock=b)", ["after(world, stock=b)", "after(world, force=a)"]),
        ("seats + 0.0 * lean", []),
        ("0.0 * lean", []),
        ("'text'", []),
        ("-1", []),
    ],
)
def test_what_may_stand_for_an_expression(text: str, expected: list[str]) -> None:
    assert changed(text) == expected


def test_each_mutant_is_another_code_and_the_tree_is_left_as_it_was() -> None:
    mutants = mutants_of(ROOT / "sim/rules/escalate.py")
    before = ast.unparse(mutants[0].tree)
    whole = compile(mutants[0].tree, "sim.rules.escalate", "exec", dont_inherit=True)
    for mutant in mutants[::5]:
        old, new = code_of(whole, mutant.function), mutant.code()
        assert (old.co_code, old.co_consts, old.co_names) != (
            new.co_code,
            new.co_consts,
            new.co_names,
        ), mutant
    assert ast.unparse(mutants[0].tree) == before


def told(mutants: list[Mutant]) -> list[tuple[str, int, str]]:
    """Return what tells mutants apart."""
    return [(each.module, each.line, each.text) for each in mutants]


def test_what_is_drawn_hangs_on_the_seed_alone() -> None:
    assert told(drawn(20, 3)) == told(drawn(20, 3)) != told(drawn(20, 4))
    every = told(drawn(EVERY, 0))
    assert {module for module, _, _ in every} > {"sim.rules.fight", "sim.desks.crisis"}
    assert len(every) > 1500


@settings(max_examples=20)
@given(
    names=st.lists(st.sampled_from(SOME), min_size=1, unique=True),
    number=st.integers(1, 40),
    seed=st.integers(0, 9),
)
def test_only_files_that_are_named_are_drawn_from(names: list[str], number: int, seed: int) -> None:
    every = [change for name in FILES if name in names for change in told(mutants_of(FILES[name]))]
    found = told(drawn(number, seed, ",".join(names)))
    assert found == told(drawn(number, seed, ",".join(reversed(names))))
    assert len(found) == min(number, len(every))
    places = [every.index(change) for change in found]
    assert places == sorted(places)
    assert told(drawn(EVERY, seed, ",".join(names))) == every


def test_all_files_are_meant_where_none_is_named() -> None:
    assert told(drawn(9, 2)) == told(drawn(9, 2, ALL)) == told(drawn(9, 2, ",".join(FILES)))


@pytest.mark.filterwarnings(r"ignore:.*fork\(\)")
def test_who_waits_for_a_processor_is_not_late() -> None:
    assert _in_fork(lambda: time.sleep(1.5) or "done", 1, late="late") == "done"


@pytest.mark.filterwarnings(r"ignore:.*fork\(\)")
def test_who_comes_to_no_end_is_late() -> None:
    def work() -> None:
        while True:
            pass

    assert _in_fork(work, 1, late="late") == "late"


def test_a_file_that_holds_no_rule_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["files=fight,pillage"]) == 2
    assert "files=fight,pillage: takes" in capsys.readouterr().err


def test_what_is_no_number_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutants=0", "least=much", "other=1"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3


@pytest.mark.slow
def test_most_of_a_sample_are_noticed() -> None:
    """Eight, since the tests without a mutant take half a minute: `make mutants` takes 300."""
    words = [sys.executable, "-m", "experiments.mutants", "mutants=8", "least=60"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d+ of 8 mutants killed", done.stdout)
