"""Dagster's books in PostgreSQL: the storage class of a home's dagster.yaml after `casualty init --storage postgres`.

It is Dagster's own, but that the driver is named: SQLAlchemy 2.1 takes a bare `postgresql://` for psycopg 3, while what
dagster-postgres installs is psycopg2 (dagster-io/dagster#33958). Needs the extra `postgres`.
"""

import re
from typing import Any

import dagster as dg
from dagster_postgres import DagsterPostgresStorage

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.orchestration.instance import POSTGRES_URL, URL_EXPECTED


class HomePostgresStorage(DagsterPostgresStorage):
    """Runs, events and schedules in the database that an environment variable names."""

    @classmethod
    def config_type(cls) -> Any:
        """The address alone."""
        return {"postgres_url": dg.StringSource}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "HomePostgresStorage":
        """The storage that dagster.yaml asks for. Raises CasualtyError, which doesn't repeat it, for another address."""
        url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", str(config_value["postgres_url"]))
        if not url.startswith("postgresql+psycopg2://"):
            raise CasualtyError(f"{POSTGRES_URL} is no address of PostgreSQL: expected {URL_EXPECTED}")
        return cls(postgres_url=url, inst_data=inst_data)
