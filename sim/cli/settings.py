"""Files of settings, as experiments are: found by Hydra, read by our own reader.

Hydra's is one of YAML 1.1: 010 is 8 there, 1:30 is 90, the state NO is false.
"""

from pathlib import Path

from hydra._internal.core_plugins import file_config_source
from hydra.plugins.config_source import ConfigLoadError, ConfigResult
from omegaconf import OmegaConf

from ..scenario.files import read_settings
from ..scenario.problems import ScenarioError

HEADER = 512
"""Bytes in which Hydra looks for a line such as `# @package _global_`."""


class FileConfigSource(file_config_source.FileConfigSource):
    """The files of a folder, in place of Hydra's own source of them.

    It bears that one's name: by it a process that a launcher began knows it for the same.
    """

    def load_config(self, config_path: str) -> ConfigResult:
        """Return what a file sets.

        Raises:
            ScenarioError: It is no YAML, or holds what our reader refuses; with its line.
        """
        path = Path(self.path, self._normalize_file_name(config_path))
        if not path.exists():
            raise ConfigLoadError(f"there is no {path}")
        config = OmegaConf.create(read_settings(path))
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
