"""The dossier of one incident: what happened, when and where, who died, what says so, who is held responsible since when.

The open form names nobody and no source: victims as numbers, sources as counts by kind, decisions by id. The confidential
form (`casualty dossier --confidential`) names victims, statements and reasons. What doesn't belong here: reading the rows.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import polars as pl
from markupsafe import Markup

from casualty_pipeline.captures.sources import Source, known_sources
from casualty_pipeline.figures.registry import DEMOGRAPHICS
from casualty_pipeline.home import Home
from casualty_pipeline.reporting import maps
from casualty_pipeline.reporting.document import Block, Bullets, Document, Item, Paragraph, Picture, Section
from casualty_pipeline.reporting.model import Massacre, MonthReport
from casualty_pipeline.reporting.publications.incident_rows import IncidentRows, incident_rows
from casualty_pipeline.reporting.publications.pages import About, Speaker, digest_of, files_of, is_synthetic
from casualty_pipeline.reporting.readable import readable
from casualty_pipeline.reporting.sections.massacres import told
from casualty_pipeline.reporting.sections.telling import Telling
from casualty_pipeline.tables import FIGURE_COLUMNS
from casualty_pipeline.warehouse import Warehouse

_KINDS = ("tabular", "victim_form", "kobo", "telegram", "web_archive", "auto_archiver")


def dossier(home: Home, asked: str, *, confidential: bool = False) -> dict[str, bytes]:
    """The dossier as HTML and PDF in every language, by file name.

    Raises CasualtyError as `incident_rows` does.
    """
    with Warehouse(home.warehouse).reading() as reading:
        rows = incident_rows(reading, asked)
        synthetic = is_synthetic(reading, home)
    sources = {source.id: source for source in known_sources(home)}
    month = rows.incident["counted_in"]
    day = rows.incident["incident_first"] or date(int(month[:4]), int(month[5:]), 1)
    digest = digest_of(rows.fingerprint, str(confidential), home.profile.digest)
    about = About(home.profile, synthetic, digest, day)
    return files_of(about, "dossier", lambda language: _Dossier(about, language, rows, sources, confidential).page())


class _Dossier:
    """One incident in one language."""

    def __init__(
        self, about: About, language: str, rows: IncidentRows, sources: Mapping[str, Source], confidential: bool
    ) -> None:
        self.speak = Speaker(about, language)
        self.voice, self.say = self.speak.voice, self.speak.say
        self.rows, self.sources, self.confidential = rows, sources, confidential
        none = pl.DataFrame(schema=dict.fromkeys(FIGURE_COLUMNS[:-1], pl.String) | {"value": pl.Float64})
        report = MonthReport(about.profile, rows.incident["counted_in"], none, none, (), (), about.synthetic, about.digest)
        self.tell = Telling(report, language)
        self.massacre = _as_massacre(rows)

    def page(self) -> Document:
        incident = self.rows.incident
        where = self.voice.place_name(self.massacre.place_in(self.voice.language), self.massacre.governorate)
        key = "dossier_massacre" if incident["massacre"] else "dossier_incident"
        title = self.say(key, where=where, when=self.tell.days(self.massacre.first, self.massacre.last))
        sections = [
            Section("summary", self.say("dossier_summary"), self._summary()),
            Section("timeline", self.say("dossier_timeline"), (self._timeline(),)),
            Section("map", self.say("dossier_map"), (self._map(),)),
            Section("victims", self.say("dossier_victims"), self._victims()),
            Section("sources", self.say("dossier_sources"), self._sources()),
            Section("attribution", self.say("dossier_attribution"), self._attribution()),
            Section("decisions", self.say("dossier_decisions"), self._decisions()),
        ]
        kind = "dossier_kind_confidential" if self.confidential else "dossier_kind"
        return self.speak.page("dossier", sections, kind, title, self.say("incident", id=self.voice.isolated(self.rows.id)))

    def _summary(self) -> list[Block]:
        blocks: list[Block] = []
        if self.confidential:
            blocks.append(Paragraph(self.say("confidential_notice"), "minimum"))
        if self.massacre.civilians:
            blocks.append(Paragraph(told(self.tell, self.massacre), "lead"))
        else:
            blocks.append(Paragraph(self.say("dossier_nobody"), "lead"))
        if self.rows.incident["massacre"]:
            threshold = self.voice.said(self.speak.profile.counting.massacre_threshold, "civilian", "oblique")
            blocks.append(Paragraph(self.tell.say("method_massacre", threshold=threshold)))
        month = self.voice.grammar.month(self.rows.incident["counted_in"])
        blocks.append(Paragraph(self.say("dossier_counted_in", month=month)))
        if self.confidential and self.rows.incident["narrative"]:
            narrative = self.voice.isolated(readable(self.rows.incident["narrative"], 2000))
            blocks.append(Paragraph(self.say("dossier_narrative", text=narrative)))
        return blocks

    def _timeline(self) -> Block:
        """What happened and what became known, by day."""
        incident = self.rows.incident
        found: list[tuple[date, int, Markup]] = []
        if incident["incident_first"]:
            times = [self.voice.isolated(time) for time in incident["attack_times"] or ()]
            attacks = self.voice.said(incident["attacks"] or 1, "attack")
            key = "timeline_attack_at" if times else "timeline_attack"
            found.append((incident["incident_first"], 0, self.say(key, attacks=attacks, times=self.voice.join(times))))
        late = Counter[date]()
        for victim in self.rows.victims:
            last = incident["incident_last"] or incident["incident_first"]
            if victim["death_first"] and last and victim["death_first"] > last:
                late[victim["death_first"]] += victim["persons"]
        found += [(day, 1, self.say("timeline_died", persons=self.voice.said(n, "person"))) for day, n in late.items()]
        documented = Counter(r["documented_on"] for r in self.rows.records if r["documented_on"])
        found += [
            (day, 2, self.say("timeline_documented", statements=self.voice.said(n, "statement")))
            for day, n in documented.items()
        ]
        found += [(_day(r["known_at"]), 3, self._change(r)) for r in self.rows.transitions]
        found += [
            (_day(d["decided_at"]), 4, self.say("timeline_decision", id=self.voice.isolated(d["decision_id"])))
            for d in self.rows.decisions
        ]
        rows = [(self.speak.day(day), text) for day, _, text in sorted(found, key=lambda f: (f[0], f[1], f[2]))]
        return self.speak.grid("dossier_timeline_table", ("date", "what"), rows)

    def _map(self) -> Block:
        massacre, point = self.massacre, self.rows.point
        name = massacre.place_in(self.voice.language) or ""
        where = self.voice.place_name(name, massacre.governorate)
        key = "dossier_map_described" if point else "dossier_map_unlocated"
        spot = {"latitude": f"{point[1]:.3f}", "longitude": f"{point[0]:.3f}"} if point else {}
        described = str(self.say(key, where=where.striptags(), **spot).unescape())
        title = str(self.say("dossier_map").unescape())
        drawing = maps.place_map(title, described, self.speak.profile, massacre.governorate, point, readable(name))
        latitude, longitude = (
            self.voice.isolated(spot[n]) if point else self.say("not_known") for n in ("latitude", "longitude")
        )
        table = self.speak.grid(
            "dossier_map_table",
            ("what", "value"),
            [
                (self.say("column_place"), self.speak.shown(name)),
                (self.say("column_governorate"), Markup.escape(self.voice.governorate(massacre.governorate or "unknown"))),
                (self.say("latitude"), latitude),
                (self.say("longitude"), longitude),
            ],
        )
        return Picture(drawing, table)

    def _victims(self) -> list[Block]:
        counted, others = Counter[str](), Counter[str]()
        for victim in self.rows.victims:
            if victim["in_civilians"] or victim["in_torture"]:
                counted[victim["demographic"]] += victim["persons"]
            else:
                others[victim["not_counted_reason"] or "combatant"] += victim["persons"]
        rows = [
            (self.say(f"demographic_{name}"), self.speak.number(counted[name]))
            for name in DEMOGRAPHICS["all"]
            if counted[name]
        ]
        blocks: list[Block] = [self.speak.grid("dossier_counted", ("demographic", "persons"), rows)]
        if others:
            why = [(self.say(f"reason_{reason}"), self.speak.number(n)) for reason, n in sorted(others.items())]
            blocks.append(self.speak.grid("dossier_not_counted", ("reason", "persons"), why))
        if self.confidential:
            columns = ("name", "victim", "demographic", "age", "origin", "died", "sources", "counted")
            blocks.append(self.speak.grid("dossier_names", columns, [self._victim(v) for v in self.rows.victims]))
        return blocks

    def _victim(self, victim: Mapping[str, Any]) -> tuple[Markup, ...]:
        first, second = ("name_ar", "name_en") if self.voice.language == "ar" else ("name_en", "name_ar")
        origin = victim["origin_governorate"]
        ages = sorted({a for a in (victim["age_first"], victim["age_last"]) if a is not None})
        reason = victim["not_counted_reason"]
        counted = victim["in_civilians"] or victim["in_torture"]
        return (
            self.speak.shown(victim[first] or victim[second]),
            self.voice.isolated(victim["victim_id"]),
            self.say(f"person_{victim['demographic']}"),
            self.voice.isolated("–".join(map(str, ages))) if ages else self.say("not_known"),
            Markup.escape(self.voice.governorate(origin)) if origin else self.say("not_known"),
            self.tell.days(victim["death_first"], victim["death_last"]),
            self.speak.number(victim["independent_sources"] or 0),
            self.say("yes") if counted else self.say(f"reason_{reason or 'combatant'}"),
        )

    def _sources(self) -> list[Block]:
        by_kind: dict[str, set[str]] = {}
        statements = Counter[str]()
        for record in self.rows.records:
            source = self.sources.get(record["source"])
            kind = source.connector if source and source.connector in _KINDS else "other"
            by_kind.setdefault(kind, set()).add(record["source"])
            statements[kind] += 1
        rows = [
            (self.say(f"source_{kind}"), self.speak.number(len(by_kind[kind])), self.speak.number(statements[kind]))
            for kind in (*_KINDS, "other")
            if kind in by_kind
        ]
        blocks: list[Block] = [self.speak.grid("dossier_sources_table", ("kind", "sources", "statements"), rows)]
        if self.confidential:
            given = [
                (
                    self.voice.isolated(r["record_id"]),
                    self.voice.isolated(r["source"]),
                    self.voice.isolated(f"{readable(r['file'])} {r['row_number'] or ''}".strip()),
                    self.voice.isolated(r["capture_sha256"][:16]),
                )
                for r in self.rows.records
            ]
            columns = ("statement", "source", "stands_in", "sha256")
            blocks.append(self.speak.grid("dossier_statements", columns, given))
        return blocks

    def _attribution(self) -> list[Block]:
        if not self.rows.transitions:
            return [Paragraph(self.say("dossier_no_history"))]
        rows = [
            (
                self.speak.day(_day(row["known_at"])),
                self.responsible(row["attribution"], row["party"]),
                self.say(f"change_{row['change']}"),
                self.say(f"basis_{row['cause']}", id=self.voice.isolated(row["cause_id"])),
            )
            for row in self.rows.transitions
        ]
        columns = ("known_on", "responsible", "change", "basis")
        return [
            self.speak.grid("dossier_attribution_table", columns, rows),
            Paragraph(self.say("dossier_history_note"), "note"),
        ]

    def _change(self, row: Mapping[str, Any]) -> Markup:
        return self.say("timeline_attribution", party=self.responsible(row["attribution"], row["party"]))

    def responsible(self, attribution: str, party: str) -> Markup:
        """Who is held responsible, no more certain than that is (R16)."""
        named = self.voice.believed(party) if attribution == "believed" else self.voice.inline(party)
        return self.say(f"responsible_{attribution}", party=named)

    def _decisions(self) -> list[Block]:
        if not self.rows.decisions:
            return [Paragraph(self.say("dossier_no_decisions"))]
        items = []
        for row in self.rows.decisions:
            values = {
                "id": self.voice.isolated(row["decision_id"]),
                "kind": self.say(f"decided_{row['kind']}"),
                "date": self.voice.grammar.date(_day(row["decided_at"])),
            }
            text = self.say("dossier_decision", **values)
            if self.confidential:
                more = {name: self.speak.shown(row[name]) for name in ("subject", "value", "decided_by", "reason")}
                text += " " + self.say("dossier_decision_why", **more)
            items.append(Item(text))
        return [Bullets(tuple(items))]


def _day(moment: datetime) -> date:
    return moment.date()


def _as_massacre(rows: IncidentRows) -> Massacre:
    """The incident as the monthly report tells a massacre; it may be none, with fewer dead."""
    incident = rows.incident
    dead = Counter[str]()
    for victim in rows.victims:
        if victim["in_civilians"]:
            dead[victim["demographic"]] += victim["persons"]
    return Massacre(
        incident_id=readable(rows.id),
        first=incident["incident_first"],
        last=incident["incident_last"],
        governorate=incident["governorate"] or "",
        place=readable(incident["place"]) if incident["place"] else None,
        place_ar=readable(incident["place_ar"]) if incident["place_ar"] else None,
        party=incident["party"],
        category=incident["category"],
        attribution=incident["attribution"],
        civilians=sum(dead.values()),
        children=sum(dead[name] for name in DEMOGRAPHICS["child"]),
        children_male=dead["child_male"],
        children_female=dead["child_female"],
        women=dead["woman"],
        area_of_control=readable(incident["area_of_control"]) if incident["area_of_control"] else None,
        mechanism=incident["mechanism"],
        attacks=incident["attacks"] or 1,
    )
