"""Files made to harm their reader end in reasons or in plain text, in bounded memory, and reach nothing outside themselves.

All are read one after the other in one child process, whose peak memory is asked after each. `python -m benchmarks.fuzz`
makes hundreds of thousands of smaller ones.
"""

import gzip
import io
import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import web_exports

ROOT = Path(__file__).parents[3]
LIMIT = 1_000  # megabytes, of the whole process
SECRET = "only for those who may read it"
DECLARATIONS = {
    "tabular": 'id = "s"\nname = "S"\n[[tables]]\nfile = "*"\nstatement = "person"\nkey = ["id"]\n[tables.columns]\n'
    'name_en = "name"\n',
    "kobo": 'id = "s"\nname = "S"\nconnector = "kobo"\n[options]\nvalidation = "any"\n[[tables]]\nfile = "*"\n'
    'statement = "person"\nkey = ["id"]\n[tables.columns]\nname_en = "name"\n',
    **{
        name: f'id = "s"\nname = "S"\nconnector = "{name}"\n'
        for name in ("victim_form", "telegram", "web_archive", "auto_archiver")
    },
}
CHILD = """
import json, re, sys
from pathlib import Path
import polars as pl
from tests.fixtures.reading import read_file, source_of

folder, told = Path(sys.argv[1]), {}
for path in sorted((folder / "monsters").glob("*/*/*")):
    name, connector = path.parent.name, path.parent.parent.name
    home = folder / "homes" / connector
    batch = read_file(source_of(home, (folder / f"{connector}.toml").read_text()), path)
    rejections = [vars(r) for _, r in batch.rejections]
    pl.DataFrame(rejections, schema_overrides={"row_number": pl.Int32}, infer_schema_length=None)
    told[name] = {
        "names": batch.all_statements()["name_en"].to_list(),
        "posts": batch.texts["content"].to_list(),
        "files": batch.attachments["name"].to_list(),
        "reasons": [r["reason"] for r in rejections],
        "megabytes": int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024,
    }
print(json.dumps(told))
"""
_XMLNS = "http://schemas.openxmlformats.org"
_SHEET = f'<worksheet xmlns="{_XMLNS}/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
_HEAD = '<row r="1"><c t="inlineStr"><is><t>id</t></is></c><c t="inlineStr"><is><t>name</t></is></c></row>'
_ROW = '<row r="2"><c t="inlineStr"><is><t>1</t></is></c><c t="inlineStr"><is><t>Tamo</t></is></c></row>'
_LAUGHS = '<!DOCTYPE l [<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9)) + "]>"


def workbook(sheet: str = _HEAD + _ROW, kind: int = zipfile.ZIP_DEFLATED, **parts: str) -> bytes:
    """The least that is a workbook, with one sheet; `parts` (`styles`, `sharedStrings`) are added to it."""
    package = f"{_XMLNS}/package/2006"
    office = f"{_XMLNS}/officeDocument/2006/relationships"
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{main}.sheet.main+xml"/>'
        + (f'<Override PartName="/xl/sharedStrings.xml" ContentType="{main}.sharedStrings+xml"/>' if parts else "")
        + "</Types>",
        "xl/workbook.xml": f'<workbook xmlns="{_XMLNS}/spreadsheetml/2006/main" xmlns:r="{office}">'
        '<sheets><sheet name="people" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet if sheet.startswith("<?xml") else _SHEET % sheet,
        **{f"xl/{name}.xml": content for name, content in parts.items()},
    }
    return zipped(files, kind)


def zipped(files: Mapping[str, str | bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind, compresslevel=1 if kind == zipfile.ZIP_DEFLATED else None) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return out.getvalue()


def shared(prologue: str, text: str) -> str:
    return f'<?xml version="1.0"?>{prologue}<sst xmlns="{_XMLNS}/spreadsheetml/2006/main"><si><t>{text}</t></si></sst>'


def crawl(*headers: str, body: bytes = b"<p>x", http: str = "Content-Type: text/html") -> bytes:
    payload = f"HTTP/1.1 200 OK\r\n{http}\r\n\r\n".encode() + body
    lines = ["WARC/1.0", "WARC-Type: response", "WARC-Target-URI: http://a/", "Content-Type: application/http"]
    head = "\r\n".join([*lines, *headers, f"Content-Length: {len(payload)}"])
    return head.encode() + b"\r\n\r\n" + payload + b"\r\n\r\n"


def monsters(secret: Path) -> dict[str, tuple[str, str, bytes]]:
    """Each by what it is: the connector that reads it, its file's name, its bytes."""
    wide = "<row>" + "<c><v>1</v></c>" * 100_000 + "</row>"
    noise = random.Random(1).randbytes(12_500_000).hex() * 2
    entity = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    text = '<row r="2"><c t="inlineStr"><is><t>1</t></is></c><c t="s"><v>0</v></c></row>'
    message = web_exports.telegram_message(1, "half \ud800")
    deep = "[" * 200_000
    item = web_exports.auto_archiver_metadata() | {"status": "nothing \ud800"}
    claims = f'<?xml version="1.0"?>{_SHEET % (_HEAD + _ROW)}'.replace("<sheetD", '<dimension ref="A1:XFD1048576"/><sheetD')
    far = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 5_000))
    twice = '<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>'
    chunks = b"1\r\nx\r\n" * 1_000_001 + b"0\r\n\r\n"
    html = "Content-Type: text/html"
    return {
        "bomb": ("tabular", "a.xlsx", workbook(" " * 60_000_000)),
        "bzip2 bomb": ("tabular", "a.xlsx", workbook(" " * 30_000_000, zipfile.ZIP_BZIP2)),
        "styles": ("tabular", "a.xlsx", workbook(styles="<s>" + "<xf/>" * 1_000_000 + "</s>")),
        "laughs": ("tabular", "a.xlsx", workbook(_HEAD + text, sharedStrings=shared(_LAUGHS, "&l9;"))),
        "entity": ("tabular", "a.xlsx", workbook(_HEAD + text, sharedStrings=shared(entity, "&x;"))),
        "dimension": ("tabular", "a.xlsx", workbook(claims)),
        "far row": ("tabular", "a.xlsx", workbook(_HEAD + '<row r="99999999999"><c><v>1</v></c></row>')),
        "far cells": ("tabular", "a.xlsx", workbook(_HEAD + far)),
        "rows twice": ("tabular", "a.xlsx", workbook(_HEAD + _ROW + _ROW)),
        "cells twice": ("tabular", "a.xlsx", workbook(_HEAD + twice)),
        "wide row of a sheet": ("tabular", "a.xlsx", workbook(_HEAD + _ROW + wide.replace("<row>", '<row r="3">'))),
        "wider row": ("tabular", "a.xlsx", workbook(_HEAD + "<row>" + "<c/>" * 300_000 + "</row>")),
        "large cell of a sheet": ("tabular", "a.xlsx", workbook(_HEAD + _ROW.replace("Tamo", noise), zipfile.ZIP_STORED)),
        "wide row": ("tabular", "a.csv", b"id,name\n1,Tamo\n" + b"x," * 100_000 + b"\n"),
        "large cell": ("tabular", "a.csv", b'id,name\n1,"' + (b"x" * 999_990 + b"\n") * 50 + b'"\n'),
        "large line": ("tabular", "a.csv", b"id,name\n1," + b"x" * 50_000_000 + b"\n"),
        "nul": ("tabular", "a.csv", b"id,name\n1,Ta\0mo\n"),
        "half a character": ("tabular", "a.csv", b"id,name\n1,\xed\xa0\x80\n"),
        "directions": ("tabular", "a.csv", "id,name,\u202eeman\n1,\u202eomaT\u2066,x\n".encode()),
        "nested": ("kobo", "a.zip", zipped({"inner.zip": zipped({"a.csv": "id,name\n1,Tamo\n"})})),
        "many rows": ("kobo", "a.zip", zipped({"a.csv": "id,name\n" + "1,\n" * 20_000_000})),
        "lzma": ("kobo", "a.zip", zipped({"a.csv": "id,name\n" + "1,\n" * 1_000_000}, zipfile.ZIP_LZMA)),
        "path": ("kobo", "a.zip", zipped({"../../../escaped.csv": "id,name\n1,Tamo\n"})),
        "package path": ("web_archive", "a.wacz", web_exports.wacz_bytes(**{"../../escaped.warc.gz": b"x"})),
        "package without a name": ("web_archive", "a.wacz", _nameless(web_exports.wacz_bytes(more=b"x"))),
        "package of half characters": ("web_archive", "a.wacz", _listing("archive/\\ud800.warc")),
        "gzip bomb": ("web_archive", "a.warc.gz", gzip.compress(b"WARC/1.0\r\n" + b"\0" * 100_000_000, 1)),
        "headers": ("web_archive", "a.warc", crawl("X: y", *[" z"] * 300_000)),
        "chunks": ("web_archive", "a.warc", crawl(body=chunks, http=f"{html}\r\nTransfer-Encoding: chunked")),
        "punycode": ("web_archive", "a.warc", crawl(body=b"-" + b"a9" * 500_000, http=f"{html}; charset=punycode")),
        "deep chat": ("telegram", "result.json", f'{{"type": "public_channel", "id": 1, "messages": [{deep}'.encode()),
        "half a message": ("telegram", "result.json", json.dumps(web_exports.telegram_chat([message])).encode()),
        "numbers": ("victim_form", "a.json", b"[" + b"NaN," * 1_900_000 + b"1]"),
        "reals": ("victim_form", "a.json", b"[" + b"1.5," * 1_900_000 + b"1]"),
        "deep form": ("victim_form", "a.json", deep.encode()),
        "half a status": ("auto_archiver", "a.json", json.dumps(item).encode()),
        "many lines": ("auto_archiver", "a.json", b"{}\n" * 3_000_000),
    }


def _nameless(package: bytes) -> bytes:
    """A package one member of which has no name: neither where it stands nor in the list at the end."""
    return package.replace(b"more", b"\0\0\0\0")


def _listing(path: str) -> bytes:
    listed = json.dumps({"resources": [{"path": "PATH", "hash": "sha256:00"}]}).replace("PATH", path).encode()
    return zipped({"datapackage.json": listed, "archive/data.warc.gz": b""})


REASONS: Mapping[str, str] = {
    "bomb": "bytes when unpacked, of",
    "bzip2 bomb": "is packed by method 12; expected deflate",
    "styles": "'xl/styles.xml' has 5,000,007 bytes; expected at most 2,000,000",
    "laughs": "not a workbook that can be read",
    "entity": "not a workbook that can be read",
    "far row": "found row 99,999,999,999",
    "far cells": "expected 2 columns as in the header, found 16384",
    "rows twice": "expected a row between 3 and 1,048,576, in ascending order, found row 2",
    "cells twice": "two cells of row 2 stand in one column",
    "wide row of a sheet": "more than 200,000 elements in one row",
    "wider row": "more than 200,000 elements in one row",
    "large cell of a sheet": "a cell of row 2 has more than 131,072 characters",
    "wide row": "expected 2 columns as in the header, found 100001",
    "large cell": "field larger than field limit",
    "large line": "line 2 is longer than 1,000,000 characters",
    "nul": "the bytes are application/octet-stream",
    "half a character": "not UTF-8 (byte 0xed",
    "nested": "no CSV file in this ZIP",
    "many rows": "bytes when unpacked, of",
    "lzma": "is packed by method 14; expected deflate",
    "package path": "a name that leads out of the package",
    "package of half characters": "listed in datapackage.json, but not in the package",
    "gzip bomb": "expected a line, found more than 65,536 bytes",
    "headers": "more than 1,000 lines of headers in one record",
    "chunks": "a payload in more than 1,000,000 chunks",
    "deep chat": "from here on nothing can be read",
    "numbers": "more than 10,000 things are wrong here",
    "reals": "more than 10,000 things are wrong here",
    "deep form": "nested too deep",
    "half a status": "auto-archiver kept nothing of it: nothing \ufffd",
    "many lines": "more than 100,000 items",
}
Told = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("monsters")


@pytest.fixture(scope="module")
def told(folder: Path) -> Told:
    secret = folder / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    for connector, declaration in DECLARATIONS.items():
        (folder / f"{connector}.toml").write_text(declaration, encoding="utf-8")
    for what, (connector, name, content) in monsters(secret).items():
        path = folder / "monsters" / connector / what / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    search = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = (sys.executable, "-W", "ignore", "-c", CHILD, str(folder))
    env = os.environ | {"PYTHONPATH": search}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    answers: Told = json.loads(done.stdout)
    return answers


@pytest.mark.parametrize("what", sorted(REASONS))
def test_a_monster_is_rejected_with_its_reason(told: Told, what: str) -> None:
    reasons = told[what]["reasons"]
    assert any(REASONS[what] in reason for reason in reasons), reasons[:3]


def test_all_monsters_together_take_less_than_a_gigabyte(told: Told) -> None:
    peaks = {what: answer["megabytes"] for what, answer in told.items()}
    assert max(peaks.values()) < LIMIT, peaks


def test_what_a_workbook_claims_of_its_size_costs_nothing(told: Told) -> None:
    assert (told["dimension"]["names"], told["dimension"]["reasons"]) == (["Tamo"], [])


def test_directions_are_text_like_any_other(told: Told) -> None:
    assert (told["directions"]["names"], told["directions"]["reasons"]) == (["\u202eomaT\u2066"], [])


def test_names_that_lead_out_of_a_package_are_names_only(told: Told, folder: Path) -> None:
    assert told["path"]["names"] == ["Tamo"]
    assert not [p for parent in (folder, *folder.parents[:3]) for p in parent.glob("escaped*")]


def test_a_file_beside_is_never_read(told: Told) -> None:
    assert SECRET not in json.dumps(told)


def test_one_bad_row_of_a_table_costs_that_row(told: Told) -> None:
    assert told["wide row"]["names"] == ["Tamo"]


def test_half_a_character_in_a_message_is_shown_as_such(told: Told) -> None:
    assert told["half a message"]["posts"][0].startswith("half \ufffd")


def test_a_codec_that_is_no_charset_isnt_used(told: Told) -> None:
    assert told["punycode"]["posts"][0].startswith("-a9a9")


def test_a_member_without_a_name_costs_nothing(told: Told) -> None:
    assert len(told["package without a name"]["posts"]) == len(told["package path"]["posts"]) > 0
