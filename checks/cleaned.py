"""Checks of the stage `cleaned`."""

import dagster as dg

from casualty_pipeline.orchestration.auditing import Gate
from casualty_pipeline.profile import Profile
from checks import plausibility
from checks.asset_checks import build_checks
from checks.expectations import as_declared, between, in_order, one_of
from checks.gate import StageGate
from checks.rules import WARN, Check, rule

RULES = (
    rule(
        "records_balance",
        "cleaned.records",
        "Statements in = cleaned + quarantined, month by month: nothing is dropped.",
        "principle 3",
        """
        select r.documentation_month as month, r.record_id from captures.records as r
        where r.documentation_month in (select unnest($months))
            and (r.record_id in (select c.record_id from cleaned.records as c))
            = (r.record_id in (select q.record_id from cleaned.quarantine as q))
        """,
    ),
    rule(
        "records_are_of_their_month",
        "cleaned.records",
        "Each record is of a statement that the captures hold, in the month in which that was documented.",
        "R10",
        """
        select c.documentation_month as month, c.record_id from cleaned.records as c
        left join captures.records as r on c.record_id = r.record_id
        where c.documentation_month in (select unnest($months))
            and r.documentation_month is distinct from c.documentation_month
        """,
    ),
    rule(
        "no_death_before_the_incident",
        "cleaned.records",
        "Nobody died before the incident in which they were hurt; who did waits in quarantine.",
        "requirements, section 6",
        """
        select documentation_month as month, record_id from cleaned.records
        where documentation_month in (select unnest($months)) and death_last < incident_first
        """,
    ),
    rule(
        "doubts_are_about_statements",
        "cleaned.quarantine",
        "Each doubt is about a statement of the same month that the captures hold.",
        "principle 3",
        """
        select q.documentation_month as month, q.record_id from cleaned.quarantine as q
        left join captures.records as r on q.record_id = r.record_id
        where q.documentation_month in (select unnest($months))
            and r.documentation_month is distinct from q.documentation_month
        """,
    ),
    rule(
        "names_are_of_records",
        "cleaned.names",
        "Parts of names are those of statements that the captures hold.",
        "principle 3",
        """
        select n.documentation_month as month, n.record_id from cleaned.names as n
        where n.documentation_month in (select unnest($months))
            and n.record_id not in (select r.record_id from captures.records as r)
        """,
    ),
    rule(
        "half_is_clean",
        "cleaned.quarantine",
        "At most half of a month's statements wait in quarantine. More is a sign of a wrong mapping.",
        "requirements, section 6",
        """
        select q.documentation_month as month, q.record_id from cleaned.quarantine as q
        where q.documentation_month in (select unnest($months)) and q.rule <> 'superseded'
            and q.documentation_month in (
                select w.documentation_month from cleaned.quarantine as w
                where w.rule <> 'superseded'
                group by w.documentation_month
                having count(distinct w.record_id) > (
                    select count(*) from cleaned.records as r where r.documentation_month = w.documentation_month
                )
            )
        """,
        blocking=False,
        severity=WARN,
    ),
)
_GIVEN = ("sex", "age", "status", "civilian_status", "death_date", "governorate", "party", "mechanism", "circumstance")
# Fields with the one whose text they are read from.
_WORDS = {
    **{f: f for f in ("sex", "civilian_status", "origin_governorate", "certainty", "assessment", "mechanism")},
    **{f: f for f in ("circumstance", "special_group", "marital_status")},
    "claim": "party",
}
_DATES = ("death", "injury", "arrest", "found", "reported")


def _unlike_reading(raw: str, unlike: str) -> str:
    """SQL for the records of the months whose values for the text `raw` aren't those of its reading `d`."""
    return f"""
        select c.documentation_month as month, c.record_id from cleaned.records as c
        inner join cleaned.readings as d
            on d.documentation_month = c.documentation_month and d.field = '{raw}' and d.raw = c.{raw}_raw
        where c.documentation_month in (select unnest($months)) and ({unlike})
        """


READ = (
    rule(
        "texts_are_those_received",
        "cleaned.records",
        "The text beside a value is the one that the statement itself gives, where it gives one.",
        "principle 4",
        f"""
        select c.documentation_month as month, c.record_id from cleaned.records as c
        inner join captures.records as r on c.record_id = r.record_id
        where c.documentation_month in (select unnest($months))
            and ({" or ".join(f"r.{f} <> coalesce(c.{f}_raw, '')" for f in _GIVEN)})
        """,
    ),
    rule(
        "values_are_as_read",
        "cleaned.records",
        "A value is the one that `cleaned.readings` has for the text beside it.",
        "principle 4",
        " union ".join(
            [
                *(_unlike_reading(raw, f"c.{f} is distinct from d.text_value") for f, raw in _WORDS.items()),
                *(_unlike_reading(f"{d}_date", f"c.{d}_first <> d.first_date or c.{d}_last <> d.last_date") for d in _DATES),
                _unlike_reading("age", "c.age_first <> d.first_number or c.age_last <> d.last_number"),
            ]
        ),
    ),
)
SEXES, AGE_GROUPS = ["male", "female"], ["child", "adult"]
STATUSES = ["killed", "injured", "unborn", "unknown"]
PRECISIONS = ["exact", "place", "district", "governorate", "country", "none"]
_TABLES = ("quarantine", "flags", "readings", "names", "places")
_INTERVALS = ("death", "injury", "arrest", "found", "reported", "incident", "birth", "age", "birth_year")


def _claims_are_of_the_profile(profile: Profile) -> Check:
    return rule(
        "claimed_parties_are_known",
        "cleaned.records",
        "Whom a statement holds responsible is a party of the profile, several of them, or unidentified.",
        "R12-R14",
        """
        select documentation_month as month, record_id from (
            select documentation_month, record_id, unnest(regexp_split_to_array(claim, '[+|]')) as party
            from cleaned.records where claim is not null and documentation_month in (select unnest($months))
        )
        where party not in (select unnest($parties))
        """,
        parameters={"parties": [*(p.id for p in profile.parties), "unidentified"]},
    )


def _age_groups_fit(profile: Profile) -> Check:
    return rule(
        "age_group_fits_the_age",
        "cleaned.records",
        "Nobody whose age is known is in the other age group; from which age on one is adult, the profile says.",
        "R2",
        """
        select documentation_month as month, record_id from cleaned.records
        where documentation_month in (select unnest($months))
            and ((age_group = 'child' and age_first >= $adult) or (age_group = 'adult' and age_last < $adult))
        """,
        parameters={"adult": profile.counting.adult_age},
    )


def declared(profile: Profile) -> tuple[Check, ...]:
    """The checks of the stage."""
    table, section = "cleaned.records", "requirements, section 6"
    governorates = [g.pcode for g in profile.governorates]
    return (
        *RULES,
        *plausibility.CLEANED,
        *READ,
        _claims_are_of_the_profile(profile),
        _age_groups_fit(profile),
        as_declared(table),
        one_of(table, "statement", ["person", "group", "incident"], "R7"),
        one_of(table, "sex", SEXES, "R1"),
        one_of(table, "age_group", AGE_GROUPS, "R2"),
        one_of(table, "status", STATUSES, section),
        one_of(table, "civilian_status", ["civilian", "combatant"], "R4"),
        one_of(table, "governorate", governorates, "R18"),
        one_of(table, "origin_governorate", governorates, "R18"),
        one_of(table, "place_precision", PRECISIONS, "R18"),
        one_of(table, "special_group", [g.id for g in profile.special_groups], "R3"),
        between(table, "age_first", 0, 120, section),
        between(table, "age_last", 0, 120, section),
        between(table, "persons", 1, 10_000, "R7"),
        between(table, "killed_min", 0, 100_000, "R20"),
        between(table, "latitude", -90, 90, "R18"),
        between(table, "longitude", -180, 180, "R18"),
        in_order(
            table,
            [*((f"{i}_first", f"{i}_last") for i in _INTERVALS), ("killed_min", "killed_max")],
            "intervals_begin_before_they_end",
            "R9",
        ),
        *(as_declared(f"cleaned.{name}") for name in _TABLES),
        one_of("cleaned.places", "governorate", governorates, "R18"),
        one_of("cleaned.places", "precision", PRECISIONS, "R18"),
        one_of("cleaned.names", "script", ["ar", "en"], "R1"),
    )


def build(months: dg.PartitionsDefinition[str], profile: Profile) -> list[dg.AssetChecksDefinition]:
    """The asset checks of the stage."""
    return build_checks("cleaned", declared(profile), months)


def gate(profile: Profile) -> Gate:
    """What the stage writes through."""
    return StageGate("cleaned", declared(profile))
