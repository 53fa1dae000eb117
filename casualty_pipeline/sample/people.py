"""Invented people: names in two scripts, sex, dates of birth, trades. What doesn't belong here: how they died.

Given names are the common ones; family names are words for plants, birds, stones, stars and tools, put together for
this sample. Any likeness to a real person is chance.
"""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.sample.scenario import FamilyName, GivenName, Scenario

OCCUPATIONS = (
    ("farmer", "مزارع"),
    ("teacher", "معلم"),
    ("driver", "سائق"),
    ("shopkeeper", "صاحب متجر"),
    ("builder", "عامل بناء"),
    ("baker", "خباز"),
    ("student", "طالب"),
    ("tailor", "خياط"),
)


@dataclass(frozen=True)
class FullName:
    """Given name, father's, grandfather's, family's: the order of Syrian papers."""

    given: GivenName
    father: GivenName
    grandfather: GivenName
    family: FamilyName


@dataclass(frozen=True)
class Person:
    """One person, or `persons` unnamed people of one demographic (R7)."""

    id: str
    name: FullName | None
    sex: str
    born: dt.date | None
    adult: bool
    origin: str
    occupation: tuple[str, str] = ("", "")
    married: bool = False
    special_group: str = ""
    affiliation: str = ""
    persons: int = 1

    @property
    def demographic(self) -> str:
        """A field of `Mix`."""
        return {("male", True): "men", ("female", True): "women", ("male", False): "boys"}.get(
            (self.sex, self.adult), "girls"
        )


def age_on(born: dt.date, day: dt.date) -> int:
    """Age in completed years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class Population:
    """Gives out people one by one. No two share family name and given name, lookalikes included, unless asked for."""

    def __init__(self, scenario: Scenario, rng: random.Random) -> None:
        self._rng = rng
        self._given = {sex: [n for n in scenario.given_names if n.sex == sex] for sex in ("male", "female")}
        self._families = scenario.family_names
        self._taken: set[tuple[str, str]] = set()
        self._count = 0
        kept = scenario.decided["mistranslated"]
        self._taken.add((kept["family"], self.given(kept["given"]).lookalike))

    def given(self, arabic: str) -> GivenName:
        """The male given name that is spelled so."""
        return next(n for n in self._given["male"] if n.ar == arabic)

    def _name(self, sex: str, like: FullName | None = None) -> FullName:
        """A new name; `like` gives father, grandfather and family."""
        for _ in range(10_000):
            family = like.family if like else self._rng.choice(self._families)
            given = self._rng.choice(self._given[sex])
            elders = {like.father.lookalike, like.grandfather.lookalike} if like else set()
            if (family.ar, given.lookalike) in self._taken or given.lookalike in elders:
                continue
            self._taken.add((family.ar, given.lookalike))
            if like:
                return replace(like, given=given)
            others = [n for n in self._given["male"] if n.lookalike != given.lookalike]
            father = self._rng.choice(others)
            grandfather = self._rng.choice([n for n in others if n.lookalike != father.lookalike])
            return FullName(given, father, grandfather, family)
        raise CasualtyError("the pool of names in sample/data is used up: add family names")

    def person(self, demographic: str, day: dt.date, origin: str, like: FullName | None = None, age: int = -1) -> Person:
        """A person who is of that demographic on that day.

        Ages 16 to 19 are left out: a year of birth alone could put such a person on either side of eighteen.
        """
        sex = "male" if demographic in {"men", "boys"} else "female"
        adult = demographic in {"men", "women"}
        years = age if age >= 0 else self._rng.randint(20, 72) if adult else self._rng.randint(1, 15)
        born = dt.date(day.year - years, day.month, 1) - dt.timedelta(days=self._rng.randint(1, 330))
        self._count += 1
        return Person(
            id=f"p{self._count:04}",
            name=self._name(sex, like),
            sex=sex,
            born=born,
            adult=adult,
            origin=origin,
            occupation=self._rng.choice(OCCUPATIONS) if adult and self._rng.random() < 0.7 else ("", ""),
            married=adult and years >= 25 and self._rng.random() < 0.8,
        )

    def household(self, demographics: Sequence[str], day: dt.date, origin: str) -> list[Person]:
        """People of one family: a man, his brothers and sisters, and his children, as far as asked for."""
        order = sorted(demographics, key=("men", "women", "boys", "girls").index)
        minors = sum(d in {"boys", "girls"} for d in order)
        people: list[Person] = []
        brethren: FullName | None = None
        children: FullName | None = None
        for demographic in order:
            if demographic in {"men", "women"}:
                age = self._rng.randint(36, 52) if minors else -1
                person = self.person(demographic, day, origin, brethren, age)
                if brethren is None and person.name and demographic == "men":
                    brethren = person.name
                    children = FullName(person.name.given, person.name.given, person.name.father, person.name.family)
            else:
                person = self.person(demographic, day, origin, children)
                children = children or person.name
            people.append(person)
        return people

    def named(self, given: str, family: str, day: dt.date, origin: str) -> Person:
        """A man under a given and a family name that were kept for him."""
        person = self.person("men", day, origin)
        if person.name is None:
            raise CasualtyError("an unnamed person can't be renamed")
        known = next(f for f in self._families if f.ar == family)
        return replace(person, name=replace(person.name, given=self.given(given), family=known))

    def brothers(self, given: Sequence[str], births: Sequence[dt.date], origin: str) -> list[Person]:
        """Men with one father, grandfather and family name."""
        names = [self.given(arabic) for arabic in given]
        families = [f for f in self._families if not any((f.ar, n.lookalike) in self._taken for n in names)]
        family = self._rng.choice(families)
        others = [n for n in self._given["male"] if n.lookalike not in {name.lookalike for name in names}]
        father, grandfather = self._rng.sample(others, 2)
        people = []
        for name, born in zip(names, births, strict=True):
            self._taken.add((family.ar, name.lookalike))
            self._count += 1
            full = FullName(name, father, grandfather, family)
            people.append(Person(f"p{self._count:04}", full, "male", born, True, origin, married=True))
        return people

    def namesakes(self, day: dt.date, origin: str) -> list[Person]:
        """A man and a boy whose names are the same down to the father's; only their grandfathers' differ."""
        man = self.person("men", day, origin, age=44)
        boy = self.person("boys", day, origin, age=9)
        return [man, replace(boy, name=self._other(man.name, "grandfather"))]

    def cousins(self, day: dt.date, origin: str) -> list[Person]:
        """Two men of one given and family name and one grandfather, with different fathers."""
        one = self.person("men", day, origin, age=31)
        two = self.person("men", day, origin, age=52)
        return [one, replace(two, name=self._other(one.name, "father"))]

    def _other(self, name: FullName | None, part: str) -> FullName:
        if name is None:
            raise CasualtyError("an unnamed person has no namesake")
        used = {name.given.lookalike, name.father.lookalike, name.grandfather.lookalike}
        other = self._rng.choice([n for n in self._given["male"] if n.lookalike not in used])
        return replace(name, father=other) if part == "father" else replace(name, grandfather=other)

    def unnamed(self, demographic: str, persons: int, origin: str) -> Person:
        """People whom nobody could name, counted in footage (R7)."""
        self._count += 1
        sex = "male" if demographic in {"men", "boys"} else "female"
        adult = demographic in {"men", "women"}
        return Person(f"p{self._count:04}", None, sex, None, adult, origin, persons=persons)
