"""Splink 5 on the records that `benchmarks.linkage_ours prepare` made ready, in an environment of its own.

    .venv-peers/bin/python benchmarks/linkage_splink.py peer.parquet FOLDER --threshold 0.5 --threshold 0.99

Writes `FOLDER/splink-THRESHOLD.parquet` (`record_id`, `victim_id`) and prints seconds, CPU seconds and peak memory as JSON.
Nothing of casualty_pipeline is imported here: Splink wants a DuckDB that the platform doesn't.

How Splink is set up, so that it isn't handicapped: names arrive in the normal forms that our linkage reads, as ASCII,
with their sounds for comparing Arabic with Latin; each part of a name is compared by itself, with term frequencies; columns
that hold next to nothing are left out of comparisons and rules. Thresholds are Splink's match probabilities; clusters are
its connected components. No rule meets brothers and sisters by their lineage, day and place: tried, it costs Splink more
precision than it brings recall.
"""

import argparse
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import splink.comparison_level_library as cll  # type: ignore[import-not-found]
import splink.comparison_library as cl  # type: ignore[import-not-found]
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

ROLES = ("given", "father", "grandfather", "family")
OFTEN = 0.05  # a column counts as there from this share of records on


@dataclass(frozen=True)
class Rules:
    """Columns that must be equal: for predicting, for training, and in pairs that surely match (which tell how likely two
    random records match). A rule is used where all of its columns are there.
    """

    blocking: tuple[tuple[str, ...], ...]
    training: tuple[tuple[str, ...], ...]
    sure: tuple[tuple[str, ...], ...]


# Between them, training rules leave every comparison free at least once, and brothers and sisters fill none of them.
CASUALTIES = Rules(
    blocking=(
        ("given_sk", "father_sk", "family_sk"),
        ("given_sk", "family_sk", "death"),
        ("given_sk", "family_sk", "governorate"),
        ("given_sk", "father_sk", "death"),
        ("given_sk", "death", "place"),
        ("birthday", "given_sk"),
        ("birthday", "family_sk"),
    ),
    training=(("given_sk", "family_sk", "father_sk"), ("given_sk", "father_sk", "death"), ("birthday", "sex")),
    sure=(
        ("given_sk", "father_sk", "family_sk", "death"),
        ("given_sk", "family_sk", "birthday"),
        ("given_sk", "father_sk", "grandfather_sk", "family_sk"),
    ),
)
# Where no date of death is told: lists of names with ages, and the benchmark files.
LISTS = Rules(
    blocking=(
        ("given_sk", "family_sk"),
        ("given_sk", "father_sk", "grandfather_sk"),
        ("birthday",),
        ("given_sk", "place"),
        ("family_sk", "place"),
    ),
    training=(("given_sk", "family_sk"), ("given_sk", "father_sk", "grandfather_sk"), ("birthday",)),
    sure=(("given_sk", "birthday"), ("family_sk", "birthday"), ("given_sk", "father_sk", "grandfather_sk", "family_sk")),
)
TRAINED_ON = 1e6  # pairs of each training


def comparison_of_name(role: str, scripts: int) -> cl.CustomComparison:
    """One part of a name: equal in one script; the same sounds across `scripts`, if there are two; similar; else."""
    ar, la, sk = f"{role}_ar", f"{role}_la", f"{role}_sk"
    equal = f"{ar}_l = {ar}_r or {la}_l = {la}_r"
    shared = f"(({ar}_l is not null and {ar}_r is not null) or ({la}_l is not null and {la}_r is not null))"

    def similar(least: float) -> str:
        return " or ".join(f"jaro_winkler_similarity({c}_l, {c}_r) >= {least}" for c in (ar, la))

    often = {"tf_adjustment_column": sk, "disable_tf_exact_match_detection": True}
    across = cll.CustomLevel(f"{sk}_l = {sk}_r and not {shared}", "sounds equal across scripts").configure(**often)
    return cl.CustomComparison(
        output_column_name=role,
        comparison_levels=[
            cll.CustomLevel(f"{sk}_l is null or {sk}_r is null", "missing").configure(is_null_level=True),
            cll.CustomLevel(equal, "equal").configure(**often),
            *([across] if scripts > 1 else []),
            cll.CustomLevel(similar(0.92), "nearly equal"),
            cll.CustomLevel(f"{similar(0.8)} or {sk}_l = {sk}_r", "similar"),
            cll.ElseLevel(),
        ],
    )


def comparison_of_birth() -> cl.CustomComparison:
    """Dates of birth, or the years that an age leaves."""
    apart = "greatest(birth_first_l - birth_last_r, birth_first_r - birth_last_l)"
    return cl.CustomComparison(
        output_column_name="birth",
        comparison_levels=[
            cll.CustomLevel("birth_first_l is null or birth_first_r is null", "missing").configure(is_null_level=True),
            cll.CustomLevel("birthday_l = birthday_r", "same day"),
            cll.CustomLevel(
                "(year(birthday_l) = year(birthday_r))::int + (month(birthday_l) = month(birthday_r))::int"
                " + (day(birthday_l) = day(birthday_r))::int = 2 or (year(birthday_l) = year(birthday_r)"
                " and day(birthday_l) = month(birthday_r) and month(birthday_l) = day(birthday_r))",
                "two of day, month and year, or swapped",
            ),
            cll.CustomLevel(f"birthday_l is null and birthday_r is null and {apart} <= 0", "ages overlap"),
            cll.CustomLevel(f"{apart} <= 0", "age and date agree"),
            cll.CustomLevel(f"{apart} <= 730", "within two years"),
            cll.ElseLevel(),
        ],
    )


def comparison_of_death() -> cl.CustomComparison:
    """Days between the dates of death."""
    return cl.CustomComparison(
        output_column_name="death",
        comparison_levels=[
            cll.CustomLevel("death_l is null or death_r is null", "missing").configure(is_null_level=True),
            cll.CustomLevel("death_l = death_r", "same day"),
            cll.CustomLevel("abs(death_l - death_r) <= 3", "three days"),
            cll.CustomLevel("abs(death_l - death_r) <= 31", "a month"),
            cll.ElseLevel(),
        ],
    )


def comparison_of_place() -> cl.CustomComparison:
    """The place, else the governorate."""
    return cl.CustomComparison(
        output_column_name="where",
        comparison_levels=[
            cll.CustomLevel("governorate_l is null or governorate_r is null", "missing").configure(is_null_level=True),
            cll.CustomLevel("place_l = place_r", "same place").configure(
                tf_adjustment_column="place", disable_tf_exact_match_detection=True
            ),
            cll.CustomLevel("governorate_l = governorate_r", "same governorate"),
            cll.ElseLevel(),
        ],
    )


@contextmanager
def timed(spent: dict[str, float], step: str) -> Iterator[None]:
    """Add the seconds of a step to `spent`."""
    started = time.perf_counter()
    yield
    spent[step] = round(time.perf_counter() - started, 2)


def link(records: Path, folder: Path, thresholds: list[float]) -> dict[str, float]:
    """Train, predict and cluster; the seconds of each, and the pairs."""
    spent: dict[str, float] = {}
    with timed(spent, "read"):
        connection = duckdb.connect()
        connection.execute("create table people as from read_parquet(?)", [str(records)])
        columns = [row[0] for row in connection.execute("describe people").fetchall()]
        counts = connection.execute(f"select {', '.join(f'count({c})' for c in columns)} from people").fetchall()[0]
        filled = {c for c, n in zip(columns, counts, strict=True) if n >= OFTEN * max(counts)}
    frame = DuckDBAPI(connection).register("people", dataset_display_name="people")

    def usable(given: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
        return [rule for rule in given if set(rule) <= filled]

    rules = CASUALTIES if "death" in filled else LISTS
    scripts = len({"given_ar", "given_la"} & filled)
    comparisons = [comparison_of_name(role, scripts) for role in ROLES if f"{role}_sk" in filled]
    comparisons += [cl.ExactMatch("sex")] if "sex" in filled else []
    comparisons += [comparison_of_birth()] if "birth_first" in filled else []
    comparisons += [comparison_of_death()] if "death" in filled else []
    comparisons += [comparison_of_place()] if "governorate" in filled else []
    linker = Linker(
        frame,
        SettingsCreator(
            link_type="dedupe_only",
            comparisons=comparisons,
            blocking_rules_to_generate_predictions=[block_on(*rule) for rule in usable(rules.blocking)],
            retain_matching_columns=False,
        ),
    )
    with timed(spent, "train"):
        linker.training.estimate_probability_two_random_records_match(
            [block_on(*rule) for rule in usable(rules.sure)], recall=0.7
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
        for rule in usable(rules.training):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule), max_pairs=TRAINED_ON)
    with timed(spent, "predict"):
        pairs = linker.inference.predict(threshold_match_probability=min(thresholds))
    with timed(spent, "cluster"):
        for threshold in thresholds:
            clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
                pairs, threshold_match_probability=threshold
            )
            out = folder / f"splink-{threshold}.parquet"
            connection.execute(
                f"copy (select unique_id as record_id, cluster_id as victim_id from {clusters.physical_name})"
                f" to '{out}' (format parquet)"
            )
    counted = connection.execute(f"select count(*) from {pairs.physical_name}").fetchall()
    return spent | {"pairs": counted[0][0]}


def main() -> None:
    """Run, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threshold", type=float, action="append")
    parser.add_argument("--verbose", action="store_true", help="Splink's own messages, on standard error")
    given = parser.parse_args()
    if not given.verbose:
        logging.disable(logging.WARNING)
    started, before = time.perf_counter(), time.process_time()
    spent = link(given.records, given.folder, given.threshold or [0.5])
    seconds, cpu = time.perf_counter() - started, time.process_time() - before
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak, **spent}))


if __name__ == "__main__":
    main()
