"""The house: who may import whom, and that the whole model stays on one screen."""

import ast
import os
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

SIM = Path(__file__).parent.parent / "sim"
MODULES = sorted(path.relative_to(SIM).with_suffix("") for path in SIM.rglob("*.py"))

# From the ground up: a module imports from its own floor or from a lower one.
FLOORS = (
    ("world", "wiring", "traits", "params", "arrays", "noise", "streams", "events"),
    *(
        ("desks",),
        ("rules", "metrics", "quantities"),
        ("scenario", "listing", "data"),
        ("policy",),
        ("engines",),
    ),
    *(("results",), ("ensemble",), ("explain", "analysis"), ("plots",), ("studies", "cli", "app")),
)
FLOOR = {name: height for height, names in enumerate(FLOORS) for name in names}
RULEBOOK = {"world", "wiring", "traits", "params", "arrays", "events", "rules", "desks"}
HEAVY = {"pandas", "matplotlib", "mesa", "hydra", "pyarrow", "pydantic", "xarray", "numpy", "jax"}


def imported(module: Path, everywhere: bool = True) -> set[str]:
    """The modules that a file of `sim` imports, in full: `sim.rules.build`, `numpy`.

    With `everywhere` false, only what is imported as the file itself is.
    """
    tree = ast.parse((SIM / module).with_suffix(".py").read_text(encoding="utf-8"))
    package = ("sim", *module.parent.parts)
    names = set()
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join((*base, *(node.module or "").split("."))).strip(".")
            names |= {f"{origin}.{alias.name}" for alias in node.names}
    return names


def part_of_sim(name: str) -> str | None:
    """`rules` for `sim.rules.build`; None for what is not ours or is `sim` itself."""
    parts = name.split(".")
    return parts[1] if parts[0] == "sim" and len(parts) > 1 and parts[1] in FLOOR else None


def test_the_reader_of_imports_sees_relative_ones() -> None:
    assert "sim.world.World" in imported(Path("rules/bounds"))
    assert "sim.rules.week.step" in imported(Path("engines/reference"))


def runtime_imports(module: Path) -> set[Path]:
    """The modules of `sim` that a module imports when it is loaded or called, typing aside."""
    tree = ast.parse((SIM / module).with_suffix(".py").read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
        for node in ast.walk(block)
    }
    found = set[Path]()
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or id(node) in typing_only or not node.level:
            continue
        base = module.parent
        for _ in range(node.level - 1):
            base = base.parent
        origin = base.joinpath(*(node.module or "").split("."))
        for alias in node.names:
            for path in (origin / alias.name, origin, origin / "__init__"):
                if path in PLACES:
                    found.add(path)
                    break
    return found - {module}


PLACES = set(MODULES)


@cache
def arrows() -> set[tuple[Path, Path]]:
    """Return who imports whom: (importer, imported)."""
    return {(a, b) for a in MODULES for b in runtime_imports(a)}


def circles() -> dict[Path, set[Path]]:
    """The modules that import each other in a circle, and those that need one of them."""
    left = {module: {b for a, b in arrows() if a == module} for module in MODULES}
    while free := {module for module, others in left.items() if not others & left.keys()}:
        left = {module: others for module, others in left.items() if module not in free}
    return left


def test_imports_run_one_way_and_in_no_circle(capsys: pytest.CaptureFixture[str]) -> None:
    names = {module.parts[0] for module in MODULES} - {"__init__"}
    assert names == set(FLOOR), "every part of sim stands on a floor"
    rooms = {
        (a.parts[0], b.parts[0])
        for a, b in arrows()
        if a.parts[0] != b.parts[0] and "__init__" not in (a.parts[0], b.parts[0])
    }
    up = {(a, b) for a, b in rooms if FLOOR[b] > FLOOR[a]}
    with capsys.disabled():
        print(f"\n{len(FLOORS)} floors, {len(rooms)} arrows between {len(names)} parts", end="")
        print(f" ({len(arrows())} between modules), {len(up)} of them up", end="")
        print(f", {len(circles())} modules in circles", end="")
    assert not up
    assert not circles()


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_no_file_is_long(module: Path) -> None:
    text = (SIM / module).with_suffix(".py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400


@pytest.mark.parametrize(
    "module", [m for m in MODULES if m.parts[0] in ("rules", "desks")], ids=str
)
def test_the_rulebook_knows_no_library(module: Path) -> None:
    for name in imported(module):
        root = name.split(".")[0]
        if root == "sim":
            assert part_of_sim(name) in RULEBOOK, name
        else:
            assert root == "jaxtyping" or root in sys.stdlib_module_names, name


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_jax_stands_in_one_place(module: Path) -> None:
    roots = {name.split(".")[0] for name in imported(module)}
    assert not roots & {"jax", "jaxlib"} or str(module) in (
        *("engines/compiled", "engines/lanes", "engines/operations", "engines/structure"),
    )


def test_the_week_fits_on_a_screen() -> None:
    tree = ast.parse((SIM / "rules" / "week.py").read_text(encoding="utf-8"))
    text = {
        ast.get_docstring(node) is not None and node.body[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef)
    }
    prose = {line for node in text if node for line in range(node.lineno, node.end_lineno + 1)}
    lines = (SIM / "rules" / "week.py").read_text(encoding="utf-8").splitlines()
    code = [line for number, line in enumerate(lines, 1) if line.strip() and number not in prose]
    assert len(code) <= 60


def test_import_sim_is_light() -> None:
    code = "import sys, sim; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not set(loaded.stdout.split()) & HEAVY


def test_public_names_are_there() -> None:
    import sim

    for name in sim.__all__:
        assert getattr(sim, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'missile'"):
        _ = sim.missile


def test_every_package_is_installed() -> None:
    project = tomllib.loads((SIM.parent / "pyproject.toml").read_text(encoding="utf-8"))
    here = {".".join(("sim", *module.parts[:-1])) for module in MODULES}
    installed = set(project["tool"]["setuptools"]["packages"])
    assert installed == here | {"sim.configs", "hydra_plugins.armsflow"}


@pytest.mark.xdist_group("house")
def test_tests_of_a_group_have_one_process(request: pytest.FixtureRequest) -> None:
    """They share what they compile and play; where groups have no names it is done anew in each."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("there is one process for all tests")
    assert request.node.nodeid.endswith("@house")
