"""Which victims, and which victims kept apart, people are asked about so that the linkage's quality can be estimated.

Here belongs what the strata are and what is drawn from each. The chance that decides is a number that each unit keeps for
ever (a hash of its id and of the model's version), so that what was judged stays in the sample as captures come and
clusters grow, and a rebuild draws the same. Another version of the model, which may have learnt from the answers, is
measured on others.
"""

from dataclasses import dataclass

import polars as pl

from casualty_pipeline.linkage.estimates import drawn
from casualty_pipeline.linkage.model import Model
from casualty_pipeline.linkage.pairs import WINDOW_DAYS
from casualty_pipeline.warehouse import Writing, read_sql

# Units drawn of each stratum. `linked`: victims of several statements. `refused`, `close`, `excluded`, `kin`: two victims
# that were kept apart, by what brought them near each other. `unseen`: statements that are held against the nearest name
# that nothing brought near. Many of those that stand for most pairs: what none of a few shows could still be much.
SAMPLE = {"linked": 80, "refused": 40, "close": 30, "excluded": 10, "kin": 60, "unseen": 80}
SCHEMA = {
    "stratum": pl.String,
    "unit": pl.String,
    "size": pl.Float64,
    "place": pl.Int32,
    "record_a": pl.String,
    "record_b": pl.String,
}
_NUMBER = "md5_number_lower($seed || '|' || unit) / 18446744073709551616.0 as number"
_LINKED = f"""
    select 'linked' as stratum, unit, size, {_NUMBER}
    from (
        select victim as unit, cast(count(*) * (count(*) - 1) / 2 as double) as size
        from unaided group by victim having count(*) > 1
    )
"""
_APART = f"select stratum, unit, size, {_NUMBER} from near_misses"
_UNSEEN = f"""
    select 'unseen' as stratum, unit, 1::double as size, {_NUMBER}
    from (
        select u.record_id as unit from unaided as u
        inner join deduplicated.people as p on u.record_no = p.record_no where p.person
    )
"""
# The pairs with the victims of both. A table, since in one query DuckDB may hold all victims against all others first.
_PAIRED = """
    create or replace temp table paired_victims as
    select p.*, least(x.victim, y.victim) as victim_a, greatest(x.victim, y.victim) as victim_b
    from unaided_pairs as p
    inner join unaided as x on p.a = x.record_no
    inner join unaided as y on p.b = y.record_no
"""
# Of the statements of two victims those that speak most for one person.
_STRONGEST = """
    with found as (
        select
            victim_a || '|' || victim_b as unit, record_a, record_b,
            row_number() over (
                partition by victim_a, victim_b order by hard is not null, kin, weight desc, record_a, record_b
            ) as place
        from paired_victims
        where victim_a in (select victim from victims_drawn)
    )
    select unit, record_a, record_b from found where place = 1
"""


@dataclass(frozen=True)
class Sample:
    """`units`: rows of SCHEMA, those drawn. `sizes`: `stratum`, `size`, `units`, of everything that could have been drawn.

    `pairs`: the pairs that each stratum stands for.
    """

    units: pl.DataFrame
    sizes: pl.DataFrame
    pairs: dict[str, float]


def draw(write: Writing, model: Model) -> Sample:
    """Draw from what `unaided.without_decisions` made. Leaves the temporary table `near_misses`."""
    seed = {"seed": f"linkage quality, {model.version}"}
    write.connection.execute(_PAIRED)
    write.connection.execute(f"create or replace temp table near_misses as {read_sql('deduplicated.near_misses')}")
    whole = pl.concat([write.frame(sql, seed) for sql in (_LINKED, _APART, _UNSEEN)])
    parts = [drawn(whole.filter(pl.col("stratum") == stratum), count) for stratum, count in SAMPLE.items()]
    units = pl.concat(parts)
    victims = units.filter(pl.col("unit").str.contains("|", literal=True)).select(
        victim=pl.col("unit").str.split("|").explode()
    )
    write.register(probes=units.filter(pl.col("stratum") == "unseen").select("unit"), victims_drawn=victims)
    nearest = write.frame(read_sql("deduplicated.nearest_unseen"), {"days": WINDOW_DAYS})
    pairs_of = pl.concat([write.frame(_STRONGEST), nearest.select("unit", record_a="unit", record_b="other")])
    units = units.join(pairs_of, on="unit", how="left", maintain_order="left")
    units = units.select(list(SCHEMA)).cast(SCHEMA)  # type: ignore[arg-type]
    sizes = whole.group_by("stratum", "size").len("units").sort("stratum", "size")
    pairs = {
        name: float(total)
        for name, total in sizes.group_by("stratum").agg((pl.col("size") * pl.col("units")).sum()).iter_rows()
    }
    # Each two statements are found from either side; what is missed is as large as such victims are on average.
    per_record = write.frame(
        "select coalesce(sum(n * n), 0) / 2.0 as pairs from (select count(*) as n from unaided as u"
        " inner join deduplicated.people as p on u.record_no = p.record_no where p.person group by u.victim)"
    )
    return Sample(units, sizes, pairs | {"unseen": float(per_record["pairs"][0])})
