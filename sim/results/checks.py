"""What is wrong with the parts of a folder, in sentences, and how they are mended."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..engines.traces import TABLES
from .seal import Fault, Place, fault
from .store import OutputError, finished, part_name, part_numbers


def require_parts(path: Path, manifest: Mapping[str, Any]) -> list[int]:
    """Return the numbers of the finished parts of a folder that holds no others.

    The row of a run is written last: where it is and another table is not, that was taken away.

    Args:
        path: The folder of the job.
        manifest: That of the job.

    Raises:
        OutputError: There is a part that the job does not have, or a table of a part is gone.
    """
    tables = TABLES[manifest["record"]]
    for table in tables:
        stray = sorted(part for part in part_numbers(path / table) if part >= manifest["parts"])
        if stray:
            raise part_error(path, Place(manifest["digest"], table, stray[0]), _stray(manifest))
    done = part_numbers(path / "runs")
    for table in tables:
        gone = sorted(part for part in done - part_numbers(path / table))
        if gone:
            raise part_error(path, Place(manifest["digest"], table, gone[0]), Fault("is missing"))
    return sorted(done)


def _stray(manifest: Mapping[str, Any]) -> Fault:
    many = manifest["parts"]
    return Fault(f"is none of this job, which has {many} part{'s' if many > 1 else ''}", sound=True)


def part_error(path: Path, place: Place, found: Fault) -> OutputError:
    """Return the error that names a part with a fault, and the command that mends it.

    Args:
        path: The folder of the job.
        place: What the file should be.
        found: What is wrong with it.
    """
    again = shlex.join(["armsflow", f"resume={path}"])
    what = "sets it aside" if found.what.startswith("is none") else f"runs part {place.part} again"
    file = path / place.table / part_name(place.part)
    return OutputError(f"{file} {found.what}; {again} {what}")


def faults(path: Path, manifest: Mapping[str, Any]) -> dict[Path, Fault]:
    """Read all parts of a job that are there and return what is wrong with any, by file.

    Args:
        path: The folder of the job.
        manifest: That of the job.
    """
    job, found = manifest["digest"], dict[Path, Fault]()
    for table in TABLES[manifest["record"]]:
        for part in sorted(part_numbers(path / table)):
            file = path / table / part_name(part)
            if part >= manifest["parts"]:
                found[file] = _stray(manifest)
            elif wrong := fault(file, Place(job, table, part)):
                found[file] = wrong
    return found


def is_intact(path: Path, manifest: Mapping[str, Any]) -> bool:
    """Read all parts of a job; return whether none lacks and nothing is wrong with any.

    Args:
        path: The folder of the job.
        manifest: That of the job.
    """
    return len(finished(path, manifest)) == manifest["parts"] and not faults(path, manifest)


def clear(found: Mapping[Path, Fault]) -> list[str]:
    """Take away files with faults, so that their parts are run again.

    What is damaged goes; what is sound is a part of something else, and only gets another name.

    Args:
        found: The faults, by file.

    Returns:
        A sentence about each.
    """
    said = []
    for file, wrong in found.items():
        if wrong.sound:
            aside = _unused(file.with_name(f"{file.name}.astray"))
            file.rename(aside)
            said.append(f"{file} {wrong.what}: it is {aside.name} now")
        else:
            file.unlink(missing_ok=True)
            said.append(f"{file} {wrong.what}: it is run again")
    return said


def _unused(name: Path) -> Path:
    number = 1
    while name.exists():
        number += 1
        name = name.with_suffix(f".astray-{number}")
    return name
