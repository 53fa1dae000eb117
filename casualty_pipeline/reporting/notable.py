"""Chooses the cases that a report tells of (R26): by rule, from records, without names. No wording.

A case says nothing of a person that the counts don't say: group and organisation, sex and age by the demographics of the
figures, governorate, party, days. Its place below the governorate, age, occupation and circumstances stay out, since the
bundle is open to anyone and one dead person of a village is soon known. Nobody is told of on whose statements somebody
refused consent or marked anything confidential (R29).
"""

from collections.abc import Sequence

from casualty_pipeline.reporting.model import NotableCase
from casualty_pipeline.reporting.publications.consent import consent_of
from casualty_pipeline.warehouse import Reading

MOST_CASES = 5  # of a section
_CASES = """
    with told as (
        select
            v.victim_id, coalesce(v.special_group, 'torture') as population, v.demographic, v.governorate, v.party,
            v.category, v.attribution, v.affiliation, d.death_first as died_first, d.death_last as died_last,
            min(c.documented_on) as documented,
            list(r.extra order by r.record_id)
                filter (where contains(r.extra, '"consent"') or contains(r.extra, '"confidential"')) as extras
        from attributed.victims as v
        inner join deduplicated.victims as d on v.victim_id = d.victim_id
        inner join deduplicated.victim_records as l on v.victim_id = l.victim_id
        inner join captures.records as r on l.record_id = r.record_id
        left join cleaned.records as c on l.record_id = c.record_id
        where v.documentation_month in (select unnest($months)) and v.persons = 1
            and (v.in_torture or (v.in_civilians and v.special_group is not null))
        group by all
    )
    select * from told order by documented - died_last desc nulls last, victim_id
"""


def notable_cases(reading: Reading, months: Sequence[str]) -> tuple[NotableCase, ...]:
    """Victims of torture and of special groups, one person each, counted in these months.

    At most MOST_CASES of a section: those whose deaths took longest to become known.
    """
    chosen: dict[str, list[NotableCase]] = {}
    for row in reading.frame(_CASES, {"months": list(months)}).to_dicts():
        extras = row.pop("extras")
        allowed = consent_of(extras or ())
        if extras and (not allowed.named or allowed.confidential):
            continue
        of_section = chosen.setdefault(row["population"], [])
        if len(of_section) < MOST_CASES:
            of_section.append(NotableCase(**row))
    return tuple(case for population in sorted(chosen) for case in chosen[population])
