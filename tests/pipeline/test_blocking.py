"""A failed blocking check stops what is downstream, is reported for its month alone, and is forgotten after the repair."""

from typing import Any

import dagster as dg

MONTHS = ["2020-01", "2020-02", "2020-03"]
EXPECTATIONS = dg.AssetCheckKey(dg.AssetKey(["cleaned", "records"]), "expectations")
YEAR_SO_FAR = dg.AssetCheckKey(dg.AssetKey(["monthly", "figure_inputs"]), "year_so_far_is_attributed")


def _executed(result: dg.ExecuteInProcessResult) -> set[str]:
    return {str(e.step_key) for e in result.filter_events(lambda e: e.event_type_value == "STEP_START")}


def _failures(result: dg.ExecuteInProcessResult, check: dg.AssetCheckKey) -> dict[str | None, dict[str, Any]]:
    """The failed evaluations of a check by month, the sum over the run's months under None."""
    return {
        e.partition: {name: value.value for name, value in e.metadata.items()}
        for e in result.get_asset_check_evaluations()
        if e.asset_check_key == check and not e.passed
    }


def test_a_bad_row_fails_its_month_alone_and_after_its_repair_every_month_passes(small: Any) -> None:
    small.tip("call-9", "2020-02-20", 20_000)  # more dead in one statement than can be meant

    broken = small.run("2020-01", "2020-03")

    assert not broken.success
    assert _executed(broken) & {"deduplicated", "attributed", "month_digest", "monthly", "reports"} == set()
    assert small.states(EXPECTATIONS, MONTHS) == {"2020-01": "SUCCEEDED", "2020-02": "FAILED", "2020-03": "SUCCEEDED"}
    ((bad_row,),) = small.rows("select record_id from cleaned.records where persons = 20000")
    found = _failures(broken, EXPECTATIONS)
    assert set(found) == {"2020-02", None}
    assert found["2020-02"]["rows_that_break_it"] == 1
    assert found["2020-02"]["for_example"] == ["persons is at least 1 and at most 10000: 1 rows are not so (R7)", bad_row]
    assert found[None]["months"] == "2020-02"

    small.tip("call-9", "2020-02-20", 2)
    alone = small.run("2020-02", "2020-02")

    assert not alone.success  # January is cleaned by now, but not attributed: the sum since January would lack it
    assert "reports" not in _executed(alone)
    assert set(_failures(alone, YEAR_SO_FAR)) == {"2020-02", None}
    assert small.states(EXPECTATIONS, MONTHS) == dict.fromkeys(MONTHS, "SUCCEEDED")

    assert small.run("2020-01", "2020-03").success
    assert small.states(YEAR_SO_FAR, MONTHS) == dict.fromkeys(MONTHS, "SUCCEEDED")
    assert small.rows("select sum(persons) from attributed.victims where documentation_month = '2020-02'") == [(5,)]
