"""The pages over all published editions: the index, the series of first published against current, the Atom feed.

What belongs here: which files these are, and what they state. They are read from what `reports.editions`,
`monthly.vintages` and `monthly.restatements` hold of `published/`, and can be written again at any time.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

from casualty_pipeline.editions.shelf import publishing_alone
from casualty_pipeline.home import Home
from casualty_pipeline.reporting import charts
from casualty_pipeline.reporting.document import Block, Code, Document, Grid, Paragraph, Picture, Row, Section
from casualty_pipeline.reporting.publications.pages import About, Speaker, digest_of, files_of, html_of, write_files
from casualty_pipeline.reporting.texts import catalogue
from casualty_pipeline.warehouse import Reading, Warehouse

INDEX, SERIES, FEED = "index", "series", "feed.xml"
_DRAWN = 12  # months in a chart; the table beside it has all of them
_POPULATIONS = {"civilians": "civilian", "torture": "person", "massacres": "massacre"}
_FORMATS = (("HTML", "report.{}.html"), ("PDF", "report.{}.pdf"), ("XLSX", "figures.xlsx"), ("CSV", "figures.csv"))
_TOTAL = """
    period = month and party = '' and category = '' and governorate = '' and demographic = 'all' and measure = 'count'
    and population in ('civilians', 'torture', 'massacres')
"""
_EDITIONS = """
    select month, edition, as_of, published_at, methodology, synthetic, figures_changed, signed, manifest, previous, folder
    from reports.editions order by month desc, edition desc
"""
_VINTAGES = f"select month, edition, population, value from monthly.vintages where {_TOTAL} order by all"
_CAUSES = f"""
    select month, population, cause, cause_id, known_at, share from monthly.restatements where {_TOTAL}
    order by month, population, edition, place, cause, cause_id
"""


@dataclass(frozen=True)
class Shelf:
    """What was published: editions (newest first), totals by (month, population) and edition, causes of their changes."""

    editions: Sequence[dict[str, Any]]
    totals: Mapping[tuple[str, str], Mapping[int, float]]
    causes: Mapping[tuple[str, str], Sequence[dict[str, Any]]]

    def newest(self) -> list[dict[str, Any]]:
        """The newest edition of each month, the newest month first."""
        return [next(found) for _, found in groupby(self.editions, key=lambda e: e["month"])]


def write_index(home: Home, say: Callable[[str], None] = lambda _: None) -> None:
    """Write `index.html`, the pages of index and series in every language, and `feed.xml` beneath `published/`.

    Every file is put in place by a rename. The same editions give the same bytes. Where nothing was published yet, nothing
    is written. To be called after `record_editions`, whose tables it reads. One process at a time reads and writes, so that
    the pages never fall back behind an edition; it waits and raises as `publishing_alone` does. Raises CasualtyError when
    there is no warehouse.
    """
    with publishing_alone(home, say):
        with Warehouse(home.warehouse).reading() as reading:
            shelf = _shelf(reading)
        if shelf.editions:
            write_files(home.published, index_files(home, shelf))


def index_files(home: Home, shelf: Shelf) -> dict[str, bytes]:
    """Every file over all editions, by its name."""
    newest: datetime = max(e["published_at"] for e in shelf.editions)
    about = About(
        home.profile,
        any(e["synthetic"] for e in shelf.editions),
        digest_of(*sorted(e["manifest"] for e in shelf.editions)),
        newest.date(),
    )
    languages = home.profile.languages
    contents = html_of([_index(Speaker(about, language), shelf) for language in languages], INDEX)
    contents[f"{INDEX}.html"] = contents[f"{INDEX}.{languages[0]}.html"]
    contents |= files_of(about, SERIES, lambda language: _series(Speaker(about, language), shelf))
    contents[FEED] = _feed([Speaker(about, language) for language in languages], shelf, _address(home))
    return contents


def _shelf(reading: Reading) -> Shelf:
    totals: dict[tuple[str, str], dict[int, float]] = {}
    for month, edition, population, value in reading.frame(_VINTAGES).iter_rows():
        totals.setdefault((month, population), {})[edition] = value
    causes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in reading.frame(_CAUSES).to_dicts():
        causes.setdefault((row["month"], row["population"]), []).append(row)
    return Shelf(reading.frame(_EDITIONS).to_dicts(), totals, causes)


def _address(home: Home) -> str:
    """Where `published/` is served: `address` of [publication] in casualty.toml, with a slash at its end; else empty."""
    given = home.publication.get("address", "")
    return f"{str(given).rstrip('/')}/" if given else ""


def _index(speak: Speaker, shelf: Shelf) -> Document:
    voice = speak.voice
    sections = []
    for year, found in groupby(shelf.editions, key=lambda e: e["month"][:4]):
        rows = []
        for _, of_month in groupby(found, key=lambda e: e["month"]):
            rows += [_edition_row(speak, one, level) for level, one in zip((0, *[1] * 99), of_month, strict=False)]
        columns = ("edition", "published_on", "known_until", "figures_changed", "read")
        grid = Grid(
            speak.say("index_table", year=year), tuple(speak.say(f"column_{column}") for column in columns), tuple(rows)
        )
        sections.append(Section(f"editions-{year}", speak.say("index_year", year=year), (grid,)))
    months = sorted({e["month"] for e in shelf.editions})
    lead = speak.say(
        "index_introduction",
        reports=voice.said(len(months), "report", "oblique"),
        editions=voice.said(len(shelf.editions), "edition", "oblique"),
        report_number=voice.grammar.number(len(months)),
        edition_number=voice.grammar.number(len(shelf.editions)),
        months=voice.grammar.month(months[0])
        if len(months) == 1
        else speak.say("month_span", first=voice.grammar.month(months[0]), last=voice.grammar.month(months[-1])),
        organisation=voice.grammar.capital(voice.organisation),
    )
    links = (
        Paragraph(lead, "lead"),
        Paragraph(
            speak.say(
                "index_links",
                series=_link(f"{SERIES}.{speak.language}.html", speak.say("series_name")),
                feed=_link(FEED, speak.say("feed_name")),
            )
        ),
        Paragraph(speak.say("index_proof")),
        Code("casualty editions --verify"),
    )
    first = Section("about", speak.say("index_about"), links)
    return speak.page(INDEX, (first, *sections), "index_kind", speak.say("index_title"))


def _edition_row(speak: Speaker, one: Mapping[str, Any], level: int) -> Row:
    name = speak.say(
        "index_edition", month=speak.voice.grammar.month(one["month"]), edition=speak.voice.grammar.number(one["edition"])
    )
    links = Markup(" · ").join(_link(_file(one, path.format(speak.language)), label) for label, path in _FORMATS)
    return Row(
        name,
        (
            speak.day(one["published_at"]),
            speak.day(one["as_of"]),
            speak.number(one["figures_changed"]),
            links,
        ),
        level=level,
    )


def _file(one: Mapping[str, Any], path: str) -> str:
    return f"{one['folder'].removeprefix('published/')}/open/{path}"


def _link(to: str, text: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(to, text)


def _series(speak: Speaker, shelf: Shelf) -> Document:
    sections = [Section(p, speak.say(f"population_{p}"), _population(speak, shelf, p)) for p in _POPULATIONS]
    how = (
        Paragraph(speak.say("series_introduction"), "lead"),
        Paragraph(speak.say("series_trace")),
        Code(f"casualty diff --month {shelf.editions[0]['month']} --now"),
    )
    sections.insert(0, Section("about", speak.say("index_about"), how))
    return speak.page(SERIES, sections, "series_kind", speak.say("series_title"))


def _population(speak: Speaker, shelf: Shelf, population: str) -> Sequence[Block]:
    grammar = speak.voice.grammar
    months = sorted(month for month, counted in shelf.totals if counted == population)
    rows, bars, described, changed = [], list[charts.Bar](), [], []
    for month in months:
        vintages = shelf.totals[month, population]
        first, current = vintages[min(vintages)], vintages[max(vintages)]
        causes = shelf.causes.get((month, population), ())
        told = speak.say("cause_separator").join(_cause(speak, cause) for cause in causes)
        named = Markup.escape(grammar.month(month))
        rows.append(Row(named, (speak.number(first), speak.number(current), _change(speak, current - first))))
        if told:
            changed.append((named, speak.number(len(vintages)), told))
        if month in months[-_DRAWN:]:
            for number, (key, value) in enumerate((("series_first", first), ("series_current", current))):
                text = speak.say(key, value=grammar.number(value))
                bars.append(
                    charts.Bar(value, str(text), charts.SERIES[1 - number], grammar.month(month) if not number else "")
                )
            described.append(speak.say("series_described", month=grammar.month(month), first=grammar.number(first),
                                       current=grammar.number(current)))  # fmt: skip
    title = speak.say("series_table", population=speak.say(f"population_{population}"))
    columns = ("month", "first_published", "current", "difference")
    grid = Grid(title, tuple(speak.say(f"column_{column}") for column in columns), tuple(rows))
    description = " ".join(str(part.unescape()) for part in described)
    picture = Picture(charts.bars(str(title.unescape()), description, bars, grammar.direction), grid)
    if not changed:
        return (picture, Paragraph(speak.say("series_unchanged")))
    return (picture, speak.grid("series_changed", ("month", "editions", "causes"), changed))


def _change(speak: Speaker, change: float) -> Markup:
    return Markup('<data value="{:g}">{}</data>').format(change, _sign(change) + speak.voice.grammar.number(abs(change)))


def _sign(change: float) -> str:
    return "+" if change > 0 else "\N{MINUS SIGN}" if change < 0 else ""


def _signed(speak: Speaker, change: float) -> Markup:
    return speak.voice.isolated(f"{_sign(change)}{speak.voice.grammar.number(abs(change))}")


def _cause(speak: Speaker, cause: Mapping[str, Any]) -> Markup:
    return speak.say(
        "cause_dated" if cause["known_at"] else "cause",
        kind=speak.say(f"cause_{cause['cause']}"),
        id=speak.voice.isolated(cause["cause_id"]),
        date=speak.voice.grammar.date(cause["known_at"].date()) if cause["known_at"] else "",
        share=_signed(speak, cause["share"]),
    )


def _feed(speakers: Sequence[Speaker], shelf: Shelf, address: str) -> bytes:
    """Atom (RFC 4287): an entry for each edition, the newest first, its title in every language."""
    first = speakers[0]
    in_order = sorted(shelf.editions, key=lambda e: (e["published_at"], e["month"], e["edition"]), reverse=True)
    root = next((e["manifest"] for e in shelf.editions if not e["previous"]), in_order[-1]["manifest"])
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(first.language)}>',
        f"<id>{_urn(root, 'feed')}</id>",
        f"<title>{_in_each(speakers, 'index_title')}</title>",
        f"<updated>{_moment(in_order[0]['published_at'])}</updated>",
        f"<author><name>{escape(first.voice.organisation)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(address + FEED)}/>',
        *(f'<link rel="alternate" type="text/html" hreflang={quoteattr(s.language)}'
          f' href={quoteattr(f"{address}{INDEX}.{s.language}.html")}/>' for s in speakers),
    ]  # fmt: skip
    if first.about.synthetic:
        lines.append(f"<subtitle>{escape(' '.join(catalogue(s.language)['synthetic'] for s in speakers))}</subtitle>")
    for one in in_order:
        lines += ["<entry>", *_entry(speakers, shelf, one, address), "</entry>"]
    return ("\n".join(lines) + "\n</feed>\n").encode()


def _entry(speakers: Sequence[Speaker], shelf: Shelf, one: Mapping[str, Any], address: str) -> list[str]:
    titles, told = [], []
    civilians = shelf.totals.get((one["month"], "civilians"), {}).get(one["edition"], 0)
    for speak in speakers:
        grammar = speak.voice.grammar
        named = {"month": grammar.month(one["month"]), "edition": grammar.number(one["edition"])}
        titles.append(str(speak.say("index_edition", **named).unescape()))
        toll = speak.voice.said(int(civilians), "civilian", "oblique")
        changed = speak.voice.said(one["figures_changed"], "figure")
        key = "feed_first" if one["edition"] == 1 else "feed_changed"
        told.append(str(speak.say(key, toll=toll, figures=changed, **named).unescape()))
    return [
        f"<id>{_urn(one['manifest'], 'edition')}</id>",
        f"<title>{escape(' · '.join(titles))}</title>",
        f"<published>{_moment(one['published_at'])}</published>",
        f"<updated>{_moment(one['published_at'])}</updated>",
        *(f'<link rel="alternate" type="text/html" hreflang={quoteattr(s.language)}'
          f' href={quoteattr(address + _file(one, f"report.{s.language}.html"))}/>' for s in speakers),
        f"<summary>{escape(' '.join(told))}</summary>",
    ]  # fmt: skip


def _in_each(speakers: Sequence[Speaker], key: str) -> str:
    return escape(" · ".join(str(speak.say(key).unescape()) for speak in speakers))


def _moment(at: datetime) -> str:
    return f"{at.isoformat(timespec='seconds')}Z"


def _urn(sha256: str, what: str) -> str:
    """An id that stays as it is wherever the feed is served: a UUID (version 5) of the manifest's hash."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'casualty:{what}:{sha256}')}"
