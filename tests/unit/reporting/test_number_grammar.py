"""Numbers with their nouns, as each language says them (R27)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.reporting.grammar import GRAMMARS, grammar_of

ENGLISH = {
    0: ("no civilians", "no children", "no women"),
    1: ("one civilian", "one child", "one woman"),
    2: ("two civilians", "two children", "two women"),
    3: ("three civilians", "three children", "three women"),
    10: ("ten civilians", "ten children", "ten women"),
    11: ("11 civilians", "11 children", "11 women"),
    12: ("12 civilians", "12 children", "12 women"),
    20: ("20 civilians", "20 children", "20 women"),
    21: ("21 civilians", "21 children", "21 women"),
    99: ("99 civilians", "99 children", "99 women"),
    100: ("100 civilians", "100 children", "100 women"),
    101: ("101 civilians", "101 children", "101 women"),
    103: ("103 civilians", "103 children", "103 women"),
    145: ("145 civilians", "145 children", "145 women"),
    1000: ("1,000 civilians", "1,000 children", "1,000 women"),
}
ARABIC = {
    0: ("صفر مدني", "صفر طفل", "صفر سيدة"),
    1: ("مدني واحد", "طفل واحد", "سيدة واحدة"),
    2: ("مدنيان", "طفلان", "سيدتان"),
    3: ("ثلاثة مدنيين", "ثلاثة أطفال", "ثلاث سيدات"),
    10: ("عشرة مدنيين", "عشرة أطفال", "عشر سيدات"),
    11: ("11 مدنياً", "11 طفلاً", "11 سيدة"),
    12: ("12 مدنياً", "12 طفلاً", "12 سيدة"),
    20: ("20 مدنياً", "20 طفلاً", "20 سيدة"),
    21: ("21 مدنياً", "21 طفلاً", "21 سيدة"),
    99: ("99 مدنياً", "99 طفلاً", "99 سيدة"),
    100: ("100 مدني", "100 طفل", "100 سيدة"),
    101: ("101 مدني", "101 طفل", "101 سيدة"),
    103: ("103 مدنيين", "103 أطفال", "103 سيدات"),
    145: ("145 مدنياً", "145 طفلاً", "145 سيدة"),
    1000: ("1000 مدني", "1000 طفل", "1000 سيدة"),
}


@pytest.mark.parametrize(("language", "table"), [("en", ENGLISH), ("ar", ARABIC)])
def test_a_noun_agrees_with_its_number(language: str, table: dict[int, tuple[str, str, str]]) -> None:
    grammar = grammar_of(language)
    for number, expected in table.items():
        said = tuple(grammar.count(number, grammar.nouns[noun]) for noun in ("civilian", "child", "woman"))
        assert said == expected


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [
        (1, "massacre", "مجزرة واحدة"),
        (2, "massacre", "مجزرتين اثنتين"),
        (2, "civilian", "مدنيين اثنين"),
        (5, "massacre", "خمس مجازر"),
        (8, "woman", "ثماني سيدات"),
        (14, "person", "14 شخصاً"),
    ],
)
def test_arabic_after_a_preposition(number: int, noun: str, said: str) -> None:
    arabic = grammar_of("ar")
    assert arabic.count(number, arabic.nouns[noun], "oblique") == said


def test_a_group_without_a_singular_is_counted_as_part_of_a_whole() -> None:
    arabic, english = grammar_of("ar"), grammar_of("en")
    assert arabic.part_of(2, "الكوادر الطبية") == "اثنان من الكوادر الطبية"
    assert arabic.part_of(2, "الكوادر الطبية", "oblique") == "اثنين من الكوادر الطبية"
    assert english.part_of(1, "medical personnel") == "one of the medical personnel"


@given(st.integers(min_value=0, max_value=10**7))
def test_english_has_a_singular_for_one_only(number: int) -> None:
    english = grammar_of("en")
    assert english.count(number, english.nouns["child"]).endswith("child") == (number == 1)


@given(st.integers(min_value=11, max_value=10**7))
def test_every_language_writes_large_numbers_in_western_digits(number: int) -> None:
    for grammar in GRAMMARS.values():
        digits = grammar.count(number, grammar.nouns["civilian"]).split(" ")[0]
        assert digits.replace(",", "") == str(number)


@given(st.integers(min_value=3, max_value=10**6))
def test_the_last_two_digits_choose_the_arabic_form(number: int) -> None:
    arabic = grammar_of("ar")
    form = arabic.count(number, arabic.nouns["child"]).split(" ")[1]
    rest = number % 100
    assert form == ("أطفال" if 3 <= rest <= 10 else "طفلاً" if rest >= 11 else "طفل")


def test_lists_dates_and_months() -> None:
    english, arabic = grammar_of("en"), grammar_of("ar")
    assert [english.join(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert arabic.join(["خمسة أطفال", "ثلاث سيدات"]) == "خمسة أطفال وثلاث سيدات"
    assert english.date(date(2020, 3, 5)) == "Thursday, March 5, 2020"
    assert arabic.date(date(2020, 3, 5)) == "الخميس 5 آذار 2020"
    assert (english.month("2020-03"), arabic.month("2020-03")) == ("March 2020", "آذار 2020")


def test_titles_keep_small_words_small() -> None:
    assert grammar_of("en").title("two of the medical personnel") == "Two of the Medical Personnel"


def test_percentages_keep_the_decimals_that_they_were_rounded_to() -> None:
    for grammar in GRAMMARS.values():
        assert (grammar.number(13.1, 2), grammar.number(62.0)) == ("13.10", "62")


def test_a_language_without_a_grammar_is_refused() -> None:
    with pytest.raises(CasualtyError, match="'fr'"):
        grammar_of("fr")
