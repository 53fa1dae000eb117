"""How one record was read: what the source says, what that was taken to mean, by which rule, how certain; and every doubt.

What belongs here: putting together what `cleaned` keeps, for a person or a program to read. Nothing is read anew but what a
statement takes over from its incident's, which `sql/cleaned/statements.sql` says.
"""

from collections.abc import Mapping
from typing import Any

from casualty_pipeline.captures.in_force import see_in_force
from casualty_pipeline.cleaning.date_points import STATED
from casualty_pipeline.cleaning.dates import written
from casualty_pipeline.cleaning.stands import stands
from casualty_pipeline.cleaning.vocabulary import DERIVED
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.tables import STATEMENT_FIELDS
from casualty_pipeline.warehouse import Reading, Warehouse, read_sql

_WHERE = ("source", "source_key", "file", "sheet", "row_number", "capture_sha256", "received_at", "connector_version")
_FIELDS = tuple(c.name for c in STATEMENT_FIELDS)
_AS_GIVEN = ("as_given", STATED)


def explain(home: Home, record: str) -> list[dict[str, Any]]:
    """Every statement that a record id or SOURCE/KEY names, the latest received first.

    Each has `record_id`, `statement`, `documentation_month`, `state` (cleaned, quarantined, superseded, or not yet cleaned),
    `where` it stands, `fields` (field, raw, value, rule, certainty, reason, from, at), what is `derived` from several, its
    `quarantine` and `flags`. `at` is the column, JSON pointer or characters of the text; None where it isn't known. Raises
    CasualtyError where there is no such record.
    """
    with Warehouse(home.warehouse).reading() as reading:
        found = reading.frame(
            "from captures.records where record_id = $record or (source || '/' || source_key) = $record "
            "order by received_at desc, record_id",
            {"record": record},
        ).to_dicts()
        if not found:
            raise CasualtyError(
                f"no record {record!r}: expected a record id (`casualty trace` and `casualty terms` show some) or SOURCE/KEY"
            )
        return [_explained(home, reading, given) for given in found]


def _explained(home: Home, reading: Reading, given: dict[str, Any]) -> dict[str, Any]:
    one = {"record": given["record_id"], "month": given["documentation_month"]}
    see_in_force(reading)
    statement = reading.frame(
        f"select * from ({read_sql('cleaned.statements')}) where record_id = $record",
        {"record": one["record"], "months": [one["month"]]},
    ).to_dicts()[0]
    said = {name: statement[name] for name in _FIELDS if statement.get(name) is not None}
    readings = {
        (r["field"], r["raw"]): r
        for r in reading.frame(
            "from cleaned.readings where documentation_month = $month and raw in (select unnest($strings))",
            {"month": one["month"], "strings": sorted(set(said.values()))},
        ).to_dicts()
    }
    doubts = {
        table: reading.frame(
            f"select rule, field, value, reason from cleaned.{table} where record_id = $record order by all",
            {"record": one["record"]},
        ).to_dicts()
        for table in ("quarantine", "flags")
    }
    at = {given["record_id"]: stands(home, given)}
    incident = statement["incident_record_id"]
    if incident is not None:
        at |= {
            row["record_id"]: stands(home, row)
            for row in reading.frame("from captures.records where record_id = $record", {"record": incident}).to_dicts()
        }
    cleaned = reading.frame("from cleaned.records where record_id = $record", {"record": one["record"]}).to_dicts()
    return {
        "record_id": given["record_id"],
        "statement": given["statement"],
        "documentation_month": given["documentation_month"],
        "state": _state(statement, bool(cleaned), bool(doubts["quarantine"])),
        "where": {name: given[name] for name in _WHERE},
        "fields": [
            _field(c.name, given, statement, readings, at) for c in STATEMENT_FIELDS if statement.get(c.name) is not None
        ],
        "derived": _derived(cleaned[0], statement, readings) if cleaned else [],
        **doubts,
    }


def _state(statement: dict[str, Any], cleaned: bool, quarantined: bool) -> str:
    if statement["superseded"]:
        return "superseded"
    if quarantined:
        return "quarantined"
    return "cleaned" if cleaned else "not yet cleaned"


def _field(
    name: str,
    given: dict[str, Any],
    statement: dict[str, Any],
    readings: dict[tuple[str, str], dict[str, Any]],
    at: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    raw, origin = statement[name], statement["incident_record_id"] if given[name] is None else given["record_id"]
    read = readings.get((name, raw))
    rule, certainty = (read["rule"], read["certainty"]) if read else _AS_GIVEN
    return {
        "field": name,
        "raw": raw,
        "value": _value(read) if read else raw,
        "rule": rule,
        "certainty": certainty,
        "reason": read["reason"] if read else None,
        "from": origin,
        "at": at.get(origin, {}).get(name),
    }


def _value(read: dict[str, Any]) -> str | None:
    """A reading as one text: a word, an interval of days, a number or an interval of numbers."""
    if read["text_value"] is not None:
        return str(read["text_value"])
    if read["first_date"] is not None:
        return written(read["first_date"], read["last_date"])
    return None if read["first_number"] is None else _numbers(read["first_number"], read["last_number"])


def _numbers(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _derived(
    cleaned: dict[str, Any], statement: dict[str, Any], readings: dict[tuple[str, str], dict[str, Any]]
) -> list[dict[str, Any]]:
    """The typed values that rest on more than one string, or on none: value, rule, and the fields that they rest on."""

    def read(field: str, value: str = "first_date") -> bool:
        found = readings.get((field, statement[field]))
        return found is not None and found[value] is not None

    rows: list[tuple[str, str | None, str, str]] = []
    for script in ("ar", "en"):
        if cleaned[f"name_{script}_normal"] is not None:
            rows.append((f"name_{script}_normal", cleaned[f"name_{script}_normal"], "normal_form", f"name_{script}"))
    rows.append(("unnamed", "yes" if cleaned["unnamed"] else "no", "is_unnamed", "name_en, name_ar"))
    counted = read("persons", "first_number")
    rows.append(("persons", str(cleaned["persons"]), "stated" if counted else "from_the_name_else_one", "persons"))
    if cleaned["age_first"] is not None:
        stated = read("age", "first_number")
        basis = ("stated", "age") if stated else ("from_birth_and_death", "birth_date, age, death_date, incident_date")
        rows.append(("age", _numbers(cleaned["age_first"], cleaned["age_last"]), *basis))
    if cleaned["birth_year_first"] is not None:
        born = read("birth_date") or read("age")
        basis = ("stated", "birth_date, age") if born else ("from_age_and_death", "age, death_date, incident_date")
        rows.append(("birth_year", _numbers(cleaned["birth_year_first"], cleaned["birth_year_last"]), *basis))
    if cleaned["age_group"] is not None:
        by_group = readings.get(("age_group", statement["age_group"]), {}).get("text_value") == cleaned["age_group"]
        by_age = cleaned["age_first"] is not None
        basis = ("from_the_age", "age, birth_date") if by_age or not by_group else ("stated", "age_group")
        rows.append(("age_group", cleaned["age_group"], *basis))
    if cleaned["death_first"] is not None:
        basis = ("stated", "death_date") if read("death_date") else ("as_the_incident", "incident_date")
        rows.append(("death", written(cleaned["death_first"], cleaned["death_last"]), *basis))
    rows.append(("status", cleaned["status"], _status_rule(cleaned, read("status", "text_value")), "status, age"))
    if cleaned["place_key"] is not None:
        rows.append(("place_key", cleaned["place_key"], "place_key", "place, place_ar"))
    return [
        {"field": f, "value": v, "rule": r, "certainty": STATED if r == "stated" else DERIVED, "rests_on": on}
        for f, v, r, on in rows
    ]


def _status_rule(cleaned: dict[str, Any], stated: bool) -> str:
    if cleaned["status"] == "unborn":
        return "unborn"
    if stated:
        return "stated"
    return "source_lists_only_the_killed" if cleaned["status"] == "killed" else "not_stated"


def as_text(explained: list[dict[str, Any]]) -> str:
    """The explanation for a person to read."""
    return "\n".join(_one_as_text(record) for record in explained)


def _one_as_text(record: dict[str, Any]) -> str:
    where = record["where"]
    sheet = f", sheet {where['sheet']}" if where["sheet"] else ""
    lines = [
        f"{record['record_id']}  {where['source']}/{where['source_key']}: {record['statement']}, "
        f"{record['documentation_month']}, {record['state']}",
        f"  {where['file']}{sheet}, row {where['row_number']}; sha256 {where['capture_sha256']}",
        f"  received {where['received_at']:%Y-%m-%d %H:%M:%S} UTC, read by {where['connector_version']}",
        "",
    ]
    for field in record["fields"]:
        inherited = "" if field["from"] == record["record_id"] else f"; from {field['from']}"
        inherited += f"; {field['at']}" if field["at"] is not None else ""
        meaning = f" -> {field['value']}  ({field['rule']}, {field['certainty']}{inherited})"
        if field["reason"] is not None:
            meaning = f" -> not read: {field['reason']}{inherited}"
        elif field["rule"] == _AS_GIVEN[0]:
            meaning = f"  (as given{inherited})"
        lines.append(f"  {field['field']:<20} {quoted(field['raw'])}{meaning}")
    if record["derived"]:
        lines.append("  derived")
    lines += [
        f"    {d['field']:<18} {quoted(d['value'])}  ({d['rule']}, {d['certainty']}; rests on {d['rests_on']})"
        for d in record["derived"]
    ]
    for table, heading in (("quarantine", "not counted, because"), ("flags", "doubts")):
        if record[table]:
            lines.append(f"  {heading}")
        lines += [f"    {d['rule']}: {d['field']} {quoted(d['value'] or '')}: {d['reason']}" for d in record[table]]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """In quotation marks, on one line, without characters that could reorder or hide what is shown."""
    visible = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return f"'{visible[:200]}'" if len(visible) <= 200 else f"'{visible[:200]}...'"
