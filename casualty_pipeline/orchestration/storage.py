"""Dagster's books in SQLite, with connections that stay open: the storage class that a home's dagster.yaml names.

Dagster's own SQLite storage makes an engine and a connection for every event that it writes or reads: three of them, 14 ms,
for each of a run's hundreds of events. Here each file of events keeps one, and what Dagster hands over as a batch (what a
run plans, what an asset materialises, what a check says of each month) is written in one transaction.

Of tables without months, Dagster plans every month of a run over a range. That is wrong, and costs an event for each: here
they are planned as in any other run, once. Everything else is stored as Dagster stores it.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as db
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationPlanned
from dagster._core.events import AssetMaterializationPlannedData
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster_shared.serdes import serialize_value
from sqlalchemy.pool import StaticPool

from casualty_pipeline.tables import TABLE

_MOST_OPEN = 8  # the webserver reads the events of every run that somebody looks at: each run is a file
_AT_ONCE = 5_000  # events of a batch; Dagster writes them one by one where nothing is said
_PLANNED, _EVALUATED = dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED, dg.DagsterEventType.ASSET_CHECK_EVALUATION
_OF_ASSETS = {
    dg.DagsterEventType.ASSET_MATERIALIZATION,
    dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
    dg.DagsterEventType.ASSET_OBSERVATION,
}
_EXECUTIONS = AssetCheckExecutionsTable.c


class KeptOpenEventLog(SqliteEventLogStorage):
    """The event log, with one connection for each of the files that were used last. Its lock lets one user in at a time."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._engines: OrderedDict[str, db.Engine] = OrderedDict()
        self._tables: set[str] = set()
        self._has_columns = False
        self._held: dict[str, db.Connection] = {}
        super().__init__(base_dir, inst_data)
        self._db_lock = threading.RLock()  # type: ignore[assignment]  # a batch is stored by methods that connect, within its own transaction

    @contextmanager
    def _connect(self, shard: str) -> Iterator[db.Connection]:
        with self._db_lock:
            if shard in self._held:
                yield self._held[shard]
                return
            engine = self._engine(shard)
            with engine.connect() as connection, connection.begin():
                self._held[shard] = connection
                try:
                    yield connection
                finally:
                    del self._held[shard]

    def _engine(self, shard: str) -> db.Engine:
        engine = self._engines.get(shard)
        if engine is None or not Path(self.path_for_shard(shard)).exists():
            if engine is not None:
                engine.dispose()
            engine = db.create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            )
            db.event.listen(engine, "connect", _in_normal_mode)
            self._initdb(engine)
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        while len(self._engines) > _MOST_OPEN:
            oldest = next(name for name in self._engines if name != INDEX_SHARD_NAME)
            self._engines.pop(oldest).dispose()
        return engine

    def has_table(self, table_name: str) -> bool:
        """Whether the index has the table. Dagster asks for every asset that a run plans; a table never goes away."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def _has_asset_key_index_cols_on_connection(self, conn: db.Connection) -> bool:
        """Whether the table of assets has its later columns. Dagster asks at every event of an asset; they never go away."""
        self._has_columns = self._has_columns or super()._has_asset_key_index_cols_on_connection(conn)
        return self._has_columns

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events of one run in one transaction, each as `store_event` would; of tables without months, see above."""
        types = {e.dagster_event_type for e in events}
        if not types <= {*_OF_ASSETS, _PLANNED, _EVALUATED} or len({e.run_id for e in events}) != 1:
            super().store_event_batch(events)
            return
        events = _once_where_there_are_no_months(events)
        rows = [self._event_to_row(e) for e in events]
        with self.index_connection() as index, self.run_connection(events[0].run_id) as run:
            run.execute(SqlEventLogStorageTable.insert(), rows)
            returning = SqlEventLogStorageTable.insert().returning(
                SqlEventLogStorageTable.c.id, sort_by_parameter_order=True
            )
            ids = [number for (number,) in index.execute(returning, rows)]
            numbered = list(zip(events, ids, strict=True))
            self._store_asset_events(index, [(e, n) for e, n in numbered if e.dagster_event_type in _OF_ASSETS])
            planned = [r for e, n in numbered if e.dagster_event_type == _PLANNED for r in self._planned(e, n)]
            evaluated = [self._evaluated(e, n) for e, n in numbered if e.dagster_event_type == _EVALUATED]
            if evaluated:  # each takes the place of what was planned
                index.execute(_PLANNED_BEFORE, [{f"of_{k}": row[k] for k in _PLANNED_BY} for row in evaluated])
            for executions in (planned, evaluated):
                if executions:
                    index.execute(AssetCheckExecutionsTable.insert(), executions)

    def _store_asset_events(self, index: db.Connection, events: Sequence[tuple[EventLogEntry, int]]) -> None:
        """Tags of all of them; of each asset and type, the last one says what is known of the asset."""
        if not events:
            return
        self._store_asset_event_tags(index, [e for e, _ in events], [n for _, n in events])
        last = {(e.get_dagster_event().asset_key, e.dagster_event_type): (e, n) for e, n in events}
        for event, number in last.values():
            self._store_asset_event(index, event, number)

    def _planned(self, event: EventLogEntry, number: int) -> list[dict[str, Any]]:
        planned = event.get_dagster_event().asset_check_planned_data
        months = planned.partitions_subset.get_partition_keys() if planned.partitions_subset else [None]
        common = {
            "asset_key": planned.asset_key.to_string(),
            "check_name": planned.check_name,
            "run_id": event.run_id,
            "execution_status": AssetCheckExecutionRecordStatus.PLANNED.value,
            "evaluation_event": serialize_value(event),
            "evaluation_event_timestamp": datetime.fromtimestamp(event.timestamp, UTC).replace(tzinfo=None),
            "evaluation_event_storage_id": number,
        }
        return [{**common, "partition": month} for month in months]

    def _evaluated(self, event: EventLogEntry, number: int) -> dict[str, Any]:
        evaluation = event.get_dagster_event().asset_check_evaluation_data
        status = AssetCheckExecutionRecordStatus.SUCCEEDED if evaluation.passed else AssetCheckExecutionRecordStatus.FAILED
        target = evaluation.target_materialization_data
        return {
            "asset_key": evaluation.asset_key.to_string(),
            "check_name": evaluation.check_name,
            "run_id": event.run_id,
            "execution_status": status.value,
            "evaluation_event": serialize_value(event),
            "evaluation_event_timestamp": datetime.fromtimestamp(event.timestamp, UTC).replace(tzinfo=None),
            "evaluation_event_storage_id": number,
            "materialization_event_storage_id": target.storage_id if target else None,
            "partition": evaluation.partition,
        }

    def dispose(self) -> None:
        """Close every connection."""
        with self._db_lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()
        super().dispose()


_PLANNED_BY = ("asset_key", "check_name", "run_id", "partition")
_PLANNED_BEFORE = AssetCheckExecutionsTable.delete().where(
    *(_EXECUTIONS[name].is_not_distinct_from(db.bindparam(f"of_{name}")) for name in _PLANNED_BY)
)


def _has_months(key: dg.AssetKey) -> bool:
    table = TABLE.get(".".join(key.path))
    return table is None or bool(table.month)


def _once_where_there_are_no_months(events: Sequence[EventLogEntry]) -> list[EventLogEntry]:
    """The events, with what is planned of tables without months planned once, for no month."""
    kept, planned = [], set()
    for entry in events:
        event = entry.get_dagster_event()
        if event.event_type == _PLANNED:
            check = event.asset_check_planned_data
            if check.partitions_subset and not _has_months(check.asset_key):
                event = event._replace(
                    event_specific_data=AssetCheckEvaluationPlanned(asset_key=check.asset_key, check_name=check.check_name)
                )
        elif event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED:
            of = event.asset_materialization_planned_data
            if of.partition and not _has_months(of.asset_key):
                if of.asset_key in planned:
                    continue
                planned.add(of.asset_key)
                event = event._replace(event_specific_data=AssetMaterializationPlannedData(of.asset_key))
        kept.append(entry._replace(dagster_event=event))
    return kept


def _in_normal_mode(connection: Any, _record: Any) -> None:
    """No wait for the disk at every event. The write-ahead log keeps what a killed process wrote; only a power cut may cost
    the last events of a run, and what is materialised is decided by digests, never by events.
    """
    connection.execute("pragma synchronous = normal")


class HomeStorage(DagsterSqliteStorage):
    """Runs, events and schedules beneath DAGSTER_HOME."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", str(_AT_ONCE))  # Dagster asks for it at every event
        super().__init__(base_dir, inst_data)
        self._event_log_storage = KeptOpenEventLog(str(Path(base_dir) / "history" / "runs"))

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "HomeStorage":
        """The storage that dagster.yaml asks for."""
        return cls.from_local(inst_data=inst_data, **config_value)
