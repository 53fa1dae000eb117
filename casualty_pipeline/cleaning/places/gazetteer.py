"""Where a statement says that it happened: governorate field, names of places and coordinates weighed against one another.

What belongs here: which of them stands when they differ, and what is said about it. The rules, by their ids, are in
docs/methodology.md, "How places are read". Looking names up is `named` and `index`; what a governorate field says,
`governorates`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from casualty_pipeline.cleaning.places.coordinates import Spot, read_coordinates
from casualty_pipeline.cleaning.places.governorates import Governorates, Stated
from casualty_pipeline.cleaning.places.index import PlaceIndex, kilometres
from casualty_pipeline.cleaning.places.keys import place_key
from casualty_pipeline.cleaning.places.named import Named, Namer
from casualty_pipeline.cleaning.places.readings import (
    AMBIGUOUS,
    COUNTRY,
    DERIVED,
    DISTRICT,
    EXACT,
    GOVERNORATE,
    NONE,
    PLACE,
    STATED,
    PlaceReading,
    Proposal,
)
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import Place, Profile

FAR_KM = 30.0  # farther from the place that is named, coordinates are of something else
CLOSE_KM = 5.0  # so near to a known place, coordinates propose it


@dataclass(frozen=True)
class _Verdict:
    """Which governorates the evidence leaves open, by which rule, and which of the named places are meant."""

    governorates: tuple[str, ...]
    certainty: str
    rule: str
    places: tuple[Place, ...] = ()
    reasons: tuple[str | None, ...] = ()


def _near_miss(score: float, place: Place, governorates: tuple[str, ...]) -> str:
    where = " in the stated governorate" if place.governorate in governorates else ""
    return f"spelled alike{where} (score {score:.0f} of 100)" if score < 100 else f"a place of that name{where}"


class Gazetteer:
    """The governorates and places of a profile, and what decisions taught.

    `learnt` maps a `place_key` to a p-code or a place id, from decisions of the kind `place_alias`. Raises CasualtyError for
    a target that the profile doesn't know (`knows` tells beforehand).
    """

    def __init__(self, profile: Profile, learnt: Mapping[str, str] | None = None) -> None:
        self._profile = profile
        self._extent = profile.places.extent
        self._countryside = profile.places.countryside_elsewhere
        self._governorates = Governorates(profile, learnt or {})
        self._index = PlaceIndex(profile.places.places, profile.places.shared_names)
        unknown = sorted((key, target) for key, target in (learnt or {}).items() if not self.knows(target))
        if unknown:
            key, target = unknown[0]
            raise CasualtyError(
                f"place_alias of {key!r}: {target!r} is neither a p-code nor a place id of the profile {profile.id!r}: "
                "correct the decision, or add the place to places/places.csv"
            )
        taught = {place_key(key): self._index.by_id.get(target, target) for key, target in (learnt or {}).items()}
        self._namer = Namer(self._index, self._governorates, taught)

    def knows(self, target: str) -> bool:
        """Whether a decision may name this: a p-code or a place id of the profile."""
        return target in self._profile.governorate or target in self._index.by_id

    def read(self, text: str) -> tuple[str | None, str | None]:
        """A governorate field alone: (p-code, None), or (None, why not). Never raises."""
        return self._governorates.read(text)

    def locate(
        self,
        governorate: str | None,
        place: str | None,
        place_ar: str | None,
        latitude: str | None,
        longitude: str | None,
    ) -> PlaceReading:
        """Where a statement says that it happened, from its fields as given. Never raises."""
        stated = self._governorates.stated(governorate) if governorate and governorate.strip() else Stated((), None, None)
        named = self._namer.texts(place, place_ar)
        spot = read_coordinates(latitude, longitude, self._extent)
        if stated.reason and stated.unread and not stated.abroad:
            stated, named = self._place_in_governorate_field(stated, named)
        verdict = self._weigh(stated, named, spot)
        return self._reading(stated, named, spot, verdict)

    def _place_in_governorate_field(self, stated: Stated, named: Named) -> tuple[Stated, Named]:
        """A known place beside a governorate ("Raqqa - Tal Abyad"), or instead of one ("Afrin"), says where."""
        there = self._namer.text(stated.unread)
        if there.shared or len(there.pcodes) != 1 or not there.literal:
            return stated, named
        if stated.pcodes == there.pcodes:
            return Stated(stated.pcodes, None, None), named if named.places else replace(there, within=True)
        if stated.pcodes:
            return stated, named
        reason = f"the governorate field names a place: {there.places[0].name}"
        if not named.places:
            return Stated((), None, reason), replace(there, within=True)
        return Stated((), None, reason), replace(named, governorates=tuple(sorted({*named.governorates, *there.pcodes})))

    def _weigh(self, stated: Stated, named: Named, spot: Spot) -> _Verdict:
        around = None
        if spot.latitude is not None and spot.longitude is not None:
            around = self._index.governorate_at(spot.latitude, spot.longitude)
        country = stated.abroad or (named.abroad if not stated.pcodes else None)
        if country:
            return _Verdict((), NONE, "abroad", (), (f"the place named is in {country}: not in this country",))
        if len(stated.pcodes) == 1 and not stated.unread:
            return self._weigh_stated(stated, named, around)
        if not any(place.id in named.literal for place in named.places):
            # What is only folded alike is known where a governorate that is written, or coordinates, agree.
            agreeing = {around, *stated.pcodes, *named.governorates}
            trusted = tuple(place for place in named.places if place.governorate in agreeing)
            named = replace(named, places=trusted)
        if not stated.pcodes and not named.places and not named.governorates:
            return self._weigh_unnamed(stated, named, spot, around)
        return self._weigh_open(stated, named, spot, around)

    def _weigh_stated(self, stated: Stated, named: Named, around: str | None) -> _Verdict:
        """One governorate is stated: it stands, but for a city whose name is used for the countryside around it (R19)."""
        pcode = stated.pcodes[0]
        label = self._label(pcode)
        inside = named.only(place for place in named.places if place.governorate == pcode).places
        literal = tuple(place for place in named.places if place.id in named.literal)
        if inside and not (named.shared and around != pcode):
            return _Verdict((pcode,), STATED, "stated_and_place", inside, (stated.reason,))
        countryside = self._countryside.get(pcode)
        if countryside and not inside:
            meant = literal or named.places
            outlying = tuple(place for place in meant if place.governorate == countryside and not named.shared)
            if outlying or (around == countryside and not literal):
                what = f"{outlying[0].name} is" if outlying else "the coordinates are"
                reason = f"{label} is stated; {what} in {self._label(countryside)}"
                return _Verdict((countryside,), DERIVED, "countryside_of_city", outlying, (stated.reason, reason))
        elsewhere = set() if named.shared or inside else {place.governorate for place in literal}
        elsewhere |= set(named.governorates) if pcode not in named.governorates and not elsewhere else set()
        if elsewhere - {pcode}:
            known = " or ".join(self._label(other) for other in sorted(elsewhere))
            first = literal[0].name if literal and not named.shared else known
            reason = f"{label} is stated; {first} is known in {known} only: the statement stands until a person decides"
            open_ones = tuple(sorted({pcode, *elsewhere}))
            return _Verdict(open_ones, STATED, "stated_against_place", (), (stated.reason, reason))
        if around is not None and around != pcode:
            there = self._label(around)
            reason = f"{label} is stated, the coordinates are in {there}: the statement stands until a person decides"
            open_ones = tuple(sorted({pcode, around}))
            return _Verdict(open_ones, STATED, "stated_against_coordinates", (), (stated.reason, reason))
        if countryside and named.key and named.says_nothing and around is None:
            reason = f"{label} is stated, which is also said of {self._label(countryside)}; the place is not known in either"
            open_ones = tuple(sorted({pcode, countryside}))
            return _Verdict(open_ones, STATED, "city_or_countryside", (), (stated.reason, reason))
        return _Verdict((pcode,), STATED, "stated", (), (stated.reason,))

    def _weigh_open(self, stated: Stated, named: Named, spot: Spot, around: str | None) -> _Verdict:
        """None or several are stated, and something is named."""
        from_places, from_words = set(named.pcodes), set(named.governorates)
        possible = from_places or from_words
        if from_places and from_words:
            possible = from_places & from_words or from_places | from_words
        possible = possible | set(named.instead)
        if stated.pcodes:
            possible = possible & set(stated.pcodes) or set(stated.pcodes)
        rule = "learnt" if named.learnt else "place" if from_places else "governorate_in_place"
        if stated.pcodes and not (from_places or from_words):
            rule = "several_governorates"
        if spot.outside:
            return _Verdict(tuple(sorted(possible)), AMBIGUOUS, "place_against_coordinates", (), (stated.reason,))
        if (len(possible) > 1 or named.shared) and around is not None and around in possible:
            possible, rule = {around}, "place_and_coordinates"
        elif named.shared or len(possible) > 1 or (stated.pcodes and stated.unread and not from_places):
            what = "several governorates are possible" if len(possible) > 1 else "its name is borne by several places"
            reason = stated.reason or f"{what}: say which"
            meant = tuple(place for place in named.places if place.governorate in possible)
            return _Verdict(tuple(sorted(possible)), AMBIGUOUS, rule, meant, (reason,))
        elif around is not None and around not in possible:
            reason = f"the place is in {self._label(min(possible))}, the coordinates are in {self._label(around)}"
            both = tuple(sorted({*possible, around}))
            return _Verdict(both, AMBIGUOUS, "place_against_coordinates", (), (stated.reason, reason))
        return _Verdict(tuple(possible), DERIVED, rule, self._in(named, possible), (stated.reason,))

    @staticmethod
    def _weigh_unnamed(stated: Stated, named: Named, spot: Spot, around: str | None) -> _Verdict:
        """Nothing known is stated or named. Coordinates alone speak only where no words were written for the governorate."""
        words = any(letter.isalpha() for letter in stated.unread)
        if around is not None and not words and not named.shared:
            return _Verdict((around,), DERIVED, "coordinates", (), (stated.reason,))
        if named.shared:
            why = "its name is borne by several places: the governorate is needed"
        elif stated.reason or spot.reason:
            why = None
        elif named.key:
            why = "no known place is named"
        elif spot.latitude is not None:
            why = "the coordinates are too far from known places, or between governorates"
        else:
            return _Verdict(
                (), NONE, "nothing_given", (), ("neither a governorate, nor a place, nor coordinates are given",)
            )
        return _Verdict((), NONE, "not_read", (), (stated.reason, why))

    def _in(self, named: Named, possible: set[str]) -> tuple[Place, ...]:
        return named.only(place for place in named.places if place.governorate in possible).places

    def _label(self, pcode: str) -> str:
        return self._profile.governorate[pcode].label[self._profile.languages[0]]

    def _reading(self, stated: Stated, named: Named, spot: Spot, verdict: _Verdict) -> PlaceReading:
        certain = verdict.certainty in {STATED, DERIVED}
        meant = verdict.places[0] if certain and len(verdict.places) == 1 else None
        latitude, longitude, precision, doubt = self._point(meant, named.within, spot, verdict)
        districts = {place.district for place in verdict.places}
        governorate = stated.pcodes[0] if verdict.certainty == STATED else verdict.governorates[0] if certain else None
        return PlaceReading(
            governorate=governorate,
            governorates=verdict.governorates,
            district=next(iter(districts)) or None if len(districts) == 1 and certain else None,
            name=meant.name if meant else None,
            place_id=meant.id if meant else None,
            latitude=latitude,
            longitude=longitude,
            precision=precision,
            rule=verdict.rule,
            certainty=verdict.certainty,
            reason="; ".join(dict.fromkeys(r for r in (*verdict.reasons, doubt) if r)) or None,
            proposals=() if verdict.places else self._proposals(stated, named, spot),
        )

    def _point(
        self, meant: Place | None, within: bool, spot: Spot, verdict: _Verdict
    ) -> tuple[float | None, float | None, str, str | None]:
        """(latitude, longitude, precision, what is wrong with the coordinates given)."""
        doubt = spot.reason
        if spot.latitude is not None and spot.longitude is not None:
            doubt = self._misplaced(meant, within, spot.latitude, spot.longitude, verdict)
            if doubt is None and not verdict.rule.endswith("against_coordinates"):
                return spot.latitude, spot.longitude, EXACT, None
        if meant is not None:
            if meant.kind == "region":
                return meant.latitude, meant.longitude, GOVERNORATE, doubt
            return meant.latitude, meant.longitude, DISTRICT if within else PLACE, doubt
        if verdict.certainty in {STATED, DERIVED}:
            return None, None, GOVERNORATE, doubt
        return None, None, COUNTRY if verdict.governorates else NONE, doubt

    def _misplaced(
        self, meant: Place | None, within: bool, latitude: float, longitude: float, verdict: _Verdict
    ) -> str | None:
        """Why coordinates can't be of the place that is meant, if they can't."""
        if meant is not None and meant.latitude is not None and meant.longitude is not None and meant.kind != "region":
            away = kilometres(latitude, longitude, meant.latitude, meant.longitude)
            return f"the coordinates are {away:.0f} km from {meant.name}" if away > FAR_KM * (1 + within) else None
        around = self._index.governorate_at(latitude, longitude)
        if around is not None and verdict.governorates and around not in verdict.governorates:
            return f"the coordinates are in {self._label(around)}"
        return None

    def _proposals(self, stated: Stated, named: Named, spot: Spot) -> tuple[Proposal, ...]:
        """What may be meant where a text wasn't read, with why: spelled alike, or at the coordinates."""
        found: dict[str, Proposal] = {}
        if stated.unread and (near := self._governorates.near(stated.unread)):
            spelling, pcode, score = near
            why = f"the governorate is spelled like {spelling!r} (score {score:.0f} of 100)"
            found[pcode] = Proposal(self._label(pcode), pcode, pcode, why)
        if named.key and not (named.governorates or named.abroad or named.learnt):
            for score, place in self._index.alike(named.key, stated.pcodes):
                why = _near_miss(score, place, stated.pcodes)
                found.setdefault(place.id, Proposal(place.name, place.id, place.governorate, why))
            if spot.latitude is not None and spot.longitude is not None:
                for away, place in self._index.around(spot.latitude, spot.longitude)[:1]:
                    if away <= CLOSE_KM:
                        why = f"{away:.1f} km from the coordinates"
                        if place.id in found:
                            why = f"{found[place.id].why}, {why}"
                        found[place.id] = Proposal(place.name, place.id, place.governorate, why)
        return tuple(found.values())
