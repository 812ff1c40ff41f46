"""The folder of real data, no part of armsflow: tests that need it skip where it is not."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("ARMSFLOW_DATA", Path(__file__).parents[2].joinpath("shared", "data")))


def real_folder() -> Path:
    """Return the folder, or skip the test with the reason."""
    if not FOLDER.is_dir():
        pytest.skip(f"the data is not part of armsflow and not at {FOLDER}; ARMSFLOW_DATA names it")
    return FOLDER
