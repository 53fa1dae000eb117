"""What a Telegram Desktop export says, message by message, and what of it is refused."""

import copy
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.connectors.batch import Batch
from casualty_pipeline.captures.connectors.telegram import CONNECTOR, Count, read_export
from casualty_pipeline.captures.connectors.telegram.json_stream import JsonStream
from tests.fixtures import web_exports as exports

CHANNEL = f"channel{exports.CHANNEL}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("telegram")


def read(folder: Path, content: Any, name: str = "result.json", **options: Any) -> Batch:
    path = folder / "export"
    if not isinstance(content, bytes):
        content = json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")
    path.write_bytes(content)
    return exports.read_capture(CONNECTOR, path, name, **options)


def read_message(folder: Path, message: Any) -> Batch:
    return read(folder, exports.telegram_chat([message]))


def post_of(batch: Batch) -> Mapping[str, Any]:
    assert not batch.rejections
    return batch.texts.row(0, named=True)


def reasons(batch: Batch) -> list[tuple[str | None, str]]:
    return [(r.pointer, r.reason) for _, r in batch.rejections]


def test_a_message_is_a_post_with_a_key_that_another_export_gives_it_too(folder: Path) -> None:
    post = post_of(read_message(folder, exports.telegram_message(2, exports.ARABIC)))
    assert post["source_key"] == f"{CHANNEL}/2"
    assert post["content"] == exports.ARABIC
    assert (post["pointer"], post["author"], post["title"]) == ("/messages/0", "شبكة كفرنتين", "شبكة كفرنتين")
    assert post["url"] == f"https://t.me/c/{exports.CHANNEL}/2"


def test_the_instant_comes_from_unix_time_because_the_date_is_local(folder: Path) -> None:
    post = post_of(read_message(folder, exports.telegram_message(2, "x", date_unixtime="1583055002")))
    assert post["published"] == "2020-03-01T09:30:02+00:00"


def test_without_unix_time_the_date_stays_without_a_zone(folder: Path) -> None:
    message = exports.telegram_message(2, "x")
    del message["date_unixtime"]
    assert post_of(read_message(folder, message))["published"] == "2020-03-01T11:30:00"


def test_an_edited_message_keeps_its_key_and_says_when_it_was_edited(folder: Path) -> None:
    first = exports.telegram_message(3, "ستة")
    edited = first | {"text": "خمسة", "edited": "2020-03-01T13:00:00", "edited_unixtime": "1583060400"}
    before, after = (post_of(read_message(folder, m)) for m in (first, edited))
    assert before["source_key"] == after["source_key"]
    assert (before["edited"], after["edited"]) == (None, "2020-03-01T11:00:00+00:00")


def test_text_in_pieces_is_one_text(folder: Path) -> None:
    pieces = ["خمسة ", {"type": "bold", "text": "مدنيين"}, " ", {"type": "link", "text": "https://a.example"}]
    assert post_of(read_message(folder, exports.telegram_message(1, pieces)))["content"] == "خمسة مدنيين https://a.example"


@pytest.mark.parametrize(
    ("fields", "origin"),
    [
        ({}, None),
        ({"forwarded_from": "Another Channel"}, "Another Channel"),
        ({"forwarded_from": None}, "deleted account"),
        ({"saved_from": "Another Channel"}, "Another Channel"),
    ],
)
def test_a_forward_names_who_said_it_first(folder: Path, fields: dict[str, Any], origin: str | None) -> None:
    assert post_of(read_message(folder, exports.telegram_message(1, "x", **fields)))["original_source"] == origin


def test_a_reply_names_the_post_that_it_answers(folder: Path) -> None:
    message = exports.telegram_message(5, "x", reply_to_message_id=3)
    assert post_of(read_message(folder, message))["reply_to"] == f"{CHANNEL}/3"
    elsewhere = message | {"reply_to_peer_id": "channel42"}
    assert post_of(read_message(folder, elsewhere))["reply_to"] == "channel42/3"


def test_a_poll_and_a_place_are_read_as_words(folder: Path) -> None:
    poll = {"question": "أين؟", "answers": [{"text": "هنا"}, {"text": "هناك"}]}
    assert post_of(read_message(folder, exports.telegram_message(1, "", poll=poll)))["content"] == "أين؟\n- هنا\n- هناك"
    place = {"place_name": "كفرنتين", "location_information": {"latitude": 36.1, "longitude": 36.9}}
    assert post_of(read_message(folder, exports.telegram_message(1, "", **place)))["content"] == "كفرنتين\n36.1, 36.9"


def test_files_are_attachments_named_relative_to_the_delivery(folder: Path) -> None:
    message = exports.telegram_message(
        7, "x", file="video_files/v.mp4", thumbnail="video_files/v.jpg", media_type="video_file", mime_type="video/mp4"
    )
    batch = read(folder, exports.telegram_chat([message]), "ChatExport_2020-03-02/result.json")
    assert batch.attachments.select("role", "name", "pointer", "source_key").rows() == [
        ("video", "ChatExport_2020-03-02/video_files/v.mp4", "/messages/0/file", f"{CHANNEL}/7"),
        ("file", "ChatExport_2020-03-02/video_files/v.jpg", "/messages/0/thumbnail", f"{CHANNEL}/7"),
    ]


def test_a_file_that_was_left_out_is_an_attachment_that_isnt_here(folder: Path) -> None:
    note = "(File not included. Change data exporting settings to download.)"
    batch = read_message(folder, exports.telegram_message(7, "x", photo=note))
    assert (batch.attachments["role"][0], batch.attachments["name"][0]) == ("photo", note)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "photos/../../x"])
def test_a_file_outside_the_export_is_refused_and_the_post_is_read(folder: Path, name: str) -> None:
    batch = read_message(folder, exports.telegram_message(7, "x", photo=name))
    assert (batch.texts.height, batch.attachments.height) == (1, 0)
    [(pointer, reason)] = reasons(batch)
    assert pointer == "/messages/0/photo"
    assert "outside the export's folder" in reason


def test_service_messages_state_nothing_and_are_counted(folder: Path) -> None:
    path = exports.write_telegram(folder / "export_folder")
    batch = Batch()
    count = read_export(exports.source(), exports.entry(path, "result.json"), path, batch)
    assert count == Count(posts=6, service=1)
    assert list(batch.texts["pointer"]) == [f"/messages/{n}" for n in range(1, 7)]


def test_an_accounts_export_is_read_chat_by_chat(folder: Path) -> None:
    batch = read(folder, exports.telegram_account())
    assert not batch.rejections
    found = batch.texts.select("pointer", "source_key", "url").rows()
    assert found[0] == ("/chats/list/0/messages/1", f"{CHANNEL}/2", f"https://t.me/c/{exports.CHANNEL}/2")
    assert found[-2:] == [
        ("/chats/list/1/messages/0", "user77/9", None),
        ("/left_chats/list/0/messages/0", "channel42/1", "https://t.me/c/42/1"),
    ]


def test_a_declaration_can_limit_the_chats_and_name_them(folder: Path) -> None:
    batch = read(folder, exports.telegram_account(), chats=[42], usernames={"42": "example"})
    assert batch.texts.select("source_key", "url").rows() == [("channel42/1", "https://t.me/example/1")]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("x", "expected a message, found 'x'"),
        ({}, "expected the message's id, a number; found nothing"),
        (exports.telegram_message(1, "x", type="secret"), "expected the type message or service, found 'secret'"),
        ({"id": 1, "type": "unsupported"}, "Telegram Desktop couldn't export this message"),
        (exports.telegram_message(1, 5), "expected a text, or a list of texts"),
        (exports.telegram_message(1, [{"type": "bold"}]), "expected a text, or a list of texts"),
        (exports.telegram_message(1, "x", date_unixtime="soon"), "expected date_unixtime in seconds since 1970"),
        (exports.telegram_message(1, "x", date_unixtime="9" * 30), "expected date_unixtime in seconds since 1970"),
        (exports.telegram_message(1, "x", date_unixtime=None, date="1 March"), "expected date such as 2020-03-01T11:30:00"),
    ],
)
def test_what_isnt_a_message_is_rejected_alone(folder: Path, message: Any, reason: str) -> None:
    batch = read(folder, exports.telegram_chat([message, exports.telegram_message(2, "next")]))
    assert batch.texts["content"].to_list() == ["next"]
    [(pointer, given_reason)] = reasons(batch)
    assert pointer == "/messages/0"
    assert given_reason.startswith(reason)


def test_control_characters_as_telegram_desktop_escapes_them_are_read(folder: Path) -> None:
    content = json.dumps(exports.telegram_chat([exports.telegram_message(1, "aPb")])).replace("aPb", r"a\x0B\\x0Bb")
    assert post_of(read(folder, content.encode()))["content"] == "a\x0b\\x0Bb"


def test_a_message_with_bytes_that_arent_utf8_is_rejected_and_the_next_is_read(folder: Path) -> None:
    messages = [exports.telegram_message(1, "first"), exports.telegram_message(2, "second")]
    content = json.dumps(exports.telegram_chat(messages)).encode().replace(b"first", "مدني".encode("cp1256"))
    batch = read(folder, content)
    assert batch.texts["content"].to_list() == ["second"]
    assert "aren't UTF-8" in batch.rejections[0][1].reason


def test_of_an_export_that_breaks_off_the_complete_messages_are_read(folder: Path) -> None:
    content = json.dumps(exports.telegram_chat([exports.telegram_message(n, "x") for n in range(5)])).encode()
    batch = read(folder, content[: int(len(content) * 0.7)])
    assert 1 <= batch.texts.height < 5
    [(pointer, reason)] = reasons(batch)
    assert pointer == f"/messages/{batch.texts.height}"
    assert reason.startswith("from here on nothing can be read: ")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"null", b'{"about": 1}', b"\0" * 100, b"PK\x03\x04"])
def test_what_isnt_an_export_is_rejected_whole(folder: Path, content: bytes) -> None:
    batch = read(folder, content)
    assert (batch.texts.height, len(batch.rejections)) == (0, 1)


def test_messages_of_an_unknown_chat_are_rejected_each(folder: Path) -> None:
    chat = exports.telegram_chat([exports.telegram_message(1, "x"), exports.telegram_message(2, "x")])
    del chat["id"]
    assert [pointer for pointer, _ in reasons(read(folder, chat))] == ["/messages/0", "/messages/1"]


def test_rejections_without_end_are_counted_in_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casualty_pipeline.captures.connectors.telegram.MOST_REJECTIONS", 3)
    found = reasons(read(folder, exports.telegram_chat([{}] * 10)))
    assert [pointer for pointer, _ in found] == ["/messages/0", "/messages/1", "/messages/2", None]
    assert found[-1][1] == "7 more messages can't be read; the first 3 stand one by one"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("messages.html", "an export as HTML"),
        ("ChatExport_2020-03-02/messages2.html", "an export as HTML"),
        ("notes.txt", "not part of a Telegram export"),
        ("video_files/v.mp4", None),
        ("v.mp4", None),
        ("files/sent.json", None),
    ],
)
def test_of_the_exports_folder_only_the_json_is_read(folder: Path, name: str, reason: str | None) -> None:
    batch = read(folder, b"\0" if name.endswith(".mp4") else b"{}", name)
    assert [r.startswith(reason or "?") for _, r in reasons(batch)] == ([True] if reason else [])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


def walked(stream: JsonStream) -> Any:
    """A document by way of every step that the stream offers."""
    match stream.peek():
        case "{":
            return {key: walked(stream) for key in stream.members()}
        case "[":
            return [walked(stream) for _ in stream.items()]
        case _:
            return stream.value()


@settings(max_examples=60, deadline=None)
@given(document=JSON, chunk=st.integers(1, 20), indent=st.sampled_from([None, 1]))
def test_a_document_read_in_pieces_is_the_document(document: Any, chunk: int, indent: int | None) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    assert walked(JsonStream(io.StringIO(text), chunk)) == document
    assert JsonStream(io.StringIO(text), chunk).value() == document
    skipped = JsonStream(io.StringIO(text + " !"), chunk)
    skipped.skip()
    assert skipped.peek() == "!"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_message_is_a_post_a_service_message_or_a_rejection(folder: Path, data: st.DataObject) -> None:
    messages: list[Any] = copy.deepcopy(exports.telegram_messages())
    for _ in range(data.draw(st.integers(1, 4))):
        message = data.draw(st.sampled_from([m for m in messages if isinstance(m, dict)] or [{}]))
        message[data.draw(st.sampled_from([*message, "poll", "reply_to_peer_id", "location_information"]))] = data.draw(JSON)
    messages.append(data.draw(JSON))
    path = folder / "mutated.json"
    path.write_bytes(json.dumps(exports.telegram_chat(messages)).encode())
    batch = Batch()
    count = read_export(exports.source(), exports.entry(path, "result.json"), path, batch)
    assert count.posts + count.service + count.rejected == len(messages)
    assert batch.texts.height == count.posts
    whole = [r for _, r in batch.rejections if (r.pointer or "").count("/") == 2]
    assert len(whole) == count.rejected


@settings(max_examples=80, deadline=None)
@given(content=st.binary(max_size=300) | st.data())
def test_whatever_the_bytes_are_a_reason_comes_back(folder: Path, content: bytes | st.DataObject) -> None:
    if not isinstance(content, bytes):
        original = json.dumps(exports.telegram_account(), ensure_ascii=False).encode()
        at, size = content.draw(st.integers(0, len(original))), content.draw(st.integers(0, 60))
        content = original[:at] + content.draw(st.binary(max_size=20)) + original[at + size :]
    batch = read(folder, content)
    assert batch.texts.height or batch.rejections


@pytest.mark.parametrize(
    "value", ["[" * 100_000, '"' + "x" * 5_000_000, '{"a":' * 100_000, "9" * 100_000, '"\\', "{" + '"a":1,' * 50_000]
)
def test_absurd_values_neither_hang_nor_overflow(folder: Path, value: str) -> None:
    chat = json.dumps(exports.telegram_chat([])).removesuffix("]}")
    batch = read(folder, f"{chat}{json.dumps(exports.telegram_message(1, 'x'))},{value}".encode())
    assert batch.texts.height == 1
    assert [pointer for pointer, _ in reasons(batch)][:1] == ["/messages/1"]
