"""A large JSON document read piece by piece: the caller walks down to a list and takes its values one at a time.

Here belongs the syntax of JSON, and of Telegram Desktop's dialect of it. What the values mean is for `messages`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

CHUNK = 1 << 20  # characters read at a time
LONGEST_VALUE = 4_000_000  # characters: Telegram's own limit for a text is 4,096

_SPACE = re.compile(r"[ \t\r\n]*+")
_STRUCTURE = re.compile(r'["{}\[\]]')
_SCALAR = re.compile(r"[^,\]}\s]*+")
_IN_STRING = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
# Telegram Desktop writes control characters as \x0B, which isn't JSON.
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
_MARGIN = 16  # an error this near to the end of what was read may be but the end: of `tru`, of `\u06`


class BrokenOffError(Exception):
    """The document can't be read any further: it breaks off, or its brackets don't match. Says where and why."""


class BadValueError(Exception):
    """One value can't be read; the next can. Says why."""


class JsonStream:
    """Walks through a document: `members` and `items` step into it, `value` and `skip` pass what is there.

    Whoever iterates over `members` or `items` consumes each value by one of the four. Memory: LONGEST_VALUE characters.
    """

    def __init__(self, file: TextIO, chunk: int = CHUNK) -> None:
        self._file, self._chunk = file, chunk
        self._text, self._at, self._passed, self._ended = "", 0, 0, False
        self._decoder = json.JSONDecoder(strict=False)  # text may hold line breaks and other control characters as they are

    @property
    def position(self) -> int:
        """How many characters of the document were passed."""
        return self._passed + self._at

    def peek(self) -> str:
        """The next character that isn't space; empty at the end."""
        while True:
            self._at = self._matched_to(_SPACE)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def members(self) -> Iterator[str]:
        """Step into an object: its keys, one by one, each with its value still to be passed."""
        for _ in self._elements("{", "}"):
            if self.peek() != '"':
                raise self._broken('expected a key in "quotes"')
            key = self._key()
            if self.peek() != ":":
                raise self._broken("expected ':' after a key")
            self._at += 1
            yield key

    def items(self) -> Iterator[int]:
        """Step into a list: the indices of its values, each still to be passed."""
        yield from self._elements("[", "]")

    def value(self) -> Any:
        """The value that comes next. Raises BadValueError, the value passed, or BrokenOffError."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as problem:
                unended = problem.msg.startswith("Unterminated string") or problem.pos >= len(self._text) - _MARGIN
                if unended and len(self._text) - self._at <= LONGEST_VALUE and self._more():
                    continue
                return self._mended(problem.msg)
            except (ValueError, RecursionError) as problem:  # a number of thousands of digits, a thousand brackets
                self.skip()
                raise BadValueError(f"not a value that can be read ({type(problem).__name__})") from problem
            if end + len("e+") >= len(self._text) and self._more():
                continue  # a number may go on
            self._at = end
            return value

    def _key(self) -> str:
        """A key, which fits into LONGEST_VALUE as any value does."""
        try:
            return str(self.value())
        except BadValueError as problem:
            raise self._broken(f"a key can't be read: {problem}") from problem

    def skip(self) -> None:
        """Pass the value that comes next, however long."""
        self._pass(keep=False)

    def _mended(self, reason: str) -> Any:
        """The value that comes next, which isn't JSON as it stands, after mending Telegram Desktop's escapes."""
        text = self._pass(keep=True)
        if text is None:
            raise BadValueError(f"longer than {LONGEST_VALUE:,} characters")
        try:
            return self._decoder.decode(_ESCAPE.sub(_escape, text))
        except (ValueError, RecursionError):
            raise BadValueError(f"not JSON: {reason}") from None

    def _elements(self, opening: str, closing: str) -> Iterator[int]:
        if self.peek() != opening:
            raise self._broken(f"expected {opening!r}")
        self._at += 1
        number = 0
        if self.peek() == closing:
            self._at += 1
            return
        while True:
            yield number
            number += 1
            found = self.peek()
            if found not in {",", closing} or not found:
                raise self._broken(f"expected ',' or {closing!r}")
            self._at += 1
            if found == closing:
                return

    def _pass(self, keep: bool) -> str | None:
        """Pass a value by its brackets and quotes alone. Its text, if that was asked for and isn't too long."""
        kept: list[str] = []
        length, depth = 0, 0
        if self.peek() not in {"{", "[", '"'}:
            return self._pass_scalar(keep)
        while True:
            start = self._at
            found = _STRUCTURE.search(self._text, self._at)
            self._at = found.end() if found else len(self._text)
            if found and found.group() == '"':
                self._pass_string()
            elif found:
                depth += 1 if found.group() in "{[" else -1
            if keep and length <= LONGEST_VALUE:
                kept.append(self._text[start : self._at])
                length += self._at - start
            if found and depth <= 0:
                return "".join(kept) if keep and length <= LONGEST_VALUE else None
            if not found and not self._more():
                raise self._broken("it breaks off in the midst of a value")

    def _pass_string(self) -> None:
        """Pass the rest of a string, whose beginning stays in the text that is held, up to LONGEST_VALUE."""
        while True:
            self._at = self._matched_to(_IN_STRING)
            if self._text.startswith('"', self._at):
                self._at += 1
                return
            if self._at > LONGEST_VALUE:
                raise self._broken("it breaks off in the midst of a string, or the string is too long")
            if not self._more(keep=True):
                raise self._broken("it breaks off in the midst of a string")

    def _pass_scalar(self, keep: bool) -> str | None:
        start = self.position
        kept: list[str] = []
        while True:
            begin, self._at = self._at, self._matched_to(_SCALAR)
            kept.append(self._text[begin : self._at])
            if self.position - start > LONGEST_VALUE:
                raise self._broken("expected a value")
            if self._at < len(self._text) or not self._more():
                break
        if self.position == start:
            raise self._broken("expected a value")
        return "".join(kept) if keep else None

    def _matched_to(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        return found.end() if found else self._at

    def _more(self, keep: bool = False) -> bool:
        """Read on, forgetting what was passed unless it is to be kept. Whether there was more."""
        if self._ended:
            return False
        read = self._file.read(max(self._chunk, len(self._text) - self._at))
        self._ended = not read
        if read and not keep:
            self._passed += self._at
            self._text, self._at = self._text[self._at :] + read, 0
        elif read:
            self._text += read
        return bool(read)

    def _broken(self, reason: str) -> BrokenOffError:
        return BrokenOffError(f"{reason}, at character {self.position:,}")


def _escape(found: re.Match[str]) -> str:
    return f"\\u00{found.group(1)}" if found.group(1) else found.group()
