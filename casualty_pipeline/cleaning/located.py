"""Where statements say that it happened: each distinct place of a month read once, and kept with its rule.

Here belongs how the gazetteer's answers become frames. How a place is read is for `casualty_pipeline.cleaning.places`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

import polars as pl

from casualty_pipeline.captures.in_force import in_force
from casualty_pipeline.cleaning.places import Gazetteer, place_key
from casualty_pipeline.warehouse import Reading

GIVEN = ("governorate", "place", "place_ar", "latitude", "longitude")
_READ = (
    *("place_text_id", "place_key", "keys"),
    *("governorate", "governorates", "district", "place_id", "name", "latitude", "longitude"),
    *("precision", "rule", "certainty", "reason", "proposals"),
)
_TAUGHT = """
    select d.subject, d.value from {in_force} as d
    where d.kind = 'place_alias' and d.value <> 'unsure' order by d.decided_at, d.decision_id
"""


def learnt_places(reading: Reading) -> dict[str, str]:
    """What decisions taught: `place_key` of a text -> p-code or place id. Of several on one text, the last decided."""
    rows = reading.connection.execute(_TAUGHT.format(in_force=in_force())).fetchall()
    return {place_key(subject.removeprefix("place:")): value for subject, value in rows}


def locate(given: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """Distinct places as given (columns `GIVEN`), those columns now `..._raw`, each with its reading and its `place_key`."""
    rows: list[dict[str, object]] = []
    for texts in given.iter_rows():
        read = gazetteer.locate(*texts)
        proposals = [asdict(proposal) for proposal in read.proposals]
        identity = json.dumps(texts, ensure_ascii=False).encode("utf-8", "surrogatepass")
        rows.append(
            {
                "place_text_id": hashlib.sha256(identity).hexdigest()[:12],
                "place_key": place_key(texts[1] if texts[1] is not None else texts[2] or "") or None,
                "keys": sorted({place_key(text) for text in texts[:3] if text} - {""}),
                "governorate": read.governorate,
                "governorates": list(read.governorates),
                "district": read.district,
                "place_id": read.place_id,
                "name": read.name,
                "latitude": read.latitude,
                "longitude": read.longitude,
                "precision": read.precision,
                "rule": read.rule,
                "certainty": read.certainty,
                "reason": read.reason,
                "proposals": json.dumps(proposals, ensure_ascii=False) if proposals else None,
            }
        )
    return pl.concat([given.rename({name: f"{name}_raw" for name in GIVEN}), _frame(rows)], how="horizontal")


def _frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    kinds: Mapping[str, pl.DataType] = {
        "keys": pl.List(pl.String()),
        "governorates": pl.List(pl.String()),
        "latitude": pl.Float64(),
        "longitude": pl.Float64(),
    }
    return pl.DataFrame(rows, schema={name: kinds.get(name, pl.String()) for name in _READ})


def places_by_month(counted: pl.DataFrame, located: pl.DataFrame) -> pl.DataFrame:
    """The rows of `cleaned.places`. `counted` has each place as given once a month, with the number of its statements."""
    stated = counted.filter(pl.any_horizontal(pl.col(GIVEN).is_not_null()))
    return (
        stated.rename({name: f"{name}_raw" for name in GIVEN})
        .join(located.drop("place_key"), on=[f"{name}_raw" for name in GIVEN], nulls_equal=True)
        .sort("documentation_month", "place_text_id")
    )
