"""Where in its row, document or text each value of a record stands: the column, the JSON pointer, the characters.

What belongs here: asking who knows it. Of a candidate, the reader of free text noted it; of all else, the connector knows,
by the declaration that it read the capture with. What was read with another declaration than today's is not told.
"""

import json
from collections.abc import Mapping
from typing import Any

from casualty_pipeline.captures.connectors.registry import connector
from casualty_pipeline.captures.sources import load_source
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home

_OF_THE_POST = {"documented_date": "published", "original_source": "original_source", "url": "url"}


def stands(home: Home, record: Mapping[str, Any]) -> Mapping[str, str]:
    """By field, where the value of a row of captures.records stands; fields of which it isn't known are left out."""
    if record["candidate"]:
        return _in_the_text(json.loads(record["extra"] or "{}"))
    try:
        source = load_source(home, record["source"])
        reader = connector(source.connector)
    except CasualtyError:  # no longer declared, or no longer installed: what was read is still to be explained
        return {}
    told = getattr(reader, "stands", None)
    if told is None or source.version != record["connector_version"]:
        return {}
    found: Mapping[str, str] = told(source, record)
    return found


def _in_the_text(noted: Mapping[str, Any]) -> dict[str, str]:
    """Spans are kept as [first, last), counted from 0; people count from 1."""
    spans = {**noted.get("fields", {}), **({"narrative": noted["passage"]} if "passage" in noted else {})}
    found = {field: f"{name} of the post" for field, name in _OF_THE_POST.items()}
    return found | {field: f"characters {first + 1} to {last} of the text" for field, (first, last) in spans.items()}
