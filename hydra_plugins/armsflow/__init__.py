"""Hands armsflow's sweeper and launcher to Hydra.

What they do are methods of the task that they are given (`sim.cli.multirun.Task`). Hydra imports
this in every program that it serves, so nothing of armsflow is imported here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn
from hydra.errors import CompactHydraException
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext
from omegaconf import DictConfig


class ArmsflowSweeper(Sweeper):
    """All combinations of what is swept, in the syntax of Hydra's own sweeper, in one launch."""

    def __init__(self, params: Mapping[str, str] | None = None) -> None:
        self.params = params or {}

    def setup(self, *, hydra_context: HydraContext, task_function: Any, config: DictConfig) -> None:
        """Keeps what the sweep needs."""
        _require(task_function, "sweeper", "expand")
        self.task = task_function
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )
        self.hydra_context = hydra_context

    def sweep(self, arguments: list[str]) -> Any:
        """Expands and launches."""
        assert self.launcher is not None
        assert self.hydra_context is not None
        jobs = self.task.expand(self.params, arguments, self.hydra_context)
        returns = self.launcher.launch(jobs, initial_job_idx=0)
        for each in returns:
            _ = each.return_value  # raises what the job raised
        return returns


class ArmsflowLauncher(Launcher):
    """Plays all jobs as the points of one table."""

    def setup(self, *, hydra_context: HydraContext, task_function: Any, config: DictConfig) -> None:
        """Keeps what the launch needs."""
        _require(task_function, "launcher", "launch")
        self.hydra_context, self.task, self.config = hydra_context, task_function, config

    def launch(
        self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
    ) -> Sequence[JobReturn]:
        """Plays the jobs."""
        returns: Sequence[JobReturn] = self.task.launch(
            job_overrides, self.config, self.hydra_context, initial_job_idx
        )
        return returns


def _require(task_function: Any, kind: str, method: str) -> None:
    """Refuses the task of another program."""
    if not hasattr(task_function, method):
        raise CompactHydraException(
            f"hydra/{kind}=armsflow runs the jobs of armsflow alone (armsflow -m); "
            f"for this program hydra/{kind}=basic serves"
        )


ConfigStore.instance().store(
    group="hydra/sweeper",
    name="armsflow",
    node={"_target_": f"{__name__}.ArmsflowSweeper", "params": None},
    provider="armsflow",
)
ConfigStore.instance().store(
    group="hydra/launcher",
    name="armsflow",
    node={"_target_": f"{__name__}.ArmsflowLauncher"},
    provider="armsflow",
)
