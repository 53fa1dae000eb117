"""Whether a home is looked after: its warehouse opens, Dagster's storage answers, every daemon lives, the web pages come.

For supervisors (systemd, a container's health check) and people. What belongs here: yes or no, and what to do; figures over
time are for others.
"""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

from dagster._daemon.controller import get_daemon_statuses

from casualty_pipeline import schema_version
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.instance import open_instance
from casualty_pipeline.warehouse import NoWarehouseError, Warehouse

_WEB_PATIENCE_SECONDS = 5


@dataclass(frozen=True)
class Part:
    """One part of an installation: whether it is well, and in a sentence what was found, or what to do."""

    name: str
    well: bool
    told: str


def health(home: Home, webserver: str | None, tolerance: float) -> list[Part]:
    """Ask each part once. `webserver` is an address such as http://127.0.0.1:3000; without it the web pages are left out.

    `tolerance`: seconds since a daemon's last heartbeat (it gives one every 30) from which on it counts as dead.
    """
    parts = [_warehouse(home), *_dagster(home, tolerance)]
    return [*parts, _web(webserver)] if webserver is not None else parts


def _warehouse(home: Home) -> Part:
    try:
        with Warehouse(home.warehouse).reading():
            return Part("warehouse", True, f"opens, version {schema_version.VERSION} of the tables")
    except NoWarehouseError:
        return Part("warehouse", True, "none yet: the first run makes it")
    except CasualtyError as problem:
        if "is locked by" in str(problem):
            return Part("warehouse", True, "a run is writing to it")
        return Part("warehouse", False, str(problem))


def _dagster(home: Home, tolerance: float) -> list[Part]:
    if not home.dagster.is_dir():
        return [Part("storage", False, f"no Dagster at {home.dagster}: `casualty init` makes it")]
    try:
        with open_instance(home) as instance:
            storage = type(instance.run_storage).__name__.removesuffix("RunStorage")
            wanted = instance.get_required_daemon_types()
            statuses = get_daemon_statuses(
                instance, wanted, curr_time_seconds=time.time(), heartbeat_tolerance_seconds=tolerance
            )
    except CasualtyError as problem:
        return [Part("storage", False, str(problem))]
    parts = [Part("storage", True, f"{storage} answers")]
    for kind, status in sorted(statuses.items()):
        beat = status.last_heartbeat
        if status.healthy:
            told = "alive"
        elif beat is None:
            told = "was never started: start the daemon"
        elif beat.errors:
            told = "alive, with errors: its log says which"
        else:
            told = f"no heartbeat for {time.time() - beat.timestamp:.0f} s: start the daemon again"
        parts.append(Part(f"daemon {kind.lower().replace('_', ' ')}", bool(status.healthy), told))
    return parts


def _web(address: str) -> Part:
    if not address.startswith(("http://", "https://")):
        raise CasualtyError(f"--webserver {address}: expected an address such as http://127.0.0.1:3000")
    try:
        with urllib.request.urlopen(f"{address.rstrip('/')}/server_info", timeout=_WEB_PATIENCE_SECONDS) as answer:  # noqa: S310
            version = json.load(answer)["dagster_webserver_version"]
    except (urllib.error.URLError, OSError, ValueError, KeyError, TypeError) as problem:
        return Part("webserver", False, f"{address} doesn't answer: {getattr(problem, 'reason', problem)}")
    return Part("webserver", True, f"Dagster {version}")
