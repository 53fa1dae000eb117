"""What the gazetteer answers: a reading of one statement's place, and what is only near. No logic."""

from dataclasses import dataclass

EXACT, PLACE, DISTRICT, GOVERNORATE, COUNTRY, NONE = PRECISIONS = (
    "exact",
    "place",
    "district",
    "governorate",
    "country",
    "none",
)
STATED, DERIVED, AMBIGUOUS = "stated", "derived", "ambiguous"


@dataclass(frozen=True)
class Proposal:
    """A place that may be meant: for a person to judge, never accepted by itself."""

    name: str
    target: str  # p-code or place id: the value of a `place_alias` decision that would accept it
    governorate: str
    why: str


@dataclass(frozen=True)
class PlaceReading:
    """Where a statement says that it happened."""

    governorate: str | None  # p-code, where the evidence leaves one
    governorates: tuple[str, ...]  # every p-code that the evidence leaves open, sorted
    district: str | None
    name: str | None  # of the place that matched
    place_id: str | None
    latitude: float | None  # decimal degrees, WGS 84
    longitude: float | None
    precision: str  # one of PRECISIONS, never better than what matched
    rule: str  # docs/methodology.md, "How places are read"
    certainty: str  # stated, derived, ambiguous, none
    reason: str | None  # why it could not be read, or what disagrees
    proposals: tuple[Proposal, ...]
