"""How well names are read: on samples that a person labelled, and across scripts.

    python -m benchmarks.names            # reads $EVALUATION_DATA, else ../shared/data
    python -m benchmarks.names --speed    # a million names, one function after another

Prints Markdown for docs/evaluation.md. `labels/names.csv` holds keys of records and labels, no names: `unnamed`, `persons`,
and which words of the name as given, split at spaces and counted from 1, are the given and the family name (`2`, `3-4`;
`-` where there is none; empty where not labelled).
"""

import argparse
import os
import resource
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl

from casualty_pipeline.cleaning.names import (
    arabic_normal,
    is_unnamed,
    latin_normal,
    name_parts,
    other_names,
    skeleton,
    stated_demographics,
    stated_persons,
    uncounted_companions,
    vowel_pattern,
    vowels_conflict,
)

DATA = Path(os.environ.get("EVALUATION_DATA", "../shared/data"))
LABELS = Path(__file__).parent / "labels" / "names.csv"
ENGLISH, ARABIC = pl.col("name_en"), pl.col("name_ar")


def airwars() -> pl.DataFrame:
    """`record`, `name_ar`, `name_en` of Airwars' victims; a record is `incident/order`."""
    victims = pl.read_csv(DATA / "airwars-syria" / "victims.csv", infer_schema_length=0)
    return victims.select("name_ar", "name_en", record=pl.col("code") + "/" + pl.col("victim_order"))


def gaza() -> pl.DataFrame:
    """The same of the four Gaza lists."""
    lists = [pl.read_csv(path, infer_schema_length=0) for path in sorted((DATA / "gaza-lists").glob("*.csv"))]
    return pl.concat(lists).select("name_ar", "name_en", record="record_id")


def table(title: str, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a Markdown table."""
    columns = list(header)
    print(f"\n**{title}**\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        print(
            "| "
            + " | ".join(f"{v:.4f}" if isinstance(v, float) else f"{v:,}" if isinstance(v, int) else str(v) for v in row)
            + " |"
        )


def labelled() -> None:
    """Precision and recall of "unnamed", numbers of persons, given and family names."""
    labels = pl.read_csv(LABELS, schema_overrides={"given": pl.String, "family": pl.String})
    records = pl.concat([airwars(), gaza()]).unique("record", maintain_order=True)
    read = labels.join(records, on="record", how="left", maintain_order="left").with_columns(
        said=is_unnamed(ENGLISH, ARABIC), number=stated_persons(ENGLISH, ARABIC), parts=name_parts(ARABIC, ENGLISH)
    )
    unnamed, rows = pl.col("unnamed") == 1, []
    for name, sample in read.group_by("set", maintain_order=True):
        found, right = sample.filter("said").height, sample.filter(unnamed & pl.col("said")).height
        whole = sample.filter(pl.col("given").is_not_null() & ~unnamed)
        roles = [
            f"{sum(_is_part(row, role) for row in whole.iter_rows(named=True))} of {whole.height}"
            for role in ("given", "family")
        ]
        rows.append(
            (
                name[0],
                sample.height,
                f"{right} of {found}",
                f"{right} of {sample.filter(unnamed).height}",
                f"{sample.filter(pl.col('number') == pl.col('persons')).height} of {sample.height}",
                *(roles if whole.height else ("", "")),
            )
        )
    header = ("sample", "names", "called unnamed, rightly", "unnamed, found", "persons right", "given right", "family right")
    table("Labelled samples", header, rows)


def _is_part(row: dict[str, object], role: str) -> bool:
    """Whether the part read is made of the words that the label points at."""
    script = "ar" if row["name_en"] is None else "en"
    parts, label = row["parts"], str(row[role])
    assert isinstance(parts, dict)
    part = parts[f"{role}_{script}"]
    if label == "-" or part is None:
        return label == "-" and part is None
    first, _, last = label.partition("-")
    words = " ".join(str(row[f"name_{script}"]).split()[int(first) - 1 : int(last or first)])
    normal = arabic_normal if script == "ar" else latin_normal
    return str(pl.select(normal(pl.lit(words))).item() or "").replace(" ", "") == str(part).replace(" ", "")


def across_scripts() -> None:
    """Share of aligned words with one skeleton, and of those, what their vowels tell apart: wrongly, and rightly."""
    pairs = pl.read_csv(
        DATA / "transliteration" / "dict_ar_en.csv",
        has_header=False,
        new_columns=["name_ar", "name_en"],
        infer_schema_length=0,
    )
    both = airwars().drop_nulls().select(ar=arabic_normal(ARABIC).str.split(" "), la=latin_normal(ENGLISH).str.split(" "))
    both = both.drop_nulls().filter(pl.col("ar").list.len() == pl.col("la").list.len()).explode("ar", "la")
    words = pairs.select(ar=arabic_normal(ARABIC), la=latin_normal(ENGLISH)).drop_nulls().unique()
    single = ~pl.col("ar").str.contains(" ") & ~pl.col("la").str.contains(" ")
    rows = []
    for name, given in (("transliteration/dict_ar_en.csv", words.filter(single)), ("Airwars, names in both scripts", both)):
        heard = given.with_columns(
            *(skeleton(pl.col(c)).alias(f"{c}_s") for c in ("ar", "la")),
            *(vowel_pattern(pl.col(c)).alias(f"{c}_v") for c in ("ar", "la")),
        )
        same = heard.filter(pl.col("ar_s") == pl.col("la_s"))
        left, right = (heard.select(c, f"{c}_s", f"{c}_v").unique() for c in ("ar", "la"))
        others = left.join(right, left_on="ar_s", right_on="la_s").join(given.unique(), on=["ar", "la"], how="anti")
        rows.append((name, given.height, same.height / given.height, _apart(same), others.height, _apart(others)))
    header = (
        "words",
        "pairs",
        "one skeleton",
        "of these told apart, wrongly",
        "other pairs of one skeleton",
        "of these told apart",
    )
    table("Across scripts", header, rows)


def _apart(pairs: pl.DataFrame) -> float:
    """Of pairs of words, the share whose vowels tell them apart; not a number where there is no pair."""
    if pairs.is_empty():
        return float("nan")
    return float(pairs.select(vowels_conflict(pl.col("ar_v"), pl.col("la_v")).mean()).item())


def speed() -> None:
    """Seconds for a million names, each function by itself."""
    names = pl.concat([airwars(), gaza()]).select("name_ar", "name_en")
    names = pl.concat([names] * (1_000_000 // names.height + 1)).head(1_000_000)
    functions: dict[str, Callable[[], pl.Expr]] = {
        "arabic_normal": lambda: arabic_normal(ARABIC),
        "latin_normal": lambda: latin_normal(ENGLISH),
        "is_unnamed": lambda: is_unnamed(ENGLISH, ARABIC),
        "stated_persons": lambda: stated_persons(ENGLISH, ARABIC),
        "stated_demographics": lambda: stated_demographics(ENGLISH, ARABIC),
        "uncounted_companions": lambda: uncounted_companions(ENGLISH, ARABIC),
        "name_parts": lambda: name_parts(ARABIC, ENGLISH),
        "other_names": lambda: other_names(ARABIC, ENGLISH),
    }
    rows = []
    for name, function in functions.items():
        start = time.process_time()
        names.select(function().alias(name))
        rows.append((name, f"{time.process_time() - start:.1f} s"))
    table("A million names", ("function", "CPU time"), rows)
    print(f"\nPeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB.")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", action="store_true", help="measure speed instead")
    if parser.parse_args().speed:
        speed()
    else:
        labelled()
        across_scripts()


if __name__ == "__main__":
    main()
