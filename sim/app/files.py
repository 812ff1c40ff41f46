"""Files that pages show or give away: pictures by a random name, tables and figures as archives.

No path comes from a browser. A picture is known by a name that nobody can guess, and a name that is
not known is not looked for anywhere.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from ..results.record import TABLES
from ..results.results import Results

FORMS = ("parquet", "csv")


class Pictures:
    """Pictures that are shown, by random names."""

    def __init__(self) -> None:
        """Begin with none."""
        self._files: dict[str, Path] = {}

    def address(self, file: Path) -> str:
        """Return the address of a picture."""
        name = secrets.token_urlsafe(16)
        self._files[name] = file
        return f"/pictures/{name}"

    def find(self, name: str) -> bytes | None:
        """Return the picture of a name, None if there is none."""
        file = self._files.get(name)
        return file.read_bytes() if file is not None and file.is_file() else None

    def forget(self, folder: Path) -> None:
        """Forget the pictures of a folder."""
        self._files = {
            name: file for name, file in self._files.items() if not file.is_relative_to(folder)
        }


def data_archive(worlds: Mapping[str, Path], form: str, file: Path) -> Path:
    """Write the tables of some worlds as an archive: `a/weeks.csv`.

    Args:
        worlds: The folders of their results, by name.
        form: One of FORMS.
        file: The archive.

    Returns:
        The archive.
    """
    packing = ZIP_DEFLATED if form == "csv" else ZIP_STORED  # Parquet is packed already
    with ZipFile(file, "w", packing) as archive:
        for name, folder in worlds.items():
            for kind, rows in _tables(Results(folder)):
                with archive.open(f"{name}/{kind}.{form}", "w", force_zip64=True) as out:
                    if form == "csv":
                        pyarrow.csv.write_csv(_without_dictionaries(rows), out)
                    else:
                        pq.write_table(rows, out)
    return file


def figure_archive(pictures: Sequence[Path], file: Path) -> Path:
    """Write pictures as an archive.

    Args:
        pictures: Their files.
        file: The archive.

    Returns:
        The archive.
    """
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for picture in pictures:
            archive.write(picture, picture.name)
    return file


def _tables(results: Results) -> Iterator[tuple[str, pa.Table]]:
    for kind in TABLES[results.manifest["record"]]:
        parts = [pq.read_table(results.file(kind, part)) for part in results.parts]
        yield kind, pa.concat_tables(parts, promote_options="default")


def _without_dictionaries(rows: pa.Table) -> pa.Table:
    """Return a table that can be written as CSV: codes as text."""
    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in rows.columns
    ]
    return pa.table(dict(zip(rows.column_names, columns, strict=True)))
