"""What a word of a name sounds like, for comparing across scripts and spellings: its consonants, and its vowels apart.

Here belongs what is said of one word in normal form, or of two words' patterns. Which words of two names to compare, and
what their agreement weighs, is for `casualty_pipeline.linkage`.
"""

from collections.abc import Mapping

import polars as pl

from casualty_pipeline.cleaning.names.text import ARABIC_LETTERS

# The shared alphabet of sounds: upper case for what Latin script writes with two letters.
_SOUNDS: Mapping[str, str] = dict(zip(ARABIC_LETTERS, "abttjhXddrzsCsdtzagfkklmnhwy", strict=True))
_DIGRAPHS: Mapping[str, str] = {"kh": "X", "gh": "g", "sh": "C", "ch": "C", "th": "t", "dh": "d", "ph": "f", "dj": "j"}
_SINGLES: Mapping[str, str] = {"c": "k", "q": "k", "v": "f", "p": "b", "x": "ks"}
# Latin script doubles a letter for shadda, which Arabic script doesn't write: two letters there are two sounds.
_GEMINATES: Mapping[str, str] = {c + c: c for c in "bdfghjklmnpqrstzXC"}
_DOUBLED: Mapping[str, str] = {c + c: c for c in ARABIC_LETTERS}

# Given names and family names that begin like the article without having it.
_NOT_ARTICLES_AR = r"\bال(هام|ياس|فت|بير|ين|ينا|يانا|ماس|ماظ|يزابيث|كسندر|سي)\b"
_NOT_ARTICLES_LA = (
    r"\bal(wan|mas|maz|bert|aa|aaldin|aad\w+|aed\w+|iaa?|iy[ae]h?|iyy[ae]h?|ya|ina|ine|in|een|eena|ena|an|ana|iana|ex\w*|is+ar|ida"
    r"|ice|fred|awi|awiy?ya?h?|awieh|[ae]?[iy]+an|ou?sh|aloush|meida)\b"
)
# Spellings whose letters mislead; the normal spelling has the sounds that tell the name from its neighbours.
_SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"\byus+[ue]f\b", "yousef"),
    (r"\byunus\b|\byunis\b", "younes"),
    (r"\bmahmu?o?d\b", "mahmoud"),
    (r"\bmohd\b|\bmham+[ae]d\b", "mohammad"),
    (r"\b(al)?(?:o|u|ou)sman\b", "${1}othman"),
    # Two letters that look like one sound.
    (r"\b(al)?adham\b", "${1}adeham"),
    (r"\bmidhat\b|\bmedhat\b", "midehat"),
    (r"\b(abu)?[ie]shaa?[qk]\b", "${1}isehaq"),
    # th and z for ذ, which mostly is written dh.
    (r"\b(mon|moun|mun)th[ei]r\b", "mundhir"),
    (r"\bm(?:o|u|ou)'?(?:a|aa)[tz]h?\b", "muadh"),
    (r"\bh(?:o|u|ou)[tz]h?a[iy]f([ae])h?\b", "hudhaif$1"),
    (r"\b(al)?th([ie][eiy]*a?b)\b", "${1}dh$2"),
    (r"\bthi[kc]ra\b", "dhikra"),
    # ة behind an alef is t in most spellings: حياة is Hayat.
    (r"(\p{Arabic}{2})اه\b", "${1}ات"),
    (r"\bطه\b", "طاها"),
    (r"\bعمرو\b", "عمر"),  # the waw is silent: Amr
)


def skeleton(column: pl.Expr) -> pl.Expr:
    """The consonants of a normal form in either script, in an alphabet that both share; words stay apart by a space.

    For blocking, not for deciding: محمد and محمود, حسن and حسين, احمد and حامد are equal here (field notes). A word
    without consonants is `a`.
    """
    words = _sounded(column).str.replace_all(r"(\S+)", "$1|")
    bare = words.str.replace_all(r"[aeiouwy]", "").str.replace_all("ll+", "l").str.replace_all("W", "w")
    return bare.str.replace_all("Y", "y").str.replace_all(r"(^| )\|", "${1}a|").str.replace_all(r"\|", "")


def vowel_pattern(column: pl.Expr) -> pl.Expr:
    """For one word in normal form, what stands before, between and after its consonants: one character for each gap.

    Latin script: `-` nothing, `a`, `e`, `i`, `u` short or unclear, `I` and `U` written long. Arabic script: `-` nothing
    written, `A` alef or ayn, `Y` ya, `W` waw, `y` ayn and ya (Saeed, Shuaib), `?` an alef that few pronounce (اسليمان),
    `L` and `l` around a last lam with an alef that may stand on either side of it (the normal form sorts it: نجلا, جمال).
    Two words of equal skeleton have patterns of equal length but for a doubled lam; `vowels_conflict` tells whether
    they can be one name.
    """
    arabic = column.str.contains(r"\p{Arabic}")
    latin_gaps = (
        _sounded(column)
        .str.replace(r"^e[iy]+([^aeiouy])", "i$1")
        .str.replace(r"^((?:abdal|abu)?[^aeiouwy]+)ou", "${1}u")  # Mouhammad, Boushra: French for any u
        .str.replace_all(r"ou|oo|ow|[aeiy]*w[aeiouy]*", "U")
        .str.replace_all(r"[aeiy]*[ou][aeiouy]*", "u")
        .str.replace_all(r"[iy]+a$", "a")
        .str.replace_all(r"ee|[ae][iy]+[ae]?|[iy][iy]+|i[ae]+", "I")
        .str.replace_all(r"[aeiy]*I[aeiouyI]*", "I")
        .str.replace_all(r"[aey]*i[aeiy]*|y", "i")
        .str.replace_all(r"[ae]*a", "a")
        .str.replace_all("ae", "e")  # Raed, Saed: either vowel
        .str.replace_all(r"[uUiIae]*U[uUiIae]*", "U")
        .str.replace_all(r"([uiIae])[uiIae]+", "$1")
    )
    doubtful = column.str.replace(r"^ا([^ايول][^اعيو]ي[^ايو])", "?$1").str.replace(r"(\p{Arabic})عي([^ايو])", "$1@$2")
    arabic_gaps = (
        _sounded(doubtful)
        .str.replace_all(r"[ay]*w[awy]*", "U")
        .str.replace(r"y+a$", "a")
        .str.replace_all(r"a*y[ay]*", "I")
        .str.replace_all(r"a+", "A")
    )
    gaps = pl.when(arabic).then(arabic_gaps).otherwise(latin_gaps)
    marked = gaps.str.replace_all(r"[^aeiuIUA?@]", "|")
    marked = marked.str.replace_all(r"\|\|", "|-|").str.replace_all(r"\|\|", "|-|")
    marked = marked.str.replace(r"^\|", "-|").str.replace(r"\|$", "|-").str.replace_all(r"\|", "")
    marked = pl.when(column.str.contains(r"\p{Arabic}ال$")).then(marked.str.replace("A?-$", "Ll")).otherwise(marked)
    return pl.when(arabic).then(marked.str.replace_many(["U", "I", "@"], ["W", "Y", "y"])).otherwise(marked)


def vowels_conflict(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Whether two vowel patterns of words with equal skeleton tell them apart, as in محمد/محمود or Hassan/Hussein.

    Both of Latin script, or the left of Arabic and the right of Latin script. Patterns of unequal length don't
    conflict: they can't be aligned. Gaps beyond the ninth aren't read.
    """
    aligned = left.str.len_bytes() == right.str.len_bytes()
    conflict = pl.lit(False)
    for gap in range(9):
        a, b = left.str.slice(gap, 1), right.str.slice(gap, 1)
        last = left.str.len_bytes() == gap + 1
        edge = pl.lit(True) if gap == 0 else last
        apart = (a + b).is_in(_APART) & ~(last & (a + b == "Ya"))  # alef maqsura: ليلى is Layla
        conflict = conflict | apart | (edge & (a + b).is_in(_APART_AT_EDGES))
        if gap == 0:
            conflict = conflict | (a + b).is_in(_APART_AT_THE_START)
    return aligned & conflict


def _apart() -> list[str]:
    latin = [x + y for x, y in ("ai", "aI", "au", "aU", "iu", "iU", "Iu", "IU", "eU", "-U", "-I")]
    arabic = ["Wa", "We", "Wi", "WI", "W-", "Yu", "YU", "Ya", "Y-", "AU", "y-", "ya", "LI", "li", "lI", "lu", "lU"]
    return [*latin, *(p[::-1] for p in latin), *arabic]


_APART = _apart()
# At the ends of a word a vowel is seldom left out: Ahmad is not Hamed, Amin not Amina.
_APART_AT_EDGES = [*(x + y for v in "aiIuU" for x, y in (("-", v), (v, "-"))), "A-"]
_APART_AT_THE_START = ["Ii", "iI"]  # Ayman is not Iman


def _sounded(column: pl.Expr) -> pl.Expr:
    """Words in the shared alphabet of sounds: articles off, spellings of one sound joined, vowels still in."""
    plain = column
    for spelling, usual in _SPELLINGS:
        plain = plain.str.replace_all(spelling, usual)
    # At the end of a word ه and ح sound like the vowel before them, which Arabic script leaves out.
    plain = plain.str.replace_all(r"(\p{L})[هح]\b", "${1}ا")
    plain = (
        plain.str.replace_all(_NOT_ARTICLES_AR, "ا=ل$1")
        .str.replace_all(_NOT_ARTICLES_LA, "a=l$1")
        # Two alefs before a lam: the second belongs to the word, and the normal form sorted it (االحمد is الاحمد).
        .str.replace_all(r"\b(ا?)ال(\p{L}{2,})", "$1$2")
        .str.replace_all(r"\bal([^aeiou\s][a-z]{2,}|ali|[aeiou][a-z]{2,})\b", "$1")
        .str.replace_all("=", "", literal=True)
    )
    # Digraphs before Arabic letters become Latin ones: in سحر, s and h are two letters, not the sound sh; and in ممدوح
    # the two m are two sounds, not one written twice.
    plain = plain.str.replace_many(list(_DIGRAPHS), list(_DIGRAPHS.values())).str.replace_all("c([eiy])", "s$1")
    plain = plain.str.replace_many(list(_GEMINATES), list(_GEMINATES.values()))
    plain = plain.str.replace_all(r"\b(\p{Arabic})", "$1=").str.replace_many(list(_DOUBLED), list(_DOUBLED.values()))
    plain = plain.str.replace_all("=", "", literal=True).str.replace_all("لل", "ل")
    for sounds in (_SOUNDS, _SINGLES):
        plain = plain.str.replace_many(list(sounds), list(sounds.values()))
    plain = plain.str.replace_all(r"([^aeiouwy\s])h\b", "${1}a").str.replace_all(r"h\b", "")  # Sobh is صبح
    return plain.str.replace_all(r"\bw", "W").str.replace_all(r"\by", "Y")
