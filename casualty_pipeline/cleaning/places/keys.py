"""The forms in which names of places are compared. What belongs here: text to key. What doesn't: which place has that key.

`place_key` undoes what is never a difference: case, marks, hyphens, composed and decomposed hamza. `folded` undoes what
depends on who wrote the name in Latin letters, or on where the spaces are: articles, vowels that sound alike, doubled
letters, a final h. No other consonant is dropped; still, what is only folded alike needs a governorate that agrees.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_MARKS = re.compile(r"[\u0300-\u036f\u064b-\u065f\u0670\u0640\u200c-\u200f\u202a-\u202e\u2066-\u2069]")
_SAME = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ء": ""})

# The article, with and without assimilation.
_ARTICLES = frozenset(
    {"al", "el", "ad", "an", "ar", "as", "ash", "at", "az", "adh", "ath", "ed", "er", "es", "esh", "et", "ez"}
)
# The common first words of Arabic place names, as they are romanised.
_COMMON = {
    spelling: word
    for word, spellings in {
        "abu": "abou abo",
        "ain": "ayn ein eyn",
        "bait": "bayt beit beat beet",
        "dair": "dayr deir der deyr dear dier",
        "hush": "hawsh hosh hoash housh haush",
        "jabal": "jebel jabel",
        "jisr": "jisir jiser",
        "kafr": "kafar kafer kefr kfar kafir kfr kafra",
        "maarat": "maaret maarrat maarret marat maart maara maarah",
        "mazraat": "mazraet mazrat",
        "shaikh": "sheikh shaykh shekh sheik shaik",
        "tal": "tall tel tell",
        "um": "umm om oum",
    }.items()
    for spelling in spellings.split()
}
_ALIKE = (("ee", "i"), ("oo", "u"), ("ou", "u"), ("ei", "ai"), ("ey", "ai"), ("ay", "ai"), ("e", "i"), ("o", "u"))
_ENDING = re.compile(r"(?<=..)(?:ia|iya|iyah|iah|ya|yah)$")
_BREAK = re.compile(
    r"[,;:/\\()\[\]{}|&+\n،؛]+|\s[-–—]+\s|\b(?:between|and|or|in|near|linking|to)\b|(?:^|\s)(?:أو|او|بين|في|قرب)(?=\s)"
    r"|\sب(?=(?:ريف|محافظة|مدينة|منطقة|حي)\s)",
    re.IGNORECASE,
)
_TOGETHER = re.compile(r"[/\\&+]|\b(?:between|and|or|to)\b|(?:^|\s)(?:أو|او|بين)(?=\s)", re.IGNORECASE)
_ARABIC_AND = re.compile(r"\s+و(?=\S{3})")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that say what kind of place is named, in the form of `place_key`.
_KIND = _words(
    "the of in at village villages town towns city neighbourhood neighbourhoods neighborhood neighborhoods district"
    " subdistrict quarter hay qaryat baldat madinat governorate province syria"
    " قريه بلده مدينه حي منطقه ناحيه محافظه سوريا"
)
# Of these, the words that say that a name which a governorate and its capital share means the capital.
_CITY = _words("city madinat مدينه")
# Words that say that the event was not in the place itself, or only somewhere in it.
_NEAR = _words(
    "near close outskirts vicinity surroundings around towards countryside suburb suburbs rural rif reef area areas several"
    " various multiple camp camps idp refugee refugees road roads highway junction crossing desert farm farms farmland"
    " farmlands western eastern northern southern central north south east west linking from to"
    " قرب محيط اطراف ريف طريق الطريق باديه مخيم مخيمات مزارع مزرعه مفرق عده متعدده بلدات قري مناطق شمال جنوب شرق غرب"
)


def place_key(text: str) -> str:
    """The form in which places are compared: no case, marks, articles' hyphens or punctuation."""
    # Twice: a mathematical 𝑨 becomes a letter with a case only by its decomposition.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = _MARKS.sub("", decomposed).translate(_SAME)
    return " ".join(re.sub(r"[^\w]+", " ", re.sub(r"[`'ʻʼʿʾ‘’´]", "", plain)).split())


@lru_cache(maxsize=100_000)
def _fold_word(word: str) -> str:
    if word in _COMMON:
        return _COMMON[word]
    if word.startswith("ال") and len(word) > 4:
        return word[2:]
    for one, other in _ALIKE:
        word = word.replace(one, other)
    word = _ENDING.sub("iya", re.sub(r"(\w)\1+", r"\1", word))
    return word[:-1] if len(word) > 3 and word.endswith("ah") else word


def folded(key: str) -> str:
    """The looser form of a `place_key`: no articles, no spaces, one spelling for vowels that are romanised in many ways."""
    words = key.split()
    kept = [word for word in words if word not in _ARTICLES] or words
    return "".join(_fold_word(word) for word in kept)


@dataclass(frozen=True)
class Part:
    """A piece of a text that may name a place. `within`: the event was near it, or somewhere in it, not said to be in it.

    `city`: the piece calls it a city, and doesn't say that the event was outside of it.
    """

    key: str
    within: bool
    order: int  # 0: the first thing that the text names; later pieces are mostly what holds it
    city: bool = False


def _parts_of(piece: str, order: int, within: bool) -> list[Part]:
    key = place_key(piece)
    words = key.split()
    bare = [word for word in words if word not in _KIND]
    inner = [word for word in bare if word not in _NEAR]
    city = not _CITY.isdisjoint(words) and _NEAR.isdisjoint(words)
    found = [Part(key, within, order, city)] if key else []
    if bare and len(bare) < len(words):
        found.append(Part(" ".join(bare), within, order, city))
    if inner and len(inner) < len(bare):
        found.append(Part(" ".join(inner), True, order))
    return found


def parts(text: str) -> list[list[Part]]:
    """The pieces of a text, in order; for each, the keys to try, the most literal first. The whole text is the first piece.

    "Jarn Hajj Salih - Tal Abyad" gives the whole, "Jarn Hajj Salih", and "Tal Abyad" as what holds it.
    """
    whole = _parts_of(text, 0, within=False)
    pieces = _BREAK.split(text)
    together = bool(_TOGETHER.search(text))
    if len(pieces) < 2 and _ARABIC_AND.search(text):
        pieces, together = _ARABIC_AND.split(text), True
    if len(pieces) < 2:
        return [whole] if whole else []
    # "Saqba and Hamouriya" are side by side: each is first, and the event is in neither for certain.
    split = [_parts_of(piece, 0 if together else order, together) for order, piece in enumerate(pieces)]
    return [found for found in (whole, *split) if found]
