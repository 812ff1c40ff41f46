"""`python -m experiments.mutants [mutants=300] [seed=0] [least=92] [files=all]`: do tests notice?

Draws single changes of the functions in sim/rules and sim/desks (a sign, a comparison, a constant,
who acts and who suffers, a field left as it was) and runs for each those tests of tests/rules and
tests/desks that call the changed function, the fastest first. A mutant that no test notices is
printed. No file is changed: each mutant lives in a forked process alone.

    mutants=  how many are drawn
    least=    of a hundred, how many must be killed, else the exit code is 1
    files=    whose changes are drawn, such as `fight,trade,training`; all files unless given

Exit code 2 for a key or a value that does not fit, or where the tests fail without a mutant.
"""

import ast
import contextlib
import importlib
import inspect
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

import jaxtyping

from experiments.keys import exit_code
from experiments.mutations import ALL, FILES, ROOT, Mutant, drawn, functions

DEFAULTS = {"mutants": 300, "seed": 0, "least": 92, "files": ALL}
TESTS = ("tests/rules", "tests/desks")
PATIENCE = 60
"""Seconds of a processor after which a mutant counts as killed: it does not come to an end.

Not of the clock: on a busy machine a mutant that survives would seem to be killed.
"""


class Sampler:
    """A plugin of pytest that runs mutants in place of the tests that were collected."""

    def __init__(self, mutants: Sequence[Mutant]) -> None:
        """Take the mutants to run."""
        self.mutants = mutants
        self.survived: list[tuple[Mutant, int]] = []
        self.failed: list[str] = []

    def pytest_collection(self) -> None:
        """Do not search for the smallest example that fails: one is enough."""
        from hypothesis import Phase, settings

        settings.register_profile(
            "mutants", settings(), phases=(Phase.explicit, Phase.generate), database=None
        )
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: Any) -> bool:
        """Run the tests once without a mutant, then those that each mutant needs."""
        import warnings

        warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)
        results = _in_fork(lambda: _baseline(session.items), 20 * PATIENCE)
        self.failed = [name for name, (passed, _, _) in results.items() if not passed]
        if self.failed:
            return True
        items = {item.nodeid: item for item in session.items}
        for mutant in self.mutants:
            key = (mutant.module, mutant.function)
            called = [(took, name) for name, (_, took, what) in results.items() if key in what]
            judges = [items[name] for _, name in sorted(called)]
            if not _in_fork(lambda m=mutant, j=judges: _killed(m, j), PATIENCE, late=True):
                self.survived.append((mutant, len(judges)))
        return True


def _baseline(items: Sequence[Any]) -> dict[str, tuple[bool, float, set[tuple[str, str]]]]:
    """Return of each test whether it passed, its seconds, and the functions that it called."""
    names = {}
    for path in FILES.values():
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name, _ in functions(ast.parse(path.read_text(encoding="utf-8"))):
            with contextlib.suppress(AttributeError):
                names[_function(module, name).__code__] = (module, name)
    called: set[tuple[str, str]] = set()

    def watch(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code in names:
            called.add(names[frame.f_code])

    results = {}
    for item, next_ in zip(items, [*items[1:], None], strict=True):
        called.clear()
        begin = time.process_time()
        sys.settrace(watch)
        passed = _passes(item, next_)
        sys.settrace(None)
        results[item.nodeid] = (passed, time.process_time() - begin, set(called))
    return results


def _function(module: str, name: str) -> FunctionType:
    """Return the function, or the method, of a module."""
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = inspect.getattr_static(found, part)
    found = getattr(found, "fget", None) or getattr(found, "func", None) or found
    return inspect.unwrap(found)


def _passes(item: Any, next_: Any) -> bool:
    """Return whether a test passes; what it shares with the next one is kept."""
    from _pytest.runner import runtestprotocol

    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=next_))


def _killed(mutant: Mutant, judges: Sequence[Any]) -> bool:
    """Return whether any of the tests fails with the mutant."""
    _function(mutant.module, mutant.function).__code__ = mutant.code()
    return any(
        not _passes(item, next_) for item, next_ in zip(judges, [*judges[1:], None], strict=True)
    )


def _in_fork(work: Callable[[], Any], seconds: int, late: Any = None) -> Any:
    """Return what a function returns in a process of its own, or `late` if it takes too long.

    Args:
        work: The function.
        seconds: Of a processor that it may take.
        late: What stands for what it did not return.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        with Path(os.devnull).open("w") as nothing:
            os.dup2(nothing.fileno(), 1)
            os.dup2(nothing.fileno(), 2)
        try:
            found = pickle.dumps(work())
        except BaseException:  # a mutant may raise anything, and that is noticed
            found = pickle.dumps(late)
        with os.fdopen(write, "wb") as pipe:
            pipe.write(found)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        found = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(found) if found else late


def report(mutants: int, seed: int, least: int, files: str) -> int:
    """Run the mutants and print those that nobody noticed.

    Args:
        mutants: How many are drawn.
        seed: Of the drawing.
        least: Of a hundred, how many must be killed.
        files: Whose mutants.
    """
    import pytest

    jaxtyping.install_import_hook = lambda *names: None  # shapes unchecked, as outside of tests
    plugin = Sampler(drawn(mutants, seed, files))
    os.chdir(ROOT)
    options = ["-q", "--no-header", "--no-summary", "-p", "no:cacheprovider", "-p", "no:xdist"]
    options += ["-o", "addopts=", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    code = pytest.main([*options, *TESTS], [plugin])
    if code not in (0, 5) or plugin.failed:
        print("\n".join(["without a mutant fail:", *plugin.failed]), file=sys.stderr)
        return 2
    for mutant, judges in plugin.survived:
        place = f"{mutant.module.replace('.', '/')}.py:{mutant.line}"
        print(f"{place}  {mutant.function}  {mutant.text}  ({judges} tests)")
    count, killed = len(plugin.mutants), len(plugin.mutants) - len(plugin.survived)
    print(f"{killed} of {count} mutants killed, {100.0 * killed / count:.1f} per cent")
    return 0 if 100 * killed >= least * count else 1


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(arguments, __doc__, report, DEFAULTS, lists={"files": {ALL, *FILES}})


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
