"""`casualty decide`: a decision is checked, kept, and honoured by the next run; what can't stand changes nothing."""

import json
from collections.abc import Callable

import duckdb
import pytest

from tests.acceptance.conftest import Casualty


def rows(casualty: Casualty, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(casualty.home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def two(sample: Casualty) -> list[str]:
    """Two victims of one incident of February."""
    pair = """
        select min(victim_id), max(victim_id) from deduplicated.victims
        where documentation_month = '2020-02' and persons = 1 and victim_id similar to 'V-[a-z2-7]{12}' and not unnamed
        group by incident_id having count(*) = 2 order by all limit 1
    """
    return [str(victim) for victim in rows(sample, pair)[0]]


@pytest.mark.long
def test_a_merge_is_tried_entered_and_applied_and_a_circle_is_refused(
    copied: Callable[[], Casualty], two: list[str]
) -> None:
    casualty, (a, b) = copied(), two
    why = ("--reason", "one person, two spellings", "--who", "AB", "--decided-at", "2020-04-02T10:00:00Z")
    merge = ("decide", "merge", f"victim:{a}", f"into:victim:{b}", *why)
    tried = casualty.done(*merge, "--dry-run")
    assert json.loads(tried.stdout)["decision_id"] == "D-2020-04-02-001"
    assert a in tried.stderr and b in tried.stderr
    assert json.loads(casualty.done("status", "--format", "json").stdout)["captures_not_yet_read"] == 0

    entered = casualty.done(*merge)
    assert entered.stdout == "D-2020-04-02-001\n"
    assert "casualty run --month 2020-02" in entered.stderr
    back = casualty("decide", "merge", f"victim:{b}", f"into:victim:{a}", *why)
    assert (back.returncode, back.stdout) == (2, "")
    assert "found a circle with D-2020-04-02-001" in back.stderr

    before = rows(casualty, "select count(*) from attributed.victims where documentation_month = '2020-02'")[0][0]
    casualty.done("run", "--month", "2020-02")
    after = rows(casualty, "select count(*) from attributed.victims where documentation_month = '2020-02'")[0][0]
    assert after == int(str(before)) - 1
    for victim in two:
        traced = json.loads(casualty.done("trace", victim, "--format", "json").stdout)
        assert len(traced["victims"]) == 1

    taken_back = casualty.done(
        *("decide", "merge", f"victim:{a}", "withdrawn", "--supersedes", "D-2020-04-02-001"),
        *("--reason", "two cousins", "--who", "AB", "--decided-at", "2020-05-02"),
    )
    assert taken_back.stdout == "D-2020-05-02-001\n"
    casualty.done("run", "--month", "2020-02")
    assert rows(casualty, "select count(*) from attributed.victims where documentation_month = '2020-02'")[0][0] == before


def test_the_schema_is_printed_and_what_cant_be_meant_is_named(empty: Casualty) -> None:
    assert json.loads(empty.done("decide", "--schema").stdout)["$id"] == "urn:casualty-pipeline:decisions:1"
    wrong = empty("decide", "attribution", "incident:a/1", "martians", "--reason", "x", "--who", "AB")
    assert wrong.returncode == 2 and "expected a party id of the profile" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    waits = empty.done("decide", "attribution", "incident:a/1", "russia", "--reason", "x", "--who", "AB")
    assert "it waits" in waits.stderr
