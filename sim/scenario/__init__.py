"""Scenarios: one YAML file, checked, made into the arrays of a run.

- `files`: reads configuration as plain data; `compose`: defaults, overrides, doctrines
- `values`, `schema`, `check`: what a scenario may hold, and everything that is wrong with one
- `claims`: what was said in public, beside which runs are drawn
- `build`, `start`: from a scenario to Params and to the World of week 0
- `priors`: uncertain numbers, drawn for each run; `tree`: the arrays where they stand
- `generate`: synthetic worlds of any size
"""

from .compose import settle
from .files import names, read_yaml
from .generate import synthetic
from .load import load
from .problems import ScenarioError
from .scenario import Scenario, from_mapping
from .schema import Spec

__all__ = [
    "Scenario",
    "ScenarioError",
    "Spec",
    "from_mapping",
    "load",
    "names",
    "read_yaml",
    "settle",
    "synthetic",
]
