"""Names: normal forms, forms for comparing, who is named, and how many persons a name stands for. All names are invented."""

import unicodedata

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from casualty_pipeline.cleaning.names import (
    arabic_normal,
    folded,
    is_unnamed,
    latin_normal,
    name_parts,
    other_names,
    skeleton,
    stated_demographics,
    stated_persons,
    vowel_pattern,
    vowels_conflict,
)

_PARTICLES = (
    *("al", "el", "Abd", "Abdul", "Abu", "Um", "ibn", "Allah", "ullah", "eddin", "din", "the", "child", "of", "son", "his"),
    *("daughter", "wife", "Dr.", "martyr", "Ali", "Omar", "lah", "ad", "and", "()", "(", ")", ",", "-", "'", '"', "rr", "é"),
)


def normal_ar(text: str | None) -> str | None:
    return _read(arabic_normal(pl.lit(text, pl.String)))


def normal_la(text: str | None) -> str | None:
    return _read(latin_normal(pl.lit(text, pl.String)))


def unnamed(en: str | None = None, ar: str | None = None) -> bool:
    return bool(pl.select(is_unnamed(pl.lit(en, pl.String), pl.lit(ar, pl.String))).item())


def persons(en: str | None = None, ar: str | None = None) -> int:
    return int(pl.select(stated_persons(pl.lit(en, pl.String), pl.lit(ar, pl.String))).item())


def sounds(one: str, other: str) -> tuple[str, str]:
    words = pl.DataFrame({"word": [one, other]}).select(
        skeleton=skeleton(pl.col("word")), vowels=vowel_pattern(pl.col("word"))
    )
    a, b = words["vowels"]
    conflict = pl.DataFrame({"a": [a], "b": [b]}).select(vowels_conflict(pl.col("a"), pl.col("b"))).item()
    same = words["skeleton"].n_unique() == 1
    return "one skeleton" if same else "two skeletons", "vowels conflict" if conflict else "vowels agree"


def _read(expression: pl.Expr) -> str | None:
    value: str | None = pl.select(expression).item()
    return value


class TestArabicNormalForm:
    @pytest.mark.parametrize(
        ("spellings", "normal"),
        [
            (["أحمد", "احمد", "إحمد", "ا\u0654حمد", "أَحْمَد", "احـــمد", "\u200fأحمد\u200e"], "احمد"),
            (["فاطمة", "فاطمه"], "فاطمه"),
            (["مصطفى", "مصطفي"], "مصطفي"),
            (["عبد الرحمن", "عبدالرحمن", "عبد  الرحمن"], "عبدالرحمن"),
            (["أبو عبد الله", "ابو عبدالله", "ابوعبدالله", "ابو عبد هللا"], "ابوعبدالله"),
            (["نصر الله", "نصرالله", "نصرهللا"], "نصرالله"),
            (["نور الدين", "نورالدين"], "نورالدين"),
            (["آل درويش", "الدرويش"], "الدرويش"),
            # PDF extraction swaps lam and alef.
            (["صلاح", "صالح"], "صالح"),
            (["الأسطل", "االسطل"], "االسطل"),
        ],
    )
    def test_spellings_of_one_name_are_one(self, spellings: list[str], normal: str) -> None:
        assert {normal_ar(s) for s in spellings} == {normal}

    @pytest.mark.parametrize(
        ("given_form", "normal"),
        [
            ("أحمد الدقر (أبو جعفر )", "احمد الدقر"),
            ('جهاد الشلح " طفل "', "جهاد الشلح"),
            ("فدوى، زوجة حسين", "فدوي"),
            ("رهف قنبر زوجة أحمد", "رهف قنبر"),
            ("الشهيد سامر درويش", "سامر درويش"),
            ("(درويش)", "درويش"),
            ("سمير درويش وزوجته وطفلاه", "سمير درويش"),
            ("سمير درويش الملقب بالشامي", "سمير درويش"),
            ('سمير درويش " أبو عمر', "سمير درويش"),
        ],
    )
    def test_remarks_are_no_part_of_the_name(self, given_form: str, normal: str) -> None:
        assert normal_ar(given_form) == normal

    @pytest.mark.parametrize("nothing", [None, "", "  ", "\u200f", "https://example.org/1", "12", "John"])
    def test_nothing_stays_nothing(self, nothing: str | None) -> None:
        assert normal_ar(nothing) is None

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.text('اأإآلاهعبدوينمةىء ـًٰ()،"٣\u200fa-', max_size=30), min_size=1, max_size=20))
    def test_is_idempotent(self, texts: list[str]) -> None:
        once = pl.DataFrame({"name": texts}).select(arabic_normal(pl.col("name")))
        assert once.select(arabic_normal(pl.col("name"))).equals(once)


class TestLatinNormalForm:
    @pytest.mark.parametrize(
        ("spellings", "normal"),
        [
            (
                ["Abdul Rahman", "Abd al-Rahman", "Abdulrahman", "Abdel Rahman", "ABDURRAHMAN", "Abd Ar-Rahman"],
                "abdalrahman",
            ),
            (["Al-Khatib", "al Khatib", "el-Khatib", "Al - Khatib", "ul Khatib"], "alkhatib"),
            (["Ad-Daher", "al-Daher", "Al Daher"], "aldaher"),
            (["Abu Omar", "Abo Omar", "Abou Omar"], "abuomar"),
            (["Um Hani", "Umm Hani", "Om Hani"], "umhani"),
            (["Nour al-Din", "Nour Eddin", "Noureddine", "Nouraldeen"], "nouraldin"),
            (["Nasr Allah", "Nasrullah", "Nasrallah"], "nasrallah"),
            (["A’yyoun", "A'yyoun", "Ayyoun"], "ayyoun"),
            (["Yıldız", "Yildiz"], "yildiz"),
        ],
    )
    def test_spellings_of_one_name_are_one(self, spellings: list[str], normal: str) -> None:
        assert {normal_la(s) for s in spellings} == {normal}

    @pytest.mark.parametrize(
        ("given_form", "normal"),
        [
            ("Muhammad (Abu Omar) Hawa", "muhammad hawa"),
            ("Rahaf Qanbar (wife of Ahmad", "rahaf qanbar"),
            ("Sobhia Darwish, Samir Darwish's wife", "sobhia darwish"),
            ("Hamid, son of Radwan Qarfa", "hamid radwan qarfa"),
            ("Bushra Aslan wife of Mahmoud", "bushra aslan"),
            ("Dr. Hala Sabbagh", "hala sabbagh"),
            ("The child Nur Kabis", "nur kabis"),
            ("His son Ali Darwish", "ali darwish"),
            ("Martyr Bara Slaik", "bara slaik"),
            ("Samir Al – Darwish Al – Khatib", "samir aldarwish alkhatib"),
            ("Samir Darwish known as Abu Omar", "samir darwish"),
            ("Samir Darwish and his family", "samir darwish"),
            ("Samir Darwish from the town of Kafr", "samir darwish"),
            ('Samir Darwish "Abu Omar', "samir darwish"),
        ],
    )
    def test_remarks_and_titles_are_no_part_of_the_name(self, given_form: str, normal: str) -> None:
        assert normal_la(given_form) == normal

    @pytest.mark.parametrize("nothing", [None, "", " ", "-", "https://example.org/name", "أحمد"])
    def test_nothing_stays_nothing(self, nothing: str | None) -> None:
        assert normal_la(nothing) is None

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.lists(
                st.sampled_from(_PARTICLES) | st.text("abdelruhmniy -'", max_size=6),
                max_size=8,
            ).map(" ".join),
            min_size=1,
            max_size=20,
        )
    )
    def test_is_idempotent(self, texts: list[str]) -> None:
        once = pl.DataFrame({"name": texts}).select(latin_normal(pl.col("name")))
        assert once.select(latin_normal(pl.col("name"))).equals(once)


class TestAnyText:
    @settings(max_examples=6, deadline=None)
    @given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=20, max_size=40))
    @example(
        [
            "\x00Samir\x00",
            "\u202eSamir\u202c",
            "سمير\u2067",
            "\U0001f54a",
            "\ufdfa",
            "أ" * 10_000,
            "la ل" * 2_500,
            "(" * 10_000,
        ]
    )
    def test_is_read_without_an_error_and_normal_forms_stay(self, texts: list[str]) -> None:
        name = pl.col("name")
        frame = pl.DataFrame({"name": texts})
        for normal in (arabic_normal, latin_normal):
            once = frame.select(normal(name))
            assert once.select(normal(name)).equals(once)
        read = frame.select(
            is_unnamed(name, name).alias("unnamed"),
            stated_persons(name, name).alias("persons"),
            stated_demographics(name, name).alias("demographics"),
            name_parts(name, name).alias("parts"),
            other_names(name, name).alias("others"),
        )
        assert read.height == len(texts)
        assert read.select("unnamed", "persons", "demographics", "others").null_count().sum_horizontal().item() == 0

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.text("أإآؤئاويء لمحندسرة", max_size=20), min_size=1, max_size=20))
    def test_composed_and_decomposed_hamza_are_one(self, texts: list[str]) -> None:
        composed, decomposed = (
            pl.DataFrame({"name": [unicodedata.normalize(form, text) for text in texts]}).select(
                arabic_normal(pl.col("name"))
            )
            for form in ("NFC", "NFD")
        )
        assert composed.equals(decomposed)

    def test_no_row_changes_another(self) -> None:
        names = pl.DataFrame({"name": ["Samir Darwish (Abu Omar)", None, "53 Unidentified", "سمير وطفلاه"]})
        name = pl.col("name")
        whole = names.select(
            stated_persons(name, name), other_names(name, name).alias("others"), parts=name_parts(name, name)
        )
        single = [
            names[row].select(whole_of)
            for row in range(names.height)
            for whole_of in [
                [stated_persons(name, name), other_names(name, name).alias("others"), name_parts(name, name).alias("parts")]
            ]
        ]
        assert pl.concat(single).equals(whole)


class TestFormsForComparing:
    def test_folding_is_one_to_one(self) -> None:
        letters = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
        fold = pl.select(folded(pl.lit(letters))).item()
        assert fold.isascii()
        assert len(set(fold)) == len(fold) == len(letters)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("محمد", "muhammad"),
            ("محمد", "mohamed"),
            ("حسين", "hussein"),
            ("يوسف", "yousef"),
            ("يوسف", "yusuf"),
            ("ابراهيم", "ibraheem"),
            ("خديجه", "khadija"),
            ("الخطيب", "alkhatib"),
            ("العلي", "alali"),
            ("عبدالرحمن", "abdalrahman"),
            ("صالح", "salah"),
            ("بالل", "bilal"),
            ("شهد", "shahd"),
            ("قاسم", "qasem"),
            ("مصطفي", "mustapha"),
            ("ليلي", "layla"),
            ("eissa", "issa"),
            ("eyad", "iyad"),
            ("ahmed", "ahmad"),
            ("khaled", "khalid"),
            ("osman", "othman"),
            ("عثمان", "osman"),
            ("ruqaya", "ruqayya"),
            ("رقيه", "ruqaya"),
            ("safia", "safiyya"),
            ("safia", "safiyyah"),
            ("الهام", "ilham"),
            # French writes ou for any u.
            ("محمد", "mouhammad"),
            ("بشري", "bouchra"),
            ("الزعبي", "alzoubi"),
            # The normal form sorts lam-alef: نجلا, هالا, علا.
            ("نجال", "najla"),
            ("هاال", "hala"),
            ("عال", "oula"),
            ("جمال", "jamal"),
            # The second alef of االحمد belongs to the word.
            ("االحمد", "alahmad"),
            ("العبد", "alabd"),
            ("العوض", "alawad"),
            ("ممدوح", "mamdouh"),
            ("طه", "taha"),
            ("حياه", "hayat"),
            ("عمرو", "amr"),
            ("منذر", "munther"),
            ("معاذ", "moath"),
            ("اسليمان", "suleiman"),
            ("شعيب", "shuaib"),
            ("صبح", "sobh"),
        ],
    )
    def test_spellings_share_a_skeleton_across_scripts_and_their_vowels_agree(self, one: str, other: str) -> None:
        assert sounds(one, other) == ("one skeleton", "vowels agree")

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("محمد", "mahmoud"),
            ("محمود", "mohammad"),
            ("حسن", "hussein"),
            ("حسين", "hassan"),
            ("احمد", "hamed"),
            ("حامد", "ahmad"),
            ("muhammad", "mahmoud"),
            ("muhammad", "mahmud"),
            ("hassan", "hussein"),
            ("ahmad", "hamed"),
            ("jamal", "jamil"),
            ("amin", "amina"),
            ("ayman", "iman"),
            ("سعيد", "saad"),
            ("محمود", "mouhammad"),
        ],
    )
    def test_names_of_one_skeleton_are_told_apart_by_their_vowels(self, one: str, other: str) -> None:
        assert sounds(one, other) == ("one skeleton", "vowels conflict")

    def test_a_word_without_consonants_keeps_its_place(self) -> None:
        assert pl.select(skeleton(pl.lit("aya darwish"))).item() == "a drC"


class TestUnnamed:
    @pytest.mark.parametrize(
        "name",
        [
            "Unidentified",
            "Unnamed victim 1",
            "53 Unidentified",
            "Unknown, 70 years old",
            "Name unknown",
            "Member of the Darwish family",
            "A member of the family of Samir Darwish",
            "One person from Samir Darwish's family",
            "Family member of Samir Darwish",
            "From Darwish family 3",
            "Darwish family",
            "Child of Samir Darwish",
            "Child, son of Samir",
            "daughters of Samir Darwish 1",
            "The second daughter of Samir Darwish",
            "Wife 2 of Samir Darwish",
            "Samir Darwish's wife",
            "Samir Darwish’s son 2",
            "Son-in-law of Samir",
            "and his two children",
            "a child",
            "Brother",
            "3 unidentified bodies",
            "Maternal aunt of Samir",
            "A women displaced from Kafr",
            "Wife Samir Darwish",
            "Salman Darwish 2",
            "https://example.org/1",
        ],
    )
    def test_people_described_by_their_kin_or_number_are_unnamed(self, name: str) -> None:
        assert unnamed(en=name)

    @pytest.mark.parametrize(
        "name",
        [
            "مجهول",
            "مجهول الهوية",
            "طفل من آل درويش",
            "ابنة سمير درويش",
            "شقيقة سمير",
            "زوجة سمير",
            "شهيد من عائلة درويش",
            "٣ جثث",
            "جثة طفلة",
            "امرأة وطفلان",
        ],
    )
    def test_the_same_in_arabic(self, name: str) -> None:
        assert unnamed(ar=name)

    @pytest.mark.parametrize(
        "name",
        [
            "Samir Darwish",
            "The child Nur Kabis",
            "Fadwa, wife of Hussein",
            "Samir Darwish and his family",
            "Samir (unidentified group's driver) Darwish",
            "Abu Omar",
            "Wa'el Nu'man",
            "Manal Manawi",
            "Sonia Boyadjian",
        ],
    )
    def test_the_named_are_named(self, name: str) -> None:
        assert not unnamed(en=name)

    @pytest.mark.parametrize("name", ["سمير درويش", "أبو عمر", "الطفلة نور درويش", "حسن ابن شاكر", "فدوى، زوجة حسين"])
    def test_the_named_are_named_in_arabic(self, name: str) -> None:
        assert not unnamed(ar=name)

    def test_no_name_at_all_is_unnamed(self) -> None:
        assert unnamed()
        assert unnamed("", " ")

    def test_one_recognisable_name_is_enough(self) -> None:
        assert not unnamed(en="Unidentified", ar="سمير درويش")
        assert not unnamed(en="Samir Darwish", ar="مجهول")


class TestStatedPersons:
    @pytest.mark.parametrize(
        ("name", "number"),
        [
            ("53 Unidentified", 53),
            ("3 unidentified bodies", 3),
            ("13 people from the family of Samir", 13),
            ("Five members of the Darwish family", 5),
            ("The six children of Samir", 6),
            ("and his two children", 2),
            ("Samir Darwish and his two children", 3),
            ("Samir Darwish's three daughters", 3),
            ("two of Samir Darwish’s children", 2),
            # A number behind the noun is an ordinal; a number may also be an age.
            ("Unnamed victim 1", 1),
            ("daughters of Samir 1", 1),
            ("2nd daughter of Samir", 1),
            ("Amna, mother of the two siblings", 1),
            ("unidentified 30 year old female", 1),
            ("7 month old foetus", 1),
            ("One member of the Darwish family", 1),
            ("Samir Darwish", 1),
            (None, 1),
        ],
    )
    def test_numbers_before_the_noun_count(self, name: str | None, number: int) -> None:
        assert persons(en=name) == number

    @pytest.mark.parametrize(("name", "number"), [("٥٣ مجهول الهوية", 53), ("ثلاث جثث", 3), ("طفلين", 2), ("مجهول 3", 1)])
    def test_the_same_in_arabic(self, name: str, number: int) -> None:
        assert persons(ar=name) == number

    def test_the_larger_of_both_scripts_counts(self) -> None:
        assert persons(en="Two children of Samir", ar="3 اطفال") == 3
