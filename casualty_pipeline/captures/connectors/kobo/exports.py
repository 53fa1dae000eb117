"""The tables of an export: the sheets of a workbook, the CSV files of a ZIP, or the CSV files of a folder.

Here belongs how bytes become tables of strings. Which table is whose parent is for `kinship`.
"""

import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import polars as pl

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.batch import Batch, Rejection
from casualty_pipeline.captures.connectors.packages import packing_problem, size_problem
from casualty_pipeline.captures.connectors.sheets import LARGEST_WORKBOOK, ROW, Sheet, read_csv, read_sheets
from casualty_pipeline.captures.sources import TableMapping

MOST_TABLES = 100  # CSV files of one export: each repeat group is one
MOST_MEMBERS = 100_000  # files in a ZIP, photographs included
_LONGEST_SHEET_NAME = 31  # what Excel allows; KoBoToolbox cuts longer names and puts _ for what Excel forbids
_FORBIDDEN = str.maketrans(dict.fromkeys("[]*?:\\/", "_"))


@dataclass(frozen=True)
class Table:
    """One sheet or CSV file: strings by column, with row numbers as a spreadsheet counts them.

    Columns of the frame are `"0"`, `"1"`, ... in the order of `header` (a header may hold anything, and Polars would read
    some of it as a pattern), and ROW.
    """

    name: str  # of the sheet, or of the file without its suffix
    sheet: str | None  # where its rows stand, as a Position says it
    header: tuple[str, ...]
    frame: pl.DataFrame
    own: bool = True  # of the capture that is being read; False for another file of the same folder

    def column(self, name: str) -> pl.Series | None:
        """The strings of a column, by its whole header; None where there is none."""
        return self.frame.get_column(str(self.header.index(name))) if name in self.header else None

    def is_called(self, name: str) -> bool:
        """Whether a declaration or a `_parent_table_name` that says `name` means this table."""
        return is_called(self.name, name)

    def fits(self, mapping: TableMapping) -> bool:
        """Whether a table of the declaration speaks of this one. Without a sheet's name it speaks of submissions."""
        return self.is_called(mapping.sheet) if mapping.sheet else self.is_main

    @property
    def is_main(self) -> bool:
        """Whether its rows are submissions, not entries of a repeat group."""
        return "_parent_index" not in self.header and "PARENT_KEY" not in self.header


def is_called(table: str, name: str) -> bool:
    """Whether a declaration that says `name` means the table of that name.

    ODK and Briefcase put the form's id before the group's name (`form-victims.csv`), Excel cuts long names.
    """
    return table in {name, name.translate(_FORBIDDEN)[:_LONGEST_SHEET_NAME]} or table.endswith(f"-{name}")


def _table(sheet: Sheet, name: str, position: str | None) -> Table:
    places = [(place, title) for place, title in enumerate(sheet.header) if title]
    empty = pl.DataFrame(schema={**{str(place): pl.String for place, _ in places}, ROW: pl.Int32})
    cells = [pl.col(str(place)).alias(str(number)) for number, (place, _) in enumerate(places)]
    frame = pl.concat(sheet.frames() or [empty]).select(*cells, ROW)
    return Table(name, position, tuple(title for _, title in places), frame)


def read_export(entry: Entry, path: Path, batch: Batch) -> list[Table]:
    """The tables of a capture and, for a CSV file, of the CSV files beside it. Rejects what can't be read. Never raises."""
    if entry.media_type == "application/zip":
        return _read_zip(entry, path, batch)
    stem = PurePosixPath(entry.original_name).stem
    sheets = read_sheets(path, entry.media_type)
    batch.rejections += [(entry, rejection) for sheet in sheets for rejection in sheet.rejections]
    tables = [_table(sheet, sheet.name or stem, sheet.name) for sheet in sheets if sheet.header]
    if entry.media_type.endswith("spreadsheetml.sheet") or not tables:
        return tables
    beside = _beside(entry, batch)
    if len(beside) >= MOST_TABLES:
        batch.reject(entry, f"{len(beside) + 1} CSV files in one folder; expected an export to a folder, or in a ZIP")
        return []
    opened = batch.archive.each(beside) if batch.archive is not None else ()
    others = ((PurePosixPath(other.original_name).stem, read_csv(where)) for other, where in opened)
    return tables + [replace(_table(sheet, name, None), own=False) for name, sheet in others if sheet.header]


def _beside(entry: Entry, batch: Batch) -> list[Entry]:
    """The other CSV files of the folder, each as it was when this capture came in: repeat groups refer to each other."""
    if batch.archive is None:
        return []
    folder, latest = PurePosixPath(entry.original_name).parent, dict[str, Entry]()
    for other in batch.archive.entries():  # oldest first
        name = PurePosixPath(other.original_name)
        if (
            (other.source, name.parent, other.role) == (entry.source, folder, "capture")
            and other.original_name != entry.original_name
            and name.suffix.lower() == ".csv"
            and other.received_at <= entry.received_at
        ):
            latest[other.original_name] = other
    return [other for _, other in sorted(latest.items()) if batch.archive.holds(other.sha256)]


def _read_zip(entry: Entry, path: Path, batch: Batch) -> list[Table]:
    """The CSV files in a ZIP. Photographs and videos in it stay in the capture; what else there is, is rejected."""
    tables, rejections = list[Table](), list[Rejection]()
    try:
        with zipfile.ZipFile(path) as package, tempfile.TemporaryDirectory() as folder:
            members = [m for m in package.infolist() if m.filename.lower().endswith(".csv")]
            if problem := _zip_problem(package, members, path.stat().st_size):
                batch.reject(entry, problem)
                return []
            left = LARGEST_WORKBOOK
            for member in members:
                copy = Path(folder) / "member.csv"
                left -= _unpack(package, member, copy, left)
                if left < 0:  # a ZIP may lie about sizes
                    batch.reject(entry, f"more than {LARGEST_WORKBOOK:,} bytes when unpacked")
                    return []
                sheet = read_csv(copy)
                rejections += [replace(rejection, sheet=member.filename) for rejection in sheet.rejections]
                if sheet.header:
                    tables.append(_table(sheet, PurePosixPath(member.filename).stem, member.filename))
    except Exception as problem:  # a hostile ZIP breaks zipfile in many ways, each with an exception of its own
        batch.reject(entry, f"not a ZIP that can be read ({type(problem).__name__}): export it anew")
        return []
    batch.rejections += [(entry, rejection) for rejection in rejections]
    return tables


def _zip_problem(package: zipfile.ZipFile, members: list[zipfile.ZipInfo], packed: int) -> str | None:
    if len(package.infolist()) > MOST_MEMBERS or len(members) > MOST_TABLES:
        return f"{len(package.infolist()):,} files, {len(members):,} of them CSV; expected at most {MOST_TABLES} CSV files"
    unpacked = sum(m.file_size for m in members)
    if problem := packing_problem(members) or size_problem(unpacked, packed, LARGEST_WORKBOOK):
        return problem
    names = [m.filename for m in members]
    if len(set(names)) < len(names):
        return "a ZIP in which two files have one name: export it anew"
    return None if members else "no CSV file in this ZIP: expected an export of ODK Central, with its repeat groups"


def _unpack(package: zipfile.ZipFile, member: zipfile.ZipInfo, copy: Path, limit: int) -> int:
    """Write a member to a file of our own naming, at most a little more than the limit. Returns its size."""
    with package.open(member) as packed, copy.open("wb") as file:
        while file.tell() <= limit and (chunk := packed.read(1 << 20)):
            file.write(chunk)
        return file.tell()
