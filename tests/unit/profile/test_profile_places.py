"""The places of a profile: what is wrong with a file is named, and what is right is read."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import Place, load_profile

ATLANTIS = Path(__file__).parents[2] / "fixtures/profiles/atlantis"
PLACES = "id,pcode,district,kind,name,names,latitude,longitude\n"
GEONAMES = f"{PLACES}gn1,AT-N,,,Pearl Harbour,Perl|Perle,12.5,-40.25\n"
DISTRICTS = "pcode,governorate,name,names\nAT-N1,AT-N,Quays,\n"


def atlantis(folder: Path, files: Mapping[str, str], settings: str = "") -> str:
    """The path of the invented country's profile with files of places."""
    copy = shutil.copytree(ATLANTIS, folder / "atlantis")
    (copy / "places").mkdir()
    for name, text in {"geonames.csv": GEONAMES, "districts.csv": DISTRICTS, **files}.items():
        (copy / "places" / name).write_text(text, encoding="utf-8")
    toml = copy / "profile.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("[places]", f"[places]\n{settings}"), encoding="utf-8")
    return str(copy)


def test_a_row_by_hand_adds_to_the_place_of_the_same_id(tmp_path: Path) -> None:
    folder = atlantis(tmp_path, {"places.csv": f"{PLACES}gn1,,AT-N1,,,Port des Perles,,\n"})
    assert load_profile(folder).places.places == (
        Place(
            *("gn1", "AT-N", "AT-N1", "settlement", "Pearl Harbour"),
            *(("Port des Perles", "Pearl Harbour", "Perl", "Perle"), 12.5, -40.25),
        ),
    )


def test_a_place_that_changes_changes_the_digest_and_so_makes_months_stale(tmp_path: Path) -> None:
    assert load_profile(atlantis(tmp_path, {})).digest != load_profile(str(ATLANTIS)).digest


WRONG: Mapping[str, tuple[str, str, str]] = {
    "an unknown governorate": ("x,AT-X,,,X,,,", "", "places: 'x' is in 'AT-X'"),
    "a district of another governorate": ("x,AT-S,AT-N1,,X,,,", "", "'x' of 'AT-S' is in the district 'AT-N1'"),
    "an unknown kind": ("x,AT-S,,reef,X,,,", "", "'x' is a 'reef'; expected one of settlement, neighbourhood, region"),
    "no name": ("x,AT-S,,,,,,", "", "'x' has no name"),
    "half a coordinate": ("x,AT-S,,,X,,12,", "", "'x' has a latitude without a longitude"),
    "a latitude that is none": (
        "x,AT-S,,,X,,north,3",
        "",
        "places.csv: latitude of 'x' is 'north'; expected degrees, at most 90",
    ),
    "a longitude too far": ("x,AT-S,,,X,,12,181", "", "longitude of 'x' is '181'; expected degrees, at most 180"),
    "an id twice": ("x,AT-S,,,X,,,\nx,AT-S,,,Y,,,", "", "places/places.csv: 'x' stands twice"),
    "half an extent": (
        "x,AT-S,,,X,,,",
        "extent = { south = 1 }",
        "extent: expected south, west, north and east, found south",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_place_is_named(tmp_path: Path, case: str) -> None:
    row, settings, reason = WRONG[case]
    folder = atlantis(tmp_path, {"places.csv": f"{PLACES}{row}\n"}, settings)
    with pytest.raises(CasualtyError, match=re.escape(reason)):
        load_profile(folder)


def test_a_district_of_no_governorate_is_named(tmp_path: Path) -> None:
    folder = atlantis(tmp_path, {"districts.csv": DISTRICTS.replace("AT-N,", "AT-X,")})
    with pytest.raises(CasualtyError, match=r"places/districts\.csv: 'AT-N1' is in 'AT-X'"):
        load_profile(folder)
