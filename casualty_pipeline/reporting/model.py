"""What a report is made from and what it is written to. What belongs here: plain values. What doesn't: any wording."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import polars as pl

from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.reporting.figures_view import Numbers


@dataclass(frozen=True)
class Massacre:
    """One massacre (R20, R21): a row of attributed.incidents with its demographics. It holds no names."""

    incident_id: str
    first: date | None
    last: date | None
    governorate: str
    place: str | None  # in Latin script, as recorded
    party: str
    category: str | None
    attribution: str
    civilians: int
    children: int
    children_male: int
    children_female: int
    women: int
    area_of_control: str | None
    place_ar: str | None = None  # in Arabic, as recorded
    mechanism: str | None = None  # an id of the profile's wording, where all victims' records agree
    attacks: int = 1  # a double-tap strike is one incident of two attacks (R20)
    injured: int = 0  # at least so many

    def place_in(self, language: str) -> str | None:
        """The place as recorded, in the script of the language where that was recorded."""
        return (self.place_ar or self.place) if language == "ar" else (self.place or self.place_ar)


@dataclass(frozen=True)
class Interval:
    """A share in percent, with the limits of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class LinkageQuality:
    """How often the program joins the right statements, and all of them, without people's help.

    `precision`, `recall` and `judged_on` are None while too little of the sample was judged. `lists` are the labelled lists,
    by language, on which `on_lists` (precision, recall, in percent) was measured; empty where nothing was.
    """

    precision: Interval | None = None
    recall: Interval | None = None
    judged: int = 0
    judged_on: date | None = None
    lists: Mapping[str, str] = field(default_factory=dict)
    on_lists: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class NotableCase:
    """One victim who is told of by id, without a name, in a bundle that anyone may read (`notable.py` chooses).

    `population` is the section that it belongs to: torture, or the id of a special group.
    """

    victim_id: str
    population: str
    demographic: str  # man, woman, child_male, child_female, child or unknown
    governorate: str
    party: str
    category: str | None
    attribution: str
    died_first: date | None
    died_last: date | None
    documented: date | None
    affiliation: str | None = None


@dataclass(frozen=True)
class Cause:
    """What changed a published figure (decision, capture, merge, split, retraction, method), and its share of the change."""

    kind: str
    id: str
    decided: date | None
    share: float


@dataclass(frozen=True)
class Restatement:
    """A figure that differs from the last edition's; None where an edition has no such figure."""

    figure: str  # its address
    before: float | None
    after: float | None
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class LastEdition:
    """The edition before this one."""

    number: int
    published: date


@dataclass(frozen=True)
class MonthReport:
    """Everything that a month's report states.

    `figures` has the columns FIGURE_COLUMNS: all figures of the month and of the months since January. `months` has the
    same columns: for each month since January the totals of civilians (all, child, woman), torture and massacres.
    `affiliations` are (special group, party, organisation, persons). `synthetic` says that the data is generated; then
    every file says so. `digest` names what it was computed from. `as_of` is the moment that an edition tells
    of; None in a draft. `last_edition` is None in a first edition, and `restatements` say what changed since.
    """

    profile: Profile
    month: str
    figures: pl.DataFrame
    months: pl.DataFrame
    massacres: tuple[Massacre, ...]
    affiliations: tuple[tuple[str, str, str, int], ...]
    synthetic: bool
    digest: str
    linkage: LinkageQuality = LinkageQuality()
    cases: tuple[NotableCase, ...] = ()
    last_edition: LastEdition | None = None
    restatements: tuple[Restatement, ...] = ()
    edition: int | None = None
    as_of: datetime | None = None

    @cached_property
    def numbers(self) -> Numbers:
        """`figures` by what they count: read once for every language."""
        return Numbers(self.figures)

    @cached_property
    def series(self) -> Numbers:
        """`months` by what they count."""
        return Numbers(self.months)


@dataclass(frozen=True)
class Written:
    """A file that was written, with its size in bytes and its SHA-256. `language` is a language of the profile, or `all`."""

    path: Path
    language: str
    format: str
    size: int
    sha256: str
