"""Why a reading is less than what the source states: one sentence for each rule that assumes or derives something.

What belongs here: the words of a flag, for a person who decides whether to ask the source. The rules are in `dates.py`,
`date_points.py`, `numbers.py` and `vocabulary.py`; docs/methodology.md describes them.
"""

from collections.abc import Mapping

CONVENTIONS: Mapping[str, str] = {
    "day_before_month": "day and month could change places; read with the day first",
    "two_digit_year": "the year has two digits; read as 20..",
    "part": "'early', 'mid', 'late', a week or a half have the bounds of our convention",
    "range": "one of its two dates rests on a convention",
    "either": "one of its two dates rests on a convention",
    "before": "the source gives its end alone; it begins where the profile does",
    "word": "the years of age that such a word stands for are our convention",
    "decade": "the part of a decade has the bounds of our convention",
    "birth_year_as_age": "a year stands where an age is expected; read as the year of birth",
    "doubted": "the source puts it as a doubt; read as if it didn't",
    "phrase": "read from a listed phrase in a longer text; the rest isn't read",
}
