"""Great Expectations' Data Docs on demand: a static page for each table, written beneath the home by a job."""

from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.metadata import POOL
from casualty_pipeline.orchestration.resources import HomeResource
from checks.asset_checks import DATA_DOCS
from checks.evaluating import evaluate
from checks.rules import Check


def write_pages(home: HomeResource, checks: Sequence[Check]) -> list[Path]:
    """Have every expectation judged on all that is stored, and write the pages and an index. They hold counts, no values."""
    asked = [c for c in checks if c.expectations]
    folder = home.home.path / DATA_DOCS
    with home.warehouse.reading() as reading:
        outcomes = evaluate(asked, home, reading, [], docs=folder)
    failed = {o.table for o in outcomes if not o.passed}
    tables = list(dict.fromkeys(c.table for c in asked))
    items = "\n".join(
        f'<li><a href="{t}.html">{t}</a>: {"not as expected" if t in failed else "as expected"}</li>' for t in tables
    )
    index = folder / "index.html"
    index.write_text(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Data Docs</title></head>\n'
        f"<body><h1>Data Docs</h1>\n<ul>\n{items}\n</ul></body></html>\n",
        encoding="utf-8",
    )
    return [index, *(folder / f"{t}.html" for t in tables)]


def build_job(checks: Sequence[Check]) -> dg.JobDefinition:
    """The job that writes them."""

    @dg.op(name="write_data_docs", pool=POOL, description="Judges all that is stored, and writes a page for each table.")
    @confidential
    def write_data_docs(context: dg.OpExecutionContext, home: HomeResource) -> None:
        index, *pages = write_pages(home, checks)
        context.add_output_metadata({"index": dg.MetadataValue.url(index.as_uri()), "pages": len(pages)})

    @dg.job(name="data_docs", description="Great Expectations' Data Docs as static HTML, beneath the home. On demand.")
    def data_docs() -> None:
        write_data_docs()

    return data_docs
