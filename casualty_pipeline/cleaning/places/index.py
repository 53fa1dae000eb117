"""The places of a profile, found by name, by coordinates, or by what is spelled alike. What doesn't belong here: weighing a
name against a governorate or coordinates (`gazetteer`).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from casualty_pipeline.cleaning.places.keys import folded, place_key
from casualty_pipeline.profile import Place

KM_PER_DEGREE = 111.2
_CELL = 0.4  # degrees; three by three cells reach REACH_KM in every direction up to 60 degrees of latitude
NEAREST_KM = 10.0
CLEAR_KM = 12.0
CLEAR_TIMES = 4.0
REACH_KM = NEAREST_KM + CLEAR_KM
ALIKE_SCORE = 80.0
MOST_PROPOSALS = 3


def kilometres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """The distance between two points in decimal degrees, flat-earth: within 0.5 % over a country's width."""
    east = (longitude - other_longitude) * math.cos(math.radians((latitude + other_latitude) / 2))
    return KM_PER_DEGREE * math.hypot(latitude - other_latitude, east)


@dataclass(frozen=True)
class Found:
    """The places of a name, and the ids of those whose very spelling it is.

    `shared`: more places bear it than are listed, so that alone it tells nothing.
    """

    places: tuple[Place, ...]
    literal: frozenset[str]
    shared: bool


class PlaceIndex:
    """Places by name, by cell of the map, and by the beginning of their folded names."""

    def __init__(self, places: Iterable[Place], shared_names: Iterable[str]) -> None:
        exact: defaultdict[str, dict[str, Place]] = defaultdict(dict)
        loose: defaultdict[str, dict[str, Place]] = defaultdict(dict)
        self._cells: defaultdict[tuple[int, int], list[tuple[float, float, Place]]] = defaultdict(list)
        self.by_id: dict[str, Place] = {}
        for place in places:
            self.by_id[place.id] = place
            for key in {place_key(name) for name in place.names} - {""}:
                exact[key][place.id] = place
                loose[folded(key)][place.id] = place
            if place.latitude is not None and place.longitude is not None and place.kind != "region":
                self._cells[self._cell(place.latitude, place.longitude)].append((place.latitude, place.longitude, place))
        self.governorate_at = lru_cache(maxsize=50_000)(self._governorate_at)
        self._exact: Mapping[str, tuple[Place, ...]] = {key: tuple(found.values()) for key, found in exact.items()}
        self._loose: Mapping[str, tuple[Place, ...]] = {key: tuple(found.values()) for key, found in loose.items()}
        self._shared = {folded(place_key(name)) for name in shared_names}
        self._alike: defaultdict[str, list[str]] = defaultdict(list)
        for key in sorted(self._loose):
            self._alike[key[:1]].append(key)

    @staticmethod
    def _cell(latitude: float, longitude: float) -> tuple[int, int]:
        return math.floor(latitude / _CELL), math.floor(longitude / _CELL)

    def find(self, key: str) -> Found:
        """What the profile knows by a `place_key`, or by a name that is folded like it."""
        loose = folded(key)
        return Found(self._loose.get(loose, ()), frozenset(p.id for p in self._exact.get(key, ())), loose in self._shared)

    def around(self, latitude: float, longitude: float) -> list[tuple[float, Place]]:
        """(kilometres, place) of every settlement and neighbourhood within REACH_KM, the nearest first."""
        row, column = self._cell(latitude, longitude)
        narrowing = math.cos(math.radians(latitude))
        found = []
        for down in (-1, 0, 1):
            for along in (-1, 0, 1):
                for north, east, place in self._cells.get((row + down, column + along), ()):
                    away = KM_PER_DEGREE * math.hypot(latitude - north, (longitude - east) * narrowing)
                    if away <= REACH_KM:
                        found.append((away, place))
        return sorted(found, key=lambda pair: (pair[0], pair[1].id))

    def _governorate_at(self, latitude: float, longitude: float) -> str | None:
        """The governorate around a point, when the known places leave no doubt, else None.

        No boundaries are used. The nearest known place must be within NEAREST_KM, and the nearest one of another governorate
        either CLEAR_KM farther away, or CLEAR_TIMES as far and not just around the corner. docs/methodology.md
        says how often that is right.
        """
        around = self.around(latitude, longitude)
        if not around or around[0][0] > NEAREST_KM:
            return None
        away, nearest = around[0]
        other = min((km for km, place in around if place.governorate != nearest.governorate), default=math.inf)
        clear = other > away + CLEAR_KM or other > max(CLEAR_TIMES * away, CLEAR_TIMES)
        return nearest.governorate if clear else None

    def alike(self, key: str, governorates: tuple[str, ...]) -> list[tuple[float, Place]]:
        """(score out of 100, place) of names spelled almost like a `place_key`, the best first, at most MOST_PROPOSALS.

        Only names with the same first letter are compared. Those in the given governorates come first.
        """
        wanted = folded(key)
        close = process.extract(
            wanted, self._alike.get(wanted[:1], ()), scorer=fuzz.ratio, score_cutoff=ALIKE_SCORE, limit=2 * MOST_PROPOSALS
        )
        best: dict[str, tuple[float, Place]] = {}
        for name, score, _ in close:
            for place in self._loose[name]:
                if place.id not in best:
                    best[place.id] = (score, place)
        ranked = sorted(best.values(), key=lambda pair: (pair[1].governorate not in governorates, -pair[0], pair[1].id))
        return ranked[:MOST_PROPOSALS]
