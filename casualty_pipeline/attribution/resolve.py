"""The `attributed` stage: claims of independent sources, then decisions; then the counting rules of the profile.

The rules stand in `sql/attributed/`; here they get the profile's settings. What is resolved of an incident depends on
nothing but that incident, its victims, and what was stated and decided about them; so that months can be resolved by
themselves, and the digest of a month is a digest of the very rows that it would hold.
"""

from collections.abc import Sequence

import polars as pl

from casualty_pipeline.captures.in_force import see_in_force
from casualty_pipeline.linkage.resolving import subject_ids
from casualty_pipeline.profile import Profile
from casualty_pipeline.profile.loader import BY_MONTH
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Reading, Writing, read_sql

RULES_VERSION = "attribution-3"  # part of every month's digest: changed rules make months stale
NO_INPUT = "0" * 64  # the digest of a month without victims
_INCIDENTS = "select incident_id from deduplicated.incidents"
# Incidents of which anything may count in these months: in which it does is one of their victims', or their own (ADR 11).
_OF_MONTHS = """
    select incident_id from deduplicated.victims where documentation_month in (select unnest($months))
    union
    select incident_id from deduplicated.incidents where documentation_month in (select unnest($months))
"""
# What a claim comes to (R12-R16). Unidentified; undetermined between several; joint, until it is proved or one is likely.
_MACROS = (
    """
    create or replace temp macro attribution_status(claim, certainty) as case
        when claim = 'unidentified' then 'unidentified'
        when contains(claim, '|') then 'undetermined'
        when contains(claim, '+') then case when certainty = 'proved' then 'joint_proved' else 'joint_pending' end
        when certainty = 'believed' then 'believed'
        else 'established'
    end
    """,
    """
    create or replace temp macro attributed_party(claim, reported_as) as
        case when contains(claim, '+') then claim else coalesce(reported_as, 'other') end
    """,
)


def resolve(reading: Reading, profile: Profile, months: Sequence[str] | None = None) -> None:
    """Make the temporary tables `resolved_victims`, `_incidents` and `_transitions`, as of now.

    Of all months; or of these alone, whole, and with some rows of others.
    """
    reading.register(
        joint_pairs=pl.DataFrame(
            {"pair": sorted("+".join(sorted(pair)) for pair in profile.joint_pairs)}, schema={"pair": pl.String}
        ),
        party_settings=pl.DataFrame(
            [(p.id, p.reported_as) for p in profile.parties], schema=["id", "reported_as"], orient="row"
        ),
        category_settings=pl.DataFrame(
            [(n, c.id, c.status, c.actor, c.mechanism, c.circumstance) for n, c in enumerate(profile.categories)],
            schema=["rule", "id", "status", "actor", "mechanism", "circumstance"],
            orient="row",
        ),
        methodologies=pl.DataFrame(
            [
                (m.version, m.applies_from if number else "", *(getattr(m.counting, name) for name in BY_MONTH))
                for number, m in enumerate(profile.methodologies)  # the first holds for whatever came before it, too
            ],
            schema=["version", "applies_from", *BY_MONTH],
            orient="row",
        ),
    )
    run = reading.connection.execute
    for macro in _MACROS:
        run(macro)
    if months is None:
        run(f"create or replace temp table incidents_resolved as {_INCIDENTS}")
    else:
        run(f"create or replace temp table incidents_resolved as {_OF_MONTHS}", {"months": list(months)})
    see_in_force(reading)
    reading.register(subject_ids=subject_ids(reading))
    run(f"create or replace temp table claims_made as {read_sql('attributed.claims_made')}")
    run(
        "create or replace temp table moments as"
        " select distinct incident_id, timestamp 'infinity' as moment from claims_made"
    )
    run(f"create or replace temp table attributions as {read_sql('attributed.attributions')}")
    run(f"create or replace temp table decided as {read_sql('attributed.decided')}")
    run(f"create or replace temp table resolved_victims as {read_sql('attributed.victims')}")
    run(f"create or replace temp table resolved_incidents as {read_sql('attributed.incidents')}")
    _resolve_transitions(reading)


def _resolve_transitions(reading: Reading) -> None:
    """Make `resolved_transitions`, of the incidents resolved."""
    run = reading.connection.execute
    run("create or replace temp table incidents_told as select incident_id, documentation_month from resolved_incidents")
    # Every attribution ever decided, as if it still were in force, and until when it was.
    run("create or replace temp view in_force as select * from captures.decisions where kind = 'attribution'")
    reading.register(subject_ids=subject_ids(reading, "in_force"))
    run(f"create or replace temp table ever_decided as {read_sql('attributed.decided')}")
    see_in_force(reading)
    run(f"create or replace temp table rulings as {read_sql('attributed.rulings')}")
    run(
        "create or replace temp table moments as"
        " select distinct c.incident_id, c.known_at as moment"
        " from claims_made as c semi join incidents_told using (incident_id)"
        " union select i.incident_id, r.decided_at from rulings as r"
        " inner join deduplicated.victims as v on r.victim_id = v.victim_id"
        " inner join incidents_told as i on v.incident_id = i.incident_id"
        " union select r.incident_id, r.decided_at from rulings as r semi join incidents_told using (incident_id)"
    )
    run(f"create or replace temp table attributions_then as {read_sql('attributed.attributions')}")
    run(f"create or replace temp table resolved_transitions as {read_sql('attributed.transitions')}")


def digests(reading: Reading, profile: Profile, months: Sequence[str] | None = None) -> pl.DataFrame:
    """month, rows, sha256 of everything that `resolve` found, by month. `months`: as it was given to `resolve`."""
    rules = f"{RULES_VERSION}|{profile.digest}|"
    found = reading.frame(read_sql("attributed.month_digest"), {"rules": rules}).sort("month")
    return found if months is None else found.filter(pl.col("month").is_in(months))


def states(reading: Reading) -> dict[str, str]:
    """By month a sum of hashes over all that `resolve` reads of it: the same, and so is what it finds there."""
    run = reading.connection.execute
    run(f"create or replace temp table incidents_resolved as {_INCIDENTS}")
    # Every decision ever made, with what superseded it: whether and until when it is in force follows from that.
    run(
        "create or replace temp view in_force as"
        " select * from captures.decisions where kind in ('attribution', 'verification')"
    )
    reading.register(subject_ids=subject_ids(reading, "in_force"))
    run(f"create or replace temp table ever_decided as {read_sql('attributed.decided')}")
    run(f"create or replace temp view claims_told as {read_sql('attributed.claims_made')}")
    found = run(read_sql("attributed.month_states")).fetchall()
    see_in_force(reading)
    return {month: f"{incidents}:{state}" for month, incidents, state in found}


def attribute(write: Writing, months: Sequence[str], profile: Profile) -> None:
    """Replace the given months of `attributed.victims`, `.incidents`, `.transitions` and `.month_inputs`."""
    resolve(write, profile, months)
    for table in ("victims", "incidents", "transitions"):
        columns = ", ".join(c.name for c in TABLE[f"attributed.{table}"].columns)
        which = "documentation_month in (select unnest($months))"
        write.replace_months(
            f"attributed.{table}", months, f"select {columns} from resolved_{table} where {which}", {"months": list(months)}
        )
    current = digests(write, profile, months)
    known = dict(zip(current["month"], current["sha256"], strict=True))
    inputs = pl.DataFrame({"documentation_month": list(months), "sha256": [known.get(m, NO_INPUT) for m in months]})
    write.replace_months("attributed.month_inputs", months, inputs)


def digest_months(write: Writing, profile: Profile) -> None:
    """Replace `attributed.month_digest`."""
    resolve(write, profile)
    write.replace("attributed.month_digest", digests(write, profile))
