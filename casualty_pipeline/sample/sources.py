"""The five invented sources: their files, sheets and column headings, and the declarations that map those to fields.

The same layout writes the files and the declaration, so that the two can't drift apart. What doesn't belong here: rows.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """One sheet or file of a source: `columns` maps a field of a statement to the heading that it stands under."""

    statement: str
    pattern: str
    key: str
    columns: Mapping[str, str]
    prefix: str
    sheet: str = ""

    @property
    def headings(self) -> tuple[str, ...]:
        """The key first, then every heading once."""
        return tuple(dict.fromkeys((self.key, *self.columns.values())))


@dataclass(frozen=True)
class SourceLayout:
    """One source: a file per month, named `stem-YYYY-MM.suffix`."""

    id: str
    name: str
    stem: str
    suffix: str
    script: str
    tables: tuple[Layout, ...]
    one_row_per_person: bool = False

    def layout(self, statement: str) -> Layout:
        """The layout of that kind of statement."""
        return next(table for table in self.tables if table.statement == statement)

    def declaration(self) -> str:
        """The TOML that `sources/<id>.toml` holds. JSON strings are TOML strings, whatever letters they hold."""
        lines = [
            "# Written by `casualty sample`. Every person, name and event of this source is invented.",
            f"id = {_quoted(self.id)}",
            f"name = {_quoted(self.name)}",
            "synthetic = true",
        ]
        if self.one_row_per_person:
            lines.append("one_row_per_person = true")
        for table in self.tables:
            lines += ["", "[[tables]]", f"file = {_quoted(table.pattern)}"]
            lines += [f"sheet = {_quoted(table.sheet)}"] if table.sheet else []
            lines += [f"statement = {_quoted(table.statement)}", f"key = [{_quoted(table.key)}]", "[tables.columns]"]
            columns = {**table.columns, "known_date": table.columns["documented_date"]}
            lines += [f"{field} = {_quoted(heading)}" for field, heading in columns.items()]
        return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


FIELD_TEAMS = SourceLayout(
    id="field_teams",
    name="Field teams (synthetic)",
    stem="field-teams",
    suffix="xlsx",
    script="ar",
    one_row_per_person=True,
    tables=(
        Layout(
            statement="person",
            pattern="*.xlsx",
            sheet="الضحايا",
            key="رقم السجل",
            prefix="FT",
            columns={
                "incident_ref": "رمز الحادثة",
                "name_ar": "الاسم الكامل",
                "name_en": "الاسم باللاتينية",
                "sex": "الجنس",
                "age": "العمر",
                "status": "الحالة",
                "civilian_status": "مدني أو مقاتل",
                "incident_date": "تاريخ الحادثة",
                "death_date": "تاريخ الوفاة",
                "documented_date": "تاريخ التوثيق",
                "governorate": "المحافظة",
                "origin_governorate": "المحافظة الأصلية",
                "place_ar": "المكان",
                "party": "الجهة المسؤولة",
                "certainty": "درجة التأكد",
                "mechanism": "الوسيلة",
                "circumstance": "الظروف",
                "special_group": "الفئة",
                "affiliation": "الجهة التابع لها",
                "occupation": "المهنة",
                "narrative": "ملاحظات",
            },
        ),
        Layout(
            statement="group",
            pattern="*.xlsx",
            sheet="مجهولو الهوية",
            key="رقم السجل",
            prefix="FG",
            columns={
                "incident_ref": "رمز الحادثة",
                "name_ar": "الوصف",
                "persons": "العدد",
                "sex": "الجنس",
                "age_group": "الفئة العمرية",
                "status": "الحالة",
                "civilian_status": "مدني أو مقاتل",
                "death_date": "تاريخ الوفاة",
                "documented_date": "تاريخ التوثيق",
                "governorate": "المحافظة",
                "place_ar": "المكان",
                "party": "الجهة المسؤولة",
                "mechanism": "الوسيلة",
                "countable_media": "صور يمكن العد فيها",
            },
        ),
        Layout(
            statement="incident",
            pattern="*.xlsx",
            sheet="الحوادث",
            key="رمز الحادثة",
            prefix="FI",
            columns={
                "incident_ref": "رمز الحادثة",
                "incident_date": "تاريخ الحادثة",
                "incident_time": "الساعة",
                "documented_date": "تاريخ التوثيق",
                "governorate": "المحافظة",
                "place_ar": "المكان",
                "party": "الجهة المسؤولة",
                "certainty": "درجة التأكد",
                "mechanism": "الوسيلة",
                "area_of_control": "الجهة المسيطرة",
                "killed_min": "عدد القتلى على الأقل",
                "narrative": "ملاحظات",
            },
        ),
    ),
)

HOSPITALS = SourceLayout(
    id="hospitals",
    name="Hospital registers (synthetic)",
    stem="hospital-register",
    suffix="csv",
    script="en",
    tables=(
        Layout(
            statement="person",
            pattern="*.csv",
            key="patient_no",
            prefix="H",
            columns={
                "name_en": "patient",
                "sex": "sex",
                "age": "age",
                "status": "outcome",
                "incident_date": "admitted",
                "death_date": "died",
                "documented_date": "registered",
                "governorate": "governorate",
                "place": "brought_from",
                "mechanism": "injury",
                "circumstance": "cause",
                "occupation": "occupation",
            },
        ),
    ),
)

LOCAL_ACTIVISTS = SourceLayout(
    id="local_activists",
    name="Posts of local activists (synthetic)",
    stem="posts",
    suffix="csv",
    script="en",
    tables=(
        Layout(
            statement="person",
            pattern="*.csv",
            key="post",
            prefix="P",
            columns={
                "incident_ref": "event",
                "name_en": "name",
                "name_ar": "name_arabic",
                "sex": "sex",
                "age": "age",
                "age_group": "adult_or_child",
                "status": "fate",
                "civilian_status": "civilian",
                "incident_date": "date",
                "death_date": "died_on",
                "documented_date": "posted",
                "governorate": "governorate",
                "place": "town",
                "party": "blamed",
                "certainty": "how_sure",
                "mechanism": "weapon",
                "circumstance": "how",
                "special_group": "profession",
                "affiliation": "organisation",
                "original_source": "via",
                "narrative": "text",
                "url": "link",
            },
        ),
    ),
)

FAMILY_FORM = SourceLayout(
    id="family_form",
    name="Public form, filled in by families (synthetic)",
    stem="forms",
    suffix="csv",
    script="ar",
    tables=(
        Layout(
            statement="person",
            pattern="*.csv",
            key="رقم الاستمارة",
            prefix="F",
            columns={
                "name_ar": "الاسم والنسبة",
                "sex": "الجنس",
                "birth_date": "تاريخ الميلاد",
                "marital_status": "الحالة الاجتماعية",
                "occupation": "العمل",
                "civilian_status": "مدني أو مقاتل",
                "incident_date": "تاريخ الإصابة",
                "death_date": "تاريخ الوفاة",
                "documented_date": "تاريخ الإرسال",
                "governorate": "محافظة الوفاة",
                "origin_governorate": "محافظة القيد",
                "place_ar": "مكان الوفاة",
                "party": "من المسؤول",
                "mechanism": "سبب الوفاة",
                "circumstance": "ظروف الوفاة",
                "narrative": "ما الذي حدث",
            },
        ),
    ),
)

CIVIL_REGISTRY = SourceLayout(
    id="civil_registry",
    name="Notifications of the civil registry (synthetic)",
    stem="notifications",
    suffix="csv",
    script="ar",
    one_row_per_person=True,
    tables=(
        Layout(
            statement="person",
            pattern="*.csv",
            key="رقم القيد",
            prefix="R",
            columns={
                "name_ar": "الاسم الثلاثي",
                "sex": "الجنس",
                "birth_date": "تاريخ الولادة",
                "death_date": "تاريخ الوفاة المسجل",
                "documented_date": "تاريخ التبليغ",
                "governorate": "محافظة الوفاة",
                "origin_governorate": "محافظة القيد",
            },
        ),
    ),
)

SOURCES = (FIELD_TEAMS, HOSPITALS, LOCAL_ACTIVISTS, FAMILY_FORM, CIVIL_REGISTRY)
SOURCE = {source.id: source for source in SOURCES}
