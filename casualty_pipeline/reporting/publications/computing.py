"""Figures of periods that `monthly.figures` doesn't hold: a day, half a year. By the very SQL that makes those of months.

What doesn't belong here: what is said of them.
"""

import re
from collections.abc import Sequence
from datetime import date

import duckdb
import polars as pl

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.days import DOCUMENTED, is_day
from casualty_pipeline.figures.months import months_between
from casualty_pipeline.figures.stage import register_cells
from casualty_pipeline.profile import Profile
from casualty_pipeline.tables import FIGURE_COLUMNS
from casualty_pipeline.warehouse import Reading, read_sql

_PERIOD = re.compile(r"([0-9]{4})(?:-H([12]))?")
# Massacres are left out: a later death can make one.
_OF_DAY = f"""
    select v.* replace ($day as documentation_month, false as in_massacre)
    from attributed.victims as v inner join ({DOCUMENTED}) as d on v.victim_id = d.victim_id
    where d.first_day = cast($day as date)
    order by v.victim_id
"""
_UNDATED = f"""
    select cast(coalesce(sum(v.persons), 0) as integer)
    from attributed.victims as v left join ({DOCUMENTED}) as d on v.victim_id = d.victim_id
    where v.documented_in = $documented_in and v.in_civilians and d.first_day is null
"""


def day_of(text: str, profile: Profile) -> date:
    """A day of the command line. Raises CasualtyError for what is no day, or lies before the profile begins."""
    try:
        day = date.fromisoformat(text) if is_day(text) else None
    except ValueError:
        day = None
    if day is None:
        raise CasualtyError(f"{text!r} is not a day; expected YYYY-MM-DD, for example 2020-03-05")
    if day.isoformat()[:7] < profile.start_month:
        raise CasualtyError(f"{text} lies before {profile.start_month}, with which the profile {profile.id!r} begins")
    return day


def months_of(period: str, profile: Profile) -> list[str]:
    """The months of `2020`, or of `2020-H1` or `2020-H2`; those before the profile begins are left out.

    Raises CasualtyError for what is no such period, or lies before the profile begins.
    """
    found = _PERIOD.fullmatch(period)
    if found is None:
        raise CasualtyError(f"{period!r} is not a period; expected a year or half of one: 2020, 2020-H1 or 2020-H2")
    year, half = found[1], found[2]
    first, last = {"1": ("01", "06"), "2": ("07", "12")}.get(half or "", ("01", "12"))
    if f"{year}-{last}" < profile.start_month:
        raise CasualtyError(f"{period} lies before {profile.start_month}, with which the profile {profile.id!r} begins")
    return [m for m in months_between(f"{year}-{first}", f"{year}-{last}") if m >= profile.start_month]


def require_run(reading: Reading, month: str) -> None:
    """Raises CasualtyError where a month wasn't run."""
    if month not in months_run(reading):
        raise CasualtyError(f"{month} wasn't run: run it first (`casualty run --month {month}`)")


def months_run(reading: Reading) -> set[str]:
    """The months that have figures."""
    return {m for (m,) in reading.connection.execute("select distinct month from monthly.figure_inputs").fetchall()}


def figures_of_day(reading: Reading, profile: Profile, day: date) -> tuple[pl.DataFrame, int]:
    """FIGURE_COLUMNS with the day as period, and how many civilians of its month have no day of documentation.

    Massacres have no figures of a day: a later death can make one. Raises CasualtyError where the month wasn't run.
    """
    text, month = day.isoformat(), day.isoformat()[:7]
    require_run(reading, month)
    victims = reading.frame(_OF_DAY, {"day": text, "documented_in": month})
    (undated,) = reading.connection.execute(_UNDATED, {"documented_in": month}).fetchall()[0]
    apart = Reading(duckdb.connect())
    try:
        apart.register(victims_of_day=victims, no_incidents=reading.frame("from attributed.incidents limit 0"))
        apart.connection.execute("create schema attributed")
        apart.connection.execute("create table attributed.victims as from victims_of_day")
        apart.connection.execute("create table attributed.incidents as from no_incidents")
        figures = _figures(apart, [(text, text, text)], profile)
    finally:
        apart.connection.close()
    return figures.filter(~pl.col("population").is_in(["massacres", "massacre_victims"])), undated


def figures_of_months(reading: Reading, profile: Profile, months: Sequence[str]) -> pl.DataFrame:
    """FIGURE_COLUMNS of the period from the first to the last of `months` (`2020-01..2020-06`), these months counted."""
    period = f"{months[0]}..{months[-1]}"
    return _figures(reading, [(months[-1], period, month) for month in months], profile)


def _figures(reading: Reading, targets: list[tuple[str, str, str]], profile: Profile) -> pl.DataFrame:
    schema = ["month", "period", "input_month"]
    register_cells(reading, pl.DataFrame(targets, schema=schema, orient="row"), profile)
    return reading.frame(f"select {', '.join(FIGURE_COLUMNS)} from ({read_sql('monthly.figures')}) order by all")
