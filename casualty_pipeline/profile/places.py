"""A profile's places: districts, towns, neighbourhoods, regions, and names that lie abroad. What belongs here: reading and
checking the files of `places/`. What doesn't: how a text is matched with them (`casualty_pipeline.cleaning.places`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from casualty_pipeline.errors import CasualtyError

Rows = Callable[[Path, tuple[str, ...]], list[dict[str, str]]]
KINDS = ("settlement", "neighbourhood", "region")
_COLUMNS = ("id", "pcode", "district", "kind", "name", "names", "latitude", "longitude")


@dataclass(frozen=True)
class District:
    """A second-level region: its p-code, that of its governorate, and its names."""

    pcode: str
    governorate: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """A named place. `names` are all its spellings, in any script, `name` first; coordinates in decimal degrees (WGS 84)."""

    id: str
    governorate: str
    district: str  # blank where it isn't known
    kind: str  # one of KINDS; a region ("Eastern Ghouta") holds many settlements
    name: str
    names: tuple[str, ...]
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True)
class Extent:
    """The box that holds the country, in decimal degrees."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether a point lies in the box."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


@dataclass(frozen=True)
class Places:
    """What a profile knows of places below the governorate. All parts may be empty."""

    countryside_elsewhere: Mapping[str, str]  # p-code of a city -> p-code of the governorate that is its countryside (R19)
    geonames_country: str  # ISO 3166-1 alpha-2; what `casualty_pipeline.cleaning.places.geonames` extracts
    extent: Extent | None
    districts: tuple[District, ...]
    places: tuple[Place, ...]
    shared_names: tuple[str, ...]  # names that more places bear than the files list: alone, they tell nothing
    abroad: tuple[tuple[str, str], ...]  # name, country


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def _degrees(row: Mapping[str, str], column: str, limit: float, where: Path) -> float | None:
    text = row[column]
    if not text:
        return None
    value = float(text) if text.replace(".", "", 1).removeprefix("-").isdigit() else limit + 1
    if abs(value) > limit:
        raise CasualtyError(f"{where.name}: {column} of {row['id']!r} is {text!r}; expected degrees, at most {limit:g}")
    return value


def _place(row: Mapping[str, str], where: Path) -> Place:
    name = row["name"]
    return Place(
        id=row["id"],
        governorate=row["pcode"],
        district=row["district"],
        kind=row["kind"] or "settlement",
        name=name,
        names=tuple(dict.fromkeys((name, *_split(row["names"])))),
        latitude=_degrees(row, "latitude", 90, where),
        longitude=_degrees(row, "longitude", 180, where),
    )


def _more(known: Place, row: Place) -> Place:
    """A row by hand about a place that GeoNames has: what it states wins, its spellings are added."""
    return replace(
        row,
        governorate=row.governorate or known.governorate,
        district=row.district or known.district,
        name=row.name or known.name,
        names=tuple(dict.fromkeys(n for n in (row.name, *row.names, *known.names) if n)),
        latitude=known.latitude if row.latitude is None else row.latitude,
        longitude=known.longitude if row.longitude is None else row.longitude,
    )


def read_places(folder: Path, settings: Mapping[str, Any], rows: Rows) -> Places:
    """What `[places]` of profile.toml and the files of `places/` say; a file that isn't there is empty.

    A row of `places.csv` with the id of one in `geonames.csv` adds to that place. Raises CasualtyError naming the file
    and the row.
    """

    def optional(file: str, columns: tuple[str, ...]) -> Sequence[dict[str, str]]:
        path = folder / "places" / file
        return rows(path, columns) if path.is_file() else ()

    known: dict[str, Place] = {}
    for file in ("geonames.csv", "places.csv"):
        seen: set[str] = set()
        for row in optional(file, _COLUMNS):
            place = _place(row, folder / "places" / file)
            if place.id in seen:
                raise CasualtyError(f"places/{file}: {place.id!r} stands twice")
            seen.add(place.id)
            known[place.id] = _more(known[place.id], place) if place.id in known else place
    extent = settings.get("extent")
    if extent is not None and sorted(extent) != ["east", "north", "south", "west"]:
        found = ", ".join(sorted(extent))
        raise CasualtyError(f"profile.toml: [places] extent: expected south, west, north and east, found {found}")
    return Places(
        countryside_elsewhere=dict(settings.get("countryside_elsewhere", {})),
        geonames_country=settings.get("geonames_country", ""),
        extent=Extent(**{side: float(value) for side, value in extent.items()}) if extent else None,
        districts=tuple(
            District(r["pcode"], r["governorate"], (r["name"], *_split(r["names"])))
            for r in optional("districts.csv", ("pcode", "governorate", "name", "names"))
        ),
        places=tuple(sorted(known.values(), key=lambda p: p.id)),
        shared_names=tuple(r["name"] for r in optional("shared_names.csv", ("name",))),
        abroad=tuple((r["name"], r["country"]) for r in optional("abroad.csv", ("name", "country"))),
    )


def wrong_references(places: Places, governorates: set[str]) -> list[str]:
    """What names a governorate, a district or a kind that doesn't exist, one sentence each."""
    districts = {d.pcode: d.governorate for d in places.districts}
    return [
        *(
            f"profile.toml: countryside_elsewhere names {pcode!r}, which governorates.csv lacks"
            for pcode in sorted({*places.countryside_elsewhere, *places.countryside_elsewhere.values()} - governorates)
        ),
        *(
            f"places/districts.csv: {d.pcode!r} is in {d.governorate!r}"
            for d in places.districts
            if d.governorate not in governorates
        ),
        *(f"places: {p.id!r} is in {p.governorate!r}" for p in places.places if p.governorate not in governorates),
        *(
            f"places: {p.id!r} of {p.governorate!r} is in the district {p.district!r}"
            for p in places.places
            if p.district and districts.get(p.district) != p.governorate
        ),
        *(
            f"places: {p.id!r} is a {p.kind!r}; expected one of {', '.join(KINDS)}"
            for p in places.places
            if p.kind not in KINDS
        ),
        *(f"places: {p.id!r} has no name" for p in places.places if not p.name),
        *(
            f"places: {p.id!r} has a latitude without a longitude, or the reverse"
            for p in places.places
            if (p.latitude is None) != (p.longitude is None)
        ),
    ]
