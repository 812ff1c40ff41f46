"""Posteriors: joint draws of a scenario's uncertain numbers, as a file that says where it is from.

`parameters=posterior` (the shipped one) or `parameters=FILE` puts them in the place of the priors:
a run draws one row by its own noise and takes all its numbers from it, so that what the data say of
two numbers together is kept. The whole file becomes part of the scenario: a manifest stands alone.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal

import numpy as np
from jaxtyping import Float64, UInt64
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from .. import noise
from .files import LARGEST_FILE, _configs, local_path
from .problems import ScenarioError, brief, lines, nearest

FORMAT = "armsflow posterior 1"
SHIPPED, PRIORS = "posterior", ("prior", "priors", "none", None)
"""What `parameters` may say beside the name of a file: the shipped one, or the priors."""
FOLDER = "posterior"
"""Of `configs/`, where the shipped ones lie."""
MOST_ROWS = 10_000
STREAM = "posterior"
"""The code of the draw that chooses a run's row."""


class Parameters(BaseModel):
    """A posterior as it stands in its file, which `python -m experiments.calibration` writes.

    A scenario names it: `posterior` is the shipped one, `prior` none, anything else a file.

    - `digest`: of all else; a changed byte shows.
    - `scenario`, `scenario_digest`: what was calibrated, by name and by hash.
    - `data`: the hash of each kind of data; `first`, `last`: the days that were used.
    - `seed`, `simulations`, `versions`, `method`: how it was made.
    - `priors`: the law that each number had, [law, a, b] by its path, in the order of the rows.
    - `rows`: the draws, each as text: a number per path.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["armsflow posterior 1"]
    digest: str
    scenario: str
    scenario_digest: str
    data: dict[str, str]
    first: str
    last: str
    seed: int
    simulations: int
    versions: dict[str, str]
    method: str
    priors: dict[str, tuple[str, float, float]]
    rows: list[str]

    @model_validator(mode="after")
    def _whole(self) -> "Parameters":
        if not 1 <= len(self.rows) <= MOST_ROWS:
            raise PydanticCustomError("refused", f"must hold 1 to {MOST_ROWS:,} rows")
        if not self.priors:
            raise PydanticCustomError("refused", "must hold a number's prior at least")
        if self.digest != content_digest(self.model_dump(mode="json")):
            raise PydanticCustomError(
                "refused", "was changed after it was written: its digest differs"
            )
        try:
            table = self.table
        except ValueError:
            table = np.empty((0, 0))
        if table.shape != (len(self.rows), len(self.priors)) or not np.isfinite(table).all():
            raise PydanticCustomError(
                "refused", f"must hold {len(self.priors)} numbers in each of its rows"
            )
        return self

    @cached_property
    def table(self) -> Float64[np.ndarray, "row path"]:
        """Return the draws, in the order of `priors`."""
        return np.asarray([[float(text) for text in row.split()] for row in self.rows])

    def in_use(self, laws: Mapping[str, tuple[str, float, float]]) -> list[str]:
        """Return the paths whose prior is still the one that the posterior was made from.

        Args:
            laws: Of a scenario's priors, by path.
        """
        return [path for path, law in self.priors.items() if laws.get(path) == law]

    def draw(
        self, keys: UInt64[np.ndarray, "run 2"], paths: Iterable[str]
    ) -> dict[str, Float64[np.ndarray, " run"]]:
        """Return the numbers of some runs by path, those of a run from one row.

        Args:
            keys: The runs' keys: the row of a run follows from its own.
            paths: Which numbers.
        """
        chance = noise.initial_uniforms(keys, [STREAM])[0]
        row = np.minimum((chance * len(self.rows)).astype(np.int64), len(self.rows) - 1)
        column = {path: place for place, path in enumerate(self.priors)}
        return {path: self.table[row, column[path]] for path in paths}


def content_digest(content: Mapping[str, Any]) -> str:
    """Return the hash of a posterior's content, but for the hash itself.

    Args:
        content: As plain data; tuples count as lists.
    """
    held = {key: value for key, value in content.items() if key != "digest"}
    return sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()


def posterior_text(content: Mapping[str, Any]) -> str:
    """Return the text of the file that holds a posterior, with its digest.

    Args:
        content: All keys of `Parameters` but `format` and `digest`.

    Raises:
        ScenarioError: It is not one.
    """
    whole = {"format": FORMAT, **content}
    whole = {"format": FORMAT, "digest": content_digest(whole), **content}
    _checked(whole, "posterior")
    return json.dumps(whole, indent=1) + "\n"


def shipped_posteriors() -> tuple[str, ...]:
    """Return the scenarios of which a posterior is shipped, sorted."""
    folder = _configs() / FOLDER
    found = [file.name for file in folder.iterdir()] if folder.is_dir() else []
    return tuple(sorted(n.removesuffix(".json") for n in found if n.endswith(".json")))


def read_posterior(given: str, scenario: str) -> dict[str, Any]:
    """Return what a posterior's file holds, checked, as plain data.

    Args:
        given: `posterior` for the one that is shipped with the scenario, else the path of a file.
        scenario: The scenario's name.

    Raises:
        ScenarioError: There is none, or the file cannot be used.
    """
    if given != SHIPPED:
        return _checked(_parsed(_read(given), given), f"parameters: {brief(given)}")
    known = shipped_posteriors()
    if scenario not in known:
        there = f"; there is one of {', '.join(known)}" if known else ""
        raise ScenarioError(
            [
                f"parameters: no posterior of '{scenario}' is shipped{there}; parameters=FILE reads"
                " one"
            ]
        )
    text = (_configs() / FOLDER / f"{scenario}.json").read_bytes()
    return _checked(_parsed(text, given), f"parameters: {given}")


def _read(given: str) -> bytes:
    try:
        path = local_path(given)
        if not path.is_file():
            hint = nearest(given, (SHIPPED, "prior"))
            raise ScenarioError([f"parameters: there is no file {brief(repr(given))}{hint}"])
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        why = getattr(error, "strerror", None) or str(error)
        raise ScenarioError([f"parameters: {brief(given)}: {why}"]) from None


def _parsed(raw: bytes, given: str) -> Any:
    if len(raw) > LARGEST_FILE:
        raise ScenarioError([f"parameters: {brief(given)}: larger than {LARGEST_FILE:,} bytes"])
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise ScenarioError(
            [f"parameters: {brief(given)}: is no posterior: it does not hold JSON"]
        ) from None


def _checked(data: Any, where: str) -> dict[str, Any]:
    """Return a posterior as plain data, if it is one."""
    try:
        return Parameters.model_validate(data).model_dump(mode="json")
    except ValidationError as error:
        raise ScenarioError(lines(error, Parameters, where)) from None


def resolved(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario's mapping with its posterior in the place of that posterior's name.

    Args:
        mapping: Of a scenario; `parameters` may be absent, a name, or what a file holds.

    Raises:
        ScenarioError: The posterior cannot be used.
    """
    given = mapping.get("parameters")
    rest = {key: value for key, value in mapping.items() if key != "parameters"}
    if given in PRIORS:
        return rest
    if isinstance(given, str):
        return rest | {"parameters": read_posterior(given, str(mapping.get("name", "custom")))}
    return dict(mapping)
