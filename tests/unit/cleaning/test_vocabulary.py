"""Words of sources mapped to the profile's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.cleaning.conventions import CONVENTIONS
from casualty_pipeline.cleaning.vocabulary import CONTROL, DECISIVE, HARMLESS, Vocabulary, canonical_claim, read_flag
from casualty_pipeline.profile import load_profile

SYRIA = load_profile("syria")
VOCABULARY = Vocabulary(SYRIA)
READ_BY_WORDS = [row for row in SYRIA.vocabulary if row[0] != CONTROL]


@pytest.mark.parametrize(("field", "text", "value"), [*READ_BY_WORDS, ("sex", " MALE ", "male"), ("sex", "انثى", "female")])
def test_a_word_of_the_profile_is_read(field: str, text: str, value: str) -> None:
    assert VOCABULARY.word(field, text) == (value, None, "listed", "stated")


@pytest.mark.parametrize(("text", "claim"), [(text, value) for field, text, value in SYRIA.vocabulary if field == CONTROL])
def test_who_controls_an_area_is_a_claim(text: str, claim: str) -> None:
    assert VOCABULARY.control(text).value == canonical_claim(claim)
    assert set(claim.split("+")) <= set(SYRIA.party)


def test_a_word_that_the_profile_lacks_is_refused_with_those_it_has() -> None:
    value, reason, *_ = VOCABULARY.word("sex", "unclear")
    assert value is None
    assert "expected a word for female, male" in (reason or "")


def test_every_field_that_is_read_by_words_has_words() -> None:
    assert {field for field, _, _ in SYRIA.vocabulary} == DECISIVE | HARMLESS | {CONTROL}


@pytest.mark.parametrize(
    ("field", "text", "value", "rule", "certainty"),
    [
        ("mechanism", "Artillery, Airstrike", "bombardment", "listed_parts", "stated"),
        ("mechanism", "Naval bombardment; Airstrike", "bombardment", "listed_parts", "stated"),
        ("mechanism", "killed by a car bomb in the market", "bombing", "phrase", "derived"),
        ("mechanism", "انفجار سيارة مفخخة في السوق", "bombing", "phrase", "derived"),
        ("special_group", "Doctor at the field hospital", "medical", "phrase", "derived"),
        ("occupation", "مدير مدرسة ابتدائية", "education", "phrase", "derived"),
        ("sex", "male?", "male", "doubted", "assumed"),
        ("sex", "ذكر؟", "male", "doubted", "assumed"),
        ("circumstance", "possibly torture", "torture", "doubted", "assumed"),
        ("certainty", "likely", "believed", "listed", "stated"),
    ],
)
def test_a_longer_text_is_read_by_the_longest_listed_phrase(
    field: str, text: str, value: str, rule: str, certainty: str
) -> None:
    assert VOCABULARY.word(field, text) == (value, None, rule, certainty)


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("status", "injured, then died", "names more than one status, injured and killed"),
        ("special_group", "journalist and paramedic", "names more than one special group, media and medical"),
        ("civilian_status", "not a civilian", "no civilian status that the profile knows"),
        ("special_group", "son of a doctor", "no special group that the profile knows"),
        ("circumstance", "without torture", "no circumstance that the profile knows"),
        ("special_group", "زوجة طبيب", "no special group that the profile knows"),
        ("sex", "malefactor", "no sex that the profile knows"),
    ],
)
def test_a_text_that_says_several_things_or_the_opposite_is_not_read(field: str, text: str, reason: str) -> None:
    value, why, *_ = VOCABULARY.word(field, text)
    assert value is None
    assert reason in (why or "")


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Russian forces", "russia"),
        ("القوات الروسية", "russia"),
        ("russia", "russia"),
        ("extremist_islamist/hts", "extremist_islamist/hts"),
        ("Martian forces", None),
        ("", None),
    ],
)
def test_a_claim_is_a_party_of_the_profile_or_refused(text: str, claim: str | None) -> None:
    value, reason, *_ = VOCABULARY.claim(text)
    assert value == claim
    assert (reason is None) == (claim is not None)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Syrian Democratic Forces", "sdf"),
        ("Opposition-held area", "armed_opposition"),
        ("Armed Opposition and Hay'at Tahrir al Sham", "armed_opposition+extremist_islamist/hts"),
        ("مناطق سيطرة قوات النظام", "syrian_regime"),
        ("المعارضة المسلحة وهيئة تحرير الشام", "armed_opposition+extremist_islamist/hts"),
        ("Armed Opposition and Martians", None),
        ("regime or opposition", "armed_opposition|syrian_regime"),
        ("unidentified", None),
        ("", None),
    ],
)
def test_an_area_is_held_by_a_party_or_by_several_together(text: str, claim: str | None) -> None:
    """R17."""
    assert VOCABULARY.control(text).value == claim


@given(st.lists(st.sampled_from(sorted(SYRIA.party)), min_size=1, max_size=3, unique=True), st.sampled_from("+|"))
def test_the_same_claim_has_one_spelling(parties: list[str], joint: str) -> None:
    claim = canonical_claim(joint.join(parties))
    assert claim == canonical_claim(joint.join(reversed(parties))) == canonical_claim(claim)


_PHRASES = [alias for _, alias, _ in SYRIA.vocabulary] + ["not", "?", ",", "and", "و", "perhaps"]


@given(
    st.sampled_from(sorted(DECISIVE | HARMLESS)), st.text() | st.lists(st.sampled_from(_PHRASES), max_size=4).map(" ".join)
)
def test_any_text_is_a_value_with_a_rule_or_a_reason(field: str, text: str) -> None:
    for value, reason, rule, certainty in (
        *(VOCABULARY.word(field, text), VOCABULARY.claim(text), VOCABULARY.control(text)),
        read_flag(text),
    ):
        assert (value is None) == (rule is None) == (certainty is None) == (reason is not None)
        assert certainty in {None, "stated"} or rule in CONVENTIONS


@pytest.mark.parametrize(
    ("text", "flag"), [("yes", "true"), (" نعم ", "true"), ("No", "false"), ("لا", "false"), ("maybe", None)]
)
def test_a_flag_is_yes_or_no(text: str, flag: str | None) -> None:
    assert read_flag(text).value == flag
