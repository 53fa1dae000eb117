"""Figures by governorate as GeoJSON (RFC 7946). What belongs here: features. What doesn't: drawing boundaries."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.model import MonthReport

# A governorate's p-code to its GeoJSON geometry (WGS 84, outer rings anticlockwise), or None where it has none.
Geometry = Callable[[str], Mapping[str, Any] | None]


def governorates_geojson(report: MonthReport, geometry: Geometry | None) -> bytes:
    """One feature for each governorate of the profile, in its order, with the month's figures as properties.

    A property is named by population, `civilians`, and where not all are counted by demographic, `civilians_child`. What
    was counted in no known governorate stands in the member `elsewhere`. Without `geometry`, geometries are null.
    """
    figures: dict[str, dict[str, int]] = {}
    for figure in report.numbers:
        what = figure.what
        if what.period == report.month and what.governorate and not what.party and not what.category:
            figures.setdefault(what.governorate, {})[_property(figure)] = figure.count
    known = {g.pcode for g in report.profile.governorates}
    features = [
        {
            "type": "Feature",
            "id": region.pcode,
            "geometry": geometry(region.pcode) if geometry else None,
            "properties": {
                "pcode": region.pcode,
                "iso3166_2": region.iso,
                **{f"name_{language}": region.label[language] for language in report.profile.languages},
                "month": report.month,
                **dict(sorted(figures.get(region.pcode, {}).items())),
            },
        }
        for region in report.profile.governorates
    ]
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    elsewhere = {pcode: dict(sorted(found.items())) for pcode, found in sorted(figures.items()) if pcode not in known}
    if elsewhere:
        collection["elsewhere"] = elsewhere
    return (json.dumps(collection, ensure_ascii=False, indent=1) + "\n").encode()


def _property(figure: Figure) -> str:
    return figure.population if figure.demographic == "all" else f"{figure.population}_{figure.demographic}"
