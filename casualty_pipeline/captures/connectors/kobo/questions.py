"""The answers to a question that a mapping names, wherever the form has it.

A header is `group/question`, with `/`, `.` or `-`; a mapping may leave the groups out. Versions of a form move a question
from group to group; a question with several answers (`select_multiple`) stands in one column, in a column for each
option, or in both. Whatever the style, the same answers give the same string.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from casualty_pipeline.captures.connectors.kobo.exports import Table
from casualty_pipeline.captures.connectors.kobo.kinship import Kin

_YES, _FLAGS = ("1", "true"), ("", "0", "1", "false", "true")
UP = "../"  # before a name: the parent's question of that name, as XLSForm writes it


@dataclass(frozen=True)
class Answer:
    """The answers to one question, a row each (null: none), and why they can't be told (null: they can).

    `used`: the columns that it came from, each as (how many tables up, its header).
    """

    values: pl.Series
    problem: pl.Series
    used: frozenset[tuple[int, str]]


def find_answer(kin: Kin, name: str) -> Answer | None:
    """The answers to a question: in the table itself, else in its parent's, and so on. None where no table has it.

    A table that has the question hides its parent's; `../name` names that. Never raises for what the tables hold.
    """
    ups = 0
    while name.startswith(UP):
        ups, name = ups + 1, name.removeprefix(UP)
    for level, (relative, at) in enumerate(kin.line()):
        if level < ups:
            continue
        here = _answer_in(relative.table, name)
        if here is not None:
            return Answer(here.values.gather(at), here.problem.gather(at), frozenset((level, h) for _, h in here.used))
        if ups:
            return None
    return None


def _answer_in(table: Table, name: str) -> Answer | None:
    paths = _paths(table, name)
    if not paths:
        return None
    answers = pl.DataFrame({str(n): _of_path(table, path, options) for n, (path, options) in enumerate(paths.items())})
    columns = [pl.col(c) for c in answers.columns]
    given = pl.concat_list(columns).list.drop_nulls().list.unique(maintain_order=True)
    several = pl.format("two columns answer it differently ({}): map one of them by its whole header", _shown(paths))
    problem = pl.when(given.list.len() > 1).then(several).alias("problem")
    told = answers.select(pl.coalesce(columns).alias("values"), problem)
    problems = told.get_column("problem")
    for path, options in paths.items():
        if options and path in table.header:
            problems = problems.fill_null(_disagreement(table, path, options))
    used = {path for path in paths if path in table.header} | {header for o in paths.values() for header in o}
    return Answer(told.get_column("values"), problems, frozenset((0, header) for header in used))


def _shown(paths: Mapping[str, object]) -> pl.Expr:
    return pl.lit(", ".join(paths)[:200])


def _paths(table: Table, name: str) -> dict[str, dict[str, str]]:
    """Where the question stands: whole path -> {header of an option: the option}, in the order of the header.

    The whole header wins; then groups parted by `/`; then by `.` or `-`, which may also be part of a question's name.
    Columns of options alone are taken for the question only where none has its name: a group may have the same name.
    """
    depths = [_paths_beneath(table, name, groups) for groups in ("", r".*/", r".*[.\-]")]
    with_column = (paths for paths in depths if any(path in table.header for path in paths))
    return next(with_column, next(filter(None, depths), {}))


def _paths_beneath(table: Table, name: str, groups: str) -> dict[str, dict[str, str]]:
    asked = re.compile(rf"({groups}{re.escape(name)})(?:[/.](.+))?", re.DOTALL)
    paths = dict[str, dict[str, str]]()
    for header in table.header:
        if match := asked.fullmatch(header):
            path, option = match.groups()
            if option is None:
                paths.setdefault(path, {})
            elif _holds_flags(table, header):
                paths.setdefault(path, {})[header] = option
    return paths


def _cells(table: Table, header: str) -> pl.Series:
    column = table.column(header)
    if column is None:
        return pl.Series([None] * table.frame.height, dtype=pl.String)
    cells = pl.DataFrame({"cell": column})
    return cells.select(pl.when(pl.col("cell").str.strip_chars() != "").then("cell").alias("cell")).get_column("cell")


def _holds_flags(table: Table, header: str) -> bool:
    column = table.column(header)
    return column is not None and bool(column.str.strip_chars().str.to_lowercase().is_in(_FLAGS).all())


def _of_path(table: Table, path: str, options: Mapping[str, str]) -> pl.Series:
    """The column of the question itself, else its options that were chosen, joined by spaces as both tools join them."""
    return _cells(table, path) if path in table.header else _chosen(table, options)


def _chosen(table: Table, options: Mapping[str, str]) -> pl.Series:
    """Null where none was chosen."""
    flags = pl.DataFrame({str(n): _cells(table, header) for n, header in enumerate(options)})
    picked = [
        pl.when(pl.col(str(n)).str.strip_chars().str.to_lowercase().is_in(_YES)).then(pl.lit(option))
        for n, option in enumerate(options.values())
    ]
    together = pl.concat_str(picked, separator=" ", ignore_nulls=True)
    return flags.select(pl.when(together != "").then(together).alias("chosen")).get_column("chosen")


def _disagreement(table: Table, path: str, options: Mapping[str, str]) -> pl.Series:
    """Why a question's column and the columns of its options can't both be right. Null where they say the same."""
    both = pl.DataFrame({"said": _cells(table, path), "chosen": _chosen(table, options)})
    words = [pl.col(c).fill_null("").str.extract_all(r"\S+").list.sort() for c in both.columns]
    reason = f"the column {path[:100]!r} and the columns of its options say different things: correct one of them"
    return both.select(pl.when(words[0] != words[1]).then(pl.lit(reason)).alias("problem")).get_column("problem")
