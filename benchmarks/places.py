"""Governorates of Airwars' incidents, read by the program, beside a sample that people read by hand.

    python -m benchmarks.places            the sample: precision, recall, the commonest failures
    python -m benchmarks.places --speed    100,000 distinct places
    python -m benchmarks.places --draw 7   a fresh sample to label: references, one per line, none of them in the sample

Reads the incidents through EVALUATION_DATA. `benchmarks/data/README.md` says how the sample was made. No names: places only.
"""

import argparse
import csv
import math
import os
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from casualty_pipeline.captures.sources import load_source
from casualty_pipeline.cleaning.places import Gazetteer, PlaceReading
from casualty_pipeline.home import Home
from casualty_pipeline.profile import load_profile

SAMPLES = tuple(sorted((Path(__file__).parent / "data").glob("airwars-governorates*.csv")))
FIELDS = ("governorate", "place", "place_ar", "latitude", "longitude")


def incidents() -> Mapping[str, Mapping[str, str]]:
    """Airwars' incidents by reference, mapped as the profile's declaration of the source says."""
    file = Path(os.environ.get("EVALUATION_DATA", "../shared/data")) / "airwars-syria" / "incidents.csv"
    table = load_source(Home(Path(".casualty")), "airwars").tables_for(file.name)[0]
    with file.open(encoding="utf-8", newline="") as rows:
        return {
            row["code"]: {f: next((row[c] for c in table.columns[f] if row[c]), "") for f in FIELDS}
            for row in csv.DictReader(rows)
        }


def wilson(right: int, of: int) -> tuple[float, float]:
    """The Wilson score interval of a share, 95 %."""
    if not of:
        return 0.0, 1.0
    z, share = 1.959964, right / of
    middle = share + z * z / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)


def _share(name: str, right: int, of: int) -> str:
    low, high = wilson(right, of)
    return f"| {name} | {right} of {of} | {right / of:.4f} | {low:.4f} to {high:.4f} |"


def score(sample: Path, known: Mapping[str, Mapping[str, str]], locate: Mapping[str, PlaceReading]) -> Iterable[str]:
    """Lines of Markdown: what the governorate field alone gives, then everything together, then without what is doubted."""
    with sample.open(encoding="utf-8", newline="") as rows:
        truth = {row["incident_ref"]: row["pcode"] for row in csv.DictReader(rows)}
    gazetteer = Gazetteer(load_profile("syria"))
    alone = {ref: gazetteer.read(known[ref]["governorate"])[0] for ref in truth if known[ref]["governorate"]}
    together = {ref: locate[ref].governorate for ref in truth}
    doubted = {ref for ref in truth if together[ref] and len(locate[ref].governorates) > 1}
    undoubted = {ref: None if ref in doubted else pcode for ref, pcode in together.items()}
    asked = sum(1 for pcode in truth.values() if pcode)
    yield f"\n**{sample.name}**: {len(truth)} incidents, {asked} with a governorate; {len(doubted)} readings are doubted\n"
    yield "| | | share | 95 % |\n|---|---|---|---|"
    for name, read in (("field alone", alone), ("together", together), ("together, not doubted", undoubted)):
        given = [ref for ref in truth if read.get(ref)]
        right = sum(1 for ref in given if read[ref] == truth[ref])
        yield _share(f"{name}: precision", right, len(given))
        yield _share(f"{name}: recall", right, asked)
    wrong = Counter(
        f"{truth[ref] or 'nowhere'} read as {together[ref] or 'nothing'} ({locate[ref].rule})"
        for ref in truth
        if (together[ref] or "") != truth[ref]
    )
    yield "\nFailures: " + ("; ".join(f"{n} x {what}" for what, n in sorted(wrong.items())) or "none")


def speed(known: Mapping[str, Mapping[str, str]]) -> str:
    """CPU seconds for 100,000 distinct places, half of them misspelt so that nothing matches and proposals are sought."""
    rows = [tuple(row.values()) for row in known.values()]
    distinct = [
        (
            g,
            f"{place[:-2]}{number:05d}" if number % 2 else f"{place}, {number}",
            place_ar if number % 4 else "",
            latitude,
            longitude,
        )
        for number in range(100_000)
        for g, place, place_ar, latitude, longitude in (rows[number % len(rows)],)
    ]
    gazetteer = Gazetteer(load_profile("syria"))
    started = time.process_time()
    proposals = sum(len(gazetteer.locate(*row).proposals) for row in distinct)
    return f"{len(distinct):,} distinct places in {time.process_time() - started:.1f} CPU seconds, {proposals:,} proposals"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--draw", type=int, metavar="SEED")
    wanted = parser.parse_args()
    known = incidents()
    if wanted.draw is not None:
        taken = {line.split(",")[0] for sample in SAMPLES for line in sample.read_text(encoding="utf-8").splitlines()}
        print(*sorted(random.Random(wanted.draw).sample(sorted(set(known) - taken), 200)), sep="\n")
        return
    if wanted.speed:
        print(speed(known))
        return
    gazetteer = Gazetteer(load_profile("syria"))
    readings = {ref: gazetteer.locate(*row.values()) for ref, row in sorted(known.items())}
    for column in ("rule", "certainty", "precision"):
        counts = Counter(getattr(reading, column) for reading in readings.values())
        print(f"{column}: " + ", ".join(f"{value} {n:,}" for value, n in counts.most_common()))
    for sample in SAMPLES:
        print("\n".join(score(sample, known, readings)))


if __name__ == "__main__":
    main()
