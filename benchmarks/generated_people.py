"""Invented people who were killed, most of them beside their kin: the population that `generated_records` writes about.

Nobody here is real. What is assumed, so that a measurement on it can be judged:

- An *incident* has a day (in 48 months) and a place, and strikes one household or more (one in four); every second
  further household is of the first one's clan: same family and grandfather, another father. So cousins die together too.
- A *household* loses one to seven people; two of three people are killed beside a brother or a sister. Brothers and
  sisters share father, grandfather, family, place and day, and differ in given name, sex and date of birth only. Where four
  or more die, the father or the mother may be among them, she under the family name of her own father.
- The eldest son has his grandfather's name one time in four. One later child in 30 is the twin of the one before. One
  later child in 16, and four twins in ten, get a name easily confused with that of the one before (حسن and حسين) if it has
  one.
- Families number 20,000, of Zipf frequencies, each at home in one place; half of the incidents are at home. Given names
  fall off as in the region (one man in ten is a Muhammad), so unrelated people of one whole name are there as well.
- A death from wounds comes up to a month after the incident (three of a hundred).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from benchmarks.generated_names import FAMILIES, Names, family_names, given_names

FIRST_DAY, DAYS = np.datetime64("2016-01-01"), 1461
PLACES_PER_GOVERNORATE = 70
GOVERNORATES = (
    *("Aleppo", "Idlib", "Rural Damascus", "Homs", "Deir Ez-Zor", "Hama", "Daraa", "Raqqa", "Damascus"),
    *("Hasakah", "Latakia", "Quneitra", "Tartous", "Suwayda"),
)
_HOUSEHOLDS = (0.75, 0.15, 0.07, 0.03)  # of an incident: one, two, three, four
_LOST = (0.56, 0.16, 0.10, 0.07, 0.05, 0.04, 0.02)  # by a household: one to seven people
_PEOPLE_PER_INCIDENT = 2.6  # a little less than comes of the two lines above: rather too many people than too few
_FATHER, _MOTHER = 1, 2


@dataclass(frozen=True)
class Population:
    """People, one row each: `incident`, `household`, `place`, `death` and `birth` (days since FIRST_DAY), `man`, and
    numbers of names: `given` (of `men` or `women`), `father` and `grandfather` (of `men`), `family` (of `families`).
    """

    people: dict[str, np.ndarray]
    men: Names
    women: Names
    families: Names

    @property
    def size(self) -> int:
        """How many people."""
        return len(self.people["given"])


def places() -> pl.DataFrame:
    """`place`, `governorate`, by the number of the place; every name occurs once, neighbours are of one governorate."""
    before = ("", "Kafr ", "Tal ", "Deir ", "Ayn ", "Khan ", "Marj ")
    first = ("Nar", "Sab", "Hal", "Rum", "Bas", "Zay", "Qam", "Dar", "Shar", "Faw")
    last = ("a", "in", "iya", "oun", "aya", "ous", "eh", "ita", "ana", "oura", "ish", "al", "ein", "abad")
    names = [f"{b}{f}{e}" for b in before for f in first for e in last]
    count = len(GOVERNORATES) * PLACES_PER_GOVERNORATE
    return pl.DataFrame(
        {
            "place": [names[i * 137 % len(names)] for i in range(count)],
            "governorate": [GOVERNORATES[i // PLACES_PER_GOVERNORATE] for i in range(count)],
        }
    )


def population(dice: np.random.Generator, least: int) -> Population:
    """At least `least` people, in the order of their incidents."""
    men, women, families = given_names("m"), given_names("f"), family_names()
    incidents = int(least / _PEOPLE_PER_INCIDENT) + 10
    struck = _households(dice, incidents, men, families)
    lost = 1 + _pick(dice, _LOST, len(struck["incident"]))
    household = np.repeat(np.arange(len(lost), dtype=np.int32), lost)
    size, incident = len(household), struck["incident"][household]
    family, father, grandfather = (struck[c][household] for c in ("family", "father", "grandfather"))

    parent, man, child, eldest = _roles(dice, household, lost)
    given = np.where(man, men.draw(dice, size), women.draw(dice, size))
    given = np.where(eldest & (dice.random(size) < 0.25), grandfather, given)
    beside = (child > 0) & (np.roll(parent, 1) == 0)  # the one before is a brother or a sister
    twin = beside & (dice.random(size) < 1 / 30)
    like = np.where(
        man, men.partner[np.roll(given, 1) % len(men.partner)], women.partner[np.roll(given, 1) % len(women.partner)]
    )
    alike = beside & (man == np.roll(man, 1)) & (like >= 0) & (dice.random(size) < np.where(twin, 0.4, 1 / 16))
    given = np.where(alike, like, given)
    given = np.where(parent == _FATHER, father, given)
    father = np.where(parent == _FATHER, grandfather, np.where(parent == _MOTHER, men.draw(dice, size), father))
    grandfather = np.where(parent > 0, men.draw(dice, size), grandfather)
    family = np.where(parent == _MOTHER, families.draw(dice, size), family)

    places_count = len(GOVERNORATES) * PLACES_PER_GOVERNORATE
    home = np.random.default_rng(980).integers(0, places_count, FAMILIES)
    anywhere = (dice.random(incidents) ** 2 * places_count).astype(np.int32)
    first = np.searchsorted(struck["incident"], np.arange(incidents))
    place = np.where(dice.random(incidents) < 0.5, home[struck["family"][first]], anywhere)
    day = (dice.random(incidents) * DAYS).astype(np.int32)[incident]
    later = np.where(dice.random(size) < 0.03, dice.integers(1, 31, size), 0)
    born = day - (_ages(dice, household, lost, parent, child, twin) * 365.25).astype(np.int32)

    people = {
        "incident": incident, "household": household, "place": place[incident].astype(np.int32), "man": man,
        "death": np.minimum(day + later, DAYS - 1), "birth": born, "given": given, "father": father,
        "grandfather": grandfather, "family": family,
    }  # fmt: skip
    return Population(_told_apart(dice, people, men, women), men, women, families)


def _households(dice: np.random.Generator, incidents: int, men: Names, families: Names) -> dict[str, np.ndarray]:
    """`incident`, `family`, `grandfather`, `father` of the households struck, in the order of the incidents."""
    struck = 1 + _pick(dice, _HOUSEHOLDS, incidents)
    incident = np.repeat(np.arange(incidents, dtype=np.int32), struck)
    size = len(incident)
    first = np.repeat(np.cumsum(struck) - struck, struck)
    clan = np.where(dice.random(size) < 0.5, first, np.arange(size))  # whose family and grandfather it has
    return {
        "incident": incident,
        "family": families.draw(dice, size)[clan],
        "grandfather": men.draw(dice, size)[clan],
        "father": men.draw(dice, size),
    }


def _roles(
    dice: np.random.Generator, household: np.ndarray, lost: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(parent, man, child, eldest): 0 or which parent; sex; the how-manieth child from 0 on; whether the eldest son."""
    size = len(household)
    order = np.arange(size) - np.repeat(np.cumsum(lost) - lost, lost)
    father_dies = (lost >= 4) & (dice.random(len(lost)) < 0.35)
    mother_dies = (lost >= 4) & (dice.random(len(lost)) < 0.35)
    parent = np.where(father_dies[household] & (order == 0), _FATHER, 0)
    parent = np.where(mother_dies[household] & (order == father_dies[household]), _MOTHER, parent)
    man = np.where(parent > 0, parent == _FATHER, dice.random(size) < np.where(lost[household] == 1, 0.8, 0.56))
    is_child = pl.col("parent") == 0
    ranks = pl.DataFrame({"household": household, "parent": parent, "man": man}).select(
        child=pl.when(is_child).then(is_child.cum_sum().over("household").cast(pl.Int32) - 1).otherwise(-1),
        son=(is_child & pl.col("man")).cum_sum().over("household"),
    )
    return parent, man, ranks["child"].to_numpy(), (parent == 0) & man & (ranks["son"] == 1).to_numpy()


def _ages(
    dice: np.random.Generator,
    household: np.ndarray,
    lost: np.ndarray,
    parent: np.ndarray,
    child: np.ndarray,
    twin: np.ndarray,
) -> np.ndarray:
    """Ages in years: children about two years apart, parents older; who dies alone is mostly grown up."""
    size = len(household)
    youngest = np.where(dice.random(len(lost)) < 0.7, dice.random(len(lost)) * 15, 10 + dice.random(len(lost)) * 30)
    oldest = (2.2 * lost + youngest)[household]
    age = oldest - 2.2 * child + dice.random(size) - 0.5
    age = np.where(parent == _FATHER, oldest + 19 + 16 * dice.random(size), age)
    age = np.where(parent == _MOTHER, oldest + 17 + 13 * dice.random(size), age)
    age = np.where(lost[household] == 1, np.clip(dice.normal(33, 15, size), 0.1, 92), age)
    return np.where(twin, np.roll(age, 1), age)


def _told_apart(dice: np.random.Generator, people: dict[str, np.ndarray], men: Names, women: Names) -> dict[str, np.ndarray]:
    """People of one incident who would have one whole name get another given name; who can't is left out."""
    whole = ("incident", "family", "grandfather", "father", "man", "given")
    for _ in range(8):
        again = (
            ~pl.DataFrame({c: people[c] for c in whole}).select(pl.struct(whole).is_first_distinct()).to_series().to_numpy()
        )
        if not again.any():
            return people
        count = int(again.sum())
        people["given"] = people["given"].copy()
        people["given"][again] = np.where(people["man"][again], men.draw(dice, count), women.draw(dice, count))
    again = ~pl.DataFrame({c: people[c] for c in whole}).select(pl.struct(whole).is_first_distinct()).to_series().to_numpy()
    return {c: values[~again] for c, values in people.items()}


def _pick(dice: np.random.Generator, shares: tuple[float, ...], size: int) -> np.ndarray:
    """Numbers from 0 on, by their shares."""
    return np.searchsorted(np.cumsum(shares)[:-1], dice.random(size)).astype(np.int32)
