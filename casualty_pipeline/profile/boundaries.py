"""Boundaries of a profile's regions, its own drawing or an official file. What belongs here: reading and checking them.

What doesn't: how our own are drawn (`outlines.py`), how a map looks (`reporting/maps.py`).
"""

import csv
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.profile.outlines import Point, signed_area, wound

Polygon = tuple[tuple[Point, ...], ...]  # the outer ring, then its holes
_SLACK = 0.5  # degrees that a boundary may lie outside the profile's extent
_ADVICE = "expected a FeatureCollection with a polygon for each region, its p-code as `id` or as the property `pcode`"


def geometry(profile: Profile) -> dict[str, dict[str, Any]]:
    """The GeoJSON geometry (RFC 7946) of every governorate by p-code, in the profile's order.

    Longitude and latitude on WGS 84; outer rings counter-clockwise, holes clockwise. Raises CasualtyError where the
    profile has no boundaries, or where its file isn't one for this profile.
    """

    def one(polygons: Sequence[Polygon]) -> dict[str, Any]:
        found = [[[list(point) for point in ring] for ring in polygon] for polygon in polygons]
        many = len(found) > 1
        return {"type": "MultiPolygon" if many else "Polygon", "coordinates": found if many else found[0]}

    return {pcode: one(polygons) for pcode, polygons in boundaries(profile).items()}


def boundaries(profile: Profile) -> Mapping[str, tuple[Polygon, ...]]:
    """The polygons of every governorate by p-code: what `geometry` says, as tuples. Raises the same errors."""
    path = profile.boundaries
    if path is None:
        raise CasualtyError(
            f"the profile {profile.id!r} has no boundaries: draw {profile.folder / 'map' / 'governorates.geojson'}, "
            f"or name a GeoJSON file as `boundaries` in casualty.toml"
        )
    try:
        changed = path.stat().st_mtime_ns
    except OSError as problem:
        raise CasualtyError(f"{path}: no boundaries there ({problem.strerror}); {_ADVICE}") from problem
    extent = profile.places.extent
    box = (-180.0, -90.0, 180.0, 90.0)
    if extent:
        box = (extent.west - _SLACK, extent.south - _SLACK, extent.east + _SLACK, extent.north + _SLACK)
    return _read(path, changed, tuple(g.pcode for g in profile.governorates), box)


@lru_cache(maxsize=4)
def _read(
    path: Path,
    changed: int,  # noqa: ARG001 - a file that was changed is read again
    pcodes: tuple[str, ...],
    box: tuple[float, float, float, float],
) -> Mapping[str, tuple[Polygon, ...]]:
    try:
        given = json.loads(path.read_bytes())
        found: dict[str, tuple[Polygon, ...]] = {}
        for feature in given["features"]:
            properties = feature.get("properties") or {}
            # Some files number their features: an id that is no p-code says nothing.
            pcode = next((code for code in (feature.get("id"), properties.get("pcode")) if code in pcodes), None)
            if pcode is None:
                continue
            if pcode in found:
                raise CasualtyError(f"{path}: {pcode} stands twice; {_ADVICE}")
            found[pcode] = _polygons(feature["geometry"], f"{path}: {pcode}", box)
    except OSError as problem:
        raise CasualtyError(f"{path}: can't be read: {problem.strerror}") from problem
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise CasualtyError(f"{path}: not GeoJSON that can be used ({problem!r}); {_ADVICE}") from problem
    missing = [pcode for pcode in pcodes if pcode not in found]
    if missing:
        raise CasualtyError(f"{path}: no boundary of {', '.join(missing)}; {_ADVICE}")
    return {pcode: found[pcode] for pcode in pcodes}


def _polygons(given: Mapping[str, Any], where: str, box: tuple[float, float, float, float]) -> tuple[Polygon, ...]:
    if given["type"] not in {"Polygon", "MultiPolygon"}:
        raise CasualtyError(f"{where} is a {given['type']}; {_ADVICE}")
    west, south, east, north = box
    polygons = []
    for polygon in [given["coordinates"]] if given["type"] == "Polygon" else given["coordinates"]:
        rings = []
        for number, ring in enumerate(polygon):
            points = [(float(point[0]), float(point[1])) for point in ring]
            if len(points) < 4 or points[0] != points[-1]:
                raise CasualtyError(
                    f"{where}: an open ring of {len(points)} points; expected four or more, the first and the last the same"
                )
            outside = next((p for p in points if not (west <= p[0] <= east and south <= p[1] <= north)), None)
            if outside:
                raise CasualtyError(
                    f"{where}: {outside} lies outside the country; expected longitude and latitude in degrees (WGS 84), "
                    f"within {west:g}..{east:g}, {south:g}..{north:g}"
                )
            if signed_area(points):
                rings.append(tuple(wound(points, outer=number == 0)))
        if rings:
            polygons.append(tuple(rings))
    if not polygons:
        raise CasualtyError(f"{where} has no polygon; {_ADVICE}")
    return tuple(polygons)


def holds(polygons: Sequence[Polygon], point: Point) -> bool:
    """Whether a point lies inside (a hole is outside)."""
    x, y = point
    crossed = 0
    for polygon in polygons:
        for ring in polygon:
            crossed += sum(
                (a[1] > y) != (b[1] > y) and x < a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]) for a, b in pairwise(ring)
            )
    return crossed % 2 == 1


def label_places(profile: Profile) -> dict[str, Point]:
    """Where the labels of regions stand: longitude and latitude by p-code, from `map/labels.csv` of the profile.

    A region that the file leaves out is labelled in its middle. Raises CasualtyError for a row that isn't two numbers.
    """
    path = profile.folder / "map" / "labels.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    try:
        return {row["pcode"]: (float(row["longitude"]), float(row["latitude"])) for row in rows}
    except (KeyError, TypeError, ValueError) as problem:
        raise CasualtyError(f"{path}: expected pcode, longitude and latitude in every row: {problem!r}") from problem
