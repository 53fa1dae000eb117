"""What a file says of itself: how often, in it, one person stands under another name, birth date or governorate.

Here belongs fitting the shipped model to the statements at hand where they leave no doubt, without labels. In most
files a pair of one birthday and place with two given names are twins or strangers. But twins are few (of 16,642 people
in the Gaza lists 98 pairs have one birthday and line of fathers; of births, 1 to 3 % are twins) and strangers who share
a birthday and a place can be counted from how common both are. Where many times more such pairs are found than twins
and chance allow, names are what goes wrong in that file, and such a pair is more likely one person. The levels of
`context` are these kinds of pairs; their bits are 0 until a file shows otherwise. Which pair is which kind is told by
`sql/deduplicated/compared.sql`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from casualty_pipeline.linkage import forms
from casualty_pipeline.linkage.forest import components
from casualty_pipeline.linkage.model import Model
from casualty_pipeline.linkage.update import Constraints, compared_pairs
from casualty_pipeline.warehouse import Warehouse

# Kinds of pairs (levels of `context`), and how many there may be for each person though they aren't one: twins as often
# as they are born; dates that a clerk copied.
_ALLOWED = {3: 0.02, 4: 0.005, 5: 0.005, 6: 0.02, 7: 0.005, 8: 0.005}
_TIMES = 3.0  # as many as twins, namesakes and chance explain must be there before a model is changed
_LEAST = 30  # persons' pairs, or pairs that are sure: fewer say nothing
_SURE = 200
_ENOUGH = 20_000  # statements to look at
_LEAST_ODDS = 0.1
_MOST_BITS = 8.0  # that kinds of pairs may speak for one person with, whatever the file says
_TENTH = 0.1  # of a kind's pairs: all but the lowest are lifted to what the kind is worth, or but the highest kept below it
_SPELLED = 2.0  # names and places that are spelled alike, for each that is the same


@dataclass(frozen=True)
class Adapted:
    """The model, and what was changed for these statements: the level in words, and by how many bits."""

    model: Model
    changes: Mapping[str, float]


def adapted(statements: pl.DataFrame, constraints: Constraints, model: Model) -> Adapted:
    """The model as `statements` (columns of cleaned.records) want it; the same model where they don't say.

    No labels are used. Deterministic.
    """
    people = forms.people(statements).filter(pl.col("person") & pl.col("birth_written").is_not_null())
    if people.height < _SURE:
        return Adapted(model, {})
    # All kinds share a day of birth: some of the days tell as much as all, and everybody born on them is there.
    days = people["birth_written"].unique().sort().gather_every(math.ceil(people.height / _ENOUGH))
    people = people.filter(pl.col("birth_written").is_in(days.implode()))
    read = statements.join(people.select("record_id"), on="record_id", how="semi")
    pairs = _pairs(read, constraints, model)
    persons = _persons(people, pairs, forms.names(read, model))
    changed: dict[tuple[str, int], float] = {}
    changed |= _places(persons, pairs, model)
    changed |= _kinds(persons, pairs, _with(model, changed))
    words = {
        f"{c.about}: {c.level(n).says}": bits for c in model.comparisons for (of, n), bits in changed.items() if of == c.name
    }
    return Adapted(_with(model, changed), words)


def _with(model: Model, changed: Mapping[tuple[str, int], float]) -> Model:
    return replace(
        model,
        comparisons=tuple(
            replace(c, levels=tuple(replace(v, bits=changed.get((c.name, v.number), v.bits)) for v in c.levels))
            for c in model.comparisons
        ),
    )


def _pairs(statements: pl.DataFrame, constraints: Constraints, model: Model) -> pl.DataFrame:
    """All pairs that meet, with the level of each comparison, and `weight` and `hard` by the model."""
    with TemporaryDirectory(prefix="adapting-") as folder, Warehouse(Path(folder) / "linkage.duckdb").writing() as write:
        pairs = compared_pairs(write, statements, constraints, model)
    return pairs.join(model.told(pairs["pattern"]), on="pattern").join(
        model.weighed(pairs["pattern"]).drop("kin"), on="pattern"
    )


def _persons(people: pl.DataFrame, pairs: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """`record_id`, `person` and what chance depends on: as the model finds persons before it is changed."""
    numbered = people.sort("record_id").with_row_index("number")
    number = dict(numbered.select("record_id", "number").iter_rows())
    links = pairs.filter((pl.col("weight") >= 0) & pl.col("hard").is_null()).select(
        pl.col("record_a", "record_b").replace_strict(number, return_dtype=pl.UInt32)
    )
    spoken = names.unique("record_id", keep="first", maintain_order=True).select(
        "record_id", given="sound", last=pl.col("sounds").list.last()
    )
    return numbered.with_columns(person=components(numbered["number"], links)).join(
        spoken, on="record_id", how="left", maintain_order="left"
    )


def _same(values: pl.DataFrame) -> float:
    """How likely two rows, both filled, are the same."""
    filled = values.drop_nulls()
    sizes = filled.group_by(pl.all()).len("n")["n"].cast(pl.Float64)
    most = float(filled.height) * (filled.height - 1)
    return float((sizes * (sizes - 1)).sum()) / most if most else 0.0


def _places(persons: pl.DataFrame, pairs: pl.DataFrame, model: Model) -> dict[tuple[str, int], float]:
    """Bits of another governorate, as often as it is told of one person: pairs of one name and one day of birth."""
    sure = pairs.filter((pl.col("given") == 1) & (pl.col("lineage") == 1) & (pl.col("birth") == 1) & (pl.col("place") > 0))
    if sure.height < _SURE:
        return {}
    first = persons.unique("person", keep="first", maintain_order=True)
    together, alone = _same(first.select("governorate", "place_key")), _same(first.select("place_key"))
    apart = 1 - _same(first.select("governorate"))
    chance = {6: apart, 7: max(alone - together, 1 / first.height**2)}
    place = next(c for c in model.comparisons if c.name == "place")
    found = {}
    for level, share in chance.items():
        told = sure.filter(pl.col("place") == level).height
        if told < _LEAST:
            continue
        bits = round(min(math.log2(told / sure.height / share), place.level(1).bits), 1)
        if bits > place.level(level).bits:
            found["place", level] = bits
    return found


def _kinds(persons: pl.DataFrame, pairs: pl.DataFrame, model: Model) -> dict[tuple[str, int], float]:
    """Bits of the kinds of pairs that are far more than twins, namesakes and chance explain."""
    person = dict(persons.select("record_id", "person").iter_rows())
    weighed = pairs.drop("weight", "hard").join(model.weighed(pairs["pattern"]).drop("kin"), on="pattern")
    apart = weighed.filter(pl.col("hard").is_null() & (pl.col("context") >= min(_ALLOWED))).with_columns(
        x=pl.col("record_a").replace_strict(person), y=pl.col("record_b").replace_strict(person)
    )
    apart = apart.filter(pl.col("x") != pl.col("y"))
    first = persons.unique("person", keep="first", maintain_order=True)
    chance = _chance(first)
    kinds = []
    for level, allowed in _ALLOWED.items():
        kind = apart.filter(pl.col("context") == level)
        # Persons in such a pair, two by two: one who stands there ten times counts as one.
        seen = pl.concat([kind["x"], kind["y"]]).n_unique() / 2
        expected = allowed * first.height + chance[level]
        strong = seen >= _LEAST and seen >= _TIMES * expected
        kinds.append((level, kind["weight"].sort(), seen / expected, strong))
    # Once it is sure that names are replaced in a file, the other kinds weigh what their numbers say, too, but no more
    # than against: they only cease to rule out what other records say.
    found = {}
    for level, weights, times, strong in kinds if any(strong for *_, strong in kinds) else ():
        if weights.is_empty():
            continue
        worth = min(math.log2(max(times - 1, _LEAST_ODDS)), _MOST_BITS)
        at = int((_TENTH if strong else 1 - _TENTH) * (weights.len() - 1))
        lifted = round((worth if strong else min(worth, -1.0)) - weights[at], 1)
        if lifted > 0:
            found["context", level] = lifted
    return found


def _chance(first: pl.DataFrame) -> dict[int, float]:
    """How many pairs of each kind there would be if names, days of birth and places had nothing to do with each other."""
    pairs = first.height * (first.height - 1) / 2
    birth = _same(first.select("birth_written"))
    given, last, place = (_SPELLED * _same(first.select(c)) for c in ("given", "last", "place_key"))
    return {
        3: pairs * birth * place * last,
        4: pairs * birth * place * given,
        5: pairs * birth * place,
        6: pairs * birth * last,
        7: pairs * birth * given,
        8: pairs * birth,
    }
