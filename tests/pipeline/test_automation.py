"""The assets' own conditions ask for exactly the months that `casualty status` calls stale."""

from typing import Any

import dagster as dg
import pytest

from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.orchestration.automation import AUTOMATION
from casualty_pipeline.tables import STAGES


def _requested(small: Any) -> dict[str, set[str]]:
    """For each asset that is requested, its partitions; of one without months, an empty set."""
    result = dg.evaluate_automation_conditions(build_definitions(small.home), small.instance)
    found: dict[str, set[str]] = {}
    for one in result.results:
        if one.true_subset.size:
            partitioned = one.true_subset.partitions_def is not None
            keys = one.true_subset.expensively_compute_partition_keys() if partitioned else frozenset()
            found[one.key.to_user_string()] = set(keys)
    return found


def test_exactly_the_stale_months_are_requested_of_every_stage_by_month(small: Any) -> None:
    small.take_in()
    small.compute("2020-01", "2020-03")
    assert _requested(small) == {}
    small.tip("call-9", "2020-02-20", 1)
    assert set(_requested(small)) == {
        f"captures/{name}" for name in ("manifest", "records", "citations", "texts", "attachments", "rejected", "decisions")
    }
    small.take_in()

    requested = _requested(small)

    assert {key.partition("/")[0] for key in requested} == set(STAGES) - {"captures"}
    by_month = {key: months for key, months in requested.items() if months}
    assert set(map(frozenset, by_month.values())) == {frozenset({"2020-02", "2020-03"})}  # March for its cumulative figures
    assert {"cleaned/records", "attributed/victims", "monthly/figures", "reports/bundles"} <= set(by_month)


@pytest.mark.long
def test_after_a_run_of_february_march_is_requested_for_its_cumulative_figures(small: Any) -> None:
    small.take_in()
    small.compute("2020-01", "2020-03")
    small.tip("call-9", "2020-02-20", 1)
    small.take_in()
    small.compute("2020-02", "2020-02")

    assert _requested(small)["monthly/figures"] == {"2020-03"}


def test_it_is_off_until_somebody_turns_it_on(definitions: dg.Definitions) -> None:
    sensor = definitions.resolve_sensor_def(AUTOMATION)

    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED
    assert isinstance(sensor, dg.AutomationConditionSensorDefinition)
