"""How well free text is read: `python -m benchmarks.prose [--show N]`.

Reads the headlines that stand in the addresses of the sources of Airwars' export (EVALUATION_DATA) and sets the persons
read as killed beside the range of the incident that cites the source. A headline may speak of a day or a region, so "above
the maximum" is not yet wrong: `--show N` prints N of them to judge by hand. (Labelled sentences: tests/unit/captures.)
"""

import argparse
import csv
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from casualty_pipeline.captures.prose import Passage, ProseReader
from casualty_pipeline.profile import load_profile

DATA = Path(os.environ.get("EVALUATION_DATA", "../shared/data")) / "airwars-syria"
SHORTEST = 4  # words of a headline
_NO_HEADLINES = re.compile("facebook|twitter|youtu")
_OF_CASUALTIES = re.compile("kill|die|dead|injur|wound|civilian")


def headlines() -> Iterator[tuple[str, str, str]]:
    """(language, headline, incident) from the path of each source's address."""
    with (DATA / "sources.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            address = urlsplit(row["url"])
            if _NO_HEADLINES.search(address.netloc):
                continue
            for segment in unquote(address.path).split("/"):
                text = re.sub(r"[-_+]+", " ", re.sub(r"\.html?$", "", segment)).strip()
                if len(text.split()) < SHORTEST:
                    continue
                if re.search("[\u0621-\u064a]", text):
                    yield "ar", text, row["code"]
                elif _OF_CASUALTIES.search(text.lower()):
                    yield "en", text.lower(), row["code"]


def killed(passages: tuple[Passage, ...]) -> int:
    """Persons read as killed."""
    return sum(int(p.fields.get("persons", "1")) for p in passages if p.fields["status"] == "killed")


def main() -> None:
    """Print the counts, and headlines to judge by hand."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", type=int, default=0, help="print so many headlines that were read, drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    reader = ProseReader(load_profile("syria"))
    with (DATA / "incidents.csv").open(encoding="utf-8", newline="") as file:
        ranges = {
            r["code"]: (float(r["civ_killed_min"] or 0), float(r["civ_killed_max"] or 0)) for r in csv.DictReader(file)
        }
    cited: dict[tuple[str, str], list[str]] = {}
    for language, text, code in headlines():
        cited.setdefault((language, text), []).append(code)
    counts: Counter[tuple[str, str]] = Counter()
    read: list[tuple[str, tuple[Passage, ...]]] = []
    for (language, text), codes in sorted(cited.items()):
        passages = reader.read(text)
        counts[language, "headlines"] += 1
        if passages:
            counts[language, "read"] += 1
            read.append((text, passages))
        if persons := killed(passages):
            known = [ranges[code] for code in codes if code in ranges]
            counts[language, "killed read"] += 1
            counts[language, "within the range"] += any(least <= persons <= most for least, most in known)
            counts[language, "at most the maximum"] += any(persons <= most for _, most in known)
    for (language, what), number in sorted(counts.items()):
        print(f"{language} {what}: {number}")
    for text, passages in random.Random(arguments.seed).sample(read, min(arguments.show, len(read))):
        print(f"* {text}")
        for passage in passages:
            print(f"    {passage.statement} {dict(passage.fields)} {passage.rule}")


if __name__ == "__main__":
    main()
