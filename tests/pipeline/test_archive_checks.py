"""What Dagster tells of the archive: hashes that don't hold, objects that are no longer what came in. Counts, no names."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.custody import Given
from casualty_pipeline.captures.inbox import files_of
from casualty_pipeline.definitions import build_definitions

CALL = "call,day,persons,where,who,media\n"


def receive(small: Any, folder: Path, contents: Mapping[str, str], day: int) -> None:
    delivered = folder / str(day)
    delivered.mkdir()
    for name, content in contents.items():
        (delivered / name).write_text(content)
    given = Given(received_at=datetime(2020, 6, day, tzinfo=UTC))
    Archive(small.home.archive).receive(files_of([delivered]), "tip_line", given)


def evaluated(small: Any, job: str, check: str, config: Mapping[str, Any] | None = None) -> dg.AssetCheckEvaluation:
    definition = build_definitions(small.home).resolve_job_def(job)
    result = definition.execute_in_process(instance=small.instance, run_config=config)
    (found,) = [e for e in result.get_asset_check_evaluations() if e.check_name == check]
    return found


def told(evaluation: dg.AssetCheckEvaluation) -> dict[str, Any]:
    return {name: value.value for name, value in evaluation.metadata.items()}


def test_a_hash_that_does_not_fit_is_a_warning_until_a_file_comes_that_has_its_own(small: Any, tmp_path: Path) -> None:
    wrong = {"a.csv": CALL, "MD5SUMS": "0" * 32 + "  a.csv\n"}
    receive(small, tmp_path, wrong, day=1)
    first = evaluated(small, "take_in", "claimed_hashes_hold")
    assert (first.passed, first.severity, told(first)["rows_that_break_it"]) == (False, dg.AssetCheckSeverity.WARN, 1)
    sent = CALL + "\n"
    receive(small, tmp_path, {"a.csv": sent, "MD5SUMS": hashlib.md5(sent.encode()).hexdigest() + "  a.csv\n"}, day=2)
    assert evaluated(small, "take_in", "claimed_hashes_hold").passed


@pytest.mark.parametrize(("job", "sample"), [("take_in", None), ("verify_archive", None), ("verify_archive", "100%")])
def test_an_object_that_changed_is_found_by_the_sample_of_a_small_archive_and_by_the_job(
    small: Any, tmp_path: Path, job: str, sample: str | None
) -> None:
    small.take_in()
    resource = {"path": str(small.home.path), "archive_sample": sample}
    config = {"resources": {"home": {"config": resource}}} if sample else None
    receive(small, tmp_path, {"Zarbek-Quorlan.csv": CALL}, day=1)
    path = max((small.home.archive / "objects").glob("??/*"), key=lambda p: p.stat().st_ctime_ns)
    path.chmod(0o644)
    path.write_bytes(b"x" * path.stat().st_size)
    path.chmod(0o444)
    found = evaluated(small, job, "archive_sample_verifies", config)
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert told(found) == {
        "rows_that_break_it": 1,
        "for_example": ["changed: 1"],
        "reasons": ["`casualty verify` says which"],
        "query": "casualty failures --stage captures --check archive_sample_verifies",
    }


def test_a_surplus_object_is_none_of_its_business(small: Any) -> None:
    small.take_in()
    content = b"left by an ingest that was killed"
    surplus = Archive(small.home.archive).object_path(hashlib.sha256(content).hexdigest())
    surplus.parent.mkdir(parents=True, exist_ok=True)
    surplus.write_bytes(content)
    surplus.chmod(0o444)
    assert evaluated(small, "verify_archive", "archive_sample_verifies").passed
