"""Checks of the stage `deduplicated`."""

from collections.abc import Sequence

import dagster as dg
import polars as pl

from casualty_pipeline.linkage.quality import read_quality
from casualty_pipeline.linkage.resolving import dangling
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.profile import Profile
from casualty_pipeline.quality.failures import failing
from casualty_pipeline.warehouse import Reading
from checks.asset_checks import build_checks
from checks.cleaned import SEXES, STATUSES
from checks.expectations import as_declared, between, in_order, one_of
from checks.rules import WARN, Check, rule

DEMOGRAPHICS = ["man", "woman", "child_male", "child_female", "child", "unknown"]
RULES = (
    rule(
        "every_record_has_one_victim",
        "deduplicated.victim_records",
        "Each cleaned statement on a person or group that wasn't retracted speaks of exactly one victim.",
        "principle 3",
        """
        select r.documentation_month as month, r.record_id from cleaned.records as r
        left join deduplicated.victim_records as v on r.record_id = v.record_id and v.linked_by <> 'listed_with'
        where r.statement <> 'incident' and r.record_id not in (
            select i.record_id from deduplicated.inputs as i where i.retracted_at is not null
        )
        group by r.documentation_month, r.record_id
        having count(v.victim_id) <> 1
        """,
    ),
    rule(
        "every_victim_has_an_incident",
        "deduplicated.victims",
        "Each victim belongs to an incident, and each to one that exists.",
        "R20",
        """
        select v.documentation_month as month, v.victim_id from deduplicated.victims as v
        where v.incident_id not in (select i.incident_id from deduplicated.incidents as i)
        """,
    ),
    rule(
        "unlisted_dead_fit_the_minimum",
        "deduplicated.victims",
        "Counted unnamed victims never bring an incident above what its source says at least.",
        "R7",
        """
        select i.documentation_month as month, v.incident_id from deduplicated.victims as v
        inner join deduplicated.incidents as i on v.incident_id = i.incident_id
        where v.status = 'killed'
        group by v.incident_id, i.documentation_month, i.killed_min
        having bool_or(v.victim_id in (
            select r.victim_id from deduplicated.victim_records as r where r.linked_by = 'remainder'
        )) and sum(v.persons) > i.killed_min
        """,
    ),
    rule(
        "every_victim_has_a_record",
        "deduplicated.victims",
        "Each victim is one that a statement speaks of.",
        "principle 4",
        """
        select v.documentation_month as month, v.victim_id from deduplicated.victims as v
        where v.victim_id not in (select r.victim_id from deduplicated.victim_records as r)
        """,
    ),
    rule(
        "links_are_of_records_and_victims",
        "deduplicated.victim_records",
        "Each link is between a cleaned record and a victim that there is.",
        "principle 4",
        """
        select coalesce(v.documentation_month, '') as month, r.record_id from deduplicated.victim_records as r
        left join deduplicated.victims as v on r.victim_id = v.victim_id
        where v.victim_id is null or r.record_id not in (select c.record_id from cleaned.records as c)
        """,
    ),
    rule(
        "victims_are_of_their_first_month",
        "deduplicated.victims",
        "A victim's month is that in which the first of its records was documented.",
        "R10",
        """
        select v.documentation_month as month, v.victim_id from deduplicated.victims as v
        inner join deduplicated.victim_records as r on v.victim_id = r.victim_id
        inner join cleaned.records as c on r.record_id = c.record_id
        group by v.victim_id, v.documentation_month
        having min(c.documentation_month) > v.documentation_month or max(c.documentation_month) < v.documentation_month
        """,
    ),
    rule(
        "incidents_have_records",
        "deduplicated.incidents",
        "Each incident is one that a record speaks of.",
        "R20",
        """
        select i.documentation_month as month, i.incident_id from deduplicated.incidents as i
        where i.incident_id not in (select r.incident_id from deduplicated.incident_records as r)
        """,
    ),
    rule(
        "nobody_dies_before_the_incident",
        "deduplicated.victims",
        "Of a victim and its incident, the last possible day of death isn't before the incident's first.",
        "requirements, section 6",
        """
        select v.documentation_month as month, v.victim_id from deduplicated.victims as v
        inner join deduplicated.incidents as i on v.incident_id = i.incident_id
        where v.death_last < i.incident_first
        """,
        blocking=False,
        severity=WARN,
    ),
    rule(
        "one_value_is_taken",
        "deduplicated.victim_values",
        "Of the values on which a victim's records differ, exactly one is taken, and there is a rule that took it.",
        "requirements, section 4",
        """
        select any_value(w.documentation_month) as month, v.victim_id from deduplicated.victim_values as v
        inner join deduplicated.victims as w on v.victim_id = w.victim_id
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
        select v.documentation_month as month, v.victim_id from deduplicated.victims as v
        where v.persons not between v.persons_min and v.persons_max
            or v.age_first < v.age_min or v.age_last > v.age_max
            or v.death_first < v.death_min or v.death_last > v.death_max
        """,
    ),
)
# Linkage's memory and what it tells of it are written apart: a join that breaks between them merges or splits people.
KEPT = (
    rule(
        "links_are_those_of_linkage",
        "deduplicated.victim_records",
        "Each record speaks of the victim that linkage joined it to, so that nobody is merged or divided on the way.",
        "C7",
        """
        select p.documentation_month as month, p.record_id from deduplicated.people as p
        inner join deduplicated.victim_records as r on p.record_id = r.record_id and r.linked_by <> 'listed_with'
        where p.victim_id is distinct from r.victim_id
        """,
    ),
    rule(
        "victims_are_in_an_incident_of_their_records",
        "deduplicated.victims",
        "A victim's incident is that of one of its records.",
        "R20",
        """
        select v.documentation_month as month, v.victim_id from deduplicated.victims as v
        where not exists (
            select 1 from deduplicated.victim_records as r
            inner join deduplicated.incident_records as i on r.record_id = i.record_id
            where r.victim_id = v.victim_id and i.incident_id = v.incident_id
        )
        """,
    ),
    rule(
        "first_months_are_the_first",
        "deduplicated.victims",
        "No record of a victim was documented in a month before the victim's, nor all of them after it.",
        "R10",
        """
        select v.documentation_month as month, v.victim_id from deduplicated.victims as v
        inner join deduplicated.victim_records as r on v.victim_id = r.victim_id
        inner join cleaned.records as c on r.record_id = c.record_id
        group by v.victim_id, v.documentation_month
        having min(c.documentation_month) <> v.documentation_month
        """,
        blocking=False,
        severity=WARN,
    ),
    rule(
        "records_of_victims_are_counted",
        "deduplicated.victims",
        "A victim has as many records as there are links to it.",
        "principle 4",
        """
        select v.documentation_month as month, v.victim_id from deduplicated.victims as v
        where v.records <> (select count(*) from deduplicated.victim_records as r where r.victim_id = v.victim_id)
        """,
    ),
)


def _demographics_fit(profile: Profile) -> Check:
    return rule(
        "demographic_fits_sex_and_age",
        "deduplicated.victims",
        "A man or boy isn't female, a woman or girl not male; nobody whose age is known is among those of the other age.",
        "R2",
        """
        select documentation_month as month, victim_id from deduplicated.victims
        where persons = 1 and not unnamed and (
            (demographic in ('man', 'child_male') and sex = 'female')
            or (demographic in ('woman', 'child_female') and sex = 'male')
            or (demographic in ('man', 'woman') and age_last < $adult)
            or (demographic in ('child', 'child_male', 'child_female') and age_first >= $adult)
        )
        """,
        parameters={"adult": profile.counting.adult_age},
    )


# It can't fail: it is where the estimate is seen beside the run, and what to do where there is none.
QUALITY = Check(
    "linkage_quality",
    "deduplicated.quality",
    "What is known of the linkage's precision and recall, from the sample that people judged. It always passes.",
    "docs/methodology.md",
    blocking=False,
    severity=WARN,
    tell=lambda reading: read_quality(reading).told(),
)


def _idle(_home: HomeResource, reading: Reading, _months: Sequence[str]) -> pl.DataFrame:
    """Decisions about nothing. Their subjects hold the sources' own keys, so that only their ids and rows are told."""
    found = dangling(reading).iter_rows(named=True)
    return failing(("", f"{d['decision_id']}, row {d['row_number']}", "`casualty status` says why") for d in found)


DECISIONS = Check(
    "decisions_name_what_there_is",
    "deduplicated.identity_events",
    "Each decision in force names a record, incident or id that there is or was; `casualty status` says which doesn't.",
    "principle 3",
    _idle,
    blocking=False,
    severity=WARN,
    also_reads=("captures.decisions",),
)
_TABLES = (
    "victims",
    "victim_records",
    "victim_values",
    "incidents",
    "incident_records",
    "identity_events",
    "pairs",
    "review_queue",
)


def declared(profile: Profile) -> tuple[Check, ...]:
    """The checks of the stage."""
    victims, governorates = "deduplicated.victims", [g.pcode for g in profile.governorates]
    return (
        *RULES,
        *KEPT,
        _demographics_fit(profile),
        QUALITY,
        DECISIONS,
        *(as_declared(f"deduplicated.{name}") for name in _TABLES),
        one_of(victims, "demographic", DEMOGRAPHICS, "R2"),
        one_of(victims, "sex", SEXES, "R1"),
        one_of(victims, "status", STATUSES, "requirements, section 6"),
        one_of(victims, "sources_known_of", ["victim", "incident"], "R8"),
        one_of(victims, "governorate", governorates, "R18"),
        between(victims, "persons", 1, 10_000, "R7"),
        between(victims, "age_first", 0, 120, "requirements, section 6"),
        between(victims, "independent_sources", 1, None, "R8"),
        in_order(
            victims,
            [("persons_min", "persons_max"), ("age_first", "age_last"), ("death_first", "death_last")],
            "least_is_not_above_most",
            "requirements, section 4",
        ),
        one_of("deduplicated.incidents", "governorate", governorates, "R18"),
        in_order(
            "deduplicated.incidents",
            [("incident_first", "incident_last"), ("killed_min", "killed_max")],
            "least_is_not_above_most",
            "R20",
        ),
    )


def build(months: dg.PartitionsDefinition[str], profile: Profile) -> list[dg.AssetChecksDefinition]:
    """The asset checks of the stage."""
    return build_checks("deduplicated", declared(profile), months)
