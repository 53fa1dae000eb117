"""Arabic numerals in words, from one to 999,999: gender polarity, case, and the construct state before a noun.

What doesn't belong here: nouns, and when a number is written in digits (`arabic.py`). The rules are those of the standard
grammars (Wright II, 96-107): one and two agree with the noun's gender, three to ten take the other one; of eleven to
nineteen the ten agrees and the unit is polar (but eleven and twelve agree in both); tens have two cases and no gender;
hundreds and thousands are nouns themselves. Hundreds are written together and without the old alif: ثلاثمئة.
"""

from collections.abc import Mapping

from casualty_pipeline.reporting.grammar.model import Case

# By the gender of what is counted (False: masculine): the form in construct state, before a plural noun.
_UNITS: Mapping[bool, tuple[str, ...]] = {
    False: ("", "واحد", "", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة", "عشرة"),
    True: ("", "واحدة", "", "ثلاث", "أربع", "خمس", "ست", "سبع", "ثماني", "تسع", "عشر"),
}
_EIGHT_ALONE = "ثمانٍ"  # ثماني without a noun behind it: a defective noun in both the nominative and the genitive
_TWO: Mapping[tuple[bool, Case], str] = {
    (False, "nominative"): "اثنان",
    (False, "oblique"): "اثنين",
    (True, "nominative"): "اثنتان",
    (True, "oblique"): "اثنتين",
}
_TWELVE_UNIT: Mapping[tuple[bool, Case], str] = {
    (False, "nominative"): "اثنا",
    (False, "oblique"): "اثني",
    (True, "nominative"): "اثنتا",
    (True, "oblique"): "اثنتي",
}
_ELEVEN_UNIT: Mapping[bool, str] = {False: "أحد", True: "إحدى"}
_ONE_BEFORE_TENS: Mapping[bool, str] = {False: "واحد", True: "إحدى"}
_TEEN: Mapping[bool, str] = {False: "عشر", True: "عشرة"}
_TENS: Mapping[Case, tuple[str, ...]] = {
    "nominative": ("", "", "عشرون", "ثلاثون", "أربعون", "خمسون", "ستون", "سبعون", "ثمانون", "تسعون"),
    "oblique": ("", "", "عشرين", "ثلاثين", "أربعين", "خمسين", "ستين", "سبعين", "ثمانين", "تسعين"),
}
_HUNDREDS = ("", "مئة", "", "ثلاثمئة", "أربعمئة", "خمسمئة", "ستمئة", "سبعمئة", "ثمانمئة", "تسعمئة")
# (case, construct): two hundred and two thousand are duals, which lose their nun before a noun.
_TWO_HUNDRED: Mapping[tuple[Case, bool], str] = {
    ("nominative", False): "مئتان",
    ("oblique", False): "مئتين",
    ("nominative", True): "مئتا",
    ("oblique", True): "مئتي",
}
_TWO_THOUSAND: Mapping[tuple[Case, bool], str] = {
    ("nominative", False): "ألفان",
    ("oblique", False): "ألفين",
    ("nominative", True): "ألفا",
    ("oblique", True): "ألفي",
}
HIGHEST = 999_999


def numeral(value: int, *, feminine: bool, case: Case, construct: bool = False) -> str:
    """A number from 1 to HIGHEST in words, for counting something of a gender; `construct`: its noun comes right behind.

    Only the last part of a compound is in construct state: `ألفان ومئتا (مدني)`.
    """
    thousands, hundreds, rest = value // 1000, value % 1000 // 100, value % 100
    parts = []
    if thousands:
        parts.append(_thousands(thousands, case, construct and not hundreds and not rest))
    if hundreds == 2:
        parts.append(_TWO_HUNDRED[case, construct and not rest])
    elif hundreds:
        parts.append(_HUNDREDS[hundreds])
    if rest:
        parts.append(_below_hundred(rest, feminine, case, construct))
    return " و".join(parts)


def _below_hundred(value: int, feminine: bool, case: Case, construct: bool) -> str:
    tens, unit = divmod(value, 10)
    if value <= 10:
        return _unit(value, feminine, case, construct)
    if value == 11:
        return f"{_ELEVEN_UNIT[feminine]} {_TEEN[feminine]}"
    if value == 12:
        return f"{_TWELVE_UNIT[feminine, case]} {_TEEN[feminine]}"
    if tens == 1:
        return f"{_UNITS[feminine][unit]} {_TEEN[feminine]}"
    if unit == 0:
        return _TENS[case][tens]
    before = _ONE_BEFORE_TENS[feminine] if unit == 1 else _unit(unit, feminine, case, construct=False)
    return f"{before} و{_TENS[case][tens]}"


def _unit(value: int, feminine: bool, case: Case, construct: bool) -> str:
    if value == 2:
        return _TWO[feminine, case]
    if value == 8 and feminine and not construct:
        return _EIGHT_ALONE
    return _UNITS[feminine][value]


def _thousands(value: int, case: Case, construct: bool) -> str:
    """Thousands, counted like any masculine noun: ثلاثة آلاف، أحد عشر ألفاً، مئة ألف."""
    hundreds, rest = value - value % 100, value % 100
    if rest == 1:
        one = "ألف"
        return f"{numeral(hundreds, feminine=False, case=case, construct=True)} ألف و{one}" if hundreds else one
    if rest == 2:
        two = _TWO_THOUSAND[case, construct]
        return f"{numeral(hundreds, feminine=False, case=case, construct=True)} ألف و{two}" if hundreds else two
    noun = "آلاف" if 3 <= rest <= 10 else "ألف" if rest == 0 or construct else "ألفاً"
    return f"{numeral(value, feminine=False, case=case, construct=True)} {noun}"
