"""A small clean home for `benchmarks/faults.py`: three invented sources, each of which states every victim once.

What belongs here: what is generated, and bringing it through the stages with the checks of each, in one process, without
Dagster. What doesn't: faults. The people are those of `restatement_world`, with what faults are made of beside it:
circumstance, special group, civilian or combatant, governorate of origin. The same numbers give the same files.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from benchmarks.restatement_world import SOURCES, statements
from casualty_pipeline.attribution import attribute, digest_months
from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.cleaning.stage import clean
from casualty_pipeline.figures.months import next_month
from casualty_pipeline.figures.stage import compute_figures
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.model import load
from casualty_pipeline.linkage.stage import deduplicate
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.failures import Outcome
from casualty_pipeline.staleness import remember_attributed, remember_figures
from casualty_pipeline.warehouse import Warehouse, Writing
from checks import attributed, captures, cleaned, deduplicated, monthly
from checks.evaluating import evaluate
from checks.rules import Check

COLUMNS = (
    *("no", "name", "sex", "age", "died", "entered", "governorate", "origin", "party", "weapon", "code"),
    *("circumstance", "group", "standing"),
)
_FIELDS = {
    "name_ar": "name",
    "sex": "sex",
    "age": "age",
    "death_date": "died",
    "documented_date": "entered",
    "governorate": "governorate",
    "origin_governorate": "origin",
    "party": "party",
    "mechanism": "weapon",
    "incident_ref": "code",
    "circumstance": "circumstance",
    "special_group": "group",
    "civilian_status": "standing",
}
_ORIGINS = ("Idlib", "Aleppo", "Homs", "Hama", "Daraa")


def declaration(source: str) -> str:
    """What declares a source, its columns as above."""
    columns = "\n".join(f'{field} = "{column}"' for field, column in _FIELDS.items())
    return (
        f'id = "{source}"\nname = "Invented source {source}"\nsynthetic = true\none_row_per_person = true\n'
        f'[[tables]]\nfile = "*.csv"\nstatement = "person"\nkey = ["no"]\n[tables.columns]\n{columns}\n'
    )


def files(victims: int, months: Sequence[str]) -> Mapping[tuple[str, str], pl.DataFrame]:
    """The file of each source and month: a row per victim, all strings."""
    incident = pl.col("code").str.slice(1).cast(pl.Int64)
    told = (
        statements(victims, months)
        .with_columns(
            circumstance=pl.when(incident % 12 == 0).then(pl.lit("torture")).otherwise(pl.lit("")),
            group=pl.when(pl.col("no") % 23 == 0).then(pl.lit("medical worker")).otherwise(pl.lit("")),
            standing=pl.when(pl.col("no") % 19 == 0).then(pl.lit("combatant")).otherwise(pl.lit("civilian")),
            origin=pl.col("no").mod(len(_ORIGINS)).replace_strict(dict(enumerate(_ORIGINS)), return_dtype=pl.String),
        )
        .with_columns(pl.col(*COLUMNS).cast(pl.String))
    )
    parts = told.partition_by("source", "month", as_dict=True, maintain_order=True)
    return {(str(s), str(m)): rows.select(COLUMNS) for (s, m), rows in parts.items()}


def take(home: Home, source: str, month: str, rows: pl.DataFrame) -> None:
    """Take a month's file into the archive."""
    take_bytes(home, source, month, rows.write_csv().encode(), f"{source}-{month}.csv")


def take_bytes(home: Home, source: str, month: str, content: bytes, name: str, day: int = 2) -> None:
    """Take a file into the archive, received on a day of the month after `month`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        received = datetime.fromisoformat(f"{next_month(month)}-{day:02}T06:00:00").replace(tzinfo=UTC)
        Archive(home.archive).take([(path, name)], source, received)


def empty_home(folder: Path) -> Home:
    """A home with the three sources and nothing else."""
    home = Home(folder)
    home.prepare()
    for source in SOURCES:
        (home.sources / f"{source}.toml").write_text(declaration(source), encoding="utf-8")
    return home


@dataclass(frozen=True)
class Stage:
    """A stage as a run by hand goes through it: what computes it, and the checks that judge it."""

    name: str
    compute: Callable[[Writing, Sequence[str]], object]
    checks: Sequence[Check]


def stages(home: Home) -> tuple[Stage, ...]:
    """The five stages that have checks on rows, in the order of a run."""
    profile, sources, model = home.profile, known_sources(home), load()

    def link(write: Writing, _months: Sequence[str]) -> None:
        deduplicate(write, sources, profile, model)

    def attributing(write: Writing, months: Sequence[str]) -> None:
        digest_months(write, profile)
        attribute(write, months, profile)
        remember_attributed(write, months)

    def counting(write: Writing, months: Sequence[str]) -> None:
        compute_figures(write, months, profile)
        remember_figures(write, months)

    return (
        Stage("captures", lambda write, _months: read_archive(home, write), captures.DECLARED),
        Stage("cleaned", lambda write, months: clean(write, months, profile, sources), cleaned.declared(profile)),
        Stage("deduplicated", link, deduplicated.declared(profile)),
        Stage("attributed", attributing, attributed.declared(profile)),
        Stage("monthly", counting, monthly.declared(profile)),
    )


def judge(stage: Stage, home: Home, write: Writing, months: Sequence[str], only: str = "") -> list[Outcome]:
    """What the checks of a stage find; `only`: those of one table and the rules, which may look at several."""
    checks = [c for c in stage.checks if not c.standing and (not only or not c.expectations or c.table == only)]
    return evaluate(checks, HomeResource(path=str(home.path)), write, months)


@contextmanager
def tried(home: Home) -> Iterator[Writing]:
    """A transaction that is never kept."""
    with suppress(_NotKeptError), Warehouse(home.warehouse).writing() as write:
        yield write
        raise _NotKeptError


class _NotKeptError(Exception):
    """Ends a transaction without keeping it."""


def clean_home(
    folder: Path, victims: int, months: Sequence[str], without: str = "", judged: bool = False
) -> tuple[Home, list[Outcome]]:
    """The world, taken in and computed; `without`: but for the files of that month. With `judged`, what all checks say."""
    home = empty_home(folder)
    left = [m for m in months if m != without]
    for (source, month), rows in files(victims, months).items():
        if month in left:
            take(home, source, month, rows)
    outcomes: list[Outcome] = []
    with Warehouse(home.warehouse).writing() as write:
        for stage in stages(home):
            stage.compute(write, left)
            if judged:
                outcomes += judge(stage, home, write, left)
    return home, outcomes
