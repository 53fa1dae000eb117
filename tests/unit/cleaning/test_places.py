"""Governorates from their many spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.cleaning.places import Gazetteer, place_key
from casualty_pipeline.profile import load_profile
from casualty_pipeline.profile.loader import Governorate

SYRIA = load_profile("syria")
GAZETTEER = Gazetteer(SYRIA)
ALEPPO, DAMASCUS, DAMASCUS_SUBURBS, IDLIB = "SY02", "SY01", "SY03", "SY07"

# R19: the countryside of Aleppo is Aleppo; that of Damascus is a governorate of its own.
READ = {
    "Aleppo": ALEPPO,
    "ALEPPO governorate": ALEPPO,
    "Western suburbs of Aleppo governorate": ALEPPO,
    "western countryside of Aleppo": ALEPPO,
    "ريف حلب الشمالي": ALEPPO,
    "ريف دمشق الغربي": DAMASCUS_SUBURBS,
    "محافظة حلب": ALEPPO,
    "ريف حلب": ALEPPO,
    "Idlib": IDLIB,
    "إدلب": IDLIB,
    "ادلب": IDLIB,
    "Damascus": DAMASCUS,
    "Damascus Suburbs governorate": DAMASCUS_SUBURBS,
    "ريف دمشق": DAMASCUS_SUBURBS,
    "Hama or Idlib": None,
    "Northmole": None,
    "governorate": None,
    "": None,
}


@pytest.mark.parametrize("text", READ)
def test_a_governorate_is_read_or_refused(text: str) -> None:
    pcode, reason = GAZETTEER.read(text)
    assert pcode == READ[text]
    assert (reason is None) == (pcode is not None)


@pytest.mark.parametrize("text", ["Eastern suburbs of Damascus", "southern countryside of Damascus governorate"])
def test_the_countryside_of_damascus_is_for_people_to_judge(text: str) -> None:
    """R19: the city's outskirts or the governorate around it; only the governorate's own names mean that."""
    assert GAZETTEER.read(text)[0] is None


# The spellings of a real export (requirements, section 6): each is read, or it is proposed, or it says what else it is.
SPELLINGS = {
    ALEPPO: "Aleppo|Aleppo governorate|northern Aleppo|western countryside of Aleppo",
    DAMASCUS: "Damascus",
    DAMASCUS_SUBURBS: "Rural Damascus|Rif Dimashq",
    "SY04": "Homs",
    "SY05": "Hama|eastern Hama|eastern Hama governorate|Hama Governorate",
    "SY06": "Latakia|Lattakia",
    IDLIB: "Idlib|idlib|Idlib Governorate",
    "SY08": "Hassakah|Al-Hasakah|Hasakah|Al Hasakah|Hasaka|Al Hasaka|Hassaka|Al Hassaka|Al Hassakah|northern Hassaka",
    "SY09": "Deir Ezzor|Deir ez-Zor|Deir Ez Zor|Deir Ez-zor|Deir Ez-Zour|Deir Ez-Zor",
    "SY11": "Ar Raqqah|Raqqa|Raqqah|Ar Raqqa",
    "SY12": "Dara'a|Daraa|eastern Daraa|Daraa governorate",
    "SY13": "As-Suwayda|Sweida|Al Suwayda",
    "SY14": "Quneitra|Al Qunaitra",
}
MISSPELT = {
    "Damascusus": DAMASCUS,
    "Damasus": DAMASCUS,
    "Damascuc": DAMASCUS,
    "Ar Raqq": "SY11",
    "Ara Raqqah": "SY11",
    "Idlin": IDLIB,
    "Idib": IDLIB,
    "Aleppoo": ALEPPO,
}


@pytest.mark.parametrize("pcode", SPELLINGS)
def test_the_spellings_of_a_real_export_are_read(pcode: str) -> None:
    assert {text: GAZETTEER.read(text)[0] for text in SPELLINGS[pcode].split("|")} == dict.fromkeys(
        SPELLINGS[pcode].split("|"), pcode
    )


@pytest.mark.parametrize("text", MISSPELT)
def test_a_misspelt_governorate_is_proposed_and_never_accepted(text: str) -> None:
    assert GAZETTEER.read(text)[0] is None
    reading = GAZETTEER.locate(text, None, None, None, None)
    assert (reading.governorate, reading.certainty) == (None, "none")
    assert [proposal.target for proposal in reading.proposals] == [MISSPELT[text]]


@pytest.mark.parametrize(
    ("text", "open_ones"),
    [
        ("Hama or Idlib", ("SY05", "SY07")),
        ("Homs or Aleppo", ("SY02", "SY04")),
        ("Deir ez-Zor/Damascus", ("SY01", "SY09")),
        ("Hama and Idlib governorate", ("SY05", "SY07")),
        ("حماة أو إدلب", ("SY05", "SY07")),
        ("Hama or Idlin", ("SY05",)),
    ],
)
def test_several_governorates_are_kept_as_a_set(text: str, open_ones: tuple[str, ...]) -> None:
    reading = GAZETTEER.locate(text, None, None, None, None)
    assert (reading.governorate, reading.governorates, reading.certainty) == (None, open_ones, "ambiguous")
    assert reading.reason
    assert GAZETTEER.read(text)[0] is None


def test_what_is_abroad_is_said_to_be_abroad() -> None:
    reading = GAZETTEER.locate("Al Anbar", "Al Qaim", None, None, None)
    assert (reading.governorate, reading.rule, reading.precision) == (None, "abroad", "none")
    assert reading.reason == "the place named is in Iraq: not in this country"


def test_what_is_near_is_a_hint_not_a_reading() -> None:
    """Field notes: a fuzzy match put a town in another with a score of 86."""
    pcode, reason = GAZETTEER.read("Idlin")
    assert pcode is None
    assert "perhaps 'idlib' (SY07) is meant" in (reason or "")


@pytest.mark.parametrize("governorate", SYRIA.governorates, ids=lambda g: g.pcode)
def test_every_governorate_is_known_by_its_labels(governorate: Governorate) -> None:
    assert {GAZETTEER.read(label)[0] for label in governorate.label.values()} == {governorate.pcode}


@given(st.text())
def test_any_text_is_a_governorate_or_a_reason(text: str) -> None:
    pcode, reason = GAZETTEER.read(text)
    assert (pcode is None) != (reason is None)


@given(st.text(alphabet=st.characters(codec="utf-8")) | st.text(alphabet="أإآابةىيؤئء ـًّ-'`Aé.ßﬁ"))
def test_a_key_is_its_own_key(text: str) -> None:
    assert place_key(place_key(text)) == place_key(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ma'arrat an-Nu'man", "maarrat an numan"),
        ("إدلب", "ادلب"),
        ("\u0627\u0655دلب", "\u0625دلب"),  # decomposed and composed hamza
        ("قَلْعَة", "قلعه"),
        ("Al  Bab", "al-bab"),
    ],
)
def test_spellings_of_one_place_share_a_key(one: str, other: str) -> None:
    assert place_key(one) == place_key(other)
