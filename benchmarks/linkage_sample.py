"""How right the linkage is on the sample's own captures: sources in two scripts, misspellings, siblings, namesakes.

    python -m benchmarks.linkage_sample [--seed N ...]

Each seed makes a home, runs its three months, and scores victims against the persons whom the sample's statements
were made of, decisions of the sample included.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

from casualty_pipeline.home import Home
from casualty_pipeline.linkage.evaluation import score
from casualty_pipeline.sample.generate import generate, write_sample
from casualty_pipeline.warehouse import Warehouse


def scored(seed: int) -> dict[str, object]:
    """Scores of one sample."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.prepare()
        write_sample(home.path, home.profile, seed)
        run = [sys.executable, "-m", "casualty_pipeline.cli", "run", "--home", folder, "--month", "2020-01"]
        subprocess.run([*run, "--through", "2020-03"], check=True, capture_output=True)
        said = generate(home.profile, seed).statements
        truth = pl.DataFrame(
            [(s.source, s.key, s.victim) for s in said if s.victim and s.statement != "incident"],
            schema=["source", "source_key", "entity"],
            orient="row",
        ).unique(maintain_order=True)
        with Warehouse(home.warehouse).reading() as reading:
            found = reading.frame("select record_id, victim_id from deduplicated.people where victim_id is not null")
            keys = reading.frame("select record_id, source, source_key from cleaned.records")
    entities = truth.join(keys, on=["source", "source_key"]).select("record_id", "entity")
    return {"seed": seed, **score(entities, found)}


def main() -> None:
    """Print the scores of each seed as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, nargs="+", default=[2020])
    for seed in parser.parse_args().seed:
        print(json.dumps(scored(seed)), flush=True)


if __name__ == "__main__":
    main()
