"""Checks of the stage `attributed`."""

import dagster as dg

from casualty_pipeline.orchestration.auditing import Gate
from casualty_pipeline.profile import Profile
from checks import plausibility
from checks.asset_checks import build_checks
from checks.deduplicated import DEMOGRAPHICS
from checks.expectations import as_declared, between, digests, in_order, one_of
from checks.gate import StageGate
from checks.rules import WARN, Check, rule

STATUSES = ["established", "believed", "joint_pending", "joint_proved", "undetermined", "unidentified"]
CHANGES = ["first", "joint_resolved", "joint_proved", "determined", "reopened", "other_party", "certainty"]


def _rules(profile: Profile) -> tuple[Check, ...]:
    return (
        rule(
            "every_victim_is_attributed",
            "attributed.victims",
            "Each victim of the month is attributed, and nobody else is.",
            "principle 3",
            """
            select v.documentation_month as month, v.victim_id from deduplicated.victims as v
            where v.documentation_month in (select unnest($months))
                and v.victim_id not in (select a.victim_id from attributed.victims as a)
                -- A late death may count with the first of its incident, in a month that is run after this one.
                and not exists (
                    select 1 from deduplicated.victims as e
                    where e.incident_id = v.incident_id and e.documentation_month < v.documentation_month
                )
            union all
            select a.documentation_month, a.victim_id from attributed.victims as a
            left join deduplicated.victims as v
                on a.victim_id = v.victim_id and a.documented_in = v.documentation_month
            where a.documentation_month in (select unnest($months)) and v.victim_id is null
            """,
        ),
        rule(
            "counted_or_not_with_a_reason",
            "attributed.victims",
            "Each victim is in a toll, or there is a reason why not; never both.",
            "R4, R6-R8",
            """
            select documentation_month as month, victim_id from attributed.victims
            where documentation_month in (select unnest($months))
                and (in_civilians or in_torture) = (not_counted_reason is not null)
            """,
        ),
        rule(
            "massacres_have_enough_dead",
            "attributed.incidents",
            "Each massacre has at least as many counted civilians as the profile asks for.",
            "R20",
            """
            select i.documentation_month as month, i.incident_id from attributed.incidents as i
            where i.documentation_month in (select unnest($months)) and i.massacre and i.civilians < $threshold
            """,
            parameters={"threshold": profile.counting.massacre_threshold},
        ),
        rule(
            "other_parties_have_a_category",
            "attributed.victims",
            "Whoever is counted beneath other parties is in a category of it, and nobody else is.",
            "R15",
            """
            select documentation_month as month, victim_id from attributed.victims
            where documentation_month in (select unnest($months)) and (party = 'other') = (category is null)
            """,
        ),
        rule(
            "parties_are_of_the_profile",
            "attributed.victims",
            "Each victim's party is one that the profile reports, or two that it names as a pair.",
            "R12-R13",
            """
            select documentation_month as month, victim_id from (
                select documentation_month, victim_id, unnest(string_split(party, '+')) as one
                from attributed.victims where documentation_month in (select unnest($months))
            )
            where one not in (select unnest($parties))
            """,
            parameters={"parties": [p.id for p in profile.parties]},
        ),
        rule(
            "victims_have_their_incident",
            "attributed.victims",
            "Each victim's incident is an attributed one.",
            "R20",
            """
            select v.documentation_month as month, v.victim_id from attributed.victims as v
            where v.documentation_month in (select unnest($months))
                and v.incident_id not in (select d.incident_id from deduplicated.incidents as d)
            """,
        ),
        rule(
            "massacre_victims_are_counted_civilians",
            "attributed.victims",
            "Whoever was killed in a massacre is counted among civilians.",
            "R20",
            """
            select documentation_month as month, victim_id from attributed.victims
            where documentation_month in (select unnest($months)) and in_massacre and not in_civilians
            """,
        ),
        rule(
            "numbers_of_persons_are_kept",
            "attributed.victims",
            "A victim is as many persons here as in linkage, in the same month; a late death, in that of its massacre.",
            "R7, R20",
            """
            select v.documentation_month as month, v.victim_id from attributed.victims as v
            inner join deduplicated.victims as d on v.victim_id = d.victim_id
            where v.documentation_month in (select unnest($months))
                and (v.persons <> d.persons or v.documentation_month <> d.documentation_month and not exists (
                    select 1 from attributed.incidents as i
                    where i.incident_id = v.incident_id and i.massacre and i.documentation_month = v.documentation_month
                ))
            """,
        ),
        rule(
            "transitions_are_of_what_there_is",
            "attributed.transitions",
            "Each change is of an attributed incident of the month, or of a victim of it; its cause is a claim or a "
            "decision that the captures hold.",
            "R13-R14",
            """
            select t.documentation_month as month, concat_ws('/', t.incident_id, t.victim_id, t.known_at)
            from attributed.transitions as t
            left join attributed.incidents as i
                on t.incident_id = i.incident_id and t.documentation_month = i.documentation_month
            left join deduplicated.victims as v on t.victim_id = v.victim_id
            where t.documentation_month in (select unnest($months))
                and (
                    i.incident_id is null
                    or (t.victim_id is not null and v.incident_id is distinct from t.incident_id)
                    or (t.cause = 'claim' and t.cause_id not in (select r.record_id from captures.records as r))
                    or (t.cause = 'decision' and t.cause_id not in (select d.decision_id from captures.decisions as d))
                )
            """,
        ),
        rule(
            "changes_lead_to_what_holds",
            "attributed.transitions",
            "The changes of an incident lead from one to the next, and the last of them to its attribution.",
            "R13-R14",
            """
            select documentation_month as month, concat_ws('/', incident_id, victim_id, known_at) from (
                select t.*, row_number() over (partition by t.incident_id, t.victim_id order by t.known_at) as place,
                    lag(t.attribution) over (partition by t.incident_id, t.victim_id order by t.known_at) as was,
                    lag(t.party) over (partition by t.incident_id, t.victim_id order by t.known_at) as whose
                from attributed.transitions as t where t.documentation_month in (select unnest($months))
            )
            where (attribution_before, party_before) is distinct from (was, whose) or (place = 1) <> (change = 'first')
            union all
            select i.documentation_month, i.incident_id from attributed.incidents as i
            left join (
                select t.incident_id, arg_max(t.attribution, t.known_at) as attribution,
                    arg_max(t.party, t.known_at) as party
                from attributed.transitions as t where t.victim_id is null group by all
            ) as l on i.incident_id = l.incident_id
            where i.documentation_month in (select unnest($months))
                and (
                    i.attribution <> coalesce(l.attribution, 'unidentified')
                    or (l.party is not null and i.party <> l.party)
                )
            """,
            blocking=False,
            severity=WARN,
        ),
    )


# Where a stage only takes along what the one before found.
KEPT = (
    rule(
        "what_linkage_found_is_kept",
        "attributed.victims",
        "A victim's incident, demographic, governorate, origin, circumstance and special group are those of linkage.",
        "principle 4",
        """
        select a.documentation_month as month, a.victim_id from attributed.victims as a
        inner join deduplicated.victims as v on a.victim_id = v.victim_id
        inner join deduplicated.incidents as i on v.incident_id = i.incident_id
        where a.documentation_month in (select unnest($months)) and (
            a.demographic <> v.demographic
            or a.incident_id <> v.incident_id
            or a.governorate not in (
                coalesce(v.governorate, i.governorate, 'unknown'), coalesce(i.governorate, v.governorate, 'unknown')
            )
            or (a.origin_governorate, a.mechanism, a.circumstance, a.special_group)
            is distinct from (v.origin_governorate, v.mechanism, v.circumstance, v.special_group)
        )
        """,
    ),
    rule(
        "only_civilians_are_counted_as_such",
        "attributed.victims",
        "Nobody is counted among civilians who was a combatant, or in a toll without having been killed.",
        "R4",
        """
        select a.documentation_month as month, a.victim_id from attributed.victims as a
        inner join deduplicated.victims as v on a.victim_id = v.victim_id
        where a.documentation_month in (select unnest($months)) and (
            (a.in_civilians and v.civilian_status = 'combatant')
            or ((a.in_civilians or a.in_torture) and v.status <> 'killed')
            or (a.in_torture and v.circumstance is distinct from 'torture')
        )
        """,
    ),
    # Not where victims were documented in other months, whose rows may be those of before.
    rule(
        "incidents_count_their_dead",
        "attributed.incidents",
        "An incident has as many counted civilians as its victims say, and is a massacre where they were killed in one.",
        "R20",
        """
        select i.documentation_month as month, i.incident_id from attributed.incidents as i
        inner join attributed.victims as a on i.incident_id = a.incident_id
        where i.documentation_month in (select unnest($months)) and i.incident_id not in (
            select v.incident_id from deduplicated.victims as v
            where v.documentation_month not in (select unnest($months))
        )
        group by i.documentation_month, i.incident_id, i.civilians, i.massacre
        having i.civilians <> coalesce(sum(a.persons) filter (where a.in_civilians), 0)
            or i.massacre <> bool_or(a.in_massacre)
        """,
    ),
    rule(
        "victims_follow_their_incident",
        "attributed.victims",
        "Where nobody decided about a victim, who is held responsible is who the last change of the incident says.",
        "R13-R14",
        """
        select a.documentation_month as month, a.victim_id from attributed.victims as a
        inner join attributed.incidents as i
            on a.incident_id = i.incident_id and a.documentation_month = i.documentation_month
        left join (
            select t.incident_id, arg_max(t.attribution, t.known_at) as attribution,
                arg_max(t.party, t.known_at) as party
            from attributed.transitions as t where t.victim_id is null group by all
        ) as l on a.incident_id = l.incident_id
        where a.documentation_month in (select unnest($months)) and a.attribution_basis <> 'decision'
            and (
                a.attribution <> coalesce(l.attribution, 'unidentified')
                or (l.party is not null and a.party <> l.party)
            )
        """,
        blocking=False,
        severity=WARN,
    ),
)


def declared(profile: Profile) -> tuple[Check, ...]:
    """The checks of the stage."""
    governorates = [*(g.pcode for g in profile.governorates), "unknown"]
    victims, incidents, transitions = "attributed.victims", "attributed.incidents", "attributed.transitions"
    return (
        *_rules(profile),
        *plausibility.ATTRIBUTED,
        *KEPT,
        as_declared(victims),
        one_of(victims, "demographic", DEMOGRAPHICS, "R2"),
        one_of(victims, "attribution", STATUSES, "R13-R16"),
        one_of(victims, "governorate", governorates, "R18"),
        one_of(victims, "category", [c.id for c in profile.categories], "R15"),
        one_of(victims, "special_group", [g.id for g in profile.special_groups], "R3"),
        between(victims, "persons", 1, 10_000, "R7"),
        as_declared(incidents),
        one_of(incidents, "attribution", STATUSES, "R13-R16"),
        one_of(incidents, "governorate", governorates, "R18"),
        between(incidents, "civilians", 0, 100_000, "R20"),
        in_order(incidents, [("incident_first", "incident_last")], "incidents_begin_before_they_end", "R9"),
        as_declared(transitions),
        one_of(transitions, "attribution", STATUSES, "R13-R16"),
        one_of(transitions, "change", CHANGES, "R13-R14"),
        one_of(transitions, "basis", ["claims", "majority", "tie", "none", "decision"], "R13-R14"),
        one_of(transitions, "cause", ["claim", "decision"], "principle 4"),
        as_declared("attributed.month_digest"),
        digests("attributed.month_digest", ["sha256"], "R24"),
    )


def build(months: dg.PartitionsDefinition[str], profile: Profile) -> list[dg.AssetChecksDefinition]:
    """The asset checks of the stage."""
    return build_checks("attributed", declared(profile), months)


def gate(profile: Profile) -> Gate:
    """What the stage writes through."""
    return StageGate("attributed", declared(profile))
