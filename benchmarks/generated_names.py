"""The names that generated people bear: given names, and families invented from roots and patterns, in both scripts.

Here belongs how often a name is borne and how it is spelt. Who bears it is for `generated_people`.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

GIVEN_NAMES = Path(__file__).parent / "data" / "given_names.csv"
FAMILIES = 20_000
FIRST_SPELLING = 0.72  # field notes: 26 % of the occurrences of محمد in Latin letters aren't the commonest spelling
PARTNERS = (
    *(("محمد", "محمود"), ("أحمد", "حامد"), ("حسن", "حسين"), ("سعيد", "سعد"), ("كريم", "كرم"), ("عمر", "عمار")),
    *(("خالد", "خليل"), ("سامر", "سمير"), ("جميل", "جمال"), ("ناصر", "نصر"), ("صالح", "صلاح"), ("هادي", "هاني")),
    *(("هالة", "حلا"), ("نور", "نورا"), ("ريم", "ريما"), ("سلمى", "سلوى"), ("رنا", "رندة"), ("آمنة", "أمينة")),
)

_ROOT = dict(
    zip(
        "بتجحخدرزسشصطغفقكلمنهوي",
        ("b", "t", "j", "h", "kh", "d", "r", "z", "s", "sh", "s", "t", "gh", "f", "q", "k", "l", "m", "n", "h", "w", "y"),
        strict=True,
    )
)
# {0} {1} {2} are the letters of a root; {3} is its second letter doubled, where one letter writes it.
_PATTERNS = (
    ("ال{0}{1}ا{2}", "al-{0}a{3}a{2}"),
    ("ال{0}ا{1}{2}", "al-{0}a{1}e{2}"),
    ("ال{0}{1}ي{2}", "al-{0}a{1}i{2}"),
    ("ال{0}{1}{2}", "al-{0}a{1}a{2}"),
    ("ال{0}{1}و{2}", "al-{0}a{3}ou{2}"),
    ("ال{0}{1}{2}ي", "al-{0}a{1}{2}i"),
    ("ال{0}{1}{2}اوي", "al-{0}a{1}{2}awi"),
    ("ال{0}{1}ي{2}ي", "al-{0}e{1}i{2}i"),
    ("ال{0}{1}{2}اني", "al-{0}a{1}{2}ani"),
    ("م{0}{1}و{2}", "Ma{0}{1}ou{2}"),
    ("{0}{1}{2}ان", "{0}a{1}{2}an"),
    ("{0}و{1}{2}", "{0}o{1}{2}i"),
    ("أبو {0}ا{1}{2}", "Abu {0}a{1}e{2}"),
    ("أبو {0}{1}{2}ة", "Abu {0}a{1}{2}a"),
)
# How one spelling becomes another; each is tried alone and after those before it.
_RESPELT = (
    (r"ou", "u"), (r"al-", "el-"), (r"i$", "y"), (r"(?<=[a-z])e(?=[^aeiou]$)", "i"), (r"ee", "i"), (r"q", "k"),
    (r"([b-df-hj-np-tv-z])\1", r"\1"), (r"a$", "ah"), (r"ah$", "a"), (r"al-", "Al "), (r"Abu ", "Abo "), (r"aa", "a"),
    (r"gh", "g"), (r"dh", "z"), (r"kh", "k"), (r"i(?=[^aeiou]$)", "ee"), (r"u(?=[^aeiou])", "o"), (r"e(?=[^aeiou])", "a"),
)  # fmt: skip
_SPELLINGS_MOST = 7


@dataclass(frozen=True)
class Names:
    """Names by number. `share`: how often each is borne (sums to 1). `spellings` holds the Latin spellings of all, one
    after another: those of name i are the `count[i]` from `first[i]` on, the commonest in front. `partner`: the number of
    a name that is easily confused with it, -1 where there is none.
    """

    arabic: pl.Series
    share: np.ndarray
    spellings: pl.Series
    first: np.ndarray
    count: np.ndarray
    partner: np.ndarray

    def draw(self, dice: np.random.Generator, size: int) -> np.ndarray:
        """Numbers of names, by their shares."""
        return np.searchsorted(np.cumsum(self.share), dice.random(size) * 0.999999999).astype(np.int32)

    def in_arabic(self, names: np.ndarray) -> pl.Series:
        """The Arabic spelling of each."""
        return self.arabic.gather(names)

    def in_latin(self, dice: np.random.Generator, names: np.ndarray) -> pl.Series:
        """A Latin spelling of each: mostly the first, else any other."""
        others = self.count[names] - 1
        other = 1 + (dice.random(len(names)) * np.maximum(others, 1)).astype(np.int64)
        common = (dice.random(len(names)) < FIRST_SPELLING) | (others == 0)
        return self.spellings.gather(self.first[names] + np.where(common, 0, other))


@cache
def given_names(sex: str) -> Names:
    """The given names of one sex (`m` or `f`), shares falling with the rank: the first has about 8 %."""
    listed = pl.read_csv(GIVEN_NAMES).filter(pl.col("sex") == sex)
    arabic = listed["name_ar"].to_list()
    return _names(arabic, [t.split("|") for t in listed["name_en"]], offset=2.0, power=1.05)


@cache
def family_names() -> Names:
    """`FAMILIES` families. The commonest are called after a forefather (الأحمد), the others are invented."""
    men = given_names("m")
    forefathers = [n for n in men.arabic.head(150) if " " not in n]
    arabic = [f"ال{name}" for name in forefathers]
    first = dict(zip(men.arabic, men.first, strict=True))
    latin = [[f"al-{men.spellings[int(first[name])]}"] for name in forefathers]
    roots = [r for r in product(_ROOT, repeat=3) if len(set(r)) == 3]
    picks = np.random.default_rng(20_000).permutation(len(roots) * len(_PATTERNS))
    known = set(arabic)
    for pick in picks:
        root, (ar, la) = roots[int(pick) // len(_PATTERNS)], _PATTERNS[int(pick) % len(_PATTERNS)]
        name = ar.format(*root)
        if name in known:
            continue
        known.add(name)
        sounds = [_ROOT[letter] for letter in root]
        doubled = sounds[1] if len(sounds[1]) > 1 else sounds[1] * 2
        arabic.append(name)
        latin.append([_capitals(la.format(*sounds, doubled))])
        if len(arabic) == FAMILIES:
            break
    return _names(arabic, latin, offset=8.0, power=0.85)


def _names(arabic: list[str], latin: list[list[str]], *, offset: float, power: float) -> Names:
    share = 1 / (np.arange(len(arabic)) + offset) ** power
    spelt = [_spellings(given) for given in latin]
    count = np.array([len(s) for s in spelt])
    number = {name: i for i, name in enumerate(arabic)}
    partner = np.full(len(arabic), -1, dtype=np.int32)
    for one, other in PARTNERS:
        if one in number and other in number:
            partner[number[one]], partner[number[other]] = number[other], number[one]
    return Names(
        arabic=pl.Series(arabic),
        share=share / share.sum(),
        spellings=pl.Series([s for of_one in spelt for s in of_one]),
        first=np.cumsum(count) - count,
        count=count,
        partner=partner,
    )


def _spellings(given: list[str]) -> list[str]:
    spelt = list(dict.fromkeys(given))
    changed = spelt[0]
    for pattern, replacement in _RESPELT:
        for base in (spelt[0], changed):
            if len(spelt) < _SPELLINGS_MOST and (new := re.sub(pattern, replacement, base)) not in spelt:
                spelt.append(new)
        changed = re.sub(pattern, replacement, changed)
    return spelt


def _capitals(name: str) -> str:
    return re.sub(r"(^(?!al-)|(?<=al-)|(?<=Abu ))[a-z]", lambda m: m.group().upper(), name)
