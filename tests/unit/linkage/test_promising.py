"""What a sketch leaves out would not have been kept; who meets is what the self-join of the keys says."""

import random
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.linkage.meeting import met, usable
from casualty_pipeline.linkage.model import BY_HAND, DEFAULT, load
from casualty_pipeline.linkage.pairs import Change
from casualty_pipeline.linkage.promising import Promising
from casualty_pipeline.linkage.sketches import sketches
from casualty_pipeline.linkage.update import Constraints, update
from casualty_pipeline.warehouse import Warehouse
from tests.unit.linkage.conftest import statement_rows

_ARABIC = ("محمد", "محمود", "احمد", "خليل", "سمير", "عبد الله", "الحداد", "درويش", "فاطمة", "نور")
_LATIN = ("Mohammad", "Mahmoud", "Ahmad", "Khalil", "Samir", "Abdullah", "Haddad", "Darwish", "Fatima", "Nour", "Aaaaaaron")


def _mistaken(chance: random.Random, word: str) -> str:
    """The word, at times with a letter left out, doubled or changed."""
    place = chance.randrange(len(word))
    letter = chance.choice(("", word[place] * 2, chance.choice(word)))
    return word[:place] + letter + word[place + 1 :] if chance.random() < 0.25 else word


def _statement(chance: random.Random, number: int) -> dict[str, Any]:
    def name(words: tuple[str, ...]) -> str | None:
        count = chance.choice((1, 2, 2, 3, 3, 4, 7))
        return " ".join(_mistaken(chance, chance.choice(words)) for _ in range(count)) if chance.random() < 0.7 else None

    row: dict[str, Any] = {"id": f"R-{number:03}", "ar": name(_ARABIC), "en": name(_LATIN)}
    row |= {"source": chance.choice(("a", "b", "list", "other")), "sex": chance.choice((None, "male", "female"))}
    row |= {"governorate": chance.choice((None, "SY07", "SY02")), "occupation": chance.choice((None, "medic", "driver"))}
    row |= {"place_key": chance.choice((None, "kafr nabl", "kafer nabl", "idlib", "aleppo"))}
    row |= {"place_id": chance.choice((None, None, "P-1", "P-2")), "incident_ref": chance.choice((None, None, "a/1"))}
    if chance.random() < 0.5:
        row["age"] = chance.choice((5, 17, 18, 30, 31, 60))
    if chance.random() < 0.6:
        row["day"] = chance.choice(("2020-03-05", "2020-03-06", "2020-03-20", "2020-06-01"))
    if chance.random() < 0.3:
        row["birth_date_raw"] = chance.choice(("1990-02-31", "1990-02-30", "1970-05-35", "1990-02-13"))
    return row


@pytest.mark.parametrize("model", [DEFAULT, BY_HAND])
def test_a_pair_that_would_be_kept_is_promising(tmp_path: Path, model: str) -> None:
    chance = random.Random(7)
    rows = [_statement(chance, n) for n in range(260)]
    own = load(model)
    with Warehouse(tmp_path / "w.duckdb").writing() as write:
        update(write, statement_rows(*rows), (), Constraints(one_per_source=frozenset({"list", "other"})), own)
        execute = write.connection.execute
        execute("create or replace temp table meeting as select record_no from deduplicated.people where person")
        execute(
            "create or replace temp table met as select x.record_no as a, y.record_no as b"
            " from meeting as x inner join meeting as y on x.record_no < y.record_no"
        )
        promising = Promising(sketches(write), own)
        Change(write, own).compare("everybody")
        found = write.frame(f"select a, b, kin or weight >= {-own.review_band} as kept from everybody order by a, b")
    chosen = promising(found["a"].to_numpy(), found["b"].to_numpy())
    kept = found["kept"].to_numpy()
    assert kept.sum() > 100
    assert not (kept & ~chosen).any()
    assert chosen.sum() < 0.7 * len(chosen), "in such a small world, too, some are left out"


_KEYED = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 12)), unique=True, max_size=60)


@settings(deadline=None, max_examples=30)
@given(keyed=_KEYED, fresh=st.sets(st.integers(1, 12)), gone=st.dictionaries(st.integers(0, 6), st.integers(1, 3)))
def test_those_meet_who_share_a_key_or_are_the_first_of_many(
    keyed: list[tuple[int, int]], fresh: set[int], gone: dict[int, int]
) -> None:
    cap = 3
    probed = pl.DataFrame(
        [(key, number, number in fresh) for key, number in keyed],
        schema={"key": pl.UInt64, "record_no": pl.Int32, "fresh": pl.Boolean},
        orient="row",
    )
    went = pl.DataFrame(sorted(gone.items()), schema={"key": pl.UInt64, "gone": pl.Int64}, orient="row")
    # Who has the higher number became known first.
    shared = usable(probed, went, lambda numbers: numbers.sort(descending=True), cap)
    found = met(shared, lambda a, _: np.ones(len(a), np.bool_))
    with duckdb.connect() as connection:
        connection.register("probed", probed.to_arrow())
        connection.register("went", went.to_arrow())
        expected = connection.execute(_SELF_JOIN, {"cap": cap}).fetchall()
    assert found.rows() == expected


_SELF_JOIN = """
    with placed as (
        select
            p.key, p.record_no, p.fresh, count(*) over (partition by p.key) + coalesce(g.gone, 0) as size,
            row_number() over (partition by p.key order by p.record_no desc) as place, coalesce(g.gone, 0) as gone
        from probed as p left join went as g on p.key = g.key
    ),
    usable as (
        select key, record_no, fresh or (size > $cap and place > $cap - gone) as fresh
        from placed where size <= $cap or place <= $cap
    )
    select distinct x.record_no as a, y.record_no as b
    from usable as x inner join usable as y on x.key = y.key and x.record_no < y.record_no
    where x.fresh or y.fresh order by a, b
"""
