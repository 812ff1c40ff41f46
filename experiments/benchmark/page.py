"""docs/performance.md, from what was measured: figures are computed here, or said to be by hand."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import numpy as np

from experiments.benchmark.numbers import a_pair, figures, listed, median, ratios, size_name, spread
from experiments.benchmark.words import PAGE, TRIED
from experiments.documents.markdown import table

Found = Mapping[str, Any]

AIMS = {8: (30.0, 40.0), 32: (25.0, 40.0), 200: (40.0, 40.0)}
"""How many times as fast as the peer the compiled engine was to be on one core, at the least and
better, by the number of states."""
A_PAIR = 2.0
"""How much more a listed pair's week may cost among 300 states than among 8."""
ALL_CORES = 1.7
"""How much faster two cores should be than one."""
JOB_PARTS = {
    "start": "start: imports, the scenario, the program",
    "write": "writing",
    "simulate": "simulating",
    "tables": "tables",
    "pages": "figures (PNG and SVG) and the page",
}
"""What each part of a job is called, in the order of the table."""
SMALL_JOBS = {
    "run": "`sim.run` of one run",
    "point": "a point of `sim.sweep`, of one run",
}
"""What each small job is called."""
FEW = 0.005
"""A smaller share of the time has no row of its own."""


def page(found: Found) -> str:
    """The page: its text with its tables, wrapped."""
    values = _plain(found) | {name: "\n".join(made(found)) for name, made in TABLES.items()}
    blocks = [block.format(**values) for block in PAGE.strip().split("\n\n")]
    return "\n\n".join(map(_laid_out, blocks)) + "\n"


def _laid_out(block: str) -> str:
    """A paragraph wrapped; headings, tables and the figure as they are."""
    if block.startswith(("#", "|", "!", "<")):
        return block
    indent = "  " if block.startswith("- ") else ""
    lines = wrap(
        block, 100, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines)


def described(machine: Found) -> str:
    """The machine in half a line."""
    virtual = ", virtual" if machine["virtual"] else ""
    return (
        f"{machine['system']}, {machine['processor']} ({machine['family']}{virtual}),"
        f" {machine['cores']} cores, {machine['memory'] / 2**30:.0f} GiB"
    )


def _world(found: Found, states: int) -> Found:
    """The synthetic world with so many states."""
    sizes = (s for s in found["sizes"] if s["scenario"] == "synthetic" and s["states"] == states)
    return next(sizes)


def _default(found: Found) -> Found:
    return next(size for size in found["sizes"] if size["scenario"] != "synthetic")


def _plain(found: Found) -> dict[str, Any]:
    """What stands in sentences."""
    machine, sizes, spots = (found[name] for name in ("machine", "sizes", "hotspots"))
    small, large = _world(found, 8), _world(found, 200)
    fewer_weeks = min(size["weeks"] for size in sizes)
    traced = sum(spots["files"].values())
    return {
        "machine": described(machine),
        "versions": ", ".join(f"{name} {machine[name]}" for name in found["packages"]),
        "load": found["load"],
        "minutes": found["took"] / 60.0,
        "others": 100.0 * found["others"],
        "priority": f" It ran at nice {found['nice']}." if found["nice"] < 0 else "",
        "a_job": found["job"]["runs"],
        "rounds": len(small["samples"]["peer"]),
        "a_sample": found["a_sample"],
        "routes_8": small["routes"],
        "routes_200": large["routes"],
        "weeks": max(size["weeks"] for size in sizes),
        "fewer_weeks": fewer_weeks,
        "many": min(size["states"] for size in sizes if size["weeks"] == fewer_weeks),
        "stakes_8": 100.0 * small["stakes"],
        "stakes_200": 100.0 * large["stakes"],
        "peer_8": figures(a_pair(small, "peer")),
        "peer_200": figures(a_pair(large, "peer")),
        "pair_8": figures(a_pair(small, "compiled")),
        "pair_200": figures(a_pair(large, "compiled")),
        "lead_4": figures(median(ratios(_world(found, 4), "peer", "compiled"))),
        "lead_200": figures(median(ratios(large, "peer", "compiled"))),
        "cores": machine["cores"],
        "operations": spots["operations"],
        "block": spots["block"],
        "operation": traced * spots["block"] / spots["operations"],
        "traced": figures(traced),
        "untraced": figures(spots["alone"]),
        "largest": 100.0 * max(spots["files"].values()) / traced,
        "default_weeks": _default(found)["weeks"],
        "break_even": _break_even(found),
        "rules": found["lines"]["rules"],
        "metrics": found["lines"]["metrics"],
    }


def _speed(found: Found) -> list[str]:
    names = ("peer", "reference", "compiled")
    rows = [
        [size_name(size), listed(size)]
        + [spread(size["samples"][name]) for name in names]
        + [spread(ratios(size, slow, "compiled")) for slow in names[:2]]
        for size in found["sizes"]
    ]
    heading = ("scenario", "listed pairs", "Mesa peer", "reference", "compiled")
    return table((*heading, "against the peer", "against the reference"), rows)


def _aims(found: Found) -> list[str]:
    small, large = _world(found, 8), _world(found, 300)
    rows = []
    for states, (aim, better) in AIMS.items():
        times = median(ratios(_world(found, states), "peer", "compiled"))
        verdict = "better" if times >= better else _verdict(times >= aim)
        if times < aim:
            verdict += f" by a factor of {figures(aim / times)}"
        what = f"against the peer, {states} states"
        rows.append((what, f"{aim:g} times as fast, better {better:g}", figures(times), verdict))
    grown = a_pair(large, "compiled") / a_pair(small, "compiled")
    what = "a listed pair's week, 300 states against 8"
    wanted = f"at most {A_PAIR:g} times as long"
    rows.append((what, wanted, figures(grown), _verdict(grown <= A_PAIR)))
    for way in ("processes", "threads"):
        gain = median(ratios(_default(found), "compiled", way))
        what = f"all cores against one, the default, {way}"
        wanted = f"{ALL_CORES:g} times as fast"
        rows.append((what, wanted, figures(gain), _verdict(gain >= ALL_CORES)))
    return table(("compiled engine", "aim", "found", ""), rows)


def _verdict(fine: bool) -> str:
    return "reached" if fine else "missed"


def _ways(found: Found) -> list[str]:
    ways = ("compiled", "processes", "threads")
    rows = [
        [size_name(size)]
        + [spread(size["samples"][name]) for name in ways]
        + [spread(ratios(size, "compiled", name)) for name in ways[1:]]
        for size in found["sizes"]
    ]
    heading = ("scenario", "one core", "processes", "threads")
    return table((*heading, "gain by processes", "gain by threads"), rows)


def _files(found: Found) -> list[str]:
    files = found["hotspots"]["files"]
    total = sum(files.values())
    rows = [(f"`{file}`", micro) for file, micro in files.items() if micro >= FEW * total]
    rows.append(("the rest", total - sum(micro for _, micro in rows)))
    told = [(what, f"{micro:.2f}", f"{100 * micro / total:.1f} %") for what, micro in rows]
    return table(("file", "µs a run-week", "share"), told)


def _compiling(found: Found) -> list[str]:
    rows = [
        (str(row["cores"]), _seconds(row["seconds"]), _seconds(row["xla"]))
        for row in found["compiling"]
    ]
    return table(("cores", "in all", "of it XLA"), rows)


def _starting(found: Found) -> list[str]:
    what = {
        "first": "the first result: `sim.run`, one run",
        "command": "`armsflow runs=64`, with figures and page",
    }
    rows = [
        (
            what[row["what"]],
            row["engine"],
            "" if row["engine"] == "reference" else "yes" if row["kept"] else "no",
            _seconds(row["seconds"]),
        )
        for row in found["starting"]
    ]
    return table(("", "engine", "program kept", "s"), rows)


def _seconds(samples: Sequence[float]) -> str:
    """A median with the least and the most, in seconds."""
    return f"{np.median(samples):.1f} ({min(samples):.1f} to {max(samples):.1f})"


def _break_even(found: Found) -> str:
    """From how many runs of the default on the compiled engine's later start is made up for."""
    first = {
        (row["engine"], row["kept"]): median(row["seconds"])
        for row in found["starting"]
        if row["what"] == "first"
    }
    size = _default(found)
    slow, fast = (
        1e-6 * size["weeks"] * median(size["samples"][name]) for name in ("reference", "compiled")
    )
    new, kept = (
        max(1.0, (first["compiled", kept] - first["reference", False]) / (slow - fast))
        for kept in (False, True)
    )
    return (
        f"Beyond about {new:,.0f} runs of {size['weeks']} weeks the compiled engine on one core is"
        " done before the reference engine, compiling included; with the program kept, beyond"
        f" {kept:,.0f}."
    )


def _memory(found: Found) -> list[str]:
    rows = [
        (
            f"{row['runs']:,}",
            f"{row['peak'] / 2**20:,.0f}",
            f"{row['seconds']:.1f}",
            f"{row['runs'] / row['seconds']:,.0f}",
            f"{row['bytes'] / 2**20:.1f}",
        )
        for row in found["memory"]
    ]
    return table(("runs", "peak, MiB", "s", "runs a second", "results, MiB"), rows)


def _job(found: Found) -> list[str]:
    job = found["job"]["by_part"]
    total = sum(median(samples) for samples in job.values())
    rows = [
        (JOB_PARTS[part], _seconds(samples), f"{100 * median(samples) / total:.0f} %")
        for part, samples in job.items()
    ]
    return table(("part", "s", "share"), rows)


def _small(found: Found) -> list[str]:
    small = found["job"]["small"]
    rows = [
        (what, figures(small[key]), figures(small[f"{key}_engine"]))
        for key, what in SMALL_JOBS.items()
    ]
    return table(("", "ms", "of it the engine"), rows)


def _lines(found: Found) -> list[str]:
    count = found["lines"]
    shared = count["rules"] + count["metrics"]
    rows = [("Mesa peer", f"{count['peer']:,}", "", f"{count['peer']:,}")]
    for name in ("reference", "compiled"):
        own = count[name]
        rows.append((f"{name} engine", f"{own:,}", f"{shared:,}", f"{own + shared:,}"))
    return table(("", "own", "shared", "in all"), rows)


TABLES = {
    "speed": _speed,
    "aims": _aims,
    "ways": _ways,
    "files": _files,
    "compiling": _compiling,
    "starting": _starting,
    "job": _job,
    "small": _small,
    "memory": _memory,
    "lines": _lines,
    "tried": lambda found: table(("", "µs a run-week", "taken"), TRIED),
}
