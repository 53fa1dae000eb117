"""Arabic numbers with their nouns, lists and dates, with Western digits, as the published reports print them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from casualty_pipeline.reporting.grammar.arabic_numerals import HIGHEST, numeral
from casualty_pipeline.reporting.grammar.model import Case, Noun, Plural, Style, months_named

# Up to ten the noun is a plural and the number polar: these are words. From eleven on, digits.
WORDS_UP_TO = 10
_DAYS = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
_LEVANTINE = (
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
    "كانون الأول",
)
_GREGORIAN = (
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "مايو",
    "يونيو",
    "يوليو",
    "أغسطس",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
)
_MONTHS: Mapping[str, tuple[str, ...]] = {
    "levantine": _LEVANTINE,
    "gregorian": _GREGORIAN,
    "both": tuple(f"{one}/{other}" for one, other in zip(_LEVANTINE, _GREGORIAN, strict=True)),
}


class Arabic:
    """Arabic. Nouns have the forms (one; two, nominative; two, oblique; three to ten; eleven to ninety-nine; hundreds).

    Those are the plural classes of Unicode CLDR: the last two digits choose the form, and 101 or 102 in digits have that of
    hundreds. An adjective belongs to the forms, since it agrees with each: طفلان ذكران، أطفال ذكور، طفلاً ذكراً.
    """

    language = "ar"
    direction: Literal["ltr", "rtl"] = "rtl"
    nouns: Mapping[str, Noun] = {
        "civilian": Noun(("مدني", "مدنيان", "مدنيين", "مدنيين", "مدنياً", "مدني")),
        "child": Noun(("طفل", "طفلان", "طفلين", "أطفال", "طفلاً", "طفل")),
        "boy": Noun(("طفل ذكر", "طفلان ذكران", "طفلين ذكرين", "أطفال ذكور", "طفلاً ذكراً", "طفل ذكر")),
        "girl": Noun(("طفلة", "طفلتان", "طفلتين", "طفلات", "طفلة", "طفلة"), feminine=True),
        "male": Noun(("ذكر", "ذكران", "ذكرين", "ذكور", "ذكراً", "ذكر")),
        "female": Noun(("أنثى", "أنثيان", "أنثيين", "إناث", "أنثى", "أنثى"), feminine=True),
        "woman": Noun(("سيدة", "سيدتان", "سيدتين", "سيدات", "سيدة", "سيدة"), feminine=True),
        "adult_female": Noun(
            ("أنثى بالغة", "أنثيان بالغتان", "أنثيين بالغتين", "إناث بالغات", "أنثى بالغة", "أنثى بالغة"), feminine=True
        ),
        "person": Noun(("شخص", "شخصان", "شخصين", "أشخاص", "شخصاً", "شخص")),
        "other": Noun(("شخص آخر", "شخصان آخران", "شخصين آخرين", "أشخاص آخرين", "شخصاً آخر", "شخص آخر")),
        "massacre": Noun(("مجزرة", "مجزرتان", "مجزرتين", "مجازر", "مجزرة", "مجزرة"), feminine=True),
        "attack": Noun(("هجوم", "هجومان", "هجومين", "هجمات", "هجوماً", "هجوم")),
        "figure": Noun(("رقم", "رقمان", "رقمين", "أرقام", "رقماً", "رقم")),
        "month": Noun(("شهر", "شهران", "شهرين", "أشهر", "شهراً", "شهر")),
        "report": Noun(("تقرير", "تقريران", "تقريرين", "تقارير", "تقريراً", "تقرير")),
        "edition": Noun(("إصدار", "إصداران", "إصدارين", "إصدارات", "إصداراً", "إصدار")),
        "statement": Noun(("إفادة", "إفادتان", "إفادتين", "إفادات", "إفادة", "إفادة"), feminine=True),
        "source": Noun(("مصدر مستقل", "مصدران مستقلان", "مصدرين مستقلين", "مصادر مستقلة", "مصدراً مستقلاً", "مصدر مستقل")),
        "decimal": Noun(
            ("منزلة عشرية", "منزلتان عشريتان", "منزلتين عشريتين", "منازل عشرية", "منزلة عشرية", "منزلة عشرية"),
            feminine=True,
        ),
    }

    def __init__(self, style: Style) -> None:
        """Take a style. Raises CasualtyError for month names that it hasn't."""
        self._words_up_to = min(WORDS_UP_TO if style.words_up_to is None else style.words_up_to, HIGHEST)
        self._months = months_named(style.months, _MONTHS, self.language)

    def number(self, value: float, decimals: int = 0) -> str:
        """Western digits, without separators."""
        return f"{value:.{decimals}f}"

    def word(self, value: int, case: Case = "nominative") -> str:
        """Small numbers in words, for counting men or mixed persons, then digits."""
        if value == 0:
            return "صفر"
        return numeral(value, feminine=False, case=case) if value <= self._words_up_to else self.number(value)

    def count(self, value: int, noun: Noun, case: Case = "nominative") -> str:
        """`مدني واحد`, `مدنيان`, `خمسة مدنيين`, `145 مدنياً`, `100 مدني`; `لا مدنيين` for none.

        In words 101 and 102 repeat the noun: `مئة مدني ومدني واحد`.
        """
        if value <= 2:
            return self._up_to_two(value, noun, case)
        if value > self._words_up_to:
            return f"{self.number(value)} {self.form(value, noun, case)}"
        whole, rest = value - value % 100, value % 100
        if rest in {1, 2}:
            hundreds = numeral(whole, feminine=noun.feminine, case=case, construct=True)
            return f"{hundreds} {noun.forms[5]} و{self._up_to_two(rest, noun, case)}"
        number = numeral(value, feminine=noun.feminine, case=case, construct=True)
        return f"{number} {self.form(value, noun, case)}"

    def _up_to_two(self, value: int, noun: Noun, case: Case) -> str:
        one, two, two_oblique, few, _, _ = noun.forms
        if value == 0:
            return f"لا {few}"
        if value == 1:
            return f"{one} {numeral(1, feminine=noun.feminine, case=case)}"
        if case == "nominative":
            return two
        # Written without vowels, the oblique dual of مدني looks like its plural: the number makes it plain.
        return f"{two_oblique} {numeral(2, feminine=noun.feminine, case=case)}" if two_oblique == few else two_oblique

    def form(self, value: int, noun: Noun, case: Case = "nominative") -> str:
        """The noun as the last two digits want it."""
        one, two, two_oblique, few, many, hundreds = noun.forms
        if value == 2:
            return two if case == "nominative" else two_oblique
        by_class: Mapping[Plural, str] = {"zero": few, "one": one, "few": few, "many": many, "other": hundreds}
        return by_class[self.plural(value)]

    def plural(self, value: int) -> Plural:
        """Zero, one, two; three to ten; eleven to ninety-nine; hundreds: by the last two digits above a hundred."""
        small: dict[int, Plural] = {0: "zero", 1: "one", 2: "two"}
        rest = value % 100
        return small.get(value) or ("few" if 3 <= rest <= 10 else "many" if rest >= 11 else "other")

    def part_of(self, value: int, whole: str, case: Case = "nominative") -> str:
        """`اثنان من الكوادر الطبية`: the group itself needs no form that agrees."""
        return f"{'لا أحد' if value == 0 else self.word(value, case)} من {whole}"

    def join(self, parts: Sequence[str]) -> str:
        """`أ وب وج`: the conjunction stands before each and joins the word that follows."""
        return " و".join(parts)

    def either(self, parts: Sequence[str]) -> str:
        """`أ أو ب أو ج`."""
        return " أو ".join(parts)

    def capital(self, text: str) -> str:
        """Arabic has no capitals."""
        return text

    def title(self, text: str) -> str:
        """Arabic has no capitals."""
        return text

    def date(self, day: date) -> str:
        """`الخميس 5 آذار 2020`."""
        return f"{_DAYS[day.weekday()]} {day.day} {self._months[day.month - 1]} {day.year}"

    def month(self, month: str) -> str:
        """`آذار 2020`."""
        return f"{self.month_name(month)} {month[:4]}"

    def month_name(self, month: str) -> str:
        """`آذار`."""
        return self._months[int(month[5:7]) - 1]
