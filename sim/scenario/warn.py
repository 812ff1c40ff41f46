"""What is accepted though it does nothing, or less than it says: a sentence each.

The command line prints them on stderr, Python issues them as `ScenarioWarning`, and the manifest of
a job keeps them under `warnings`.
"""

import sys
import warnings
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from .files import names, shipped
from .priors import Cells, beyond
from .schema import Prior, Spec

if TYPE_CHECKING:
    from types import FrameType

MOST_SHOWN = 10
"""How many entries a sentence names."""


class ScenarioWarning(UserWarning):
    """A scenario holds something that is cut or has no effect.

    Examples:
        >>> with warnings.catch_warnings(record=True) as said:
        ...     warnings.simplefilter("always")
        ...     wide = "+priors.rules.watch.detection={normal: [0.0, 0.1]}"  # half of it below 0
        ...     _ = sim.load("arms_race_dyad", [wide])
        >>> said[0].category is sim.ScenarioWarning
        True
    """


def without_effect(
    spec: Spec, uncertain: Mapping[str, tuple[Prior, Cells]], as_shipped: Collection[int] = ()
) -> tuple[str, ...]:
    """Return what of a scenario is cut or has no effect, a sentence each.

    Args:
        spec: The scenario.
        uncertain: Its priors by path.
        as_shipped: The places in its timetable of entries that armsflow ships with it.
    """
    end = spec.start + timedelta(weeks=spec.weeks)
    found = (*_outside(spec, spec.start, end, as_shipped), *_cut(uncertain), *_unused(spec))
    return (*found, *_idle(spec, uncertain))


def entries_as_shipped(name: str, mapping: Mapping[str, Any]) -> list[int]:
    """Return the places in a scenario's timetable of entries that armsflow ships with it.

    Args:
        name: The name of the scenario.
        mapping: The scenario as plain data.
    """
    ours = shipped("scenario", name).get("timetable") if name in names("scenario") else None
    return [i for i, entry in enumerate(mapping.get("timetable") or ()) if entry in (ours or ())]


def _outside(spec: Spec, start: date, end: date, as_shipped: Collection[int]) -> list[str]:
    """Name the dated entries that no week holds.

    Those that the scenario ships and that come after the last week are left out: whoever wants
    fewer weeks knows that later ones do not happen.
    """
    out = [
        (i, entry)
        for i, entry in enumerate(spec.timetable)
        if entry.day < start or (entry.day >= end and i not in as_shipped)
    ]
    if not out:
        return []
    shown = ", ".join(f"{i} ({entry.day})" for i, entry in out[:MOST_SHOWN])
    shown += ", ..." if len(out) > MOST_SHOWN else ""
    some = "1 entry lies" if len(out) == 1 else f"{len(out)} entries lie"
    return [
        f"timetable: {some} outside the weeks, {start} to {end - timedelta(days=1)}, without"
        f" effect: {shown}"
    ]


def _cut(uncertain: Mapping[str, tuple[Prior, Cells]]) -> list[str]:
    shares = {path: (beyond(prior, cells), cells) for path, (prior, cells) in uncertain.items()}
    return [
        f"priors.{path}: {out:.1%} of it lies beyond the bounds {cells.low:g} and {cells.high:g},"
        " where a draw is cut"
        for path, (out, cells) in shares.items()
        if out
    ]


def _unused(spec: Spec) -> list[str]:
    """Name what a posterior holds in vain, as the scenario's prior is another, or settled."""
    if spec.parameters is None:
        return []
    laws = {path: prior.law for path, prior in spec.priors.items()}
    used = spec.parameters.in_use(laws)
    lost = [path for path in spec.parameters.priors if path in laws and path not in used]
    found = []
    if not used:
        found.append("parameters: the posterior holds no number that the scenario leaves open")
    if lost:
        shown = ", ".join(lost[:MOST_SHOWN]) + (", ..." if len(lost) > MOST_SHOWN else "")
        found.append(
            f"parameters: {len(lost)} of {len(spec.parameters.priors)} numbers have another prior"
            f" than the posterior was made from, and are drawn from that: {shown}"
        )
    return found


def _idle(spec: Spec, uncertain: Iterable[str]) -> list[str]:
    """Name the importers that want nothing as things stand, and why."""
    fights = {code for war in spec.relations.wars for code in war}
    later = {entry.actor for entry in spec.timetable if entry.set_ is not None}
    found = []
    for code, state in spec.states.items():
        rule = state.desks["transfer"]["rule"]
        open_ = any(path.startswith(f"states.{code}.war_plan") for path in uncertain)
        wants = open_ or any(state.war_plan.values())
        if rule == "importer" and not wants and code not in later:
            if code not in fights:
                found.append(
                    f"states.{code}: the importer {code} needs nothing: it has no war_plan and is"
                    " not at war, so that it wants nothing until it is"
                )
            elif not any(state.fire_rate.values()):
                found.append(
                    f"states.{code}: the importer {code} needs nothing: it is at war without a"
                    " fire_rate, and has no war_plan"
                )
    return found


def warn(sentences: Iterable[str]) -> None:
    """Issue sentences as warnings, at the line outside armsflow that led here.

    Args:
        sentences: As `Scenario.warnings` holds them.
    """
    warn_outside(sentences, ScenarioWarning)


def warn_outside(sentences: Iterable[str], kind: type[Warning]) -> None:
    """Issue sentences as warnings of a kind, at the line outside armsflow that led here.

    Args:
        sentences: What to say.
        kind: The class of the warnings.
    """
    level = 1
    frame: FrameType | None = sys._getframe()
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "sim":
        level, frame = level + 1, frame.f_back
    for sentence in sentences:
        warnings.warn(sentence, kind, stacklevel=level)
