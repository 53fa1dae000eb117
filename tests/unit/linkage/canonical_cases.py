"""Victims of a few records each, resolved as the pipeline does. Everybody in them is invented."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from casualty_pipeline.captures.sources import Source
from casualty_pipeline.linkage.canonical import forget_victims, resolve_victims
from casualty_pipeline.profile import Profile, load_profile
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Warehouse, Writing

SYRIA = load_profile("syria")
Rows = dict[tuple[str, str], dict[str, Any]]
_PLAIN: Mapping[str, Any] = {"VARCHAR": "-", "INTEGER": 1, "BIGINT": 1, "BOOLEAN": False, "TIMESTAMP": "2020-03-01"}


def source(of: str, /, **declared: Any) -> Source:
    """A source of which nothing is declared but what is given."""
    plain: dict[str, Any] = {
        **dict.fromkeys(("synthetic", "one_row_per_person", "unnamed_counted", "unlisted_remainder"), False),
        **{"name": f"The {of}", "corroborated_by": (), "access_level": "open", "connector": "tabular", "options": {}},
        **{"tables": (), "version": "1"},
    }
    return Source(id=of, **{**plain, **declared})


@dataclass
class Case:
    """Records of victims, and what becomes of them."""

    folder: Path
    sources: list[Source] = field(default_factory=list)
    profile: Profile = SYRIA
    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    links: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, table: str, **given: Any) -> None:
        """A row of any table; what isn't given is null, or plain where something must stand."""
        columns = TABLE[table].columns
        self.rows.append((table, {c.name: _PLAIN[c.type] if c.required else None for c in columns} | given))

    def record(self, statements: pl.DataFrame, victim: str = "V-1", incident: str = "I-1") -> None:
        """Statements (from the fixture of that name) that speak of one victim."""
        for row in statements.to_dicts():
            self.add("cleaned.records", **{k: v for k, v in row.items() if v is not None})
            self.add("deduplicated.incident_records", record_id=row["record_id"], incident_id=incident)
            if row["statement"] != "incident":
                self.links.append((row["record_id"], victim, "evidence"))

    def resolve(self, *batches: set[str]) -> dict[str, pl.DataFrame]:
        """Every table, with the victims resolved at once, or batch by batch, each batch anew."""
        path = self.folder / "warehouse.duckdb"
        path.unlink(missing_ok=True)
        links = pl.DataFrame(self.links, schema=["record_id", "victim_id", "linked_by"], orient="row")
        with Warehouse(path).writing() as write:
            for table, row in self.rows:
                names = ", ".join(row)
                write.connection.execute(
                    f"insert into {table} ({names}) values ({', '.join(f'${n}' for n in row)})",
                    row,
                )
            for batch in batches or ({v for _, v, _ in self.links},):
                self._resolve(write, links.filter(pl.col("victim_id").is_in(list(batch))))
            return {name: write.table(f"deduplicated.{name}") for name in ("victims", "victim_values", "victim_records")}

    def _resolve(self, write: Writing, links: pl.DataFrame) -> None:
        incidents = write.frame("select distinct incident_id from deduplicated.incident_records")
        forget_victims(write, links.select("victim_id").unique(), incidents)
        resolve_victims(write, links, self.profile, self.sources, incidents)

    def victims(self) -> list[dict[str, Any]]:
        """deduplicated.victims, those listed with somebody last."""
        return self.resolve()["victims"].sort("listed_with", "victim_id", nulls_last=False).to_dicts()

    def victim(self) -> dict[str, Any]:
        """The only victim."""
        (victim,) = self.victims()
        return victim

    def values(self) -> Rows:
        """deduplicated.victim_values by field and value."""
        return {(r["field"], r["value"]): r for r in self.resolve()["victim_values"].to_dicts()}
