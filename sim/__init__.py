"""armsflow: an agent-based simulation of arms transfers and deterrence between states.

    scenario = sim.load("northeast_asia_2023", ["weeks=104"])
    results = sim.run(scenario, runs=100, seed=0)
    results.summary()

Names are imported when they are first used, so that `import sim` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import data as data
    from . import plots as plots
    from .analysis.game import MetaGame, meta_game
    from .desks.registry import desk
    from .engines.own_metrics import metric
    from .ensemble.compare import compare
    from .ensemble.run import run
    from .ensemble.sweep import sweep
    from .listing import list_doctrines, list_metrics, list_scenarios
    from .plots.registry import figure
    from .policy.base import Policy
    from .policy.environment import environment
    from .policy.mesa_model import ArmsTransferModel, StateAgent
    from .policy.state import State
    from .results import Results, open_results
    from .results.comparison import Comparison
    from .scenario import Scenario, ScenarioError, ScenarioWarning
    from .scenario.load import load

__all__ = [
    "ArmsTransferModel",
    "Comparison",
    "MetaGame",
    "Policy",
    "Results",
    "Scenario",
    "ScenarioError",
    "ScenarioWarning",
    "State",
    "StateAgent",
    "compare",
    "desk",
    "environment",
    "figure",
    "list_doctrines",
    "list_metrics",
    "list_scenarios",
    "load",
    "meta_game",
    "metric",
    "open_results",
    "run",
    "sweep",
]

_HOME = {
    "ArmsTransferModel": "policy.mesa_model",
    "Comparison": "results.comparison",
    "MetaGame": "analysis.game",
    "Policy": "policy.base",
    "Results": "results",
    "Scenario": "scenario",
    "ScenarioError": "scenario",
    "ScenarioWarning": "scenario",
    "State": "policy.state",
    "StateAgent": "policy.mesa_model",
    "compare": "ensemble.compare",
    "desk": "desks.registry",
    "environment": "policy.environment",
    "figure": "plots.registry",
    "list_doctrines": "listing",
    "list_metrics": "listing",
    "list_scenarios": "listing",
    "load": "scenario.load",
    "meta_game": "analysis.game",
    "metric": "engines.own_metrics",
    "open_results": "results",
    "run": "ensemble.run",
    "sweep": "ensemble.sweep",
}
ACCESSORS = {
    "branch": "sim.ensemble.branch",
    "plot": "sim.plots.accessor",
    "replay": "sim.ensemble.replay",
}
"""Modules that give `Results` a further attribute, by its name; imported when it is first used."""


MODULES = ("data", "plots")
"""Packages that are there after `import sim`, imported when they are first used."""


if not TYPE_CHECKING:  # so that a type checker refuses a name that is not there

    def __getattr__(name: str) -> object:
        if name in MODULES:
            return import_module(f".{name}", __name__)
        if name not in _HOME:
            raise AttributeError(f"module 'sim' has no attribute '{name}'")
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*__all__, *MODULES])
