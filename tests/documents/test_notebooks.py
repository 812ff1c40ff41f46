"""The notebooks run from a clean kernel, without a warning, and are kept without outputs."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

HOME = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted((HOME / "notebooks").glob("*.ipynb"))
LONGEST = 60.0
"""Seconds of processor time; on the clock a busy machine may take four times as long."""


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    return nbformat.read(request.param, as_version=4)


def test_they_are_numbered_and_the_readme_names_each() -> None:
    numbers = [path.stem[:2] for path in NOTEBOOKS]
    assert numbers == sorted(set(numbers))
    readme = (HOME / "README.md").read_text()
    assert [path.stem for path in NOTEBOOKS if f"`{path.stem}`" not in readme] == []


def test_exercises_have_their_solutions() -> None:
    solutions = (HOME / "docs" / "teaching" / "solutions.md").read_text()
    for path in NOTEBOOKS:
        last = nbformat.read(path, as_version=4).cells[-1].source
        if not last.startswith("## Exercises"):
            continue
        asked = re.findall(r"(?m)^\d+\.", last)
        part = solutions.partition(f"## {path.stem}\n")[2].partition("\n## ")[0]
        assert re.findall(r"(?m)^\d+\.", part) == asked, path.stem


def test_outputs_are_stripped(notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert not cell.metadata
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def of_children() -> float:
    """Return the seconds of processor time of processes that this one began and that ended."""
    times = os.times()
    return times.children_user + times.children_system


@pytest.mark.slow
def test_it_runs(
    notebook: nbformat.NotebookNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an empty folder, and leaves nothing in it."""
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))
    here = tmp_path / "here"
    here.mkdir()
    began = of_children()
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        timeout=4.0 * LONGEST,
        resources={"metadata": {"path": str(here)}},
    )
    client.execute()
    took = of_children() - began
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    assert [out.text for out in outputs if out.get("name") == "stderr"] == []
    assert sum("image/png" in out.get("data", {}) for out in outputs) >= 2
    assert list(here.iterdir()) == []
    assert 0.0 < took < LONGEST
