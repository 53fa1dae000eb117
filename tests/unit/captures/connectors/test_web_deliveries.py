"""Deliveries of each kind, through the archive into the `captures` tables, as `casualty ingest` takes them."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.connectors import registry
from casualty_pipeline.captures.inbox import files_of
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.prose import READER_VERSION
from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Warehouse
from tests.fixtures import web_exports as exports


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    for connector in ("telegram", "web_archive", "auto_archiver"):
        declaration = f'id = "{connector}"\nname = "Example"\nconnector = "{connector}"\nsynthetic = true\n'
        (made.sources / f"{connector}.toml").write_text(declaration, encoding="utf-8")
    return made


def deliver(home: Home, source: str, folder: Path) -> None:
    Archive(home.archive).take(files_of([folder]), source)
    with Warehouse(home.warehouse).writing() as write:
        read_archive(home, write)


def table(home: Home, name: str) -> pl.DataFrame:
    with Warehouse(home.warehouse).reading() as reading:
        return reading.table(f"captures.{name}")


@pytest.mark.parametrize(
    ("source", "write", "texts"),
    [
        ("telegram", exports.write_telegram, 6),
        ("web_archive", exports.write_warc, 3),
        ("web_archive", exports.write_wacz, 3),
        ("auto_archiver", exports.write_auto_archiver, 2),
    ],
)
def test_a_delivery_of_each_format_gives_its_texts(
    home: Home, tmp_path: Path, source: str, write: Callable[[Path], Path], texts: int
) -> None:
    write(tmp_path / "delivery")
    deliver(home, source, tmp_path / "delivery")
    found = table(home, "texts")
    assert found.height == texts
    assert found["content"].str.contains(exports.ARABIC).any()


def test_media_beside_an_export_are_found_and_hashes_that_the_sender_gave_are_verified(home: Home, tmp_path: Path) -> None:
    exports.write_telegram(tmp_path / "chat")
    exports.write_auto_archiver(tmp_path / "archived")
    (tmp_path / "archived/kafrantin/screenshot.png").write_bytes(b"another")
    deliver(home, "telegram", tmp_path / "chat")
    deliver(home, "auto_archiver", tmp_path / "archived")
    found = table(home, "attachments").filter(pl.col("sha256").is_not_null())
    verified = dict(found.filter(pl.col("file") != "archived.csv").select("name", "verified").iter_rows())
    assert verified == {
        "photos/photo_1@01-03-2020.jpg": None,
        "video_files/video_1.mp4_thumb.jpg": None,
        "kafrantin/video.mp4": True,
        "kafrantin/frame_1.jpg": None,
        "kafrantin/screenshot.png": False,
        "kafrantin/report.html": True,
    }


def test_two_exports_of_a_chat_give_one_key_to_a_message_and_keep_both_its_texts(home: Home, tmp_path: Path) -> None:
    before = exports.telegram_message(3, "استشهاد ستة مدنيين")
    after = before | {"text": "استشهاد خمسة مدنيين", "edited": "2020-03-01T13:00:00", "edited_unixtime": "1583060400"}
    for name, message in (("first", before), ("second", after)):
        (tmp_path / name).mkdir()
        content = json.dumps(exports.telegram_chat([message]))
        (tmp_path / name / "result.json").write_text(content, encoding="utf-8")
        deliver(home, "telegram", tmp_path / name)
    found = table(home, "texts").sort("edited", nulls_last=False)
    assert found["source_key"].n_unique() == 1
    assert found.select("edited", "content").rows() == [
        (None, before["text"]),
        ("2020-03-01T11:00:00+00:00", after["text"]),
    ]


@pytest.mark.parametrize("name", ["telegram", "web_archive", "auto_archiver"])
def test_a_new_reader_of_free_text_reads_old_posts_again(name: str) -> None:
    assert registry.connector(name).version.endswith(READER_VERSION)
