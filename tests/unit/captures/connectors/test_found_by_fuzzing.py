"""What `python -m benchmarks.fuzz` found, and reading for it, each shrunk to the least that showed it."""

import io
import json
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from casualty_pipeline.captures.connectors.batch import Batch
from casualty_pipeline.captures.connectors.sheets import read_xlsx
from casualty_pipeline.captures.connectors.web_archive.http import unchunked
from tests.fixtures import web_exports
from tests.fixtures.forms import write_workbook
from tests.fixtures.reading import read_file, source_of


def read(folder: Path, connector: str, name: str, content: bytes) -> Batch:
    path = folder / name
    path.write_bytes(content)
    return read_file(source_of(folder, f'id = "web"\nname = "Web"\nconnector = "{connector}"\n'), path)


def reasons(batch: Batch) -> list[str]:
    """The reasons, after they went into a frame as intake makes it, which holds UTF-8 only."""
    return pl.DataFrame({"reason": [r.reason for _, r in batch.rejections]})["reason"].to_list()


def test_a_reason_and_a_pointer_never_hold_half_a_character(tmp_path: Path) -> None:
    listed = json.dumps({"resources": [{"path": "archive/\ud800.warc", "hash": "md5:\ud800"}]}).encode()
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as target:
        target.writestr("datapackage.json", listed)
    batch = read(tmp_path, "web_archive", "a.wacz", package.getvalue())
    assert "listed in datapackage.json, but not in the package" in reasons(batch)
    assert all(pl.Series([r.pointer]).str.contains("\ufffd").all() for _, r in batch.rejections if r.pointer)


def test_a_status_with_half_a_character_is_told(tmp_path: Path) -> None:
    item = web_exports.auto_archiver_metadata() | {"status": "failed \ud800"}
    assert reasons(read(tmp_path, "auto_archiver", "a.json", json.dumps(item).encode()))[0].startswith("auto-archiver kept")


def test_a_member_of_a_package_may_have_no_name(tmp_path: Path) -> None:
    nameless = web_exports.wacz_bytes(more=b"x").replace(b"more", b"\0\0\0\0")
    assert read(tmp_path, "web_archive", "a.wacz", nameless).texts.height == 3


@pytest.mark.parametrize("connector", ["telegram", "auto_archiver"])
def test_a_value_nested_as_deep_as_can_be_read_can_be_told(tmp_path: Path, connector: str) -> None:
    """`repr` of what `json` could just read may go one step too deep."""
    limit = sys.getrecursionlimit()
    for depth in range(limit - 120, limit, 2):
        deep = "[" * depth + "]" * depth
        chat = f'{{"type": "public_channel", "id": 1, "messages": [{{"id": 1, "type": {deep}}}]}}'
        item = f'{{"status": "success", "metadata": {{"url": "http://a/"}}, "media": {{"a": {deep}}}}}'
        content = chat if connector == "telegram" else item
        assert len(reasons(read(tmp_path, connector, "result.json", content.encode()))) == 1


def test_a_sheet_beside_a_chart_of_its_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "chart.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("people").write_row(0, 0, ["id", "name"])
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=people!$A$1:$A$2"})
    book.add_chartsheet("drawn").set_chart(chart)
    book.close()
    (sheet,) = read_xlsx(path)
    assert (sheet.header, sheet.rejections) == (["id", "name"], [])


def test_a_sheet_that_a_workbook_lists_twice_isnt_stated_twice(tmp_path: Path) -> None:
    """Thousands of entries for one large sheet would keep its reader busy for hours."""
    path, listed = tmp_path / "listed.xlsx", tmp_path / "twice.xlsx"
    write_workbook(path, {"people": [["id"], [1]]})
    for title in (b"people", b"others"):
        with zipfile.ZipFile(path) as sound, zipfile.ZipFile(listed, "w") as package:
            for name in sound.namelist():
                entry = b'<sheet name="people" sheetId="1" r:id="rId1"/>'
                package.writestr(name, sound.read(name).replace(entry, entry + entry.replace(b"people", title)))
        (sheet,) = read_xlsx(listed)
        assert [r.reason for r in sheet.rejections] == ["two sheets have one name, or one content: save it anew as XLSX"]


def test_gaps_between_rows_and_cells_keep_their_numbers(tmp_path: Path) -> None:
    rows: list[list[object]] = [[], ["", "id", "name"], [], ["", 1, None], [None, None, None]]
    (sheet,) = read_xlsx(write_workbook(tmp_path / "gaps.xlsx", {"people": rows}))
    assert (sheet.header, sheet.rows, sheet.row_numbers) == (["", "id", "name"], [["", "1", ""]], [4])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_chunks_are_the_same_however_they_arrive(size: int) -> None:
    packed = b"3;x=y\r\nabc\r\n0a\r\n0123456789\r\n1\nz\n0\r\n\r\n"
    arriving = [packed[:7], *(packed[n : n + size] for n in range(7, len(packed), size))]
    assert b"".join(unchunked(arriving)) == b"abc0123456789z"
