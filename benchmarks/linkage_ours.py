"""Our side of `benchmarks.linkage`: everything that it calls in casualty_pipeline stands here.

    python -m benchmarks.linkage_ours STEP PATHS...    # each step in a process of its own, so that its peak memory is known

Records as linkage gets them (the columns of cleaned.records) lie in `FOLDER/records.parquet`, the same for the peer in
`FOLDER/peer.parquet`, the truth in `FOLDER/truth.parquet`.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from casualty_pipeline.cleaning.names import folded, name_parts, skeleton
from casualty_pipeline.home import Home
from casualty_pipeline.linkage import forms
from casualty_pipeline.linkage.evaluation import PROVISIONAL, as_records, score
from casualty_pipeline.linkage.model import load
from casualty_pipeline.linkage.questions import pair_questions
from casualty_pipeline.linkage.update import Constraints, links, update
from casualty_pipeline.warehouse import Warehouse

_ROLES = ("given", "father", "grandfather", "family")


def run_ours(records: Path, out: Path) -> None:
    """Link all of `records` (columns of cleaned.records) in a warehouse beside `out`.

    `out` gets `record_id` and `victim_id`.
    """
    out.with_suffix(".duckdb").unlink(missing_ok=True)
    _link(pl.read_parquet(records), out)


def add_ours(added: Path, out: Path) -> None:
    """Add `added` to what `run_ours` linked into the warehouse beside `out`, with the questions for people, and write the
    victims of all.
    """
    _link(pl.read_parquet(added), out, ask=True)


def _link(records: pl.DataFrame, out: Path, *, ask: bool = False) -> None:
    model = load()
    with Warehouse(out.with_suffix(".duckdb")).writing() as write:
        update(write, records, (), Constraints(), model)
        if ask:
            pair_questions(write, model)
        links(write).select("record_id", "victim_id").write_parquet(out)


def prepare(raw: Path, folder: Path) -> None:
    """Labelled records (text, with `entity_id` and perhaps `source`) made ready for both sides."""
    labelled = pl.read_parquet(raw)
    records = as_records(labelled, Home(folder).profile, "source" if "source" in labelled.columns else None)
    records.write_parquet(folder / "records.parquet")
    truth = labelled.filter(pl.col("entity_id").is_not_null() & (pl.col("entity_id") != ""))
    if PROVISIONAL in truth.columns:
        truth = truth.filter(pl.col(PROVISIONAL).fill_null("0") != "1")
    truth.select("record_id", entity="entity_id").write_parquet(folder / "truth.parquet")
    _for_peer(labelled, records).write_parquet(folder / "peer.parquet")


def _for_peer(labelled: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """What Splink compares, in the same normal forms as ours.

    Per script: `<part>_ar` (ASCII, one character per letter) and `<part>_la`, of given, father, grandfather and family
    name; `<part>_sk`: its sounds, comparable across scripts. The article is off. `birthday`: the date of birth where the day
    is known; else the earliest and latest are.
    """
    text = {c: pl.col(c) if c in labelled.columns else pl.lit(None, pl.String) for c in ("name_ar", "name_en")}
    parts = labelled.select(parts=name_parts(text["name_ar"], text["name_en"])).unnest("parts")
    bare = [
        *(pl.col(f"{role}_ar").str.replace(r"^ا?ال(\p{L}{2,})$", "$1").alias(f"{role}_ar") for role in _ROLES),
        *(pl.col(f"{role}_en").str.replace(r"^al([^aeiou\s][a-z]{2,})$", "$1").alias(f"{role}_la") for role in _ROLES),
    ]
    names = parts.select(bare).with_columns(
        skeleton(pl.coalesce(f"{role}_ar", f"{role}_la")).alias(f"{role}_sk") for role in _ROLES
    )
    # Our reading of ages as intervals of birth, for both sides.
    births = forms.people(records).select("record_id", "birth_first", "birth_last", "birth_stated")
    told = records.drop("birth_first", "birth_last").join(births, on="record_id", maintain_order="left")
    return pl.concat(
        [
            told.select(
                unique_id="record_id",
                sex="sex",
                birth_first="birth_first",
                birth_last="birth_last",
                birthday=pl.when(pl.col("birth_stated") & (pl.col("birth_first") == pl.col("birth_last"))).then(
                    "birth_first"
                ),
                death="death_first",
                place="place_key",
                governorate="governorate",
            ),
            names.with_columns(folded(pl.col(f"{role}_ar")) for role in _ROLES),
        ],
        how="horizontal",
    )


def split(records: Path, known: Path, added: Path, count: Path) -> None:
    """The last `count` records to be documented into `added`, those before into `known`."""
    frame = pl.read_parquet(records).sort("known_at", "record_id")
    rows = int(str(count))
    frame.head(frame.height - rows).write_parquet(known)
    frame.tail(rows).write_parquet(added)


def scored(truth: Path, found: Path) -> None:
    """Print the scores of a clustering (`record_id`, `victim_id`)."""
    print(json.dumps(score(pl.read_parquet(truth), pl.read_parquet(found))))


STEPS: dict[str, Callable[..., None]] = {"link": run_ours, "add": add_ours, "prepare": prepare, "split": split}


def main() -> None:
    """Run a step and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=[*STEPS, "score"])
    parser.add_argument("paths", nargs="+", type=Path)
    given = parser.parse_args()
    if given.step == "score":
        scored(*given.paths)
        return
    started, before = time.perf_counter(), time.process_time()
    STEPS[given.step](*given.paths)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - started,
                "cpu": time.process_time() - before,
                "peak_mb": peak_megabytes(),
            }
        )
    )


def peak_megabytes() -> float:
    """The peak resident memory of this process itself; getrusage would tell its parent's where that was larger."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main()
