"""Where a statement says that it happened: names, a governorate field and coordinates, weighed against one another."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.cleaning.places import PRECISIONS, Gazetteer, PlaceReading, place_key
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import Place, load_profile
from casualty_pipeline.sample.scenario import load_scenario

SYRIA = load_profile("syria")
GAZETTEER = Gazetteer(SYRIA)
UNSHARED = {place_key(name) for name in SYRIA.places.shared_names}


def located(
    governorate: str | None = None,
    place: str | None = None,
    place_ar: str | None = None,
    at: tuple[str, str] | None = None,
    gazetteer: Gazetteer = GAZETTEER,
) -> PlaceReading:
    return gazetteer.locate(governorate, place, place_ar, *(at or (None, None)))


# what is given; what of the reading is promised
READ: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "a place agrees with its governorate": (
        {"governorate": "Idlib", "place": "Binnish"},
        {
            "governorate": "SY07",
            "district": "SY0700",
            "precision": "place",
            "rule": "stated_and_place",
            "certainty": "stated",
        },
    ),
    "a place alone gives its governorate": (
        {"place_ar": "معرة مصرين"},
        {"governorate": "SY07", "precision": "place", "rule": "place", "certainty": "derived"},
    ),
    "another romanisation is the same place, when a governorate agrees": (
        {"governorate": "Idlib", "place": "Khan Shaykhoon"},
        {"governorate": "SY07", "name": "Khān Shaykhūn", "rule": "stated_and_place"},
    ),
    "and when none does, it is left to people": (
        {"place": "Khan Shaykhoon"},
        {"governorate": None, "name": None, "rule": "not_read"},
    ),
    "coordinates near the place are the most exact": (
        {"governorate": "Idlib", "place": "Binnish", "at": ("35.96", "36.72")},
        {"latitude": 35.96, "longitude": 36.72, "precision": "exact"},
    ),
    "a place within another is no more precise than the district": (
        {"governorate": "Raqqa", "place": "Unheard-of village, Tal Abyad"},
        {"name": "Tall Abyaḑ", "district": "SY1102", "precision": "district"},
    ),
    "the capital of a governorate, called a city, holds a place as any town does": (
        {"governorate": "Idlib", "place": "an unheard-of street, Idlib city"},
        {"name": "Idlib", "district": "SY0700", "precision": "district"},
    ),
    "but what isn't in it may be anywhere in the governorate": (
        {"governorate": "Homs", "place": "an unheard-of village, 89 km east of Homs city"},
        {"governorate": "SY04", "name": None, "precision": "governorate"},
    ),
    "a neighbourhood whose name many bear is somewhere in its city": (
        {"governorate": "Deir Ezzor", "place": "Al Hamidiya neighbourhood, Deir Ezzor city", "place_ar": "حي الحميدية"},
        {"governorate": "SY09", "name": "Deir ez-Zor", "precision": "district", "reason": None},
    ),
    "near a place is no more precise than the district": (
        {"governorate": "Idlib", "place": "outskirts of Saraqib"},
        {"name": "Saraqib", "precision": "district"},
    ),
    "several towns of a governorate": (
        {"place": "Several towns in Idlib"},
        {"governorate": "SY07", "name": None, "precision": "governorate", "rule": "governorate_in_place"},
    ),
    "the governorate may stand after the place": (
        {"place": "Souran, Hama"},
        {"governorate": "SY05", "rule": "place", "certainty": "derived"},
    ),
    "the countryside in which a village lies, in Arabic": (
        {"place_ar": "قرية كفر سجنة بريف إدلب الجنوبي"},
        {"governorate": "SY07", "name": "Kafr Sijna", "precision": "place"},
    ),
    "the seed's way of writing": (
        {"place": "Ma'aret al-Nu'man city, southern suburbs of Idlib governorate"},
        {"governorate": "SY07", "district": "SY0702", "name": "Maarrat al-Numan", "precision": "place"},
    ),
    "a road between two governorates": (
        {"place": "Aleppo - Damascus highway"},
        {"governorate": None, "governorates": ("SY01", "SY02", "SY03"), "precision": "country"},
    ),
    "a town beside its governorate": (
        {"governorate": "Raqqa - Tal Abyad"},
        {"governorate": "SY11", "rule": "stated_and_place", "precision": "district", "reason": None},
    ),
    "a town in place of its governorate": (
        {"governorate": "Afrin", "place": "an unheard-of village"},
        {"governorate": "SY02", "precision": "district", "rule": "place", "certainty": "derived"},
    ),
    "coordinates of another governorate, beside a place whose own aren't known": (
        {"governorate": "Aleppo", "place": "Bustan al Qasr", "at": ("34.72", "36.72")},
        {"governorate": "SY02", "precision": "place", "latitude": None, "reason": "the coordinates are in Homs"},
    ),
    "of two names for one place, the one that tells more": (
        {"governorate": "Aleppo", "place": "Aleppo", "place_ar": "الباب"},
        {"name": "Al Bāb"},
    ),
    "two places of one governorate": (
        {"place": "Between Saqba and Hamouriya"},
        {"governorate": "SY03", "name": None, "precision": "governorate"},
    ),
    # R19
    "the suburbs of Aleppo": (
        {"place": "Western suburbs of Aleppo governorate"},
        {"governorate": "SY02", "precision": "governorate"},
    ),
    "the countryside of Damascus by its name": ({"place_ar": "ريف دمشق"}, {"governorate": "SY03"}),
    "around Damascus, in the city or in the governorate around it": (
        {"place": "Eastern countryside of Damascus"},
        {"governorate": None, "governorates": ("SY01", "SY03"), "certainty": "ambiguous"},
    ),
    "Damascus is also said of a town of its countryside": (
        {"governorate": "Damascus", "place": "Douma", "place_ar": "دوما"},
        {"governorate": "SY03", "rule": "countryside_of_city", "certainty": "derived"},
    ),
    "and of a place there that only coordinates tell": (
        {"governorate": "Damascus", "place": "an unheard-of village", "at": ("33.51", "36.47")},
        {"governorate": "SY03", "rule": "countryside_of_city", "precision": "exact"},
    ),
    "a neighbourhood of Damascus is in Damascus": (
        {"governorate": "Damascus", "place": "Jobar neighbourhood, Damascus"},
        {"governorate": "SY01", "name": "Jobar", "rule": "stated_and_place"},
    ),
    "and what nobody knows may be in either": (
        {"governorate": "Damascus", "place": "an unheard-of corner"},
        {"governorate": "SY01", "governorates": ("SY01", "SY03"), "rule": "city_or_countryside"},
    ),
    "nothing is given": ({}, {"governorate": None, "precision": "none", "rule": "nothing_given", "certainty": "none"}),
    "blanks are nothing": ({"governorate": " ", "place": ""}, {"rule": "nothing_given"}),
}


@pytest.mark.parametrize("case", READ)
def test_a_place_is_read(case: str) -> None:
    given_, promised = READ[case]
    reading = located(**given_)
    assert {field: getattr(reading, field) for field in promised} == promised


# what is given; the rule; the governorate that stands; those left open; what the reason says
DOUBTED: Mapping[str, tuple[Mapping[str, Any], str, str | None, tuple[str, ...], str]] = {
    "a stated governorate stands against a place": (
        {"governorate": "Hama", "place": "Khan Shaykhun"},
        *("stated_against_place", "SY05", ("SY05", "SY07"), "Hama is stated; Khān Shaykhūn is known in Idlib only"),
    ),
    "a stated governorate stands against coordinates": (
        {"governorate": "Hama", "place": "an unheard-of village", "at": ("33.92", "36.70")},
        *("stated_against_coordinates", "SY05", ("SY03", "SY05"), "the coordinates are in Damascus Suburbs"),
    ),
    "without one, a place and coordinates that differ leave both open": (
        {"place": "Binnish", "at": ("34.72", "36.72")},
        *("place_against_coordinates", None, ("SY04", "SY07"), "the place is in Idlib, the coordinates are in Homs"),
    ),
    "a name in two governorates": (
        {"place_ar": "صوران"},
        *("place", None, ("SY02", "SY05"), "several governorates are possible: say which"),
    ),
    "a name that many villages bear": (
        {"place": "Al Jadida"},
        *("not_read", None, (), "its name is borne by several places: the governorate is needed"),
    ),
    "a place or a governorate": (
        {"governorate": "Hama or Idlib", "place": "Kafr Zita or Latamenah (Hama) or Idlib"},
        *("place", None, ("SY05", "SY07"), "a person has to choose"),
    ),
    "the two scripts name places in two governorates": (
        {"place": "Binnish", "place_ar": "منبج"},
        *("place", None, ("SY02", "SY07"), "several governorates are possible"),
    ),
}


@pytest.mark.parametrize("case", DOUBTED)
def test_what_disagrees_is_said_and_never_settled_silently(case: str) -> None:
    given_, rule, governorate, open_ones, reason = DOUBTED[case]
    reading = located(**given_)
    assert (reading.rule, reading.governorate, reading.governorates) == (rule, governorate, open_ones)
    assert reason in (reading.reason or "")


def test_a_stated_governorate_chooses_among_places_of_one_name() -> None:
    assert located("Hama", None, "صوران").governorate == "SY05"
    assert located("Aleppo", None, "صوران").name == located("Aleppo", "Şūrān").name
    assert located("Aleppo", None, "صوران").latitude != located("Hama", None, "صوران").latitude


def test_coordinates_choose_among_places_of_one_name() -> None:
    reading = located(place_ar="صوران", at=("36.57", "37.21"))
    assert (reading.governorate, reading.rule) == ("SY02", "place_and_coordinates")


COORDINATES = {
    ("36.40", "33.57"): "swapped",
    ("0", "0.0"): "filled with zeros",
    ("48.85", "2.35"): "outside the country",
    ("35.72", "135.72"): "outside the country",
    ("95", "36"): "at most 90",
    ("35,5 N", "36"): "expected two numbers in decimal degrees",
    ("35.5", ""): "expected two numbers",
}


@pytest.mark.parametrize("at", COORDINATES)
def test_coordinates_that_cannot_be_are_said_to_be_so_and_not_used(at: tuple[str, str]) -> None:
    reading = located("Idlib", "Binnish", at=at)
    assert COORDINATES[at] in (reading.reason or "")
    assert (reading.governorate, reading.precision) == ("SY07", "place")


def test_coordinates_far_from_the_place_that_is_named_are_of_something_else() -> None:
    reading = located("Idlib", "Kafr Nabl", at=("35.849", "38.553"))
    assert "km from Kafranbel" in (reading.reason or "")
    assert (reading.precision, reading.latitude) == ("place", located("Idlib", "Kafr Nabl").latitude)


def test_arabic_digits_and_commas_are_numbers() -> None:
    assert located("Idlib", at=("٣٥٫٩٦", "36,72")).latitude == 35.96


def test_coordinates_alone_speak_only_far_from_other_governorates_and_where_nothing_was_written() -> None:
    assert located(at=("35.93", "36.63")).rule == "coordinates"
    assert located(at=("33.55", "36.345")).governorate is None  # Damascus on one side, its suburbs on the other
    assert located("Hattay-ish", at=("35.93", "36.63")).governorate is None


def test_what_is_near_is_proposed_with_its_reasons() -> None:
    """Field notes: a fuzzy match put Ma'aret Misreen in Ma'arrat an-Nu'man."""
    reading = located("Idlib", "Maret Misreenn")
    assert (reading.name, reading.governorate) == (None, "SY07")
    assert reading.proposals[0].name == "Maarrat Misrin"
    assert reading.proposals[0].why.startswith("spelled alike in the stated governorate (score ")
    near = located("Idlib", "an unheard-of village", at=("35.957", "36.715"))
    assert [(p.name, p.why) for p in near.proposals] == [("Binnish", "0.1 km from the coordinates")]


class TestWhatDecisionsTeach:
    def test_a_p_code_gives_the_governorate_from_then_on(self) -> None:
        taught = Gazetteer(SYRIA, {place_key("Unheard-of Village"): "SY07"})
        reading = located(place="unheard of village", gazetteer=taught)
        assert (reading.governorate, reading.rule, reading.precision) == ("SY07", "learnt", "governorate")

    def test_a_place_id_gives_the_place(self) -> None:
        binnish = located("Idlib", "Binnish")
        assert binnish.place_id
        taught = Gazetteer(SYRIA, {place_key("Bennich-les-Oliviers"): binnish.place_id})
        reading = located(place="Bennich les Oliviers", gazetteer=taught)
        assert (reading.name, reading.governorate, reading.rule) == ("Binnish", "SY07", "learnt")

    def test_a_spelling_of_a_governorate_is_read_from_then_on(self) -> None:
        taught = Gazetteer(SYRIA, {place_key("Idlin"): "SY07"})
        assert taught.read("Idlin") == ("SY07", None)
        assert located("Hama or Idlin", gazetteer=taught).governorates == ("SY05", "SY07")

    def test_it_tells_a_name_that_many_villages_bear(self) -> None:
        taught = Gazetteer(SYRIA, {place_key("Al Jadida"): "SY07"})
        assert located(place="Al-Jadida", gazetteer=taught).governorate == "SY07"

    def test_it_doesnt_overrule_a_stated_governorate(self) -> None:
        taught = Gazetteer(SYRIA, {place_key("Unheard-of Village"): "SY07"})
        reading = located("Homs", "Unheard-of Village", gazetteer=taught)
        assert (reading.governorate, reading.governorates) == ("SY04", ("SY04", "SY07"))

    def test_what_the_profile_doesnt_know_is_refused(self) -> None:
        assert not GAZETTEER.knows("SY99")
        with pytest.raises(CasualtyError, match=r"place_alias of 'x': 'SY99' is neither a p-code nor a place id"):
            Gazetteer(SYRIA, {"x": "SY99"})


def test_a_profile_without_places_still_reads_its_governorates() -> None:
    from tests.unit.profile.test_profile_loader import ATLANTIS

    atlantis = Gazetteer(load_profile(str(ATLANTIS)))
    assert located("Northmole", "Old harbour", gazetteer=atlantis).governorate == "AT-N"
    assert located(at=("12.5", "-40"), gazetteer=atlantis).precision == "exact"


@pytest.mark.parametrize("pcode", sorted({p.governorate for p in SYRIA.places.places}))
def test_every_place_is_found_by_its_name_in_its_governorate(pcode: str) -> None:
    def found(place: Place) -> bool:
        reading = located(SYRIA.governorate[pcode].label["en"], place.name)
        return reading.governorate == pcode and reading.reason is None

    missed = [p.name for p in SYRIA.places.places if p.governorate == pcode and not found(p)]
    assert missed == []


def test_every_place_of_the_synthetic_sample_is_read_without_doubt() -> None:
    for place in load_scenario().places:
        stated = SYRIA.governorate[place.governorate].label["en"]
        for reading in (located(stated, place.en), located(stated, place.variant), located(stated, None, place.ar)):
            assert (reading.governorate, reading.reason) == (place.governorate, None)


TEXT = st.text(max_size=40) | st.sampled_from(
    [
        "Douma",
        "صوران",
        "Damascus",
        "Hama or Idlib",
        "near Al Jadida, Homs",
        "قرب سراقب",
        "Al Anbar",
        "Raqqa - Tal Abyad",
        "/ or ,",
    ]
)
NUMBER = st.none() | st.floats().map(str) | st.sampled_from(["35.9", "36.7", "0", "٣٥٫٥", "x"]) | st.text(max_size=6)


@given(st.none() | TEXT, st.none() | TEXT, st.none() | TEXT, NUMBER, NUMBER)
def test_any_input_has_a_reading_that_promises_no_more_than_it_knows(
    governorate: str | None, place: str | None, place_ar: str | None, latitude: str | None, longitude: str | None
) -> None:
    reading = GAZETTEER.locate(governorate, place, place_ar, latitude, longitude)
    assert reading == GAZETTEER.locate(governorate, place, place_ar, latitude, longitude)
    assert reading.governorates == tuple(sorted(set(reading.governorates)))
    assert set(reading.governorates) <= set(SYRIA.governorate)
    assert (reading.governorate is not None) == (reading.certainty in {"stated", "derived"})
    assert reading.governorate is None or reading.governorate in reading.governorates
    assert (reading.governorate is not None) or reading.reason
    assert reading.precision in PRECISIONS
    assert reading.precision != "exact" or reading.latitude is not None
    assert reading.precision not in {"place", "district"} or reading.name is not None
    assert reading.precision != "governorate" or reading.governorate is not None
    assert reading.precision != "country" or reading.certainty == "ambiguous"
    assert len(reading.proposals) <= 5
