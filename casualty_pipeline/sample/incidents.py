"""The world of the sample: who died where, when, at whose hands, and whether that should count.

What belongs here: the truth of the synthetic world, built from the plans of the months. What doesn't: what sources say
of it (`captures.py`). The case of a victim says why it counts or doesn't; tests read it, and it is never written out.
"""

import calendar
import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.sample.marginals import Mix, MonthPlan
from casualty_pipeline.sample.people import Person, Population
from casualty_pipeline.sample.scenario import Place, Scenario, Scene, chance

# Two incidents at one place are more days apart than this, so that a date that is wrong by a day joins none of them.
APART = 3
COUNTED_CASES = frozenset({"corroborated", "verified", "group"})


@dataclass(frozen=True)
class Victim:
    """What became of a person. `population` is the toll that counts it: civilians, torture, or empty."""

    person: Person
    died: dt.date
    documented: dt.date
    population: str
    case: str
    combatant: bool = False
    name_style: str = ""


@dataclass(frozen=True)
class Incident:
    """What happened at a place and time. `dispute` says how sources disagree on the party, `rival` what some say."""

    id: str
    month: str
    kind: str
    claim: str
    mechanism: str
    circumstance: str
    place: Place
    date: dt.date
    victims: tuple[Victim, ...]
    times: tuple[str, ...] = ()
    area_of_control: str = ""
    massacre: bool = False
    dispute: str = ""
    rival: str = ""

    @property
    def governorate(self) -> str:
        """P-code of where it happened."""
        return self.place.governorate

    @property
    def party(self) -> str:
        """Party id of the toll."""
        return "other" if self.kind.startswith("other") else self.kind

    @property
    def civilians(self) -> int:
        """Counted civilians killed in it."""
        return sum(v.person.persons for v in self.victims if v.population == "civilians")


@dataclass(frozen=True)
class World:
    """All incidents of the quarter."""

    incidents: tuple[Incident, ...]

    def victims(self, month: str = "", population: str = "") -> list[tuple[Incident, Victim]]:
        """Victims with their incidents, of one month, of one toll, or of all."""
        return [
            (i, v) for i in self.incidents for v in i.victims if month in {"", i.month} and population in {"", v.population}
        ]


def month_days(month: str) -> tuple[dt.date, dt.date]:
    """First and last day of a month."""
    first = dt.date.fromisoformat(f"{month}-01")
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


class _Days:
    """Finds a day and a place at which nothing else happened."""

    def __init__(self, scenario: Scenario, rng: random.Random) -> None:
        self._rng = rng
        self._places = [p for p in scenario.places if not p.detention]
        self._taken: dict[str, list[dt.date]] = {}

    def take(self, place: Place, day: dt.date) -> None:
        self._taken.setdefault(place.en, []).append(day)

    def find(self, governorate: str, month: str) -> tuple[Place, dt.date]:
        places = [p for p in self._places if p.governorate == governorate]
        first, last = month_days(month)
        for _ in range(5_000):
            place = self._rng.choice(places)
            # One in twenty-five died before the month in which it became known (R10).
            earlier = self._rng.random() < 0.04
            day = first - dt.timedelta(days=self._rng.randint(2, 20)) if earlier else first
            day = day if earlier else day + dt.timedelta(days=self._rng.randint(0, (last - first).days))
            if all(abs((day - other).days) > APART for other in self._taken.get(place.en, [])):
                self.take(place, day)
                return place, day
        raise CasualtyError(f"no free day left in {governorate} in {month}: add places to sample/data/places.csv")


class _Builder:
    """Builds the incidents of all months, one month at a time."""

    def __init__(self, scenario: Scenario, totals: Mapping[str, int], seed: int) -> None:
        self.scenario = scenario
        self.totals = totals
        self.rng = chance(seed, "incidents")
        self.people = Population(scenario, chance(seed, "people"))
        self.days = _Days(scenario, chance(seed, "days"))
        self.incidents: list[Incident] = []
        for scene in (*scenario.massacres, *scenario.special_scenes):
            self.days.take(scenario.place(scene.place), scene.date)

    # ---- a month ----

    def month(self, plan: MonthPlan, index: int) -> None:
        left = dict(plan.civilians)
        self._massacres(plan, left)
        self._special(plan, left)
        self._special_cases(plan, left)
        self._ordinary(plan, left)
        self._torture(plan)
        self._not_counted(plan, index)

    def _massacres(self, plan: MonthPlan, left: dict[str, Mix]) -> None:
        scenes = [scene for scene in self.scenario.massacres if scene.month == plan.month]
        for kind, mixes in plan.massacres.items():
            placed = [scene for scene in scenes if scene.kind == kind]
            for number, mix in enumerate(mixes):
                left[kind] = left[kind].minus(mix)
                scene = placed[number] if number < len(placed) else self._scene(plan.month, kind)
                people = self._families(mix, scene.date, self.scenario.place(scene.place).governorate)
                self._add(plan.month, kind, scene, people, massacre=True)

    def _special(self, plan: MonthPlan, left: dict[str, Mix]) -> None:
        scenes = [scene for scene in self.scenario.special_scenes if scene.month == plan.month]
        trades = {
            "medical": ("nurse", "ممرض"),
            "media": ("photographer", "مصور"),
            "civil_defense": ("rescuer", "مسعف"),
            "relief": ("relief worker", "عامل إغاثة"),
        }
        for dead in plan.special:
            placed = [s for s in scenes if (s.group, s.kind) == (dead.group, dead.kind)]
            rest = dead.persons
            while rest:
                together = 1 if placed else min(rest, 2 if dead.group == "medical" else 3)
                scene = placed.pop(0) if placed else self._scene(plan.month, dead.kind)
                origin = self.scenario.place(scene.place).governorate
                people = [
                    replace(
                        self.people.person("men", scene.date, origin),
                        special_group=dead.group,
                        affiliation=scene.affiliation,
                        occupation=scene.occupation if any(scene.occupation) else trades[dead.group],
                    )
                    for _ in range(together)
                ]
                left[dead.kind] = left[dead.kind].minus(Mix(men=together))
                self._add(plan.month, dead.kind, scene, people)
                rest -= together

    def _special_cases(self, plan: MonthPlan, left: dict[str, Mix]) -> None:
        cases = {
            "namesakes": (self.scenario.namesakes, Mix(men=1, boys=1)),
            "cousins": (self.scenario.cousins, Mix(men=2)),
            "mistranslated": (self.scenario.decided["mistranslated"], Mix(men=1)),
        }
        for case, (entry, mix) in cases.items():
            if entry["month"] != plan.month:
                continue
            scene = self._scene(plan.month, entry["party"])
            origin = self.scenario.place(scene.place).governorate
            if case == "namesakes":
                people, style = self.people.namesakes(scene.date, origin), "no_grandfather"
            elif case == "cousins":
                people, style = self.people.cousins(scene.date, origin), "full"
            else:
                people, style = [self.people.named(entry["given"], entry["family"], scene.date, origin)], ""
            left[entry["party"]] = left[entry["party"]].minus(mix)
            self._add(plan.month, entry["party"], scene, people, name_style=style, dispute=case)
        for group in self.scenario.groups:
            if group["month"] == plan.month:
                scene = self._scene(plan.month, group["party"])
                people = [self.people.unnamed(group["demographic"], group["persons"], "")]
                left[group["party"]] = left[group["party"]].minus(Mix(**{group["demographic"]: group["persons"]}))
                self._add(plan.month, group["party"], scene, people, case="group")

    def _ordinary(self, plan: MonthPlan, left: Mapping[str, Mix]) -> None:
        """Incidents below five dead, the larger first, each where the month's dead are furthest below their share."""
        parts: list[tuple[str, list[str]]] = []
        for kind, mix in left.items():
            dead = [demographic for demographic, n in zip(Mix._fields, mix, strict=True) for _ in range(n)]
            self.rng.shuffle(dead)
            while dead:
                size = min(self.rng.choice(self.scenario.kinds[kind].sizes), len(dead))
                parts.append((kind, dead[:size]))
                dead = dead[size:]
        for kind, demographics in sorted(parts, key=lambda part: -len(part[1])):
            scene = self._scene(plan.month, kind)
            origin = self.scenario.place(scene.place).governorate
            related = len(demographics) > 1 and self.rng.random() < 0.6
            people = (
                self.people.household(demographics, scene.date, origin)
                if related
                else [self.people.person(d, scene.date, self._origin(origin)) for d in demographics]
            )
            self._add(plan.month, kind, scene, people)

    def _torture(self, plan: MonthPlan) -> None:
        """Deaths due to torture, in custody, known months or years later (R4, R10)."""
        first, last = month_days(plan.month)
        brothers = self.scenario.brothers
        combatants = self.scenario.torture["combatants"]
        number = 0
        for party, persons in plan.torture.items():
            rest = persons
            if (plan.month, party) == (brothers["month"], brothers["party"]):
                people = self.people.brothers(brothers["given"], brothers["births"], brothers["origin"])
                self._in_custody(
                    plan.month,
                    party,
                    people,
                    place=brothers["place"],
                    died=brothers["date"],
                    documented=brothers["documented"],
                )
                rest -= len(people)
            places = self.scenario.torture[party]
            for _ in range(rest):
                months = self.scenario.torture["months_before"][number % len(self.scenario.torture["months_before"])]
                documented = first + dt.timedelta(days=self.rng.randint(3, (last - first).days))
                died = documented - dt.timedelta(days=30 * months + self.rng.randint(1, 2))
                place = places[number % len(places)]
                origin = self.rng.choice(("SY03", "SY12", "SY04", "SY07", "SY01")) if party == "syrian_regime" else ""
                person = self.people.person("men", died, origin or self.scenario.place(place).governorate)
                fighter = number % combatants == combatants - 1
                self._in_custody(
                    plan.month, party, [person], place=place, died=died, documented=documented, combatant=fighter
                )
                number += 1

    def _in_custody(
        self,
        month: str,
        party: str,
        people: list[Person],
        *,
        place: str,
        died: dt.date,
        documented: dt.date,
        combatant: bool = False,
    ) -> None:
        claim = "unidentified" if party == "other" else party
        victims = tuple(
            Victim(person, died, documented, "torture", "corroborated", combatant=combatant) for person in people
        )
        known = self.scenario.place(place)
        self._append(Incident("", month, party, claim, "", "torture", known, died, victims))

    def _not_counted(self, plan: MonthPlan, index: int) -> None:
        kinds = ("syrian_regime", "other/gunfire_unknown_source", "other/landmine_unknown_origin")
        for case, numbers in self.scenario.not_counted.items():
            for number in range(numbers[index]):
                kind = kinds[number % len(kinds)]
                scene = self._scene(plan.month, kind)
                origin = self.scenario.place(scene.place).governorate
                person = (
                    self.people.unnamed("men", 4, "")
                    if case == "group_without_media"
                    else self.people.person("men", scene.date, origin)
                )
                self._add(plan.month, kind, scene, [person], case=case)

    # ---- parts ----

    def _origin(self, governorate: str) -> str:
        """Some of the dead were displaced from elsewhere."""
        return self.rng.choice(("SY07", "SY02", "SY05", "SY04", "SY03")) if self.rng.random() < 0.15 else governorate

    def _scene(self, month: str, kind: str) -> Scene:
        """A place, a day and a mechanism for an incident that no report narrates."""
        known = self.scenario.kinds[kind]
        place, day = self.days.find(self._governorate(month, known.governorates), month)
        return Scene(month, kind, place.en, day, self.rng.choice(known.mechanisms))

    def _governorate(self, month: str, allowed: Sequence[str]) -> str:
        shares = self.scenario.governorates[month]
        dead = dict.fromkeys(shares, 0)
        for incident in self.incidents:
            if incident.month == month:
                dead[incident.governorate] = dead.get(incident.governorate, 0) + incident.civilians
        open_places = [g for g in allowed if g in shares] or list(allowed)
        whole = sum(shares.values())
        total = self.totals[month]
        return max(open_places, key=lambda g: (total * shares.get(g, 0) / whole - dead.get(g, 0), g))

    def _families(self, mix: Mix, day: dt.date, origin: str) -> list[Person]:
        """The dead of a massacre as households of about five."""
        dead = [demographic for demographic, n in zip(Mix._fields, mix, strict=True) for _ in range(n)]
        houses = max(1, round(mix.total / 5))
        return [p for house in range(houses) for p in self.people.household(dead[house::houses], day, origin)]

    def _add(
        self,
        month: str,
        kind: str,
        scene: Scene,
        people: Sequence[Person],
        *,
        case: str = "corroborated",
        massacre: bool = False,
        name_style: str = "",
        dispute: str = "",
    ) -> None:
        known = self.scenario.kinds[kind]
        first, last = month_days(month)
        victims = []
        for person in people:
            late = scene.days_to_death
            if not massacre and len(people) == 1 and not late and person.name and self.rng.random() < 0.06:
                late = self.rng.randint(1, 5)
            died = min(scene.date + dt.timedelta(days=late), max(scene.date, last))
            documented = min(max(died, first) + dt.timedelta(days=self.rng.randint(0, 3)), last)
            counted = "civilians" if case in COUNTED_CASES else ""
            victims.append(
                Victim(person, died, documented, counted, case, combatant=case == "combatant", name_style=name_style)
            )
        self._append(
            Incident(
                id="",
                month=month,
                kind=kind,
                claim=known.claim,
                mechanism="" if case == "natural_death" else scene.mechanism or known.mechanisms[0],
                circumstance="natural_death" if case == "natural_death" else known.circumstance,
                place=self.scenario.place(scene.place),
                date=scene.date,
                victims=tuple(victims),
                times=scene.times,
                area_of_control=scene.area_of_control,
                massacre=massacre,
                dispute=dispute,
            )
        )

    def _append(self, incident: Incident) -> None:
        self.incidents.append(replace(incident, id=f"i{len(self.incidents) + 1:04}"))

    # ---- disagreements and decisions ----

    def disputes(self, months: Sequence[str]) -> None:
        """Choose the incidents on which sources disagree, and the victims whom a decision verifies."""
        decided = self.scenario.decided
        contested = decided["contested"]
        for place, incident in enumerate(self.incidents):
            at = (incident.month, incident.kind, incident.place.en)
            if incident.massacre and at == (contested["month"], contested["party"], contested["place"]):
                self.incidents[place] = replace(incident, dispute="tie", rival=contested["rival"])
        for index, month in enumerate(months):
            self._dispute(month, "majority", decided["majority"][index], kind="syrian_regime", rival="russia", sizes=(1, 2))
            self._dispute(month, "tie", decided["tie"][index], kind="russia", rival="syrian_regime", sizes=(2, 3))
            self._verify(month, decided["verified"][index])
        joint = decided["joint"]
        self._dispute(joint["month"], "joint", 1, kind=joint["party"], rival=joint["claim"], sizes=(2, 3, 4))

    def _ordinary_places(self, month: str, kind: str, sizes: Sequence[int]) -> list[int]:
        return [
            place
            for place, i in enumerate(self.incidents)
            if (i.month, i.massacre, i.dispute, i.times) == (month, False, "", ())
            and kind in {"", i.kind}
            and len(i.victims) in sizes
            and i.circumstance == ""
            and all(
                v.case == "corroborated" and v.died == i.date and not (v.person.special_group or v.name_style)
                for v in i.victims
            )
        ]

    def _dispute(
        self, month: str, dispute: str, number: int, *, kind: str, rival: str = "", sizes: Sequence[int] = (1,)
    ) -> None:
        places = self._ordinary_places(month, kind, sizes)
        for place in self.rng.sample(places, min(number, len(places))):
            self.incidents[place] = replace(self.incidents[place], dispute=dispute, rival=rival)

    def _verify(self, month: str, number: int) -> None:
        places = self._ordinary_places(month, "", (1,))
        for place in self.rng.sample(places, number):
            incident = self.incidents[place]
            self.incidents[place] = replace(incident, victims=(replace(incident.victims[0], case="verified"),))


def build_world(scenario: Scenario, plans: Sequence[MonthPlan], seed: int) -> tuple[World, Population]:
    """The incidents of all planned months, and the population that more people can be asked of.

    The same seed gives the same world.
    """
    totals = {plan.month: sum(mix.total for mix in plan.civilians.values()) for plan in plans}
    builder = _Builder(scenario, totals, seed)
    for index, plan in enumerate(plans):
        builder.month(plan, index)
    builder.disputes([plan.month for plan in plans])
    return World(tuple(builder.incidents)), builder.people
