"""Sources that are independent of each other, and who is verified (R7, R8). Everybody is invented."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.unit.linkage.canonical_cases import Case, source

Table = Callable[..., pl.DataFrame]
POST = (
    "Samir Darwish was killed today in the strike on the market of the town, may he rest in peace; his family has been told."
)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path, [source("a"), source("b", name="Town News"), source("c")])


def two(**of_second: Any) -> list[dict[str, Any]]:
    return [{"source": "a", "en": "Samir Darwish"}, {"source": "b", "en": "Samir Darwish"} | of_second]


def test_two_sources_verify_a_named_victim_and_one_doesn_t(case: Case, statements: Table) -> None:
    case.record(statements(*two()))
    case.record(statements({"id": "R-8", "source": "a", "en": "Huda Darwish"}), victim="V-2")
    first, second = case.victims()
    assert (first["verified"], first["verified_reason"]) == (True, "named, 2 independent sources")
    assert (second["verified"], second["verified_reason"]) == (
        False,
        "named, 1 source where 2 independent of each other are needed",
    )


@pytest.mark.parametrize("original", ["a", "A ", "The a"])
def test_a_repost_counts_as_its_original_by_id_or_by_name(case: Case, statements: Table, original: str) -> None:
    case.record(statements(*two(original_source=original)))
    assert case.victim()["independent_sources"] == 1


def _captured(case: Case, *captures: dict[str, Any]) -> None:
    for number, given in enumerate(captures):
        case.add("captures.records", record_id=f"R-{number}", source="ab"[number], source_key=str(number), **given)


def test_the_same_photograph_in_two_sources_is_an_original_and_a_copy(case: Case, statements: Table) -> None:
    case.record(statements(*two()))
    _captured(case, {"capture_sha256": "x"}, {"capture_sha256": "y"})
    for number in (0, 1):
        named = {"source": "ab"[number], "source_key": str(number), "name": f"{number}.jpg", "sha256": "photo"}
        case.add("captures.attachments", attachment_id=f"A-{number}", **named)
    assert case.victim()["independent_sources"] == 1


@pytest.mark.parametrize(("text", "independent"), [(POST, 1), ("Samir Darwish was killed.", 2)])
def test_the_same_long_text_is_copied_a_short_one_may_not_be(
    case: Case, statements: Table, text: str, independent: int
) -> None:
    case.record(statements(*two()))
    posts = [{"candidate": True, "capture_sha256": f"x{n}", "extra": f'{{"post": "p{n}"}}'} for n in (0, 1)]
    _captured(case, *posts)
    for number, content in enumerate((text, f"  {text.upper()}\n")):
        case.add("captures.texts", text_id=f"T-{number}", source="ab"[number], source_key=f"p{number}", content=content)
    assert case.victim()["independent_sources"] == independent


def test_rows_of_one_file_are_no_copies_of_each_other(case: Case, statements: Table) -> None:
    case.record(statements(*two()))
    _captured(case, {"capture_sha256": "x", "row_number": 2}, {"capture_sha256": "x", "row_number": 3})
    assert case.victim()["independent_sources"] == 2


def test_the_same_bytes_sent_by_two_sources_are_one(case: Case, statements: Table) -> None:
    case.record(statements(*two()))
    _captured(case, {"capture_sha256": "x", "row_number": 2}, {"capture_sha256": "x", "row_number": 2})
    assert case.victim()["independent_sources"] == 1


def test_whom_a_source_cites_is_known_of_the_incident_alone(case: Case, statements: Table) -> None:
    case.record(statements({"source": "a", "en": "Samir Darwish", "incident_ref": "a/7"}))
    for name in ("Town News", "town news ", "SMART"):
        case.add("captures.citations", source="a", incident_ref="7", cited_source=name)
    victim = case.victim()
    assert (victim["independent_sources"], victim["sources_known_of"]) == (2, "incident")
    assert victim["verified_reason"] == "named, 2 independent sources of the incident"


def test_whom_the_record_itself_names_goes_before_whom_its_incident_cites(case: Case, statements: Table) -> None:
    case.record(statements({"source": "a", "en": "Samir Darwish", "incident_ref": "a/7", "original_source": "SMART"}))
    for name in ("Town News", "SMART"):
        case.add("captures.citations", source="a", incident_ref="7", cited_source=name)
    victim = case.victim()
    assert (victim["independent_sources"], victim["sources_known_of"]) == (1, "victim")


def test_a_compiler_that_cites_another_source_is_no_second_one(case: Case, statements: Table) -> None:
    case.record(statements(*two(incident_ref="b/7")))
    case.add("captures.citations", source="b", incident_ref="7", cited_source="a")
    assert case.victim()["independent_sources"] == 1


def test_an_assessment_by_which_two_sources_speak_counts_as_two(case: Case, statements: Table) -> None:
    case.sources = [source("a", corroborated_by=("reliable",))]
    case.record(statements({"source": "a", "en": "Samir Darwish", "assessment": "reliable"}))
    victim = case.victim()
    assert (victim["independent_sources"], victim["sources_known_of"], victim["verified"]) == (2, "incident", True)


@pytest.mark.parametrize(
    ("media", "counted", "verified", "reason"),
    [
        (True, False, True, "unnamed, bodies counted in media"),
        (False, True, True, "unnamed, counted by the source itself"),
        (False, False, False, "unnamed, no media in which bodies can be counted"),
    ],
)
def test_the_unnamed_are_verified_by_media_not_by_sources(
    case: Case, statements: Table, media: bool, counted: bool, verified: bool, reason: str
) -> None:
    case.sources = [source("a", unnamed_counted=counted), source("b")]
    rows = [{"source": s, "unnamed": True, "persons": 53, "countable_media": media} for s in "ab"]
    case.record(statements(*rows))
    victim = case.victim()
    assert (victim["verified"], victim["verified_reason"], victim["persons"]) == (verified, reason, 53)
