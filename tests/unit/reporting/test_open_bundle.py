"""The open bundle: complete, valid to other people's tools, the same everywhere, without a person in it."""

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import frictionless
import hxl
import jsonschema
import openpyxl
import polars as pl
import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.reporting import Written
from casualty_pipeline.reporting.exports import sorted_figures
from casualty_pipeline.reporting.open_data import open_bundle
from casualty_pipeline.reporting.open_data.geojson import governorates_geojson
from casualty_pipeline.reporting.open_data.tables import HXL_TAGS
from casualty_pipeline.tables import FIGURE_COLUMNS
from tests.unit.reporting import reporting_fixtures as invented

IN_DESIGN = {
    "report.en.html", "report.ar.html", "report.en.pdf", "report.ar.pdf", "figures.csv", "figures.hxl.csv", "figures.xlsx",
    "figures.parquet", "figures.json", "governorates.geojson", "datapackage.json",
}  # fmt: skip
# RFC 7946, as far as the file uses it.
GEOJSON: dict[str, Any] = {
    "type": "object",
    "required": ["type", "features"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "id": {"type": ["string", "number"]},
                    "properties": {"type": ["object", "null"]},
                    "geometry": {
                        "type": ["object", "null"],
                        "required": ["type", "coordinates"],
                        "properties": {"type": {"enum": ["Polygon", "MultiPolygon"]}, "coordinates": {"type": "array"}},
                    },
                },
            },
        },
    },
}


@pytest.fixture(scope="module")
def folder(march_files: dict[str, Written]) -> Path:
    return march_files["figures.csv"].path.parent


def square(pcode: str) -> Mapping[str, Any] | None:
    """An invented boundary for every governorate but one."""
    ring = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]
    return None if pcode == "SY14" else {"type": "Polygon", "coordinates": [ring]}


def test_a_bundle_holds_the_files_that_the_design_names(folder: Path) -> None:
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names >= IN_DESIGN | {"SHA256SUMS", "charts/toll-1.en.svg", "charts/toll-1.ar.svg"}


def test_every_chart_is_a_file_that_other_programs_read(folder: Path) -> None:
    charts = sorted(folder.glob("charts/*.svg"))
    assert len(charts) == 10
    for chart in charts:
        root = ElementTree.fromstring(chart.read_bytes())
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.attrib["font-family"] == "sans-serif"


def test_the_checksums_are_those_of_every_other_file_of_the_bundle(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    assert listed == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in listed}
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names - set(listed) == {"SHA256SUMS", "comparison.en.html", "comparison.ar.html"}


def test_frictionless_accepts_the_data_package(folder: Path) -> None:
    report = frictionless.validate(folder / "datapackage.json")
    assert report.valid, [error.message for task in report.tasks for error in task.errors]
    assert {task.name for task in report.tasks if task.stats.get("rows")} == {"figures.csv", "figures.hxl.csv", "codebook"}
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert descriptor["licenses"][0]["name"] == "CC-BY-4.0"
    assert descriptor["sources"]
    assert "Synthetic data" in descriptor["description"]
    resource = next(r for r in descriptor["resources"] if r["path"] == "figures.csv")
    assert [field["name"] for field in resource["schema"]["fields"]] == list(FIGURE_COLUMNS)
    assert all(field["description"] for field in resource["schema"]["fields"])


def test_a_changed_byte_is_found_by_the_hash_in_the_data_package(folder: Path, tmp_path: Path) -> None:
    for name in ("datapackage.json", *(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    changed = (tmp_path / "figures.csv").read_bytes().replace(b",145\n", b",154\n")
    (tmp_path / "figures.csv").write_bytes(changed)
    assert not frictionless.validate(tmp_path / "datapackage.json").valid


def test_libhxl_reads_the_tags_and_every_figure(folder: Path) -> None:
    with hxl.data(hxl.make_input(str(folder / "figures.hxl.csv"), hxl.InputOptions(allow_local=True))) as source:
        assert source.display_tags == list(HXL_TAGS.values())
        total = [row.values for row in source if row.values[:2] == ["2020-03", "civilians"] and not any(row.values[2:5])]
    assert ["2020-03", "civilians", "", "", "", "all", "count", "145"] in total


def test_parquet_and_json_hold_the_same_figures_as_the_csv(folder: Path) -> None:
    expected = sorted_figures(invented.march().figures)
    assert pl.read_parquet(folder / "figures.parquet").equals(expected)
    content = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    assert [tuple(f[c] for c in FIGURE_COLUMNS) for f in content["figures"]] == expected.rows()
    said = {f["address"]: f["label"] for f in content["figures"]}
    assert said["2020-03:civilians:russia:::child"] == {"en": "Civilians · Russian forces · children", "ar": "المدنيون · القوات الروسية · أطفال"}  # fmt: skip  # noqa: E501
    assert content["methodology"]["counting"]["massacre_threshold"] == 5
    assert content["notice"]["en"].startswith("Synthetic data.")


def test_the_workbook_has_a_readable_sheet_in_each_language_which_runs_as_the_language_does(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "figures.xlsx")
    english, arabic = book["English"], book["العربية"]
    assert arabic.sheet_view.rightToLeft
    assert not english.sheet_view.rightToLeft
    rows = [tuple(cell for cell in row if cell is not None) for row in english.iter_rows(values_only=True)]
    assert ("Civilians killed in March 2020, by party",) in rows
    assert ("Russian forces", 19, 2, 7, 13.1) in rows
    numbers = [[cell for cell in row if isinstance(cell, int | float)] for row in arabic.iter_rows(values_only=True)]
    assert numbers == [[cell for cell in row if isinstance(cell, int | float)] for row in rows]


@pytest.mark.parametrize("geometry", [None, square])
def test_every_governorate_is_a_feature_with_its_figures(geometry: Any) -> None:
    report = invented.march()
    content = json.loads(governorates_geojson(report, geometry))
    jsonschema.validate(content, GEOJSON)
    features = {feature["id"]: feature for feature in content["features"]}
    assert list(features) == [g.pcode for g in report.profile.governorates]
    assert features["SY07"]["properties"] | {"civilians": 41, "name_en": "Idlib"} == features["SY07"]["properties"]
    assert features["SY14"]["geometry"] is None
    assert (features["SY07"]["geometry"] is None) == (geometry is None)


def test_what_was_counted_in_no_known_governorate_is_said_beside_the_features() -> None:
    report = invented.march()
    row = {"period": "2020-03", "population": "civilians", "governorate": "unknown", "demographic": "all"}
    lost = pl.DataFrame([{**dict.fromkeys(FIGURE_COLUMNS, ""), **row, "measure": "count", "value": 3.0}])
    content = json.loads(governorates_geojson(replace(report, figures=pl.concat([report.figures, lost])), None))
    assert content["elsewhere"] == {"unknown": {"civilians": 3}}


def test_the_bytes_are_the_same_in_another_timezone_and_locale(folder: Path) -> None:
    code = (
        "import hashlib, json\n"
        "from casualty_pipeline.reporting.open_data import open_bundle\n"
        "from tests.unit.reporting import reporting_fixtures as invented\n"
        "bundle = open_bundle(invented.march())\n"
        "print(json.dumps({n: hashlib.sha256(c).hexdigest() for n, c in bundle.items()}))"
    )
    root = Path(__file__).parents[3]
    elsewhere = {
        "TZ": "Pacific/Kiritimati",
        "LANG": "ar_SY.UTF-8",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "4711",
        "PYTHONUTF8": "0",
    }
    environment = {**os.environ, **elsewhere, "PYTHONPATH": str(root), "SOURCE_DATE_EPOCH": "1"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root, env=environment)
    hashes = json.loads(run.stdout)
    assert hashes == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in hashes}


def test_a_missing_label_stops_the_build_and_is_named(tmp_path: Path) -> None:
    report = invented.march()
    first, *others = report.profile.governorates
    profile = replace(report.profile, governorates=(replace(first, label={"en": "Damascus"}), *others))
    with pytest.raises(CasualtyError, match=r"governorate 'SY01' has no label in the language 'ar'"):
        open_bundle(replace(report, profile=profile))


def test_a_licence_without_a_name_is_refused(tmp_path: Path) -> None:
    report = invented.empty()
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "open_data.toml").write_text('[licence]\npath = "https://example.org"\n')
    with pytest.raises(CasualtyError, match=r"\[licence\] has no name"):
        open_bundle(replace(report, profile=replace(report.profile, folder=tmp_path)))


def test_the_workbook_is_dated_by_its_month(folder: Path) -> None:
    properties = openpyxl.load_workbook(io.BytesIO((folder / "figures.xlsx").read_bytes())).properties
    assert str(properties.created) == "2020-03-01 00:00:00"
