"""What auto-archiver's output says, item by item, and what of it is refused."""

import copy
import hashlib
import io
import json
from datetime import UTC, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.connectors.auto_archiver import CONNECTOR, LARGEST_JSON
from casualty_pipeline.captures.connectors.auto_archiver.literals import NotALiteralError, read_literal
from casualty_pipeline.captures.connectors.batch import Batch
from tests.fixtures import web_exports as exports

URL = "https://t.me/example_channel/12"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("auto_archiver")


def read(folder: Path, content: Any, name: str = "metadata.json", **options: Any) -> Batch:
    path = folder / "output"
    if not isinstance(content, str | bytes):
        content = json.dumps(content)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return exports.read_capture(CONNECTOR, path, name, **options)


def reasons(batch: Batch) -> list[tuple[int | None, str | None, str]]:
    return [(r.row_number, r.column_name, r.reason) for _, r in batch.rejections]


def with_media(**media: Any) -> dict[str, Any]:
    return exports.auto_archiver_metadata() | {"media": [media]}


def test_an_item_is_a_post_whose_key_is_its_address(folder: Path) -> None:
    batch = read(folder, exports.auto_archiver_metadata())
    assert not batch.rejections
    post = batch.texts.row(0, named=True)
    assert (post["source_key"], post["url"]) == (URL, URL)
    assert (post["title"], post["published"]) == ("قصف على كفرنتين", "2020-03-01T09:30:00+00:00")
    assert post["content"] == f"{exports.ARABIC}\n{exports.ENGLISH}"
    assert post["archive_url"] == "https://store.example/kafrantin/report.html"


def test_files_are_attachments_with_the_hashes_that_the_tool_gave(folder: Path) -> None:
    batch = read(folder, exports.auto_archiver_metadata(), "march/metadata.json")
    sha256 = hashlib.sha256(b"screenshot").hexdigest()
    assert batch.attachments.select("role", "name", "claimed_algorithm", "claimed_hash").rows() == [
        ("video", "march/kafrantin/video.mp4", "sha3_512", hashlib.sha3_512(b"video").hexdigest()),
        ("photo", "march/kafrantin/frame_1.jpg", None, None),
        ("screenshot", "march/kafrantin/screenshot.png", "sha256", sha256),
        ("file", "march/kafrantin/report.html", "sha256", hashlib.sha256(b"<p>report").hexdigest()),
    ]


def test_csv_db_holds_the_same_item_as_the_metadata(folder: Path) -> None:
    from_csv = read(folder, exports.auto_archiver_csv_db(), "db.csv")
    from_json = read(folder, exports.auto_archiver_metadata())
    assert not from_csv.rejections
    same = ["source_key", "published", "title", "content", "url", "archive_url"]
    assert from_csv.texts.select(same).equals(from_json.texts.select(same))
    assert from_csv.texts["row_number"].to_list() == [2]
    files = ["role", "name", "url", "claimed_algorithm", "claimed_hash"]
    assert from_csv.attachments.select(files).equals(from_json.attachments.select(files))


def test_several_items_stand_in_a_list_or_one_to_a_line(folder: Path) -> None:
    item = exports.auto_archiver_metadata()
    in_list = read(folder, [item, item])
    assert in_list.texts["pointer"].to_list() == ["/0", "/1"]
    in_lines = read(folder, f"{json.dumps(item)}\n\n{json.dumps(item)}\nbroken\n", "items.jsonl")
    assert in_lines.texts["row_number"].to_list() == [1, 3]
    assert [row for row, _, _ in reasons(in_lines)] == [4]


def test_a_row_of_the_sheet_is_a_post_and_failed_rows_are_rejected_with_the_reason(folder: Path) -> None:
    batch = read(folder, exports.auto_archiver_sheet(), "archived.csv")
    post = batch.texts.row(0, named=True)
    assert (post["source_key"], post["row_number"]) == ("https://t.me/example_channel/13", 2)
    assert (post["content"], post["published"]) == (exports.ARABIC, "2020-03-01T09:45:00+00:00")
    assert batch.attachments.select("role", "name", "claimed_algorithm").rows() == [
        ("file", "report.html", "sha256"),
        ("screenshot", "screenshot.png", None),
    ]
    assert reasons(batch) == [
        (3, "status", "auto-archiver kept nothing of it: Archive failed no archiver could fetch it"),
        (4, "status", "not archived yet: send the output when auto-archiver is through"),
    ]


@pytest.mark.parametrize("status", ["nothing archived", "no archiver", "Archive in progress", ""])
def test_an_item_that_wasnt_archived_is_no_post(folder: Path, status: str) -> None:
    batch = read(folder, exports.auto_archiver_metadata() | {"status": status})
    assert (batch.texts.height, [column for _, column, _ in reasons(batch)]) == (0, ["status"])


def test_columns_may_have_other_names_as_in_the_tools_configuration(folder: Path) -> None:
    sheet = f"Address,State,Body\n{URL},[cached] wayback: success,{exports.ARABIC}\n"
    batch = read(folder, sheet, "sheet.csv", columns={"url": "address", "status": "state", "text": "body"})
    assert batch.texts.select("source_key", "content").rows() == [(URL, exports.ARABIC)]


def test_a_workbook_is_read_as_the_sheet_is(folder: Path) -> None:
    workbook = openpyxl.Workbook()
    for line in (["Link", "Archive status"], [URL, "telethon_extractor: success"]):
        workbook.active.append(line)
    output = io.BytesIO()
    workbook.save(output)
    batch = read(folder, output.getvalue(), "sheet.xlsx")
    assert batch.texts.select("source_key", "sheet", "row_number").rows() == [(URL, "Sheet", 2)]


@pytest.mark.parametrize(
    ("given_hash", "claimed", "strange"),
    [
        (f"SHA-256:{'a' * 64}", ("sha256", "a" * 64), None),
        (f"SHA3-512:{'B' * 128}", ("sha3_512", "b" * 128), None),
        ("c" * 64, ("sha256", "c" * 64), None),
        ("not-calculated", (None, None), None),
        ("", (None, None), None),
        (f"SHA-256:{'a' * 63}", (None, None), f"SHA-256:{'a' * 63}"),
        ("CRC-32:abcd", (None, None), "CRC-32:abcd"),
    ],
)
def test_a_hash_is_claimed_or_named_as_one_that_cant_be_read(
    folder: Path, given_hash: str, claimed: tuple[str | None, str | None], strange: str | None
) -> None:
    batch = read(folder, with_media(filename="a.jpg", properties={"hash": given_hash}))
    assert batch.attachments.select("claimed_algorithm", "claimed_hash").rows() == [claimed]
    assert [r.value for _, r in batch.rejections] == ([strange] if strange else [])


@pytest.mark.parametrize(
    ("media", "name", "role"),
    [
        ({"filename": "/tmp/x/a.jpg"}, "a.jpg", "photo"),
        ({"filename": "../../a.mp4"}, "a.mp4", "video"),
        ({"filename": "C:\\x\\a.pdf"}, "a.pdf", "document"),
        ({"filename": "/tmp/b", "key": "./folder/a.unknown"}, "folder/a.unknown", "file"),
        ({"urls": ["https://store.example/f/%D8%A3.png?x=1"]}, "أ.png", "photo"),
    ],
)
def test_a_file_is_named_within_the_delivery(folder: Path, media: dict[str, Any], name: str, role: str) -> None:
    assert read(folder, with_media(**media)).attachments.select("name", "role").rows() == [(name, role)]


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "m.json", "not JSON"),
        (b"{", "m.json", "not JSON"),
        (b"[" * 100_000, "m.json", "not JSON"),
        (b"[" + b"1," * 100_000 + b"1]", "m.json", "more than 100,000 items: send them in parts"),
        (b" " * (LARGEST_JSON + 1), "m.json", "16,777,217 bytes of JSON; expected at most 16,777,216"),
        (b"5", "m.json", "expected auto-archiver's metadata"),
        (b"{}", "m.json", "expected auto-archiver's metadata"),
        (b'{"metadata": {}, "status": "success"}', "m.json", "no address"),
        (b'{"metadata": {"url": "x"}, "status": "success", "media": {}}', "m.json", "expected a list of media"),
        (b'{"metadata": {"url": "x"}, "status": "success", "media": [1]}', "m.json", "expected an object for each file"),
        (b"a,b\n1,2\n", "m.csv", "expected the columns 'link' and 'archive status', or 'status', 'metadata' and 'media'"),
        (b"status,metadata,media\nx: success,print(1),[]\n", "m.csv", "expected what auto-archiver's csv_db writes"),
        (b"", "m.csv", "the file is empty"),
    ],
)
def test_what_isnt_its_output_is_rejected_with_what_was_expected(
    folder: Path, content: bytes, name: str, reason: str
) -> None:
    batch = read(folder, content, name)
    assert batch.texts.height == 0
    assert batch.rejections[0][1].reason.startswith(reason)


@pytest.mark.parametrize("name", ["kafrantin/report.html", "kafrantin/page.wacz", "notes.txt"])
def test_what_was_archived_is_kept_and_not_read(folder: Path, name: str) -> None:
    batch = read(folder, b"anything", name)
    assert (batch.texts.height, batch.rejections) == (0, [])


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=3)), timezone(timedelta(minutes=-210))])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None)
@given(VALUES)
def test_a_value_as_python_writes_it_is_read_as_it_was(value: object) -> None:
    assert read_literal(repr(value)) == value


@pytest.mark.parametrize(
    "text",
    ["", "(", "__import__('os')", "x", "1 + 1", "[i for i in []]", "datetime.datetime(1)", "(" * 10_000, "{**{}}", "f'{1}'",
     "datetime.datetime(10**9, 1, 1)", "9" * 5000, "'\0'", "b'bytes'", "datetime.timedelta(days=10**30)", "PosixPath()"],
)  # fmt: skip
def test_nothing_but_a_value_is_read(text: str) -> None:
    with pytest.raises(NotALiteralError):
        read_literal(text)


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_every_item_is_a_post_or_a_rejection(folder: Path, data: st.DataObject) -> None:
    items: list[Any] = [copy.deepcopy(exports.auto_archiver_metadata()) for _ in range(2)]
    json_values = VALUES.map(lambda v: json.loads(json.dumps(v, default=str)))
    parts: list[dict[str, Any]] = [items[0], items[0]["metadata"], *items[0]["media"], items[0]["media"][0]["properties"]]
    for _ in range(data.draw(st.integers(1, 4))):
        part = data.draw(st.sampled_from(parts))
        part[data.draw(st.sampled_from([*part, "key"]))] = data.draw(json_values)
    items.append(data.draw(json_values))
    batch = read(folder, items)
    whole = [r for _, r in batch.rejections if r.column_name != "hash"]
    assert batch.texts.height + len(whole) == len(items)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_the_bytes_are_a_reason_comes_back(folder: Path, data: st.DataObject) -> None:
    name, text = data.draw(
        st.sampled_from(
            [
                ("sheet.csv", exports.auto_archiver_sheet()),
                ("db.csv", exports.auto_archiver_csv_db()),
                ("m.json", json.dumps(exports.auto_archiver_metadata())),
            ]
        )
    )
    original = text.encode()
    at, size = data.draw(st.integers(0, len(original))), data.draw(st.integers(0, 40))
    batch = read(folder, original[:at] + data.draw(st.binary(max_size=12)) + original[at + size :], name)
    assert batch.texts.height or batch.rejections
