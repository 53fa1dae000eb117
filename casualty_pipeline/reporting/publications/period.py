"""The report of a year, or of half a year: the sections of the monthly report, told of its months together.

What belongs here: which months there are, which are missing, and what is said of that. The figures are computed by the SQL
of the months (`computing.py`), the sections are the monthly report's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.months import contiguous
from casualty_pipeline.home import Home
from casualty_pipeline.reporting.document import Block, Bullets, Document, Item, Paragraph, Section
from casualty_pipeline.reporting.exports import figures_csv
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.notable import notable_cases
from casualty_pipeline.reporting.publications.computing import figures_of_months, months_of, months_run
from casualty_pipeline.reporting.publications.origins import Origins, origins_of, origins_section
from casualty_pipeline.reporting.publications.pages import About, Speaker, digest_of, files_of
from casualty_pipeline.reporting.readable import presentable
from casualty_pipeline.reporting.sections.closing import trace
from casualty_pipeline.reporting.sections.groups import special_groups
from casualty_pipeline.reporting.sections.massacres import massacres
from casualty_pipeline.reporting.sections.telling import Telling
from casualty_pipeline.reporting.sections.toll import toll
from casualty_pipeline.reporting.sections.torture import torture
from casualty_pipeline.reporting.stage import month_report
from casualty_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class PeriodData:
    """What the report of a period states. `asked`: all its months; `missing`: those that weren't run."""

    period: str
    asked: Sequence[str]
    missing: Sequence[str]
    report: MonthReport
    origins: Origins | None


class PeriodTelling(Telling):
    """The sections of the monthly report, told of a period. The months there are stand for the whole of it."""

    def __init__(self, data: PeriodData, language: str) -> None:
        """Take the period's data."""
        super().__init__(data.report, language)
        year, _, half = data.period.partition("-H")
        self.month_name = str(self.voice.say(f"period_{half or 'year'}", year=year))
        self.tells_since_january = False


def period_report(home: Home, period: str) -> dict[str, bytes]:
    """The report of `2020`, `2020-H1` or `2020-H2`: HTML and PDF in every language, and `figures.csv`.

    Raises CasualtyError for what is no period, or when none of its months was run.
    """
    data = period_data(home, period)
    csv = figures_csv(data.report.figures)
    first = data.asked[0]
    about = About(home.profile, data.report.synthetic, data.report.digest, date(int(first[:4]), int(first[5:]), 1))
    return files_of(about, "report", lambda language: _page(about, data, language), {"figures.csv": csv})


def period_data(home: Home, period: str) -> PeriodData:
    """Everything that the report of a period states."""
    profile, asked = home.profile, months_of(period, home.profile)
    sources = known_sources(home)
    with Warehouse(home.warehouse).reading() as reading:
        run = months_run(reading)
        months = [month for month in asked if month in run]
        if not months:
            raise CasualtyError(
                f"no month of {period} was run: run them first (`casualty run --month {asked[0]} --through {asked[-1]}`)"
            )
        reports = [month_report(reading, profile, month, sources) for month in months]
        figures, cases = figures_of_months(reading, profile, months), notable_cases(reading, months)
        origins = origins_of(reading, profile, months)
    span = f"{months[0]}..{months[-1]}"
    totals = pl.concat([one.months.filter(pl.col("period") == one.month) for one in reports])
    affiliated: dict[tuple[str, str, str], int] = {}
    for one in reports:
        for *who, persons in one.affiliations:
            key = (who[0], who[1], who[2])
            affiliated[key] = affiliated.get(key, 0) + persons
    report = MonthReport(
        profile=profile,
        month=span,
        figures=figures,
        months=totals,
        massacres=tuple(massacre for one in reports for massacre in one.massacres),
        affiliations=tuple((*who, persons) for who, persons in sorted(affiliated.items())),
        synthetic=reports[0].synthetic,
        digest=digest_of(*(one.digest for one in reports)),
        cases=cases,
    )
    missing = [month for month in asked if month not in run]
    return PeriodData(period, asked, missing, presentable(report), origins)


def _page(about: About, data: PeriodData, language: str) -> Document:
    tell, speak = PeriodTelling(data, language), Speaker(about, language)
    sections = [
        _months(tell, data),
        toll(tell),
        *([origins_section(speak, data.origins, tell.month_name)] if data.origins else []),
        torture(tell),
        special_groups(tell),
        massacres(tell),
    ]
    total = tell.figures.get(tell.month, "civilians")
    toll_said = tell.voice.count(total, "civilian", "oblique", tell.voice.grammar.title)
    title = tell.say("title", toll=toll_said) if total.count else tell.zero("title_none", total)
    subtitle = tell.say("period_subtitle", range=tell.range())
    kind = "period_kind_year" if "-H" not in data.period else "period_kind_half"
    return speak.page("report", [*sections, trace(tell)], kind, title, subtitle)


def _months(tell: PeriodTelling, data: PeriodData) -> Section:
    """Which months were counted, and which are missing: their deaths are in no number of the report."""
    voice, grammar = tell.voice, tell.voice.grammar
    there = [month for month in data.asked if month not in data.missing]
    spans = [Item(voice.period(f"{first}..{last}")) for first, last in contiguous(there)]
    blocks: list[Block] = [
        Paragraph(tell.say("period_months", count=voice.said(len(there), "month", "oblique")), "lead"),
        Bullets(tuple(spans)),
    ]
    if data.missing:
        named = voice.join([voice.period(f"{first}..{last}") for first, last in contiguous(data.missing)])
        form = grammar.plural(len(data.missing))
        blocks.append(Paragraph(tell.say("period_missing", form=form, months=named), "minimum"))
    blocks += [Paragraph(tell.say(key)) for key in ("period_computed", "method_minimum")]
    return Section("months", tell.say("period_months_heading"), blocks)
