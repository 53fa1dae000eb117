"""Makes every file of an open bundle, in memory. What belongs here: which files there are. What doesn't: writing them."""

import hashlib
from datetime import UTC, datetime

from casualty_pipeline.reporting.document import Document, Picture
from casualty_pipeline.reporting.exports import figures_csv, figures_xlsx, notices
from casualty_pipeline.reporting.html import render
from casualty_pipeline.reporting.labels import require_labels
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.open_data.datapackage import datapackage
from casualty_pipeline.reporting.open_data.geojson import Geometry, governorates_geojson
from casualty_pipeline.reporting.open_data.tables import figures_json, hxl_csv, parquet
from casualty_pipeline.reporting.pdf import render_pdf
from casualty_pipeline.reporting.readable import presentable
from casualty_pipeline.reporting.runs import plain
from casualty_pipeline.reporting.sections import MonthPage
from casualty_pipeline.reporting.voice import Voice
from casualty_pipeline.reporting.wording import profile_wording


def open_bundle(report: MonthReport, geometry: Geometry | None = None) -> dict[str, bytes]:
    """Every file of the month's open bundle by its path in the bundle; SHA256SUMS last, over all the others.

    The same report gives the same bytes: nothing in them depends on the clock, the locale, the machine's fonts or the
    order of the rows. It holds figures and massacres, no person. Raises CasualtyError for a missing figure, label or
    text, which it names.
    """
    require_labels(report.profile)
    report = presentable(report)
    pages = {language: MonthPage(report, language) for language in report.profile.languages}
    documents = {language: page.document() for language, page in pages.items()}
    wording = profile_wording(report.profile)
    voices = [Voice(language, report.profile, wording) for language in pages]
    labels = {voice.language: _labels(report, voice) for voice in voices}
    figures = {"figures.csv": figures_csv(report.figures), "figures.json": figures_json(report, voices, labels)}
    contents: dict[str, bytes] = {}
    for voice, (language, document) in zip(voices, documents.items(), strict=True):
        contents[f"report.{language}.html"] = render(document, labels[language]).encode()
        running = f"{plain(document.kind)} · {voice.grammar.month(report.month)}"
        contents[f"report.{language}.pdf"] = render_pdf(document, running, _day(report.month), figures)
        contents |= _charts(document)
    contents |= figures | {
        "figures.hxl.csv": hxl_csv(report.figures),
        "figures.xlsx": figures_xlsx(report, documents),
        "figures.parquet": parquet(report),
        "governorates.geojson": governorates_geojson(report, geometry),
    }
    if report.synthetic:
        contents["NOTICE.txt"] = "\n".join(notices(report.profile)).encode() + b"\n"
    contents["datapackage.json"] = datapackage(report, contents)
    sums = "".join(f"{hashlib.sha256(contents[name]).hexdigest()}  {name}\n" for name in sorted(contents))
    return contents | {"SHA256SUMS": sums.encode()}


def _day(month: str) -> datetime:
    """The date that the files bear: the month's first day, since a moment of writing would change their bytes."""
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)


def _labels(report: MonthReport, voice: Voice) -> dict[str, str]:
    """What each figure counts, in words, by its address."""
    return {figure.address: str(voice.figure_label(figure).unescape()) for figure in (*report.numbers, *report.series)}


def _charts(document: Document) -> dict[str, bytes]:
    """The drawings as files of their own: `charts/toll-1.en.svg`."""
    found: dict[str, bytes] = {}
    for section in document.sections:
        pictures = [block for block in section.blocks if isinstance(block, Picture)]
        for number, picture in enumerate(pictures, 1):
            found[f"charts/{section.anchor}-{number}.{document.language}.svg"] = str(picture.svg).encode() + b"\n"
    return found
