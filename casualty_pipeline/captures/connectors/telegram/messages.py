"""What one message of a Telegram Desktop export says: its key, its text, its moments, who said it first, its files.

Here belongs the meaning of a message's fields, as `export_output_json.cpp` of Telegram Desktop writes them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# Types of chats share three spaces of ids: a user and a channel may have the same number.
_KINDS = {
    "saved_messages": "user",
    "replies": "user",
    "verification_codes": "user",
    "personal_chat": "user",
    "bot_chat": "user",
    "private_group": "chat",
    "private_supergroup": "channel",
    "public_supergroup": "channel",
    "private_channel": "channel",
    "public_channel": "channel",
}
_ROLES = {
    "video_file": "video",
    "video_message": "video",
    "animation": "video",
    "voice_message": "audio",
    "audio_file": "audio",
    "sticker": "file",
}
_MIME_ROLES = {"image": "photo", "video": "video", "audio": "audio", "application": "document", "text": "document"}


class UnreadableError(Exception):
    """A message or chat that isn't one. Says what was expected and found."""


@dataclass(frozen=True)
class Chat:
    """A channel, group or conversation. `key` is stable across exports: kind and number, `channel1234567890`."""

    key: str
    name: str | None
    username: str | None  # declared by the source: exports don't give it

    @classmethod
    def of(cls, fields: Mapping[str, Any], usernames: Mapping[str, Any]) -> "Chat":
        """The chat that an export's fields describe. Raises UnreadableError where they don't."""
        kind, number, name = fields.get("type"), fields.get("id"), fields.get("name")
        if not isinstance(kind, str) or kind not in _KINDS:
            raise UnreadableError(f"expected the chat's type before its messages; found {_shown(kind)}")
        if _number(number) is None:
            raise UnreadableError(f"expected the chat's id, a number, before its messages; found {_shown(number)}")
        username = usernames.get(str(number))
        return cls(
            f"{_KINDS[kind]}{number}",
            name if isinstance(name, str) else None,
            username if isinstance(username, str) else None,
        )

    def url(self, message: int) -> str | None:
        """Where a message can be opened: by name where that is declared, else in Telegram by those who are members."""
        if self.username:
            return f"https://t.me/{self.username}/{message}"
        if self.key.startswith("channel") and message > 0:
            return f"https://t.me/c/{self.key.removeprefix('channel')}/{message}"
        return None


@dataclass(frozen=True)
class File:
    """A file that a message names. `member` is the field that does; `name` may be a note that the file wasn't exported."""

    member: str
    role: str
    name: str

    @property
    def exported(self) -> bool:
        """Whether the name is one, and not a note in its place such as `(File not included. ...)`."""
        return "(" not in self.name or not self.name.endswith(")")


@dataclass(frozen=True)
class Message:
    """A message: the key, the fields of a post, and the files that it names."""

    key: str
    fields: Mapping[str, str | None]
    files: tuple[File, ...]


def read_message(chat: Chat, given: Any) -> Message | None:
    """A message as a post; None for a service message (somebody joined, a message was pinned), which states nothing.

    Raises UnreadableError for what isn't a message.
    """
    if not isinstance(given, dict):
        raise UnreadableError(f"expected a message, found {_shown(given)}")
    number, kind = _number(given.get("id")), given.get("type")
    if number is None:
        raise UnreadableError(f"expected the message's id, a number; found {_shown(given.get('id'))}")
    if kind == "service":
        return None
    if kind == "unsupported":
        raise UnreadableError("Telegram Desktop couldn't export this message: export the chat again with its newest version")
    if kind != "message":
        raise UnreadableError(f"expected the type message or service, found {_shown(kind)}")
    reply = _number(given.get("reply_to_message_id"))
    peer = given.get("reply_to_peer_id")
    return Message(
        f"{chat.key}/{number}",
        {
            "published": _moment(given, "date", required=True),
            "edited": _moment(given, "edited"),
            "author": _text_of(given, "author") or _text_of(given, "from") or _text_of(given, "from_id"),
            "original_source": _origin(given),
            "reply_to": f"{peer if isinstance(peer, str) else chat.key}/{reply}" if reply is not None else None,
            "url": chat.url(number),
            "title": chat.name,
            "content": "\n".join(_content(given)),
        },
        tuple(_files(given)),
    )


def _content(given: Mapping[str, Any]) -> Iterator[str]:
    """The text or caption, then what a poll, a contact's place or a shared place says in words."""
    text = _plain(given["text"] if "text" in given else given.get("text_entities", ""))
    if text.strip():
        yield text
    poll = given.get("poll")
    if isinstance(poll, dict):
        question, answers = poll.get("question"), poll.get("answers")
        yield _plain(question if question is not None else "")
        for answer in answers if isinstance(answers, list) else ():
            if isinstance(answer, dict):
                yield f"- {_plain(answer.get('text', ''))}"
    for name in ("place_name", "address"):
        if place := _text_of(given, name):
            yield place
    point = given.get("location_information")
    if isinstance(point, dict) and all(isinstance(point.get(c), int | float) for c in ("latitude", "longitude")):
        yield f"{point['latitude']}, {point['longitude']}"


def _plain(text: Any) -> str:
    """Text as it is read: a string, or pieces of which some are links, names, bold type."""
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        pieces = [piece.get("text") if isinstance(piece, dict) else piece for piece in text]
        if all(isinstance(piece, str) for piece in pieces):
            return "".join(map(str, pieces))
    raise UnreadableError(f"expected a text, or a list of texts and of objects with a text; found {_shown(text)}")


def _moment(given: Mapping[str, Any], name: str, required: bool = False) -> str | None:
    """The UTC instant; in exports before 2021, which don't have it, the local time as it is given, without a zone."""
    stamp = given.get(f"{name}_unixtime")
    if stamp is not None:
        try:
            return datetime.fromtimestamp(int(stamp), UTC).isoformat()
        except (ValueError, OverflowError, OSError, TypeError):
            raise UnreadableError(f"expected {name}_unixtime in seconds since 1970, found {_shown(stamp)}") from None
    local: Any = given.get(name)
    if local is None and not required:
        return None
    try:
        return datetime.fromisoformat(local).isoformat()
    except (ValueError, TypeError):
        raise UnreadableError(f"expected {name} such as 2020-03-01T11:30:00, found {_shown(local)}") from None


def _origin(given: Mapping[str, Any]) -> str | None:
    """Who said it first (R8). A forward whose origin is gone is still a forward."""
    for name in ("forwarded_from", "forwarded_from_id", "saved_from"):
        if origin := _text_of(given, name):
            return origin
    return "deleted account" if "forwarded_from" in given or "saved_from" in given else None


def _files(given: Mapping[str, Any]) -> Iterator[File]:
    kind, mime = given.get("media_type"), str(given.get("mime_type", ""))
    role = _ROLES.get(kind, "file") if isinstance(kind, str) else _MIME_ROLES.get(mime.partition("/")[0], "file")
    for member, its_role in (("photo", "photo"), ("file", role), ("thumbnail", "file"), ("contact_vcard", "document")):
        if name := _text_of(given, member):
            yield File(member, its_role, name)


def _text_of(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    return value if isinstance(value, str) and value.strip() else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _shown(value: Any) -> str:
    try:
        return "nothing" if value is None else repr(value)[:100]
    except RecursionError:  # JSON may be nested as deep as can just be read, and no deeper
        return "a value nested too deep"
