"""What the grammars pass on: people counted or named, groups of them, and the passages that come out. No rules here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Span = tuple[int, int]
Reading = tuple[str, Span]  # a value, and where in the text it was read


@dataclass(frozen=True)
class Passage:
    """One candidate statement, and the passage of the text that says it.

    Several statements may share one passage (the child, then the other four): same `first` and `last`, `part` 0, 1, ...
    Passages that aren't the same don't overlap. `fields` holds names of `casualty_pipeline.tables.STATEMENT_FIELDS` with
    strings that cleaning reads: numbers in digits, words as the profile writes them, names and places as in the text.
    Offsets are code points of the text as given; `last` is one past the end.
    """

    first: int
    last: int
    part: int
    statement: str  # "group" or "person"
    fields: Mapping[str, str]
    spans: Mapping[str, Span]
    rule: str


@dataclass(frozen=True)
class People:
    """Persons that a phrase speaks of: `count` of them (at most `most`, where a range is given), with what it says of them.

    `first` and `last` are tokens, `last` one past the end. `kind` is "person", "others" (more of those before), "other"
    (one more of those before), "casualty" (the noun itself says killed or injured) or "bare" (a number alone).
    """

    first: int
    last: int
    count: int
    number: Span
    traits: Mapping[str, Reading]
    kind: str = "person"
    status: str = ""
    most: int = 0
    definite: bool = False


@dataclass(frozen=True)
class Group:
    """People of one statement: coordinated heads ("a woman and two children") or one head with parts ("including ...")."""

    first: int
    last: int
    heads: tuple[People, ...]
    parts: tuple[People, ...] = ()
    whole: bool = True  # False: a split is announced whose numbers can't all be read


@dataclass(frozen=True)
class Event:
    """A group with what happened to it. `first` and `last` are tokens: the group and the words that decide its status."""

    group: Group
    status: str
    first: int
    last: int
    rule: str
    marks: Mapping[str, Reading] = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """Fields of one candidate before the place, the party and so on of its sentence are added."""

    kind: str
    readings: Mapping[str, Reading]
    rule: str
