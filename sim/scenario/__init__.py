"""Scenarios: one YAML file, checked, made into the arrays of a run.

- `files`: reads configuration as plain data; `compose`: defaults, overrides, doctrines
- `values`, `schema`, `check`: what a scenario may hold, and everything that is wrong with one
- `observed`: what was seen or said of its quantities, beside which runs are drawn
- `warn`: what is accepted though it has no effect
- `build`, `start`: from a scenario to Params and to the World of week 0
- `priors`: uncertain numbers, drawn for each run; `tree`: the arrays where they stand
- `generate`: synthetic worlds of any size
"""

from .compose import settle
from .files import names, read_yaml
from .generate import synthetic
from .load import load, loaded
from .problems import ScenarioError
from .scenario import Scenario, from_mapping
from .schema import Spec
from .warn import ScenarioWarning, warn

__all__ = [
    "Scenario",
    "ScenarioError",
    "ScenarioWarning",
    "Spec",
    "from_mapping",
    "load",
    "loaded",
    "names",
    "read_yaml",
    "settle",
    "synthetic",
    "warn",
]
