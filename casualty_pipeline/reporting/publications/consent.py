"""What those who gave statements allow: which items are confidential (R29), and whether a name may leave the house.

The rules are declared here and in docs/editions.md, once. Both stand in `extra` of a statement: `confidential`, the list of
items of the victim form; and `consent`, a word of `CONSENT`: a column of that name, or among `other` of the form.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# What counts as consent to a name in the partner bundle. Anything else that stands there is no consent.
CONSENT = frozenset({"partner", "partners", "public", "yes", "نعم", "للشركاء", "للعموم"})
NAMES = ("name_ar", "name_en")


@dataclass(frozen=True)
class Consent:
    """`named`: a name may be given to partners. `confidential`: items that somebody marked so, by field of the form."""

    named: bool
    confidential: frozenset[str]


def consent_of(extras: Iterable[str | None]) -> Consent:
    """What the statements on one victim allow together, from their `extra`.

    One word of consent is enough, and one refusal is too: a word that is none, or a name marked confidential by anybody.
    """
    allowed, refused, confidential = False, False, set[str]()
    for extra in extras:
        given = said_beside(extra)
        marked = given.get("confidential", [])
        confidential |= {
            str(item) for item in (marked if isinstance(marked, list) else str(marked).replace(",", " ").split())
        }
        other = given.get("other")
        for place in (given, other if isinstance(other, dict) else {}):
            word = place.get("consent")
            if word is not None and str(word).strip():
                agreed = str(word).strip().casefold() in CONSENT
                allowed, refused = allowed or agreed, refused or not agreed
    return Consent(allowed and not refused and confidential.isdisjoint(NAMES), frozenset(confidential))


def said_beside(extra: str | None) -> dict[str, Any]:
    """What stands in `extra` of a statement: fields that captures.records has no column for; none where it is no object."""
    try:
        given = json.loads(extra) if extra else {}
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}
