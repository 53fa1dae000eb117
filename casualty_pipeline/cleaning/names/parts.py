"""The parts of a name and their roles: given, father, grandfather, family; kunya; laqab or nisba; titles.

Here belongs which word of one name plays which part. Parts are words of the normal form; what a name holds beside
itself, in brackets or behind "aka", is for `others`.
"""

import polars as pl

from casualty_pipeline.cleaning.names.normal import arabic_words, latin_words
from casualty_pipeline.cleaning.names.text import any_of, arabic_plain, latin_plain
from casualty_pipeline.cleaning.names.unnamed import arabic_unnamed, latin_unnamed

ROLES = ("title", "kunya", "given", "father", "grandfather", "forefathers", "family", "nisba")
_FIELDS = (*ROLES, "told")
_DTYPE = pl.Struct({f"{role}_{script}": pl.String for script in ("ar", "en") for role in _FIELDS})

_TITLES = {
    "ar": r"(?:الحاج|الحاجه|حاج|الشيخ|السيد|السيده|العميد|العقيد|المقدم|الرايد|النقيب|المالزم|القاضي"
    r"|المعلم|المختار|االعالمي|الصحفي)",
    "la": r"(?:(?:al)?ha+jj?i?a?|(?:al)?s[hc]+[ae]ikh?|(?:al)?sheikh|(?:al)?sayy?ed|colonel|captain|general|judge"
    r"|major|lieutenant)",
}
# Titles that families carry: "al-Haj Ali", "Sheikh Khalil".
_FAMILY_TITLES = {"ar": r"(?:ال)?(?:حاج|شيخ|مال)", "la": r"(?:al)?(?:ha+jj?i?|sheikh|shaikh|shekh|cheikh|mulla)"}
# What marks the father, glued to his name or not.
_IBN = {"ar": r" (?:ابن|بن |بنت )(\S{2,})", "la": r" (?:ibn|bint )(\S{2,})"}
# Glued by the normal form, which marks it by ~, or by the source.
_KUNYA = {"ar": r"^(?:ابو~?\p{L}{3,}|ام~\p{L}{2,})$", "la": r"^(?:(?:abu|um)~[a-z]{2,}|abu[a-z]{4,})$"}
_ARTICLE = {"ar": r"^ا?ال\p{L}{2,}$", "la": r"^al(?:[^aeiou][a-z]{2,}|[aeiou][a-z]{3,})$"}
_NISBA = {"ar": r"^ا?ال\p{L}{2,}(?:ي|يه)$", "la": r"^al[a-z]{3,}(?:i|y|ie|iya|iyya|iyah|iyeh)$"}
# Family names, mostly from given names, that end like a nisba.
_NO_NISBA = {
    "ar": r"^ال(?:علي|ناجي|مهدي|هادي|قاضي|راضي|صافي|شافي|عاصي|حاجي|ولي|غازي|حمدي|شكري|صبحي|فتحي|تركي|راعي|رفاعي|ساري"
    r"|عيسي|موسي|مصطفي)$",
    "la": r"^al(?:ali|naji|mahdi|hadi|qadi|radi|safi|shafi|asi|assi|haji|hajji|wali|ghazi|hamdi|shukri|subhi|fathi|turki"
    r"|ra[ei]*|sari)$",
}
# Words that with the one before make one given name, of those that mostly do: Muhammad Khair, Nur al-Huda.
_COMPOUND = {
    "ar": (
        r"^((?:محمد|احمد) (?:خير|نور|فاتح|الفاتح)|(?:نور|شمس|قمر|ست) (?:الهدي|العين|العيون|الزمان|الصباح|الدجي)"
        r"|(?:فاطمه|خديجه|مريم) (?:الزهرا|الكبري|العذرا)|زين العابدين|عز العرب)( |$)"
    ),
    "la": (
        r"^(mo?u?ha?mm?[aei]d (?:kh?[aei]+r|nou?r|(?:al)?fateh)|nou?r (?:alhud[ah]|alai?n|alayoun)|fat[ie]?ma?h? alzahraa?"
        r"|z[aei]+n al?abi?di+e?e?n)( |$)"
    ),
}
_TITLED = {script: rf"^({titles}) (\S+ \S)" for script, titles in _TITLES.items()}
_TITLED_FAMILY = {script: rf" ({titles}) (\S+)" for script, titles in _FAMILY_TITLES.items()}
# In a name without any of these, no rule changes anything.
_CHANGES = {
    script: any_of(_TITLED[script], "عبد~", _TITLED_FAMILY[script], _COMPOUND[script], _IBN[script]) for script in _TITLES
}


def name_parts(name_ar: pl.Expr, name_en: pl.Expr) -> pl.Expr:
    """The parts of a name in each script, as words of its normal form: a struct of String, null where not told.

    Fields, each with `_ar` and `_en`: `title`, `kunya`, `given`, `father`, `grandfather`, `forefathers` (further ones),
    `family`, `nisba`, and `told`: by what the roles are told, from sure to likely:

    - `particle`: ibn, bin, bint, بن, "son of", "daughter of" mark the father; what stands before is the given name.
    - `four words`: given, father, grandfather, family; with more words, forefathers between the last two.
    - `three words`: given, father, family. `two words`: given, family.
    - `kunya`: a kunya (Abu X, Umm X) in front: alone it is all that is told; the words behind it are family (one word)
      or as above.
    - `one word`: a given name.

    In a name of three words or more, the second may belong to the given name (Muhammad Ali) where the list of known
    compounds doesn't say so: that is what "likely" means. Abu X at the end is the family name, but a kunya behind a
    word with the article ("Hasan al-Ahmad Abu Umar"). A word with article and nisba ending behind another word with the
    article is a nisba beside the family name; a lone one is the family name. Haj, Sheikh and ranks in front are
    titles; before the family name they belong to it. Who is described instead of named (`is_unnamed`) has no parts.
    """
    return pl.struct(ar=name_ar, en=name_en).map_batches(_read, return_dtype=_DTYPE, is_elementwise=True)


def _read(names: pl.Series) -> pl.Series:
    ar, en = names.struct.field("ar"), names.struct.field("en")
    arabic, latin = arabic_plain(ar), latin_plain(en)
    words = marked_words(arabic, latin, arabic_unnamed(arabic), latin_unnamed(latin))
    return parts_of_words(*words).to_struct(names.name)


def marked_words(ar: pl.Series, en: pl.Series, no_ar: pl.Series, no_en: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Of plain text in both scripts, and whether each of them names nobody: what `parts_of_words` tells parts by.

    Normal forms in which `~` marks what a kunya's particle or عبد was glued to; null where nobody is named.
    """
    return (
        arabic_words(ar, glue="~").set(no_ar, None),
        latin_words(en, son_of=" ibn ", glue="~").set(no_en, None),
    )


def parts_of_words(ar: pl.Series, en: pl.Series) -> pl.DataFrame:
    """The fields of `name_parts` from `marked_words`."""
    arabic, latin = _parts(ar, "ar"), _parts(en, "la")
    return pl.concat(
        [arabic.rename(lambda field: f"{field}_ar"), latin.rename(lambda field: f"{field}_en")], how="horizontal"
    )


def _rewritten(normal: pl.Series, script: str) -> pl.Series:
    """Names in normal form with the words that make one part joined by `_`, and fathers marked by `+`."""
    name = normal.str.replace(_TITLED[script], "$2")
    # عبد goes with a name of God, which has the article; before any other word it is a name by itself.
    name = name.str.replace_all(r"عبد~(ال|رب)", "عبد$1").str.replace_all("عبد~", "عبد ", literal=True)
    name = name.str.replace_all(_TITLED_FAMILY[script], " ${1}_$2")
    compound = name.str.extract(_COMPOUND[script])
    name = (compound.str.replace(" ", "_") + name.str.slice(compound.str.len_chars())).fill_null(name)
    return name.str.replace_all(_IBN[script], " +$1")


def _parts(normal: pl.Series, script: str) -> pl.DataFrame:
    """Columns `_FIELDS` for names in normal form. Words that make one part are joined by `_` until the end."""
    rows = normal.str.contains(_CHANGES[script]).fill_null(False).arg_true()  # few
    given = normal.gather(rows)
    name, nothing = _rewritten(given, script), pl.repeat(None, len(normal), dtype=pl.String, eager=True)
    fathers = name.str.extract(r" \+(.*)$").str.replace_all("+", "", literal=True)
    frame = pl.DataFrame(
        {
            "title": nothing.clone().scatter(rows, given.str.extract(_TITLED[script])),
            # Words before the first father marked as such, and from him on.
            "word": normal.clone().scatter(rows, name.str.replace(r" \+.*$", "")).str.split(" "),
            "marked": nothing.clone().scatter(rows, fathers).str.split(" "),
        }
    )
    word, marked = pl.col("word"), pl.col("marked")
    first, last, count = word.list.first(), word.list.last(), word.list.len()
    behind_article = marked.is_null() & (count >= 3) & word.list.get(-2, null_on_oob=True).str.contains(_ARTICLE[script])
    nisba = last.str.contains(_NISBA[script]) & ~last.str.contains(_NO_NISBA[script])
    frame = (
        frame.with_columns(kunya=pl.when(first.str.contains(_KUNYA[script])).then(first))
        .with_columns(word=pl.when(pl.col("kunya").is_null()).then(word).otherwise(word.list.slice(1)))
        .with_columns(late=behind_article & pl.col("kunya").is_null() & last.str.contains(_KUNYA[script]))
        .with_columns(
            kunya=pl.when("late").then(last).otherwise("kunya"),
            word=pl.when("late").then(word.list.head(count - 1)).otherwise(word),
        )
        .with_columns(nisba=pl.when(behind_article & nisba).then(last))
        .with_columns(word=pl.when(pl.col("nisba").is_null()).then(word).otherwise(word.list.head(count - 1)))
    )
    return frame.select("title", "kunya", *_roles(pl.col("kunya").is_not_null(), script), "nisba", _told()).select(
        pl.col(ROLES).str.replace_all("_", " ").str.replace_all("~", "").replace("", None), "told"
    )


def _roles(kunya: pl.Expr, script: str) -> list[pl.Expr]:
    """Given, father, grandfather, forefathers and family, from `word` and `marked`."""
    word, marked = pl.col("word"), pl.col("marked")
    first, last, count = word.list.first(), word.list.last(), word.list.len()
    by_particle, fathers = marked.is_not_null(), marked.list.len()
    # "Samir al-Khatib, son of Hasan": the family name stands before the father.
    family_first = by_particle & (count >= 2) & last.str.contains(_ARTICLE[script])
    alone = ~by_particle & kunya & (count == 1)
    return [
        pl.when(family_first)
        .then(first)
        .when(by_particle)
        .then(word.list.join(" "))
        .when(~alone)
        .then(first)
        .alias("given"),
        pl.when(by_particle)
        .then(marked.list.first())
        .when(count >= 3)
        .then(word.list.get(1, null_on_oob=True))
        .alias("father"),
        pl.when(by_particle & ~family_first & (fathers >= 3))
        .then(marked.list.get(1, null_on_oob=True))
        .when(~by_particle & (count >= 4))
        .then(word.list.get(2, null_on_oob=True))
        .alias("grandfather"),
        pl.when(family_first)
        .then(marked.list.slice(1).list.join(" "))
        .when(by_particle & (fathers >= 4))
        .then(marked.list.slice(2, fathers - 3).list.join(" "))
        .when(~by_particle & (count >= 5))
        .then(word.list.slice(3, count - 4).list.join(" "))
        .alias("forefathers"),
        pl.when(family_first)
        .then(word.list.slice(1).list.join(" "))
        .when(by_particle & (fathers >= 2))
        .then(marked.list.last())
        .when(alone | (~by_particle & (count >= 2)))
        .then(last)
        .alias("family"),
    ]


def _told() -> pl.Expr:
    count = pl.col("word").list.len()
    return (
        pl.when(pl.col("marked").is_not_null())
        .then(pl.lit("particle"))
        .when(pl.col("kunya").is_not_null() & (count <= 1))
        .then(pl.lit("kunya"))
        .when(count >= 4)
        .then(pl.lit("four words"))
        .when(count == 3)
        .then(pl.lit("three words"))
        .when(count == 2)
        .then(pl.lit("two words"))
        .when(count == 1)
        .then(pl.lit("one word"))
        .alias("told")
    )
