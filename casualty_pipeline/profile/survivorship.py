"""How a profile declares which value of a field survives where a victim's records say different things.

What belongs here: reading and validating the declaration. What doesn't: applying it (`sql/deduplicated/victim_values.sql`).
Source of the rule: requirements, section 4 (a declared rule for disagreeing sources).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What a record may say of a victim, each with one value that survives. In the order of the columns of deduplicated.victims.
FIELDS = (
    *("name_ar", "name_en", "persons", "sex", "age", "age_group", "status", "civilian_status", "governorate"),
    *("origin_governorate", "place", "place_ar", "death", "mechanism", "circumstance", "special_group", "affiliation"),
    "occupation",
)
# In the order of the list of scores in `sql/deduplicated/victim_values.sql`.
CRITERIA = ("sources", "rank", "precision", "preferred", "earliest")
_LISTED = {"rank": "ranks", "preferred": "preferred"}  # criteria that ask for a list of the field, and where it stands


@dataclass(frozen=True)
class Survivorship:
    """Per field the criteria in the order in which they are asked; the first that tells two values apart decides.

    `ranks`: per field the ids of sources, the best first. `preferred`: per field its values, the best first.
    """

    criteria: Mapping[str, tuple[str, ...]]
    ranks: Mapping[str, tuple[str, ...]]
    preferred: Mapping[str, tuple[str, ...]]


def read_survivorship(declared: Mapping[str, Any]) -> Survivorship:
    """The table `survivorship` of profile.toml. Raises KeyError (a field without a rule), ValueError."""
    return Survivorship(
        criteria={field: _strings(field, declared[field]) for field in FIELDS},
        ranks=_lists("ranks", declared),
        preferred=_lists("preferred", declared),
    )


def wrong_rules(rules: Survivorship, declared: Mapping[str, Any]) -> list[str]:
    """What doesn't fit together: each with what was found and what was expected."""
    wrong = [
        f"survivorship: unknown field {name!r}; expected one of {', '.join(FIELDS)}"
        for name in sorted(set(declared) - {*FIELDS, *_LISTED.values()})
    ]
    for field, criteria in rules.criteria.items():
        wrong += [
            f"survivorship.{field}: {criterion!r}; expected one of {', '.join(CRITERIA)}"
            for criterion in criteria
            if criterion not in CRITERIA
        ]
        if len(set(criteria)) < len(criteria):
            wrong.append(f"survivorship.{field}: a criterion stands twice; expected each once")
        if criteria[-1:] != ("earliest",):
            wrong.append(f"survivorship.{field}: expected 'earliest' at the end, which always decides")
    for criterion, table in _LISTED.items():
        lists: Mapping[str, tuple[str, ...]] = getattr(rules, table)
        asking = {field for field, criteria in rules.criteria.items() if criterion in criteria}
        wrong += [
            f"survivorship.{table}: {f!r} has a list, and no rule that asks for it" for f in sorted(set(lists) - asking)
        ]
        wrong += [
            f"survivorship.{f}: asks for {criterion}; expected a list at {table}.{f}" for f in sorted(asking - set(lists))
        ]
        wrong += [f"survivorship.{table}.{f}: a value stands twice" for f, v in lists.items() if len(set(v)) < len(v)]
    return wrong


def _lists(table: str, declared: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    lists = declared.get(table, {})
    if not isinstance(lists, Mapping):
        raise ValueError(f"survivorship.{table} is {lists!r}; expected a table with a list per field")
    return {field: _strings(f"{table}.{field}", given) for field, given in lists.items()}


def _strings(name: str, given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not given or not all(isinstance(g, str) for g in given):
        raise ValueError(f"survivorship.{name} is {given!r}; expected a list of words")
    return tuple(given)
