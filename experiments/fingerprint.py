"""`python -m experiments.fingerprint [write=true|new]`: whether results are still what they were.

Runs every shipped scenario and twenty drawn worlds on both engines, takes digests of their five
tables, and prints which of them differ from the stored ones, `tests/fixtures/fingerprints.json`.

    write=true     store the digests anew: where numbers change on purpose, or a metric is new
    write=new      simulate and store those worlds alone of which nothing is stored

Exit code 1 if a digest differs, 2 for a key or a value that does not fit.
"""

import hashlib
import json
import math
import os
import platform
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import sim
from sim.scenario import Scenario, from_mapping, names

FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures"
STORED = FIXTURES / "fingerprints.json"
DRAWN = FIXTURES / "drawn_worlds.json"
"""Worlds that Hypothesis drew once, half of them with drawn coefficients: no test draws them."""

RUNS, WEEKS, SEED = 3, 52, 11
"""What is run of each world; a drawn one has weeks of its own."""
TABLES = ("runs", "weeks", "dyads", "routes", "events")
ENGINES = ("reference", "compiled")
CLOSE = 1e-9
"""How far the sums of numbers may differ between kinds of processors, relative to their size."""

Fingerprint = dict[str, dict[str, Any]]
"""By table: its rows, the digests of its columns, and sums of its numbers."""


@cache
def drawn_worlds() -> tuple[dict[str, Any], ...]:
    """Return the drawn worlds, as the mappings that scenario files hold."""
    return tuple(json.loads(DRAWN.read_text(encoding="utf-8")))


def world_names() -> list[str]:
    """Return the names of all worlds: of shipped scenarios, then `drawn_0` and so on."""
    return [*names("scenario"), *(f"drawn_{n}" for n in range(len(drawn_worlds())))]


def world(name: str) -> Scenario:
    """Return the world of that name.

    Args:
        name: One of `world_names`.
    """
    if name.startswith("drawn_"):
        return from_mapping(drawn_worlds()[int(name.removeprefix("drawn_"))], name)
    return sim.load(name, [f"weeks={WEEKS}"])


def fingerprint(scenario: Scenario, engine: str) -> Fingerprint:
    """Return the fingerprint of some runs of a scenario.

    Args:
        scenario: The world.
        engine: "reference" or "compiled".
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a run that fails is a result as any other
        results = sim.run(scenario, runs=RUNS, seed=SEED, engine=engine, workers=1)
    return {name: table_fingerprint(getattr(results, name)) for name in TABLES}


def table_fingerprint(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the digests and sums of a table.

    `exact` is of the names of all columns and of what is not a float: whole numbers, dates, kinds,
    states, and which floats are finite. `floats` is of the bits of the floats. `sum` adds up
    sign(x) log(1 + |x|), so that a column of shells does not hide one of shares, `size` does so
    without the sign, and `weighed` gives each row a weight of its own, so that a swap shows.

    Args:
        frame: The table, rows in order.
    """
    exact, floats = hashlib.sha256(), hashlib.sha256()
    total = weighed = size = 0.0
    for name in frame.columns:
        exact.update(f"{name};".encode())
        column = frame[name]
        if column.dtype.kind == "f":
            values = np.ascontiguousarray(column.to_numpy(np.float64))
            floats.update(values.tobytes())
            finite = np.isfinite(values)
            exact.update(finite.tobytes())
            scaled = np.log1p(np.abs(np.where(finite, values, 0.0)))
            signed = np.copysign(scaled, values)
            size += math.fsum(scaled)
            total += math.fsum(signed)
            weighed += math.fsum(signed * np.cos(np.arange(len(signed))))
        elif column.dtype.kind == "M":
            exact.update(column.to_numpy("datetime64[ms]").astype(np.int64).tobytes())
        else:
            exact.update("".join(f"{value};" for value in column).encode())
    return {
        "rows": len(frame),
        "exact": exact.hexdigest(),
        "floats": floats.hexdigest(),
        "sum": total,
        "weighed": weighed,
        "size": size,
    }


def made_with() -> dict[str, str]:
    """Return what the last digit of a float may depend on, by name: libraries and processor."""
    packages = ("numpy", "jax", "jaxlib")
    found = {name: version(name) if find_spec(name) else "none" for name in packages}
    cpu, flags = _processor()
    return found | {
        "system": f"{sys.platform} {os.name} {platform.machine()}",
        "cpu": cpu,
        "flags": hashlib.sha256(flags.encode()).hexdigest()[:16],
    }


def _processor() -> tuple[str, str]:
    """The model of the processor and its instruction sets, empty where the system says neither."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor(), ""
    facts = dict(reversed([line.split(":", 1) for line in lines if ":" in line]))
    named = {name.strip(): value.strip() for name, value in facts.items()}
    flags = named.get("flags", named.get("Features", ""))
    return named.get("model name", ""), " ".join(sorted(flags.split()))


def made_elsewhere(stored: Mapping[str, str]) -> list[str]:
    """Return why floats cannot be compared bit by bit here, a reason each; empty if they can.

    Args:
        stored: What the stored digests were made with, as `made_with` returns it.
    """
    here = made_with()
    return [
        f"{name} {here[name]}, not {stored[name]}" for name in here if here[name] != stored[name]
    ]


def differences(stored: Fingerprint, found: Fingerprint, bits: bool) -> Iterator[str]:
    """Yield what differs, such as "weeks: floats".

    Args:
        stored: The fingerprint that is wanted.
        found: The fingerprint of what was run now.
        bits: Whether floats must be the same bits; else their sums must agree to `CLOSE`.
    """
    for table in TABLES:
        old, new = stored[table], found[table]
        if old["rows"] != new["rows"]:
            yield f"{table}: {new['rows']} rows, not {old['rows']}"
            continue
        if old["exact"] != new["exact"]:
            yield f"{table}: whole numbers, dates or names"
        if bits and old["floats"] != new["floats"]:
            yield f"{table}: floats"
        elif not bits:
            scale = CLOSE * max(abs(old["size"]), 1.0)
            for name in ("sum", "weighed", "size"):
                if not abs(new[name] - old[name]) <= scale:
                    yield f"{table}: {name} is {new[name]!r}, not {old[name]!r}"


def stored_fingerprints() -> dict[str, Any]:
    """Return what is stored: `made_with`, and `worlds` by "engine/name"."""
    stored: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8"))
    return stored


def main(arguments: list[str]) -> int:
    """Print which digests differ, or store them.

    Args:
        arguments: Of the command line: `write=true`, `write=new` or `write=false`.

    Returns:
        The exit code.
    """
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    engines = [engine for engine in ENGINES if engine == "reference" or find_spec("jax")]
    write = arguments[-1].removeprefix("write=") if arguments else "false"
    stored = stored_fingerprints() if write == "new" else {"made_with": made_with(), "worlds": {}}
    wrong = list(_wrong(arguments, engines, stored["made_with"]))
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        return 2
    found = {
        f"{engine}/{name}": fingerprint(world(name), engine)
        for engine in engines
        for name in world_names()
        if f"{engine}/{name}" not in stored["worlds"]
    }
    if write == "false":
        return _report(found)
    kept = stored | {"worlds": stored["worlds"] | found}
    STORED.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"{len(found)} fingerprints are stored in {STORED.parent.name}/{STORED.name}")
    return 0


def _wrong(
    arguments: Sequence[str], engines: Sequence[str], stored: Mapping[str, str]
) -> Iterator[str]:
    """Yield what of a command line cannot be done here, and why."""
    for argument in arguments:
        if argument not in ("write=true", "write=new", "write=false"):
            yield f"{argument}: takes write=true, write=new or write=false"
        elif argument != "write=false" and len(engines) < len(ENGINES):
            yield f"{argument}: needs jax, as digests of both engines are stored"
        elif argument == "write=new" and (why := made_elsewhere(stored)):
            yield f"{argument}: the others were made elsewhere ({'; '.join(why)}); use write=true"


def _report(found: Mapping[str, Fingerprint]) -> int:
    """Print what differs from what is stored; return the exit code."""
    stored = stored_fingerprints()
    elsewhere = made_elsewhere(stored["made_with"])
    if elsewhere:
        print(f"floats are compared by their sums, to {CLOSE:g}: {'; '.join(elsewhere)}")
    changed = 0
    for name, new in found.items():
        old = stored["worlds"].get(name)
        wrong = ["not stored"] if old is None else list(differences(old, new, not elsewhere))
        changed += bool(wrong)
        for line in wrong:
            print(f"{name}: {line}")
    print(f"{len(found) - changed} of {len(found)} worlds are as stored")
    return 1 if changed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
