"""The store: a folder with a manifest and parts, written whole or not at all.

    manifest.json             the job: scenario, seed, runs, runs a part, versions
    runs/part-00000.parquet   see `record` for the tables
    figures/

Part p holds runs pP to (p + 1)P - 1, whoever computed it. It is written under a temporary name,
synced and renamed; that it exists is the record that it is done. The row of a run is its last.
"""

import json
import os
import platform
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EDQUOT, ENOSPC
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

MANIFEST = "manifest.json"
MANIFEST_KEYS = (
    *("digest", "versions", "scenario", "scenarios", "sweep", "runs", "first"),
    *("seed", "record", "engine", "runs_a_part", "points", "parts"),
)
"""What every manifest holds."""
TEMPORARY = (".manifest.json.*", ".report.html.*", "*/.*.parquet.*", "*/.*.png.*", "*/.*.csv.*")
MACHINE = re.sub(r"[^A-Za-z0-9-]", "-", platform.node()) or "here"


class OutputError(ValueError):
    """The output folder cannot take this job; the message gives the reason."""


class DiskError(OSError):
    """A file could not be written; the message names it and gives the reason."""


def digest(content: Mapping[str, Any]) -> str:
    """Return the sha256 of plain data; the order of its keys counts, as that of states does."""
    return sha256(json.dumps(content).encode()).hexdigest()


def prepare(path: Path, manifest: Mapping[str, Any]) -> None:
    """Make the folder of a job and write its manifest, unless the same job is there already.

    Args:
        path: The folder of the job.
        manifest: What identifies the job, MANIFEST_KEYS among it.

    Raises:
        OutputError: The folder holds another job, or things that are not results; or it cannot be.
    """
    try:
        if _holds(path, manifest):
            return
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in (ENOSPC, EDQUOT):
            raise
        why = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(f"out: {path} cannot be made: {why}") from None
    with atomic_write(path / MANIFEST) as temporary, temporary.open("w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=1)
        file.write("\n")


def _holds(path: Path, manifest: Mapping[str, Any]) -> bool:
    """Return whether a folder holds that job already.

    Raises:
        OutputError: It holds something else.
    """
    if (path / MANIFEST).exists():
        if read_manifest(path).get("digest") != manifest["digest"]:
            raise OutputError(f"out: {path} holds the results of another job; choose another out")
        return True
    if path.exists() and (not path.is_dir() or set(path.iterdir()) - set(_left_behind(path))):
        raise OutputError(f"out: {path} exists but holds no results; choose another out")
    return False


def read_manifest(path: Path) -> dict[str, Any]:
    """Return the manifest of a folder of results.

    Raises:
        OutputError: There is none, or it cannot be read.
    """
    try:
        manifest: dict[str, Any] = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OutputError(f"{path} holds no results: there is no {MANIFEST}") from None
    except (OSError, ValueError) as error:
        raise OutputError(f"{path} holds no results: {error}") from error
    lacking = [
        key for key in MANIFEST_KEYS if not isinstance(manifest, dict) or key not in manifest
    ]
    if lacking:
        raise OutputError(f"{path} holds no results: {MANIFEST} lacks {', '.join(lacking)}")
    return manifest


def part_name(part: int) -> str:
    """Return the file name of a part."""
    return f"part-{part:05d}.parquet"


def finished(path: Path) -> set[int]:
    """Return the numbers of the parts that are there."""
    names = (file.name for file in (path / "runs").glob("part-*.parquet"))
    found = (re.fullmatch(r"part-(\d{5,})\.parquet", name) for name in names)
    return {int(match[1]) for match in found if match}


def write_part(path: Path, part: int, tables: Mapping[str, pa.Table]) -> None:
    """Write the tables of a part, in their order; the same tables give the same bytes.

    Args:
        path: The folder of the job.
        part: The number of the part.
        tables: The tables by name.
    """
    for name, table in tables.items():
        codes = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
        with atomic_write(path / name / part_name(part)) as temporary:
            pq.write_table(
                table,
                temporary,
                row_group_size=max(1, table.num_rows),
                compression="zstd",
                use_dictionary=codes,
                write_statistics=False,
                store_schema=False,
            )


@contextmanager
def atomic_write(final: Path) -> Iterator[Path]:
    """Give a name to write under, then bring what was written to the disk and to its name.

    So nobody ever reads half a file. Where writing fails nothing stays.

    Raises:
        DiskError: It cannot be written.
    """
    temporary = final.with_name(f".{final.name}.{MACHINE}.{os.getpid()}")
    try:
        final.parent.mkdir(exist_ok=True)
        yield temporary
        _settle(temporary, final)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        if error.errno in (ENOSPC, EDQUOT):
            why += "; make space"
        raise DiskError(f"{final} cannot be written: {why}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _settle(temporary: Path, final: Path) -> None:
    """Bring a written file to the disk and only then to its name."""
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(final)
    if os.name == "posix":  # elsewhere a folder cannot be opened
        folder = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def clean(path: Path) -> None:
    """Remove what stopped writers left behind; another process may still be writing its own.

    Whether a writer on a different machine is alive cannot be known: what it left is removed once
    the job is complete, which then loses nothing.
    """
    for file in _left_behind(path):
        machine, process = file.name.split(".")[-2:]
        if _whole(path) if machine != MACHINE else not _alive(int(process)):
            file.unlink(missing_ok=True)


def _whole(path: Path) -> bool:
    return (path / MANIFEST).exists() and len(finished(path)) == read_manifest(path)["parts"]


def _left_behind(path: Path) -> list[Path]:
    """Return the files under temporary names, which end in the machine and the process number."""
    if not os.path.isdir(path):  # Path's own method raises where a name is too long
        return []
    found = (file for pattern in TEMPORARY for file in path.glob(pattern))
    return [file for file in found if file.suffix[1:].isdecimal()]


def _alive(process: int) -> bool:
    """Return whether a process of this machine is alive; False where nothing can say."""
    if os.name != "posix" or process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True
