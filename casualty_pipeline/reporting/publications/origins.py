"""Civilians killed by governorate of ORIGIN, per 100,000 people registered there (R1).

The population is the profile's (`report/population.toml`): a register and its date, both named wherever a rate stands. What
doesn't belong here: tolls by governorate where killed, which are figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import Profile
from casualty_pipeline.reporting.document import Block, Grid, Paragraph, Row, Section
from casualty_pipeline.reporting.publications.pages import Speaker
from casualty_pipeline.reporting.texts import read_toml
from casualty_pipeline.warehouse import Reading

PER, DECIMALS = 100_000, 2  # a rate is per so many people, and has so many decimals
_KILLED = """
    select coalesce(origin_governorate, '') as origin, cast(sum(persons) as integer) as persons
    from attributed.victims where in_civilians and documentation_month in (select unnest($months))
    group by all order by all
"""


@dataclass(frozen=True)
class Population:
    """People registered by p-code, in thousands; what the register is called, by language; the day that it was read."""

    thousands: Mapping[str, int]
    register: Mapping[str, str]
    day: date


@dataclass(frozen=True)
class Origins:
    """Civilians killed by p-code of origin, empty where no source says; and the population that they are set against."""

    killed: Mapping[str, int]
    population: Population


def population_of(profile: Profile) -> Population | None:
    """The profile's population by governorate of origin; None where it has none.

    Raises CasualtyError for a governorate that is missing or unknown, a number that isn't above zero, a missing label.
    """
    path = profile.folder / "report" / "population.toml"
    if not path.is_file():
        return None
    given = read_toml(path)
    thousands, register, day = given.get("thousands", {}), given.get("register", {}), given.get("date")
    if not isinstance(thousands, dict) or not isinstance(register, dict) or not isinstance(day, date):
        raise CasualtyError(f"{path}: expected a date, and the tables [register] and [thousands]")
    wrong = sorted(set(thousands) ^ set(profile.governorate))
    if wrong:
        raise CasualtyError(f"{path}: [thousands]: expected a number for each governorate of the profile; see {wrong[0]!r}")
    bad = [pcode for pcode, number in thousands.items() if not isinstance(number, int) or number <= 0]
    if bad:
        raise CasualtyError(
            f"{path}: [thousands]: {bad[0]}: expected a whole number above zero, found {thousands[bad[0]]!r}"
        )
    missing = [language for language in profile.languages if not register.get(language)]
    if missing:
        raise CasualtyError(f"{path}: [register] has no text in the language {missing[0]!r}")
    return Population(thousands, register, day)


def origins_of(reading: Reading, profile: Profile, months: Sequence[str]) -> Origins | None:
    """Civilians of these months by governorate of origin; None where the profile has no population."""
    population = population_of(profile)
    if population is None:
        return None
    return Origins(dict(reading.frame(_KILLED, {"months": list(months)}).iter_rows()), population)


def rate(killed: int, thousands: int) -> float:
    """Killed per 100,000, rounded half up on whole numbers to DECIMALS."""
    scale: int = 10**DECIMALS
    people = 1000 * thousands
    rounded: int = (2 * killed * PER * scale + people) // (2 * people)
    return rounded / scale


def origins_section(speak: Speaker, origins: Origins, period: str) -> Section:
    """The ranking sentence and the table, the highest rate first; those of unknown origin beneath, with no rate."""
    voice, grammar, people = speak.voice, speak.voice.grammar, origins.population
    found = [
        (g.pcode, origins.killed.get(g.pcode, 0), rate(origins.killed.get(g.pcode, 0), people.thousands[g.pcode]))
        for g in speak.profile.governorates
    ]
    ranked = sorted(found, key=lambda row: -row[2])

    def rated(value: float) -> Markup:
        return Markup('<data value="{}">{}</data>').format(repr(value), grammar.number(value, DECIMALS))

    rows = [
        Row(
            Markup.escape(voice.governorate(pcode)),
            (speak.number(killed), speak.number(1000 * people.thousands[pcode]), rated(value)),
        )
        for pcode, killed, value in ranked
    ]
    known = {g.pcode for g in speak.profile.governorates}
    elsewhere = sum(killed for pcode, killed in origins.killed.items() if pcode not in known)
    if elsewhere:
        rows.append(Row(speak.say("capita_unknown"), (speak.number(elsewhere), Markup("–"), Markup("–"))))
    columns = ("origin", "civilians", "registered", "per_capita")
    grid = Grid(speak.say("capita_table", period=period), tuple(speak.say(f"column_{c}") for c in columns), tuple(rows))
    register = {"register": people.register[speak.language], "date": grammar.date(people.day)}
    blocks: list[Block] = [Paragraph(speak.say("capita_introduction", period=period, **register)), grid]
    if ranked[0][2]:
        top = [row for row in ranked if row[2] == ranked[0][2]]
        named = voice.join([voice.governorate(pcode) for pcode, _, _ in top])
        lead = speak.say("capita_highest", governorates=named, rate=rated(top[0][2]))
        blocks.insert(0, Paragraph(lead, "lead"))
    blocks.append(Paragraph(speak.say("capita_note"), "note"))
    return Section("origins", speak.say("capita_heading"), blocks)
