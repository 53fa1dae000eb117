"""Other names of a person that a name holds: nicknames, noms de guerre, kunyas, names in another family.

Here belongs what a source says somebody is also called. A kunya that stands as the name itself is for `parts`.
"""

import polars as pl

from casualty_pipeline.cleaning.names.text import arabic_plain, latin_plain
from casualty_pipeline.cleaning.names.unnamed import arabic_unnamed, latin_unnamed

_OPEN, _CLOSE = r"(\[{\"“”„«", r")\]}\"“”„»"
_BRACKETED = rf"[{_OPEN}]([^{_OPEN}{_CLOSE}]+)(?:[{_CLOSE}]|$)"
_CALLED = (
    r"(?i)(?:\b(?:a\.?k\.?a\.?|(?:also |better )?known as|nicknamed|alias|called|nom de guerre)\b"
    r"|(?:المعروفة?|الملقبة?|الشهيرة?|المكنى|المكناة|[يت]كنى|[يت]لقب|[يت]عرف) ?(?:باسم|بـ?)) *[:\"“”«(]* *"
    rf"([^,،;/{_OPEN}{_CLOSE}]+)"
)
# Behind a separator, a kunya: "Khalid Darwish / Abu Samir".
_KUNYA_APART = r"(?i)[,،/–—-] +((?:abu|abou|abo|umm?|oum|أبو|ابو|أم|ام) +[^,،;/()\[\]\"“”]+)"
_MAY_HOLD = (
    rf"(?i)[{_OPEN}]|a\.?k\.?a|known as|nicknamed|alias|called|guerre|المعروف|الملقب|الشهير|المكن|كنى|لقب|عرف|[,،/–—-] "
)
# In brackets stands much else: kin, ages, places from which, remarks on the death, and titles.
_REMARK = (
    r"(?i)\d|^(?:the |a |an )?(?:\w+ )?(?:wife|husband|son|daughter|mother|father|brother|sister|child|children|baby|infant"
    r"|toddler|boy|girl|male|female|woman|man|fetus|foetus|grandfather|grandmother|twins?|civilian|martyr|refugee|displaced|idp"
    r"|family|unidentified|unknown|pregnant|tafla|tifl|with|and|from|of"
    r"|in|via|or|killed|died|doctor|driver|nurse|student|teacher|media activist|age"
    r"|aged|years?)\b"
    r"|'s |’s |https?:|^(?:ال)?(?:طفل|طفلة|رضيع|رضيعة|زوجة|زوج|ابن|ابنة|بنت|والدة|والد|أم لـ|شقيق|شقيقة|مدني|نازح"
    r"|نازحة|من|في|مجهول|مواليد|عائلة|الشهيد|الشهيدة|قتل|سائق|طالب|معلم|دكتور|جنين)(?:\s|$)"
)
# A name that stands in quotation marks as a whole: "The child “Samir Darwish”".
_WHOLE = (
    rf"(?i)^((?:(?:and|the|his|her|their|child|wife|son|daughter|mother|father|brother|sister|martyr|mrs?"
    rf"|dr)\.? )*)[{_OPEN}]+ ?"
    rf"([^{_OPEN}{_CLOSE}]+)[{_CLOSE}]?"
)
_ENDS = " .،,;:-–—'’‘_\u200e\u200f\t\n"


def other_names(name_ar: pl.Expr, name_en: pl.Expr) -> pl.Expr:
    """Other names that the names as given hold, as given (list of strings, Arabic first; empty where there are none).

    Found in brackets or quotation marks unless kin, an age, a place of origin or a remark stands there; behind "aka",
    "known as", "nicknamed", المعروف بـ, الملقب; and kunyas set apart by a comma, a slash or a dash. No normal form is
    made of them here: `arabic_normal` and `latin_normal` read each of them as they read any name.
    """
    return pl.struct(ar=name_ar, en=name_en).map_batches(_read, return_dtype=pl.List(pl.String), is_elementwise=True)


def _read(names: pl.Series) -> pl.Series:
    frame = names.struct.unnest().with_row_index("row")
    given = pl.concat(
        [
            # What is said beside "wife of X" is said of X.
            holding.filter(~unnamed(plain(holding["name"])))
            for holding, unnamed, plain in (
                (frame.select("row", name=script).filter(pl.col("name").str.contains(_MAY_HOLD)), unnamed, plain)
                for script, unnamed, plain in (("ar", arabic_unnamed, arabic_plain), ("en", latin_unnamed, latin_plain))
            )
        ]
    ).with_columns(pl.col("name").str.replace(_WHOLE, "$1$2"))
    found = pl.concat(
        [
            given.select("row", order=pl.lit(n), other=_found(pattern))
            for n, pattern in enumerate((_BRACKETED, _CALLED, _KUNYA_APART))
        ]
    )
    others = (
        found.explode("other")
        .drop_nulls("other")
        .with_columns(
            other=pl.col("other")
            .str.replace_all(r"\s+", " ")
            .str.strip_chars(_ENDS)
            .str.replace(r"(?i)^(?:aka|known as|nicknamed) ", "")
        )
        .filter(pl.col("other").str.contains(r"\p{L}{2}") & ~pl.col("other").str.contains(_REMARK))
        .unique(["row", "other"], keep="first", maintain_order=True)
        .group_by("row", maintain_order=True)
        .agg("other")
    )
    listed = frame.select("row").join(others, on="row", how="left", maintain_order="left")["other"]
    return listed.fill_null([])


def _found(pattern: str) -> pl.Expr:
    """Every match of the pattern's one group."""
    whole = pl.col("name").str.extract_all(pattern)
    return whole.list.eval(pl.element().str.extract(pattern))
