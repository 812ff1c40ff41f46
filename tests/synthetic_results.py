"""Results that no engine made: frames with the columns of a job, filled from a seed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd

from sim.events import SCALES

WAYS = ("cash", "goods", "technology")
OFTEN = {
    "exercise": 0.2,
    "disclosure": 0.1,
    "joint_statement": 0.05,
    "denial": 0.08,
    "challenge": 0.04,
    "draft": 0.01,
    "vetoed": 0.01,
    "monitor_ended": 0.004,
}
"""How often a week each kind of event happens."""


@dataclass(frozen=True)
class SyntheticResults:
    """As much of a `Results` as its readers use."""

    scenario: SimpleNamespace
    tables: dict[str, pd.DataFrame] = field(repr=False)

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        if table not in self.tables:
            raise LookupError(f"this job keeps no {table}")
        frame = self.tables[table]
        return frame if columns is None else frame[list(columns)]


def synthetic(
    states: Sequence[str] = ("PRK", "RUS", "UKR", "USA", "KOR", "JPN", "CHN"),
    routes: Sequence[tuple[str, str]] = (("PRK", "RUS"), ("USA", "UKR"), ("CHN", "RUS")),
    observers: Sequence[str] = ("USA", "KOR"),
    runs: int = 8,
    weeks: int = 156,
    seed: int = 0,
    used: bool = True,
    dyads: bool = True,
    failed: int = 0,
    claims: int = 2,
) -> SyntheticResults:
    """Frames with every column that a figure reads, filled with plausible paths.

    Args:
        states: Codes.
        routes: Supplier and recipient of each; the flow falls from the first to the last.
        observers: Codes of those who publish.
        runs: How many.
        weeks: How many.
        seed: Of the values.
        used: Whether anything moves, is tested or is said.
        dyads: Whether the job kept dyads and routes.
        failed: How many of the runs failed half-way.
        claims: How many public claims each observer makes about the first route.
    """
    states, observers = tuple(states), tuple(observers)
    rng = np.random.default_rng(seed)
    munitions, technologies = ("shell", "rocket", "missile"), ("missile", "satellite", "reactor")
    start = date(2023, 5, 1)
    n, on = len(states), float(used)
    days = np.array([start + timedelta(weeks=w) for w in range(weeks)], dtype="datetime64[ms]")

    def path(*shape: int, drift: float = 1.0, noise: float = 0.3) -> np.ndarray:
        """Rising positive paths [run, week, *shape]."""
        steps = drift * np.exp(noise * rng.standard_normal((runs, 1, *shape)))
        return np.cumsum(steps * rng.gamma(2.0, 0.5, (runs, weeks, *shape)), axis=1)

    def squash(x: np.ndarray) -> np.ndarray:
        return x / (1.0 + x)

    def ids(things: int) -> dict[str, np.ndarray]:
        run, week, _ = np.indices((runs, weeks, things)).reshape(3, -1)
        zero = np.zeros_like(run)
        return {"point": zero, "run": run, "seed": zero, "week": week, "date": days[week]}

    weekly: dict[str, np.ndarray] = {}
    for k in munitions:
        weekly[f"stock_{k}"] = 4e6 * np.exp(-0.004 * path(n))
        weekly[f"supply_{k}"] = 60.0 * np.exp(-0.006 * path(n))
    for d in technologies:
        weekly[f"tech_{d}"] = squash(0.01 * path(n))
        weekly[f"lessons_{d}"] = on * 0.1 * squash(0.01 * path(n)) * np.arange(n, 0, -1) / n
    active = (rng.random((runs, weeks, n)) < 0.3) & (np.arange(n) == 0)
    weekly["tests"] = on * rng.poisson(2.0 * active)
    weekly["test_failures"] = rng.binomial(weekly["tests"].astype(int), 0.1)
    weekly["test_days"] = np.ceil(0.6 * weekly["tests"])
    weekly["readiness"] = squash(0.5 + 0.02 * path(n))
    weekly["stock_value"] = path(n)
    weekly["force"] = 400.0 * np.exp(-0.001 * path(n))
    weekly["losses"] = on * path(n) * (np.arange(n) < 2)
    weekly["embargo"] = on * np.broadcast_to(np.arange(n) == 0, (runs, weeks, n))
    weekly["monitor"] = weekly["embargo"] * (np.arange(weeks) < weeks / 2)[:, None]
    weekly["coalition"] = weekly["embargo"] - weekly["monitor"]
    weekly["launches"] = on * (rng.random((runs, weeks, n)) < 0.02 * (np.arange(n) == 0))
    weekly["launch_failures"] = rng.binomial(weekly["launches"].astype(int), 0.6)
    for metric in ("unlawful_share", *(f"escalation_{scale}" for scale in SCALES)):
        weekly[metric] = on * np.repeat(squash(path(1)), n, axis=2)
    for scale in SCALES:
        weekly[f"escalation_{scale}_third"] = 0.4 * weekly[f"escalation_{scale}"]
    frame = pd.DataFrame(
        ids(n)
        | {"state": np.tile(np.array(states, object), runs * weeks)}
        | {name: np.ravel(values).astype(float) for name, values in weekly.items()}
    )

    pairs = [(i, j) for i in states for j in states if i != j]
    m = len(pairs)
    stress = 1.0 / (1.0 + np.arange(m) % 9)
    tension = squash(0.02 * path(m) * stress)
    dyadic = {
        "tension": tension,
        "level": np.minimum(np.floor(6.0 * tension * rng.random((runs, weeks, m))), 5.0),
        "sanctions": on * squash(0.1 * path(m)),
        "interop": squash(0.05 * path(m)),
        "front": on * (path(m) - path(m)),
    }
    for i, j in (states[:2], states[1::-1]):
        dyadic["level"][:, :, pairs.index((i, j))] = 5.0 * on
    carrying = [pairs.index(route) for route in routes]
    shipped = path(m)[:, :, carrying] * on * 80.0 / np.arange(1.0, 1.0 + len(routes))
    moved = {
        "containers": shipped,
        "containers_delivered": 0.7 * shipped,
        "cargo": 0.3 * shipped * (np.arange(len(routes)) == 0),
        "cargo_delivered": 0.2 * shipped * (np.arange(len(routes)) == 0),
        "exposure": squash(shipped / 2000.0),
        "doubt": 0.5 * np.exp(-shipped / 9000.0),
        "unlawful": np.sign(shipped),
        "debt": shipped * 1e-5,
        **{f"paid_{way}": shipped * (i + 1.0) * 1e-5 for i, way in enumerate(WAYS)},
        **{f"delivered_{k}": shipped * 300.0 for k in munitions},
        **{f"estimate_{o}": shipped * (0.8 + 0.3 * i) for i, o in enumerate(observers)},
        **{f"shipped_{k}": shipped * 400.0 for k in munitions},
        **{f"published_{o}": shipped * (0.7 + 0.4 * i) for i, o in enumerate(observers)},
    }

    def between(pairs: Sequence[tuple[str, str]], values: dict[str, np.ndarray]) -> pd.DataFrame:
        """A row per run, week and pair."""
        ends = {
            name: np.tile(np.array([pair[end] for pair in pairs], object), runs * weeks)
            for end, name in enumerate(("state", "target"))
        }
        return pd.DataFrame(
            ids(len(pairs)) | ends | {name: np.ravel(rows) for name, rows in values.items()}
        )

    kinds = tuple(OFTEN)
    happened = used * (rng.random((runs, weeks, len(kinds))) < tuple(OFTEN.values()))
    run, week, kind = np.nonzero(happened)
    events = pd.DataFrame(
        {
            "point": np.zeros_like(run),
            "run": run,
            "seed": np.zeros_like(run),
            "week": week,
            "date": days[week],
            "kind": np.array(kinds, object)[kind],
            "actor": states[0],
            "target": states[-1],
            "value": np.ones(len(run)),
        }
    )
    of_runs = pd.DataFrame(
        {
            "point": 0,
            "run": np.arange(runs),
            "seed": 0,
            "status": ["failed" if r < failed else "ok" for r in range(runs)],
        }
    )
    tables = {"runs": of_runs, "weeks": frame, "events": events} | (
        {"dyads": between(pairs, dyadic), "routes": between(routes, moved)} if dyads else {}
    )
    for name in ("weeks", "dyads", "routes", "events"):
        if name in tables:
            rows = tables[name]
            tables[name] = rows[(rows["run"] >= failed) | (rows["week"] < weeks // 2)]
    scenario = SimpleNamespace(
        name="synthetic_test",
        states=states,
        routes=tuple(routes),
        munitions=munitions,
        technologies=technologies,
        observers=observers,
        observations=[
            SimpleNamespace(
                kind="claim",
                range=None,
                day=start + timedelta(weeks=3 * number, days=2),
                issuer=issuer,
                quantity="containers",
                route=routes[0],
                value=500.0 * (number + 1),
            )
            for number, issuer in enumerate(observers * claims)
        ],
        spec=SimpleNamespace(
            states={code: SimpleNamespace(name="") for code in states},
            munitions={
                "shell": SimpleNamespace(unit="rounds", family="artillery", price=1e-6),
                "rocket": SimpleNamespace(unit="rockets", family="artillery", price=2e-6),
                "missile": SimpleNamespace(unit="", family=None, price=1e-3),
            },
        ),
    )
    return SyntheticResults(scenario, tables)
