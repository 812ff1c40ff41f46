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
import copy
import importlib
import inspect
import os
import pickle
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import jaxtyping

from experiments.keys import exit_code

ALL = "all"
DEFAULTS = {"mutants": 300, "seed": 0, "least": 92, "files": ALL}
ROOT = Path(__file__).parent.parent
FOLDERS = ("sim/rules", "sim/desks")
FILES = {
    path.stem: path
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.py"))
    if path.stem != "__init__"
}
"""The files that hold rules and desks, by the name that `files=` takes."""
TESTS = ("tests/rules", "tests/desks")
PATIENCE = 60
"""Seconds of a processor after which a mutant counts as killed: it does not come to an end.

Not of the clock: on a busy machine a mutant that survives would seem to be killed.
"""

SWAPS: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
"""Operators and what stands for each in a mutant."""
METHODS = {"minimum": "maximum", "of": "toward", "max": "min"}
METHODS |= {new: old for old, new in METHODS.items()}
"""Functions of arrays and of pairs that are mistaken for each other."""
DROPPED = ("back", "clip", "sqrt")
"""Functions that leave their first argument as it is in a mutant. `number` changes a type alone."""
KEPT = ("after", "replace")
"""Functions whose keywords are changes: without one of them a field stays as it was."""


@dataclass(frozen=True)
class Mutant:
    """One change of one function."""

    module: str
    function: str
    line: int
    text: str
    change: Callable[[], Callable[[], None]] = field(repr=False)
    """Changes the syntax tree and returns what undoes it."""
    tree: ast.Module = field(repr=False)

    def code(self) -> CodeType:
        """Return the code of the changed function."""
        undo = self.change()
        try:
            compiled = compile(self.tree, self.module, "exec", dont_inherit=True)
        finally:
            undo()
        return code_of(compiled, self.function)


def code_of(module: CodeType, function: str) -> CodeType:
    """Return the code of a function, or of a method, in that of its module."""
    found = module
    for name in function.split("."):
        inside = (each for each in found.co_consts if isinstance(each, CodeType))
        found = next(each for each in inside if each.co_name == name)
    return found


def alternatives(node: ast.AST) -> Iterator[ast.AST]:
    """Give what may stand for an expression in a mutant.

    Left out is what cannot matter: a sum with `0.0 * x`, which lends its shape, with another sign,
    and at what number exactly a draw falls.
    """
    if isinstance(node, ast.BinOp) and any(map(_is_shape, (node, node.left, node.right))):
        return
    if isinstance(node, ast.Compare) and "noise[" in ast.unparse(node):
        yield from (_like(node, ops=[swap()]) for swap in SWAPS.get(type(node.ops[0]), ())[1:])
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        for swap in SWAPS.get(type(node.op), ()):
            yield _like(node, op=swap())
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for swap in SWAPS.get(type(node.ops[0]), ()):
            yield _like(node, ops=[swap()])
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield _like(node, value=not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield _like(node, value=node.value + 1)
    elif isinstance(node, ast.Call):
        yield from _calls(node)


def _is_shape(node: ast.AST) -> bool:
    """Return whether a node is `0.0 * x`: zeros in the shape of x."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return False
    return isinstance(node.left, ast.Constant) and node.left.value == 0.0


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    """Give what may stand for a call."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    if name in METHODS and isinstance(node.func, ast.Attribute):
        yield _like(node, func=_like(node.func, attr=METHODS[name]))
    if name in DROPPED and node.args:
        yield node.args[0]
    if name == "where":
        yield _like(node, args=[node.args[0], node.args[2], node.args[1]])
    if name in KEPT:
        for keyword in node.keywords:
            yield _like(node, keywords=[each for each in node.keywords if each is not keyword])


def _like(node: Any, **changes: Any) -> Any:
    """Return a copy of a node with some of its fields changed."""
    other = copy.copy(node)
    for name, value in changes.items():
        setattr(other, name, value)
    return other


def mutants_of(path: Path) -> list[Mutant]:
    """Return all single changes of the functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    found = []
    for name, function in _functions(tree):
        for statement in function.body:
            found += [
                Mutant(module, name, line, text, change, tree)
                for line, text, change in _changes(statement)
            ]
    return found


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Give the functions of a module and the methods of its classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", inner


def _changes(statement: ast.stmt) -> Iterator[tuple[int, str, Callable[[], Callable[[], None]]]]:
    """Give the changes of a statement: where, in which words, and how it is made."""
    for node in ast.walk(statement):
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list"):
                continue
            places = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
            for index, inner in places:
                if not isinstance(inner, ast.AST):
                    continue
                for other in alternatives(inner):
                    line = getattr(inner, "lineno", statement.lineno)
                    yield line, _difference(inner, other), _setter(node, name, index, other)


def _difference(before: ast.AST, after: ast.AST) -> str:
    """Return in a line what a change does."""
    old, new = (ast.unparse(node) for node in (before, after))
    if isinstance(before, ast.Call) and isinstance(after, ast.Call) and len(old) > 60:
        gone = [each.arg for each in before.keywords if each not in after.keywords]
        if gone:
            return f"{ast.unparse(before.func)}(): without {gone[0]}="
    return f"{_short(old)}  ->  {_short(new)}"


def _short(text: str, most: int = 70) -> str:
    """Return a text, shortened in its middle if it is long."""
    return text if len(text) <= most else f"{text[: most // 2]} ... {text[-most // 2 :]}"


def _setter(
    node: ast.AST, name: str, index: int | None, new: ast.AST
) -> Callable[[], Callable[[], None]]:
    """Return what puts a node in its place and returns what puts the old one back."""

    def change() -> Callable[[], None]:
        holder = getattr(node, name)
        if index is None:
            setattr(node, name, new)
            return lambda: setattr(node, name, holder)
        old = holder[index]
        holder[index] = new

        def undo() -> None:
            holder[index] = old

        return undo

    return change


def drawn(number: int, seed: int, files: str = ALL) -> list[Mutant]:
    """Return that many of all mutants, each as likely as any other, in the order of the files.

    Args:
        number: How many, or all if there are fewer.
        seed: Of the drawing.
        files: Whose mutants: names of `FILES` with commas, in any order, or `all`.
    """
    named = set(FILES if ALL in files.split(",") else files.split(","))
    paths = [path for name, path in FILES.items() if name in named]
    all_ = [mutant for path in paths for mutant in mutants_of(path)]
    places = random.Random(seed).sample(range(len(all_)), min(number, len(all_)))
    return [all_[place] for place in sorted(places)]


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
        for name, _ in _functions(ast.parse(path.read_text(encoding="utf-8"))):
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
