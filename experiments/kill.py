"""`python -m experiments.kill [kills=20] [signal=kill,term,int]`: ends what runs, and goes on.

Further keys: `[of=job,sweep,report,dask] [seed=0] [engine=reference] [runs=96] [weeks=26]`.

Is anything lost when armsflow is killed? A job of two workers, a sweep, the report of a job and a
job on a cluster of Dask are each run undisturbed; then again, ended at moments spread over the time
that it took, and each time begun anew where it stood. The signals take turns: `kill` (SIGKILL to
all its processes), `term` (SIGTERM to the first, as a scheduler of jobs sends it), `int` (SIGINT to
all, as a terminal sends it). What lies in the folder then must be files of the undisturbed run,
byte for byte, and at the end all of them and no other. After `term` and `int` it must also end
within seconds, all its processes with it, with their exit code and how to go on, and leave nothing
half written. Whenever it ends before its time, it begins anew.

Prints a line per kill; exit code 1 if something differs, 2 for a key or a value that does not fit.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from random import Random
from shutil import rmtree

from experiments.keys import exit_code
from sim.results.store import MANIFEST, finished

ROOT = Path(__file__).parent.parent
SIGNALS = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "int": signal.SIGINT}
CODES = {"kill": -signal.SIGKILL, "term": 143, "int": 130}
ADVICE = ("continue with: armsflow resume=", "again: armsflow report=", "nothing was run yet")
PROMPT = 20.0
"""Seconds in which a command and its processes must have ended; a part may be as long."""
SWEEP = ("-m", "states.PRK.doctrine=restraint,status_quo", "rules.watch.detection=0,0.02")
KINDS = ("job", "sweep", "report", "dask")
DEFAULTS = {
    "kills": 20,
    "signal": "kill,term,int",
    "of": ",".join(KINDS),
    "seed": 0,
    "engine": "reference",
    "runs": 96,
    "weeks": 26,
}


class DiffersError(AssertionError):
    """The folder does not hold what the undisturbed run left, or an end was not as it should be."""


def killed(
    folder: Path, kills: int, seed: int, *job: str, signals: Sequence[str] = ("kill",)
) -> Iterator[tuple[float, int, int]]:
    """Run a job, then kill and resume it.

    Args:
        folder: Where both jobs write.
        kills: How many.
        seed: Of the moments.
        job: Its arguments for `armsflow`.
        signals: Names of SIGNALS, which take turns.

    Yields:
        For each kill the seconds after which it came, how many parts there were then, and of how
        many; for each end of the job the same with 0 seconds.

    Raises:
        DiffersError: A byte differs, or the job did not end well.
    """
    command = [*job, "record=weekly", "workers=2", "pages=false", "progress=false"]
    start = time.monotonic()
    _ended(_begun([*command, f"out={folder / 'whole'}"]))
    took, out = time.monotonic() - start, folder / "killed"
    whole = files(folder / "whole")
    for moment in _kills(kills, seed, took, lambda: _command(command, out), out, whole, signals):
        parts = len([name for name in whole if name.startswith("runs")])
        yield moment, len(finished(out)) if moment else parts, parts


def killed_report(
    folder: Path, kills: int, seed: int, *job: str, signals: Sequence[str] = ("kill",)
) -> Iterator[tuple[float, int, int]]:
    """Run a job, report on it, then kill that and report again.

    Args:
        folder: Where both write.
        kills: How many.
        seed: Of the moments.
        job: Its arguments for `armsflow`.
        signals: As of `killed`.

    Yields:
        As `killed`, with files instead of parts.

    Raises:
        DiffersError: As of `killed`.
    """
    out, page = folder / "killed", ("figures", "report.html")
    _ended(_begun([*job, "record=weekly", "workers=2", "pages=false", f"out={out}"]))
    runs = files(out)
    start = time.monotonic()
    _ended(_begun([f"report={out}"]))
    took, whole = time.monotonic() - start, files(out)

    def anew() -> list[str]:
        there = {file: data for file, data in files(out).items() if not _is_half(file)}
        if there == whole:
            rmtree(out / page[0])
            (out / page[1]).unlink()
        return [f"report={out}"]

    anew()
    for moment in _kills(kills, seed, took, anew, out, whole, signals, keep=True):
        _compare({name: files(out).get(name, b"") for name in runs}, runs)
        yield moment, len(files(out)) if moment else len(whole), len(whole)


def _kills(
    kills: int,
    seed: int,
    took: float,
    command: Callable[[], list[str]],
    out: Path,
    whole: dict[str, bytes],
    signals: Sequence[str],
    keep: bool = False,
) -> Iterator[float]:
    """Yield the moment of each kill when it was survived, and 0 for each end.

    Args:
        kills: How many.
        seed: Of the moments.
        took: Seconds of the undisturbed run.
        command: Returns what begins the run, or goes on with it.
        out: Its folder.
        whole: What the undisturbed run left there.
        signals: Names of SIGNALS, which take turns.
        keep: Whether what is begun anew needs the folder.
    """
    for share, name in zip(_shares(kills, seed), cycle(signals), strict=False):
        while True:
            anew, start, moment = not out.exists(), time.monotonic(), share * took
            halves = set() if anew else set(filter(_is_half, files(out)))  # of an earlier kill
            if _killed_after(moment, command(), name):
                break
            if anew or keep:  # the first was slower, as one that compiles, or the machine was
                took = min(took, time.monotonic() - start)
            _compare(files(out), whole)
            yield 0.0
            if not keep:
                rmtree(out)
        left = files(out) if out.exists() else {}
        half = set(filter(_is_half, left))
        if half - halves and name != "kill":
            raise DiffersError(f"left half written: {', '.join(sorted(half - halves))}")
        kept = {file: data for file, data in left.items() if file not in half}
        _compare(kept, {file: whole.get(file) for file in kept})
        yield moment
    _ended(_begun(command()))
    _compare(files(out), whole)
    yield 0.0


def files(path: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a folder, by its name."""
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def _is_half(file: str) -> bool:
    """Return whether a file has a temporary name."""
    return Path(file).name.startswith(".")


def _shares(kills: int, seed: int) -> list[float]:
    """Draw moments as shares of a time: one in each equal part of it, in any order."""
    random = Random(seed)
    shares = [(kill + random.random()) / kills for kill in range(kills)]
    random.shuffle(shares)
    return shares


def _command(command: Sequence[str], out: Path) -> list[str]:
    """Return the arguments that start the job, or that resume it."""
    if not (out / MANIFEST).exists():
        return [*command, f"out={out}"]
    beside = ("workers=", "p", "cluster=")
    return [f"resume={out}", *(key for key in command if key.startswith(beside))]


def _begun(command: Sequence[str]) -> subprocess.Popen[str]:
    """Start the command in a session of its own: its workers belong to it.

    It hears interrupts, also where a shell began all this in the background, deaf to them.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-m", "experiments.run", *command],
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _killed_after(moment: float, command: Sequence[str], name: str) -> bool:
    """Begin and kill it after some seconds; false if it was finished by then.

    Raises:
        DiffersError: It did not end as it should.
    """
    process = _begun(command)
    try:
        process.communicate(timeout=moment)
    except subprocess.TimeoutExpired:
        (os.kill if name == "term" else os.killpg)(process.pid, SIGNALS[name])
        sent = time.monotonic()
        try:
            _, message = process.communicate(timeout=PROMPT)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGABRT)  # faulthandler says where it stands
            time.sleep(1.0)
            os.killpg(process.pid, signal.SIGKILL)
            _, message = process.communicate()
            raise DiffersError(f"{name}: it went on for {PROMPT:.0f} seconds: {message}") from None
        if process.returncode == 0 and name != "kill":
            return False  # its work was done when the signal came
        _check_end(name, process.returncode, message)
        _wait_for_all(process.pid, sent)
        return True
    _ended(process)
    return False


def _check_end(name: str, code: int, message: str) -> None:
    """Raise if a command did not end as that signal should end it.

    Before it was ready to take a signal, and when all was done, it ends by it without a word; until
    it knows what to do, in one word.
    """
    if code == -SIGNALS[name] or name == "kill":
        return
    if message in ("interrupted\n", "terminated\n") and code == CODES[name]:
        return
    if code != CODES[name] or not any(advice in message for advice in ADVICE):
        raise DiffersError(f"{name}: ended with {code}: {message}")


def _wait_for_all(session: int, since: float) -> None:
    """Wait until no process of a session is left.

    Raises:
        DiffersError: One lives on.
    """
    while time.monotonic() < since + PROMPT:
        try:
            os.killpg(session, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    os.killpg(session, signal.SIGKILL)
    raise DiffersError(f"a process lived on for {PROMPT:.0f} seconds")


def _ended(process: subprocess.Popen[str]) -> None:
    _, message = process.communicate()
    if process.returncode != 0:
        raise DiffersError(f"the job ended with {process.returncode}: {message}")


def _compare(there: dict[str, bytes], wanted: dict[str, bytes | None]) -> None:
    """Raise if two folders do not hold the same."""
    wrong = [name for name in {*there, *wanted} if there.get(name) != wanted.get(name)]
    if wrong:
        raise DiffersError(f"not what the undisturbed job left: {', '.join(sorted(wrong))}")


def report(kills: int, signal: str, of: str, seed: int, engine: str, runs: int, weeks: int) -> int:
    """Kill, resume and print; return the exit code.

    Args:
        kills: How many, of each kind.
        signal: Names of SIGNALS, with commas.
        of: Names of KINDS, with commas.
        seed: Of the moments.
        engine: As of `sim.run`.
        runs: Of the job; a quarter of it at each point of the sweep.
        weeks: Of each run.
    """
    tail = (f"weeks={weeks}", f"engine={engine}")
    whole = (f"runs={runs}", *tail)
    jobs = {
        "job": whole,
        "sweep": (*SWEEP, f"runs={max(1, runs // 4)}", *tail),
        "report": whole,
        "dask": (*whole, "cluster=local"),
    }
    for kind in of.split(","):
        if kind == "dask" and find_spec("distributed") is None:
            print("dask: left out, distributed is not installed", file=sys.stderr)
            continue
        count, play = 0, killed_report if kind == "report" else killed
        with tempfile.TemporaryDirectory() as folder:
            try:
                for moment, done, total in play(
                    Path(folder), kills, seed, *jobs[kind], signals=signal.split(",")
                ):
                    count += moment > 0.0
                    what = (
                        f"ended after {moment:.2f} s" if moment else "done; every byte is the same"
                    )
                    print(f"{kind}: {what}: {done} of {total}", flush=True)
            except DiffersError as error:
                print(f"{kind}: {error}", file=sys.stderr)
                return 1
        print(f"{kind}: {count} kills ({signal}): nothing lost, nothing else", flush=True)
    return 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    lists = {"signal": SIGNALS, "of": KINDS}
    return exit_code(arguments, __doc__, report, DEFAULTS, lists=lists)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
