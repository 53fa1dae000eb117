"""Checks of the stage `reports`."""

import hashlib
from collections.abc import Mapping, Sequence

import dagster as dg

from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.warehouse import Reading
from checks.expectations import between, one_of, required, suite_check
from checks.rules import SHOWN, Check, Finding, build_checks

FORMATS = ["csv", "geojson", "html", "json", "parquet", "pdf", "sha256", "svg", "txt", "xlsx"]
SUITES = (
    suite_check(
        "reports.bundles",
        [
            *required("reports.bundles"),
            one_of("format", FORMATS, "R26"),
            between("size_bytes", 1, None, "R26"),
        ],
    ),
)


def _changed_files(home: HomeResource, reading: Reading, months: Sequence[str]) -> Mapping[str, Finding]:
    wrong: dict[str, list[str]] = {}
    listed = reading.connection.execute(
        "select month, path, sha256 from reports.bundles where month in (select unnest($months)) order by all",
        {"months": list(months)},
    ).fetchall()
    for month, path, sha256 in listed:
        file = home.home.path / path
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
            wrong.setdefault(month, []).append(path)
    return {m: Finding(len(paths), tuple(paths[:SHOWN]), "from reports.bundles") for m, paths in wrong.items()}


FILES_ARE_AS_LISTED = Check(
    "files_are_as_listed",
    "reports.bundles",
    "Every file of the month's report is there and has the hash that is listed.",
    "principle 4",
    _changed_files,
    blocking=False,
)


def build(months: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """The checks of the stage."""
    return build_checks("reports", (FILES_ARE_AS_LISTED, *SUITES), months)
