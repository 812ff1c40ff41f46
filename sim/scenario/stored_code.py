"""Code in a manifest: the text of policies, phases, desks and metrics that a user wrote.

A manifest holds the source of each and of what it uses of the user's own modules, with a hash. It
is text: nothing here runs it but `trusted`, which a user has to call for, and which then checks the
hash of what came of it. Where a source cannot stand alone, `lacks` says why.
"""

import __future__

import ast
import inspect
import linecache
import sys
from collections.abc import Iterator, Mapping
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from ..desks.registry import REGISTRY
from ..metrics import METRICS
from .code import PLAIN, Code, describe, methods
from .problems import ScenarioError

KINDS = {"policies": "policy", "phases": "phase", "desks": "desk", "metrics": "metric"}
INSTALLED = {"site-packages", "dist-packages"}
"""Folders in which Python keeps what is installed."""
PIECE = ("name", "module", "source", "annotations")
"""The keys of a piece of text."""
MOST_NUMBERS = 10_000
"""Of an array that a text may hold."""


TRUSTED = "of_results"
"""The module of what the text of a folder of results defines; no process can import it."""


_MADE: dict[str, dict[str, Any]] = {}
"""The entries from whose text something was made, by hash."""


class _LackingError(Exception):
    """Something has no text that could stand alone; the message says what and why."""


def stored(code: Code, desks: Mapping[str, Any]) -> dict[str, Any]:
    """Return the code of a job as plain data for its manifest; {} where there is none.

    Args:
        code: Policies and phases.
        desks: The functions of the user's own desks, by `desk.rule`.
    """
    metrics = {own.name: own.source for own in METRICS if own.source is not None}
    groups = {**code.by_kind(), "desks": desks, "metrics": metrics}
    found: dict[str, Any] = {}
    for kind, by_name in groups.items():
        for name, item in by_name.items():
            entry = _entry(item)
            if kind == "policies":
                entry["parameters"] = code.parameters(name)
            found.setdefault(kind, {})[name] = entry
    return found


def fingerprint(item: Any) -> str:
    """Return the hash of a class or a function: of its name, its source and its constants."""
    return sha256(describe(item).encode()).hexdigest()


def absent(content: Mapping[str, Any]) -> Code:
    """Return the code of a manifest that nobody trusts: nothing but what is missing.

    Args:
        content: As `stored` returned it.
    """
    return Code(
        absent={
            f"{kind}.{name}": f"the {KINDS[kind]} {entry['name']} of {name}"
            if kind == "policies"
            else f"the {KINDS[kind]} {entry['name']}"
            for kind in ("policies", "phases")
            for name, entry in content.get(kind, {}).items()
        }
    )


def trusted(content: Mapping[str, Any]) -> Code:
    """Run the text of a manifest, and return the policies and phases that come of it.

    Desks and metrics that are not here yet are registered. Only for a folder that the user trusts:
    the text may do whatever Python can.

    Args:
        content: As `stored` returned it.

    Raises:
        ScenarioError: A text cannot stand alone, fails, or makes something else than was simulated.
    """
    rules = {f"{desk}.{name}": rule for desk, own in REGISTRY.items() for name, rule in own.items()}
    here = {
        "desks": {name: rule.function for name, rule in rules.items()},
        "metrics": {own.name: own.source for own in METRICS if own.source is not None},
    }
    made: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    wrong: list[str] = []
    for kind in ("desks", "metrics", "policies", "phases"):
        for name, entry in content.get(kind, {}).items():
            found = here.get(kind, {}).get(name)
            try:
                item = _made(entry) if found is None else found
                if fingerprint(item) != entry["sha256"]:
                    raise _LackingError("its text here makes other code than what was simulated")
            except Exception as error:  # of the user's code: whatever it raises as it is defined
                wrong.append(f"{kind}.{name}: {entry['name']}: {error}")
                continue
            made[kind][name] = item
    if wrong:
        raise ScenarioError(wrong)
    settings = {name: entry["parameters"] for name, entry in content.get("policies", {}).items()}
    return Code(made["policies"], made["phases"], settings)


def _entry(item: Any) -> dict[str, Any]:
    """Return a class or a function as plain data."""
    if item.__module__.startswith(f"{TRUSTED}."):
        return deepcopy(_MADE[fingerprint(item)])
    entry = {
        "name": item.__name__,
        "qualname": item.__qualname__,
        "module": item.__module__,
        "sha256": fingerprint(item),
    }
    writer = _Writer()
    try:
        writer.define(item)
    except _LackingError as error:
        return entry | {"lacks": str(error), "source": _text(item, strict=False)}
    *needs, own = writer.pieces
    text = {key: value for key, value in own.items() if key not in entry}
    return entry | text | {"needs": needs}


class _Writer:
    """Writes what a class or a function needs, in an order in which it can be run.

    - `pieces`: a name, its text, and the module in which it was written, if it was the user's.
    """

    def __init__(self) -> None:
        self.pieces: list[dict[str, str]] = []
        self._known: dict[str, Any] = {}

    def define(self, item: Any) -> None:
        """Write a class or a function of the user, after all that it uses.

        Raises:
            _LackingError: Something of it cannot be written.
        """
        name, text = item.__name__, _text(item)
        self._claim(name, item)
        around = _around(item)
        imports = _imports(item)
        used = sorted({node.id for node in _names(text)} & around.keys())
        for other in used:
            if around[other] is not item and self._known.get(other, _NOTHING) is not around[other]:
                self._write(other, around[other], imports.get(other, ""))
        piece = {"name": name, "module": str(item.__module__), "source": text}
        self.pieces.append(piece | ({"annotations": "text"} if _annotates_by_text(item) else {}))

    def _claim(self, name: str, value: Any) -> None:
        if name in self._known and self._known[name] is not value:
            raise _LackingError(f"two things that it uses have the name {name}")
        self._known[name] = value

    def _write(self, name: str, value: Any, written: str) -> None:
        text = written or _imported(name, value)
        defined = inspect.isfunction(value) or isinstance(value, type)
        if not text and defined:
            self.define(value)
            if value.__name__ == name:
                return
            text = f"{name} = {value.__name__}"
        self._claim(name, value)
        self.pieces.append({"name": name, "source": text or _literal(name, value)})


_NOTHING = object()


def _names(text: str) -> Iterator[ast.Name]:
    """Yield the names in a text; those of annotations too, which are never evaluated."""
    return (node for node in ast.walk(ast.parse(_dedented(text))) if isinstance(node, ast.Name))


def _dedented(text: str) -> str:
    return f"if True:\n{text}" if text[:1].isspace() else text


def _functions(item: Any) -> list[FunctionType]:
    """Return the function that an item is, or those of a class."""
    if not isinstance(item, type):
        return [inspect.unwrap(item)]
    own = (methods(item, name, value) for name, value in vars(item).items())
    return [inspect.unwrap(each) for found in own for each in found]


def _annotates_by_text(item: Any) -> bool:
    """Return whether an item was written under `from __future__ import annotations`."""
    flag = __future__.annotations.compiler_flag
    found = vars(item).get("__annotations__", {}) if isinstance(item, type) else {}
    by_code = any(each.__code__.co_flags & flag for each in _functions(item))
    return by_code or (bool(found) and all(isinstance(each, str) for each in found.values()))


def _around(item: Any) -> dict[str, Any]:
    """Return what a class or a function may name: its module's globals, what it closes over."""
    module = sys.modules.get(item.__module__)
    found = dict(vars(module)) if module else {}
    for function in _functions(item):
        found |= function.__globals__ | dict(inspect.getclosurevars(function).nonlocals)
    if isinstance(item, type):
        found |= {base.__name__: base for base in item.__bases__ if base.__name__ not in found}
    return {name: value for name, value in found.items() if name != "__class__"}


def _text(item: Any, strict: bool = True) -> str:
    """Return the lines that define a class or a function, as they stand in their file or cell.

    Raises:
        _LackingError: There are none, and `strict` asks for them.
    """
    try:
        if not isinstance(item, type):
            text = inspect.getsource(inspect.unwrap(item))
            ast.parse(_dedented(text))
            return text
        own = [each for each in _functions(item) if each.__module__ == item.__module__]
        if not own:
            return inspect.getsource(item)
        # By a method: of a class in a notebook Python finds no file.
        lines, _ = inspect.findsource(own[0].__code__)
        at = own[0].__code__.co_firstlineno
        tree = ast.parse("".join(lines))
        around = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
            and node.name == item.__name__
            and node.lineno <= at <= (node.end_lineno or 0)
        ]
        if around:
            node = max(around, key=lambda found: found.lineno)
            first = min([node.lineno, *(found.lineno for found in node.decorator_list)])
            return "".join(inspect.getblock(lines[first - 1 :]))
    except (OSError, TypeError, SyntaxError):
        pass
    if strict:
        raise _LackingError(f"{item.__qualname__} has no source text of its own")
    return ""


def _imports(item: Any) -> dict[str, str]:
    """Return the imports from libraries in the file of an item, by the name that they give."""
    try:
        lines, _ = inspect.findsource(_functions(item)[0].__code__)
        tree = ast.parse("".join(lines))
    except (OSError, TypeError, SyntaxError, IndexError):
        return {}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level and _of_library(node.module or ""):
            for alias in node.names:
                renamed = f" as {alias.asname}" if alias.asname else ""
                name = alias.asname or alias.name
                found[name] = f"from {node.module} import {alias.name}{renamed}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if _of_library(alias.name):
                    renamed = f" as {alias.asname}" if alias.asname else ""
                    name = alias.asname or alias.name.partition(".")[0]
                    found[name] = f"import {alias.name}{renamed}"
    return found


def _of_library(module: str) -> bool:
    """Return whether a module comes with Python, with armsflow or with an installed package."""
    root = module.partition(".")[0]
    if root == "sim" or (root in sys.stdlib_module_names and root != "__main__"):
        return True
    found = sys.modules.get(root)
    places = [getattr(found, "__file__", None) or "", *getattr(found, "__path__", ())]
    packaged = [place for place in places if {*Path(place).parts} & INSTALLED]
    return root != "__main__" and bool(packaged)


def _imported(name: str, value: Any) -> str:
    """Return the import that gives a name its value, "" where no library has it."""
    if isinstance(value, ModuleType):
        return f"import {value.__name__} as {name}" if _of_library(value.__name__) else ""
    if isinstance(value, PLAIN):
        return ""
    own, true = str(getattr(value, "__module__", "")), str(getattr(value, "__name__", name))
    if own in sys.modules and getattr(sys.modules[own], true, None) is value and _of_library(own):
        return f"from {own} import {true} as {name}"
    for place, module in sorted(sys.modules.items()):
        if getattr(module, "__dict__", {}).get(name, _NOTHING) is value and _of_library(place):
            return f"from {place} import {name}"
    return ""


def _literal(name: str, value: Any) -> str:
    """Return an assignment that gives a value its name.

    Raises:
        _LackingError: There is none.
    """
    try:
        if ast.literal_eval(repr(value)) == value:
            return f"{name} = {value!r}"
    except (ValueError, SyntaxError, TypeError, RecursionError):
        pass
    numbers = type(value).__module__ == "numpy" and hasattr(value, "tobytes")
    if numbers and value.size <= MOST_NUMBERS and not value.dtype.hasobject:
        return (
            f"import numpy\n{name} = numpy.frombuffer(bytes.fromhex({value.tobytes().hex()!r}),"
            f" {str(value.dtype)!r}).reshape({value.shape!r}).copy()"
        )
    raise _LackingError(f"it uses {name}, a {type(value).__name__} that cannot be written as text")


def _made(entry: Mapping[str, Any]) -> Any:
    """Return the class or the function of an entry, by running its text.

    Raises:
        _LackingError: Its text cannot stand alone.
    """
    if "lacks" in entry:
        raise _LackingError(f"{entry['lacks']}; give the class or the function yourself")
    module = ModuleType(TRUSTED)
    own = {key: entry[key] for key in PIECE if key in entry}
    sys.modules[TRUSTED] = module  # dataclasses look for it while a class is defined
    try:
        for place, piece in enumerate((*entry["needs"], own)):
            text = _dedented(piece["source"])
            file = f"<{piece['name']} {place} of {entry['sha256']}>"
            linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
            flags = __future__.annotations.compiler_flag if "annotations" in piece else 0
            code = compile(text, file, "exec", flags, dont_inherit=True)
            exec(code, vars(module))  # noqa: S102  # no stored code gets here without trust_code=True
            if "module" in piece:
                _relabel(vars(module)[piece["name"]], f"{TRUSTED}.{piece['module']}")
    finally:
        del sys.modules[TRUSTED]
    item = vars(module)[entry["name"]]
    item.__qualname__ = entry["qualname"]
    _MADE[entry["sha256"]] = {key: value for key, value in entry.items() if key != "parameters"}
    return item


def _relabel(item: Any, module: str) -> None:
    """Set the module in which an item was written, of its own functions too."""
    item.__module__ = module
    for function in _functions(item):
        function.__module__ = module
