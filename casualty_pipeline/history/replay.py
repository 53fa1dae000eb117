"""A copy of the warehouse that can be brought to any set of events, by the stages themselves.

Here belongs how the copy is made and how events are taken away or added. What follows from them is worked out by the
incremental stages, as in any run: equal sets of events give equal tables, whichever way they were reached.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from casualty_pipeline.attribution import attribute
from casualty_pipeline.captures.sources import Source, known_sources
from casualty_pipeline.cleaning.stage import clean, inputs_of
from casualty_pipeline.figures.months import year_to
from casualty_pipeline.figures.stage import compute_figures
from casualty_pipeline.history.events import CAPTURE, DECISION, EventSet, as_of, events
from casualty_pipeline.history.part import copy_part
from casualty_pipeline.history.scratch import scratch
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.model import Model, of_home
from casualty_pipeline.linkage.stage import deduplicate
from casualty_pipeline.profile import Profile
from casualty_pipeline.tables import FIGURE_COLUMNS, TABLES
from casualty_pipeline.warehouse import Reading, Warehouse, Writing

# Which rows of the captures' tables stand, when only the events in `events_standing` (kind, id, at) happened.
_STANDS = {
    "records": f"(capture_sha256, known_at) in (select (id, moment) from events_standing where kind = '{CAPTURE}')",
    "decisions": f"decision_id in (select id from events_standing where kind = '{DECISION}')",
    "manifest": f"""
        sha256 in (select id from events_standing where kind = '{CAPTURE}')
        or sha256 in (
            select capture_sha256 from {{origin}}.decisions
            where decision_id in (select id from events_standing where kind = '{DECISION}')
        )
    """,
    # What a source cites of an incident is known with what it says of it.
    "citations": f"""
        capture_sha256 in (select id from events_standing where kind = '{CAPTURE}')
        and ((source, incident_ref) not in (select (source, incident_ref) from told_of)
            or (source, incident_ref) in (
                select (source, incident_ref) from captures.records where incident_ref is not null
            ))
    """,
    **dict.fromkeys(
        ("texts", "attachments", "rejected"), f"capture_sha256 in (select id from events_standing where kind = '{CAPTURE}')"
    ),
}
_KEYS = {"records": "record_id", "decisions": "decision_id", "citations": "citation_id", "texts": "text_id"}
_KEYS |= {"manifest": "entry_id", "attachments": "attachment_id", "rejected": "rejected_id"}
_ORIGIN = "origin"
_COPIED = ("captures", "cleaned", "deduplicated")  # what comes after is computed anew for the months asked for


@dataclass
class Replay:
    """A copy of a home's warehouse. `move` brings it to a set of events, `attribute` and `figures` to a month's numbers."""

    warehouse: Warehouse
    profile: Profile
    sources: Sequence[Source]
    model: Model
    known: EventSet  # of the warehouse that was copied
    standing: EventSet | None = None  # None: as copied, with whatever was stale in it

    def move(self, to: EventSet, *, ask: bool = False) -> None:
        """Bring `captures`, `cleaned` and `deduplicated` to exactly these events of `known`.

        `ask`: the questions and the estimated quality of linkage, too; without it they may be of other events.
        """
        if to == self.standing and not ask:
            return
        with self.warehouse.writing() as write:
            self._keep(write, to)
            now = inputs_of(write, self.profile)
            was = write.frame("select documentation_month, sha256 as was from cleaned.month_inputs")
            changed = now.join(was, on="documentation_month", how="full", coalesce=True).filter(
                pl.col("sha256").ne_missing(pl.col("was"))
            )
            months = changed["documentation_month"].sort().to_list()
            if months:
                clean(write, months, self.profile, self.sources, now)
            deduplicate(write, self.sources, self.profile, self.model, ask=ask)
        self.standing = to

    def attribute(self, months: Sequence[str]) -> None:
        """Bring these months of `attributed` and `monthly`, and those before them in their years, up to date."""
        asked = sorted({earlier for month in months for earlier in year_to(month)})
        with self.warehouse.writing() as write:
            attribute(write, asked, self.profile)
            compute_figures(write, sorted(months), self.profile)

    def months(self) -> list[str]:
        """The documentation months of the victims that there are now."""
        with self.warehouse.reading() as reading:
            return reading.frame("select distinct documentation_month as m from deduplicated.victims order by m")[
                "m"
            ].to_list()

    def figures(self, month: str) -> pl.DataFrame:
        """FIGURE_COLUMNS of a month that was brought up to date: its own figures and those of the months since January."""
        with self.warehouse.reading() as reading:
            return reading.frame(
                f"select {', '.join(FIGURE_COLUMNS)} from monthly.figures where month = $month order by all",
                {"month": month},
            )

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Read the copy."""
        with self.warehouse.reading() as reading:
            yield reading

    def _keep(self, write: Writing, to: EventSet) -> None:
        execute = write.connection.execute
        rows = [(e.kind, e.id, e.at) for e in sorted(to)]
        schema: dict[str, Any] = {"kind": pl.String, "id": pl.String, "moment": pl.Datetime("us")}
        write.register(events_kept=pl.DataFrame(rows, schema=schema, orient="row"))
        execute("create or replace temp table events_standing as from events_kept")
        execute(
            f"create or replace temp table told_of as select source, incident_ref from {_ORIGIN}.records"
            " where incident_ref is not null group by all"
        )
        for table, condition in _STANDS.items():
            key, stands = _KEYS[table], condition.format(origin=_ORIGIN)
            execute(f"delete from captures.{table} where not ({stands})")
            write.grow(
                f"captures.{table}",
                f"by name select * from {_ORIGIN}.{table}"
                f" where ({stands}) and {key} not in (select {key} from captures.{table})",
            )


@contextmanager
def replaying(home: Home) -> Iterator[Replay]:
    """A replay of a home, as long as it is needed. It is written beside no file of the home, and nothing of it stays.

    Raises CasualtyError when there is no warehouse, or it can't be read.
    """
    with tempfile.TemporaryDirectory(prefix="casualty-") as folder:
        warehouse = Warehouse(Path(folder) / "replay.duckdb")
        with warehouse.writing() as write:
            Warehouse(home.warehouse).lend(write, "home")
            _copy(write)
            known = frozenset(events(write))
            write.connection.execute("commit; detach home; begin")  # others may write it again
        yield Replay(warehouse, home.profile, known_sources(home), of_home(home), known)


@contextmanager
def month_at(home: Home, month: str, moment: datetime) -> Iterator[Replay]:
    """A replay in which this month's numbers are as known at a moment (UTC, without its zone); other months may not be.

    It holds no more than they can depend on, where that can be told (`history.part`): equal rows, in a fraction of the time.
    Raises CasualtyError when there is no warehouse, or it can't be read.
    """
    model, sources = of_home(home), known_sources(home)
    with scratch() as warehouse:
        with warehouse.writing() as write:
            Warehouse(home.warehouse).lend(write, "home")
            found = copy_part(write, month, moment, sources, home.profile, model)
            write.connection.execute("commit; detach home; begin")  # others may write it again
            if found:
                deduplicate(write, sources, home.profile, model, ask=False)
                attribute(write, year_to(month), home.profile)
                compute_figures(write, [month], home.profile)
        if found:
            nothing: EventSet = frozenset()
            yield Replay(warehouse, home.profile, sources, model, nothing, nothing)
            return
    with replaying(home) as replay:
        replay.move(as_of(replay.known, moment))
        replay.attribute([month])
        yield replay


def _copy(write: Writing) -> None:
    for table in TABLES:
        if table.stage in _COPIED:
            write.append(table.full_name, f"from home.{table.full_name}")
    write.connection.execute(f"create schema {_ORIGIN}")
    for name in _STANDS:
        write.connection.execute(f"create table {_ORIGIN}.{name} as from home.captures.{name}")
