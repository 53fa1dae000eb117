"""The partner bundle of an edition: the month's counted victims, with names as far as consent allows.

What belongs here: which columns partners get, as CSV and XLSX. The rule of consent is in `consent.py`. No circumstances, no
sources, no day of birth: what would let a source be known isn't in it.
"""

import io
from datetime import date, datetime
from typing import Any

import polars as pl

from casualty_pipeline.profile import Profile
from casualty_pipeline.reporting.exports import notices
from casualty_pipeline.reporting.publications.consent import consent_of
from casualty_pipeline.reporting.readable import readable
from casualty_pipeline.warehouse import Reading

FOLDER = "partner"
COLUMNS = {
    "victim_id": "stable id: resolves for ever",
    "incident_id": "id of the incident",
    "name_ar": "name in Arabic, where consent to it is recorded",
    "name_en": "name in Latin script, where consent to it is recorded",
    "consent": "yes: consent to the name is recorded, and nobody refused it; no: there is none",
    "persons": "number of persons",
    "demographic": "man, woman, child_male, child_female, child or unknown",
    "governorate": "p-code of the governorate where killed",
    "origin_governorate": "p-code of the governorate of origin",
    "place": "place where killed",
    "death_first": "first possible day of death",
    "death_last": "last possible day of death",
    "party": "who is held responsible",
    "attribution": "how certain that is",
    "category": "kind, beneath other parties",
    "special_group": "group of personnel",
    "in_civilians": "counts among civilians",
    "in_torture": "counts among deaths due to torture",
    "in_massacre": "killed in a massacre",
}
_VICTIMS = """
    select
        v.victim_id, v.incident_id, d.name_ar, d.name_en, v.persons, v.demographic, v.governorate, v.origin_governorate,
        coalesce(d.place, d.place_ar) as place, d.death_first, d.death_last, v.party, v.attribution, v.category,
        v.special_group, v.in_civilians, v.in_torture, v.in_massacre
    from attributed.victims as v inner join deduplicated.victims as d on v.victim_id = d.victim_id
    where v.documentation_month = $month and (v.in_civilians or v.in_torture)
    order by v.victim_id
"""
# Only statements that say something besides their fields: a million victims have few of them.
_EXTRAS = """
    select l.victim_id, list(r.extra order by r.record_id) as extras
    from deduplicated.victim_records as l
    inner join captures.records as r on l.record_id = r.record_id
    inner join attributed.victims as v on l.victim_id = v.victim_id
    where v.documentation_month = $month and (contains(r.extra, '"consent"') or contains(r.extra, '"confidential"'))
    group by l.victim_id
"""


def partner_files(reading: Reading, profile: Profile, month: str, *, synthetic: bool) -> dict[str, bytes]:
    """`partner/victims.csv`, `partner/victims.xlsx` and a README, by their path in the edition.

    `reading`: anything with the stages' tables. Without a recorded consent there is no name (docs/editions.md).
    """
    allowed = {victim for victim, extras in reading.frame(_EXTRAS, {"month": month}).iter_rows() if consent_of(extras).named}
    named = pl.col("victim_id").is_in(sorted(allowed))
    rows = reading.frame(_VICTIMS, {"month": month}).with_columns(
        *(pl.when(named).then(pl.col(name)) for name in ("name_ar", "name_en")),
        consent=pl.when(named).then(pl.lit("yes")).otherwise(pl.lit("no")),
    )
    victims = [{name: _text(row[name]) for name in COLUMNS} for row in rows.to_dicts()]
    return {
        f"{FOLDER}/README.txt": _readme(profile, month, len(allowed), len(victims), synthetic),
        f"{FOLDER}/victims.csv": _csv(victims),
        f"{FOLDER}/victims.xlsx": _xlsx(victims, profile, month, synthetic),
    }


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else readable(str(value))


def _csv(victims: list[dict[str, str]]) -> bytes:
    """UTF-8, one header row; what a spreadsheet would take for a formula has an apostrophe before it."""
    frame = pl.DataFrame(victims, schema=dict.fromkeys(COLUMNS, pl.String))
    return frame.with_columns(pl.all().str.replace(r"^([=+\-@\t\r])", "'${1}")).write_csv().encode()


def _xlsx(victims: list[dict[str, str]], profile: Profile, month: str, synthetic: bool) -> bytes:
    """Sheets: notice (where the data is synthetic), victims, codebook. The file's own date is the month's first day."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": datetime.strptime(month, "%Y-%m")})  # noqa: DTZ007 - a date, no moment
        bold = book.add_format({"bold": True})
        if synthetic:
            sheet = book.add_worksheet("notice")
            for row, text in enumerate(notices(profile)):
                sheet.write_string(row, 0, text, bold)
        sheet = book.add_worksheet("victims")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(COLUMNS) - 1, 18)
        for row, cells in enumerate([tuple(COLUMNS), *(tuple(victim.values()) for victim in victims)]):
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text, *([bold] if row == 0 else []))
        sheet.autofilter(0, 0, len(victims), len(COLUMNS) - 1)
        sheet = book.add_worksheet("codebook")
        sheet.set_column(0, 1, 48)
        for row, cells in enumerate([("column", "meaning"), *COLUMNS.items()]):
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text, *([bold] if row == 0 else []))
    return buffer.getvalue()


def _readme(profile: Profile, month: str, named: int, victims: int, synthetic: bool) -> bytes:
    lines = [
        *(notices(profile) if synthetic else ()),
        f"Victims counted in {month}: for partners, not for publication.",
        f"{victims} rows, {named} with a name: those whose name somebody entitled to it allowed to be passed on, and nobody",
        "refused or marked confidential. Where no consent is recorded there is no name.",
        "Columns are explained on the sheet `codebook` of victims.xlsx.",
    ]
    return ("\n".join(lines) + "\n").encode()
