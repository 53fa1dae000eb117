"""The inbox into the archive, and the archive into the `captures` tables: each capture once, nothing lost, nothing twice."""

import os
from pathlib import Path

import polars as pl
import pytest

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.inbox import files_of, inbox_waits, take_inbox
from casualty_pipeline.captures.intake import Intake, preview, read_archive
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Warehouse

SOURCE = """\
id = "field"
name = "Field teams"
[[tables]]
file = "*.csv"
statement = "person"
key = ["no"]
[tables.columns]
name_en = "name"
documented_date = "written"
"""
TABLE = "no,name,written,shoe size\n1,Ondo Varr,2020-03-05,44\n2,Sela Varr,,\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one source and one file of it in the inbox."""
    made = Home(tmp_path / "home")
    made.prepare()
    (made.sources / "field.toml").write_text(SOURCE, encoding="utf-8")
    (made.inbox / "field").mkdir()
    (made.inbox / "field/march.csv").write_text(TABLE, encoding="utf-8")
    return made


def read(home: Home) -> Intake:
    with Warehouse(home.warehouse).writing() as write:
        return read_archive(home, write)


def table(home: Home, name: str) -> pl.DataFrame:
    with Warehouse(home.warehouse).reading() as reading:
        return reading.table(name)


def test_what_lies_in_the_inbox_is_taken_in_and_stays_there(home: Home) -> None:
    assert inbox_waits(home) == ["field/march.csv"]
    entries, problems = take_inbox(home)
    assert ([(e.source, e.original_name) for e in entries], problems) == ([("field", "march.csv")], [])
    assert inbox_waits(home) == []
    assert (home.inbox / "field/march.csv").is_file()
    assert take_inbox(home) == ([], [])


def test_what_cannot_be_taken_in_is_told_and_the_rest_goes_on(home: Home) -> None:
    inbox = home.inbox
    (inbox / "field/link.csv").symlink_to(inbox / "field/march.csv")
    (inbox / "field/folder").symlink_to(inbox)
    os.mkfifo(inbox / "field/pipe.csv")
    (inbox / "rumours").mkdir()
    (inbox / "stray.csv").write_text(TABLE, encoding="utf-8")
    (inbox / "linked").symlink_to(inbox / "field")
    for ignored in (".hidden", "~$open.xlsx", "half.csv.part"):
        (inbox / "field" / ignored).write_text("", encoding="utf-8")
    entries, problems = take_inbox(home)
    assert [e.original_name for e in entries] == ["march.csv"]
    told = {p.path: p.reason for p in problems}
    assert set(told) == {"field/link.csv", "field/folder", "field/pipe.csv", "linked", "rumours", "stray.csv"}
    assert "a symbolic link: put a copy of the file there instead" in told["field/link.csv"]
    assert "no source 'rumours'" in told["rumours"]
    assert "expected a folder named as a source" in told["stray.csv"]


def test_a_folder_is_taken_with_names_relative_to_it(home: Home, tmp_path: Path) -> None:
    (tmp_path / "sent/april").mkdir(parents=True)
    (tmp_path / "sent/april/list.csv").write_text(TABLE, encoding="utf-8")
    assert [name for _, name in files_of([tmp_path / "sent"])] == ["april/list.csv"]
    for nothing in (tmp_path / "none", tmp_path / "sent/empty"):
        (tmp_path / "sent/empty").mkdir(exist_ok=True)
        with pytest.raises(CasualtyError, match=r"doesn't exist|no files in"):
            files_of([nothing])


@pytest.mark.parametrize("given", ["link.csv", "linked", "holds a link", "holds a linked folder"])
def test_a_symbolic_link_is_refused_wherever_it_stands(tmp_path: Path, given: str) -> None:
    """A link could bring in any file of the machine."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real/list.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real/list.csv")
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    for folder, target in (("holds a link", "real/list.csv"), ("holds a linked folder", "real")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "link").symlink_to(tmp_path / target)
    with pytest.raises(CasualtyError, match="is a symbolic link: put a copy of the file there instead"):
        files_of([tmp_path / given])


def test_a_capture_is_read_once_with_its_position_and_its_unmapped_columns(home: Home) -> None:
    take_inbox(home)
    assert read(home) == Intake(captures=1, statements=2, rejected=0, decisions=0)
    assert read(home) == Intake(captures=0, statements=0, rejected=0, decisions=0)
    first, second = table(home, "captures.records").sort("row_number").to_dicts()
    assert (first["file"], first["row_number"], first["source_key"]) == ("march.csv", 2, "1")
    assert (first["name_en"], first["extra"]) == ("Ondo Varr", '{"shoe size":"44"}')
    assert first["documentation_month"] == "2020-03"  # its own date
    assert second["documentation_month"] == f"{second['received_at']:%Y-%m}"  # none of its own: that of receipt


def test_the_same_bytes_under_two_names_are_read_once(home: Home) -> None:
    (home.inbox / "field/copy.csv").write_text(TABLE, encoding="utf-8")
    take_inbox(home)
    assert read(home).captures == 2
    assert table(home, "captures.records").height == 2
    assert table(home, "captures.manifest").height == 2


def test_a_changed_declaration_reads_the_captures_again(home: Home) -> None:
    take_inbox(home)
    read(home)
    (home.sources / "field.toml").write_text(SOURCE.replace('name_en = "name"', 'place = "name"'), encoding="utf-8")
    assert read(home).statements == 2
    records = table(home, "captures.records").sort("row_number")
    assert (records["place"].to_list(), records["name_en"].null_count()) == (["Ondo Varr", "Sela Varr"], 2)


def test_a_source_that_is_no_longer_declared_is_rejected_with_the_reason(home: Home) -> None:
    take_inbox(home)
    (home.sources / "field.toml").unlink()
    assert read(home).rejected == 1
    assert "no source 'field'" in table(home, "captures.rejected")["reason"][0]


def test_an_object_that_the_archive_lost_is_named(home: Home) -> None:
    ((entry,), _) = take_inbox(home)
    Archive(home.archive).object_path(entry.sha256).unlink()
    assert read(home).rejected == 1
    assert "restore it from a backup" in table(home, "captures.rejected")["reason"][0]


@pytest.mark.parametrize("heading", ["*", "^.*$", "^n", "\\0row", "extra", "source", "名前", "=1+1", " "])
def test_a_column_may_have_any_name(home: Home, heading: str) -> None:
    (home.inbox / "field/march.csv").write_text(f"no,name,written,{heading}\n1,Ondo Varr,2020-03-05,x\n", encoding="utf-8")
    take_inbox(home)
    assert read(home) == Intake(captures=1, statements=1, rejected=0, decisions=0)
    (record,) = table(home, "captures.records").to_dicts()
    assert record["name_en"] == "Ondo Varr"


def test_a_file_whose_every_row_lacks_its_key_is_all_rejections(home: Home) -> None:
    (home.inbox / "field/march.csv").write_text("no,name,written\n,Ondo,\n ,Sela,\n", encoding="utf-8")
    take_inbox(home)
    assert read(home) == Intake(captures=1, statements=0, rejected=2, decisions=0)
    rejected = table(home, "captures.rejected").sort("row_number")
    assert rejected["row_number"].to_list() == [2, 3]
    assert rejected["column_name"].to_list() == ["no", "no"]


def test_who_sends_a_bad_file_learns_of_it_at_once(home: Home) -> None:
    bad = "no,name,written\n" + "1,2\n" * 25
    (home.inbox / "field/bad.csv").write_text(bad, encoding="utf-8")
    entries, _ = take_inbox(home)
    shown = preview(home, entries)
    assert shown[0].startswith("bad.csv, row 2: expected 3 columns as in the header, found 2")
    assert (len(shown), shown[-1]) == (21, "... and 5 more")


@pytest.mark.parametrize(
    ("persons", "statement"), [("5", "group"), ("٥", "group"), ("1", "person"), ("", "person"), ("several", "person")]
)
def test_a_row_about_several_persons_is_a_group_in_either_digits(home: Home, persons: str, statement: str) -> None:
    (home.sources / "field.toml").write_text(SOURCE + 'persons = "how many"\n', encoding="utf-8")
    (home.inbox / "field/march.csv").write_text(f"no,name,written,how many\n1,,2020-03-05,{persons}\n", encoding="utf-8")
    take_inbox(home)
    read(home)
    assert table(home, "captures.records")["statement"].to_list() == [statement]
