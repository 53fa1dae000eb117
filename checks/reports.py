"""Checks of the stage `reports`."""

import hashlib

import dagster as dg

from casualty_pipeline.orchestration.metadata import POOL, key_of
from casualty_pipeline.orchestration.resources import HomeResource
from checks.expectations import between, build_suite_checks, one_of, required
from checks.rules import Finding, report_by_month, run_months
from checks.worker import Suite

SUITES = (
    Suite(
        "reports.bundles",
        [
            *required("reports.bundles"),
            one_of("format", ["html", "csv", "xlsx", "txt", "md"], "R26"),
            between("size_bytes", 1, None, "R26"),
        ],
    ),
)


def build(months: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """The checks of the stage."""
    asset, name = key_of("reports.bundles"), "files_are_as_listed"

    @dg.asset_check(
        asset=asset,
        name=name,
        description="Every file of the month's report is there and has the hash that is listed (principle 4).",
        blocking=False,
        partitions_def=months,
        pool=POOL,
        metadata={"requirement": "principle 4"},
    )
    def files_are_as_listed(context: dg.AssetCheckExecutionContext, home: HomeResource) -> dg.AssetCheckResult:
        wrong: dict[str, list[str]] = {}
        with home.warehouse.reading() as reading:
            listed = reading.connection.execute(
                "select month, path, sha256 from reports.bundles where month in (select unnest($months)) order by all",
                {"months": run_months(context)},
            ).fetchall()
        for month, path, sha256 in listed:
            file = home.home.path / path
            if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
                wrong.setdefault(month, []).append(path)
        found = {m: Finding(len(paths), tuple(paths[:5]), "from reports.bundles") for m, paths in wrong.items()}
        return report_by_month(context, name, "reports.bundles", found, dg.AssetCheckSeverity.ERROR, False)

    return [files_are_as_listed, *build_suite_checks(SUITES, months)]
