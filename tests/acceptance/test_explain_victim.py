"""`casualty explain`, `trace` and `review list --about` on the sample: why in words, by any id, and never a traceback."""

import json
import re
from collections.abc import Callable

import pytest

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.linkage.identities import identity
from casualty_pipeline.warehouse import Warehouse
from tests.acceptance.conftest import Casualty

_OF_SEVERAL = """
    select v.victim_id, min(v.record_id), max(v.record_id) from deduplicated.victim_records as v
    where v.linked_by in ('founded', 'evidence', 'decision') group by v.victim_id
    having bool_or(v.linked_by = 'evidence') and not bool_or(v.linked_by = 'decision') order by 1 limit 1
"""
_STRANGERS = """
    select min(r.source || '/' || r.source_key), max(r.source || '/' || r.source_key), min(v.victim_id), max(v.victim_id)
    from deduplicated.victim_records as v inner join cleaned.records as r on v.record_id = r.record_id
    where v.linked_by = 'founded' and r.name_en is not null
"""


def first(casualty: Casualty, sql: str) -> tuple[str, ...]:
    with Warehouse(casualty.home / "warehouse.duckdb").reading() as reading:
        return reading.frame(sql).row(0)


def test_a_victim_is_explained_in_words_and_bits(sample: Casualty) -> None:
    victim, one, other = first(sample, _OF_SEVERAL)
    text = sample.done("explain", victim).stdout
    assert text.startswith(f"{victim} is in force; founded by R-")
    assert "founded it: of its records, the first that became known" in text
    assert re.search(r"joined by the evidence, best with R-\w+: \+\d+\.\d bits", text)
    assert "where any two records that meet stand" in text and "history of the ids" in text

    told = json.loads(sample.done("explain", victim, "--format", "json").stdout)
    assert {one, other} <= {r["record_id"] for r in told["records"]}
    pair = json.loads(sample.done("explain", one, other, "--format", "json").stdout)
    assert pair["together"] and pair["weight"] == pytest.approx(
        pair["prior"] + sum(c["bits"] for c in pair["comparisons"]), abs=0.05
    )


def test_two_records_of_two_people_say_what_tells_them_apart(sample: Casualty) -> None:
    one, other, *_ = first(sample, _STRANGERS)
    text = sample.done("explain", one, other).stdout
    assert "given name: another name" in text and "keys that they share" in text


def test_a_victim_traces_to_its_bytes(sample: Casualty) -> None:
    victim, *_ = first(sample, _OF_SEVERAL)
    traced = json.loads(sample.done("trace", victim, "--format", "json").stdout)
    (found,) = traced["victims"]
    archive = Archive(sample.home / "archive")
    assert all(archive.object_path(r["capture_sha256"]).is_file() for r in found["records"])


@pytest.mark.long
def test_a_decision_that_merges_leaves_an_alias_for_ever(copied: Callable[[], Casualty]) -> None:
    casualty = copied()
    one, other, *_ = first(casualty, _STRANGERS)
    founders = f"""
        select record_id, known_at from cleaned.records where source || '/' || source_key in ('{one}', '{other}')
        order by known_at, record_id
    """
    older, younger = (row["record_id"] for row in _rows(casualty, founders))
    inbox = casualty.home / "inbox" / "decisions"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "merge.csv").write_text(
        "decision_id,kind,subject,value,decided_by,decided_at\n"
        f"D-merge,link,record:{one},same_as:record:{other},AB,2030-01-01T00:00:00Z\n"
        "D-none,attribution,victim:V-222222222222,russia,AB,2030-01-01T00:00:00Z\n",
        encoding="utf-8",
    )
    ran = casualty("run", "--month", "2020-01", "--through", "2020-03")
    assert "decisions_name_what_there_is" in ran.stderr
    alias = identity("V-", younger)
    text = casualty.done("explain", alias).stdout
    assert text.startswith(f"{alias} is an alias: it was merged away, and stands for {identity('V-', older)}")
    assert "joined by decision" in text and "(by decision D-merge)" in text
    assert "D-none (merge.csv, row 3): no victim ever had the id V-222222222222 here" in casualty("status").stderr


def _rows(casualty: Casualty, sql: str) -> list[dict[str, str]]:
    with Warehouse(casualty.home / "warehouse.duckdb").reading() as reading:
        return reading.frame(sql).to_dicts()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("explain", "V-222222222222"), "no victim ever had this id"),
        (("explain", "V-1"), "expected V- or I- and 12 letters"),
        (("trace", "I-222222222222"), "no incident ever had this id"),
        (("explain", "R-1", "R-2"), "no record 'R-1'"),
        (("explain", "R-1", "R-2", "R-3"), "found 3 arguments"),
        (("review", "list", "--about", "V-222222222222"), "no victim ever had this id"),
    ],
)
def test_what_never_was_is_wrong_use(sample: Casualty, arguments: tuple[str, ...], told: str) -> None:
    result = sample(*arguments)
    assert result.returncode == 2 and told in result.stderr and "Traceback" not in result.stderr


def test_without_a_warehouse_it_says_what_to_do(empty: Casualty) -> None:
    result = empty("explain", "V-222222222222")
    assert result.returncode == 2 and "casualty run" in result.stderr
