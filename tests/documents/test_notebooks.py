"""The notebooks run from a clean kernel, without a warning, and are kept without outputs."""

import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent.parent / "notebooks").glob("*.ipynb"))
LONGEST = 60.0  # seconds


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    return nbformat.read(request.param, as_version=4)


def test_there_are_two() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02"]


def test_outputs_are_stripped(notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert not cell.metadata
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


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
    began = time.monotonic()
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        timeout=LONGEST,
        resources={"metadata": {"path": str(here)}},
    )
    client.execute()
    took = time.monotonic() - began
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    assert [out.text for out in outputs if out.get("name") == "stderr"] == []
    assert sum("image/png" in out.get("data", {}) for out in outputs) >= 2
    assert list(here.iterdir()) == []
    assert took < LONGEST
