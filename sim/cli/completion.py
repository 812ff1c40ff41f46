"""Tab completion: `eval "$(armsflow --completion)"` in a bash, and keys and names complete.

`armsflow --completion zsh` and `fish` print the same for those shells.

The shell calls `armsflow --complete LINE`, which prints every key or value that can end the line.
"""

import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..desks import REGISTRY
from ..engines.traces import RECORDS
from ..ensemble.designs import DESIGNS
from ..ensemble.job import ENGINES
from ..events import SCALES
from ..results.responses import number_columns
from ..results.results import open_results
from ..results.store import MANIFEST
from ..scenario import Scenario, ScenarioError, loaded, names
from .catalogue import LISTS
from .overrides import KEYS
from .request import REPORT_KEYS, RESUME_KEYS

FEW = {
    "list": (*LISTS, "pairs", "schema"),
    "record": sorted(RECORDS),
    "engine": sorted(ENGINES),
    "cluster": names("cluster"),
    "pages": ("false", "true"),
    "scale": SCALES,
    "progress": ("false", "true"),
    "dry_run": ("false", "true"),
    "design": sorted(DESIGNS),
    "timetable": ("none",),
    "priors": ("none",),
    "parameters": ("posterior", "prior"),
}
"""The values of keys that have few."""
MOST_FOLDERS = 200
"""How many folders are offered."""
FIRST = ("list", "report", "compare", "resume", "explain", "week")
"""Keys of commands that are not a job, and those that go with them."""

BASH = """\
_armsflow() {
    local line="${COMP_LINE:0:COMP_POINT}" word
    word="${line##* }"
    mapfile -t COMPREPLY < <(armsflow --complete "$line" 2>/dev/null)
    # what has no values here, as a file, bash completes by itself
    # bash breaks words at '=': it wants only what follows the last one
    case "$word" in *=*) COMPREPLY=("${COMPREPLY[@]#*=}") ;; esac
    [[ "${#COMPREPLY[@]}" = 1 && "${COMPREPLY[0]}" = *[=/] ]] && compopt -o nospace
}
complete -o nosort -o default -F _armsflow armsflow
"""

ZSH = """\
_armsflow() {
    local -a found further
    found=("${(@f)$(armsflow --complete "$LBUFFER" 2>/dev/null)}")
    further=(${(M)found:#*[=/]})
    compadd -Q -S '' -- $further
    compadd -Q -- ${found:|further}
}
compdef _armsflow armsflow
"""
FISH = """\
complete --command armsflow --no-files \\
    --arguments '(armsflow --complete (commandline --cut-at-cursor) 2>/dev/null)'
"""
SHELLS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
"""What makes a shell complete, by its name."""
FOLDERS = ("report", "compare", "resume", "out", "scenario_file")
"""Keys whose value is a folder, or may be one."""


def candidates(line: str) -> list[str]:
    """Return the keys and values that can end a command line, sorted.

    Keys that lead further end in `=`. The scenario that the line names says which states there are.
    """
    before, _, begun = line.rpartition(" ")
    key, sign, value = begun.partition("=")
    own = _with_a_folder(before)
    if sign and own and key == "metrics":
        chosen, comma, last = value.rpartition(",")
        known = sorted(name for name in _columns(before) if name.startswith(last))
        return [f"{key}={chosen}{comma}{name}" for name in known]
    if sign:
        return [
            f"{key}={value}" for value in _values(key, value) if f"{key}={value}".startswith(begun)
        ]
    keys = {f"{name}=" for name in own or (*KEYS, *FIRST)}
    if not own:
        spec = _named(line).spec.model_dump(mode="json", by_alias=True)
        keys |= {f"{path}=" for path in _paths(spec)}
    return sorted(found for found in keys if found.startswith(begun))


def _with_a_folder(line: str) -> tuple[str, ...]:
    """Return the keys that go with the folder of results that the line names, if it does."""
    if " report=" in line:
        return REPORT_KEYS[1:]
    return RESUME_KEYS if " resume=" in line else ()


def _columns(line: str) -> list[str]:
    """Return the columns of numbers of the results on which the line reports."""
    try:
        (folder,) = (w.partition("=")[2] for w in shlex.split(line) if w.startswith("report="))
        return number_columns(open_results(folder))
    except (ValueError, OSError):
        return []


def _named(line: str) -> Scenario:
    """Return the scenario that the line names, or the default one."""
    try:
        chosen = [text for text in shlex.split(line) if text.startswith("scenario=")]
        return loaded(chosen[-1].partition("=")[2]) if chosen else loaded()
    except (ScenarioError, ValueError):
        return loaded()


def _folders(begun: str) -> list[str]:
    """Return the folders whose path begins so; a stroke after those that are no results."""
    above, stroke, name = begun.rpartition("/")
    try:
        found = sorted(Path(os.path.expanduser(above + stroke) or ".").iterdir())
    except OSError:
        return []
    shown = [path for path in found if path.name.startswith(name) and path.is_dir()]
    return [
        f"{above}{stroke}{path.name}" + ("" if (path / MANIFEST).exists() else "/")
        for path in shown
        if name.startswith(".") or not path.name.startswith(".")
    ][:MOST_FOLDERS]


def _values(key: str, begun: str) -> list[str]:
    """Return the values of a key that has few, or a few that begin so."""
    part = key.split(".")
    if key in ("scenario", "experiment"):
        return list(names(key))
    if key in FEW:
        return list(FEW[key])
    if key in FOLDERS:
        return _folders(begun)
    if part[0] == "states" and part[-1] == "doctrine":
        return list(names("doctrine"))
    if part[0] == "states" and part[-2:-1] == ["desks"]:
        return sorted(REGISTRY.get(part[-1], {}))
    return []


def _paths(mapping: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Yield the dotted keys of a scenario that hold one value, and each state's six desks."""
    for name, value in mapping.items():
        path = f"{above}{name}"
        if path.startswith("states.") and path.count(".") == 1:
            yield from (f"{path}.desks.{desk}" for desk in REGISTRY)
        if isinstance(value, Mapping):
            yield from _paths(value, f"{path}.")
        elif not isinstance(value, list):
            yield path
    if not above:
        yield from ("timetable", "priors", "parameters")
