"""Coordinates as text to decimal degrees, with what is wrong with them. Nothing is corrected: swapped ones are refused."""

import math
import re
from dataclasses import dataclass

from casualty_pipeline.profile import Extent

_NUMBER = re.compile(r"[+-]?\d{1,3}(?:[.,٫]\d+)?")


@dataclass(frozen=True)
class Spot:
    """A point in decimal degrees (WGS 84), or the reason why there is none; both are None where none was given."""

    latitude: float | None
    longitude: float | None
    reason: str | None
    outside: bool = False  # a well-formed point that isn't in the country


def _degrees(text: str) -> float | None:
    """Decimal degrees from Western or Arabic-Indic digits, or None."""
    stripped = text.strip().removesuffix("°")
    if not _NUMBER.fullmatch(stripped):
        return None
    whole = re.sub(r"[,٫]", ".", stripped)
    return float(whole)


def read_coordinates(latitude: str | None, longitude: str | None, extent: Extent | None) -> Spot:
    """A point that can be used, or why it can't. Never raises."""
    given = ((latitude or "").strip(), (longitude or "").strip())
    if given == ("", ""):
        return Spot(None, None, None)
    shown = f"the coordinates are {given[0]!r}, {given[1]!r}"
    north, east = _degrees(given[0]), _degrees(given[1])
    if north is None or east is None:
        return Spot(None, None, f"{shown}; expected two numbers in decimal degrees")
    if north == 0 and east == 0:
        return Spot(None, None, f"{shown}: a blank that was filled with zeros")
    if not (abs(north) <= 90 and abs(east) <= 180 and math.isfinite(north + east)):
        return Spot(None, None, f"{shown}; expected a latitude of at most 90 and a longitude of at most 180 degrees")
    if extent is not None and not extent.holds(north, east):
        if extent.holds(east, north):
            return Spot(None, None, f"{shown}: outside the country, but inside if latitude and longitude are swapped")
        if north == east:
            return Spot(None, None, f"{shown}: the same number twice")
        return Spot(None, None, f"{shown}: outside the country", outside=True)
    return Spot(north, east, None)
