"""Checks of the stage `reports`."""

import hashlib
from collections.abc import Sequence

import dagster as dg
import polars as pl

import checks.editions
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.orchestration.auditing import Gate
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.profile import Profile
from casualty_pipeline.quality.failures import failing
from casualty_pipeline.reporting.proofreading import proofread
from casualty_pipeline.reporting.stage import month_report
from casualty_pipeline.warehouse import Reading
from checks.asset_checks import build_checks
from checks.expectations import as_declared, between, digests, one_of
from checks.gate import StageGate
from checks.rules import Check, rule

FORMATS = ["csv", "geojson", "html", "json", "parquet", "pdf", "sha256", "svg", "txt", "xlsx"]


def _changed_files(home: HomeResource, reading: Reading, months: Sequence[str]) -> pl.DataFrame:
    wrong: list[tuple[str, str, str]] = []
    listed = reading.connection.execute(
        "select month, path, sha256 from reports.bundles where month in (select unnest($months)) order by all",
        {"months": list(months)},
    ).fetchall()
    for month, path, sha256 in listed:
        file = home.home.path / path
        if not file.is_file():
            wrong.append((month, path, "the file is missing"))
        elif hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
            wrong.append((month, path, "the file isn't the one that was written"))
    return failing(wrong)


FILES_ARE_AS_LISTED = Check(
    "files_are_as_listed",
    "reports.bundles",
    "Every file of the month's report is there and has the hash that is listed.",
    "principle 4",
    _changed_files,
    blocking=False,
)


def _misprints(home: HomeResource, reading: Reading, months: Sequence[str]) -> pl.DataFrame:
    wrong: list[tuple[str, str, str]] = []
    listed = reading.connection.execute(
        """
        select month, list(path order by path) from reports.bundles
        where month in (select unnest($months)) and format in ('html', 'pdf') group by month order by month
        """,
        {"months": list(months)},
    ).fetchall()
    for month, paths in listed:
        files = [home.home.path / path for path in paths]
        try:
            report = month_report(reading, home.profile, month, home.sources)
        except CasualtyError as problem:
            wrong.append((month, "report", str(problem)))
            continue
        there = {file.name: file.read_bytes() for file in files if file.is_file()}  # what is missing, another check says
        wrong += [(month, f"{f.file}#{f.place}", f.sentence) for f in proofread(report, there)]
    return failing(wrong)


TEXT_AGREES = Check(
    "text_agrees_with_the_figures",
    "reports.bundles",
    "Every number that a report prints, read back from its pages in words and digits, is the figure that it names, a date "
    "or a number of the record that it tells of; drawings say what the tables beside them do; the table inside each PDF is "
    "the month's.",
    "R25, R28",
    _misprints,
    also_reads=["monthly.figures"],
)


def _months_have_reports(profile: Profile) -> Check:
    return rule(
        "every_month_has_its_report",
        "reports.bundles",
        "Each month has a page in each language of the profile, and its table.",
        "R28",
        """
        with wanted as (
            select m.month, l.language
            from (select unnest($months) as month) as m, (select unnest($languages) as language) as l
        )
        select w.month, w.language from wanted as w
        where not exists (
            select 1 from reports.bundles as b where b.month = w.month and b.language = w.language and b.format = 'html'
        )
        """,
        parameters={"languages": list(profile.languages)},
    )


def declared(profile: Profile) -> tuple[Check, ...]:
    """The checks of the stage."""
    bundles = "reports.bundles"
    return (
        FILES_ARE_AS_LISTED,
        TEXT_AGREES,
        _months_have_reports(profile),
        as_declared(bundles),
        one_of(bundles, "format", FORMATS, "R26"),
        one_of(bundles, "language", [*profile.languages, "all"], "R28"),
        between(bundles, "size_bytes", 1, None, "R26"),
        digests(bundles, ["sha256"], "principle 4"),
        *checks.editions.DECLARED,
    )


def build(months: dg.PartitionsDefinition[str], profile: Profile) -> list[dg.AssetChecksDefinition]:
    """The asset checks of the stage."""
    return build_checks("reports", declared(profile), months)


def gate(profile: Profile) -> Gate:
    """What the stage writes through. Bundles are files: they are judged when they are there, and never stop the month."""
    return StageGate("reports", declared(profile), audited=False)
