"""Published figures, read and completed: how many dead each party, category, massacre and special group must have.

What belongs here: arithmetic on marginals. What doesn't: people, places, dates. Where a report leaves something open
(the sex of children, the categories of January) it is apportioned by the weights of `data/scenario.toml`; where two
published figures contradict each other (C1) the whole wins over its part.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.sample.scenario import Scenario

MONTHS = ("2020-01", "2020-02", "2020-03")


class Mix(NamedTuple):
    """Numbers of dead by demographic. Women are adult females (R2)."""

    men: int = 0
    women: int = 0
    boys: int = 0
    girls: int = 0

    @property
    def total(self) -> int:
        """All the dead."""
        return sum(self)

    @property
    def children(self) -> int:
        """Boys and girls."""
        return self.boys + self.girls

    def plus(self, other: "Mix") -> "Mix":
        """The two together."""
        return Mix(*(a + b for a, b in zip(self, other, strict=True)))

    def minus(self, other: "Mix") -> "Mix":
        """What is left. Raises CasualtyError when the other isn't inside this one."""
        left = Mix(*(a - b for a, b in zip(self, other, strict=True)))
        if min(left) < 0:
            raise CasualtyError(f"the published figures can't be completed: {other} is not part of {self}")
        return left


@dataclass(frozen=True)
class SpecialDead:
    """Members of a special group among the dead of a party or category."""

    group: str
    kind: str
    persons: int


@dataclass(frozen=True)
class MonthPlan:
    """What one month's world must add up to. `kind` is a party id, or `other/CATEGORY`."""

    month: str
    civilians: Mapping[str, Mix]
    massacres: Mapping[str, tuple[Mix, ...]]
    torture: Mapping[str, int]
    special: tuple[SpecialDead, ...]


class _Published:
    """Counts of one published month; a figure that wasn't published is None."""

    def __init__(self, profile: Profile, month: str) -> None:
        path = profile.published(month)
        if path is None:
            raise CasualtyError(
                f"profile {profile.id!r} ships no published figures for {month} (expected published/{month}.csv): "
                "the sample is generated from them, so it can be written for the profile 'syria' only"
            )
        self.path = path
        self._counts: dict[tuple[str, str, str, str], int] = {}
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["period"] == month and row["measure"] == "count":
                    key = (row["population"], row["party"], row["category"], row["demographic"])
                    self._counts[key] = int(row["value"])

    def get(self, population: str, kind: str = "", demographic: str = "all") -> int | None:
        party, category = _split(kind)
        return self._counts.get((population, party, category, demographic))

    def count(self, population: str, kind: str = "", demographic: str = "all") -> int:
        return self.get(population, kind, demographic) or 0

    def kinds(self, population: str) -> dict[str, int]:
        """Dead by party; by category where the party's are given."""
        rows = {(p, c): n for (pop, p, c, d), n in self._counts.items() if pop == population and p and d == "all"}
        detailed = {p for p, c in rows if c}
        return {f"{p}/{c}" if c else p: n for (p, c), n in rows.items() if c or p not in detailed}


def _split(kind: str) -> tuple[str, str]:
    """Party and category of a kind: only "other" has categories; `extremist_islamist/hts` is a party."""
    party, _, category = kind.partition("/")
    return (party, category) if party == "other" else (kind, "")


def apportion(total: int, weights: Mapping[str, int], caps: Mapping[str, int] | None = None) -> dict[str, int]:
    """Divide `total` by weight into whole numbers, none above its cap, by Webster's method (Sainte-Laguë).

    Raises CasualtyError when the caps leave no room for the total.
    """
    given = dict.fromkeys(weights, 0)
    order = {key: place for place, key in enumerate(weights)}
    for _ in range(total):
        room = [key for key in weights if weights[key] > 0 and (caps is None or given[key] < caps[key])]
        if not room:
            raise CasualtyError(f"the published figures can't be completed: {total} don't fit into {dict(caps or {})}")
        chosen = max(room, key=lambda key: (Fraction(weights[key], 2 * given[key] + 1), -order[key]))
        given[chosen] += 1
    return given


def plan_month(profile: Profile, month: str, scenario: Scenario) -> MonthPlan:
    """Read one published month and complete it. Raises CasualtyError when parties don't add up to the printed total."""
    published = _Published(profile, month)
    totals, children, women = _tolls(published, scenario)
    if sum(totals.values()) != published.count("civilians"):
        printed = published.count("civilians")
        raise CasualtyError(f"{published.path}: the parties add up to {sum(totals.values())}, the total says {printed}")
    massacres = _massacres(published, scenario, totals, children, women)
    civilians = {}
    for kind, total in totals.items():
        inside = _sum(massacres.get(kind, ()))
        rest = children[kind] - inside.children
        girls = inside.girls + rest * 2 // 5
        civilians[kind] = Mix(total - children[kind] - women[kind], women[kind], children[kind] - girls, girls)
        civilians[kind].minus(inside)
    return MonthPlan(month, civilians, massacres, _torture(published), _special(published, scenario, totals))


def _sum(mixes: tuple[Mix, ...]) -> Mix:
    whole = Mix()
    for mix in mixes:
        whole = whole.plus(mix)
    return whole


def _tolls(published: _Published, scenario: Scenario) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Dead, children and women by kind; "other" is divided into categories where the report doesn't."""
    totals, children, women = {}, {}, {}
    for kind, total in published.kinds("civilians").items():
        minors = published.count("civilians", kind, "child")
        adults = published.count("civilians", kind, "woman")
        if kind != "other":
            totals[kind], children[kind], women[kind] = total, minors, adults
            continue
        parts = apportion(total, scenario.other_categories)
        minor_parts = apportion(minors, parts, {c: n // 2 if c != "drowning" else n for c, n in parts.items()})
        adult_parts = apportion(adults, parts, {c: (n - minor_parts[c]) // 2 for c, n in parts.items()})
        for category, n in parts.items():
            totals[f"other/{category}"] = n
            children[f"other/{category}"] = minor_parts[category]
            women[f"other/{category}"] = adult_parts[category]
    return totals, children, women


def _massacres(
    published: _Published,
    scenario: Scenario,
    totals: Mapping[str, int],
    children: Mapping[str, int],
    women: Mapping[str, int],
) -> dict[str, tuple[Mix, ...]]:
    numbers = {
        f"other/{scenario.massacre_category}" if kind == "other" else kind: n
        for kind, n in published.kinds("massacres").items()
    }
    open_number = published.count("massacres") - sum(numbers.values())
    # A kind can hold a massacre only where enough dead are left for it and for ordinary incidents beside it.
    room = {
        kind: n // 12
        for kind, n in totals.items()
        if kind not in numbers and kind.partition("/")[2] in {"", scenario.massacre_category}
    }
    for kind, n in apportion(open_number, {k: totals[k] for k in room}, room).items():
        if n:
            numbers[kind] = n
    sizes = iter(scenario.massacre_sizes * (1 + sum(numbers.values())))
    return {
        kind: _published_massacres(published, kind, n, total=totals[kind], minors=children[kind], adults=women[kind])
        if published.get("massacre_victims", kind) is not None
        else tuple(_open_massacre(next(sizes), totals[kind], children[kind], women[kind]) for _ in range(n))
        for kind, n in numbers.items()
    }


def _published_massacres(
    published: _Published, kind: str, number: int, *, total: int, minors: int, adults: int
) -> tuple[Mix, ...]:
    """Massacres of a published number of dead. A published part that is larger than its whole is cut to it (C1)."""

    def part(demographic: str, whole: int) -> int:
        return min(published.count("massacre_victims", kind, demographic), whole)

    dead, women = part("all", total), part("woman", adults)
    girls = part("child_female", minors)
    # Children of unstated sex are boys: in March the printed 11 boys and 4 girls leave no other choice.
    stated = max(published.count("massacre_victims", kind, "child"), published.count("massacre_victims", kind, "child_male"))
    boys = min(max(stated - girls, 0), minors - girls) if stated else 0
    if dead < 5 * number:
        raise CasualtyError(f"{published.path}: {number} massacres by {kind} need {5 * number} dead, there are {dead}")
    first = dead - 5 * (number - 1)
    later_women = [women * 5 // dead] * (number - 1)
    first_women = women - sum(later_women)
    mixes = [Mix(first - first_women - boys - girls, first_women, boys, girls)]
    mixes += [Mix(5 - w, w) for w in later_women]
    return tuple(mixes)


def _open_massacre(size: int, total: int, minors: int, adults: int) -> Mix:
    """A massacre of which no report says who died: children and women in the proportion of the party's toll."""
    women, children = size * adults // total, size * minors // total
    girls = children // 2
    return Mix(size - women - children, women, children - girls, girls)


def _torture(published: _Published) -> dict[str, int]:
    parties = published.kinds("torture")
    if sum(parties.values()) != published.count("torture"):
        raise CasualtyError(f"{published.path}: deaths due to torture by party don't add up to the total")
    return parties


def _special(published: _Published, scenario: Scenario, totals: Mapping[str, int]) -> tuple[SpecialDead, ...]:
    dead = []
    for group in ("medical", "media", "civil_defense", "relief"):
        kinds = published.kinds(group)
        unlisted = published.count(group) - sum(kinds.values())
        if unlisted > 0:
            largest = max((k for k in totals if k not in kinds and not k.startswith("other")), key=lambda k: totals[k])
            kinds[largest] = unlisted
        for kind, persons in kinds.items():
            if persons:
                named = f"other/{scenario.special_category}" if kind == "other" else kind
                dead.append(SpecialDead(group, named, persons))
    return tuple(dead)
