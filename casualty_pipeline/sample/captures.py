"""What each source says of the world: who reports whom, with which spelling, what is missing, what is repeated.

What belongs here: turning victims and incidents into statements, and the noise of each source. What doesn't: the truth
(`incidents.py`), the layout of files (`sources.py`) and statements that must be refused (`faults.py`).
"""

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.sample import wording
from casualty_pipeline.sample.incidents import Incident, Victim, World, month_days
from casualty_pipeline.sample.people import age_on
from casualty_pipeline.sample.scenario import Scenario, chance
from casualty_pipeline.sample.sources import SOURCE
from casualty_pipeline.sample.wording import Wording

PAGES = ("Qamar media page", "Olive Branch channel", "Sada news page")
_VIOLENT = {"field_teams": 46, "local_activists": 30, "hospitals": 15, "family_form": 14}
_DROWNED = {"field_teams": 30, "local_activists": 20, "family_form": 25}
# A record has one slip at most: a careful reader must be able to link every record with certainty.
_SLIPS = {"": 70, "date": 9, "age": 11, "no_age": 7, "no_governorate": 3}
_CUSTODY = {"field_teams": 40, "family_form": 35, "local_activists": 15}


@dataclass(frozen=True)
class Statement:
    """One row of one source. `victim` and `incident` are ids of the world; they are never written out."""

    source: str
    statement: str
    documented: dt.date
    fields: dict[str, str]
    victim: str = ""
    incident: str = ""
    fault: str = ""
    key: str = ""
    role: str = ""  # tells apart the records that a decision is about
    tie: int = field(default=0, compare=False)

    @property
    def month(self) -> str:
        """The file that it stands in."""
        return self.documented.isoformat()[:7]

    @property
    def origin(self) -> str:
        """Who said it first (R8): the source, or whom it passes on."""
        return self.fields.get("original_source") or self.source


class _Reporter:
    """Writes the statements about one incident after the other."""

    def __init__(self, profile: Profile, scenario: Scenario, seed: int) -> None:
        self.mistranslation: str = scenario.decided["mistranslated"]["english"]
        self.rng = chance(seed, "captures")
        self.words = Wording(profile, self.rng)
        self.statements: list[Statement] = []
        self._refs: dict[str, int] = {}
        self._spellings: dict[tuple[str, str], str] = {}

    # ---- who reports ----

    def sources_of(self, incident: Incident, victim: Victim) -> tuple[str, ...]:
        """The sources that name a victim, the best informed first."""
        fixed = {
            "verified": ("field_teams",),
            "group": ("field_teams",),
            "group_without_media": ("field_teams",),
            "single_source": (self.rng.choice(("field_teams", "local_activists", "family_form")),),
            "reposts_only": self.rng.choice((("local_activists",), ("field_teams", "local_activists"))),
            "natural_death": ("hospitals", "family_form"),
            "combatant": ("field_teams", "local_activists"),
            "injured": ("hospitals", "local_activists"),
            "unverified": ("field_teams", "local_activists"),
            "retracted": ("family_form", "local_activists"),
        }
        if victim.case in fixed:
            return fixed[victim.case]
        by_dispute = {
            "majority": ("field_teams", "family_form", "local_activists"),
            "tie": ("field_teams", "local_activists"),
            "joint": ("field_teams", "local_activists"),
            "mistranslated": ("field_teams", "local_activists"),
            "cousins": ("field_teams", "local_activists"),
            "namesakes": ("field_teams", "hospitals"),
        }
        if incident.dispute in by_dispute:
            return by_dispute[incident.dispute]
        if incident.circumstance == "torture":
            chosen = self._draw(_CUSTODY, 2)
            return (*chosen, "civil_registry") if incident.party == "syrian_regime" else chosen
        number = self.rng.choices((2, 3, 4), weights=(58, 33, 9))[0]
        if incident.circumstance == "drowning":
            return self._draw(_DROWNED, min(number, 3))
        # A field team lists everybody who died in a massacre, and every member of a special group.
        first = ("field_teams",) if incident.massacre or victim.person.special_group else ()
        return self._draw(_VIOLENT, number, first)

    def _draw(self, weights: dict[str, int], number: int, first: tuple[str, ...] = ()) -> tuple[str, ...]:
        chosen = list(first)
        while len(chosen) < number:
            left = [source for source in weights if source not in chosen]
            chosen.append(self.rng.choices(left, weights=[weights[source] for source in left])[0])
        order = list(SOURCE)
        return tuple(sorted(chosen, key=order.index))

    # ---- what they say ----

    def incident(self, incident: Incident) -> None:
        """All statements about one incident: the field team's own sheet first, then every victim."""
        reported = [self.sources_of(incident, victim) for victim in incident.victims]
        team_refs = self._team_refs(incident) if any("field_teams" in sources for sources in reported) else []
        posts = [f"E{incident.id[1:]}{letter}" for letter in "ab"[: max(1, len(incident.times))]]
        # Activists give an event a code of their own where several died; a double tap is two events to them.
        coded = incident.massacre or len(incident.victims) > 1
        for number, (victim, sources) in enumerate(zip(incident.victims, reported, strict=True)):
            style = victim.name_style or ("no_father" if self.rng.random() < 0.07 else "")
            for source in sources:
                ref = ""
                if source == "field_teams" and team_refs:
                    ref = team_refs[0]
                elif source == "local_activists" and coded:
                    ref = posts[number % len(posts)]
                statement = self._statement(source, incident, victim, style=style, sources=sources, ref=ref)
                self.statements.append(statement)
                self._repeat(statement, incident, victim)

    def _team_refs(self, incident: Incident) -> list[str]:
        """The field team's codes of an incident, each with a row on the sheet of incidents."""
        refs: list[str] = []
        groups = any(v.person.name is None for v in incident.victims)
        if incident.circumstance in {"torture", "natural_death"} or groups:
            return refs
        # A double tap has two rows: one place, one day, two times of day.
        documented = min(v.documented for v in incident.victims)
        believed = incident.claim == "russia" or bool(incident.rival)
        claim = incident.rival if incident.dispute == "joint" else incident.claim
        about = incident.circumstance or incident.mechanism
        for time in incident.times or ("",):
            self._refs[incident.month] = self._refs.get(incident.month, 0) + 1
            ref = f"FI-{incident.month}-{self._refs[incident.month]:03}"
            fields = {
                "incident_ref": ref,
                "incident_date": wording.iso(incident.date),
                "incident_time": time,
                "documented_date": wording.iso(documented),
                "governorate": self.words.governorate(incident.governorate, "ar"),
                "place_ar": incident.place.ar,
                "party": self.words.party(claim, "ar"),
                "certainty": self.words.word("certainty", "believed" if believed else "established", "ar"),
                "mechanism": self.words.word("mechanism", incident.mechanism, "ar"),
                "area_of_control": incident.area_of_control,
                "killed_min": str(incident.civilians) if incident.massacre and not refs else "",
                "narrative": self.words.narrative(about, incident.place, "ar"),
            }
            self.statements.append(
                Statement("field_teams", "incident", documented, fields, incident=incident.id, key=ref, role="incident")
            )
            refs.append(ref)
        return refs

    def _statement(
        self, source: str, incident: Incident, victim: Victim, *, style: str, sources: Sequence[str], ref: str
    ) -> Statement:
        person, script = victim.person, SOURCE[source].script
        first = source == sources[0]
        delay = 0 if first or source == "civil_registry" else self.rng.choice((0, 0, 1, 2, 4))
        documented = min(victim.documented + dt.timedelta(days=delay), month_days(incident.month)[1])
        # A third source may hear of it in the next month; the month that counts is that of the first (R10).
        if len(sources) > 2 and source == sources[-1] and incident.month < "2020-03" and self.rng.random() < 0.08:
            documented = month_days(incident.month)[1] + dt.timedelta(days=self.rng.randint(1, 9))
        # Across scripts, where names agree less closely, all else agrees.
        sure = first or victim.name_style or script != SOURCE[sources[0]].script
        slip = "" if sure else self.rng.choices(list(_SLIPS), weights=list(_SLIPS.values()))[0]
        died = victim.died
        if slip == "date" and not ref and not incident.massacre:
            died = min(died + dt.timedelta(days=1), victim.documented)
        status = "injured" if victim.case == "injured" else "killed"
        fields = {
            "incident_ref": ref,
            "sex": self.words.word("sex", person.sex, script),
            "status": self.words.word("status", status, script),
            "civilian_status": self.words.word("civilian_status", "combatant" if victim.combatant else "civilian", script),
            "death_date": "" if status == "injured" else self._date(source, died),
            "incident_date": self._date(source, incident.date),
            "documented_date": wording.iso(documented),
            "governorate": self.words.governorate(incident.governorate, script),
            "origin_governorate": self.words.governorate(person.origin, script) if person.origin else "",
            "mechanism": self.words.word("mechanism", incident.mechanism, script),
            "circumstance": self.words.word("circumstance", incident.circumstance, script),
            "special_group": self.words.word("special_group", person.special_group, script),
            "affiliation": person.affiliation,
            "occupation": person.occupation[0] if script == "en" else person.occupation[1],
            "marital_status": "متزوج" if person.married else "",
        }
        # One source spells the place of one incident in one way.
        if (source, incident.id) not in self._spellings:
            self._spellings[source, incident.id] = self.words.place(incident.place, script)
        fields["place_ar" if script == "ar" else "place"] = self._spellings[source, incident.id]
        by_sheet = bool(ref) and source == "field_teams" and not incident.rival
        fields |= {} if by_sheet else self._blame(source, incident, sources)
        fields |= self._identity(source, incident, victim, style=style, slip=slip)
        if incident.circumstance == "torture" or self.rng.random() < 0.25:
            about = incident.circumstance or incident.mechanism
            fields["narrative"] = self.words.narrative(about, incident.place, script)
        if slip == "no_governorate":
            fields["governorate"] = ""
        statement = "group" if person.name is None else "person"
        columns = SOURCE[source].layout(statement).columns
        return Statement(
            source=source,
            statement=statement,
            documented=documented,
            fields={name: value for name, value in fields.items() if name in columns},
            victim=person.id,
            incident=incident.id,
            role=incident.dispute if incident.dispute in {"mistranslated", "cousins"} else victim.case,
        )

    def _blame(self, source: str, incident: Incident, sources: Sequence[str]) -> dict[str, str]:
        """Whom the source holds responsible, where its sheet of incidents doesn't say it once for all the victims.

        The activists are the ones who disagree; some families blame nobody, where others have done it.
        """
        script = SOURCE[source].script
        silent = source == "family_form" and not incident.rival and {"field_teams", "local_activists"} & set(sources)
        if incident.circumstance == "natural_death" or (silent and self.rng.random() < 0.25):
            return {}
        claim = incident.claim
        if incident.dispute == "joint" or (incident.dispute in {"tie", "majority"} and source == "local_activists"):
            claim = incident.rival
        believed = claim in {"russia", "russia+syrian_regime"}
        return {
            "party": self.words.party(claim, script),
            "certainty": self.words.word("certainty", "believed" if believed else "established", script),
        }

    def _identity(self, source: str, incident: Incident, victim: Victim, *, style: str, slip: str) -> dict[str, str]:
        """Name, age or date of birth."""
        person, script = victim.person, SOURCE[source].script
        if person.name is None or person.born is None:
            return {
                "name_ar": "مجهولو الهوية",
                "persons": str(person.persons),
                "age_group": self.words.word("age_group", "adult" if person.adult else "child", "ar"),
                "countable_media": "نعم" if victim.case == "group" else "لا",
            }
        age = age_on(person.born, victim.died)
        if slip == "age" and age > 21:
            age += self.rng.choice((-1, 1))
        written = str(age)
        if script == "ar" and self.rng.random() < 0.15:
            written = written.translate(wording.ARABIC_DIGITS)
        born = person.born
        values = {
            "age": written,
            "birth_date": str(born.year) if self.rng.random() < 0.4 else wording.iso(born),
            "age_group": self.words.word("age_group", "adult" if person.adult else "child", script),
        }
        if slip == "no_age":
            values["age"] = values["birth_date"] = ""
        if script == "ar":
            values["name_ar"] = self.words.name(person.name, "ar", style)
            if source == "field_teams" and self.rng.random() < 0.3:
                values["name_en"] = self.words.name(person.name, "en", style)
        else:
            values["name_en"] = self.words.name(person.name, "en", style)
            if source == "local_activists" and self.rng.random() < 0.4:
                values["name_ar"] = self.words.name(person.name, "ar", style)
        if incident.dispute == "mistranslated" and source == "local_activists":
            values |= {"name_en": self.mistranslation, "name_ar": ""}
        return values

    def _date(self, source: str, day: dt.date) -> str:
        form = {
            "field_teams": wording.slashed_arabic if self.rng.random() < 0.1 else wording.iso,
            "hospitals": wording.slashed,
            "local_activists": wording.spoken,
            "family_form": wording.spoken_arabic,
            "civil_registry": wording.iso,
        }
        return form[source](day)

    def _repeat(self, statement: Statement, incident: Incident, victim: Victim) -> None:
        """Reposts, posts entered twice and forms sent twice."""
        if statement.source == "local_activists" and victim.case == "reposts_only":
            # Three posts, one origin: one source (R8). Where the field teams know him too, it is they who are repeated.
            quoted = self.statements[-2].victim == statement.victim
            page = "field_teams" if quoted else self.rng.choice(PAGES)
            self.statements[-1:] = [self._reposted(statement, page)] * 3
        elif statement.source == "local_activists" and not incident.dispute and victim.case == "corroborated":
            if self.rng.random() < 0.12:
                self.statements.append(self._reposted(statement, self.rng.choice(PAGES)))
            elif self.rng.random() < 0.02:
                self.statements.append(replace(statement, role="entered_twice"))
        elif statement.source == "family_form" and victim.case == "corroborated" and self.rng.random() < 0.08:
            self.statements.append(statement)

    def _reposted(self, statement: Statement, page: str) -> Statement:
        return replace(statement, fields={**statement.fields, "original_source": page})


def report(profile: Profile, scenario: Scenario, world: World, seed: int) -> list[Statement]:
    """Everything that the sources say of the world, in the order of the incidents, without keys."""
    reporter = _Reporter(profile, scenario, seed)
    for incident in world.incidents:
        reporter.incident(incident)
    return reporter.statements


def with_keys(statements: Iterable[Statement], rng: random.Random) -> list[Statement]:
    """Give every statement its source's key, in the order in which it stands in the source's file.

    A post entered twice keeps the key of the first entry; a statement that lacks its key on purpose goes on lacking it.
    """
    shuffled = [replace(s, tie=rng.getrandbits(32)) for s in statements]
    twice = {id(s) for s in shuffled if s.role == "entered_twice"}
    ordered = sorted((s for s in shuffled if id(s) not in twice), key=lambda s: (s.source, s.statement, s.documented, s.tie))
    numbers: dict[tuple[str, str, str], int] = {}
    keyed: list[Statement] = []
    for statement in ordered:
        prefix = SOURCE[statement.source].layout(statement.statement).prefix
        key = statement.key
        if not key and statement.fault != "no_key":
            place = (statement.source, statement.statement, statement.month)
            numbers[place] = numbers.get(place, 0) + 1
            key = f"{prefix}-{statement.month}-{numbers[place]:03}"
        fields = dict(statement.fields)
        if statement.source == "local_activists":
            fields["url"] = f"https://example.org/posts/{key.lower()}"
        keyed.append(replace(statement, key=key, fields=fields))
    for again in (s for s in shuffled if id(s) in twice):
        first = next(
            s for s in keyed if (s.source, s.victim) == (again.source, again.victim) and not s.fields.get("original_source")
        )
        keyed.insert(keyed.index(first) + 1, first)
    return keyed
