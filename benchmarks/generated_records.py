"""Records that several sources wrote about generated people, with the errors that sources make and with the truth.

    python -m benchmarks.generated_records records.parquet --records 1000000 --seed 1      # or records.csv

The columns are those that `casualty evaluate-linkage` reads: `record_id`, `name_ar`, `name_en`, `sex`, `age`,
`birth_date`, `death_date`, `place`, `governorate`, `list_date`, all text; and `entity_id` (the truth), `source`. The same
number of records and seed give the same file. What is assumed (of people: see `generated_people`):

- A person has one to five records (62, 22, 10, 4, 2 of a hundred: 1.62 on average), each of another source of those below;
  one further record in twenty repeats the one before word by word, from another source.
- A source writes Arabic, Latin letters or both, and four, three or two of a name's parts, as `SOURCES` says. Three parts
  are without the grandfather, two are given and family name.
- Arabic: hamzas left out by one record in three, ه for ة and ى for a last ي by one in seven each, `عبد` glued to what
  follows by one in three. Latin: three of four parts in the commonest spelling, else in another (`generated_names`).
- The family name comes without its article, or with one, in one record of twelve. One name in 30 has a typing error: a
  letter left out, doubled, swapped with the next, or another in its stead. One given name in 400 is wrong altogether.
- The date of death is missing in 8 % of the records, one to three days off in 12 %, and 30 days off in 1 %. The age, at
  death, is off by one in 15 %. The date of birth is the first of January in 6 %, has day and month swapped in 1 % where
  that is a date. The sex is missing in 8 %, wrong in 0.3 %.
- The place is missing in 15 % (in one of five of these the governorate too), a neighbouring one in 4 %. Place and
  governorate are what a gazetteer made of the source's words: one spelling each.
- A death is documented within two weeks (70 %), four months (20 %) or two and a half years: `list_date`, never after the
  48 months that the incidents are spread over.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.generated_names import Names
from benchmarks.generated_people import DAYS, FIRST_DAY, Population, places, population


@dataclass(frozen=True)
class Source:
    """How a source writes: its share of the records, its scripts (`ar`, `la`, `both`), how often it tells four and three
    parts of a name (else two), and how often a date of birth and an age.
    """

    name: str
    share: float
    script: str
    four: float
    three: float
    birth: float
    age: float


SOURCES = (
    Source("registry", 0.20, "ar", four=0.95, three=0.04, birth=0.90, age=0.50),
    Source("monitors", 0.25, "both", four=0.45, three=0.40, birth=0.05, age=0.70),
    Source("network", 0.15, "both", four=0.25, three=0.50, birth=0.0, age=0.50),
    Source("channels", 0.15, "ar", four=0.30, three=0.45, birth=0.0, age=0.30),
    Source("hospitals", 0.08, "ar", four=0.60, three=0.30, birth=0.20, age=0.80),
    Source("families", 0.05, "ar", four=0.90, three=0.10, birth=0.60, age=0.80),
    Source("tracker", 0.07, "la", four=0.20, three=0.50, birth=0.0, age=0.60),
    Source("press", 0.05, "la", four=0.10, three=0.50, birth=0.0, age=0.70),
)
_RECORDS = (0.62, 0.22, 0.10, 0.04, 0.02)  # of a person: one to five
_RECORDS_PER_PERSON = 1.62
_LETTERS = {"ar": "ابتحدرسعفقلمنهوي", "la": "abdefhiklmnorstu"}


def generated(records: int, seed: int) -> pl.DataFrame:
    """That many records, in the order of `list_date`."""
    dice = np.random.default_rng([seed, records])
    people = population(dice, int(records / _RECORDS_PER_PERSON * 1.02) + 20)
    each = 1 + np.searchsorted(np.cumsum(_RECORDS)[:-1], dice.random(people.size))
    person = np.repeat(np.arange(people.size, dtype=np.int32), each)[:records]
    assert len(person) == records, "too few people were generated"
    nth = (np.arange(int(each.sum())) - np.repeat(np.cumsum(each) - each, each))[:records]
    source = _sources(dice, people.size)[person, nth]

    told = pl.DataFrame(_names(dice, people, person, source) | _facts(dice, people, person, source))
    repeats = (nth > 0) & (dice.random(records) < 0.05)
    repeats &= ~np.roll(repeats, 1)
    told = told[np.where(repeats, np.arange(records) - 1, np.arange(records))]
    death = people.people["death"][person]
    return (
        told.with_columns(
            entity_id=pl.format("P{}", pl.Series(person).cast(pl.String).str.zfill(8)),
            source=pl.Series([s.name for s in SOURCES]).gather(source),
            list_date=_day(_listed(dice, death)),
            lot=pl.Series(dice.permutation(records)),
        )
        .sort("list_date", "lot")
        .with_row_index("number")
        .select(
            pl.format("R{}", pl.col("number").cast(pl.String).str.zfill(8)).alias("record_id"),
            *("name_ar", "name_en", "sex", "age", "birth_date", "death_date", "place", "governorate", "list_date"),
            *("entity_id", "source"),
        )
    )


def _sources(dice: np.random.Generator, people: int) -> np.ndarray:
    """Five different sources for each person, by the sources' shares (the largest of shares with Gumbel noise)."""
    shares = np.log([s.share for s in SOURCES]).astype(np.float32)
    noise = -np.log(-np.log(dice.random((people, len(SOURCES)), dtype=np.float32) + 1e-9) + 1e-9)
    return np.argsort(-(noise + shares), axis=1)[:, : len(_RECORDS)].astype(np.int8)


def _names(dice: np.random.Generator, people: Population, person: np.ndarray, source: np.ndarray) -> dict[str, pl.Series]:
    """`name_ar`, `name_en`, null where the source doesn't write that script."""
    size = len(person)
    given, father, grandfather, family, man = (
        people.people[c][person] for c in ("given", "father", "grandfather", "family", "man")
    )
    wrong = dice.random(size) < 1 / 400
    given = np.where(wrong, np.where(man, people.men.draw(dice, size), people.women.draw(dice, size)), given)
    four, three = (np.array([getattr(s, c) for s in SOURCES])[source] for c in ("four", "three"))
    parts = dice.random(size)
    written = pl.Series([s.script for s in SOURCES]).gather(source)
    names = {}
    for column, script in (("name_ar", "ar"), ("name_en", "la")):
        his = _spelt(dice, people.men, np.where(man, given, 0), script)
        hers = _spelt(dice, people.women, np.where(man, 0, given), script)
        spelt = pl.DataFrame(
            {
                "given": pl.select(pl.when(pl.Series(man)).then(his).otherwise(hers)).to_series(),
                "father": _spelt(dice, people.men, father, script),
                "grandfather": _spelt(dice, people.men, grandfather, script),
                "family": _spelt(dice, people.families, family, script),
            }
        ).with_columns(_article(script, dice.random(size) < 1 / 12))
        name = (
            pl.when(pl.Series(parts < four))
            .then(pl.concat_str("given", "father", "grandfather", "family", separator=" "))
            .when(pl.Series(parts < four + three))
            .then(pl.concat_str("given", "father", "family", separator=" "))
            .otherwise(pl.concat_str("given", "family", separator=" "))
        )
        text = _mistyped(dice, spelt.select(name).to_series(), script)
        text = _orthography(dice, text) if script == "ar" else text
        names[column] = pl.select(pl.when(written.is_in([script, "both"])).then(text)).to_series()
    return names


def _spelt(dice: np.random.Generator, names: Names, which: np.ndarray, script: str) -> pl.Series:
    return names.in_arabic(which) if script == "ar" else names.in_latin(dice, which)


def _article(script: str, other: np.ndarray) -> pl.Expr:
    """The family name with the article where it had none, and the other way round; Abu X never has one."""
    article, added = (r"^ال", "ال") if script == "ar" else (r"^(?:al-|el-|Al )", "al-")
    family = pl.col("family")
    return (
        pl.when(~pl.Series(other) | family.str.contains("^(?:أبو|Ab[uo]) "))
        .then(family)
        .when(family.str.contains(article))
        .then(family.str.replace(article, ""))
        .otherwise(pl.lit(added) + family)
        .alias("family")
    )


def _mistyped(dice: np.random.Generator, text: pl.Series, script: str) -> pl.Series:
    """One in 30 with a letter left out, doubled, swapped with the next, or another in its stead."""
    rows = np.flatnonzero(dice.random(len(text)) < 1 / 30)
    right = pl.col("right")
    at, kind = pl.col("at"), pl.col("kind")
    wrong = pl.DataFrame(
        {
            "right": text.gather(rows),
            "share": dice.random(len(rows)),
            "kind": dice.integers(0, 4, len(rows)),
            "letter": pl.Series(list(_LETTERS[script])).gather(dice.integers(0, len(_LETTERS[script]), len(rows))),
        }
    ).with_columns(at=(pl.col("share") * (right.str.len_chars() - 1)).cast(pl.Int64))
    before = right.str.slice(0, at)
    left_out = before + right.str.slice(at + 1)
    doubled = right.str.slice(0, at + 1) + right.str.slice(at)
    swapped = before + right.str.slice(at + 1, 1) + right.str.slice(at, 1) + right.str.slice(at + 2)
    another = before + pl.col("letter") + right.str.slice(at + 1)
    changed = (
        pl.when(kind == 0).then(left_out).when(kind == 1).then(doubled).when(kind == 2).then(swapped).otherwise(another)
    )
    return text.scatter(rows, wrong.select(changed).to_series())


def _orthography(dice: np.random.Generator, text: pl.Series) -> pl.Series:
    """The ways of writing that normal forms make one."""
    name = pl.col("name")
    changes = (
        (1 / 3, name.str.replace_all("[أإآ]", "ا")),
        (1 / 7, name.str.replace_all("ة", "ه", literal=True)),
        (1 / 7, name.str.replace_all(r"ي( |$)", "ى$1")),
        (1 / 3, name.str.replace_all(r"(^| )عبد ", "${1}عبد")),
    )
    frame = pl.DataFrame({"name": text})
    for share, changed in changes:
        frame = frame.with_columns(name=pl.when(pl.Series(dice.random(len(text)) < share)).then(changed).otherwise(name))
    return frame["name"]


def _facts(dice: np.random.Generator, people: Population, person: np.ndarray, source: np.ndarray) -> dict[str, pl.Series]:
    """`sex`, `age`, `birth_date`, `death_date`, `place`, `governorate`."""
    size = len(person)
    death, birth, man, place = (people.people[c][person] for c in ("death", "birth", "man", "place"))
    tells_birth, tells_age = (np.array([getattr(s, c) for s in SOURCES])[source] for c in ("birth", "age"))

    age = np.floor((death - birth) / 365.25).astype(np.int32)
    age += np.where(dice.random(size) < 0.15, dice.choice(np.array([-1, 1], dtype=np.int32), size), 0)
    born = pl.DataFrame({"day": _date(birth), "chance": dice.random(size)})
    year, month, day, chance = pl.col("day").dt.year(), pl.col("day").dt.month(), pl.col("day").dt.day(), pl.col("chance")
    written = (
        pl.when(chance < 0.06)
        .then(pl.date(year, 1, 1))
        .when((chance < 0.07) & (day <= 12))
        .then(pl.date(year, day, month))
        .otherwise("day")
    )
    off = dice.random(size)
    days = dice.integers(1, 4, size) * dice.choice(np.array([-1, 1]), size)
    died = death + np.where(off < 0.12, days, np.where(off < 0.13, np.sign(days) * 30, 0))

    known = places()
    elsewhere = dice.random(size) < 0.04
    # The next place, in the same governorate but for the last of one: the source errs about that too.
    said = np.where(elsewhere, (place + 1) % known.height, place)
    missing = dice.random(size)
    return {
        "sex": _where(
            dice.random(size) < 0.92, pl.Series(["f", "m"]).gather((man != (dice.random(size) < 0.003)).astype(np.int8))
        ),
        "age": _where(dice.random(size) < tells_age, pl.Series(np.maximum(age, 0)).cast(pl.String)),
        "birth_date": _where(dice.random(size) < tells_birth, born.select(written.dt.to_string("%Y-%m-%d")).to_series()),
        "death_date": _where(dice.random(size) < 0.92, _day(died)),
        "place": _where(missing >= 0.15, known["place"].gather(said)),
        "governorate": _where(missing >= 0.03, known["governorate"].gather(said)),
    }


def _listed(dice: np.random.Generator, death: np.ndarray) -> np.ndarray:
    """The day of documentation of each death."""
    size = len(death)
    kind = dice.random(size)
    lag = dice.random(size) * np.where(kind < 0.7, 14, np.where(kind < 0.9, 120, 900))
    late = death + lag >= DAYS
    return np.where(late, death + dice.random(size) * (DAYS - death), death + lag).astype(np.int32)


def _where(told: np.ndarray, values: pl.Series) -> pl.Series:
    return pl.select(pl.when(pl.Series(told)).then(values)).to_series()


def _date(days: np.ndarray) -> pl.Series:
    return pl.Series(FIRST_DAY + days.astype("timedelta64[D]"))


def _day(days: np.ndarray) -> pl.Series:
    return _date(days).dt.to_string("%Y-%m-%d")


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="ends in .parquet or .csv")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    frame = generated(given.records, given.seed)
    if given.file.suffix == ".csv":
        frame.write_csv(given.file)
    else:
        frame.write_parquet(given.file)


if __name__ == "__main__":
    main()
