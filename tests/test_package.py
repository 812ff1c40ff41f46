"""The package as strangers meet it: what it declares is what it needs, and its papers agree."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OURS = {"sim", "experiments", "hydra_plugins", "tests"}
PART_OF = {
    "pydantic-core": "pydantic",
    "dask": "distributed",
    "fastapi": "nicegui",
    "starlette": "nicegui",
    "httpx": "nicegui",
    "websockets": "nicegui",
}
"""Libraries that come with another one, in the version that it names."""


def distribution(requirement: str) -> str:
    """Return the name of what a requirement asks for, as indices spell it."""
    return re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")


def declared(*extras: str) -> set[str]:
    """Return the names of the dependencies, with those of some extras."""
    listed = [PROJECT["dependencies"], *(EXTRAS[extra] for extra in extras)]
    return {distribution(requirement) for some in listed for requirement in some}


def imported(*folders: str) -> dict[str, str]:
    """Return each library that the files of some folders import, with a file that does."""
    found = {}
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for root in {name.split(".")[0] for name in names}:
                if root not in sys.stdlib_module_names | OURS:
                    found[root] = str(path.relative_to(ROOT))
    return found


@pytest.mark.parametrize(
    ("folders", "extras"),
    [
        (("sim", "hydra_plugins"), ("app", "fast", "games", "sweep", "evidence")),
        (("experiments", "tests"), ("app", "fast", "games", "sweep", "evidence", "dev")),
    ],
)
def test_what_is_imported_is_declared(folders: tuple[str, ...], extras: tuple[str, ...]) -> None:
    ours = (ROOT / "tests").rglob("*")
    modules = {path.stem for path in ours if path.suffix == ".py" or path.is_dir()}
    homes, known = packages_distributions(), declared(*extras)
    assert [
        f"{file} imports {module}"
        for module, file in imported(*folders).items()
        if module not in modules
        and known.isdisjoint(
            PART_OF.get(name, name) for name in map(distribution, homes.get(module, [module]))
        )
    ] == []


def test_citation_and_project_agree() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    assert [a["name"] for a in citation["authors"]] == [a["name"] for a in PROJECT["authors"]]
    assert citation["repository-code"] == PROJECT["urls"]["Repository"]


def test_the_changelog_has_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[?{re.escape(PROJECT['version'])}\b", text, re.MULTILINE)
