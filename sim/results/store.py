"""The store: a folder with a manifest and parts, written whole or not at all.

    manifest.json             the job: scenario, seed, runs, runs a part, versions; its checksum
    runs/part-00000.parquet   see `record` for the tables, and `seal` for what a part says of itself
    figures/

Part p holds runs pP to (p + 1)P - 1, whoever computed it. It is written under a temporary name,
synced and renamed; that its tables exist is the record that it is done. The row of a run is its
last. What is read is checked first: a folder that was changed is refused in a sentence.
"""

import json
import os
import platform
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EDQUOT, ENOSPC
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from ..engines.traces import TABLES
from .seal import Place, blank_seal, seal

MANIFEST = "manifest.json"
MANIFEST_KEYS = (
    *("digest", "versions", "scenario", "scenarios", "sweep", "runs", "first"),
    *("seed", "record", "engine", "runs_a_part", "points", "parts"),
)
"""What every manifest holds, beside its checksum."""
TEMPORARY = (
    ".manifest.json.*",
    ".report.html.*",
    "*/.*.parquet.*",
    "*/.*.png.*",
    "*/.*.svg.*",
    "*/.*.csv.*",
)
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

    Of several jobs that come at once one gets the folder.

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
    text = json.dumps({"checksum": digest(manifest), **manifest}, indent=1)
    try:
        with atomic_write(path / MANIFEST, new=True) as file:
            file.write(f"{text}\n".encode())
    except FileExistsError:  # another job came first, or the same
        _holds(path, manifest)


def _holds(path: Path, manifest: Mapping[str, Any]) -> bool:
    """Return whether a folder holds that job already.

    Raises:
        OutputError: It holds something else.
    """
    if (path / MANIFEST).exists():
        if read_manifest(path)["digest"] != manifest["digest"]:
            raise OutputError(f"out: {path} holds the results of another job; choose another out")
        return True
    if path.exists() and (not path.is_dir() or set(path.iterdir()) - set(_left_behind(path))):
        if (path / MANIFEST).exists():  # of a job that came in between
            return _holds(path, manifest)
        raise OutputError(f"out: {path} exists but holds no results; choose another out")
    return False


def read_manifest(path: Path) -> dict[str, Any]:
    """Return the manifest of a folder of results, checked.

    Raises:
        OutputError: There is none, it cannot be read, or it was changed.
    """
    try:
        manifest: dict[str, Any] = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OutputError(f"{path} holds no results: there is no {MANIFEST}") from None
    except (OSError, ValueError) as error:
        raise OutputError(f"{path} holds no results: {error}") from error
    except RecursionError:
        raise OutputError(f"{path} holds no results: {MANIFEST} is nested too deeply") from None
    lacking = [
        key for key in MANIFEST_KEYS if not isinstance(manifest, dict) or key not in manifest
    ]
    if lacking:
        raise OutputError(f"{path} holds no results: {MANIFEST} lacks {', '.join(lacking)}")
    if "checksum" not in manifest:
        raise OutputError(
            f"{path} cannot be checked: {MANIFEST} lacks a checksum, as those of earlier versions"
            " do; run the job again"
        )
    if manifest.pop("checksum") != digest(manifest):
        raise OutputError(
            f"{path / MANIFEST} was changed after it was written: its checksum differs; run the"
            " job again, with another out"
        )
    return manifest


def part_name(part: int) -> str:
    """Return the file name of a part."""
    return f"part-{part:05d}.parquet"


def finished(path: Path, manifest: Mapping[str, Any] | None = None) -> set[int]:
    """Return the numbers of the job's parts of which all tables are there, unchecked.

    Args:
        path: The folder of the job, which may be new.
        manifest: That of the job; read from the folder if None.
    """
    if manifest is None:
        if not (path / MANIFEST).exists():
            return set()
        manifest = read_manifest(path)
    numbers = [part_numbers(path / table) for table in TABLES[manifest["record"]]]
    return {part for part in set.intersection(*numbers) if part < manifest["parts"]}


def part_numbers(folder: Path) -> set[int]:
    """Return the numbers of the parts in the folder of a table, which may not be there."""
    found = (re.fullmatch(r"part-(\d{5,})\.parquet", file.name) for file in folder.glob("part-*"))
    return {int(match[1]) for match in found if match and part_name(int(match[1])) == match[0]}


def write_part(path: Path, part: int, tables: Mapping[str, pa.Table], job: str) -> None:
    """Write the tables of a part, in their order; the same tables give the same bytes.

    Args:
        path: The folder of the job.
        part: The number of the part.
        tables: The tables by name.
        job: The digest of the job.
    """
    for name, table in tables.items():
        # codes, weeks, dates, runs: a few values in many rows
        few = [field.name for field in table.schema if not pa.types.is_floating(field.type)]
        with (
            atomic_write(path / name / part_name(part)) as file,
            pq.ParquetWriter(
                file,
                table.schema,
                compression="zstd",
                use_dictionary=few,
                write_statistics=False,
                store_schema=False,
            ) as writer,
        ):
            writer.write_table(table, row_group_size=max(1, table.num_rows))
            writer.add_key_value_metadata(table.schema.metadata or {})
            writer.add_key_value_metadata(blank_seal(Place(job, name, part)))
            writer.close()
            seal(file)


@contextmanager
def atomic_write(final: Path, new: bool = False) -> Iterator[BinaryIO]:
    """Give a file to write to, then bring what was written to the disk and to its name.

    So nobody ever reads half a file. Where writing fails nothing stays. The file is made by nobody
    else, and a link that has its name is replaced, not followed.

    Args:
        final: The name.
        new: Whether it must be new.

    Raises:
        DiskError: It cannot be written.
        FileExistsError: It is to be new, and is not.
    """
    token = secrets.token_hex(8)
    temporary = final.with_name(f".{final.name}.{MACHINE}.{token}.{os.getpid()}")
    try:
        final.parent.mkdir(exist_ok=True)
        with temporary.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _settle(temporary, final, new)
    except OSError as error:
        if new and isinstance(error, FileExistsError):
            raise
        why = os.strerror(error.errno) if error.errno else str(error)
        if error.errno in (ENOSPC, EDQUOT):
            why += "; make space"
        raise DiskError(f"{final} cannot be written: {why}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _settle(temporary: Path, final: Path, new: bool) -> None:
    """Bring a written file to its name.

    Raises:
        FileExistsError: It is to be new, and is not.
    """
    if new:
        _name_first(temporary, final)
    else:
        temporary.replace(final)
    if os.name == "posix":  # elsewhere a folder cannot be opened
        folder = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _name_first(temporary: Path, final: Path) -> None:
    """Give a file its name unless there is one of that name, in one step."""
    try:
        os.link(temporary, final)
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links
        with final.open("xb") as file:
            file.write(temporary.read_bytes())
            file.flush()
            os.fsync(file.fileno())


def clean(path: Path) -> None:
    """Remove what stopped writers left behind; another process may still be writing its own.

    Whether a writer on a different machine is alive cannot be known: what it left is removed once
    the job is complete, which then loses nothing.
    """
    for file in _left_behind(path):
        machine, _, process = file.name.split(".")[-3:]
        if _whole(path) if machine != MACHINE else not _alive(int(process)):
            file.unlink(missing_ok=True)


def _whole(path: Path) -> bool:
    try:
        manifest = read_manifest(path)
    except OutputError:
        return False
    return len(finished(path, manifest)) == manifest["parts"]


def _left_behind(path: Path) -> list[Path]:
    """Return the files under temporary names, .NAME.MACHINE.TOKEN.PROCESS."""
    if not os.path.isdir(path):  # Path's own method raises where a name is too long
        return []
    found = (file for pattern in TEMPORARY for file in path.glob(pattern))
    return [file for file in found if re.search(r"\.[A-Za-z0-9-]+\.[0-9a-f]+\.\d+$", file.name)]


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
