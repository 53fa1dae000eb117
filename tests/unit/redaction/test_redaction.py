"""A redacted copy is a capture of its own, derived from the untouched one; a role sees the one or the other."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.inbox import files_of
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.redaction import Rules, redact, shown_to, take_redacted
from casualty_pipeline.captures.verification import verify_archive
from casualty_pipeline.cli import main
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Warehouse

PHONE = "+963944987123"
TABLE = f"no,name,told by,phone\n1,Miro,Informantia Velmoor,{PHONE}\n2,Neva,,{PHONE}\n"
_SOURCE = """\
id = "tips"
name = "Tips (invented)"
[[tables]]
file = "*.csv"
statement = "person"
key = ["no"]
[tables.columns]
name_en = "name"
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    (home.sources / "tips.toml").write_text(_SOURCE, "utf-8")
    (tmp_path / "tips.csv").write_text(TABLE, "utf-8")
    Archive(home.archive).take(files_of([tmp_path / "tips.csv"]), "tips", datetime(2020, 6, 1, tzinfo=UTC))
    return home


def _only(home: Home) -> str:
    return next(Archive(home.archive).entries()).sha256


def test_columns_pointers_and_patterns_are_blacked_out_and_nothing_else() -> None:
    assert redact(TABLE.encode(), Rules(columns=["phone", "told by"])).decode().splitlines() == [
        "no,name,told by,phone",
        "1,Miro,[redacted],[redacted]",
        "2,Neva,,[redacted]",
    ]
    form = {"name": "Miro", "sources": [{"name": "His brother", "a/b": PHONE}]}
    assert json.loads(redact(json.dumps(form).encode(), Rules(pointers=["/sources/0/name", "/sources/0/a~1b"]))) == {
        "name": "Miro",
        "sources": [{"name": "[redacted]", "a/b": "[redacted]"}],
    }
    assert PHONE not in redact(TABLE.encode(), Rules(patterns=[r"\+963\d+"])).decode()


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (Rules(columns=["email"]), "expected one of no, name, told by, phone"),
        (Rules(patterns=["Quorlan"]), "matches nothing"),
        (Rules(patterns=["("]), "no regular expression"),
        (Rules(pointers=["/a"]), "not JSON"),
        (Rules(pointers=["a"]), "expected a JSON pointer|not JSON"),
    ],
)
def test_a_rule_that_finds_nothing_is_refused(rules: Rules, reason: str) -> None:
    with pytest.raises(CasualtyError, match=reason):
        redact(TABLE.encode(), rules)


def test_a_picture_is_redacted_elsewhere() -> None:
    with pytest.raises(CasualtyError, match="--with"):
        redact(b"\xff\xd8\xff\xe0", Rules(patterns=["x"]))


def test_the_copy_is_derived_from_the_original_which_stays_untouched(home: Home) -> None:
    archive, original = Archive(home.archive), _only(home)

    made = take_redacted(archive, original[:12], Rules(columns=["phone"]), "editor 1", "informant at risk")

    (first, second) = archive.entries()
    assert (second.role, second.derived_from, second.reason, second.collector) == (
        "redacted",
        original,
        "informant at risk",
        "editor 1",
    )
    assert second == made
    assert "tips" not in made.original_name
    assert b"".join(archive.chunks(first.sha256)) == TABLE.encode()
    assert verify_archive(archive).faults == ()


def test_a_copy_is_never_a_second_statement(home: Home) -> None:
    take_redacted(Archive(home.archive), _only(home), Rules(columns=["name"]), "editor 1", "names of children")

    with Warehouse(home.warehouse).writing() as write:
        read_archive(home, write)
        assert sorted(write.table("captures.records")["name_en"].to_list()) == ["Miro", "Neva"]
        assert sorted(write.table("captures.manifest")["role"].to_list()) == ["capture", "redacted"]


def test_a_role_sees_the_original_a_copy_or_nothing(home: Home) -> None:
    archive, original = Archive(home.archive), _only(home)
    with pytest.raises(CasualtyError, match="confidential, and there is no redacted copy"):
        shown_to(archive, original, "editor")

    copy = take_redacted(archive, original, Rules(columns=["phone"]), "editor 1", "informant at risk").sha256

    assert shown_to(archive, original, "confidential").sha256 == original
    assert shown_to(archive, original, "editor").sha256 == copy
    with pytest.raises(CasualtyError, match="no redacted copy"):
        shown_to(archive, original, "viewer")


def test_a_copy_that_is_the_original_is_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(CasualtyError, match="byte for byte"):
        take_redacted(Archive(home.archive), _only(home), tmp_path / "tips.csv", "editor 1", "none")


def test_the_commands_take_a_copy_in_and_bring_it_out(home: Home, tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, [*arguments, "--home", str(home.path)])
        return result.exit_code, result.output

    why = ("--who", "editor 1", "--reason", "informant at risk")
    original, out = _only(home), str(tmp_path / "out.csv")
    assert run("redact", original[:8], *why)[0] == 2
    assert run("capture", original, "--out", out)[0] == 2
    assert run("redact", original[:8], *why, "--column", "phone")[0] == 0
    assert run("capture", original, "--role", "editor", "--out", out)[0] == 0
    assert PHONE not in Path(out).read_text("utf-8")
    assert Path(out).stat().st_mode & 0o077 == 0
    assert run("capture", original, "--role", "confidential", "--out", out)[0] == 2  # never overwritten
