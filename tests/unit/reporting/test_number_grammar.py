"""Numbers with their nouns, as each language says them (R27): samples of every class, then the rules for all to 1,000."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.reporting.grammar import GRAMMARS, Case, Style, grammar_of
from tests.unit.reporting.number_table import TABLE, number_table

ENGLISH = {
    0: ("no civilians", "no children", "no women"),
    1: ("one civilian", "one child", "one woman"),
    2: ("two civilians", "two children", "two women"),
    9: ("nine civilians", "nine children", "nine women"),
    10: ("10 civilians", "10 children", "10 women"),
    11: ("11 civilians", "11 children", "11 women"),
    101: ("101 civilians", "101 children", "101 women"),
    1000: ("1,000 civilians", "1,000 children", "1,000 women"),
}
ARABIC = {
    0: ("لا مدنيين", "لا أطفال", "لا سيدات"),
    1: ("مدني واحد", "طفل واحد", "سيدة واحدة"),
    2: ("مدنيان", "طفلان", "سيدتان"),
    3: ("ثلاثة مدنيين", "ثلاثة أطفال", "ثلاث سيدات"),
    10: ("عشرة مدنيين", "عشرة أطفال", "عشر سيدات"),
    11: ("11 مدنياً", "11 طفلاً", "11 سيدة"),
    12: ("12 مدنياً", "12 طفلاً", "12 سيدة"),
    20: ("20 مدنياً", "20 طفلاً", "20 سيدة"),
    99: ("99 مدنياً", "99 طفلاً", "99 سيدة"),
    100: ("100 مدني", "100 طفل", "100 سيدة"),
    101: ("101 مدني", "101 طفل", "101 سيدة"),
    103: ("103 مدنيين", "103 أطفال", "103 سيدات"),
    145: ("145 مدنياً", "145 طفلاً", "145 سيدة"),
    1000: ("1000 مدني", "1000 طفل", "1000 سيدة"),
}
# In words throughout: masculine, feminine; nominative, and oblique where it differs.
SPELLED = {
    1: ("مدني واحد", "مجزرة واحدة", None, None),
    2: ("مدنيان", "مجزرتان", "مدنيين اثنين", "مجزرتين"),
    3: ("ثلاثة مدنيين", "ثلاث مجازر", None, None),
    8: ("ثمانية مدنيين", "ثماني مجازر", None, None),
    10: ("عشرة مدنيين", "عشر مجازر", None, None),
    11: ("أحد عشر مدنياً", "إحدى عشرة مجزرة", None, None),
    12: ("اثنا عشر مدنياً", "اثنتا عشرة مجزرة", "اثني عشر مدنياً", "اثنتي عشرة مجزرة"),
    13: ("ثلاثة عشر مدنياً", "ثلاث عشرة مجزرة", None, None),
    18: ("ثمانية عشر مدنياً", "ثماني عشرة مجزرة", None, None),
    20: ("عشرون مدنياً", "عشرون مجزرة", "عشرين مدنياً", "عشرين مجزرة"),
    21: ("واحد وعشرون مدنياً", "إحدى وعشرون مجزرة", "واحد وعشرين مدنياً", "إحدى وعشرين مجزرة"),
    22: ("اثنان وعشرون مدنياً", "اثنتان وعشرون مجزرة", "اثنين وعشرين مدنياً", "اثنتين وعشرين مجزرة"),
    25: ("خمسة وعشرون مدنياً", "خمس وعشرون مجزرة", "خمسة وعشرين مدنياً", "خمس وعشرين مجزرة"),
    28: ("ثمانية وعشرون مدنياً", "ثمانٍ وعشرون مجزرة", "ثمانية وعشرين مدنياً", "ثمانٍ وعشرين مجزرة"),
    99: ("تسعة وتسعون مدنياً", "تسع وتسعون مجزرة", "تسعة وتسعين مدنياً", "تسع وتسعين مجزرة"),
    100: ("مئة مدني", "مئة مجزرة", None, None),
    101: ("مئة مدني ومدني واحد", "مئة مجزرة ومجزرة واحدة", None, None),
    102: ("مئة مدني ومدنيان", "مئة مجزرة ومجزرتان", "مئة مدني ومدنيين اثنين", "مئة مجزرة ومجزرتين"),
    103: ("مئة وثلاثة مدنيين", "مئة وثلاث مجازر", None, None),
    105: ("مئة وخمسة مدنيين", "مئة وخمس مجازر", None, None),
    111: ("مئة وأحد عشر مدنياً", "مئة وإحدى عشرة مجزرة", None, None),
    200: ("مئتا مدني", "مئتا مجزرة", "مئتي مدني", "مئتي مجزرة"),
    201: ("مئتا مدني ومدني واحد", "مئتا مجزرة ومجزرة واحدة", "مئتي مدني ومدني واحد", "مئتي مجزرة ومجزرة واحدة"),
    203: ("مئتان وثلاثة مدنيين", "مئتان وثلاث مجازر", "مئتين وثلاثة مدنيين", "مئتين وثلاث مجازر"),
    300: ("ثلاثمئة مدني", "ثلاثمئة مجزرة", None, None),
    999: (
        "تسعمئة وتسعة وتسعون مدنياً",
        "تسعمئة وتسع وتسعون مجزرة",
        "تسعمئة وتسعة وتسعين مدنياً",
        "تسعمئة وتسع وتسعين مجزرة",
    ),
    1000: ("ألف مدني", "ألف مجزرة", None, None),
    2000: ("ألفا مدني", "ألفا مجزرة", "ألفي مدني", "ألفي مجزرة"),
    11_000: ("أحد عشر ألف مدني", "أحد عشر ألف مجزرة", None, None),
    11_005: ("أحد عشر ألفاً وخمسة مدنيين", "أحد عشر ألفاً وخمس مجازر", None, None),
    102_300: (
        "مئة ألف وألفان وثلاثمئة مدني",
        "مئة ألف وألفان وثلاثمئة مجزرة",
        "مئة ألف وألفين وثلاثمئة مدني",
        "مئة ألف وألفين وثلاثمئة مجزرة",
    ),
}
WORDS = Style(words_up_to=999_999)
CASES: tuple[Case, Case] = ("nominative", "oblique")
to_a_thousand = st.integers(min_value=0, max_value=1000)


@pytest.mark.parametrize(("language", "table"), [("en", ENGLISH), ("ar", ARABIC)])
def test_a_noun_agrees_with_its_number(language: str, table: dict[int, tuple[str, str, str]]) -> None:
    grammar = grammar_of(language)
    for number, expected in table.items():
        said = tuple(grammar.count(number, grammar.nouns[noun]) for noun in ("civilian", "child", "woman"))
        assert said == expected


@pytest.mark.parametrize("number", SPELLED)
def test_arabic_numbers_in_words_agree_in_gender_and_case(number: int) -> None:
    arabic = grammar_of("ar", WORDS)
    civilian, massacre, civilian_oblique, massacre_oblique = SPELLED[number]
    assert arabic.count(number, arabic.nouns["civilian"]) == civilian
    assert arabic.count(number, arabic.nouns["massacre"]) == massacre
    assert arabic.count(number, arabic.nouns["civilian"], "oblique") == (civilian_oblique or civilian)
    assert arabic.count(number, arabic.nouns["massacre"], "oblique") == (massacre_oblique or massacre)


def test_an_adjective_agrees_with_its_noun_in_number_and_gender() -> None:
    arabic = grammar_of("ar")
    said = [arabic.count(number, arabic.nouns["boy"]) for number in (1, 2, 3, 11, 100)]
    assert said == ["طفل ذكر واحد", "طفلان ذكران", "ثلاثة أطفال ذكور", "11 طفلاً ذكراً", "100 طفل ذكر"]
    glosses = [arabic.form(number, arabic.nouns["adult_female"]) for number in (1, 2, 3, 16)]
    assert glosses == ["أنثى بالغة", "أنثيان بالغتان", "إناث بالغات", "أنثى بالغة"]


def test_a_group_without_a_singular_is_counted_as_part_of_a_whole() -> None:
    arabic, english = grammar_of("ar"), grammar_of("en")
    assert arabic.part_of(2, "الكوادر الطبية") == "اثنان من الكوادر الطبية"
    assert arabic.part_of(2, "الكوادر الطبية", "oblique") == "اثنين من الكوادر الطبية"
    assert english.part_of(1, "medical personnel") == "one of the medical personnel"


def test_english_numbers_in_words() -> None:
    english = grammar_of("en", WORDS)
    said = [english.word(number) for number in (0, 13, 21, 40, 100, 145, 1000, 1001, 12_345)]
    assert said == [
        *("zero", "thirteen", "twenty-one", "forty", "one hundred", "one hundred and forty-five", "one thousand"),
        *("one thousand and one", "twelve thousand three hundred and forty-five"),
    ]


# -- rules for every number and noun


@given(to_a_thousand, st.sampled_from(sorted(grammar_of("en").nouns)))
def test_english_has_a_singular_for_one_only(number: int, noun: str) -> None:
    english = grammar_of("en")
    one, many = english.nouns[noun].forms
    assert english.count(number, english.nouns[noun]).endswith(one if number == 1 else many)


@given(to_a_thousand, st.sampled_from(sorted(grammar_of("ar").nouns)), st.sampled_from(CASES), st.booleans())
def test_the_last_two_digits_choose_the_arabic_form(number: int, noun: str, case: Case, words: bool) -> None:
    arabic = grammar_of("ar", WORDS if words else None)
    counted = arabic.nouns[noun]
    one, two, two_oblique, few, many, hundreds = counted.forms
    said, rest = arabic.count(number, counted, case), number % 100
    dual = two if case == "nominative" else two_oblique
    if 3 <= rest <= 10:
        assert said.endswith(f" {few}")
    elif rest >= 11:
        assert said.endswith(f" {many}")
    elif number > 2 and (rest == 0 or not words):
        assert said.endswith(f" {hundreds}")
    elif rest == 1:
        assert f"{one} " in said and said.endswith(("واحد", "واحدة"))
    elif rest == 2:
        assert dual in said
    else:
        assert said == f"لا {few}"


@given(st.integers(min_value=1, max_value=999))
def test_three_to_ten_take_the_gender_that_the_noun_has_not_and_the_ten_of_the_teens_its_own(number: int) -> None:
    arabic = grammar_of("ar", WORDS)
    masculine, feminine = (arabic.count(number, arabic.nouns[noun]).split(" ") for noun in ("civilian", "massacre"))
    rest = number % 100
    if 3 <= rest <= 10:
        assert (masculine[-2].endswith("ة"), feminine[-2].endswith("ة")) == (True, False)
    elif 13 <= rest <= 19:
        assert masculine[-3].endswith("ة") and masculine[-2] == "عشر"
        assert not feminine[-3].endswith("ة") and feminine[-2] == "عشرة"
    elif rest > 20 and rest % 10 >= 3:
        assert (masculine[-3].endswith("ة"), feminine[-3].endswith("ة")) == (True, False)


@given(to_a_thousand, to_a_thousand, st.sampled_from(sorted(grammar_of("ar").nouns)), st.sampled_from(CASES))
def test_different_numbers_are_said_differently(first: int, second: int, noun: str, case: Case) -> None:
    for language, style in (("en", None), ("en", WORDS), ("ar", None), ("ar", WORDS)):
        grammar = grammar_of(language, style)
        said = [grammar.count(number, grammar.nouns[noun], case) for number in (first, second)]
        assert (said[0] == said[1]) == (first == second)


@given(st.integers(min_value=3, max_value=999_999))
def test_only_tens_duals_and_their_compounds_change_with_the_case(number: int) -> None:
    arabic = grammar_of("ar", WORDS)
    nominative, oblique = (arabic.count(number, arabic.nouns["child"], case) for case in CASES)
    changed = [pair for pair in zip(nominative.split(" "), oblique.split(" "), strict=True) if pair[0] != pair[1]]
    endings = {(one[-2:], other[-2:]) for one, other in changed}
    assert all(one.endswith(("ون", "ان", "ا")) and other.endswith(("ين", "ي")) for one, other in endings)


@given(st.integers(min_value=11, max_value=10**7))
def test_every_language_writes_large_numbers_in_western_digits(number: int) -> None:
    for language in GRAMMARS:
        grammar = grammar_of(language)
        digits = grammar.count(number, grammar.nouns["civilian"]).split(" ")[0]
        assert digits.replace(",", "") == str(number)


def test_the_table_for_the_eye_is_what_the_grammar_says() -> None:
    assert TABLE.read_text(encoding="utf-8") == number_table(), "run `python -m tests.unit.reporting.number_table`"


# -- lists, dates, titles


def test_lists() -> None:
    english, arabic = grammar_of("en"), grammar_of("ar")
    assert [english.join(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert english.either(list("abc")) == "a, b or c"
    assert arabic.join(["خمسة أطفال", "ثلاث سيدات"]) == "خمسة أطفال وثلاث سيدات"
    assert arabic.either(["أ", "ب", "ج"]) == "أ أو ب أو ج"


def test_dates_and_months() -> None:
    english, arabic = grammar_of("en"), grammar_of("ar")
    assert english.date(date(2020, 3, 5)) == "Thursday, March 5, 2020"
    assert arabic.date(date(2020, 3, 5)) == "الخميس 5 آذار 2020"
    assert (english.month("2020-03"), arabic.month("2020-03")) == ("March 2020", "آذار 2020")


@pytest.mark.parametrize(
    ("months", "january", "march"),
    [
        ("levantine", "كانون الثاني", "آذار"),
        ("gregorian", "يناير", "مارس"),
        ("both", "كانون الثاني/يناير", "آذار/مارس"),
    ],
)
def test_a_profile_chooses_the_arabic_month_names(months: str, january: str, march: str) -> None:
    arabic = grammar_of("ar", Style(months=months))
    assert (arabic.month_name("2020-01"), arabic.month_name("2020-03")) == (january, march)


def test_month_names_that_a_language_has_not_are_refused() -> None:
    with pytest.raises(CasualtyError, match="no months 'julian' in the language 'ar': expected one of levantine"):
        grammar_of("ar", Style(months="julian"))


def test_titles_keep_small_words_small() -> None:
    assert grammar_of("en").title("two of the medical personnel") == "Two of the Medical Personnel"


def test_percentages_keep_the_decimals_that_they_were_rounded_to() -> None:
    for language in GRAMMARS:
        grammar = grammar_of(language)
        assert (grammar.number(13.1, 2), grammar.number(62.0)) == ("13.10", "62")


def test_a_language_without_a_grammar_is_refused() -> None:
    with pytest.raises(CasualtyError, match="'fr'"):
        grammar_of("fr")
