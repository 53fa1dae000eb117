"""The drawing of the governorates, and reading anybody's boundaries in its place."""

import json
import os
import runpy
import subprocess
import sys
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.profile import load_profile
from casualty_pipeline.profile.boundaries import boundaries, geometry, holds
from casualty_pipeline.profile.outlines import drawing, rings_of, signed_area

SYRIA = load_profile("syria")
DRAWING = SYRIA.folder / "map" / "governorates.geojson"
SHARED = Path(os.environ.get("EVALUATION_DATA", "../shared/data"))
SCORER = SHARED.parent / "tools" / "compare_boundaries.py"
TOWNS = [p for p in SYRIA.places.places if p.latitude is not None and p.longitude is not None and p.kind == "settlement"]
REACHED = {
    f"SY{number:02}": score
    for number, score in enumerate((0.89, 0.93, 0.89, 0.91, 0.90, 0.91, 0.91, 0.92, 0.91, 0.90, 0.91, 0.89, 0.91, 0.90), 1)
}
SQUARE = [[36.0, 33.0], [37.0, 33.0], [37.0, 34.0], [36.0, 34.0], [36.0, 33.0]]


# -- our own drawing


def test_the_drawing_is_what_the_lines_say() -> None:
    assert json.loads(DRAWING.read_text(encoding="utf-8")) == json.loads(json.dumps(drawing(SYRIA.folder)))


def test_every_governorate_has_closed_rings_in_the_direction_of_rfc_7946() -> None:
    shapes = geometry(SYRIA)
    assert list(shapes) == [g.pcode for g in SYRIA.governorates]
    for shape in shapes.values():
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        for polygon in polygons:
            for number, ring in enumerate(polygon):
                assert ring[0] == ring[-1]
                assert len(ring) >= 4
                assert (signed_area(ring) > 0) == (number == 0)


def test_no_outline_crosses_itself() -> None:
    def side(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    for pcode, polygons in boundaries(SYRIA).items():
        for (a, b), (c, d) in combinations([edge for ring in polygons[0] for edge in pairwise(ring)], 2):
            crossed = side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
            assert not crossed, (pcode, a, b, c, d)


def test_governorates_neither_overlap_nor_leave_gaps() -> None:
    shapes = boundaries(SYRIA)
    edges = [frozenset(edge) for polygons in shapes.values() for ring in polygons[0] for edge in pairwise(ring)]
    assert all(edges.count(edge) <= 2 for edge in set(edges))
    grid = [(35.6037 + 0.05 * i, 32.3037 + 0.05 * j) for i in range(137) for j in range(101)]
    assert all(sum(holds(shape, point) for shape in shapes.values()) <= 1 for point in grid)


def test_every_town_lies_in_its_governorate() -> None:
    shapes = boundaries(SYRIA)
    away = {
        place.name
        for place in TOWNS
        if not holds(shapes[place.governorate], (float(place.longitude or 0), float(place.latitude or 0)))
    }
    assert len(TOWNS) > 300
    assert away == {"Arwād"}  # the island, which isn't drawn


@pytest.mark.evaluation
@pytest.mark.skipif(not SCORER.is_file(), reason="no evaluation data: set EVALUATION_DATA")
def test_each_governorate_is_as_close_to_the_reference_as_is_said() -> None:
    """Intersection over union with OCHA's boundaries: at least what map/SOURCES.md states. The aim is 0.90."""
    scored = subprocess.run([sys.executable, str(SCORER), str(DRAWING)], capture_output=True, text=True, check=True)
    scores = {pcode: float(score) for pcode, score in (line.split() for line in scored.stdout.splitlines())}
    assert set(scores) == set(REACHED)
    assert {pcode: score for pcode, score in scores.items() if score < REACHED[pcode]} == {}


# -- the tool that draws


def test_a_line_that_leads_nowhere_is_named() -> None:
    with pytest.raises(CasualtyError, match=r"the outline of X is open at \(1\.0, 1\.0\)"):
        rings_of([((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))], "X")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("[corners", "not readable as TOML"),
        ('[[line]]\nbetween = ["A", ""]\npoints = ["nowhere", [1, 2]]', r"line 1 \(A \| \).*nowhere"),
        ('[[line]]\nbetween = ["A", ""]\npoints = [[1, 2]]', "has 1 points; expected two or more"),
        ('[[line]]\nbetween = ["A", ""]\npoints = [[1, 2], [3]]', "each a corner or"),
    ],
)
def test_lines_that_cannot_be_drawn_say_why(tmp_path: Path, lines: str, said: str) -> None:
    (tmp_path / "map").mkdir()
    (tmp_path / "map" / "lines.toml").write_text(lines, encoding="utf-8")
    with pytest.raises(CasualtyError, match=said):
        drawing(tmp_path)


def test_a_profile_without_lines_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(CasualtyError, match="expected corners and lines to draw from"):
        drawing(tmp_path)


def test_the_tool_writes_the_same_bytes_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    before = DRAWING.read_bytes()
    monkeypatch.setattr(sys, "argv", ["outlines", "syria"])
    monkeypatch.delitem(sys.modules, "casualty_pipeline.profile.outlines")
    runpy.run_module("casualty_pipeline.profile.outlines", run_name="__main__")
    assert DRAWING.read_bytes() == before
    assert "SY04 Homs:" in capsys.readouterr().out


# -- an official file in its place


def collection(**shapes: object) -> str:
    features = [{"type": "Feature", "id": pcode, "properties": None, "geometry": shape} for pcode, shape in shapes.items()]
    return json.dumps({"type": "FeatureCollection", "features": features})


def polygon(*rings: object) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": list(rings)}


WHOLE = {g.pcode: polygon(SQUARE) for g in SYRIA.governorates}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json", "not GeoJSON that can be used"),
        ("[]", "not GeoJSON that can be used"),
        ("[" * 100_000, "not GeoJSON that can be used"),
        (collection(**{k: v for k, v in WHOLE.items() if k not in {"SY03", "SY09"}}), "no boundary of SY03, SY09"),
        (collection(**WHOLE | {"SY02": {"type": "Point", "coordinates": [36, 33]}}), "SY02 is a Point"),
        (collection(**WHOLE | {"SY02": polygon(SQUARE[:-1])}), "SY02: an open ring of 4 points"),
        (collection(**WHOLE | {"SY02": polygon([])}), "SY02: an open ring of 0 points"),
        (collection(**WHOLE | {"SY02": polygon([SQUARE[0]] * 5)}), "SY02 has no polygon"),
        (
            collection(**WHOLE | {"SY02": polygon([[250000.0, 3700000.0]] * 4)}),
            "outside the country; expected longitude and latitude",
        ),
        (collection(**WHOLE | {"SY02": None}), "not GeoJSON that can be used"),
        (json.dumps({"features": 2 * json.loads(collection(SY02=WHOLE["SY02"]))["features"]}), "SY02 stands twice"),
    ],
)
def test_a_file_that_is_no_boundaries_of_this_country_is_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "official.geojson"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CasualtyError, match=said) as refused:
        geometry(replace(SYRIA, boundaries=path))
    assert str(path) in str(refused.value)


def test_regions_are_matched_on_the_property_pcode_and_turned_the_right_way(tmp_path: Path) -> None:
    features = [
        {"type": "Feature", "id": n, "properties": {"pcode": pcode}, "geometry": polygon(SQUARE[::-1])}
        for n, pcode in enumerate(WHOLE)
    ]
    path = tmp_path / "official.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    assert geometry(replace(SYRIA, boundaries=path))["SY05"] == polygon(SQUARE)


def test_several_islands_stay_several(tmp_path: Path) -> None:
    second = [[x + 2, y] for x, y in SQUARE]
    shapes = WHOLE | {"SY10": {"type": "MultiPolygon", "coordinates": [[SQUARE], [second]]}}
    path = tmp_path / "official.geojson"
    path.write_text(collection(**shapes), encoding="utf-8")
    assert geometry(replace(SYRIA, boundaries=path))["SY10"] == shapes["SY10"]


def test_a_profile_without_boundaries_says_where_they_belong() -> None:
    with pytest.raises(CasualtyError, match=r"has no boundaries: draw .*governorates\.geojson, or name a GeoJSON file"):
        geometry(replace(SYRIA, boundaries=None))


def test_casualty_toml_names_an_official_file_relative_to_the_home(tmp_path: Path) -> None:
    (tmp_path / "casualty.toml").write_text('boundaries = "official.geojson"\n', encoding="utf-8")
    with pytest.raises(CasualtyError, match=r"boundaries = 'official\.geojson': expected a GeoJSON file, found none"):
        _ = Home(tmp_path).profile
    (tmp_path / "official.geojson").write_text(collection(**WHOLE), encoding="utf-8")
    assert geometry(Home(tmp_path).profile)["SY01"] == polygon(SQUARE)
    assert geometry(SYRIA)["SY01"] != polygon(SQUARE)
