"""The form for the UN Special Rapporteur on extrajudicial, summary or arbitrary executions: one per victim (R29).

Its items follow the model questionnaire of the OHCHR: identity, incident, those responsible, steps taken, author. An item
that anybody who gave a statement marked confidential is left out, and the form says so; what isn't known says that it isn't.
The form names a person: it is confidential, and nothing here publishes it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from markupsafe import Markup

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.resolving import VICTIM, WHAT, resolve
from casualty_pipeline.reporting.document import Block, Document, Paragraph, Section
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.publications.consent import Consent, consent_of, said_beside
from casualty_pipeline.reporting.publications.pages import About, Speaker, digest_of, files_of, is_synthetic
from casualty_pipeline.reporting.readable import readable
from casualty_pipeline.reporting.sections.telling import Telling
from casualty_pipeline.tables import FIGURE_COLUMNS
from casualty_pipeline.warehouse import Reading, Warehouse

_LONGEST = 3000  # characters of what happened
_VICTIM = """
    select
        d.*, v.documentation_month as counted_in, v.party, v.attribution, v.category, v.attribution_basis, v.decision_id,
        v.incident_id as told_in, i.incident_first, i.incident_last, i.incident_time, i.area_of_control,
        i.narrative as incident_narrative
    from deduplicated.victims as d
    inner join attributed.victims as v on d.victim_id = v.victim_id
    left join deduplicated.incidents as i on v.incident_id = i.incident_id
    where d.victim_id = $id
"""
_RECORDS = """
    select r.record_id, r.source, r.extra, r.birth_date, r.marital_status, r.occupation, r.documented_date, r.arrest_date
    from deduplicated.victim_records as l inner join captures.records as r on l.record_id = r.record_id
    where l.victim_id = $id order by r.record_id
"""
# The parts of the form; their items, each with the fields of the victim form behind it: one marked field leaves it out.
_ITEMS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "identity": {
        "name": ("name_ar", "name_en"),
        "sex": ("sex",),
        "birth": ("birth_date",),
        "age": ("age", "age_group", "birth_date"),
        "nationality": ("nationality",),
        "marital_status": ("marital_status",),
        "occupation": ("occupation", "special_group", "affiliation"),
        "origin": ("origin_governorate",),
        "civilian": ("civilian_status",),
    },
    "event": {
        "day": ("incident_date", "incident_date_end", "death_date"),
        "time": ("incident_time",),
        "arrest": ("arrest_date",),
        "place": ("place", "place_ar", "governorate", "latitude", "longitude"),
        "control": ("area_of_control",),
        "manner": ("mechanism", "circumstance"),
        "narrative": ("narrative",),
    },
    "perpetrators": {"party": ("party", "certainty"), "why": ("party", "certainty")},
    "steps": {"complaint": ("complaint",), "investigation": ("investigation",), "remedies": ("remedies",)},
    "author": {"organisation": (), "documented": ("documented_date",), "statements": ("sources",), "reference": ()},
}
_STEPS = ("nationality", "complaint", "investigation", "remedies")  # items that only a form's `other` can hold


@dataclass(frozen=True)
class VictimRows:
    """A victim's row, the statements on it, and what they allow."""

    victim: Mapping[str, Any]
    records: Sequence[Mapping[str, Any]]
    consent: Consent

    def first(self, field: str) -> str | None:
        """What the first statement that says something of a field says."""
        return next((str(r[field]).strip() for r in self.records if str(r[field] or "").strip()), None)

    def other(self, item: str) -> str | None:
        """What a form says among `other`, under the name of an item."""
        for record in self.records:
            other = said_beside(record["extra"]).get("other")
            if isinstance(other, dict) and str(other.get(item) or "").strip():
                return str(other[item])
        return None


def un_form(home: Home, asked: str) -> dict[str, bytes]:
    """The form as HTML and PDF in every language, by file name.

    Raises CasualtyError for an id that is no victim's or was never given, of somebody unnamed, of a month that wasn't run.
    """
    with Warehouse(home.warehouse).reading() as reading:
        rows = victim_rows(reading, asked)
        synthetic = is_synthetic(reading, home)
    month = rows.victim["counted_in"]
    digest = digest_of(json.dumps([rows.victim, *rows.records], default=str, ensure_ascii=False), home.profile.digest)
    about = About(home.profile, synthetic, digest, date(int(month[:4]), int(month[5:]), 1))
    return files_of(about, "un-form", lambda language: _Form(about, language, rows).page())


def victim_rows(reading: Reading, asked: str) -> VictimRows:
    """What a form is made from. Raises CasualtyError as `un_form` does."""
    if not asked.startswith(VICTIM):
        raise CasualtyError(
            f"{asked!r} is no id of a victim: expected V-...; `casualty trace FIGURE` lists those of a figure"
        )
    resolved = resolve(reading, asked)
    if resolved.current is None:
        raise CasualtyError(f"{asked} {WHAT[resolved.what].format(current=resolved.current)}: there is no form to make")
    found = reading.frame(_VICTIM, {"id": resolved.current}).to_dicts()
    if not found:
        raise CasualtyError(f"{asked}: its month wasn't run since it is known (`casualty status` says which)")
    if found[0]["unnamed"]:
        raise CasualtyError(
            f"{asked} counts {found[0]['persons']} unnamed: the form is for one person whose identity is known (R29)"
        )
    records = reading.frame(_RECORDS, {"id": resolved.current}).to_dicts()
    return VictimRows(found[0], records, consent_of(record["extra"] for record in records))


class _Form:
    """One victim's form in one language."""

    def __init__(self, about: About, language: str, rows: VictimRows) -> None:
        self.speak = Speaker(about, language)
        self.voice, self.say, self.rows = self.speak.voice, self.speak.say, rows
        none = pl.DataFrame(schema=dict.fromkeys(FIGURE_COLUMNS[:-1], pl.String) | {"value": pl.Float64})
        month = rows.victim["counted_in"]
        self.tell = Telling(MonthReport(about.profile, month, none, none, (), (), about.synthetic, about.digest), language)

    def page(self) -> Document:
        answers = self._answers()
        sections = []
        for part, items in _ITEMS.items():
            rows = [(self.say(f"form_{item}"), self._shown(answers[item], fields)) for item, fields in items.items()]
            blocks: list[Block] = [self.speak.grid("form_table", ("item", "answer"), rows)]
            if part == "identity":
                blocks.insert(0, Paragraph(self.say("confidential_notice"), "minimum"))
            if part == "author":
                blocks.append(Paragraph(self.say("form_signature")))
            sections.append(Section(part, self.say(f"form_{part}"), blocks))
        identifier = self.voice.isolated(self.rows.victim["victim_id"])
        return self.speak.page("un-form", sections, "form_kind", self.say("form_title"), self.say("victim", id=identifier))

    def _shown(self, answer: Markup | None, fields: tuple[str, ...]) -> Markup:
        if not self.rows.consent.confidential.isdisjoint(fields):
            return self.say("form_left_out")
        return answer if answer else self.say("not_known")

    def _answers(self) -> dict[str, Markup | None]:
        victim, voice = self.rows.victim, self.voice
        first, second = ("name_ar", "name_en") if voice.language == "ar" else ("name_en", "name_ar")
        names = [voice.isolated(readable(victim[name])) for name in (first, second) if victim[name]]
        ages = sorted({a for a in (victim["age_first"], victim["age_last"]) if a is not None})
        group = next((g for g in self.speak.profile.special_groups if g.id == victim["special_group"]), None)
        work = [self._text(victim["occupation"]), Markup.escape(group.label[voice.language]) if group else None]
        work.append(voice.affiliation(readable(victim["affiliation"])) if victim["affiliation"] else None)
        day = (victim["incident_first"] or victim["death_first"], victim["incident_last"] or victim["death_last"])
        place = (
            (victim["place_ar"] or victim["place"]) if voice.language == "ar" else (victim["place"] or victim["place_ar"])
        )
        mechanism = voice.wording.mechanisms.get(victim["mechanism"] or "")
        manner = Markup.escape(mechanism.label[voice.language]) if mechanism else None
        basis = self.say(f"form_why_{victim['attribution_basis']}", id=voice.isolated(victim["decision_id"] or ""))
        origin = victim["origin_governorate"]
        return {
            "name": Markup(" · ").join(names) if names else None,
            "sex": self.say(f"sex_{victim['sex']}") if victim["sex"] in {"male", "female"} else None,
            "birth": self._text(self.rows.first("birth_date")),
            "age": voice.isolated("–".join(map(str, ages))) if ages else None,
            "marital_status": self._text(self.rows.first("marital_status")),
            "occupation": voice.join([w for w in work if w]) if any(work) else None,
            "origin": Markup.escape(voice.governorate(origin)) if origin in self.speak.profile.governorate else None,
            "civilian": self.say(f"civilian_{victim['civilian_status']}")
            if victim["civilian_status"] in {"civilian", "combatant"}
            else None,
            "day": self.tell.days(*day) if any(day) else None,
            "time": self._text(victim["incident_time"]),
            "arrest": self._text(self.rows.first("arrest_date")),
            "place": voice.place_name(readable(place) if place else None, victim["governorate"] or ""),
            "control": voice.control(readable(victim["area_of_control"])) if victim["area_of_control"] else None,
            "manner": manner or self._text(victim["mechanism"] or victim["circumstance"]),
            "narrative": self._text(victim["narrative"] or victim["incident_narrative"], _LONGEST),
            "party": self._party(),
            "why": basis,
            **{item: self._text(self.rows.other(item), _LONGEST) for item in _STEPS},
            "organisation": Markup.escape(voice.grammar.capital(voice.organisation)),
            "documented": self._text(self.rows.first("documented_date")),
            "statements": self.say(
                "form_sources",
                statements=voice.said(len(self.rows.records), "statement"),
                sources=voice.said(victim["independent_sources"] or 0, "source", "oblique"),
            ),
            "reference": voice.isolated(victim["victim_id"]),
        }

    def _party(self) -> Markup:
        victim, voice = self.rows.victim, self.voice
        if victim["category"]:
            return Markup.escape(voice.category(victim["category"]))
        named = voice.believed(victim["party"]) if victim["attribution"] == "believed" else voice.inline(victim["party"])
        return self.say(f"responsible_{victim['attribution']}", party=named)

    def _text(self, given: str | None, longest: int = 200) -> Markup | None:
        return self.voice.isolated(readable(given, longest)) if given and given.strip() else None
