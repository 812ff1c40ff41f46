"""The four ready sweeps: each is valid, plays, holds what is shipped, and has its page."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

import sim
from sim.cli.main import main
from sim.results.responses import reference_point, require_columns, swept_values
from sim.scenario import load

pytestmark = pytest.mark.usefixtures("unchecked")
ROOT = Path(__file__).parent.parent.parent
READY = (
    "enforcement_and_secrecy",
    "exercises_and_provocation",
    "technology_price",
    "war_and_stock",
)
SMALL = ("runs=1", "weeks=1", "engine=reference", "workers=1", "pages=false")


def params(name: str) -> dict[str, str]:
    told = yaml.safe_load((ROOT / "configs" / "experiment" / f"{name}.yaml").read_text())
    return {path: str(values) for path, values in told["hydra"]["sweeper"]["params"].items()}


@pytest.mark.parametrize("name", READY)
def test_a_ready_sweep_plays(name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["-m", f"+experiment={name}", *SMALL, f"out={out}"]) == 0
    results = sim.open_results(out)
    columns = swept_values(results)
    shape = [len(values.split(",")) for values in params(name).values()]
    assert len(shape) == 2
    assert results.manifest["points"] == np.prod(shape)
    assert {path: len(set(columns[path])) for path in params(name)} == dict(
        zip(params(name), shape, strict=True)
    )
    point = reference_point(results)
    for path in params(name):
        told = columns[path][point]
        shipped = load(results.scenario.name, [f"{path}={told}", "weeks=1", "priors=none"])
        bare = load(results.scenario.name, ["weeks=1", "priors=none"])
        assert shipped.spec == bare.spec, "a sweep compares with what is shipped"
    page = (ROOT / "docs" / "sweeps" / f"{name}.md").read_text()
    (metrics,) = re.findall(r"report=\S+ metrics=(\S+)", page)
    require_columns(results, metrics.split(","))


@pytest.mark.parametrize("name", READY)
def test_a_ready_sweep_has_its_page(name: str) -> None:
    page = (ROOT / "docs" / "sweeps" / f"{name}.md").read_text()
    assert f"armsflow -m +experiment={name} out=" in page
    for part in ("**Question.**", "**What it shows**", "**What it does not show.**"):
        assert part in page
    for path in params(name):
        assert f"`{path}`" in page
    assert len(page.splitlines()) <= 60


def test_none_is_left_out() -> None:
    there = {path.stem for path in (ROOT / "configs" / "experiment").glob("*.yaml")}
    pages = {path.stem for path in (ROOT / "docs" / "sweeps").glob("*.md")}
    assert pages == set(READY)
    assert there == {*READY, "sensitivity"}, "whose page is that of the analysis, docs/sweeps.md"
