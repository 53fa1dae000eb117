"""The numbers that linkage runs on: weights in bits, windows in days, caps.

Set by hand from what the field knows; nothing is fitted, so that the same two statements weigh the same whatever else
is in the warehouse, but for the rarity of their names.

No logic here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Shares of the commonest given names of the region, by skeleton (names that share one are summed): what a name's rarity
# starts from, before the records at hand are counted. Rounded, from public lists of names.
COMMON_NAMES: Mapping[str, float] = {
    "mhmd": 0.10,
    "hmd": 0.06,
    "l": 0.03,
    "hsn": 0.04,
    "mr": 0.02,
    "brhm": 0.02,
    "Xld": 0.015,
    "bdl": 0.015,
    "ysf": 0.015,
    "mstf": 0.012,
    "sml": 0.012,
    "sl": 0.012,
    "mrm": 0.008,
    "ftm": 0.008,
    "jsm": 0.006,
    "bdlrhmn": 0.008,
    "sd": 0.01,
    "smr": 0.006,
    "hlf": 0.004,
    "Xlf": 0.006,
}


@dataclass(frozen=True)
class Settings:
    """Everything that can be set. Bits above zero speak for one person, below zero against."""

    # What two records taken at random start from: about one in 130,000 is a match.
    prior: float = -17.0
    # Within this distance of zero a person is asked, whichever way it was decided.
    review_band: float = 2.0
    # A contradiction that evidence can't outweigh; only a decision can.
    excluded: float = -40.0

    # Names. A token's bits are those of its rarity, within these bounds, times how well the two spellings agree.
    given_doubtful: float = -12.0
    given_different: float = -20.0
    name_bits_least: float = 2.0
    name_bits_most: float = 10.0
    rarity_records: float = 500.0
    rare_share: float = 1 / 1500
    unmatched_name: float = -16.0  # cousins share all but their fathers
    one_word: float = -8.0  # a given name or a kunya alone
    rest_bits_most: float = 18.0
    factor_same: float = 1.0
    factor_near: float = 0.6
    factor_other_script: float = 0.7

    same_sex: float = 1.0
    ages_agree_exactly: float = 3.0
    ages_overlap: float = 1.0
    ages_near: float = 0.5
    ages_apart: float = -3.0
    age_near_years: int = 2
    age_apart_years: int = 5
    age_group_agrees: float = 0.5

    birth_same_day: float = 12.0
    birth_same_first_of_january: float = 7.0  # how lists write "only the year is known"
    birth_day_and_month_swapped: float = 8.0
    birth_overlaps: float = 3.0
    birth_near: float = -2.0
    birth_apart: float = -6.0

    date_same_day: float = 6.0
    date_overlap_month: float = 3.0
    date_overlap_wide: float = 1.0
    date_next_day: float = 3.0
    date_near: float = 1.0
    date_near_days: int = 3
    date_ask_days: int = 30

    same_governorate: float = 2.0
    other_governorate: float = -16.0
    same_place: float = 5.0
    other_place: float = -1.0
    # One source's list of one incident: its rows are different people, unless every word of the shorter name agrees and
    # much else.
    one_list: float = -10.0
    one_list_other_words: float = -20.0

    # Blocking. A key shared by more records than this is too common to compare all of them.
    block_cap: int = 60
    date_window_days: int = 16

    shares: Mapping[str, float] = field(default_factory=lambda: COMMON_NAMES)


SETTINGS = Settings()
