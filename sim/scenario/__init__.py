"""Scenarios: one YAML file, checked, made into the arrays of a run.

- `files`: reads configuration as plain data; `compose`: defaults, overrides, doctrines
- `schema`, `check`: what a scenario may say, and everything that is wrong with one at once
- `build`, `start`: from a scenario to Params and to the World of week 0
- `priors`: uncertain numbers, drawn for each run
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
