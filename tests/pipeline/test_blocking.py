"""A blocking check stops what is downstream of its month, is reported for it alone, and is forgotten after the repair."""

from typing import Any

import dagster as dg

MONTHS = ["2020-01", "2020-02", "2020-03"]
PERSONS = dg.AssetCheckKey(dg.AssetKey(["cleaned", "records"]), "persons_is_in_range")
YEAR_SO_FAR = dg.AssetCheckKey(dg.AssetKey(["monthly", "figure_inputs"]), "year_so_far_is_attributed")


def _executed(result: dg.ExecuteInProcessResult) -> set[str]:
    return {str(e.step_key) for e in result.filter_events(lambda e: e.event_type_value == "STEP_START")}


def _failures(small: Any, result: dg.ExecuteInProcessResult, check: dg.AssetCheckKey) -> dict[str | None, dict[str, Any]]:
    """The failed evaluations of a check by month, the sum over the run's months under None."""
    logged = small.instance.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    evaluations = [entry.dagster_event.asset_check_evaluation_data for entry in logged]
    return {
        e.partition: {name: value.value for name, value in e.metadata.items()}
        for e in evaluations
        if e.asset_check_key == check and not e.passed
    }


def test_a_bad_row_fails_its_month_alone_and_after_its_repair_every_month_passes(small: Any) -> None:
    small.tip("call-9", "2020-02-20", 20_000)  # more dead in one statement than can be meant

    broken = small.run("2020-01", "2020-03")

    assert not broken.success
    assert small.rows("select distinct month from reports.bundles order by all") == [("2020-01",)]
    assert small.states(PERSONS, MONTHS) == {"2020-01": "SUCCEEDED", "2020-02": "FAILED", "2020-03": "SUCCEEDED"}
    assert small.rows("select count(*) from cleaned.records where persons = 20000") == [(0,)]
    ((bad_row,),) = small.rows("select record_id from captures.records where persons = '20000'")
    found = _failures(small, broken, PERSONS)
    assert set(found) == {"2020-02", None}
    assert found["2020-02"] == {
        "rows_that_break_it": 1,
        "for_example": [bad_row],
        "reasons": ["persons is at least 1 and at most 10000"],
        "query": "casualty failures --stage cleaned --check persons_is_in_range --month 2020-02",
        "months": "2020-02",
        "rows_of_before_kept": "2020-02",
    }
    assert found[None]["months"] == "2020-02"

    small.tip("call-9", "2020-02-20", 2)
    alone = small.run("2020-02", "2020-02")

    assert alone.success  # January is there: it was good
    assert small.states(PERSONS, MONTHS) == dict.fromkeys(MONTHS, "SUCCEEDED")

    assert small.run("2020-01", "2020-03").success
    assert small.states(YEAR_SO_FAR, MONTHS) == dict.fromkeys(MONTHS, "SUCCEEDED")
    assert small.rows("select sum(persons) from attributed.victims where documentation_month = '2020-02'") == [(5,)]
