"""Checks of the stage `captures`."""

from collections.abc import Sequence

import dagster as dg
import polars as pl

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.sources import ANSWERS, DECISIONS
from casualty_pipeline.captures.verification import Sample, counts, verify_archive
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.failures import failing
from casualty_pipeline.warehouse import Reading
from checks.asset_checks import build_checks
from checks.expectations import as_declared, between, digests, one_of
from checks.rules import WARN, Check, rule

_OBJECTS, _BYTES = 50, 64 << 20  # what every run can bear


def _archive_verifies(home: HomeResource, reading: Reading, months: Sequence[str]) -> pl.DataFrame:
    """Verify a sample that the run's month chooses, so that each month looks at other objects.

    A run without months goes by the month of the newest receipt. A surplus object is left to `casualty verify`: an ingest
    that was killed leaves such, no evidence is at risk, and the next one gives it its entry.
    """
    newest = reading.connection.execute("select strftime(max(received_at), '%Y-%m') from captures.manifest").fetchone()
    seed = months[-1] if months else str(newest[0] if newest else "")
    asked = home.archive_sample
    sample = Sample.parse(asked, seed) if asked else Sample(seed, objects=_OBJECTS, largest_bytes=_BYTES)
    faults = [f for f in verify_archive(Archive(home.home.archive), sample=sample).faults if f.kind != "surplus"]
    return failing(("", f"{kind}: {number}", "`casualty verify` says which") for kind, number in counts(faults).items())


def _undeclared_sources(home: HomeResource, reading: Reading, _months: Sequence[str]) -> pl.DataFrame:
    """Sources of the manifest that nothing declares: what they send is kept, and not read."""
    known = {s.id for s in home.sources} | {DECISIONS, ANSWERS}
    found = reading.connection.execute("select distinct source from captures.manifest").fetchall()
    return failing(("", source, "declare it in sources/ (docs/sources.md)") for (source,) in found if source not in known)


RULES = (
    rule(
        "every_statement_has_its_capture",
        "captures.records",
        "Each statement names a capture that the manifest holds.",
        "R23",
        """
        select '' as month, record_id from captures.records
        where capture_sha256 not in (select sha256 from captures.manifest)
        """,
    ),
    rule(
        "rows_balance",
        "captures.manifest",
        "Rows read are the statements, citations and decisions that they became; none is lost between file and table.",
        "principle 3",
        """
        with read as (
            select sha256, source, max(statements) as statements from captures.manifest group by all
        ),
        kept as (
            select capture_sha256, source, count(*) as rows from (
                select capture_sha256, source from captures.records
                union all select capture_sha256, source from captures.citations
                union all select capture_sha256, source from captures.decisions
            ) group by all
        )
        select '' as month, r.sha256 from read as r
        left join kept as k on r.sha256 = k.capture_sha256 and r.source = k.source
        where r.statements <> coalesce(k.rows, 0)
        """,
    ),
    rule(
        "nothing_is_rejected",
        "captures.rejected",
        "No row and no file was rejected as unreadable. What was: `casualty status` counts it, the table says why.",
        "principle 3",
        "select '' as month, rejected_id from captures.rejected",
        blocking=False,
        severity=WARN,
    ),
)
ARCHIVE = (
    # Neither blocks: evidence is never turned away, and a figure that rests on it is published with what is known of it.
    rule(
        "claimed_hashes_hold",
        "captures.manifest",
        "Every hash and every timestamp that a sender gave fits the bytes that came, or a later file of the same name.",
        "R23",
        """
        with said as (
            select
                entry_id,
                source,
                original_name,
                received_at,
                coalesce(from_json(claimed_hashes, '[{"verified": "BOOLEAN"}]'), []) as hashes,
                coalesce(from_json(proofs, '[{"matches": "BOOLEAN"}]'), []) as stamps
            from captures.manifest
        ),
        judged as (
            select
                *,
                len(list_filter(hashes, lambda h: not h.verified)) + len(list_filter(stamps, lambda p: not p.matches))
                    as broken,
                len(list_filter(hashes, lambda h: h.verified)) + len(list_filter(stamps, lambda p: p.matches)) as held
            from said
        )
        select '' as month, j.entry_id from judged as j
        where j.broken > 0 and not exists (
            select 1 from judged as k
            where k.source = j.source and k.original_name = j.original_name and k.received_at > j.received_at
                and k.held > 0 and k.broken = 0
        )
        """,
        blocking=False,
        severity=WARN,
    ),
    Check(
        "archive_sample_verifies",
        "captures.manifest",
        "A sample of the archive, another one each month, has the bytes that came; nothing is missing or altered.",
        "R23",
        _archive_verifies,
        blocking=False,
    ),
)
FURTHER = (
    rule(
        "statements_stand_somewhere",
        "captures.records",
        "Each statement says where in its capture it stands: a row, or a pointer.",
        "R23",
        "select '' as month, record_id from captures.records where row_number is null and pointer is null",
    ),
    rule(
        "months_are_months",
        "captures.records",
        "Each statement has a month of documentation that is one, as 2020-03.",
        "R10",
        """
        select '' as month, record_id from captures.records
        where not regexp_full_match(documentation_month, '[0-9]{4}-(0[1-9]|1[0-2])')
        """,
    ),
    rule(
        "one_key_is_one_statement",
        "captures.records",
        "Two rows of one file that have the same key say the same; else one of them would stand for the other.",
        "requirements, section 6",
        """
        select '' as month, r.record_id from captures.records as r
        qualify count(distinct coalesce(r.name_ar, r.name_en)) over (
            partition by r.capture_sha256, r.source, r.statement, r.source_key
        ) > 1
        """,
        blocking=False,
        severity=WARN,
    ),
    rule(
        "months_are_not_before_or_after",
        "captures.records",
        "No month of documentation is before the year 2000, which a missing date often becomes, or after the receipt.",
        "requirements, section 6",
        """
        select '' as month, record_id from captures.records
        where documentation_month < '2000-01' or documentation_month > strftime(received_at, '%Y-%m')
        """,
        blocking=False,
        severity=WARN,
    ),
    rule(
        "decisions_replace_what_there_is",
        "captures.decisions",
        "A decision that supersedes another names one that the ledgers hold.",
        "principle 5",
        """
        select '' as month, decision_id from captures.decisions
        where supersedes is not null and supersedes not in (select d.decision_id from captures.decisions as d)
        """,
        blocking=False,
        severity=WARN,
    ),
    rule(
        "attachments_have_their_hashes",
        "captures.attachments",
        "Each attachment that is here has the hash that its sender gave.",
        "R23",
        "select '' as month, attachment_id from captures.attachments where verified = false",
        blocking=False,
        severity=WARN,
    ),
    Check(
        "sources_are_declared",
        "captures.manifest",
        "Every capture comes from a source that is declared.",
        "R22",
        _undeclared_sources,
        blocking=False,
        severity=WARN,
    ),
)
_TABLES = ("manifest", "records", "citations", "texts", "attachments", "rejected", "decisions")
SUITES = (
    *(as_declared(f"captures.{name}") for name in _TABLES),
    digests("captures.manifest", ["sha256"], "R23"),
    one_of("captures.manifest", "role", ["capture", "checksums", "proof"], "R23"),
    one_of("captures.manifest", "access_level", ["open", "restricted", "confidential"], "R29"),
    between("captures.manifest", "size_bytes", 0, None, "R23"),
    digests("captures.records", ["capture_sha256"], "R23"),
    one_of("captures.records", "statement", ["person", "group", "incident"], "R7"),
)
DECLARED = (*RULES, *ARCHIVE, *FURTHER, *SUITES)


def build(months: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """The checks of the stage."""
    return build_checks("captures", DECLARED, months)
