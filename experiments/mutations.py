"""What a mutant may be: one change of one function of a rule or a desk, and which are drawn."""

import ast
import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

ALL = "all"
ROOT = Path(__file__).parent.parent
FOLDERS = ("sim/rules", "sim/desks")
FILES = {
    path.stem: path
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.py"))
    if path.stem != "__init__"
}
"""The files that hold rules and desks, by the name that `files=` takes."""

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
    for name, function in functions(tree):
        for statement in function.body:
            found += [
                Mutant(module, name, line, text, change, tree)
                for line, text, change in _changes(statement)
            ]
    return found


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
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
