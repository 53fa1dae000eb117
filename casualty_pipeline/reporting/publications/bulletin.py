"""The daily bulletin: the deaths that were documented on one day, by party and by governorate. No names."""

from datetime import date

import polars as pl
from markupsafe import Markup

from casualty_pipeline.home import Home
from casualty_pipeline.reporting.document import Block, Bullets, Document, Grid, Heading, Paragraph, Row, Section
from casualty_pipeline.reporting.exports import figures_csv
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.publications.computing import figures_of_day
from casualty_pipeline.reporting.publications.pages import About, Speaker, digest_of, files_of, is_synthetic
from casualty_pipeline.reporting.sections.closing import linked_figures
from casualty_pipeline.reporting.sections.governorates import governorates
from casualty_pipeline.reporting.sections.parties import items
from casualty_pipeline.reporting.sections.telling import Telling
from casualty_pipeline.warehouse import Warehouse


def bulletin(home: Home, day: date) -> dict[str, bytes]:
    """The bulletin of a day: HTML and PDF in every language, and `figures.csv` in the figure schema.

    Raises CasualtyError when the day's month wasn't run.
    """
    with Warehouse(home.warehouse).reading() as reading:
        figures, undated = figures_of_day(reading, home.profile, day)
        synthetic = is_synthetic(reading, home)
    csv = figures_csv(figures)
    about = About(home.profile, synthetic, digest_of(csv.decode(), str(undated)), day)
    return files_of(about, "bulletin", lambda language: _page(about, figures, undated, language), {"figures.csv": csv})


class _Day(Telling):
    """The sections of the report, told of a day."""

    def __init__(self, about: About, figures: pl.DataFrame, language: str) -> None:
        day = about.day.isoformat()
        none = figures.clear()
        super().__init__(MonthReport(about.profile, day, figures, none, (), (), about.synthetic, about.digest), language)
        self.month_name = self.voice.grammar.date(about.day)


def _page(about: About, figures: pl.DataFrame, undated: int, language: str) -> Document:
    tell, speak = _Day(about, figures, language), Speaker(about, language)
    total = tell.figures.get(tell.month, "civilians")
    sections = [
        Section("toll", tell.say("toll_heading"), _toll(tell, total, undated)),
        Section("others", tell.say("bulletin_others"), _others(tell)),
        Section("trace", tell.say("bulletin_how"), _how(tell)),
    ]
    return speak.page("bulletin", sections, "bulletin_kind", tell.say("bulletin_title"))


def _toll(tell: Telling, total: Figure, undated: int) -> list[Block]:
    voice = tell.voice
    if not total.count:
        blocks: list[Block] = [Paragraph(tell.zero("bulletin_none", total), "lead")]
    else:
        said = voice.toll(tell.figures, total, "oblique", gloss=True)
        lead = tell.say("bulletin_summary", form=voice.grammar.plural(total.count), toll=said)
        listed = items(
            tell, "civilians", lambda figure: voice.toll(tell.figures, figure, dress=voice.grammar.capital, by_sex=True)
        )
        blocks = [Paragraph(lead, "lead"), Heading(tell.say("by_party_heading")), Bullets(listed), _parties(tell, total)]
        blocks += [Heading(tell.say("governorates_heading")), *governorates(tell, total, "bulletin_map")]
    if undated:
        count = voice.said(undated, "civilian", "oblique")
        month = voice.grammar.month(tell.month[:7])
        blocks.append(Paragraph(tell.say("bulletin_undated", count=count, of=month), "note"))
    return blocks


def _parties(tell: Telling, total: Figure) -> Grid:
    parties = [p.id for kind in ("main", "other") for p in tell.parties(kind)]
    parties[len(tell.parties("main")) : len(tell.parties("main"))] = tell.figures.joint_parties(tell.month, "civilians")
    rows = [
        Row(Markup.escape(tell.voice.label(party)), tell.demographic_cells(tell.figures.get(tell.month, "civilians", party)))
        for party in parties
    ]
    rows.append(Row(tell.say("row_total"), tell.demographic_cells(total), total=True))
    columns = ("column_party", "column_civilians", "column_children", "column_women")
    return Grid(tell.say("bulletin_parties"), tuple(tell.say(c) for c in columns), tuple(rows))


def _others(tell: Telling) -> list[Block]:
    """Torture and the special groups: each with its number, a zero too (R3, R27)."""
    torture = tell.figures.get(tell.month, "torture")
    rows = [Row(tell.say("population_torture"), (tell.voice.cell(torture),))]
    for group in tell.special_groups():
        figure = tell.figures.get(tell.month, group.id)
        rows.append(Row(Markup.escape(group.label[tell.voice.language]), (tell.voice.cell(figure),)))
    columns = (tell.say("column_figure"), tell.say("column_persons"))
    beside = "inside" if tell.profile.counting.counts_in_civilian_total else "beside"
    return [Grid(tell.say("bulletin_others_table"), columns, tuple(rows)), Paragraph(tell.say(f"method_torture_{beside}"))]


def _how(tell: Telling) -> list[Block]:
    link = Markup('<a href="figures.csv"><bdi>figures.csv</bdi></a>')
    texts = ("bulletin_method", "method_minimum", "bulletin_month")
    files = Paragraph(tell.say("bulletin_files", csv=link))
    return [*(Paragraph(tell.say(key)) for key in texts), files, *linked_figures(tell)]
