"""What `benchmarks.fuzz` damages: for each format of each connector a small sound file, and how it is changed."""

import csv
import hashlib
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from benchmarks import mutations
from benchmarks.fuzz_books import (
    Target,
    read_chat,
    read_crawl,
    read_decisions,
    read_form,
    read_items,
    read_table,
    read_victim_forms,
)
from casualty_pipeline.captures.connectors.ledger import COLUMNS
from tests.fixtures import forms, web_exports
from tests.fixtures.reading import source_of

TABLE = """\
id = "table"
name = "Table"
[[tables]]
file = "*"
statement = "person"
key = ["id"]
[tables.columns]
name_en = ["name", "name 2"]
name_ar = {join = ["given", "family"]}
age = "age"
incident_date = "day"
"""
KOBO = """\
id = "forms"
name = "Forms"
connector = "kobo"
[options]
validation = "any"
[[tables]]
file = "*"
sheet = "victims"
statement = "person"
key = ["_parent_index", "_position"]
[tables.columns]
name_en = ["name", "../name"]
age = "age"
incident_date = "day"
[[tables]]
file = "*"
statement = "incident"
key = ["_index"]
[tables.columns]
incident_date = "day"
"""
_SIMPLE = 'id = "web"\nname = "Web"\nconnector = "{}"\n'
_PEOPLE: list[list[object]] = [
    ["id", "name", "name 2", "given", "family", "age", "day", "note", "^.*$"],
    ["1", "Tamo", "", "تامو", "أوندي", "34", "2020-03-05", "a\nb", ""],
    ["2", "", "Sela", "سيلا", "", "٧", "31/02/2020", "", "x"],
    ["", "Miro", "", "ميرو", "كاندو", "1983", "", 'say "x"', ""],
]
_MAIN: list[list[object]] = [
    ["g/day", "g/name", "g/w/a", "g/w/b", "photo", "photo_URL", "_attachments", "_validation_status", "_uuid", "_index"],
    ["2020-03-05", "house", 1, 0, "1.jpg", "https://k.example/1.jpg", '[{"filename": "1.jpg"}]', "approved", "u1", 1],
    ["2020-03-06", "road", 0, 1, "", "", "[]", "", "u2", 2],
]
_VICTIMS: list[list[object]] = [
    ["victims/name", "victims/age", "_index", "_parent_table_name", "_parent_index", "_submission__uuid"],
    ["Tamo", 34, 1, "form", 1, "u1"],
    ["Sela", 7, 2, "form", 1, "u1"],
    ["Miro", 51, 3, "form", 9, "u9"],
]
_LEDGER = [
    list(COLUMNS),
    ["D-1", "attribution", "incident:f/1", "russia", "believed", "b", "r", "t", "2020-03-31T10:00:00Z", ""],
    ["D-2", "link", "record:f/1", "same_as:record:p/2", "", "", "", "t", "2020-03-31T10:00:00+03:00", ""],
    ["D-3", "place_alias", "place:Kafr X", "SY02", "", "", "", "t", "2020-04-01", "D-1"],
]


def _csv(rows: list[list[object]], delimiter: str = ",") -> bytes:
    return forms.csv_text(rows, delimiter).encode()


def _workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return forms.write_workbook(Path(folder) / "book.xlsx", sheets).read_bytes()


def _rows_of(content: bytes) -> list[list[object]]:
    return [list[object](row) for row in csv.reader(io.StringIO(content.decode(), newline=""))]


def _inside(random: Random, name: str, content: bytes) -> bytes:
    if name.endswith((".xml", ".rels")):
        return mutations.mutate_xml(random, content)
    return mutations.mutate_csv(random, content) if name.endswith(".csv") else mutations.mutate_bytes(random, content)


def _a_wacz(random: Random, warc: bytes, sound: bytes) -> bytes:
    """A package with hashes that fit what was changed, or one that was changed after they were taken."""
    if random.random() < 0.4:
        return mutations.mutate_zip(random, sound, lambda r, _, c: mutations.mutate_bytes(r, c))
    changed = mutations.mutate_warc(random, warc)
    more = dict[str, bytes]()
    if random.random() < 0.3:
        name = random.choice(
            ("datapackage.json", "pages/pages.jsonl", "archive/more.warc.gz", "../x", "datapackage-digest.json")
        )
        given = mutations.members_of(sound).get(name, b"{}")
        more[name] = (
            mutations.mutate_json(random, given) if name.endswith(".json") else mutations.mutate_bytes(random, given)
        )
        if name == "datapackage.json":
            more["datapackage-digest.json"] = json.dumps(
                {"hash": f"sha256:{hashlib.sha256(more[name]).hexdigest()}"}
            ).encode()
    return web_exports.wacz_bytes(mutations.gzip_records(random, changed), **more)


def targets(folder: Path) -> list[Target]:
    """Every format of every connector. `folder`: where declarations are written."""
    table, kobo = source_of(folder, TABLE), source_of(folder, KOBO)
    names = ("victim_form", "telegram", "web_archive", "auto_archiver")
    web = {name: source_of(folder, _SIMPLE.format(name)) for name in names}
    people, book = _csv(_PEOPLE), _workbook({"people": _PEOPLE})
    main, form_book = _csv(_MAIN, ";"), _workbook({"form": _MAIN, "victims": _VICTIMS})
    with tempfile.TemporaryDirectory() as made:
        package = forms.write_zip(
            Path(made) / "f.zip", {"form.csv": _csv(_MAIN), "victims.csv": _csv(_VICTIMS)}
        ).read_bytes()
    ledger = _csv([list[object](row) for row in _LEDGER])
    one = forms.victim_form(1, sources=[{"name": "B", "kind": "family"}], attachments=[{"name": "p/1.jpg", "role": "photo"}])
    victims = json.dumps([one, forms.victim_form(2, age="7", latitude=35.93)], ensure_ascii=False).encode()
    chat = json.dumps(web_exports.telegram_chat(web_exports.telegram_messages()), ensure_ascii=False).encode()
    crawl, sound = web_exports.warc_bytes(gzip=False), web_exports.wacz_bytes()
    items = json.dumps([web_exports.auto_archiver_metadata()] * 2, ensure_ascii=False).encode()
    sheet, csv_db = web_exports.auto_archiver_sheet().encode(), web_exports.auto_archiver_csv_db().encode()
    # As downloaded from Google Sheets, and the database opened in a spreadsheet program and saved.
    sheets = _workbook({"archived": _rows_of(sheet), "db": _rows_of(csv_db)})

    def zipped(content: bytes) -> Callable[[Random], bytes]:
        return lambda random: mutations.mutate_zip(random, content, _inside)

    def packed(random: Random) -> bytes:
        return mutations.gzip_records(random, mutations.mutate_warc(random, crawl))

    return [
        Target("tabular", "people.csv", lambda r: mutations.mutate_csv(r, people), read_table, table),
        Target("tabular", "people.xlsx", zipped(book), read_table, table),
        Target("ledger", "ledger.csv", lambda r: mutations.mutate_csv(r, ledger), read_decisions, table),
        Target("kobo", "form.csv", lambda r: mutations.mutate_csv(r, main), read_form, kobo),
        Target("kobo", "form.xlsx", zipped(form_book), read_form, kobo),
        Target("kobo", "form.zip", zipped(package), read_form, kobo),
        Target("victim_form", "f.json", lambda r: mutations.mutate_json(r, victims), read_victim_forms, web["victim_form"]),
        Target("victim_form", "f.jsonl", lambda r: mutations.mutate_json(r, victims), read_victim_forms, web["victim_form"]),
        Target("telegram", "result.json", lambda r: mutations.mutate_json(r, chat), read_chat, web["telegram"]),
        Target("web_archive", "c.warc", lambda r: mutations.mutate_warc(r, crawl), read_crawl, web["web_archive"]),
        Target("web_archive", "c.warc.gz", packed, read_crawl, web["web_archive"]),
        Target("web_archive", "c.wacz", lambda r: _a_wacz(r, crawl, sound), read_crawl, web["web_archive"]),
        Target(
            "auto_archiver",
            "s.csv",
            lambda r: mutations.mutate_csv(r, r.choice((sheet, csv_db))),
            read_items,
            web["auto_archiver"],
        ),
        Target("auto_archiver", "s.xlsx", zipped(sheets), read_items, web["auto_archiver"]),
        Target("auto_archiver", "m.json", lambda r: mutations.mutate_json(r, items), read_items, web["auto_archiver"]),
    ]
