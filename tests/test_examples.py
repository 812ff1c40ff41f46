"""Every public name has an example in its docstring, and all of them run.

The methods of a class go on from the example of the class: it makes what they use.
"""

import doctest
import inspect
import re
import warnings
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import sim
from sim import noise
from sim.desks.registry import REGISTRY
from sim.metrics import METRICS
from sim.plots.accessor import Plots
from sim.plots.registry import FIGURES
from sim.world import HOLD, Crisis

GIVEN = {
    **{"sim": sim, "np": np, "pd": pd, "plt": plt, "Path": Path, "warnings": warnings},
    **{"__name__": "__main__", "noise": noise, "Crisis": Crisis, "HOLD": HOLD},
}
"""What every example may use without an import of its own."""
ACCESSORS = {
    "branch": ("sim.ensemble.branch", "Branch"),
    "replay": ("sim.ensemble.replay", "Replay"),
}
OPTIONS = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL


def public() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Each public name, with what has to have an example: it and, of a class, its methods."""
    names = {f"sim.{name}": getattr(sim, name) for name in sim.__all__}
    names |= {f"sim.data.{name}": getattr(sim.data, name) for name in sim.data.__all__}
    for name, item in names.items():
        yield name, [(name, item), *(methods(name, item) if isinstance(item, type) else ())]
    yield "results.plot", [("results.plot", Plots)]
    for name, (module, kind) in ACCESSORS.items():
        call = getattr(import_module(module), kind).__call__
        yield f"results.{name}", [(f"results.{name}", call)]


def methods(name: str, kind: type) -> list[tuple[str, Any]]:
    """The public methods that a class of ours gives its users, inherited ones of ours once."""
    return [
        (f"{name}.{place}", value)
        for each in kind.__mro__
        if each is kind or each.__name__ == "Facts"
        for place, value in vars(each).items()
        if inspect.isfunction(value) and not place.startswith("_") and value.__doc__
        if value.__module__.startswith("sim.") and value.__name__ == place
    ]


PUBLIC = dict(public())


@pytest.fixture
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of its own, and registries as they were."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delattr(sim, "__warningregistry__", raising=False)
    kept = [*METRICS], {desk: {**rules} for desk, rules in REGISTRY.items()}, {**FIGURES}
    yield tmp_path
    METRICS[:] = kept[0]
    for desk, rules in kept[1].items():
        REGISTRY[desk].clear()
        REGISTRY[desk].update(rules)
    FIGURES.clear()
    FIGURES.update(kept[2])
    plt.close("all")


def lacking(example: doctest.Example) -> list[str]:
    """The packages that an example says it needs and that are not installed."""
    found = re.search(r"# needs: (.*)", example.source)
    return [name for name in re.findall(r"\w+", found[1]) if not find_spec(name)] if found else []


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.usefixtures("unchecked")
def test_every_public_name_has_an_example_that_runs(
    name: str, clean: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser, names, without = doctest.DocTestParser(), dict(GIVEN), list[str]()
    skipped = set[str]()
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    for place, item in PUBLIC[name]:
        test = parser.get_doctest(inspect.getdoc(item) or "", names, place, None, 0)
        if not test.examples:
            without.append(place)
        for package in {found for example in test.examples for found in lacking(example)}:
            skipped.add(package)
        if not any(lacking(example) for example in test.examples):
            runner.run(test, clear_globs=False)
            names.update(test.globs)
    assert without == []
    assert runner.summarize(verbose=False).failed == 0, capsys.readouterr().out
    if skipped and runner.tries == 0:
        pytest.skip(f"not installed: {', '.join(sorted(skipped))}")


def test_methods_are_found() -> None:
    found = {name for name, _ in PUBLIC["sim.Scenario"]}
    assert {"sim.Scenario.with_", "sim.Scenario.date", "sim.Scenario.draw"} < found
    assert "sim.State.press" in {name for name, _ in PUBLIC["sim.State"]}
