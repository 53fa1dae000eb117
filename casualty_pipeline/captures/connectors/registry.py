"""What a connector is, and which there are: entry points of the group `casualty_pipeline.connectors`, ours and others'.

docs/connectors/your-own.md tells how to write one. What a broken one did is told by its name here, never by a traceback.
"""

import inspect
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from casualty_pipeline.errors import CasualtyError

if TYPE_CHECKING:  # sources name their connector, connectors are given their source
    from casualty_pipeline.captures.archive import Entry
    from casualty_pipeline.captures.connectors.batch import Batch
    from casualty_pipeline.captures.sources import Source

GROUP = "casualty_pipeline.connectors"
_OURS = "casualty_pipeline."
_ASKED = {"reads": ("source", "entry"), "read": ("source", "entry", "path", "batch")}


class Connector(Protocol):
    """Reads the captures of a source in one format. An object of a module, named by an entry point.

    `version` is part of every capture's reading: a new one reads old captures again.
    """

    version: str

    def reads(self, source: "Source", entry: "Entry") -> bool:
        """Whether a capture is one to read; photographs and videos that aren't are kept as media."""

    def read(self, source: "Source", entry: "Entry", path: Path, batch: "Batch") -> None:
        """Read one capture into the batch. Never raises for what the bytes are: it rejects, with a reason."""


class Pointing(Connector, Protocol):
    """A connector that also knows where in its row or document each field of a statement stands."""

    def stands(self, source: "Source", statement: Mapping[str, Any]) -> Mapping[str, str]:
        """By field, the column or JSON pointer; what isn't known is left out. `statement`: its row of captures.records."""


@cache
def connector(name: str) -> Connector:
    """The connector of that name.

    Raises CasualtyError naming those that there are; or that one, its distribution and what is wrong, where it can't be
    loaded, isn't what a connector is, or is there twice.
    """
    found = [point for point in entry_points(group=GROUP) if point.name == name]
    if not found:
        installed = ", ".join(sorted({point.name for point in entry_points(group=GROUP)}))
        raise CasualtyError(f"no connector {name!r}; installed are: {installed}")
    if len({point.value for point in found}) > 1:  # which one is meant would depend on the order of folders
        named = " and ".join(sorted(_told(point) for point in found))
        raise CasualtyError(f"{len(found)} connectors are called {name!r}: {named}. Uninstall all but one")
    try:
        loaded = found[0].load()
    except Exception as problem:  # its module may do anything
        raise CasualtyError(
            f"the connector {name!r} ({_told(found[0])}) can't be loaded: {type(problem).__name__}: {problem}"
        ) from problem
    if wrong := _wrong(loaded):
        raise CasualtyError(f"the connector {name!r} ({_told(found[0])}) is none: {wrong}; see docs/connectors/your-own.md")
    checked: Connector = loaded
    return checked


def is_ours(name: str) -> bool:
    """Whether the connector of that name is one of this program's own."""
    return any(point.name == name and point.value.startswith(_OURS) for point in entry_points(group=GROUP))


def _told(point: EntryPoint) -> str:
    distribution = point.dist
    return point.value if distribution is None else f"{point.value} of {distribution.name} {distribution.version}"


def _wrong(loaded: Any) -> str:
    """What an object lacks for a connector; empty when nothing."""
    if isinstance(loaded, type):
        return f"expected an object, found the class {loaded.__name__}: let the entry point name an instance of it"
    version = getattr(loaded, "version", None)
    if not isinstance(version, str) or not version:
        return f"expected a text in `version`, found {version!r}"
    for method, parameters in _ASKED.items():
        expected = f"expected {method}({', '.join(parameters)})"
        offered = getattr(loaded, method, None)
        if not callable(offered):
            return f"{expected}, found no such method"
        try:
            signature = inspect.signature(offered)
            signature.bind(*parameters)
        except TypeError:
            return f"{expected}, found {method}{signature}"
        except ValueError:  # one that is compiled tells no signature
            continue
    return ""
