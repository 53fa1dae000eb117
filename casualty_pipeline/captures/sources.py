"""Declarations of sources: which files a source sends, which columns mean what, and what the source guarantees."""

import fnmatch
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from casualty_pipeline.captures.connectors.registry import connector
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.tables import STATEMENT_FIELDS

DECISIONS = "decisions"  # the built-in source: what lies in inbox/decisions is read as a ledger
ANSWERS = "review_answers"  # the built-in source of answered review files: kept as the basis of decisions, never read
STATEMENTS = ("person", "group", "incident", "citation")
CITATION_FIELDS = ("incident_ref", "cited_source", "author", "url", "archive_url")
FIELDS = {*(c.name for c in STATEMENT_FIELDS), "known_date"}


@dataclass(frozen=True)
class TableMapping:
    """How one file or sheet of a source is read.

    A field with several columns takes the first that isn't empty; one of `joined` takes them all, joined by spaces.
    """

    file: str
    sheet: str
    statement: str
    key: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    joined: frozenset[str] = frozenset()

    def named_columns(self) -> tuple[str, ...]:
        """Every column that the mapping names, once, its key's first."""
        return tuple(dict.fromkeys([*self.key, *(c for columns in self.columns.values() for c in columns)]))


@dataclass(frozen=True)
class Source:
    """One source, as declared in `sources/<id>.toml` of the home or of the profile."""

    id: str
    name: str
    synthetic: bool
    one_row_per_person: bool  # two rows of it are never one person
    unnamed_counted: bool  # its unnamed victims were checked against media by the source itself (R7)
    corroborated_by: tuple[str, ...]  # assessments by which the source itself says that two or more sources speak of it (R8)
    unlisted_remainder: bool  # the minimum of an incident beyond its listed victims counts
    access_level: str
    connector: str  # which connector reads its captures
    options: Mapping[str, Any]  # what the connector wants to know besides
    tables: tuple[TableMapping, ...]
    version: str  # changes with the declaration and its connector, so that captures are read again
    delivers_every_days: int | None = None  # how often it is expected to deliver; None: nobody waits for it

    def tables_for(self, name: str) -> tuple[TableMapping, ...]:
        """All tables whose pattern fits: a workbook may hold several sheets."""
        return tuple(t for t in self.tables if fnmatch.fnmatch(Path(name).name.lower(), t.file.lower()))


def load_source(home: Home, source: str) -> Source:
    """The declaration of a source. Raises CasualtyError naming what is wrong in it, or where one is expected."""
    named = re.fullmatch(r"[^/\x00]+", source) is not None and len(source.encode()) < 200  # the name of a file
    local = home.sources / f"{source if named else '<id>'}.toml"
    path = (local if local.is_file() else home.profile.source_file(source)) if named else None
    if path is None:
        known = sorted(p.stem for p in [*home.sources.glob("*.toml"), *(home.profile.folder / "sources").glob("*.toml")])
        raise CasualtyError(
            f"no source {source[:80]!r}: expected one of {', '.join([*known, DECISIONS])}, or a declaration at {local} "
            "(docs/sources.md shows how to write one)"
        )
    try:
        return _parse(path, path.read_bytes())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise CasualtyError(f"{path}: not valid TOML: {problem}") from problem


def known_sources(home: Home) -> list[Source]:
    """Every source that is declared, by id."""
    folders = (home.sources, home.profile.folder / "sources")
    return [load_source(home, name) for name in sorted({p.stem for f in folders for p in f.glob("*.toml")})]


@lru_cache(maxsize=256)
def _parse(path: Path, text: bytes) -> Source:
    """Every stage of a run asks for the declarations again: each is read, and parsed where its text is another."""
    declared: dict[str, Any] = tomllib.loads(text.decode("utf-8"))
    name = declared.get("connector", "tabular")
    for required in ("id", "name", *(("tables",) if name == "tabular" else ())):
        if required not in declared:
            raise CasualtyError(f"{path}: expected the key {required!r}")
    if declared["id"] != path.stem:
        raise CasualtyError(f"{path}: the id is {declared['id']!r}, the file says {path.stem!r}")
    return Source(
        id=declared["id"],
        name=declared["name"],
        synthetic=bool(declared.get("synthetic", False)),
        one_row_per_person=bool(declared.get("one_row_per_person", False)),
        unnamed_counted=declared.get("unnamed", "") == "counted",
        corroborated_by=tuple(declared.get("corroborated_by", ())),
        unlisted_remainder=bool(declared.get("unlisted_remainder", False)),
        delivers_every_days=_days(path, declared.get("delivers_every_days")),
        access_level=declared.get("access_level", "confidential"),
        connector=name,
        options=declared.get("options", {}),
        tables=tuple(_table(path, number, table) for number, table in enumerate(declared.get("tables", ()), start=1)),
        version=f"{name}-{connector(name).version}:{hashlib.sha256(text).hexdigest()[:12]}",
    )


def _days(path: Path, given: Any) -> int | None:
    if given is not None and (not isinstance(given, int) or isinstance(given, bool) or given < 1):
        raise CasualtyError(f"{path}: delivers_every_days is {given!r}; expected a number of days, for example 31")
    return given


def _table(path: Path, number: int, declared: Mapping[str, Any]) -> TableMapping:
    where = f"{path}, table {number}"
    for required in ("file", "statement", "key", "columns"):
        if required not in declared:
            raise CasualtyError(f"{where}: expected the key {required!r}")
    statement = declared["statement"]
    if statement not in STATEMENTS:
        raise CasualtyError(f"{where}: statement {statement!r}; expected one of {', '.join(STATEMENTS)}")
    fields = set(CITATION_FIELDS) if statement == "citation" else FIELDS
    unknown = sorted(set(declared["columns"]) - fields)
    if unknown:
        raise CasualtyError(f"{where}: unknown field {unknown[0]!r}; expected one of {', '.join(sorted(fields))}")
    columns = declared["columns"]
    return TableMapping(
        file=declared["file"],
        sheet=declared.get("sheet", ""),
        statement=statement,
        key=_columns(where, "the key", declared["key"]),
        columns={field: _columns(where, field, given) for field, given in columns.items()},
        joined=frozenset(field for field, given in columns.items() if isinstance(given, dict)),
    )


def _columns(where: str, field: str, given: Any) -> tuple[str, ...]:
    """The columns of a field: `"a"`, `["a", "b"]` (the first that isn't empty) or `{join = ["a", "b"]}` (all of them)."""
    if isinstance(given, str):
        return (given,)
    listed = given.get("join") if isinstance(given, dict) and set(given) == {"join"} else given
    if not isinstance(listed, list) or not listed or not all(isinstance(c, str) for c in listed):
        raise CasualtyError(
            f"{where}: {field} is {given!r}; expected a column, a list of columns, or {{join = [columns]}} for a value in "
            "parts"
        )
    return tuple(listed)
