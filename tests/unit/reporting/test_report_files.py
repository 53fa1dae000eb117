"""The files of a month: complete, repeatable, safe to open."""

import csv
import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.reporting import Written, charts, write_month
from casualty_pipeline.reporting.comparison import comparison_document
from casualty_pipeline.reporting.exports import figures_csv, figures_xlsx, sorted_figures
from casualty_pipeline.reporting.html import render
from casualty_pipeline.tables import FIGURE_COLUMNS
from tests.unit.reporting import reporting_fixtures as invented

CHARTS = ("toll-1", "toll-2", "toll-3", "torture-1", "massacres-1")


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))


def one_figure(text: str, value: float) -> pl.DataFrame:
    row = dict.fromkeys(FIGURE_COLUMNS[:-1], "") | {"period": "2020-03", "category": text}
    return pl.DataFrame([{**row, "value": value}])


def test_the_same_month_gives_the_same_bytes(march_files: dict[str, Written], tmp_path: Path) -> None:
    report = invented.march()
    shuffled = replace(report, figures=report.figures.sample(fraction=1, shuffle=True, seed=1))
    again = write_month(shuffled, tmp_path, invented.published(report.profile), contradictions=invented.CONTRADICTIONS)
    for item in again:
        assert item.path.read_bytes() == march_files[item.path.name].path.read_bytes(), item.path.name
    assert len(again) == len(march_files)


def test_every_file_is_listed_with_language_and_format(march_files: dict[str, Written]) -> None:
    listed = {name: (item.language, item.format) for name, item in march_files.items()}
    assert listed == {
        "report.en.html": ("en", "html"),
        "report.ar.html": ("ar", "html"),
        "report.en.pdf": ("en", "pdf"),
        "report.ar.pdf": ("ar", "pdf"),
        **{f"{chart}.{language}.svg": (language, "svg") for chart in CHARTS for language in ("en", "ar")},
        "comparison.en.html": ("en", "html"),
        "comparison.ar.html": ("ar", "html"),
        "figures.csv": ("all", "csv"),
        "figures.hxl.csv": ("all", "csv"),
        "figures.xlsx": ("all", "xlsx"),
        "figures.json": ("all", "json"),
        "figures.parquet": ("all", "parquet"),
        "governorates.geojson": ("all", "geojson"),
        "datapackage.json": ("all", "json"),
        "SHA256SUMS": ("all", "sha256"),
        "NOTICE.txt": ("all", "txt"),
    }
    folder = march_files["figures.csv"].path.parent
    assert {path.name for path in folder.rglob("*") if path.is_file()} == set(march_files)


def test_what_an_earlier_run_wrote_and_this_one_does_not_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "comparison.en.html").write_text("old")
    (tmp_path / "NOTICE.txt").write_text("old")
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "old-1.en.svg").write_text("old")
    written = write_month(invented.empty(), tmp_path, None)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {item.path for item in written}
    assert "NOTICE.txt" not in {item.path.name for item in written}


def test_nothing_is_written_when_the_report_fails(tmp_path: Path) -> None:
    report = replace(invented.march(), massacres=())
    with pytest.raises(CasualtyError):
        write_month(report, tmp_path / "out", None)
    assert not (tmp_path / "out").exists()


def test_csv_reads_back_as_the_figures(march_files: dict[str, Written]) -> None:
    header, *rows = rows_of(march_files["figures.csv"].path.read_bytes())
    assert tuple(header) == FIGURE_COLUMNS
    expected = sorted_figures(invented.march().figures)
    assert [tuple(row[:-1]) for row in rows] == [row[:-1] for row in expected.iter_rows()]
    assert [float(row[-1]) for row in rows] == expected["value"].to_list()
    assert not any(row[-1].endswith(".0") for row in rows)
    assert ["2020-03", "civilians", "other", "", "", "all", "percent", "52.41"] in rows


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8), st.integers(0, 10**9))
def test_no_cell_of_the_csv_is_a_formula(text: str, value: int) -> None:
    _, row = rows_of(figures_csv(one_figure(text, float(value))))
    assert row[3][:1] not in {"=", "+", "-", "@", "\t", "\r"}
    assert row[3].removeprefix("'") == text.removeprefix("'") or "\r" in text
    assert row[-1] == str(value)


def test_xlsx_reads_back_as_the_figures(march_files: dict[str, Written]) -> None:
    book = openpyxl.load_workbook(march_files["figures.xlsx"].path)
    assert book.sheetnames == ["notice", "English", "العربية", "figures", "codebook"]
    header, *rows = book["figures"].iter_rows(values_only=True)
    assert header == FIGURE_COLUMNS
    read = [(*(cell or "" for cell in row[:-1]), row[-1]) for row in rows]
    assert read == sorted_figures(invented.march().figures).rows()
    explained = {(row[0], row[1] or "") for row in book["codebook"].iter_rows(values_only=True)}
    assert {("population", ""), ("party", "russia"), ("governorate", "SY07")} <= explained


def test_xlsx_holds_no_formula() -> None:
    report = invented.empty()
    hostile = one_figure("=1+1", 1.0)
    content = io.BytesIO(figures_xlsx(replace(report, figures=pl.concat([report.figures, hostile])), {}))
    book = openpyxl.load_workbook(content)
    assert book.sheetnames == ["figures", "codebook"]
    cells = [cell for row in book["figures"].iter_rows() for cell in row if cell.value == "=1+1"]
    assert len(cells) == 1
    with zipfile.ZipFile(content) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


# -- comparison with published figures


def test_the_comparison_sets_published_figures_beside_ours(march_files: dict[str, Written]) -> None:
    html = march_files["comparison.en.html"].path.read_text(encoding="utf-8")
    assert '<span class="verdict different">different</span>' in html
    assert "A part is larger than its whole." in html
    arabic = march_files["comparison.ar.html"].path.read_text(encoding="utf-8")
    assert "الجزء أكبر من الكل." in arabic
    assert html.count("<tr>") == arabic.count("<tr>")


def test_the_comparison_counts_what_is_equal_different_and_not_given() -> None:
    report = invented.march()
    published = pl.concat(
        [
            report.figures.filter((pl.col("party") == "russia") & (pl.col("demographic") == "all")).head(1),
            one_figure("invented", 3.0).with_columns(
                population=pl.lit("civilians"), demographic=pl.lit("all"), measure=pl.lit("count"),
                category=pl.lit("torture_unidentified"), party=pl.lit("other"),
            ),
            report.figures.filter(pl.col("population") == "torture").head(1).with_columns(value=pl.lit(1.0)),
        ]
    )  # fmt: skip
    html = render(comparison_document(report, published, (), "en"))
    assert "Three figures published for March 2020: 1 equal to ours, 1 different, 1 not given by us." in html
    assert "No contradiction was found" in html


def test_a_contradiction_needs_a_sentence_in_every_language() -> None:
    report = invented.march()
    with pytest.raises(CasualtyError, match="'ar'"):
        comparison_document(report, report.figures.head(1), ({"en": "only English"},), "ar")


# -- charts


def test_a_chart_keeps_its_text_and_escapes_it() -> None:
    bar = charts.Bar(3, "ثلاثة <b> & co", "#123456", "مدنيون")
    svg = str(charts.bars("Title <x>", "What it shows", [bar], "rtl"))
    assert "<title>Title &lt;x&gt;</title><desc>What it shows</desc>" in svg
    assert "ثلاثة &lt;b&gt; &amp; co" in svg
    assert ">\u2067مدنيون\u2069</text>" in svg
    assert 'fill="#123456"' in svg


def test_importing_the_report_does_not_import_the_chart_library() -> None:
    code = "import sys, casualty_pipeline.reporting; print([m for m in ('vl_convert',) if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
