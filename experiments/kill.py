"""`python -m experiments.kill [kills=20] [seed=0] [engine=reference] [runs=96] [weeks=26]`.

Is anything lost when a job is killed? A job of two workers is run undisturbed; then again,
killed outright (SIGKILL, all its processes) at moments spread over the time that it took, and each
time resumed. What lies in the folder after a kill must be files of the undisturbed job, byte for
byte, and at the end all of them and no other. Whenever it ends before its time, it begins anew.
Prints a line per kill; exit code 1 if a byte differs, 2 for a key or a value that does not fit.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from shutil import rmtree

from experiments.keys import exit_code
from sim.results.store import MANIFEST, finished

ROOT = Path(__file__).parent.parent
DEFAULTS = {"kills": 20, "seed": 0, "engine": "reference", "runs": 96, "weeks": 26}


class DiffersError(AssertionError):
    """The folder does not hold what the undisturbed job left."""


def killed(folder: Path, kills: int, seed: int, *job: str) -> Iterator[tuple[float, int, int]]:
    """Run a job, then kill and resume it.

    Args:
        folder: Where both jobs write.
        kills: How many.
        seed: Of the moments.
        job: Its arguments for `armsflow`.

    Yields:
        For each kill the seconds after which it came, how many parts there were then, and of how
        many; for each end of the job the same with 0 seconds.

    Raises:
        DiffersError: A byte differs, or the job did not end well.
    """
    command = [*job, "record=weekly", "workers=2", "pages=false", "progress=false"]
    start = time.monotonic()
    _ended(_begun([*command, f"out={folder / 'whole'}"]))
    took = time.monotonic() - start
    whole, out = files(folder / "whole"), folder / "killed"
    parts = len(list((folder / "whole" / "runs").glob("part-*.parquet")))
    for share in _shares(kills, seed):
        while True:
            anew, start, moment = not out.exists(), time.monotonic(), share * took
            if _killed_after(moment, command, out):
                break
            if anew:  # the first was slower, as one that compiles, or the machine was
                took = min(took, time.monotonic() - start)
            _compare(files(out), whole)
            yield 0.0, parts, parts
            rmtree(out)
        left = files(out) if out.exists() else {}
        kept = {name: data for name, data in left.items() if not Path(name).name.startswith(".")}
        _compare(kept, {name: whole.get(name) for name in kept})
        yield moment, len(finished(out)), parts
    _ended(_begun(_command(command, out)))
    _compare(files(out), whole)
    yield 0.0, parts, parts


def files(path: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a folder, by its name."""
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


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
    return [f"resume={out}", *(key for key in command if key.startswith(("workers=", "p")))]


def _begun(command: Sequence[str]) -> subprocess.Popen[str]:
    """Start the command in a session of its own: its workers belong to it."""
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.run", *command],
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _killed_after(moment: float, command: Sequence[str], out: Path) -> bool:
    """Go on with the job and kill it after some seconds; false if it was finished by then."""
    process = _begun(_command(command, out))
    try:
        process.communicate(timeout=moment)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    _ended(process)
    return False


def _ended(process: subprocess.Popen[str]) -> None:
    _, message = process.communicate()
    if process.returncode != 0:
        raise DiffersError(f"the job ended with {process.returncode}: {message}")


def _compare(there: dict[str, bytes], wanted: dict[str, bytes | None]) -> None:
    """Raise if two folders do not hold the same."""
    wrong = [name for name in {*there, *wanted} if there.get(name) != wanted.get(name)]
    if wrong:
        raise DiffersError(f"not what the undisturbed job left: {', '.join(sorted(wrong))}")


def report(kills: int, seed: int, engine: str, runs: int, weeks: int) -> int:
    """Kill, resume and print; return the exit code.

    Args:
        kills: How many.
        seed: Of the moments.
        engine: As of `sim.run`.
        runs: Of the job.
        weeks: Of each run.
    """
    job = [f"runs={runs}", f"weeks={weeks}", f"engine={engine}"]
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        try:
            for moment, done, parts in killed(Path(folder), kills, seed, *job):
                count += moment > 0.0
                what = f"killed after {moment:.2f} s" if moment else "ended; every byte is the same"
                print(f"{what}: {done} of {parts} parts", flush=True)
        except DiffersError as error:
            print(error, file=sys.stderr)
            return 1
    print(f"{count} kills: nothing lost, nothing else")
    return 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(arguments, __doc__, report, DEFAULTS)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
