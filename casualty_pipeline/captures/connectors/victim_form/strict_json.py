"""JSON that is read as it stands or refused: no key twice, no NaN, nothing too deep, too long or that UTF-8 can't hold.

Python's own reader lets the last of two equal keys win, and makes infinities of large numbers. A form that says two
things is no evidence of either.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DEEPEST = 10  # levels of one form
LONGEST_TEXT = 100_000  # characters of one string
MOST_VALUES = 2_000  # of one form
MOST_DIGITS = 15  # of a number: what every reader of JSON keeps exactly


class NotJsonError(Exception):
    """Carries out of the reader why a text isn't JSON."""

    def __init__(self, reason: str, more_follows: bool = False) -> None:
        super().__init__(reason)
        self.more_follows = more_follows  # a whole value, then another: perhaps one in each line


class AsGiven(float):
    """A number that remembers how it was written."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> "AsGiven":
        """The number that the text says."""
        made = super().__new__(cls, text)
        made.text = text
        return made


@dataclass(frozen=True, slots=True)
class Refused:
    """Stands where a value that can't be used stood."""

    reason: str


@dataclass(frozen=True)
class Fault:
    """What is wrong with a document, and where: a JSON pointer (RFC 6901) from its root."""

    pointer: str
    reason: str
    value: str


def parse(text: str) -> Any:
    """The value of a JSON text; Refused in the place of what can't be used. Raises NotJsonError."""
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_real,
            parse_constant=lambda name: Refused(f"expected a number or null, found {name}"),
        )
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise NotJsonError(f"not JSON: {problem.msg} at {where}", problem.msg.startswith("Extra data")) from problem
    except RecursionError as problem:
        raise NotJsonError(f"nested too deep; expected at most {DEEPEST} levels") from problem


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Refused:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    keys = [key for key, _ in pairs]
    twice = next(key for place, key in enumerate(keys) if key in keys[:place])
    return Refused(f"the key {twice[:100]!r} stands twice in one object: which is meant?")


def _integer(text: str) -> int | Refused:
    digits = len(text.lstrip("-"))
    return int(text) if digits <= MOST_DIGITS else Refused(f"a number of {digits} digits; expected at most {MOST_DIGITS}")


def _real(text: str) -> AsGiven | Refused:
    if len(text) > 100 or not math.isfinite(made := AsGiven(text)):
        return Refused("a number too long or too large to be one of a form")
    return made


def faults(document: Any) -> Iterator[Fault]:
    """What in a parsed document can't be used, in the order in which it stands. What has too many values isn't read on."""
    waiting, seen = [("", document, 1)], 0
    while waiting:
        pointer, value, depth = waiting.pop()
        seen += 1
        if seen > MOST_VALUES:
            yield Fault("", f"more than {MOST_VALUES:,} values; expected one person", "")
            return
        if isinstance(value, Refused):
            yield Fault(pointer, value.reason, "")
        elif isinstance(value, str):
            if problem := _text_problem(value):
                yield Fault(pointer, problem, value[:200])
        elif isinstance(value, dict | list):
            if depth >= DEEPEST:
                yield Fault(pointer, f"nested too deep; expected at most {DEEPEST} levels", "")
                continue
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            below = [(f"{pointer}/{pointer_part(key)}", inside, depth + 1) for key, inside in inner]
            if isinstance(value, dict):
                for key in value:
                    if problem := _text_problem(key):
                        yield Fault(f"{pointer}/{pointer_part(key)}", f"its key: {problem}", "")
            waiting += reversed(below)


def _text_problem(text: str) -> str | None:
    if len(text) > LONGEST_TEXT:
        return f"{len(text):,} characters; expected at most {LONGEST_TEXT:,}"
    if "\0" in text:
        return "holds a NUL character: not text"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as problem:
        return f"holds half of a character (a lone surrogate) at place {problem.start + 1}: it was cut in the wrong place"
    return None


def pointer_part(key: object) -> str:
    """A key or place as a part of a JSON pointer, cut to 100 characters; half characters become U+FFFD."""
    text = str(key)[:100].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("~", "~0").replace("/", "~1")
