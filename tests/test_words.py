"""The terms of the code: names that mean one thing, docstrings that state what a function takes.

`docs/glossary.md` has the terms. Rules and desks keep their concision: they are not looked at.
"""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

SIM = Path(__file__).parent.parent / "sim"
AVOIDED = {
    *("told", "tell", "tells", "asked", "words", "plainly", "unlike", "unfit", "another", "blame"),
    *("blamed", "sight", "annotated", "parted", "question", "play", "plays", "played", "luck"),
    *("lucks", "lucky", "sorted_out", "going_on"),
}
CONCISE = ("rules", "desks")
"""Written for the field; never looked at."""

# Where some docstrings do not begin with a verb yet: whoever finishes a file removes its line.
VERBS_LEFT = (
    "arrays.py",
    "scenario/build.py",
)
FROM_ELSEWHERE = {
    "plots": {"break_long_words"},  # of textwrap
    "scenario": {"Annotated"},  # of typing
}
"""Names that a finished folder imports from one that is not, or from a concise one."""

NO_VERBS = {
    *("A", "An", "The", "All", "Any", "Both", "Each", "Every", "Half", "How", "Many", "Most"),
    *("One", "Several", "So", "Some", "Those", "What", "When", "Where", "Whether", "Which", "Who"),
    *("Whose", "Why"),
}


def sources(left: tuple[str, ...]) -> list[Path]:
    """The files of sim that are held to a rule: all but those that are left, and the concise."""
    found = sorted(path.relative_to(SIM) for path in SIM.rglob("*.py"))
    return [path for path in found if not {path.parts[0], path.as_posix()} & {*left, *CONCISE}]


def identifiers(source: str) -> Iterator[tuple[int, str]]:
    """Every name that a source defines or uses: variables, attributes, arguments, modules."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield node.lineno, name
            case ast.alias(name=name, asname=other):
                yield from ((node.lineno, part) for part in (*name.split("."), other) if part)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield node.lineno, name


def parts(name: str) -> set[str]:
    """The parts of a name such as `_sorted_out` or `PlayedRuns`, and two neighbours as one."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).strip("_").lower()
    found = snake.split("_")
    return {*found, *("_".join(pair) for pair in pairwise(found))}


def avoided(path: Path) -> list[str]:
    """The places in a file whose names have a part to avoid."""
    allowed = FROM_ELSEWHERE.get(path.parts[0], set())
    return [
        f"{path}:{line}: {name}"
        for line, name in identifiers((SIM / path).read_text(encoding="utf-8"))
        if parts(name) & AVOIDED and name not in allowed
    ]


def functions(source: str) -> Iterator[ast.FunctionDef]:
    """The functions of a module, and the methods of its classes."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from (inner for inner in node.body if isinstance(inner, ast.FunctionDef))


def parameters(function: ast.FunctionDef) -> list[str]:
    """The parameters that a caller gives."""
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return [one.arg for one in named if one and one.arg not in ("self", "cls")]


def without_arguments(source: str) -> list[str]:
    """The public functions with two or more parameters whose docstring has no section on them."""
    return [
        f"{function.lineno}: {function.name}"
        for function in functions(source)
        if (function.name == "__init__" or not function.name.startswith("_"))
        and len(parameters(function)) > 1
        and "\nArgs:\n" not in (ast.get_docstring(function) or "")
    ]


def without_verb(source: str) -> list[str]:
    """The functions whose docstring begins with no verb in the imperative."""
    found = []
    for node in ast.walk(ast.parse(source)):
        text = isinstance(node, ast.FunctionDef) and ast.get_docstring(node)
        if not text:
            continue
        first = re.split(r"\W", text, maxsplit=1)[0]
        third_person = first.endswith("s") and not first.endswith("ss")
        if first in NO_VERBS or third_person or not first[:1].isupper():
            found.append(f"{node.lineno}: {first}")
    return found


def test_the_readers_see_what_they_look_for() -> None:
    source = (
        "import sim.blame as other\n"
        "class PlayedRuns:\n"
        "    def told_two(self, x, asked):\n"
        '        """Writes x."""\n'
        "        return f'{self.going_on(words=x)}'\n"
    )
    found = [name for _, name in identifiers(source) if parts(name) & AVOIDED]
    assert sorted(found) == ["PlayedRuns", "asked", "blame", "going_on", "told_two", "words"]
    assert not parts("foretold") & AVOIDED
    assert without_arguments(source) == ["3: told_two"]
    assert without_verb(source) == ["3: Writes"]
    described = '"""Write x.\n\n    Args:\n        x: A number.\n        y: Its unit.\n    """'
    assert not without_arguments(f"def write(x, y):\n    {described}\n")
    assert not without_verb(f"def write(x, y):\n    {described}\n")


@pytest.mark.parametrize("path", sources(()), ids=str)
def test_names_mean_one_thing(path: Path) -> None:
    assert not avoided(path)
    assert not any(parts(part) & AVOIDED for part in path.with_suffix("").parts)


@pytest.mark.parametrize("path", sources(()), ids=str)
def test_docstrings_state_what_a_function_takes(path: Path) -> None:
    assert not without_arguments((SIM / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sources(VERBS_LEFT), ids=str)
def test_docstrings_begin_with_a_verb(path: Path) -> None:
    assert not without_verb((SIM / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("part", VERBS_LEFT)
def test_a_finished_file_is_taken_off_the_list_of_docstrings(part: str) -> None:
    assert without_verb((SIM / part).read_text("utf-8"))


@pytest.mark.parametrize("folder", FROM_ELSEWHERE)
def test_names_from_elsewhere_are_still_used(folder: str) -> None:
    used = {
        name
        for path in sources(())
        if path.parts[0] == folder
        for _, name in identifiers((SIM / path).read_text(encoding="utf-8"))
    }
    assert used >= FROM_ELSEWHERE[folder]
