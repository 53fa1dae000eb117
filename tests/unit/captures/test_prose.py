"""Free text is read into candidates: labelled sentences, traps that must not be read, offsets, lists, hostile input."""

import csv
import shutil
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.prose import Passage, ProseReader
from casualty_pipeline.captures.sources import FIELDS
from casualty_pipeline.cleaning.dates import read_date
from casualty_pipeline.cleaning.places import Gazetteer
from casualty_pipeline.cleaning.vocabulary import Vocabulary
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import load_profile

PROFILE = load_profile("syria")
READER = ProseReader(PROFILE)
VOCABULARY, GAZETTEER = Vocabulary(PROFILE), Gazetteer(PROFILE)
with (Path(__file__).parent / "prose_sentences.csv").open(encoding="utf-8", newline="") as _file:
    SENTENCES = list(csv.DictReader(_file))
# Known misses, kept as a reminder: nobody may add to them unseen. Those of the held-out third are only counted.
MISSED = {"ar37", "ar38"}
HELD_OUT_MISSES = 5
TRAITS = ("age_group", "sex", "civilian_status")
VALUES = ("age", "killed_min", "killed_max")


def people(passage: Passage) -> tuple[str, frozenset[str], str]:
    """Status, what is said of the persons in any order, and the name: with every word read back by cleaning."""
    fields = passage.fields
    said = {fields[trait] for trait in TRAITS if trait in fields}
    said |= {f"{name}={fields[name]}" for name in VALUES if name in fields}
    if passage.statement == "group" and "persons" in fields:
        said.add(fields["persons"])
    if "special_group" in fields:
        said.add(str(VOCABULARY.word("special_group", fields["special_group"])[0]))
    return fields["status"], frozenset(said), fields.get("name_ar", fields.get("name_en", ""))


def expected(label: str) -> list[tuple[str, frozenset[str], str]]:
    read = []
    for part in filter(None, label.split(" | ")):
        words, _, name = part.partition("name=")
        status, *said = words.split()
        read.append((status, frozenset(said), name))
    return read


def setting(passage: Passage) -> Mapping[str, str]:
    """What cleaning makes of the other fields."""
    fields = passage.fields
    return {
        "place": fields.get("place", fields.get("place_ar", "")),
        "governorate": GAZETTEER.read(fields["governorate"])[0] or "?" if "governorate" in fields else "",
        "party": VOCABULARY.claim(fields["party"])[0] or "?" if "party" in fields else "",
        "incident_date": str(read_date(fields["incident_date"]).first) if "incident_date" in fields else "",
        **{
            name: VOCABULARY.word(name, fields[name])[0] or "?" if name in fields else ""
            for name in ("mechanism", "circumstance")
        },
    }


def exact(row: Mapping[str, str]) -> bool:
    passages = READER.read(row["text"])
    said = [people(p) for p in passages] == expected(row["people"])
    return said and all(value == row[name] for p in passages for name, value in setting(p).items())


@pytest.mark.parametrize("row", [r for r in SENTENCES if r["set"] == "tuned"], ids=lambda row: str(row["id"]))
def test_a_labelled_sentence_is_read_exactly(row: Mapping[str, str]) -> None:
    assert exact(row) == (row["id"] not in MISSED)


def test_sentences_held_out_while_the_rules_were_made_are_read_nearly_as_well() -> None:
    held_out = [row for row in SENTENCES if row["set"] == "held-out"]

    assert len(held_out) == 43
    assert sum(not exact(row) for row in held_out) <= HELD_OUT_MISSES


@pytest.mark.parametrize("row", [r for r in SENTENCES if not r["people"]], ids=lambda row: str(row["id"]))
def test_what_says_no_number_of_dead_or_injured_plainly_is_not_read(row: Mapping[str, str]) -> None:
    assert READER.read(row["text"]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "No one was killed in the five raids.",
        "Five years after his father was killed, two children returned.",
        "The army may have killed five civilians.",
        "Killed: 5%. Wounded: 2.5 children on average.",
        "Three fighters from the village were arrested after an attack that killed dozens.",
        "Monthly toll: 120 civilians killed.",
        "A total of 250 people were killed in three days.",
        "Ten killed and wounded in Sarmin.",
        "Call 0944 123 456 789 if a child was not killed.",
        "عشرة قتلى وجرحى بقصف جوي على البلدة",
        "250 قتيلا بثلاثة أيام من القصف",
        "عشرات القتلى والجرحى",
        "لا قتلى ولا جرحى في القصف",
        "ذكرى مقتل خمسة مدنيين في البلدة",
        "مقتل مدنيين بقصف",  # two of them, or several
        "5 قذائف سقطت على البلدة",
        "19 قتيل وجريح بقصف على المدينة",
        "2018 03 27 قتيلة بقصف",
        "بالأسماء قتيلا حصيلة مجزرة",
        "213 مدني بين قتيل وجريح في عفرين",
        "إدلب ضحية الصفقات",
        "قصف على مشفى الشهيد حسن الأعرج",
        "86 قتيلا خلال أسبوع من القصف",
        "نحو 19 شهيداً وجريحاً قضوا بالقصف",
    ],
)
def test_traps_are_not_read(text: str) -> None:
    assert READER.read(text) == ()


def test_parts_and_the_rest_add_up_to_the_stated_total() -> None:
    passages = READER.read("Five civilians, including a child and a woman, were killed in Sarmin.")

    assert [p.part for p in passages] == [0, 1, 2]
    assert sum(int(p.fields["persons"]) for p in passages) == 5
    assert len({(p.first, p.last) for p in passages}) == 1


def test_parts_that_exceed_the_total_leave_the_total_alone_and_the_rule_says_so() -> None:
    (passage,) = READER.read("مقتل خمسة مدنيين، بينهم ستة أطفال، في قصف.")

    assert passage.fields["persons"] == "5"
    assert passage.rule.endswith("+total-alone")


def test_a_range_gives_its_ends_and_no_number_of_persons() -> None:
    (passage,) = READER.read("Between 5 and 7 civilians were killed in Hajin.")

    assert (passage.fields["killed_min"], passage.fields["killed_max"]) == ("5", "7")
    assert "persons" not in passage.fields


@pytest.mark.parametrize(
    ("word", "number"),
    [("خمسة عشر", 15), ("ثلاثة وعشرين", 23), ("مئة وخمسة وعشرين", 125), ("٤٧", 47), ("ثلاثمئة", None), ("إحدى عشر", 11)],
)
def test_arabic_numbers_in_words_and_digits(word: str, number: int | None) -> None:
    persons = [p.fields["persons"] for p in READER.read(f"مقتل {word} مدنياً في البلدة")]

    assert persons == ([str(number)] if number else [])


@pytest.mark.parametrize(
    ("word", "number"), [("twenty-one", 21), ("one hundred and five", 105), ("two hundred", 200), ("1,250", 1250), ("٣", 3)]
)
def test_english_numbers_in_words_and_digits(word: str, number: int) -> None:
    assert [p.fields["persons"] for p in READER.read(f"{word} people were killed.")] == [str(number)]


# --- Who, where, by whom ----------------------------------------------------------------------------------------------


def test_the_suburbs_of_a_city_whose_countryside_is_another_governorate_name_none() -> None:
    def governorate(text: str) -> list[str | None]:
        return [p.fields.get("governorate") for p in READER.read(text)]

    assert governorate("A child was killed in the western suburbs of Damascus.") == [None]
    assert governorate("A child was killed in the western suburbs of Aleppo.") == ["Aleppo"]
    assert governorate("A child was killed in Douma, Damascus Suburbs.") == ["Damascus Suburbs"]
    assert governorate("مقتل طفل في دوما بريف دمشق") == ["ريف دمشق"]


@pytest.mark.parametrize(
    "text",
    [
        "Five civilians from regime-held areas were killed.",
        "مقتل مدني في مناطق سيطرة قوات النظام",
        "Three ISIS fighters were killed in clashes.",
        "The SDF said two children were killed.",
        "A civilian died in an airstrike against Islamic State.",
    ],
)
def test_a_party_that_is_only_named_is_not_held_responsible(text: str) -> None:
    assert [p.fields.get("party") for p in READER.read(text)] == [None]


def test_a_party_that_is_only_suspected_is_believed() -> None:
    (passage,) = READER.read("قتيلان مدنيان بقصف جوي يرجح أنه روسي على مدينة مسرابا")

    assert (passage.fields["party"], passage.fields["certainty"]) == ("القوات الروسية", "believed")


@pytest.mark.parametrize(
    "text",
    ["The child is the only victim of the shelling.", "استشهاد الطفل الوحيد لعائلته", "مقتل الشاب بعد خروجه من منزله"],
)
def test_no_name_is_guessed(text: str) -> None:
    assert not any({"name_ar", "name_en"} & set(p.fields) for p in READER.read(text))


def test_a_family_name_that_looks_like_a_preposition_is_kept() -> None:
    (passage,) = READER.read("توفي اليوم الشاب سامر محمود العلي متأثراً بجراحه")

    assert passage.fields["name_ar"] == "سامر محمود العلي"


def test_another_is_not_said_to_be_a_woman_as_well() -> None:
    _, other = READER.read("استشهاد مواطنة وجرح آخر بالقصف")

    assert "sex" not in other.fields


def test_where_somebody_came_from_is_not_where_they_were_killed() -> None:
    (passage,) = READER.read("مقتل طفل نازح من بلدة التح بقصف جوي")

    assert "place_ar" not in passage.fields


def test_a_list_of_names_is_read_line_by_line_and_ends_where_names_end() -> None:
    text = "الجرحى:\n1- أحمد محمد السالم\n2- الطفلة ريم علي الخالد (٦ أعوام)\nتم نقل المصابين إلى المشفى القريب"
    one, two = READER.read(text)

    assert [p.fields["name_ar"] for p in (one, two)] == ["أحمد محمد السالم", "ريم علي الخالد"]
    assert (two.fields["age"], two.fields["sex"], two.fields["status"]) == ("6", "female", "injured")
    assert one.statement == "person"


# --- Offsets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "\u200fقُتِلَ مدنيٌّ وأُصيبَ ثلاثةُ أطفـــالٍ جرّاءَ قصفٍ على بلدةِ كنصفرة\u202c",
        "إ\u0655صابة خمسة ا\u0654طفال بقصف على بلدة كنصفرة",
        "👨‍👩‍👧 Five civilians were killed by Russian airstrikes in Sarmin\x00 \ud800",
    ],
)
def test_spans_point_into_the_text_as_given(text: str) -> None:
    passages = READER.read(text)

    assert passages
    for passage in passages:
        assert 0 <= passage.first < passage.last <= len(text)
        for name, (first, last) in passage.spans.items():
            assert text[first:last].strip() == text[first:last] != "", name


def test_the_span_of_a_number_is_its_word() -> None:
    text = "Yesterday: twenty-one people were killed."
    (passage,) = READER.read(text)

    assert text[slice(*passage.spans["persons"])] == "twenty-one"


def test_composed_and_decomposed_letters_read_alike() -> None:
    composed, decomposed = "إصابة أربعة أطفال", "ا\u0655صابة ا\u0654ربعة ا\u0654طفال"

    assert [p.fields for p in READER.read(composed)] == [p.fields for p in READER.read(decomposed)]


# --- Whatever comes ---------------------------------------------------------------------------------------------------

_WORDS = "killed |five |civilians| and |, including |بينهم| طفل|مقتل |خمسة|و|Ahmad |al-|في |بلدة |حلب|Russian |of |https://"
_CHARACTERS = "\n:#5٥-'ـ\0\ud800\u200f\u064b\u0655\U0001f468"
_FRAGMENTS = st.sampled_from([*_WORDS.split("|"), *_CHARACTERS, "(7)"])


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(_FRAGMENTS, max_size=30).map("".join)))
def test_reading_never_raises_and_says_only_what_a_statement_may_say(text: str) -> None:
    passages = READER.read(text)

    assert passages == READER.read(text)
    for passage in passages:
        assert set(passage.fields) <= FIELDS
        assert set(passage.fields) == set(passage.spans)
        assert 0 <= passage.first < passage.last <= len(text)
    ordered = sorted({(p.first, p.last) for p in passages})
    assert all(one[1] <= two[0] for one, two in pairwise(ordered))


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "5 ",
        "1",
        "'",
        "a-",
        "\u064b",
        "\n",
        "http://",
        "a.b@",
        "+1 ",
        "مقتل ",
        "خمسة و",
        "طفل و",
        "a child and ",
        "5 killed including ",
    ],
)
def test_the_cost_of_a_text_is_in_proportion_to_its_length(unit: str) -> None:
    """Counts the reader's steps, not seconds: four times the text may cost at most about four times the steps."""
    small, large = (_steps((unit * 4000)[:length]) for length in (1500, 6000))

    assert large <= 6 * small + 10_000


def _steps(text: str) -> int:
    count = 0

    def step(*_: object) -> None:
        nonlocal count
        count += 1

    READER.read(text)  # so that caches are warm both times
    sys.setprofile(step)
    try:
        READER.read(text)
    finally:
        sys.setprofile(None)
    return count


# --- The profile's words ----------------------------------------------------------------------------------------------


def test_another_conflict_brings_its_own_words() -> None:
    atlantis = ProseReader(load_profile(str(Path(__file__).parents[2] / "fixtures" / "profiles" / "atlantis")))
    (passage,) = atlantis.read("Five civilians were killed by the Crown off Northmole with a sea mine.")

    assert passage.fields["party"] == "the Crown"
    assert passage.fields["mechanism"] == "sea mine"
    assert passage.fields["governorate"] == "Northmole"


@pytest.mark.parametrize(
    ("row", "problem"),
    [("weather,hail,hail", "field 'weather'"), ("party,Martians,Martian forces", "reads_as 'Martian forces'")],
)
def test_a_wrong_row_of_a_profiles_prose_table_is_named(tmp_path: Path, row: str, problem: str) -> None:
    copy = tmp_path / "syria"
    shutil.copytree(PROFILE.folder, copy)
    (copy / "aliases" / "prose.csv").write_text(f"field,alias,reads_as\n{row}\n", encoding="utf-8")

    with pytest.raises(CasualtyError, match=problem):
        ProseReader(load_profile(str(copy)))


def test_every_shipped_word_of_running_text_reads_as_one_that_cleaning_knows() -> None:
    with (PROFILE.folder / "aliases" / "prose.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    for row in rows:
        read = (
            VOCABULARY.claim(row["reads_as"]) if row["field"] == "party" else VOCABULARY.word(row["field"], row["reads_as"])
        )
        assert read[0] is not None, row["reads_as"]
