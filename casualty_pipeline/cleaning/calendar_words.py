"""Words of dates in English and Arabic, and the plain form of a text in which they are looked for.

What belongs here: vocabulary of the calendar, which is a language's and not a conflict's. What they mean together is for
`dates.py`.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType

DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_LETTERS = str.maketrans(
    {**dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "،": ",", "؛": ",", "ـ": None, **dict.fromkeys("‐‑‒–—―−", "-")}
)
_MARKS = re.compile(r"[\u064b-\u0655\u0670\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

# The Levant's names, those of Egypt and the Gulf, and those of the Maghreb.
_MONTHS: tuple[tuple[str, ...], ...] = (
    ("january", "jan", "يناير", "كانون الثاني", "كانون ثاني", "جانفي"),
    ("february", "feb", "فبراير", "شباط", "فيفري"),
    ("march", "mar", "مارس", "اذار"),
    ("april", "apr", "ابريل", "نيسان", "افريل"),
    ("may", "مايو", "ايار"),
    ("june", "jun", "يونيو", "يونيه", "حزيران", "جوان"),
    ("july", "jul", "يوليو", "يوليه", "تموز", "جويلية"),
    ("august", "aug", "اغسطس", "اب", "اوت"),
    ("september", "sep", "sept", "سبتمبر", "ايلول"),
    ("october", "oct", "اكتوبر", "تشرين الاول", "تشرين اول"),
    ("november", "nov", "نوفمبر", "تشرين الثاني", "تشرين ثاني"),
    ("december", "dec", "ديسمبر", "كانون الاول", "كانون اول"),
)
_WEEKDAYS: tuple[tuple[str, ...], ...] = (
    ("monday", "mon", "الاثنين"),
    ("tuesday", "tues", "tue", "الثلاثاء"),
    ("wednesday", "wed", "الاربعاء"),
    ("thursday", "thurs", "thur", "thu", "الخميس"),
    ("friday", "fri", "الجمعة", "الجمعه"),
    ("saturday", "sat", "السبت"),
    ("sunday", "sun", "الاحد"),
)


def _numbered(names: Sequence[Sequence[str]]) -> Mapping[str, int]:
    return MappingProxyType({name: number for number, group in enumerate(names, start=1) for name in group})


def alternatives(words: Mapping[str, object] | Sequence[str]) -> str:
    """A regular expression for any of the words, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=lambda w: (-len(w), w)))


MONTHS = _numbered(_MONTHS)
WEEKDAYS = _numbered(_WEEKDAYS)
ORDINALS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(("first", "1st", "الاول", "الاولي"), 1),
        **dict.fromkeys(("second", "2nd", "الثاني", "الثانية"), 2),
        **dict.fromkeys(("third", "3rd", "الثالث"), 3),
        **dict.fromkeys(("fourth", "4th", "الرابع"), 4),
        **dict.fromkeys(("fifth", "5th", "الخامس"), 5),
        **dict.fromkeys(("last", "final", "الاخير"), -1),
    }
)
# Thirds of a month or a year. "Early" is a recorder's word, without a bound of its own: the thirds are our convention.
THIRDS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(("early", "beginning of", "start of", "اوائل", "بداية", "بدايات", "مطلع"), 1),
        **dict.fromkeys(("mid", "middle of", "منتصف", "اواسط"), 2),
        **dict.fromkeys(("late", "end of", "اواخر", "نهاية"), 3),
    }
)
BEFORE: Mapping[str, bool] = MappingProxyType(  # whether the day itself is still meant
    {
        **dict.fromkeys(("before", "prior to", "earlier than", "قبل"), False),
        **dict.fromkeys(("by", "until", "up to", "no later than", "on or before", "حتي"), True),
    }
)
AFTER = ("after", "since", "later than", "from", "بعد", "منذ", "اعتبارا من")
ABOUT = ("about", "around", "approximately", "approx", "circa", "ca", "c.", "nearly", "حوالي", "نحو", "تقريبا", "قرابة", "~")
SEASONS = ("spring", "summer", "autumn", "fall", "winter", "صيف", "شتاء", "خريف", "ربيع")
HIJRI = (
    *("muharram", "safar", "rabi", "jumada", "rajab", "sha'ban", "shaban", "ramadan", "shawwal", "dhu al", "ah", "hijri"),
    *("محرم", "صفر", "ربيع الاول", "ربيع الثاني", "ربيع الاخر", "جمادي", "رجب", "شعبان", "رمضان", "شوال", "ذو القعدة"),
    *("ذي القعدة", "ذو الحجة", "ذي الحجة", "ه", "هـ", "هجري", "هجرية"),
)

_SAME_MONTH_TWICE = re.compile(rf"({alternatives(MONTHS)}) ?(?:/|-|\() ?({alternatives(MONTHS)})\b(?: ?\))?")
_FILLERS = re.compile(
    r"^(?:on|in|during|dated|date:|the|في|بتاريخ|تاريخ|يوم|خلال)(?: the)? +|\b(?:the month of|the year|year|شهر|عام|سنة) +"
    r"|(?<=\d) ?(?:م|ميلادي|ميلادية|ad|ce)$"
)


def folded(text: str) -> str:
    """The text in lower case with European digits, one kind of dash, space and alef, and no marks."""
    letters = unicodedata.normalize("NFKC", text).casefold().translate(DIGITS).translate(_LETTERS)
    return " ".join(_MARKS.sub("", letters).split())


def plain(text: str) -> str:
    """The folded text without fillers ("on", "في", "شهر") and the second of two names for one month ("آذار/مارس")."""
    once = _SAME_MONTH_TWICE.sub(lambda m: m[1] if MONTHS[m[1]] == MONTHS[m[2]] else m[0], folded(text))
    while (shorter := " ".join(_FILLERS.sub("", once).split())) != once:
        once = shorter
    return once
