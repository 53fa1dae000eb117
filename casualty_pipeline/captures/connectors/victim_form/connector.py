"""Victim forms held against their schema: each is a statement, or rejected with everything that is wrong in it."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.batch import Batch, Position
from casualty_pipeline.captures.connectors.victim_form.strict_json import (
    AsGiven,
    Fault,
    NotJsonError,
    faults,
    parse,
    pointer_part,
)
from casualty_pipeline.captures.sources import Source
from casualty_pipeline.tables import STATEMENT_FIELDS

VERSION = "1"
SCHEMA = Path(__file__).parents[2] / "schemas" / "victim-form.schema.json"
LARGEST_FILE = 8_000_000  # bytes; forms in lines may come in larger files
LONGEST_LINE = 1_000_000  # bytes
MOST_FAULTS = 20  # told of one form
MOST_ERRORS = 100  # looked for in one form: a hostile one could hold thousands
MOST_FAULTS_OF_A_FILE = 10_000  # then it isn't a file of forms
_LINES, _SUFFIXES = (".jsonl", ".ndjson"), (".json", ".jsonl", ".ndjson")
# A date that the form asks for goes to `extra` for as long as captures.records has no column for it.
_FIELDS = {c.name for c in STATEMENT_FIELDS}


class VictimForm:
    """The connector of the victim form. Its declaration has neither tables nor options: the schema says all."""

    version = VERSION

    def reads(self, source: Source, entry: Entry) -> bool:  # noqa: ARG002  the contract of connectors
        """Files called .json, .jsonl or .ndjson."""
        return entry.original_name.lower().endswith(_SUFFIXES)

    def read(self, source: Source, entry: Entry, path: Path, batch: Batch) -> None:
        """Read one file of forms into the batch. Never raises for what it holds."""
        batch.read.setdefault(entry.entry_id, 0)
        if source.tables or source.options:
            batch.reject(entry, "a victim form is read by its schema: its declaration may have neither tables nor options")
            return
        try:
            _Reading(source, entry, batch).read(path)
        except _TooMuchWrongError as problem:
            batch.reject(
                entry, f"more than {MOST_FAULTS_OF_A_FILE:,} things are wrong here: not a file of forms", problem.at
            )

    def stands(self, source: Source, statement: Mapping[str, Any]) -> Mapping[str, str]:  # noqa: ARG002
        """JSON pointers (RFC 6901) into the file or, where forms stand in lines, into the line."""
        return {name: f"pointer {statement['pointer']}/{name}" for name in _FIELDS}


CONNECTOR = VictimForm()


@cache
def schema() -> dict[str, Any]:
    """The published schema of the form."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; one that is too long comes cut, one byte over the limit."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        rest = line
        while not rest.endswith(b"\n") and (rest := file.readline(LONGEST_LINE)):
            pass
        yield number, line


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        byte = content[problem.start]
        raise NotJsonError(f"not UTF-8 (byte 0x{byte:02x} at offset {problem.start}): save it as UTF-8") from problem


class _TooMuchWrongError(Exception):
    """Carries out of a reading where it gave up."""

    def __init__(self, at: Position) -> None:
        super().__init__()
        self.at = at


@dataclass
class _Reading:
    """One capture being read."""

    source: Source
    entry: Entry
    batch: Batch
    seen: dict[str, Position] = field(default_factory=dict)  # ids of forms, and where they stand
    wrong: int = 0

    def read(self, path: Path) -> None:
        """One form, an array of them, or one in each line. Raises _TooMuchWrongError."""
        if self.entry.original_name.lower().endswith(_LINES):
            with path.open("rb") as file:
                self._each_line(file)
            return
        size = path.stat().st_size
        if size > LARGEST_FILE:
            self._reject(f"{size:,} bytes; expected at most {LARGEST_FILE:,}: send forms in lines (.jsonl)")
            return
        content = path.read_bytes()
        try:
            document = parse(_decoded(content))
        except NotJsonError as problem:
            if not problem.more_follows:
                self._reject(str(problem))
                return
            self._each_line(io.BytesIO(content))
            return
        if document == []:
            self._reject("an empty list; expected forms")
        elif isinstance(document, list):
            for place, form in enumerate(document):
                self._form(form, Position(pointer=f"/{place}"))
        else:
            self._form(document, Position(pointer=""))

    def _each_line(self, file: BinaryIO) -> None:
        for number, line in _lines(file):
            self._line(number, line)
        if not self.seen and not self.wrong:
            self._reject("no form in this file; expected one in each line")

    def _line(self, number: int, line: bytes) -> None:
        at = Position(row_number=number)
        if len(line) > LONGEST_LINE:
            self._reject(f"a line of more than {LONGEST_LINE:,} bytes; expected one form in each line", at)
            return
        try:
            text = _decoded(line)
            form = parse(text) if text.strip() else None
        except NotJsonError as problem:
            self._reject(str(problem), at, line[:200].decode("utf-8", "replace"))
            return
        if text.strip():
            self._form(form, Position(row_number=number, pointer=""))

    def _reject(self, reason: str, at: Position | None = None, value: str = "") -> None:
        self.wrong += 1
        if self.wrong > MOST_FAULTS_OF_A_FILE:
            raise _TooMuchWrongError(at or Position())
        self.batch.reject(self.entry, reason, at, value=value)

    def _form(self, form: Any, at: Position) -> None:
        found = list(faults(form)) or _violations(form)
        if not found and (first := self.seen.get(form["id"].strip())):
            stands = f"line {first.row_number}" if first.row_number else first.pointer
            found = [Fault("/id", f"this id stands at {stands} already: which form is meant?", form["id"])]
        for fault in found[:MOST_FAULTS]:
            where = Position(row_number=at.row_number, pointer=f"{at.pointer}{fault.pointer}")
            self._reject(fault.reason, where, fault.value)
        if len(found) > MOST_FAULTS:
            self._reject(f"at least {len(found) - MOST_FAULTS} more things are wrong in this form", at)
        if not found:
            self.seen[form["id"].strip()] = at
            self._state(form, at)

    def _state(self, form: dict[str, Any], at: Position) -> None:
        key = form["id"].strip()
        fields = {name: _text(value) for name, value in form.items() if name in _FIELDS}
        extra = {name: value for name, value in form.items() if name not in _FIELDS and name not in {"form", "id"}}
        kept = json.dumps(extra, ensure_ascii=False) if extra else None
        self.batch.state(self.source, self.entry, "person", key, fields, at, extra=kept)
        folder = PurePosixPath(self.entry.original_name).parent
        for place, attachment in enumerate(form.get("attachments", ())):
            claimed = {
                "role": attachment.get("role", "file"),
                "name": (folder / attachment["name"]).as_posix(),
                "url": attachment.get("url"),
                "claimed_algorithm": attachment.get("hash_algorithm"),
                "claimed_hash": attachment.get("hash"),
            }
            where = Position(row_number=at.row_number, pointer=f"{at.pointer}/attachments/{place}")
            self.batch.attach(self.source, self.entry, key, claimed, where)


def _text(value: Any) -> str | None:
    """A value as it was written; yes and no for true and false."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.text if isinstance(value, AsGiven) else str(value)


def _violations(form: Any) -> list[Fault]:
    """Where the form isn't as its schema says, each with what was expected and, as its value, what was found.

    A reason names no value: it may be read by people who may not see the form.
    """
    found = [fault for error in islice(_validator().iter_errors(form), MOST_ERRORS) for fault in _of_error(error)]
    return sorted(found, key=lambda fault: (fault.pointer, fault.reason))


def _of_error(error: ValidationError) -> Iterator[Fault]:
    pointer = "".join(f"/{pointer_part(part)}" for part in error.absolute_path)
    value, expected = error.instance, error.validator_value
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:200]
    match error.validator:
        case "additionalProperties" if expected is False:
            known = error.schema["properties"] if isinstance(error.schema, dict) else {}
            for name in value:
                if name not in known:
                    text = json.dumps(value[name], ensure_ascii=False)[:200]
                    yield Fault(
                        f"{pointer}/{pointer_part(name)}", "no item of the form; what it has no place for: other", text
                    )
        case "type":
            kinds = [expected] if isinstance(expected, str) else list(expected)
            yield Fault(pointer, f"expected {' or '.join(kinds)}, found {_kind(value)}", shown)
        case "const":
            yield Fault(pointer, f"expected {expected!r}", shown)
        case "enum":
            yield Fault(pointer, f"expected one of {', '.join(expected)}", shown)
        case "maxLength":
            yield Fault(pointer, f"{len(value):,} characters; expected at most {expected:,}", shown)
        case "required" | "dependentRequired":
            yield Fault(pointer, error.message[:200], "")
        case _:
            yield Fault(pointer, f"expected {error.validator} {expected!s:.100}", shown)


def _kind(value: Any) -> str:
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", type(None): "null"}
    return kinds.get(type(value), "number")
