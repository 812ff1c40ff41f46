"""Calibration: what dated public data say of a scenario's uncertain numbers, and how surely.

`calibrate` simulates a table of runs, passes each through the errors of reports (`sample`), infers
the posterior of the data and of a thousand runs whose truth is known (`inference`), and simulates
the posterior's own runs. `write` leaves tables, and the posterior as a file for `parameters=FILE`.
"""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64
from scipy.stats import norm
from tqdm import tqdm

from ..engines.points import Points
from ..ensemble.job import resolve_engine
from ..results.store import atomic_write
from ..scenario import Scenario, from_mapping
from ..scenario.parameters import content_digest, posterior_text
from ..scenario.priors import quantiles
from .inference import LEVELS, Check, Draws, Reference, check, learn, surprise
from .observed import Observed
from .sample import SOURCES, Sample, bias_path, scores
from .table import Table, simulated, simulation_table

FEWEST_RUNS = 1000
"""Of a table: half of them, less a little, are the reference."""
TAUGHT = 0.4
"""The share of the table that teaches the network; the rest is the reference."""
ROWS = 400
"""Draws that a posterior's file holds."""
IDENTIFIED = 0.1
"""The least contraction of a number that the data are said to identify."""
DIGITS = 4
"""Significant ones of a number in a posterior's file."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
METHOD = "ABC, learned summaries, regression adjustment"


@dataclass(frozen=True)
class Calibration:
    """What a calibration found.

    - `sample`: the data. `table`: the simulations; `reported`: what would have been reported of
      them. `names`: of all numbers, the scenario's priors first, then the errors.
    - `reference`, `draws`, `check`: see `inference`. `surprise`: the share of simulations that lie
      further out than the data.
    - `identified`: a row per number: `contraction` by these data, `mean_contraction` over data that
      the model made, quantiles of prior and posterior, `ranks_p`, the coverage of its intervals
      and the p value of each, `identifiable`.
    - `predictive`: a row per number of the data: what was observed, the quantiles of what would be
      reported before and after.
    - `paths`: weekly containers of the posterior's runs, as they were, [run, week].
    - `content`: of the posterior's file.
    """

    sample: Sample
    table: Table
    reported: Float64[np.ndarray, "run number"]
    names: tuple[str, ...]
    reference: Reference
    draws: Draws
    check: Check
    surprise: float
    identified: pd.DataFrame
    predictive: pd.DataFrame
    paths: Float64[np.ndarray, "run week"]
    content: dict[str, Any]

    @property
    def calibrated(self) -> bool:
        """Return whether the posterior is not too sure of what it says, nor too unsure."""
        return self.check.holds(self.identified["identifiable"].to_numpy())


def calibrate(
    sample: Sample,
    observed: Observed,
    folder: Path,
    runs: int = 20_480,
    truths: int = 2_000,
    seed: int = 0,
    engine: str = "auto",
    workers: int = 1,
    progress: bool = False,
) -> Calibration:
    """Infer the posterior of a scenario's uncertain numbers.

    Args:
        sample: The data.
        observed: The folder that they are from, for its hashes.
        folder: Where the table of simulations is kept: what is there is not simulated again.
        runs: How many runs the table has.
        truths: Of how many of them the posterior is checked.
        seed: Of the runs, the errors and the network.
        engine: As in `sim.run`.
        workers: Processes.
        progress: Whether to show bars.

    Raises:
        ValueError: The engine cannot simulate this, or there are too few runs.
        OutputError: The folder cannot be made.
    """
    if runs < FEWEST_RUNS:
        raise ValueError(f"runs: {runs} is not a whole number of at least {FEWEST_RUNS}")
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    scenario = sample.scenario
    table = simulation_table(scenario, runs, seed, folder, engine, workers, progress)
    laws = {path: scenario.uncertain[path][0] for path in table.paths}
    own = [
        scores(column, laws[p].law) for p, column in zip(table.paths, table.values.T, strict=True)
    ]
    generator = np.random.default_rng([seed, 1])
    drawn = generator.standard_normal((len(table.run), len(sample.errors)))
    truth = np.concatenate([np.stack(own, axis=1), drawn], axis=1)
    data = _reported(sample, table.series, table.paths, table.values, drawn, generator)

    bar = partial(tqdm, desc="checks", unit="posterior", disable=not progress)
    with threadpool_limits(1):  # matrices are small: threads would wait for each other
        reference = learn(truth, data, int(TAUGHT * len(truth)), seed)
        checked = check(reference, truths, bar)
        draws = reference.posterior(sample.numbers)

    rows = draws.sampled(ROWS)
    values = np.stack(
        [_values(scenario, path, rows[:, place]) for place, path in enumerate(table.paths)], axis=1
    )
    later = range(runs, runs + ROWS)  # noise that the table has not
    points = Points(
        np.zeros(ROWS, np.int64),
        (scenario,),
        np.zeros(ROWS, np.int64),
        {path: values[:, place] for place, path in enumerate(table.paths)},
    )
    sound, _, series = simulated(scenario, seed, later, resolve_engine(engine, scenario), points)
    sound_series = {name: found[sound] for name, found in series.items()}
    errors = rows[sound][:, len(table.paths) :]
    after = _reported(sample, sound_series, table.paths, values[sound], errors, generator)

    names = (*table.paths, *sample.errors)
    return Calibration(
        sample,
        table,
        data,
        names,
        reference,
        draws,
        checked,
        surprise(reference, sample.numbers, data),
        _identified(sample, names, reference, draws, checked),
        _predictive(sample, data, after),
        sound_series["containers"],
        _content(sample, observed, runs, seed, table.paths, values),
    )


def with_posterior(scenario: Scenario, content: Mapping[str, Any]) -> Scenario:
    """Return a scenario that draws from a posterior in place of its priors.

    Args:
        scenario: The scenario.
        content: As `Calibration.content`.
    """
    whole = json.loads(posterior_text(content))
    return from_mapping({**scenario.mapping, "parameters": whole}).with_code(scenario.code)


def _reported(
    sample: Sample,
    series: Mapping[str, np.ndarray],
    paths: tuple[str, ...],
    values: np.ndarray,
    errors: np.ndarray,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return what would be reported of runs with those values and those scores of errors."""
    biases = {
        bias_path(who): values[:, paths.index(bias_path(who))]
        for who in set(sample.issuers)
        if bias_path(who) in paths
    }
    sizes = {name: sample.error(name, errors[:, n]) for n, name in enumerate(sample.errors)}
    return sample.reported(series, biases, sizes, generator)


def _values(scenario: Scenario, path: str, score: np.ndarray) -> np.ndarray:
    """Return the values of a prior at scores, within its number's bounds, as a file holds them."""
    prior, cells = scenario.uncertain[path]
    values = quantiles(prior, np.clip(norm.cdf(score), 1e-12, 1.0 - 1e-12))
    held = np.clip(values, cells.low, cells.high)
    return np.asarray([float(f"{value:.{DIGITS}g}") for value in held])


def _identified(
    sample: Sample, names: tuple[str, ...], reference: Reference, draws: Draws, found: Check
) -> pd.DataFrame:
    """Return the table of identifiability."""
    known = sample.scenario.uncertain
    frame = pd.DataFrame({"number": names})
    frame["contraction"] = draws.contraction
    frame["mean_contraction"] = found.contraction
    frame["learned"] = reference.learned
    frame["identifiable"] = reference.kept & (draws.contraction >= IDENTIFIED)
    order = draws.scores.argsort(axis=0, kind="stable")
    rises = np.cumsum(draws.weights[order], axis=0)
    for q in QUANTILES:
        ends = []
        for place, name in enumerate(names):
            at = min(int(np.searchsorted(rises[:, place], q)), len(order) - 1)
            score = np.asarray([norm.ppf(q), draws.scores[order[at, place], place]])
            is_prior = name in known
            ends.append(
                _values(sample.scenario, name, score) if is_prior else sample.error(name, score)
            )
        frame[f"prior_q{round(100 * q):02d}"], frame[f"posterior_q{round(100 * q):02d}"] = (
            np.transpose(ends)
        )
    frame["ranks_p"] = found.uniform
    for level in LEVELS:
        frame[f"coverage_{round(100 * level)}"] = found.coverage(level)
        frame[f"coverage_{round(100 * level)}_p"] = found.coverage_p(level)
    return frame


def _predictive(sample: Sample, before: np.ndarray, after: np.ndarray) -> pd.DataFrame:
    """Return what was observed beside what would be reported before and after the data."""
    frame = pd.DataFrame({"number": sample.names, "observed": sample.natural(sample.numbers)})
    for name, some in (("prior", before), ("posterior", after)):
        for q in QUANTILES:
            frame[f"{name}_q{round(100 * q):02d}"] = sample.natural(np.quantile(some, q, axis=0))
    return frame


def _content(
    sample: Sample,
    observed: Observed,
    runs: int,
    seed: int,
    paths: tuple[str, ...],
    values: np.ndarray,
) -> dict[str, Any]:
    """Return what the posterior's file holds."""
    hashes = {}
    for kind in sorted(set(SOURCES.values())):
        each = sorted(
            sha256(path.read_bytes()).hexdigest() for path in observed.files.get(kind, ())
        )
        if each:
            hashes[kind] = sha256("".join(each).encode()).hexdigest()
    packages = ("armsflow", "numpy", "scikit-learn", "scipy")
    scenario = sample.scenario
    return {
        "scenario": scenario.name,
        "scenario_digest": scenario.digest,
        "data": hashes,
        "first": sample.first.isoformat(),
        "last": sample.last.isoformat(),
        "seed": seed,
        "simulations": runs,
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in packages},
        "method": METHOD,
        "priors": {path: list(scenario.uncertain[path][0].law) for path in paths},
        "rows": [" ".join(f"{value:.{DIGITS}g}" for value in row) for row in values],
    }


def write(found: Calibration, folder: Path) -> list[Path]:
    """Write the posterior and the tables; the same calibration gives the same bytes.

    - `posterior.json`: for `parameters=FILE`. `calibration.json`: provenance and verdict.
    - `identified.csv`, `predictive.csv`: see `Calibration`; `ranks.csv`: of the check.
    - `draws.parquet`: the weighted draws, errors too.

    Args:
        found: The calibration.
        folder: Where the files go; made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = posterior_text(found.content)
    ranks = pd.DataFrame(found.check.ranks, columns=list(found.names))
    draws = pd.DataFrame(found.draws.scores, columns=list(found.names))
    for name in found.names:
        score = draws[name].to_numpy()
        is_prior = name in found.sample.scenario.uncertain
        draws[name] = (
            _values(found.sample.scenario, name, score)
            if is_prior
            else found.sample.error(name, score)
        )
    draws = draws.copy()  # its columns were added one by one
    draws.insert(0, "weight", found.draws.weights)
    summary = verdict(found) | {k: v for k, v in found.content.items() if k != "rows"}
    summary |= {"posterior": content_digest(json.loads(text))}
    paths = [folder / f"{name}.csv" for name in ("identified", "predictive", "ranks")]
    for path, frame in zip(paths, (found.identified, found.predictive, ranks), strict=True):
        with atomic_write(path) as file:
            frame.to_csv(file, index=False, float_format="%.5g", lineterminator="\n")
    paths.append(folder / "draws.parquet")
    with atomic_write(paths[-1]) as file:
        draws.to_parquet(file, index=False)
    for name, content in (
        ("calibration.json", json.dumps(summary, indent=1) + "\n"),
        ("posterior.json", text),
    ):
        paths.append(folder / name)
        with atomic_write(paths[-1]) as file:
            file.write(content.encode())
    return paths


def verdict(found: Calibration) -> dict[str, Any]:
    """Return what the check and the predictive say, as plain data.

    Args:
        found: The calibration.
    """
    named = found.identified[found.identified["identifiable"]]
    inside = {}
    for name, low, high in (("50", "q25", "q75"), ("90", "q05", "q95")):
        table = found.predictive
        within = table["observed"].between(table[f"posterior_{low}"], table[f"posterior_{high}"])
        inside[name] = float(within.mean())
    return {
        "calibrated": found.calibrated,
        "truths": len(found.check.ranks),
        "identifiable": {
            row["number"]: {
                key: round(float(row[key]), 4)
                for key in ("contraction", "ranks_p", "coverage_50", "coverage_90")
            }
            for _, row in named.iterrows()
        },
        "not_identifiable": found.identified["number"][~found.identified["identifiable"]].tolist(),
        "data_inside": inside,
        "surprise": found.surprise,
    }
