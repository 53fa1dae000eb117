"""Checks of the stage `captures`."""

from collections.abc import Mapping, Sequence

import dagster as dg

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.verification import Sample, counts, verify_archive
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.warehouse import Reading
from checks.expectations import between, one_of, required, suite_check
from checks.rules import Check, Finding, build_checks, rule

_OBJECTS, _BYTES = 50, 64 << 20  # what every run can bear


def _archive_verifies(home: HomeResource, reading: Reading, months: Sequence[str]) -> Mapping[str, Finding]:
    """Verify a sample that the run's month chooses, so that each month looks at other objects.

    A run without months goes by the month of the newest receipt. A surplus object is left to `casualty verify`: an ingest
    that was killed leaves such, no evidence is at risk, and the next one gives it its entry.
    """
    newest = reading.connection.execute("select strftime(max(received_at), '%Y-%m') from captures.manifest").fetchone()
    seed = months[-1] if months else str(newest[0] if newest else "")
    asked = home.archive_sample
    sample = Sample.parse(asked, seed) if asked else Sample(seed, objects=_OBJECTS, largest_bytes=_BYTES)
    faults = [f for f in verify_archive(Archive(home.home.archive), sample=sample).faults if f.kind != "surplus"]
    kinds = tuple(f"{kind}: {number}" for kind, number in counts(faults).items())
    return {"": Finding(len(faults), kinds, "casualty verify")} if faults else {}


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
        severity=dg.AssetCheckSeverity.WARN,
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
        severity=dg.AssetCheckSeverity.WARN,
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
SUITES = (
    suite_check("captures.manifest", [*required("captures.manifest"), between("size_bytes", 0, None, "R23")]),
    suite_check(
        "captures.records",
        [*required("captures.records"), one_of("statement", ["person", "group", "incident"], "R7")],
    ),
)


def build(months: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """The checks of the stage."""
    return build_checks("captures", (*RULES, *ARCHIVE, *SUITES), months)
