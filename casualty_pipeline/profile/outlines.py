"""Draws a profile's regions as GeoJSON from lines set by hand. What belongs here: putting lines together into rings.

What doesn't: reading the result or anybody else's boundaries (`boundaries.py`), colours and labels (`reporting/maps.py`).
A border is one line with a region on each side, so two neighbours can neither overlap nor leave a gap. The tool is run by
whoever edits the lines; the drawing is kept beside them:

    python -m casualty_pipeline.profile.outlines syria
"""

import json
import math
import sys
import tomllib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.loader import load_profile

Point = tuple[float, float]  # longitude, latitude in degrees
Line = tuple[Point, ...]
_DEGREE_KM = 111.195  # of a great circle, mean radius of the Earth


def lines_of(path: Path) -> dict[str, list[Line]]:
    """The lines around each region, as `lines.toml` states them.

    Raises CasualtyError for a file that isn't TOML, a corner that isn't defined, a line of fewer than two points.
    """
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CasualtyError(f"the profile lacks its file {path}: expected corners and lines to draw from") from None
    except ValueError as problem:  # TOML and encoding errors
        raise CasualtyError(f"{path}: not readable as TOML: {problem}") from problem
    corners: Mapping[str, Sequence[float]] = text.get("corners", {})
    around: dict[str, list[Line]] = {}
    for number, given in enumerate(text.get("line", []), 1):
        where = f"{path}: line {number} ({' | '.join(given.get('between', [])) or 'between nothing'})"
        try:
            points = [corners[p] if isinstance(p, str) else p for p in given["points"]]
            line = tuple((float(longitude), float(latitude)) for longitude, latitude in points)
            regions = [region for region in given["between"] if region]
        except (KeyError, TypeError, ValueError) as problem:
            raise CasualtyError(
                f"{where}: expected `between` and `points`, each a corner or [longitude, latitude]: {problem}"
            ) from problem
        if len(line) < 2:
            raise CasualtyError(f"{where}: has {len(line)} points; expected two or more")
        for region in regions:
            around.setdefault(region, []).append(line)
    return around


def rings_of(lines: Sequence[Line], name: str) -> list[Line]:
    """Closed rings made of lines that meet at their ends, each point first and last.

    Raises CasualtyError where a line leads nowhere.
    """
    left, rings = list(lines), []
    while left:
        ring = left.pop(0)
        while ring[0] != ring[-1]:
            following = next((line for line in left if ring[-1] in {line[0], line[-1]}), None)
            if following is None:
                raise CasualtyError(f"the outline of {name} is open at {ring[-1]}: expected a line that goes on from there")
            left.remove(following)
            ring += (following if following[0] == ring[-1] else following[::-1])[1:]
        rings.append(ring)
    return rings


def signed_area(ring: Sequence[Sequence[float]]) -> float:
    """Area in square degrees, above zero where the ring runs counter-clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def wound(ring: Sequence[Point], outer: bool) -> list[Point]:
    """The ring in the direction of RFC 7946: outer rings counter-clockwise, holes clockwise."""
    return list(ring) if (signed_area(ring) > 0) == outer else list(ring)[::-1]


def area_km2(rings: Sequence[Sequence[Point]]) -> float:
    """What a polygon covers, holes left out, in square kilometres on a sphere (to about one in a hundred)."""

    def of(ring: Sequence[Point]) -> float:
        scale = math.cos(math.radians(sum(p[1] for p in ring) / len(ring)))
        return abs(signed_area(ring)) * scale * _DEGREE_KM**2

    return of(rings[0]) - sum(of(hole) for hole in rings[1:])


def drawing(folder: Path) -> dict[str, Any]:
    """The GeoJSON of a profile's regions, from `map/lines.toml` in its folder, in the order of their p-codes.

    Raises CasualtyError where the lines don't make closed rings.
    """
    features = []
    for pcode, lines in sorted(lines_of(folder / "map" / "lines.toml").items()):
        rings = sorted(rings_of(lines, pcode), key=lambda ring: -abs(signed_area(ring)))
        polygon = [wound(ring, outer=number == 0) for number, ring in enumerate(rings)]
        geometry = {"type": "Polygon", "coordinates": polygon}
        features.append({"type": "Feature", "id": pcode, "properties": {"pcode": pcode}, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


def main(arguments: Sequence[str]) -> None:
    """Draw the map of the profile named and say how large each region came out."""
    profile = load_profile(arguments[0] if arguments else "syria")
    drawn = drawing(profile.folder)
    body = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in drawn["features"])
    path = profile.folder / "map" / "governorates.geojson"
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n', encoding="utf-8")
    for feature in drawn["features"]:
        name = profile.governorate[feature["id"]].label[profile.languages[0]]
        sys.stdout.write(f"{feature['id']} {name}: {area_km2(feature['geometry']['coordinates']):,.0f} km2\n")


if __name__ == "__main__":
    main(sys.argv[1:])
