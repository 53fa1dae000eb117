"""Which submission an entry of a repeat group belongs to, and why a row may not be read.

KoBoToolbox numbers the rows of an export (`_index`, `_parent_index`, `_parent_table_name`), ODK names them (`KEY`,
`PARENT_KEY`). Numbers mean something within one export only, so that where both rows also say their submission's uuid,
the two must agree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from casualty_pipeline.captures.connectors.kobo.exports import Table
from casualty_pipeline.captures.connectors.sheets import ROW

STATUS_COLUMNS = ("_validation_status", "ReviewState")  # KoBoToolbox, ODK Central
_LINKS = (("_parent_index", "_index"), ("PARENT_KEY", "KEY"))
_UUID, _UUID_OF_ENTRY = "_uuid", "_submission__uuid"


@dataclass(frozen=True)
class Kin:
    """A table with the line of its parents.

    `at`: for each row, which row of the parent's frame it belongs to (null: none).
    `problem`: for each row, why it isn't read (null: it is).
    """

    table: Table
    parent: "Kin | None"
    at: pl.Series | None
    problem: pl.Series

    def line(self) -> Iterator[tuple["Kin", pl.Series]]:
        """This table, its parent, its parent's parent, each with the row of it that every row here belongs to."""
        kin: Kin = self
        at = pl.Series(range(self.table.frame.height), dtype=pl.UInt32)
        yield kin, at
        while kin.parent is not None and kin.at is not None:
            at = kin.at.gather(at)
            kin = kin.parent
            yield kin, at


def find_kin(tables: list[Table], validation: str) -> tuple[dict[str, Kin], dict[str, str]]:
    """Every table with its line of parents by name, and why a table has none. `validation`: `approved` or `any`."""
    found, problems = dict[str, Kin](), dict[str, str]()
    by_name = {t.name: t for t in tables}

    def settle(table: Table, below: tuple[str, ...]) -> Kin | None:
        if table.name in found or table.name in problems:
            return found.get(table.name)
        if table.is_main:
            found[table.name] = Kin(table, None, None, _unapproved(table, validation).fill_null(_repeated(table)))
            return found[table.name]
        others = [t for t in by_name.values() if t.name not in (*below, table.name)]
        parent, link = _parent_of(table, others)
        kin = settle(parent, (*below, table.name)) if parent else None
        if kin is None:
            problems[table.name] = _orphaned(table, parent, problems)
            return None
        at, problem = _joined(table, kin, link)
        found[table.name] = Kin(table, kin, at, problem)
        return found[table.name]

    for table in tables:
        settle(table, ())
    return found, problems


def _orphaned(table: Table, parent: Table | None, problems: Mapping[str, str]) -> str:
    if parent is not None and parent.name in problems:
        return f"its parent, {parent.name!r}, can't be read: {problems[parent.name]}"
    said = table.column("_parent_table_name")
    name = f" {said[0]!r}"[:100] if said is not None and len(said) and said[0].strip() else ""
    return (
        f"a repeat group whose parent{name} is not here, or not the only one that could be it: send all sheets or files "
        "of an export together, in one workbook, ZIP or folder of its own"
    )


def _parent_of(table: Table, others: list[Table]) -> tuple[Table | None, tuple[str, str]]:
    """The parent of a repeat group among the other tables, and the columns that link the two."""
    link = next(pair for pair in _LINKS if pair[0] in table.header)
    candidates = [t for t in others if link[1] in t.header]
    said = table.column("_parent_table_name")
    if link[0] == "PARENT_KEY":
        keys = _stripped(table, "PARENT_KEY").unique()
        with_keys = [t for t in candidates if _stripped(t, "KEY").is_in(keys.implode()).any()]
        candidates = with_keys or [t for t in candidates if t.is_main]
    elif said is not None and len(said):
        named = [t for t in candidates if t.is_called(said[0].strip())]
        candidates = named or [t for t in candidates if t.is_main]
    else:
        candidates = [t for t in candidates if t.is_main]
    return (candidates[0] if len(candidates) == 1 else None), link


def _stripped(table: Table, name: str) -> pl.Series:
    column = table.column(name)
    return pl.Series([""] * table.frame.height, dtype=pl.String) if column is None else column.str.strip_chars()


def _joined(table: Table, parent: Kin, link: tuple[str, str]) -> tuple[pl.Series, pl.Series]:
    """For each row, the parent's row (or null), and why it isn't read (or null)."""
    above, (theirs, its) = parent.table, link
    parents = pl.DataFrame(
        {
            "key": _stripped(above, its),
            "at": pl.Series(range(above.frame.height), dtype=pl.UInt32),
            "parent_row": above.frame.get_column(ROW),
            "parent_problem": parent.problem,
            "parent_uuid": _stripped(above, _UUID if above.is_main else _UUID_OF_ENTRY),
        }
    )
    parents = parents.with_columns(pl.len().over("key").alias("times")).unique("key", keep="first", maintain_order=True)
    rows = pl.DataFrame({"key": _stripped(table, theirs), "uuid": _stripped(table, _UUID_OF_ENTRY)})
    rows = rows.join(parents, on="key", how="left", maintain_order="left")
    where = pl.lit(above.name[:100])
    reason = (
        pl.when(pl.col("key") == "")
        .then(pl.lit(f"no {theirs}: without one its submission can't be found"))
        .when(pl.col("at").is_null())
        .then(pl.format(f"no row of {{}} has the {its} {{}}: export it anew, whole", where, _cut("key")))
        .when(pl.col("times") > 1)
        .then(pl.format(f"the {its} {{}} stands {{}} times in {{}}: which is its parent?", _cut("key"), "times", where))
        .when(pl.col("parent_problem").is_not_null())
        .then(pl.format("row {} of {}, which it belongs to, isn't read: {}", "parent_row", where, "parent_problem"))
        .when((pl.col("uuid") != "") & (pl.col("parent_uuid") != "") & (pl.col("uuid") != pl.col("parent_uuid")))
        .then(
            pl.format(
                "it is of submission {}, but row {} of {} is of {}: these are not of one export",
                _cut("uuid"),
                "parent_row",
                where,
                _cut("parent_uuid"),
            )
        )
    )
    answered = rows.select("at", reason.alias("reason"))
    return answered.get_column("at"), answered.get_column("reason").fill_null(_repeated(table))


def _cut(column: str) -> pl.Expr:
    return pl.col(column).str.slice(0, 100)


def _repeated(table: Table) -> pl.Series:
    """Why a row can't be anybody's parent: another has its number. Null where it can."""
    its = next((its for _, its in _LINKS if its in table.header), None)
    if its is None:
        return pl.Series([None] * table.frame.height, dtype=pl.String)
    keys = pl.DataFrame({"key": _stripped(table, its)})
    twice = (pl.col("key") != "") & (pl.len().over("key") > 1)
    reason = pl.format(f"the {its} {{}} stands {{}} times: export it anew", _cut("key"), pl.len().over("key"))
    return keys.select(pl.when(twice).then(reason).alias("reason")).get_column("reason")


def _unapproved(table: Table, validation: str) -> pl.Series:
    """Why a submission isn't counted: nobody approved it. Null where somebody did, or where that isn't asked."""
    said = next((c for name in STATUS_COLUMNS if (c := table.column(name)) is not None), None)
    if validation == "any" or said is None:  # a missing column is refused as a whole, by the connector
        return pl.Series([None] * table.frame.height, dtype=pl.String)
    statuses = pl.DataFrame({"status": said.str.strip_chars()})
    plain = pl.col("status").str.to_lowercase().str.strip_prefix("validation_status_")
    shown = pl.when(pl.col("status") == "").then(pl.lit("no status")).otherwise(_cut("status"))
    reason = pl.format("not counted: expected a submission that was approved, found {}: approve it and export anew", shown)
    return statuses.select(pl.when(plain != "approved").then(reason).alias("reason")).get_column("reason")
