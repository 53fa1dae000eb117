"""Checks of the stage `deduplicated`."""

from collections.abc import Mapping, Sequence

import dagster as dg

from casualty_pipeline.linkage.quality import read_quality
from casualty_pipeline.linkage.resolving import dangling
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.warehouse import Reading
from checks.expectations import between, one_of, required, suite_check
from checks.rules import SHOWN, Check, Finding, build_checks, rule

DEMOGRAPHICS = ["man", "woman", "child_male", "child_female", "child", "unknown"]
RULES = (
    rule(
        "every_record_has_one_victim",
        "deduplicated.victim_records",
        "Each cleaned statement on a person or group that wasn't retracted speaks of exactly one victim.",
        "principle 3",
        """
        select '' as month, r.record_id from cleaned.records as r
        left join deduplicated.victim_records as v on r.record_id = v.record_id and v.linked_by <> 'listed_with'
        where r.statement <> 'incident' and r.record_id not in (
            select i.record_id from deduplicated.inputs as i where i.retracted_at is not null
        )
        group by r.record_id
        having count(v.victim_id) <> 1
        """,
    ),
    rule(
        "every_victim_has_an_incident",
        "deduplicated.victims",
        "Each victim belongs to an incident, and each to one that exists.",
        "R20",
        """
        select '' as month, v.victim_id from deduplicated.victims as v
        where v.incident_id not in (select i.incident_id from deduplicated.incidents as i)
        """,
    ),
    rule(
        "unlisted_dead_fit_the_minimum",
        "deduplicated.victims",
        "Counted unnamed victims never bring an incident above what its source says at least.",
        "R7",
        """
        select '' as month, v.incident_id from deduplicated.victims as v
        inner join deduplicated.incidents as i on v.incident_id = i.incident_id
        where v.status = 'killed'
        group by v.incident_id, i.killed_min
        having bool_or(v.victim_id in (
            select r.victim_id from deduplicated.victim_records as r where r.linked_by = 'remainder'
        )) and sum(v.persons) > i.killed_min
        """,
    ),
    rule(
        "one_value_is_taken",
        "deduplicated.victim_values",
        "Of the values on which a victim's records differ, exactly one is taken, and there is a rule that took it.",
        "requirements, section 4",
        """
        select '' as month, v.victim_id from deduplicated.victim_values as v
        group by v.victim_id, v.field
        having count(*) filter (where v.chosen) <> 1 or count(*) filter (where v.chosen and v.rule is null) > 0
        """,
    ),
    rule(
        "values_lie_between_least_and_most",
        "deduplicated.victims",
        "The number of persons, the age and the date of death that were taken are among those that records say.",
        "requirements, section 4",
        """
        select '' as month, v.victim_id from deduplicated.victims as v
        where v.persons not between v.persons_min and v.persons_max
            or v.age_first < v.age_min or v.age_last > v.age_max
            or v.death_first < v.death_min or v.death_last > v.death_max
        """,
    ),
)
# It can't fail: it is where the estimate is seen beside the run, and what to do where there is none.
QUALITY = Check(
    "linkage_quality",
    "deduplicated.quality",
    "What is known of the linkage's precision and recall, from the sample that people judged. It always passes.",
    "docs/methodology.md",
    lambda _home, _reading, _months: {},
    blocking=False,
    severity=dg.AssetCheckSeverity.WARN,
    tell=lambda reading: read_quality(reading).told(),
)


def _idle(_home: HomeResource, reading: Reading, _months: Sequence[str]) -> Mapping[str, Finding]:
    """Decisions about nothing. Their subjects hold the sources' own keys, so that only their ids and rows are told."""
    found = [f"{d['decision_id']}, row {d['row_number']}" for d in dangling(reading).iter_rows(named=True)]
    return {"": Finding(len(found), tuple(found[:SHOWN]), "casualty status")} if found else {}


DECISIONS = Check(
    "decisions_name_what_there_is",
    "deduplicated.identity_events",
    "Each decision in force names a record, incident or id that there is or was; `casualty status` says which doesn't.",
    "principle 3",
    _idle,
    blocking=False,
    severity=dg.AssetCheckSeverity.WARN,
    also_reads=("captures.decisions",),
)
SUITES = (
    suite_check(
        "deduplicated.victims",
        [
            *required("deduplicated.victims"),
            one_of("demographic", DEMOGRAPHICS, "R2"),
            between("persons", 1, 10_000, "R7"),
            between("independent_sources", 1, None, "R8"),
            one_of("sources_known_of", ["victim", "incident"], "R8"),
        ],
    ),
    suite_check("deduplicated.victim_values", required("deduplicated.victim_values")),
    suite_check("deduplicated.incidents", required("deduplicated.incidents")),
)


def build(months: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """The checks of the stage."""
    return build_checks("deduplicated", (*RULES, QUALITY, DECISIONS, *SUITES), months)
