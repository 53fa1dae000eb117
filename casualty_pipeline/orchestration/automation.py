"""Declarative automation: the staleness of `casualty status` as a condition on the assets, so that the UI shows it there.

It is the alternative to the sensor `stale_months`, off until somebody turns it on: the same level, asked asset by asset.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import dagster as dg
from dagster._record import record

from casualty_pipeline.captures.inbox import inbox_waits
from casualty_pipeline.captures.intake import unread_captures
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home, find_home
from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.status import months_status

AUTOMATION = "stale_months_by_asset"


@lru_cache(maxsize=1)
def _stale(path: str, _tick: datetime) -> frozenset[str]:
    """The stale months, asked once a tick: every asset's condition is evaluated in one."""
    try:
        return frozenset(s.month for s in months_status(find_home(path, None)) if not s.current)
    except CasualtyError:  # somebody holds the warehouse: the next tick asks again
        return frozenset()


@lru_cache(maxsize=1)
def _waits(path: str, _tick: datetime) -> bool:
    home = find_home(path, None)
    return bool(inbox_waits(home) or unread_captures(home))


@record
class CapturesWait(dg.AutomationCondition[dg.AssetKey]):
    """True while something in the inbox or the archive wasn't read."""

    home: str

    @property
    def name(self) -> str:
        """As the UI shows it."""
        return "captures_wait"

    @property
    def description(self) -> str:
        """As the UI shows it."""
        return "Something in the inbox or the archive was not read yet"

    @confidential
    def evaluate(self, context: dg.AutomationContext[dg.AssetKey]) -> dg.AutomationResult[dg.AssetKey]:
        """All of the asset, or nothing."""
        waits = _waits(self.home, context.evaluation_time)
        return dg.AutomationResult(context, context.candidate_subset if waits else context.get_empty_subset())


@record
class MonthIsStale(dg.AutomationCondition[dg.AssetKey]):
    """True for the months that `casualty status` calls stale; of an asset without months, while there are any."""

    home: str

    @property
    def name(self) -> str:
        """As the UI shows it."""
        return "month_is_stale"

    @property
    def description(self) -> str:
        """As the UI shows it."""
        return "Its figures aren't what captures and decisions now give (`casualty status` says why)"

    @confidential
    def evaluate(self, context: dg.AutomationContext[dg.AssetKey]) -> dg.AutomationResult[dg.AssetKey]:
        """Exactly the stale months among those that are asked about."""
        stale = _stale(self.home, context.evaluation_time)
        if context.partitions_def is None:
            return dg.AutomationResult(context, context.candidate_subset if stale else context.get_empty_subset())
        asked = context.candidate_subset.expensively_compute_partition_keys()
        subset = context.asset_graph_view.get_subset_from_partition_keys(context.key, context.partitions_def, stale & asked)
        return dg.AutomationResult(context, subset)


def conditioned(assets: Sequence[dg.AssetsDefinition], home: Home) -> list[dg.AssetsDefinition]:
    """The assets, each with the condition under which it is to be materialised again, unless that is under way."""

    def with_condition(spec: dg.AssetSpec) -> dg.AssetSpec:
        stage = spec.key.path[0]
        level = CapturesWait(home=str(home.path)) if stage == "captures" else MonthIsStale(home=str(home.path))
        return spec.replace_attributes(automation_condition=level & ~dg.AutomationCondition.in_progress())

    return [asset.map_asset_specs(with_condition) for asset in assets]


def build_automation() -> dg.AutomationConditionSensorDefinition:
    """The sensor that acts on the conditions. Not to be on together with `stale_months` and `inbox`, which do the same."""
    return dg.AutomationConditionSensorDefinition(
        AUTOMATION,
        target=dg.AssetSelection.all(),
        use_user_code_server=True,
        default_status=dg.DefaultSensorStatus.STOPPED,
        minimum_interval_seconds=60,
        run_tags={"why": "stale"},
        description="Instead of `inbox` and `stale_months`: materialises what the assets' own conditions call stale.",
    )
