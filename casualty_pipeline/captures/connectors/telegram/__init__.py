"""Telegram Desktop's export in JSON, of one chat or an account: each message a post, each file it names an attachment.

Here belongs the way through an export: which files of its folder are read, its chats, what is refused. What a message says
is in `messages`, the JSON in `json_stream`. The page docs/connectors/telegram.md says how to export and declare.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.batch import Batch, Position
from casualty_pipeline.captures.connectors.telegram.json_stream import BadValueError, BrokenOffError, JsonStream
from casualty_pipeline.captures.connectors.telegram.messages import Chat, UnreadableError, read_message
from casualty_pipeline.captures.prose import READER_VERSION
from casualty_pipeline.captures.sources import Source

MOST_REJECTIONS = 10_000  # a row each of an export; what is beyond is counted in one
_NOT_UTF8 = re.compile("[\udc80-\udcff]")  # what a byte that isn't UTF-8 is read as
_ACCOUNT = ("chats", "left_chats")  # in the export of an account; that of one chat has `messages` at the top


@dataclass
class Count:
    """The books of an export: every message is a post, a service message, rejected, or of a chat that isn't wanted."""

    posts: int = 0
    service: int = 0
    rejected: int = 0
    unwanted: int = 0


class Telegram:
    """The connector of Telegram exports.

    Options: `chats`, a list of chat ids, limits the reading of an account's export to these; `usernames`, a table of
    names by chat id, makes links that anyone can open.
    """

    version = f"1+{READER_VERSION}"  # a better reader of free text reads old posts again

    def reads(self, source: Source, entry: Entry) -> bool:  # noqa: ARG002 - the contract
        """The export's JSON: `result.json`, at whatever depth, or a JSON file that isn't in a folder of media."""
        folder, name = posixpath.split(entry.original_name.lower())
        return name == "result.json" or (name.endswith(".json") and not folder)

    def read(self, source: Source, entry: Entry, path: Path, batch: Batch) -> None:
        """Read one file of an export's folder. Never raises for what the file holds."""
        name = entry.original_name.lower()
        if self.reads(source, entry):
            read_export(source, entry, path, batch)
        elif name.endswith((".html", ".htm")) and "messages" in posixpath.basename(name):
            batch.reject(entry, "an export as HTML: nothing of it is read. Export the chat again, choosing the format JSON")
        elif "/" not in name and entry.media_type.startswith("text/"):
            batch.reject(entry, "not part of a Telegram export: expected result.json, and folders of media beside it")


CONNECTOR = Telegram()


def read_export(source: Source, entry: Entry, path: Path, batch: Batch) -> Count:
    """Read an export into the batch and return its books. Never raises for what the file holds.

    Memory: one message at a time, besides the batch.
    """
    batch.read.setdefault(entry.entry_id, 0)
    reading = _Reading(source, entry, batch, Count())
    # A byte that isn't UTF-8 becomes a lone surrogate: the message that holds it is rejected, the others are read.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        stream = JsonStream(file)
        try:
            found = reading.top(stream)
        except (BrokenOffError, BadValueError) as problem:
            batch.reject(
                entry, f"from here on nothing can be read: {problem}. Send the export again", Position(pointer=reading.at)
            )
        else:
            if not found:
                batch.reject(entry, "expected an export of Telegram Desktop: an object with messages, or with chats")
            elif rest := stream.peek():
                batch.reject(entry, f"expected the end of the file at character {stream.position:,}, found {rest!r}")
    if (beyond := reading.count.rejected - MOST_REJECTIONS) > 0:
        batch.reject(entry, f"{beyond:,} more messages can't be read; the first {MOST_REJECTIONS:,} stand one by one")
    return reading.count


@dataclass
class _Reading:
    """The way through one export. `at` is the pointer to what is being read."""

    source: Source
    entry: Entry
    batch: Batch
    count: Count
    at: str = ""

    def top(self, stream: JsonStream) -> bool:
        """Read the document. Whether it was an export."""
        if stream.peek() != "{":
            return False
        found, fields = False, dict[str, Any]()
        for key in stream.members():
            if key == "messages" and stream.peek() == "[":
                self.messages(stream, fields, "")
                found = True
            elif key in _ACCOUNT and stream.peek() == "{":
                self.chats(stream, f"/{key}")
                found = True
            else:
                self.field(stream, key, fields)
        return found

    def chats(self, stream: JsonStream, at: str) -> None:
        """Read the chats of an account."""
        for key in stream.members():
            if key != "list" or stream.peek() != "[":
                stream.skip()
                continue
            for number in stream.items():
                self.at = f"{at}/list/{number}"
                if stream.peek() == "{":
                    self.chat(stream, self.at)
                else:
                    stream.skip()
                    self.reject("expected a chat, with its messages")

    def chat(self, stream: JsonStream, at: str) -> None:
        """Read one chat of several."""
        fields = dict[str, Any]()
        for key in stream.members():
            if key == "messages" and stream.peek() == "[":
                self.messages(stream, fields, at)
            else:
                self.field(stream, key, fields)

    @staticmethod
    def field(stream: JsonStream, key: str, fields: dict[str, Any]) -> None:
        """Keep what a chat says of itself; pass anything else."""
        if key not in {"id", "type", "name"}:
            stream.skip()
            return
        try:
            fields[key] = stream.value()
        except BadValueError:
            fields.pop(key, None)

    def messages(self, stream: JsonStream, fields: Mapping[str, Any], at: str) -> None:
        """Read the messages of a chat, or pass them all where its declaration doesn't want it."""
        options = self.source.options
        usernames, chats = options.get("usernames", {}), options.get("chats")
        try:
            chat = Chat.of(fields, usernames if isinstance(usernames, dict) else {})
        except UnreadableError as problem:
            chat, reason = None, str(problem)
        wanted = not isinstance(chats, list) or fields.get("id") in chats
        for number in stream.items():
            self.at = f"{at}/messages/{number}"
            if not wanted:
                stream.skip()
                self.count.unwanted += 1
            elif chat is None:
                stream.skip()
                self.reject(f"of which chat isn't known: {reason}")
            else:
                self.message(stream, chat)

    def message(self, stream: JsonStream, chat: Chat) -> None:
        """Read one message: a post with its attachments, nothing, or a rejection."""
        try:
            given = stream.value()
            message = read_message(chat, given)
            if message is not None:
                _utf8(message.fields)
        except (BadValueError, UnreadableError) as problem:
            self.reject(str(problem))
            return
        if message is None:
            self.count.service += 1
            return
        self.count.posts += 1
        self.batch.post(self.source, self.entry, message.key, message.fields, Position(pointer=self.at))
        folder = posixpath.dirname(self.entry.original_name)
        for file in message.files:
            at = Position(pointer=f"{self.at}/{file.member}")
            name = posixpath.normpath(posixpath.join(folder, file.name)) if file.exported else file.name
            if name.startswith(("/", "../")) or "\0" in name:
                self.batch.reject(
                    self.entry, "a file outside the export's folder: its name isn't followed", at, value=file.name
                )
                continue
            fields = {"role": file.role, "name": name, "url": message.fields["url"]}
            self.batch.attach(self.source, self.entry, message.key, fields, at)

    def reject(self, reason: str) -> None:
        """Reject the message or chat that is being read."""
        self.count.rejected += 1
        if self.count.rejected <= MOST_REJECTIONS:
            self.batch.reject(self.entry, reason, Position(pointer=self.at))


def _utf8(fields: Mapping[str, str | None]) -> None:
    """Raises UnreadableError for bytes that weren't UTF-8."""
    for name, text in fields.items():
        if text and _NOT_UTF8.search(text):
            raise UnreadableError(
                f"the {name} holds bytes that aren't UTF-8, or half a character: send the file as Telegram Desktop wrote it"
            )
