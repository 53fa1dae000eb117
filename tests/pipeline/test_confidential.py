"""Nothing that could name a victim reaches Dagster: not its databases, not its logs, not what the command line prints."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from casualty_pipeline.home import Home
from casualty_pipeline.tables import STATEMENT_FIELDS
from casualty_pipeline.warehouse import Warehouse

PERSONAL = [c.name for c in STATEMENT_FIELDS if c.personal]


def _personal(home: Home) -> set[str]:
    """Every name, date of birth, story and source key of the home."""
    columns = [*PERSONAL, "source_key"]
    with Warehouse(home.warehouse).reading() as reading:
        found = reading.connection.execute(
            " union ".join(f"select {c} from captures.records where {c} is not null" for c in columns)
        ).fetchall()
    return {text for (text,) in found if len(text) > 4}  # a bare year of birth stands in many dates


def _leaked(folder: Path, texts: Iterable[str]) -> set[str]:
    """Which of the texts occur in any file of the folder, in UTF-8 or escaped as JSON."""
    content = b"\n".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
    forms = {text: (text.encode(), json.dumps(text)[1:-1].encode()) for text in texts}
    return {text for text, encoded in forms.items() if any(form in content for form in encoded)}


def test_the_search_would_find_a_name(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(json.dumps({"name": "ليلى"}))

    assert _leaked(tmp_path, ["ليلى", "هند"]) == {"ليلى"}


@pytest.mark.long
def test_a_run_of_the_sample_leaves_no_name_and_no_source_key_in_dagster(filled: Home) -> None:
    texts = _personal(filled)
    assert len(texts) > 2000

    assert _leaked(filled.dagster, texts) == set()


@pytest.mark.long
def test_failed_checks_and_refused_rows_leave_none_either(small: Any) -> None:
    small.tip("Um Khalid of the house by the mill", "2020-02-20", 20_000)
    small.tip("Abu Khalid of the house by the mill", "2020-02-31", 1)

    assert not small.run("2020-01", "2020-03").success

    assert _leaked(small.home.dagster, ["Um Khalid", "Abu Khalid"]) == set()


@pytest.mark.long
def test_the_name_of_a_file_that_cannot_be_taken_in_stays_out_of_dagster(small: Any) -> None:
    folder = small.home.inbox / "tip_line"
    folder.mkdir(exist_ok=True)
    (folder / "Zarbek-Quorlan.csv").symlink_to("/etc/hostname")
    small.run("2020-01", "2020-03")
    written = [p for p in small.home.dagster.rglob("*") if p.is_file()]
    assert written
    assert [p.name for p in written if b"Zarbek-Quorlan" in p.read_bytes()] == []
