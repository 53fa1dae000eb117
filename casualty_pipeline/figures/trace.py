"""From a figure down to its victims, their records, and the bytes that these come from (requirements, section 5)."""

from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.address import Address, parse_address
from casualty_pipeline.figures.days import DOCUMENTED, is_day
from casualty_pipeline.figures.months import months_between
from casualty_pipeline.figures.registry import DEMOGRAPHICS, INCIDENT_POPULATION, populations
from casualty_pipeline.linkage.resolving import INCIDENT, WHAT, resolve
from casualty_pipeline.profile import Profile
from casualty_pipeline.warehouse import Reading

_POPULATION = {"civilians": "v.in_civilians", "torture": "v.in_torture", "massacre_victims": "v.in_massacre"}
_VICTIMS = """
    select
        v.victim_id, v.incident_id, v.documentation_month, v.persons, v.demographic, v.governorate, v.party, v.attribution,
        v.category, v.attribution_basis, v.decision_id, d.name_ar, d.name_en, d.death_first, d.death_last,
        coalesce(d.place, d.place_ar) as place
    from attributed.victims as v
    inner join deduplicated.victims as d on v.victim_id = d.victim_id
    left join attributed.incidents as i on v.incident_id = i.incident_id
    where {which}
    order by d.death_first, v.victim_id
"""
_COUNTED = """
        {population} and {period}
        and ($party = '' or {counted}.party = $party or starts_with({counted}.party, $party || '/'))
        and ($category = '' or {counted}.category = $category)
        and ($governorate = '' or {counted}.governorate = $governorate)
        and list_contains($demographics, v.demographic)
"""
_MONTHS = "{counted}.documentation_month in (select unnest($months))"
_DAY = f"v.victim_id in (select d.victim_id from ({DOCUMENTED}) as d where d.first_day = cast($day as date))"
_RECORDS = """
    select l.victim_id, l.record_id, l.linked_by, r.source, r.source_key, r.file, r.sheet, r.row_number, r.capture_sha256
    from deduplicated.victim_records as l
    inner join captures.records as r on l.record_id = r.record_id
    where l.victim_id in (select unnest($victims))
    order by l.victim_id, r.source, r.record_id
"""


def address_of(profile: Profile, text: str) -> Address:
    """The address of a figure that can be traced. Raises CasualtyError for one that is no figure, or a percentage."""
    address = parse_address(text)
    if address.population not in populations(profile):
        raise CasualtyError(f"no population {address.population!r}; expected one of {', '.join(populations(profile))}")
    if address.demographic not in DEMOGRAPHICS:
        raise CasualtyError(f"no demographic {address.demographic!r}; expected one of {', '.join(DEMOGRAPHICS)}")
    if address.measure != "count":
        raise CasualtyError("a percentage is traced through its counts: leave out the measure")
    if is_day(address.period) and address.population in {INCIDENT_POPULATION, "massacre_victims"}:
        raise CasualtyError(f"massacres have no figures of a day: trace {address._replace(period=address.period[:7])}")
    return address


def trace_figure(reading: Reading, profile: Profile, address: Address) -> dict[str, Any]:
    """The figure, its value, and its victims, each with records and the hash, file, sheet and row of each capture.

    `reading`: the warehouse, a replay of it, or the tables of an edition. Raises CasualtyError for a figure that wasn't
    computed.
    """
    of_day = is_day(address.period)
    value = None if of_day else _value(reading, address)
    victims = _with_records(reading, _victims(profile, reading, address))
    if of_day:  # no table has figures of a day: a bulletin counts these victims
        value = sum(victim["persons"] for victim in victims)
    return {"figure": str(address), "value": value, "victims": victims}


def trace_id(reading: Reading, asked: str) -> dict[str, Any]:
    """The same of one victim, or of an incident's victims, by any id that it ever had: `id`, `what`, `current`, `victims`.

    Raises CasualtyError for an id that was never given.
    """
    resolved = resolve(reading, asked)
    which = "v.incident_id = $id" if asked.startswith(INCIDENT) else "v.victim_id = $id"
    found = reading.frame(_VICTIMS.format(which=which), {"id": resolved.current}).to_dicts()
    victims = _with_records(reading, found)
    return {"id": asked, "what": resolved.what, "current": resolved.current, "victims": victims}


def _with_records(reading: Reading, victims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = [v["victim_id"] for v in victims]
    by_victim: dict[str, list[dict[str, Any]]] = {}
    for record in reading.frame(_RECORDS, {"victims": ids}).to_dicts() if ids else []:
        by_victim.setdefault(record.pop("victim_id"), []).append(record)
    return [victim | {"records": by_victim.get(victim["victim_id"], [])} for victim in victims]


def _value(reading: Reading, address: Address) -> int:
    first, last = address.months
    if ".." in address.period and not first.endswith("-01"):  # half a year: no table has it, its months add up to it
        months = [address._replace(period=month) for month in months_between(first, last)]
        for month in months:
            _value(reading, Address(month.period, "civilians"))  # refused where a month wasn't run
        return sum(_stored(reading, month) or 0 for month in months)  # what nobody was documented under has no row
    value = _stored(reading, address)
    if value is None:
        raise CasualtyError(
            f"{address} was not computed: run `casualty run --month {last}`, or see `casualty figures --period {last}` for "
            "the figures that there are"
        )
    return value


def _stored(reading: Reading, address: Address) -> int | None:
    row = reading.connection.execute(
        """
        select value from monthly.figures
        where month = $month and period = $period and population = $population and party = $party and category = $category
            and governorate = $governorate and demographic = $demographic and measure = 'count'
        """,
        {"month": address.months[1], **{k: v for k, v in address._asdict().items() if k != "measure"}},
    ).fetchone()
    return int(row[0]) if row else None


def _victims(profile: Profile, reading: Reading, address: Address) -> list[dict[str, Any]]:
    groups = {g.id for g in profile.special_groups}
    of_day = is_day(address.period)
    period = _DAY if of_day else _MONTHS.format(counted="v")
    if address.population == INCIDENT_POPULATION:
        which = _COUNTED.format(population="i.massacre and v.in_massacre", counted="i", period=_MONTHS.format(counted="i"))
    elif address.population in groups:
        which = _COUNTED.format(
            population="(v.in_civilians or v.in_torture) and v.special_group = $group", counted="v", period=period
        )
    else:
        which = _COUNTED.format(population=_POPULATION[address.population], counted="v", period=period)
    parameters: dict[str, Any] = {
        **(
            {"documented_in": address.period[:7], "day": address.period}
            if of_day
            else {"months": months_between(*address.months)}
        ),
        "party": address.party,
        "category": address.category,
        "governorate": address.governorate,
        "demographics": list(DEMOGRAPHICS[address.demographic]),
    }
    if address.population in groups:
        parameters["group"] = address.population
    return reading.frame(_VICTIMS.format(which=which), parameters).to_dicts()


def as_text(traced: dict[str, Any]) -> str:
    """The trace for a person to read."""
    victims = traced["victims"]
    persons, records = sum(v["persons"] for v in victims), sum(len(v["records"]) for v in victims)
    counted = f"{persons} persons in {len(victims)} victims, {records} records"
    if "figure" in traced:
        lines = [f"{traced['figure']} = {traced['value']}: {counted}", ""]
    else:
        lines = [f"{traced['id']} {WHAT[traced['what']].format(current=traced['current'])}: {counted}", ""]
    for number, victim in enumerate(victims, start=1):
        named = victim["name_en"] or victim["name_ar"] or f"{victim['persons']} unnamed"
        name = "name withheld" if victim.get("withheld") else named
        died = victim["death_first"] or "date unknown"
        why = victim["attribution_basis"] + (f" {victim['decision_id']}" if victim["decision_id"] else "")
        lines.append(
            f"{number:4d}. {victim['victim_id']}  {name}, {victim['demographic']}, {died}, {victim['place'] or '?'} "
            f"({victim['governorate']}); {victim['party']}, {victim['attribution']} by {why}"
        )
        for record in victim["records"]:
            if record.get("withheld"):
                capture = record["capture_sha256"][:16]
                lines.append(f"        {record['record_id']}  withheld  sha256 {capture}...  ({record['linked_by']})")
                continue
            sheet = f" sheet {record['sheet']}" if record["sheet"] else ""
            lines.append(
                f"        {record['record_id']}  {record['source']}/{record['file']}{sheet} row {record['row_number']}"
                f"  sha256 {record['capture_sha256'][:16]}...  ({record['linked_by']})"
            )
    return "\n".join(lines) + "\n"
