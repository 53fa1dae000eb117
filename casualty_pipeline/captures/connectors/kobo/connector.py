"""Exports of KoBoToolbox and ODK through a source's declaration: which sheets are statements, and what is refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.batch import Batch, Position, Rejection
from casualty_pipeline.captures.connectors.kobo.exports import Table, is_called, read_export
from casualty_pipeline.captures.connectors.kobo.kinship import STATUS_COLUMNS, Kin, find_kin
from casualty_pipeline.captures.connectors.kobo.media import Statements, attach_files
from casualty_pipeline.captures.connectors.kobo.questions import UP, Answer, find_answer
from casualty_pipeline.captures.connectors.sheets import ROW
from casualty_pipeline.captures.connectors.tabular import columns_told, missing_columns, state_rows, tables_of
from casualty_pipeline.captures.sources import Source, TableMapping

VERSION = "1"
POSITION = "_position"  # which entry of its submission's repeat group a row is, from 1: stable from export to export
_OPTIONS = ("validation", "ignore", "optional")


@dataclass(frozen=True)
class _Options:
    validation: str  # "approved", or "any"
    ignore: tuple[str, ...]  # sheets that are known to hold no statements
    optional: frozenset[str]  # fields that some versions of the form don't ask for


class Kobo:
    """The connector of KoBoToolbox and ODK exports. The declaration's tables say which sheets are statements.

    Options: `validation = "any"` also reads submissions that nobody approved; `ignore` names sheets without statements;
    `optional` names fields that older versions of the form lack.
    """

    version = VERSION

    def reads(self, source: Source, entry: Entry) -> bool:
        """Files whose names fit a table of the declaration."""
        return bool(source.tables_for(entry.original_name))

    def read(self, source: Source, entry: Entry, path: Path, batch: Batch) -> None:
        """Read one workbook, CSV file or ZIP into the batch. Never raises for what it holds."""
        batch.read.setdefault(entry.entry_id, 0)
        mappings = source.tables_for(entry.original_name)
        options = _options(source)
        if isinstance(options, str):
            batch.reject(entry, options)
        elif not mappings:
            patterns = ", ".join(dict.fromkeys(t.file for t in source.tables)) or "at least one table"
            batch.reject(entry, f"no table of the source's declaration fits this file name; expected {patterns}")
        else:
            _Reading(source, entry, mappings, options, batch).read(read_export(entry, path, batch))

    def stands(self, source: Source, statement: Mapping[str, Any]) -> Mapping[str, str]:
        """The columns that the declaration gives each field of a statement, by the names that it calls them.

        A table without a sheet's name speaks of submissions: it is told where none of a sheet's name fits.
        """
        name = statement["sheet"] or statement["file"]
        name = PurePosixPath(name).stem if name.lower().endswith(".csv") else name
        fitting = tables_of(source, statement)
        named = [t for t in fitting if t.sheet and is_called(name, t.sheet)]
        return columns_told(named or [t for t in fitting if not t.sheet])


CONNECTOR = Kobo()


def _options(source: Source) -> _Options | str:
    """The options of the declaration, or what is wrong with them."""
    given = source.options
    unknown = sorted(set(given) - set(_OPTIONS))
    if unknown:
        return f"the source's declaration has the option {unknown[0]!r}; expected {', '.join(_OPTIONS)}"
    validation = given.get("validation", "approved")
    if validation not in {"approved", "any"}:
        return f"the source's declaration has validation = {validation!r}; expected 'approved' or 'any'"
    lists = {name: given.get(name, []) for name in ("ignore", "optional")}
    for name, value in lists.items():
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            return f"the source's declaration has {name} = {value!r}; expected a list of names"
    return _Options(validation, tuple(lists["ignore"]), frozenset(lists["optional"]))


@dataclass(frozen=True)
class _Reading:
    """One capture being read."""

    source: Source
    entry: Entry
    mappings: tuple[TableMapping, ...]
    options: _Options
    batch: Batch

    def read(self, tables: list[Table]) -> None:
        """Every row of the capture's own tables becomes a statement or a rejection; a parent may be neither."""
        tables = [t for t in tables if not any(t.is_called(name) for name in self.options.ignore)]
        names = [t.name for t in tables]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            self.batch.reject(self.entry, f"two files of this export are called {twice[0][:100]!r}: export it anew")
            return
        kin, orphans = find_kin(tables, self.options.validation)
        mapped = {t.name: [m for m in self.mappings if t.fits(m)] for t in tables}
        parents = {
            relative.table.name
            for name, known in kin.items()
            if mapped[name]
            for relative, _ in known.line()
            if relative is not known
        }
        for table in (t for t in tables if t.own):
            problem = self._problem(table, kin.get(table.name), mapped[table.name], table.name in parents, orphans)
            if problem:
                self.batch.rejections.append((self.entry, Rejection(table.sheet, None, None, None, problem)))
                continue
            found = kin[table.name]
            self._reject_rows(found)
            for mapping in mapped[table.name]:
                self._state(found, mapping)
            if not mapped[table.name]:
                spoken_of = [k for n, k in kin.items() if k.parent is found and (mapped[n] or n in parents)]
                self._reject_childless(found, spoken_of)

    def _problem(
        self, table: Table, kin: Kin | None, mapped: list[TableMapping], parent: bool, orphans: dict[str, str]
    ) -> str | None:
        """Why nothing of a table can be read."""
        if not mapped and not parent:
            expected = ", ".join(m.sheet or "the main sheet" for m in self.mappings)
            return (
                f"no table of the source's declaration speaks of {table.name[:100]!r}; expected {expected}. "
                "Declare it, or name it under ignore in [options]"
            )
        if kin is None:
            return orphans[table.name]
        main = [relative for relative, _ in kin.line()][-1].table
        if self.options.validation == "approved" and not any(c in main.header for c in STATUS_COLUMNS):
            return (
                f"expected a column {' or '.join(STATUS_COLUMNS)} that says which submissions were approved; "
                f'{main.name[:100]!r} has none. Export it too, or declare validation = "any" under [options]'
            )
        return None

    def _reject_rows(self, kin: Kin) -> None:
        rows = pl.DataFrame({"row": kin.table.frame.get_column(ROW), "problem": kin.problem}).drop_nulls("problem")
        for row, problem in rows.iter_rows():
            self.batch.reject(self.entry, problem, Position(kin.table.sheet, row))

    def _reject_childless(self, kin: Kin, children: list[Kin]) -> None:
        """A submission that nothing is read from must be seen: perhaps its entries were lost on the way."""
        spoken = pl.concat([child.at for child in children if child.at is not None]).drop_nulls().unique()
        rows = kin.table.frame.select(ROW).with_row_index("at").with_columns(kin.problem.alias("problem"))
        silent = rows.filter(pl.col("problem").is_null() & ~pl.col("at").is_in(spoken.implode()))
        named = ", ".join(sorted(child.table.name for child in children))[:200]
        for row in silent.get_column(ROW):
            reason = f"nothing is read from this submission: no row of {named} belongs to it"
            self.batch.reject(self.entry, reason, Position(kin.table.sheet, row))

    def _state(self, kin: Kin, declared: TableMapping) -> None:
        answers = {name: found for name in declared.named_columns() if (found := self._answer(kin, name)) is not None}
        lacking = {f for f, columns in declared.columns.items() if not any(c in answers for c in columns)}
        without = lacking & self.options.optional
        mapping = replace(declared, columns={f: c for f, c in declared.columns.items() if f not in without})
        if missing := missing_columns(mapping, list(answers)):
            present = ", ".join(kin.table.header)[:300]
            reason = (
                f"expected the column {'; '.join(missing)}; found: {present}. Correct the file or the declaration; a field "
                "that only some versions of the form ask for goes under optional in [options]"
            )
            self.batch.rejections.append((self.entry, Rejection(kin.table.sheet, None, None, None, reason)))
            return
        wanted = {name: answers[name] for name in mapping.named_columns() if name in answers}
        raw = pl.DataFrame({name: answer.values for name, answer in wanted.items()})
        raw = raw.hstack(list(_rest(kin, wanted)))
        raw = raw.hstack([kin.table.frame.get_column(ROW)])
        sound = raw.filter(self._reject_undecided(kin, wanted))
        single = sound.filter(self._reject_repeated(kin, mapping, sound))
        taken = state_rows(self.source, self.entry, mapping, kin.table.sheet, single, self.batch)
        statements = Statements(kin, taken.drop(list(wanted)), _keys(mapping, taken))
        attach_files(self.source, self.entry, statements, self.batch)

    def _answer(self, kin: Kin, name: str) -> Answer | None:
        found = find_answer(kin, name)
        if found is not None or name != POSITION:
            return found
        height = kin.table.frame.height
        at = pl.Series([0] * height, dtype=pl.UInt32) if kin.at is None else kin.at
        position = pl.DataFrame({"at": at}).select(pl.col("at").cum_count().over("at").cast(pl.String).alias("position"))
        none = pl.Series([None] * height, dtype=pl.String)
        return Answer(position.get_column("position"), none, frozenset())

    def _reject_repeated(self, kin: Kin, mapping: TableMapping, raw: pl.DataFrame) -> pl.Series:
        """Which rows have a key that no row before them has: under one key, brothers would supersede each other (C7)."""
        rows = pl.DataFrame({"key": _keys(mapping, raw), "row": raw.get_column(ROW)})
        rows = rows.with_columns(pl.col("row").first().over("key").alias("first"))
        single = rows.get_column("key").is_null() | (rows.get_column("row") == rows.get_column("first"))
        for key, row, first in rows.filter(~single).iter_rows():
            reason = (
                f"its key stands in row {first} already: one of them would supersede the other. Declare a key that tells "
                f"the rows of an export apart, with {POSITION} for instance"
            )
            self.batch.reject(self.entry, reason, Position(kin.table.sheet, row), column_name=mapping.key[0], value=key)
        return single

    def _reject_undecided(self, kin: Kin, answers: dict[str, Answer]) -> pl.Series:
        """Which rows can be read: they have no problem, and their columns don't contradict each other."""
        sound = kin.problem.is_null()
        for name, answer in answers.items():
            undecided = pl.DataFrame({"row": kin.table.frame.get_column(ROW), "problem": answer.problem})
            for row, problem in undecided.filter(sound & answer.problem.is_not_null()).iter_rows():
                self.batch.reject(self.entry, problem, Position(kin.table.sheet, row), column_name=name)
            sound &= answer.problem.is_null()
        return sound


def _keys(mapping: TableMapping, rows: pl.DataFrame) -> pl.Series:
    """The key of each row; null where a part of it is blank."""
    parts = pl.DataFrame({str(n): rows.get_column(c).str.strip_chars() for n, c in enumerate(mapping.key)})
    whole = [pl.when(pl.col(part) != "").then(pl.col(part)) for part in parts.columns]
    return parts.select(pl.concat_str(whole, separator="/").alias("key")).get_column("key")


def _rest(kin: Kin, answers: dict[str, Answer]) -> Iterator[pl.Series]:
    """The columns that the mapping doesn't name, the parents' too: as `../name`, so that none hides another."""
    used = frozenset[tuple[int, str]]().union(*(answer.used for answer in answers.values()))
    for level, (relative, at) in enumerate(kin.line()):
        for header in relative.table.header:
            name = UP * level + header
            column = relative.table.column(header)
            if column is not None and (level, header) not in used and name not in answers:
                yield column.gather(at).alias(name)
