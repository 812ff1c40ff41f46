"""Files of settings, as experiments are: found by Hydra, read by our own reader.

Hydra's is one of YAML 1.1: 010 is 8 there, 1:30 is 90, the state NO is false.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import yaml
from hydra._internal.core_plugins import file_config_source
from hydra.plugins.config_source import ConfigLoadError, ConfigResult
from omegaconf import OmegaConf

from ..scenario.files import read_settings
from ..scenario.problems import ScenarioError

PARAMS = "hydra.sweeper.params"
"""Where a file says what is swept, by key."""
HEADER = 512
"""Bytes in which Hydra looks for a line such as `# @package _global_`."""


class FileConfigSource(file_config_source.FileConfigSource):
    """The files of a folder, in place of Hydra's own source of them.

    It bears that one's name: by it a process that a launcher began knows it for the same.

    - `experiments`: the files of experiments that were read last.
    """

    experiments: ClassVar[list[Path]] = []

    def load_config(self, config_path: str) -> ConfigResult:
        """Return what a file sets.

        Raises:
            ScenarioError: It is no YAML, or holds what our reader refuses; with its line.
        """
        path = Path(self.path, self._normalize_file_name(config_path))
        if not path.exists():
            raise ConfigLoadError(f"there is no {path}")
        read = read_settings(path)
        defaults = read.get("defaults", [])
        if not isinstance(defaults, list) or not all(map(_is_default, defaults)):
            raise ScenarioError([f"{path}: defaults: must be a list of names, or of GROUP: NAME"])
        config = OmegaConf.create(read)
        if path.parent.name == "experiment" and path not in self.experiments:
            self.experiments.append(path)
        with path.open("rb") as file:
            text = file.read(HEADER).decode("utf-8-sig", "ignore")
        try:
            header = self._get_header_dict(text)
        except ValueError as error:
            raise ScenarioError([f"{path}: {error} (line 1)"]) from None
        return ConfigResult(
            config=config,
            path=f"{self.scheme()}://{self.path}",
            provider=self.provider,
            header=header,
        )


def _is_default(entry: Any) -> bool:
    """Return whether an entry of a list of defaults is one that Hydra reads."""
    if isinstance(entry, dict):
        return len(entry) == 1 and all(
            isinstance(key, str) and isinstance(value, str | list | None)
            for key, value in entry.items()
        )
    return isinstance(entry, str)


def with_lines(problems: str) -> str:
    """Return problems, each with the line of the experiment that sets what it is about.

    Args:
        problems: A line each, `path: message`.
    """
    places: dict[str, str] = {}
    for file in FileConfigSource.experiments:
        root = yaml.compose(file.read_text(encoding="utf-8-sig"), yaml.SafeLoader)
        places |= {key: f" ({file} line {line})" for key, line in _lines(root)}
    found = []
    for problem in problems.splitlines():
        path = problem.partition(": ")[0]
        while path and path not in places:
            path = path.rpartition(".")[0]
        found.append(problem + places.get(path, ""))
    return "\n".join(found)


def _lines(node: Any, above: str = "") -> Iterator[tuple[str, int]]:
    """Yield the dotted keys of a file that lead to a value, and the line of each."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    for key, value in pairs:
        path = f"{above}.{key.value}" if above else str(key.value)
        yield path.removeprefix(f"{PARAMS}."), key.start_mark.line + 1
        yield from _lines(value, path)
