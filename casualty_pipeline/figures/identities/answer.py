"""What an audit says, as text for a person and as JSON for a machine. What belongs here: the form; no findings."""

import json
from collections.abc import Iterator
from typing import Any

from casualty_pipeline.figures.identities.audit import Audit
from casualty_pipeline.figures.identities.derived import Derived
from casualty_pipeline.figures.identities.network import Given
from casualty_pipeline.figures.identities.telling import in_words
from casualty_pipeline.profile import Profile

SHOWN = 25


def as_json(found: Audit) -> str:
    """Everything that was found, figures by address."""
    return json.dumps(
        {
            "figures": len(found.figures),
            "consistent": not found.contradictions,
            "settled": found.settled,
            "contradictions": [
                {
                    "identities": list(c.identities),
                    "figures": [_figure(g) for g in c.stated],
                    "sentence": dict(c.sentence),
                    "could_be_the_only_wrong_one": [
                        {"figure": str(x.address), "least": x.least, "most": x.most} for x in corrections
                    ],
                }
                for c, corrections in zip(found.contradictions, found.corrections, strict=True)
            ],
            "derived": [
                {
                    "figure": str(d.address),
                    "least": d.least,
                    "most": d.most,
                    "from": [str(found.rest[n].address) for n in d.because],
                }
                for d in found.derived
            ],
            "unjudged": [_figure(g) for g in found.unjudged],
        },
        ensure_ascii=False,
        indent=1,
    )


def as_text(found: Audit, profile: Profile, language: str) -> str:
    """The contradictions, each with its figures; then what follows from the others."""
    return "\n".join(_lines(found, profile, language)) + "\n"


def _figure(given: Given) -> dict[str, Any]:
    return {"figure": str(given.address), "value": given.shown, "where": given.where}


def _lines(found: Audit, profile: Profile, language: str) -> Iterator[str]:
    count = len(found.contradictions)
    yield f"{len(found.figures)} figures, {count} contradiction{'' if count == 1 else 's'}"
    for number, (wrong, corrections) in enumerate(zip(found.contradictions, found.corrections, strict=True), 1):
        yield ""
        yield f"{number}. {wrong.sentence[language]}"
        for given in wrong.stated:
            yield (
                f"   {given.address} = {given.shown}  ({given.where})"
                if given.where
                else f"   {given.address} = {given.shown}"
            )
        yield f"   identities: {', '.join(wrong.identities)}"
        for x in corrections:
            yield f"   if of these only {x.address} is wrong: {_range(x.least, x.most)}"
    for title, chosen in (
        ("What follows from the others", [d for d in found.derived if d.least == d.most > 0]),
        ("Zeros that nobody printed", [d for d in found.derived if d.most == 0]),
        ("What a missing total can be", [d for d in found.derived if d.least < d.most and _is_total(d)]),
    ):
        if chosen:
            yield ""
            yield f"{title}:"
            for d in chosen[:SHOWN]:
                yield f"   {d.address}: {_range(d.least, d.most)}  ({in_words(d.address, profile, language)})"
            if len(chosen) > SHOWN:
                yield f"   and {len(chosen) - SHOWN} more (--format json has all)"
    for given in found.unjudged:
        yield ""
        yield f"Not judged, since it could be a share of its party's or of all: {given.address} = {given.shown}"
    if not found.settled:
        yield ""
        yield "Not proved either way: whether the figures outside the contradictions can all be right."


def _is_total(d: Derived) -> bool:
    address = d.address
    return not (address.party or address.category or address.governorate) or address.demographic == "all"


def _range(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"
