"""Our figures beside published ones, one by one. What belongs here: equal, different, not given.

What doesn't: finding contradictions among published figures; the sentences about them are given.
"""

from collections.abc import Mapping, Sequence

import polars as pl
from markupsafe import Markup

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.reporting.document import Block, Bullets, Document, Grid, Item, Paragraph, Row, Section
from casualty_pipeline.reporting.exports import sorted_figures
from casualty_pipeline.reporting.figures_view import Figure, Numbers
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.sections import page
from casualty_pipeline.reporting.voice import Voice
from casualty_pipeline.reporting.wording import profile_wording


def comparison_document(
    report: MonthReport, published: pl.DataFrame, contradictions: Sequence[Mapping[str, str]], language: str
) -> Document:
    """The comparison page of a month in one language. `contradictions` map languages to sentences.

    Raises CasualtyError for a contradiction without a sentence in the language.
    """
    voice = Voice(language, report.profile, profile_wording(report.profile))
    month = voice.grammar.month(report.month)
    ours, theirs = Numbers(sorted_figures(report.figures)), Numbers(published)
    pairs = [(figure, ours.at(figure.what)) for figure in theirs]
    verdicts = [_verdict(figure, our) for figure, our in pairs]
    extra = [figure for figure in ours if figure.value and not figure.governorate and theirs.at(figure.what) is None]
    table = Grid(
        voice.say("comparison_table"),
        tuple(voice.say(key) for key in ("column_figure", "column_published", "column_ours", "column_verdict")),
        tuple(
            Row(
                voice.figure_label(figure),
                (
                    Markup('<data value="{}">{}</data>').format(figure.digits, voice.number(figure)),
                    voice.cell(our) if our else Markup("–"),
                    Markup('<span class="verdict {}">{}</span>').format(verdict, voice.say(f"verdict_{verdict}")),
                ),
            )
            for (figure, our), verdict in zip(pairs, verdicts, strict=True)
        ),
    )
    summary = voice.say(
        "comparison_summary",
        month=month,
        total=voice.grammar.capital(voice.grammar.count(len(pairs), voice.noun("figure"))),
        **{
            place: voice.grammar.number(verdicts.count(verdict))
            for place, verdict in (("equal", "equal"), ("different", "different"), ("missing", "not_given"))
        },
    )
    sections = [
        Section(
            "summary",
            voice.say("comparison_summary_heading"),
            (
                Paragraph(voice.say("comparison_introduction", organisation=voice.organisation)),
                Paragraph(summary, "lead"),
            ),
        ),
        Section("contradictions", voice.say("contradictions_heading"), _contradictions(voice, contradictions)),
        Section("figures", voice.say("comparison_table_heading"), (table,)),
    ]
    if extra:
        rows = tuple(Row(voice.figure_label(figure), (voice.cell(figure),)) for figure in extra)
        grid = Grid(voice.say("comparison_extra"), (voice.say("column_figure"), voice.say("column_ours")), rows)
        sections.append(Section("unpublished", voice.say("comparison_extra_heading"), (grid,)))
    title = voice.say("comparison_title", month=month)
    return page(voice, report, "comparison", sections, kind=voice.say("comparison_kind"), title=title, subtitle=Markup())


def _verdict(published: Figure, ours: Figure | None) -> str:
    if ours is None:
        return "not_given"
    return "equal" if published.digits == ours.digits else "different"


def _contradictions(voice: Voice, contradictions: Sequence[Mapping[str, str]]) -> tuple[Block, ...]:
    if not contradictions:
        return (Paragraph(voice.say("contradictions_none")),)
    missing = [number for number, texts in enumerate(contradictions, 1) if not texts.get(voice.language)]
    if missing:
        raise CasualtyError(f"contradiction {missing[0]} has no sentence in the language {voice.language!r}")
    return (
        Paragraph(voice.say("contradictions_introduction")),
        Bullets(tuple(Item(Markup.escape(texts[voice.language])) for texts in contradictions)),
    )
