"""Ledgers in JSON: a list of entries, `{"decisions": [...]}`, one entry, or one in each line; held against their schema.

The schema says what an entry looks like; what its words mean is for `entries.py`, as for any other format.
"""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from casualty_pipeline.captures.connectors.batch import Rejection
from casualty_pipeline.captures.connectors.ledger.entries import COLUMNS
from casualty_pipeline.captures.connectors.victim_form.strict_json import NotJsonError, faults, parse, pointer_part

SCHEMA = Path(__file__).parents[2] / "schemas" / "decisions.schema.json"
JSON_NAMES = (".json", ".jsonl", ".ndjson")
LARGEST_FILE = 100_000_000  # bytes
_SHOWN = 200  # characters of a value that is told


@dataclass(frozen=True)
class JsonEntry:
    """One entry that has the form of one: cells as text, its line in JSON Lines, its pointer."""

    cells: dict[str, str]
    line: int | None
    pointer: str


@dataclass
class JsonLedger:
    """What a file holds: entries, and what can't be read as one."""

    entries: list[JsonEntry] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)


@cache
def schema() -> dict[str, Any]:
    """The published schema of a ledger (JSON Schema 2020-12)."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator({"$defs": schema()["$defs"], "$ref": "#/$defs/entry"})


def read_json(path: Path, lines: bool) -> JsonLedger:
    """Read one file. Never raises for its content."""
    ledger = JsonLedger()
    if (size := path.stat().st_size) > LARGEST_FILE:
        reason = f"expected at most {LARGEST_FILE:,} bytes, found {size:,}: send the ledger in parts"
        ledger.rejections.append(Rejection(None, None, None, None, reason))
        return ledger
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        reason = (
            f"expected UTF-8, found byte 0x{problem.object[problem.start]:02x} at offset {problem.start}: save it as UTF-8"
        )
        ledger.rejections.append(Rejection(None, None, None, None, reason))
        return ledger
    if lines:
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                _document(line, number, ledger)
    else:
        _document(text, None, ledger)
    if not ledger.entries and not ledger.rejections:
        reason = 'expected a list of entries, {"decisions": [...]} or one entry; found none'
        ledger.rejections.append(Rejection(None, None, None, None, f"{reason}: `casualty decide --schema` prints the form"))
    return ledger


def _document(text: str, line: int | None, ledger: JsonLedger) -> None:
    try:
        found = parse(text)
    except NotJsonError as problem:
        shown = text[:_SHOWN] if line is not None else None
        pointer = "" if line is not None else None
        ledger.rejections.append(Rejection(None, line, None, shown, f"expected JSON: {problem}", pointer))
        return
    listed, within = found, ""
    if isinstance(found, dict) and set(found) == {"decisions"}:
        listed, within = found["decisions"], "/decisions"
    if isinstance(listed, list):
        for place, one in enumerate(listed):
            _entry(one, line, f"{within}/{place}", ledger)
    else:
        _entry(listed, line, within, ledger)


def _entry(one: Any, line: int | None, pointer: str, ledger: JsonLedger) -> None:
    """Take one entry, or refuse it with the first thing that is wrong in it."""
    fault = next(faults(one), None)
    if fault is None and (violation := next(iter(sorted(_validator().iter_errors(one), key=_order)), None)):
        path = "".join(f"/{pointer_part(part)}" for part in violation.absolute_path)
        ledger.rejections.append(_rejection(line, f"{pointer}{path}", _expected(violation), violation.instance))
    elif fault is not None:
        ledger.rejections.append(_rejection(line, f"{pointer}{fault.pointer}", fault.reason, fault.value))
    else:
        cells = {column: _cell(one.get(column)) for column in COLUMNS}
        ledger.entries.append(JsonEntry(cells, line, pointer))


def _order(violation: ValidationError) -> tuple[list[str], str]:
    return [str(part) for part in violation.absolute_path], violation.message


def _expected(violation: ValidationError) -> str:
    says = violation.schema.get("description", "") if isinstance(violation.schema, dict) else ""
    message = violation.message if len(violation.message) <= _SHOWN else f"{violation.validator} isn't as it should be"
    return (
        f"expected {says or 'an entry of the schema'} found otherwise: {message}; `casualty decide --schema` prints the form"
    )


def _rejection(line: int | None, pointer: str, reason: str, value: object) -> Rejection:
    shown = value if isinstance(value, str) else ""
    column = next((part for part in reversed(pointer.split("/")) if part in COLUMNS), None)
    return Rejection(None, line, column, shown[:_SHOWN], reason, pointer)


def _cell(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else " ".join(str(value or "").split())
