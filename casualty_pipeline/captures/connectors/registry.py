"""What a connector is, and which there are: entry points of the group `casualty_pipeline.connectors`, ours and others'."""

from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from casualty_pipeline.errors import CasualtyError

if TYPE_CHECKING:  # sources name their connector, connectors are given their source
    from casualty_pipeline.captures.archive import Entry
    from casualty_pipeline.captures.connectors.batch import Batch
    from casualty_pipeline.captures.sources import Source

GROUP = "casualty_pipeline.connectors"


class Connector(Protocol):
    """Reads the captures of a source in one format. An object of a module, named by an entry point.

    `version` is part of every capture's reading: a new one reads old captures again.
    """

    version: str

    def reads(self, source: "Source", entry: "Entry") -> bool:
        """Whether a capture is one to read; photographs and videos that aren't are kept as media."""

    def read(self, source: "Source", entry: "Entry", path: Path, batch: "Batch") -> None:
        """Read one capture into the batch. Never raises for what the bytes are: it rejects, with a reason."""


@cache
def connector(name: str) -> Connector:
    """The connector of that name. Raises CasualtyError naming those that there are, or why it can't be loaded."""
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        raise CasualtyError(f"no connector {name!r}; installed are: {', '.join(sorted(found))}")
    try:
        loaded: Connector = found[name].load()
    except (ImportError, AttributeError) as problem:
        raise CasualtyError(f"the connector {name!r} ({found[name].value}) can't be loaded: {problem}") from problem
    return loaded
