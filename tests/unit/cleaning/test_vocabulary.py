"""Words of sources mapped to the profile's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.cleaning.vocabulary import DECISIVE, HARMLESS, Vocabulary, canonical_claim, read_flag
from casualty_pipeline.profile import load_profile

SYRIA = load_profile("syria")
VOCABULARY = Vocabulary(SYRIA)


@pytest.mark.parametrize(
    ("field", "text", "value"), [*SYRIA.vocabulary, ("sex", " MALE ", "male"), ("sex", "انثى", "female")]
)
def test_a_word_of_the_profile_is_read(field: str, text: str, value: str) -> None:
    assert VOCABULARY.word(field, text) == (value, None)


def test_a_word_that_the_profile_lacks_is_refused_with_those_it_has() -> None:
    value, reason = VOCABULARY.word("sex", "unclear")
    assert value is None
    assert "expected a word for female, male" in (reason or "")


def test_every_field_that_is_read_by_words_has_words() -> None:
    assert {field for field, _, _ in SYRIA.vocabulary} >= DECISIVE | HARMLESS - {"assessment"}


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
    value, reason = VOCABULARY.claim(text)
    assert value == claim
    assert (reason is None) == (claim is not None)


@given(st.lists(st.sampled_from(sorted(SYRIA.party)), min_size=1, max_size=3, unique=True), st.sampled_from("+|"))
def test_the_same_claim_has_one_spelling(parties: list[str], joint: str) -> None:
    claim = canonical_claim(joint.join(parties))
    assert claim == canonical_claim(joint.join(reversed(parties))) == canonical_claim(claim)


@given(st.sampled_from(sorted(DECISIVE | HARMLESS)), st.text())
def test_any_word_is_a_value_or_a_reason(field: str, text: str) -> None:
    for value, reason in (VOCABULARY.word(field, text), VOCABULARY.claim(text), read_flag(text)):
        assert (value is None) != (reason is None)


@pytest.mark.parametrize(("text", "flag"), [("yes", True), (" نعم ", True), ("No", False), ("لا", False), ("maybe", None)])
def test_a_flag_is_yes_or_no(text: str, flag: bool | None) -> None:
    assert read_flag(text)[0] is flag
