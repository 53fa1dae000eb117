"""What the map of the governorates shows, in any language and from any boundaries (R26)."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import load_profile
from casualty_pipeline.profile.boundaries import boundaries, geometry, holds
from casualty_pipeline.reporting import maps
from casualty_pipeline.reporting.canvas import MUTED, WIDTH, Box, Label, Stroke
from tests.unit.reporting import reporting_fixtures as invented

SYRIA = load_profile("syria")
LETTER = 0.6  # of the font's size: wider than the mean letter of the languages used


def regions(language: str = "en") -> list[maps.Region]:
    return [
        maps.Region(g.pcode, g.tile, g.label[language], value, str(value))
        for g in SYRIA.governorates
        for value in [invented.GOVERNORATES.get(g.pcode, 0)]
    ]


def drawn(language: str = "en") -> str:
    return str(maps.region_map("Title", "What it shows", SYRIA, regions(language), "None"))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_governorate_is_drawn_and_named_with_its_number(language: str) -> None:
    svg = drawn(language)
    assert svg.count("<path") >= len(SYRIA.governorates)
    for region in regions(language):
        assert f">{region.name}</text>" in svg
        assert f">{region.text}</text>" in svg


def test_one_image_with_a_title_and_a_description() -> None:
    assert drawn().startswith(f'<svg class="chart" role="img" font-family="sans-serif" viewBox="0 0 {WIDTH} '), (
        "the one role is that of an image"
    )
    assert "<title>Title</title><desc>What it shows</desc>" in drawn()
    assert drawn().count("role=") == 1


def test_the_same_month_gives_the_same_bytes() -> None:
    assert drawn() == drawn()


def test_text_and_shapes_leave_ink() -> None:
    svg = drawn()
    empty = re.sub(r"(</desc>).*(</svg>)", r"\1\2", svg, flags=re.DOTALL)
    shapes = re.sub(r"<text\b.*?</text>", "", svg)
    assert len({vl_convert.svg_to_png(picture) for picture in (empty, shapes, svg)}) == 3


def test_a_label_stands_in_its_governorate_or_beside_the_map_with_a_line_to_it() -> None:
    marks, height = maps._shapes(SYRIA, regions())
    shapes = {r.pcode: maps._drawn(boundaries(SYRIA)[r.pcode], canvas()) for r in regions()}
    labels = [mark for mark in marks if isinstance(mark, Label)]
    lines = [mark for mark in marks if isinstance(mark, Stroke)]
    names = {region.name: region.pcode for region in regions()}
    led = 0
    for label in (label for label in labels if label.text in names):
        shape, half = shapes[names[label.text]], len(label.text) * label.size * LETTER / 2
        if label.align == "center":
            assert all(holds(shape, (label.x + x, label.y)) for x in (-half, 0, half)), label.text
            number = [n for n in labels if (n.x, n.y) == (label.x, label.y + 12)]
            assert all(
                holds(shape, (n.x + x, n.y)) for n in number for x in (-1.5 * n.size * LETTER, 1.5 * n.size * LETTER)
            ), f"{label.text}: three digits"
        else:
            ends = [line for line in lines if holds(shape, (line.x2, line.y2)) and abs(line.y - (label.y + 6)) < 0.1]
            assert len(ends) == 1, label.text
            far = label.x - 2 * half if label.align == "right" else label.x + 2 * half
            assert 0 <= far <= WIDTH, label.text
            assert not any(holds(other, (x, label.y)) for other in shapes.values() for x in (far, label.x)), label.text
            led += 1
    assert len(lines) == led > 0
    assert all(0 <= label.y <= height for label in labels)


def canvas() -> maps.Projection:
    return maps._projection([polygon for polygons in boundaries(SYRIA).values() for polygon in polygons])[0]


def test_labels_do_not_touch() -> None:
    labels = [mark for mark in maps._shapes(SYRIA, regions())[0] if isinstance(mark, Label)]
    boxes = []
    for label in labels:
        width = len(label.text) * label.size * LETTER
        left = {"left": label.x, "center": label.x - width / 2, "right": label.x - width}[label.align]
        boxes.append((left, label.y - label.size / 2, left + width, label.y + label.size / 2, label.text))
    for number, a in enumerate(boxes):
        for b in boxes[number + 1 :]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)


def test_zero_is_a_class_of_its_own() -> None:
    zeros = sum(region.value == 0 for region in regions())
    assert drawn().count('fill="#ffffff"') - drawn().count('<text fill="#ffffff"') >= zeros + 1  # and one in the legend


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_classes_stay_apart_in_grey_print_and_their_labels_can_be_read() -> None:
    assert all(contrast(fill, ink) >= 4.5 for fill, ink in (*maps.CLASSES, (maps.ZERO, MUTED)))
    fills = [maps.ZERO, *(fill for fill, _ in maps.CLASSES)]
    assert all(contrast(a, b) >= 1.3 for a, b in pairwise(fills))


@given(st.integers(min_value=0, max_value=10**6))
def test_classes_hold_every_number_once_and_none_is_empty(highest: int) -> None:
    classes = maps._classes(highest)
    assert all(low <= high for low, high in classes)
    assert all(after[0] == before[1] + 1 for before, after in pairwise(classes))
    if highest:
        assert (classes[0][0], classes[-1][1]) == (1, highest)


def test_a_profile_without_boundaries_gets_tiles() -> None:
    without = replace(SYRIA, boundaries=None)
    three = [maps.Region(f"R{n}", (n, 0), f"R{n}", n, str(n)) for n in range(3)]
    svg = str(maps.region_map("T", "D", without, three, "None"))
    assert svg.count('fill="#ffffff"') == 2  # the tile with zero and its place in the legend
    assert all(f">{text}</text>" in svg for text in ("R0", "R1", "R2", "None", "1", "2"))


def official(folder: Path, detail: int) -> Path:
    """Our own drawing with `detail` points on each segment, wound the other way round, ids only as properties."""
    features = []
    for number, (pcode, shape) in enumerate(geometry(SYRIA).items()):
        rings = [
            [
                [a[0] + (b[0] - a[0]) * n / detail, a[1] + (b[1] - a[1]) * n / detail, 100.0]
                for b, a in pairwise(ring)
                for n in range(detail)
            ]
            for ring in shape["coordinates"]
        ]
        closed = [[*ring, ring[0]][::-1] for ring in rings]
        properties = {"pcode": pcode, "name": "x"}
        features.append(
            {
                "type": "Feature",
                "id": number,
                "properties": properties,
                "geometry": {"type": "Polygon", "coordinates": closed},
            }
        )
    path = folder / "official.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_an_official_file_of_many_points_is_thinned(tmp_path: Path) -> None:
    profile = replace(SYRIA, boundaries=official(tmp_path, 30))
    svg = str(maps.region_map("Title", "What it shows", profile, regions(), "None"))
    assert len(svg) < 6 * len(drawn())
    assert all(f">{region.name}</text>" in svg for region in regions())


def test_an_official_file_that_lacks_a_governorate_stops_the_report(tmp_path: Path) -> None:
    path = official(tmp_path, 1)
    given = json.loads(path.read_text(encoding="utf-8"))
    given["features"].pop()
    path.write_text(json.dumps(given), encoding="utf-8")
    with pytest.raises(CasualtyError, match=r"official\.geojson: no boundary of SY14; expected a FeatureCollection"):
        maps.region_map("T", "D", replace(SYRIA, boundaries=path), regions(), "None")


def test_a_led_label_ends_in_a_dot() -> None:
    marks = maps._shapes(SYRIA, regions())[0]
    dots = [mark for mark in marks if isinstance(mark, Box)]
    assert len(dots) == sum(isinstance(mark, Stroke) for mark in marks)
