"""`python -m experiments.fuzz [inputs=100000] [seed=0] [of=files,lines]`: spoils what comes in.

Is bad input always answered? Scenario files, override lines, files of experiments, frames of points
and folders of results are drawn by Hypothesis from good ones in which something was replaced, taken
out, renamed or cut. Each goes through its door, and some of what is accepted is simulated for a
week. An input fails if it ends in anything but a result or a sentence: a traceback, a fault of the
program, an exit code but 0, 1, 2, 130 and 143, a file that is written though the input is refused,
or memory beyond `MOST_MEMORY` more than before.

Prints how many inputs of each kind were refused and accepted; what fails is printed with its input.
Exit code 1 if one fails, 2 for a key or a value that does not fit.
"""

import io
import os
import resource
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pandas as pd
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

import sim
from experiments.keys import exit_code
from experiments.spoiling import ANY, places, spoiled
from sim.cli import main
from sim.ensemble.errors import RunError
from sim.results.store import OutputError
from sim.scenario import ScenarioError, loaded

CODES = {0, 1, 2, 130, 143}
MOST_MEMORY = 3_000_000
"""Kilobytes by which the height of the memory of the process may grow."""
BATCH = 500
"""Inputs of one kind that Hypothesis draws at a time."""
PLAYED = 20
"""One in so many scenarios that are accepted is simulated for a week."""
BASES = ("arms_race_dyad", "supplier_and_embargo", "alliance_chain", "learning_to_launch")
SHARES = {"files": 10, "lines": 10, "experiments": 1, "frames": 3, "folders": 4}
"""By kind, how many of each 28 inputs."""
DEFAULTS = {"inputs": 100_000, "seed": 0, "of": ",".join(SHARES)}
RANDOM = st.randoms(use_true_random=False)


class FailedError(AssertionError):
    """An input did not end in a result or a sentence."""


@contextmanager
def nothing_written() -> Any:
    """Give a function that fails if a file came into the current folder inside the block."""
    before = _listed()

    def check() -> None:
        if _listed() != before:
            raise FailedError(f"written: {sorted(_listed() - before)}")

    yield check


def _listed() -> set[str]:
    return {str(Path(top, name)) for top, _, names in os.walk(".") for name in names}


def command(*arguments: str) -> str:
    """Run the command in this process; return `refused` or `accepted`.

    Args:
        arguments: Of the command line.

    Raises:
        FailedError: It ends in anything but a result or a sentence.
    """
    out, err = io.StringIO(), io.StringIO()
    with nothing_written() as check, redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
        if code == 2:
            check()
    said = err.getvalue()
    if code not in CODES or "Traceback" in said or "a fault of armsflow" in said:
        raise FailedError(f"{code}: {said[-2000:]}")
    if code == 2 and not said.strip():
        raise FailedError("refused without a word")
    return "refused" if code == 2 else "accepted"


def door(call: Callable[[], Any]) -> str:
    """Call a door of Python's; return `refused` or `accepted`.

    Args:
        call: Calls it.

    Raises:
        FailedError: It raises what is no sentence.
    """
    with nothing_written() as check, warnings.catch_warnings():
        warnings.simplefilter("ignore", sim.ScenarioWarning)
        try:
            call()
        except (ScenarioError, OutputError, RunError, LookupError) as error:
            if type(error) in (KeyError, IndexError):
                raise FailedError(repr(error)) from error
            said = str(error)
        except ValueError as error:  # a sentence of ours, or of a library?
            said = str(error)
            if type(error) is not ValueError or ": " not in said:
                raise FailedError(repr(error)) from error
        else:
            return "accepted"
        check()
        if not said.strip() or len(said) > 100_000:
            raise FailedError(f"no sentence: {said[:100]!r}")
    return "refused"


def played(scenario: sim.Scenario) -> None:
    """Simulate a week of a scenario that was accepted, unless it is large."""
    if len(scenario.states) <= 8:
        short = scenario.with_("weeks=1")
        sim.run(short, 1, record="summary", engine="reference", workers=1, progress=False)


MAPPINGS = {name: loaded(name).mapping for name in BASES}


def _file(data: st.DataObject) -> str:
    """A file of a scenario: spoiled as data, and now and then as text."""
    random = data.draw(RANDOM)
    odd = data.draw(st.lists(ANY, max_size=3))
    mapping = spoiled(MAPPINGS[random.choice(BASES)], random, odd)
    text = yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False).encode()
    if random.randrange(4) == 0:
        at = random.randrange(len(text))
        junk = data.draw(st.binary(max_size=4) | st.sampled_from([b"&a ", b"!!x ", b"{", b"\t"]))
        text = text[:at] + junk + text[at + random.choice((0, 1, len(text))) :]
    Path("mine.yaml").write_bytes(text)
    if random.randrange(80) == 0:
        return command("scenario_file=mine.yaml", "--cfg", "job")
    found: list[sim.Scenario] = []
    said = door(lambda: found.append(loaded(Path("mine.yaml"))))
    if found and random.randrange(PLAYED) == 0:
        door(lambda: played(found[0]))
    return said


def _line(data: st.DataObject) -> str:
    """Overrides of a scenario, of a job or of nothing."""
    random = data.draw(RANDOM)
    name = random.choice(BASES)
    where = places(MAPPINGS[name])
    job = ("runs", "seed", "first", "engine", "record", "workers", "pages", "out", "cluster.x")
    overrides = []
    for value in data.draw(st.lists(ANY | st.floats(0, 1), min_size=1, max_size=2)):
        key = ".".join(map(str, random.choice(where)))
        if random.randrange(6) == 0:
            key = random.choice((*job, key + "x", key + ".0", "x", "priors." + key, key.lower()))
        form = random.choice(
            ("{}={}", "{}={}", "{}={}", "+{}={}", "++{}={}", "~{}", "{}", "~{}={}")
        )
        text = value if isinstance(value, str) else yaml.safe_dump(value, default_flow_style=True)
        overrides.append(form.format(key, text.removesuffix("\n...\n").strip("\n")))
    if random.randrange(80) == 0:
        return command(f"scenario={name}", *overrides, "--cfg", "job")
    base = from_base(name)
    found: list[sim.Scenario] = []
    said = door(lambda: found.append(base.with_(*overrides)))
    if found and random.randrange(PLAYED) == 0:
        door(lambda: played(found[0]))
    return said


_BASE: dict[str, sim.Scenario] = {}


def from_base(name: str) -> sim.Scenario:
    """Return a shipped scenario, read once."""
    return _BASE.setdefault(name, loaded(name))


def _experiment(data: st.DataObject) -> str:
    """A file of an experiment, in a folder of the user's."""
    random = data.draw(RANDOM)
    good = {
        "defaults": [{"override /scenario": "arms_race_dyad"}],
        "hydra": {"sweeper": {"params": {"rules.watch.fading": "0,1", "weeks": "1,2"}}},
        "runs": 1,
        "engine": "reference",
        "states": {"RED": {"force": 10}},
    }
    mapping = spoiled(good, random, data.draw(st.lists(ANY, max_size=2)))
    file = Path("own", "experiment", "mine.yaml")
    file.parent.mkdir(parents=True, exist_ok=True)
    head = "# @package _global_\n" if random.randrange(8) else ""
    file.write_text(head + yaml.safe_dump(mapping, sort_keys=False), encoding="utf-8")
    words = ("-m", "+experiment=mine", "hydra.searchpath=[file://own]")
    return command(*words, "pages=false", "out=swept", "workers=1", "progress=false")


def _frame(data: st.DataObject) -> str:
    """A table of points: a mapping of columns, or a frame of pandas."""
    random = data.draw(RANDOM)
    name = random.choice(BASES)
    where = [".".join(map(str, path)) for path in places(MAPPINGS[name])]
    rows = data.draw(st.integers(0, 2))
    columns = {
        random.choice((*where, "weeks", "scenario", "x")): data.draw(
            st.lists(ANY, min_size=rows, max_size=rows)
        )
        for _ in range(random.randrange(3))
    }
    over: Any = pd.DataFrame(columns, dtype=object) if random.randrange(2) else columns
    base = from_base(name).with_("weeks=1")
    return door(
        lambda: (
            sim.sweep(base, over, 1, engine="reference", workers=1, progress=False)
            if "weeks" not in columns
            else sim.ensemble.plan.table_plan(base, sim.ensemble.columns.plain_columns(over))
        )
    )


def _folder(data: st.DataObject) -> str:
    """A folder of results in which a file was cut, changed, renamed or taken out."""
    random = data.draw(RANDOM)
    if not Path("sound").exists():
        small = from_base("arms_race_dyad").with_("weeks=2")
        sim.run(small, 2, engine="reference", workers=1, progress=False, out="sound")
    rmtree("results", ignore_errors=True)
    copytree("sound", "results")
    files = sorted(file for file in Path("results").rglob("*") if file.is_file())
    file = random.choice(files)
    content = file.read_bytes()
    at, junk = random.randrange(len(content)), data.draw(st.binary(max_size=3))
    how = random.randrange(5)
    if how == 0:
        file.unlink()
    elif how == 1:
        file.write_bytes(content[:at])
    elif how == 2:
        file.write_bytes(content[:at] + junk + content[at + len(junk) :])
    elif how == 3:
        file.rename(file.with_name(random.choice(files).name + "x"))
    else:
        file.write_bytes(random.choice(files).read_bytes())
    if random.randrange(20) == 0:
        return command("explain=RED", "week=1", "scenario_file=results")
    return door(_read)


def _read() -> None:
    results = sim.open_results("results")
    results.check()
    for table in ("runs", "weeks", "events"):
        getattr(results, table)


KINDS = {
    "files": _file,
    "lines": _line,
    "experiments": _experiment,
    "frames": _frame,
    "folders": _folder,
}


def fuzzed(kind: str, inputs: int, seed: int) -> Counter[str]:
    """Draw inputs of a kind and return how many were refused and accepted.

    Args:
        kind: One of KINDS.
        inputs: How many.
        seed: Of what is drawn.

    Raises:
        FailedError: One is not answered as it should be.
    """
    found: Counter[str] = Counter()

    @seeded(seed)
    @settings(
        max_examples=inputs,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def one(data: st.DataObject) -> None:
        found[KINDS[kind](data)] += 1

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # of what ran in the process before
    with tempfile.TemporaryDirectory() as folder:
        here = Path.cwd()
        os.chdir(folder)
        try:
            one()
        finally:
            os.chdir(here)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if memory > MOST_MEMORY:
        raise FailedError(f"memory: {memory:,} kB")
    return found


def print_fuzz(inputs: int, seed: int, of: str) -> int:
    """Draw inputs of some kinds and print how they were answered; return the exit code.

    Args:
        inputs: How many, of all kinds.
        seed: Of what is drawn.
        of: The kinds, with commas.
    """
    kinds, code = of.split(","), 0
    whole = sum(SHARES[kind] for kind in kinds)
    for kind in kinds:
        wanted, found = inputs * SHARES[kind] // whole, Counter[str]()
        for batch, at in enumerate(range(0, wanted, BATCH)):
            try:
                found += fuzzed(kind, min(BATCH, wanted - at), seed + batch)
            except Exception as error:
                print(f"{kind}, seed={seed + batch}: {error!r}")
                for note in getattr(error, "__notes__", ()):
                    print(note)
                code, found["failed"] = 1, found["failed"] + 1
        print(f"{kind}: {dict(found)}", flush=True)
    return code


if __name__ == "__main__":
    raise SystemExit(
        exit_code(
            sys.argv[1:], __doc__, print_fuzz, DEFAULTS, needs="hypothesis", lists={"of": SHARES}
        )
    )
