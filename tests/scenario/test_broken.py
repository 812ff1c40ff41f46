"""Broken input: told in full, at once, and nothing is written.

`broken/*.yaml` are scenario files, each with what is said about it on its first lines;
`broken/overrides.yaml` holds command lines. What is too large, or no text, is made here.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from sim import ensemble
from sim.cli import main
from sim.scenario import ScenarioError, load, read_yaml
from sim.scenario.compose import LONGEST_OVERRIDE

pytestmark = pytest.mark.usefixtures("unchecked")

HERE = Path(__file__).parent.parent / "broken"
FILES = sorted(path for path in HERE.glob("*.yaml") if path.stem != "overrides")
OVERRIDES = yaml.safe_load((HERE / "overrides.yaml").read_text(encoding="utf-8"))
SECONDS, MEGABYTES = 5.0, 500.0
# A shell that starts the tests in the background lets its children ignore interrupts.
HEARS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
MAIN = "from sim.cli import main; raise SystemExit(main())"

Refused = Callable[..., list[str]]


@pytest.fixture
def refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Refused:
    """What the command says to its words, in a folder of its own that stays as it was."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> list[str]:
        before = sorted(tmp_path.rglob("*"))
        start = time.process_time()
        code = main(words)
        took = time.process_time() - start
        told = capsys.readouterr()
        assert (code, told.out) == (2, "")
        assert sorted(tmp_path.rglob("*")) == before
        assert took < SECONDS
        assert told.err.endswith("\n")
        return told.err.splitlines()

    return run


def says(path: Path) -> list[str]:
    """What a broken file says that is said about it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# says: ") for line in lines if line.startswith("# says: ")]


def test_there_are_enough() -> None:
    assert len(FILES) >= 40
    assert len(OVERRIDES) >= 40
    assert all(map(says, FILES))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_broken_files(refused: Refused, path: Path) -> None:
    told = refused(f"scenario_file={path}")
    assert [line.replace(str(path), "FILE") for line in told] == says(path)


@pytest.mark.parametrize("case", OVERRIDES, ids=lambda case: " ".join(case["words"]))
def test_broken_command_lines(refused: Refused, case: dict[str, list[str]]) -> None:
    assert refused(*case["words"]) == case["says"]


@pytest.mark.quick
def test_files_and_command_lines_are_told_together(refused: Refused) -> None:
    path = HERE / "unknown_trait.yaml"
    told = refused(f"scenario_file={path}", "runs=0", "states.S002.readiness=2", "nonsense=1")
    assert [line.split(":")[0] for line in told] == [
        "nonsense",
        "runs",
        "states.S001.tresury",
        "states.S002.readiness",
    ]


# What no broken file can be

NINE = "generate: {states: 9, seed: 0}\n"
LARGE = {
    "binary": (bytes(range(256)) * 64, "not UTF-8 text"),
    "utf_16": ("weeks: 3".encode("utf-16"), "not UTF-8 text"),
    "zero_byte": (b"weeks: 3\x00", "control characters are not allowed"),
    "larger_than_is_read": (b"x: '" + b"y" * 2_000_000 + b"'", "larger than 2 MB"),
    "all_nesting": (b"x: " + b"[" * 1_000_000, "nested deeper than 32"),
    "many_entries": (b"x:\n" + b"- y\n" * 400_000, "more than 120,000 entries"),
    "many_keys": (
        NINE.encode() + b"".join(b"k%d: 1\n" % i for i in range(50_000)),
        "k0: no such key",
    ),
    "many_states": (
        b"states:\n" + b"".join(b"  S%d: {}\n" % i for i in range(30_000)),
        "states: 30000, where 512 are the most",
    ),
    "many_priors": (
        NINE.encode()
        + b"priors:\n"
        + b"".join(b"  states.S001.x%d: {uniform: [0, 1]}\n" % i for i in range(5_000)),
        "priors: 5000, where 200 are the most",
    ),
    "many_unknown": (
        b"generate: {states: 512, seed: 0}\nrelations: {affinity: ["
        + b"[S9991, S9992, 1], " * 20_000
        + b"]}\n",
        "relations.affinity.0.0: there is no state 'S9991'",
    ),
    "many_twice": (
        NINE.encode() + b"relations: {affinity: [" + b"[S001, S002, 1], " * 20_000 + b"]}\n",
        "relations.affinity.1: S001 and S002 stand twice",
    ),
    "long_title": (NINE.encode() + b"title: " + b"x" * 1_500_000, "title: 'xxx"),
    "long_key": (NINE.encode() + b"? " + b"x" * 1_500_000 + b"\n: 1\n", "xxx"),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_and_odd_files(refused: Refused, tmp_path: Path, name: str) -> None:
    content, expected = LARGE[name]
    (tmp_path / "mine.yaml").write_bytes(content)
    told = refused("scenario_file=mine.yaml")
    assert expected in told[0]
    assert len(told) <= 250
    assert all(len(line) <= 300 for line in told)


def test_what_is_no_file(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "round.yaml").symlink_to("round.yaml")
    assert refused("scenario_file=folder.yaml") == ["folder.yaml: is not a file"]
    assert refused("scenario_file=pipe.yaml") == ["pipe.yaml: is not a file"]
    assert refused("scenario_file=/dev/zero") == ["/dev/zero: is not a file"]
    assert refused("scenario_file=round.yaml")[0].startswith("round.yaml: ")
    assert refused(f"scenario_file={'x' * 256}.yaml")[0].endswith(": File name too long")


@pytest.mark.parametrize(
    "word",
    [
        "states=" + "[" * 3_000,
        "states=" + "{a: " * 500 + "1" + "}" * 500,
        "states=" + "[" * 100 + "]" * 100,
        "states." + "a." * 1_500 + "b=1",
        "relations.embargoes=[" + "PRK," * 900 + "PRK]",
        "title=" + "x" * 100_000,
        "title='" + "x" * (LONGEST_OVERRIDE - 10) + "'",
        "scenario_file=\0",
    ],
    ids=range(8),
)
def test_long_and_odd_words(refused: Refused, word: str) -> None:
    told = refused(word)
    assert 1 <= len(told) <= 250
    assert all(len(line) <= 300 for line in told)


def test_many_words(refused: Refused) -> None:
    told = refused(*(f"titel{i}=1" for i in range(500)), *["weks=1"] * 2_000)
    assert len(told) == 501


# In a process of its own: time, memory, and what is left behind


# A process begins with the peak of the one that starts it: a small one starts the command.
MEASURED = """
import json, os, subprocess, sys
process = subprocess.Popen([sys.executable, "-c", *sys.argv[1:]])
_, status, used = os.wait4(process.pid, 0)
code = os.waitstatus_to_exitcode(status)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


def alone(folder: Path, *words: str) -> tuple[int, str, float, float]:
    """The command: exit code, what it says, seconds of processor and megabytes that it took."""
    command = [sys.executable, "-c", MEASURED, MAIN, *words]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    code, seconds, peak = json.loads(ran.stdout.splitlines()[-1])
    return code, ran.stderr, seconds, peak / (2**20 if sys.platform == "darwin" else 2**10)


@pytest.mark.parametrize("name", ["fifty_megabytes", "anchors", "many_unknown", "many_keys"])
def test_time_and_memory(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    path = folder / "mine.yaml"
    if name == "fifty_megabytes":
        path.write_bytes(b"states:\n" + b"  S1: {treasury: 1.0, name: abcdefghij}\n" * 1_300_000)
        assert path.stat().st_size > 50_000_000
    elif name == "anchors":
        path.write_bytes((HERE / "anchors_that_explode.yaml").read_bytes())
    else:
        path.write_bytes(LARGE[name][0])
    code, told, seconds, megabytes = alone(folder, "scenario_file=mine.yaml")
    assert code == 2
    assert "Traceback" not in told
    assert seconds < SECONDS
    assert megabytes < MEGABYTES
    assert [found.name for found in folder.iterdir()] == ["mine.yaml"]
    path.unlink()  # pytest keeps its folders


@pytest.mark.slow
def test_an_interrupted_job_ends_with_130_and_can_go_on(tmp_path: Path) -> None:
    words = ["runs=64", "weeks=156", "workers=1", "pages=false", "record=summary", "out=mine"]
    process = subprocess.Popen(
        [sys.executable, "-c", HEARS + MAIN, *words],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60.0
    while not (tmp_path / "mine" / "manifest.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "continue with: armsflow resume=mine workers=1 pages=false" in told
    assert "Traceback" not in told
    assert [found.name for found in tmp_path.iterdir()] == ["mine"]


# Nothing in a scenario runs, imports, or reads what is not the scenario's

SECRET = "sesame-of-the-environment"
ATTEMPTS = [
    "title: ${{oc.env:ARMSFLOW_SECRET}}",
    "title: ${{env:ARMSFLOW_SECRET}}",
    "title: $ARMSFLOW_SECRET",
    "title: !ENV ARMSFLOW_SECRET",
    "title: !!python/name:trap.sprung",
    "title: !!python/module:trap",
    "title: !!python/object/apply:trap.spring []",
    "title: !!python/object/new:trap.Trap []",
    "title: !include {here}/secret.txt",
    "title: {{_target_: trap.spring}}",
    "title: {{_target_: builtins.open, file: {here}/secret.txt}}",
    "_target_: trap.spring",
    "__import__: trap",
    "defaults: [{{override hydra/launcher: trap}}]",
    "hydra: {{callbacks: {{x: {{_target_: trap.Trap}}}}}}",
    "hydra: {{searchpath: ['pkg://trap']}}",
    "states: {{S001: {{doctrine: trap.spring}}}}",
    "states: {{S001: {{doctrine: {here}/secret.txt}}}}",
    "states: {{S001: {{desks: {{crisis: trap.spring}}}}}}",
    "states: {{S001: {{desks: {{crisis: {{rule: 'trap:spring'}}}}}}}}",
    "states: {{S001: {{desks: {{'trap.spring': hold}}}}}}",
    "munitions: {{missile: {{technology: trap.spring}}}}",
    "priors: {{states.S001.treasury: {{trap.spring: [0, 1]}}}}",
    "priors: {{states.__class__.treasury: {{uniform: [0, 1]}}}}",
    "priors: {{spec.__init__.__globals__: {{uniform: [0, 1]}}}}",
    "rules: {{watch: trap.spring}}",
    "scenario_file: {here}/secret.txt",
    "out: {here}/elsewhere",
]


@pytest.fixture
def trapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose module `trap` tells when it is imported, and a secret beside it."""
    (tmp_path / "trap.py").write_text(
        "from pathlib import Path\n"
        "Path(__file__).with_name('sprung').touch()\n"
        "sprung = True\n"
        "def spring(*_, **__): return sprung\n"
        "class Trap: pass\n"
    )
    (tmp_path / "secret.txt").write_text(SECRET)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("ARMSFLOW_SECRET", SECRET)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.modules.pop("trap", None)


@pytest.mark.quick
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_file_cannot_import_run_or_read(
    trapped: Path, capsys: pytest.CaptureFixture[str], attempt: str
) -> None:
    text = f"generate: {{states: 3, seed: 0}}\n{attempt.format(here=trapped)}\n"
    (trapped / "mine.yaml").write_text(text)
    before = sorted(trapped.rglob("*"))
    main(["scenario_file=mine.yaml", "--cfg", "job"])
    told = capsys.readouterr()
    assert SECRET not in told.out + told.err
    assert "trap" not in sys.modules
    assert sorted(trapped.rglob("*")) == before
    harmless = attempt == "title: $ARMSFLOW_SECRET"
    try:
        assert load(trapped / "mine.yaml").spec.title == "$ARMSFLOW_SECRET"
        assert harmless
    except ScenarioError:
        assert not harmless


@pytest.mark.parametrize(
    "word",
    [
        "title=${oc.env:ARMSFLOW_SECRET}",
        "title='${oc.env:ARMSFLOW_SECRET}'",
        "title=${oc.decode:${oc.env:ARMSFLOW_SECRET}}",
        "scenario_file=${oc.env:ARMSFLOW_SECRET}",
        "out=${oc.env:ARMSFLOW_SECRET}",
        "record=${oc.env:ARMSFLOW_SECRET}",
        "states.PRK.desks.crisis=trap.spring",
        "+hydra.callbacks.x._target_=trap.Trap",
        "hydra.searchpath=[pkg://trap]",
        "hydra/launcher=trap",
        "scenario=trap",
        "engine=trap",
        "--config-dir=trap",
        "--config-name=trap",
    ],
)
def test_a_command_line_cannot_either(
    trapped: Path, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    before = sorted(trapped.rglob("*"))
    assert main([word]) == 2
    told = capsys.readouterr()
    assert SECRET not in told.out + told.err
    assert "trap" not in sys.modules
    assert sorted(trapped.rglob("*")) == before


def test_reading_a_file_opens_that_file_alone(trapped: Path) -> None:
    """Under an audit hook, in a process of its own, since a hook stays for good."""
    read_yaml(HERE / "all_at_once.yaml")
    spy = (
        "import sys, sim\n"
        "from sim.scenario import ScenarioError, load\n"
        "load()\n"  # whatever is imported or cached once
        "seen = []\n"
        "watched = ('open', 'import', 'exec', 'os.', 'subprocess.', 'socket.', 'ctypes.')\n"
        "sys.addaudithook(lambda e, a: e.startswith(watched) and seen.append((e, str(a[:1]))))\n"
        "try: load(sys.argv[1])\n"
        "except ScenarioError: pass\n"
        "print(*(f'{e} {a}' for e, a in seen), sep='\\n')\n"
    )
    path = str(HERE / "all_at_once.yaml")
    done = subprocess.run(
        [sys.executable, "-c", spy, path], capture_output=True, text=True, check=True
    )
    opened = [line for line in done.stdout.splitlines() if not line.startswith("open ")]
    files = [line for line in done.stdout.splitlines() if line.startswith("open ")]
    assert opened == []
    assert all(path in line or "configs" in line for line in files)
    assert any(path in line for line in files)


def test_workers_get_no_words_of_the_scenario(trapped: Path) -> None:
    """A title that looks like code is a title in every process."""
    scenario = load("synthetic", ["weeks=2", "title='__import__(\"trap\").spring()'"])
    results = ensemble.run(scenario, runs=2, workers=2, record="summary")
    assert len(results.runs) == 2
    assert not (trapped / "sprung").exists()
