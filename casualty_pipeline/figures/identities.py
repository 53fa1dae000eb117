"""What must hold between figures, declared once, and the search for what breaks it.

The rules work on any table in the figure schema, complete or not: with all terms given an equality is checked, with some
missing only what can't be whatever the missing ones are (parts that already exceed their whole). Sources: the sums and the
contradictions listed in the requirements (section 2, C1-C6).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.months import months_between
from casualty_pipeline.figures.registry import INCIDENT_POPULATION, is_part
from casualty_pipeline.profile import Profile

Table = Mapping[Address, float]


@dataclass(frozen=True)
class Contradiction:
    """One rule that figures break: which rule, which figures, and the sentence for an editor, by language."""

    rule: str
    figures: tuple[Address, ...]
    sentence: Mapping[str, str]


@dataclass(frozen=True)
class _Given:
    """The figures under examination, the rules of the profile, and whether no figure but zeros is left out."""

    table: Table
    profile: Profile
    complete: bool


def as_table(figures: pl.DataFrame) -> dict[Address, float]:
    """Figures of the figure schema, by address."""
    names = ("period", "population", "party", "category", "governorate", "demographic", "measure")
    columns = [figures[n].fill_null("") for n in names]
    return dict(zip(map(Address, *columns), figures["value"], strict=True))


def contradictions(figures: pl.DataFrame, profile: Profile, complete: bool) -> list[Contradiction]:
    """Every rule that the figures break, in a stable order.

    `complete`: the table leaves out no figure that isn't zero, as our own don't; then parts must add up to their whole.
    """
    given = _Given(as_table(figures), profile, complete)
    rules: Sequence[Callable[[_Given], Iterable[Contradiction]]] = (
        _parties,
        _categories,
        _governorates,
        _demographics,
        _massacres_within_tolls,
        _victims_per_massacre,
        _shares,
        _months,
    )
    found = [c for rule in rules for c in rule(given)]
    return sorted(found, key=lambda c: (c.rule, tuple(map(str, c.figures))))


def _number(value: float) -> str:
    return f"{value:g}" if value == int(value) else f"{value}"


def _shown(table: Table, addresses: Iterable[Address]) -> str:
    return ", ".join(f"{a} = {_number(table[a])}" for a in addresses)


def _sum_rule(rule: str, table: Table, whole: Address, parts: Sequence[Address], exact: bool) -> Iterator[Contradiction]:
    """Parts add up to the whole; where parts may be missing, they don't exceed it."""
    total, given = table[whole], sum(table[p] for p in parts)
    if (given != total) if exact else (given > total):
        relation, relation_ar = ("add up to", "مجموعها") if exact else ("already exceed it, with", "تتجاوزه، ومجموعها")
        yield Contradiction(
            rule,
            (whole, *parts),
            {
                "en": f"{whole} is {_number(total)}, but its parts {relation} {_number(given)}: {_shown(table, parts)}.",
                "ar": f"{whole} يساوي {_number(total)}، لكن أجزاءه {relation_ar} {_number(given)}: {_shown(table, parts)}.",
            },
        )


def _groups(table: Table, whole_of: Callable[[Address], Address | None]) -> Iterator[tuple[Address, list[Address]]]:
    """Each whole that is given, with the parts of it that are."""
    groups: dict[Address, list[Address]] = defaultdict(list)
    for address in table:
        whole = whole_of(address) if address.measure == "count" else None
        if whole is not None and whole in table:
            groups[whole].append(address)
    yield from ((whole, sorted(parts)) for whole, parts in groups.items())


def _parties(given: _Given) -> Iterator[Contradiction]:
    """Top-level parties and joint pairs partition the total; sub-parties lie within their parent."""
    table = given.table
    main = {p.id for p in given.profile.reported_parties() if "/" not in p.id}

    def whole_of(address: Address) -> Address | None:
        if not address.party or address.category or address.governorate:
            return None
        parent = address.party.split("/")[0]
        # A sub-party that is given without its parent is a part of the total, as published tables often have it.
        if address.party != parent and address._replace(party=parent) in table:
            return None
        return address._replace(party="") if parent in main or "+" in address.party else None

    for whole, parts in _groups(table, whole_of):
        yield from _sum_rule("parties", table, whole, parts, exact=given.complete)

    def parent_of(address: Address) -> Address | None:
        if "/" not in address.party or address.category or address.governorate:
            return None
        return address._replace(party=address.party.split("/")[0])

    for whole, parts in _groups(table, parent_of):
        yield from _sum_rule("sub-parties", table, whole, parts, exact=False)


def _categories(given: _Given) -> Iterator[Contradiction]:
    """Categories partition "other parties"."""
    table = given.table

    def whole_of(address: Address) -> Address | None:
        return address._replace(category="") if address.category and not address.governorate else None

    for whole, parts in _groups(table, whole_of):
        yield from _sum_rule("categories", table, whole, parts, exact=given.complete)


def _governorates(given: _Given) -> Iterator[Contradiction]:
    """Governorates where killed, unknown ones included, partition the total."""
    table = given.table

    def whole_of(address: Address) -> Address | None:
        return address._replace(governorate="") if address.governorate and not address.party else None

    for whole, parts in _groups(table, whole_of):
        yield from _sum_rule("governorates", table, whole, parts, exact=given.complete)


_PARTITIONS: Mapping[str, tuple[str, ...]] = {
    "all": ("man", "woman", "child", "unknown"),
    "child": ("child_male", "child_female"),
    "women_and_children": ("woman", "child"),
}


def _demographics(given: _Given) -> Iterator[Contradiction]:
    """Men, women, children and unknown are everybody; boys and girls are children, but for those of unknown sex."""
    table = given.table
    for whole in [a for a in table if a.demographic in _PARTITIONS and a.measure == "count"]:
        if whole.population == INCIDENT_POPULATION:
            continue
        names = _PARTITIONS[whole.demographic]
        parts = [a for a in (whole._replace(demographic=d) for d in names) if a in table]
        exact = len(parts) == len(names) and whole.demographic != "child"
        if parts:
            yield from _sum_rule("demographics", table, whole, parts, exact)


def _massacres_within_tolls(given: _Given) -> Iterator[Contradiction]:
    """The dead of massacres are among the civilians killed: by party, by category, by demographic (C1)."""
    table = given.table
    for part in [a for a in table if a.population == "massacre_victims" and a.measure == "count"]:
        for whole_demographic in ("all", "woman", "child", "child_male", "child_female", "man"):
            if not is_part(part.demographic, whole_demographic):
                continue
            whole = part._replace(population="civilians", demographic=whole_demographic)
            if whole in table and table[part] > table[whole]:
                yield Contradiction(
                    "massacres within tolls",
                    (part, whole),
                    {
                        "en": (
                            f"A part is larger than its whole: {_shown(table, [part])}, but {_shown(table, [whole])}. "
                            "The dead of massacres are among the civilians killed."
                        ),
                        "ar": (
                            f"الجزء أكبر من الكل: {_shown(table, [part])}، لكن {_shown(table, [whole])}. "
                            "ضحايا المجازر هم من بين المدنيين القتلى."
                        ),
                    },
                )


def _victims_per_massacre(given: _Given) -> Iterator[Contradiction]:
    """At least `massacre_threshold` dead in each massacre (R20)."""
    table = given.table
    least = given.profile.counting.massacre_threshold
    for massacres in [a for a in table if a.population == INCIDENT_POPULATION and a.measure == "count"]:
        victims = massacres._replace(population="massacre_victims")
        if victims in table and table[victims] < least * table[massacres]:
            yield Contradiction(
                "victims per massacre",
                (massacres, victims),
                {
                    "en": f"{_shown(table, [massacres])} needs {least} dead or more in each: {_shown(table, [victims])}.",
                    "ar": f"{_shown(table, [massacres])} يقتضي {least} قتلى أو أكثر في كل منها: {_shown(table, [victims])}.",
                },
            )


def _shares(given: _Given) -> Iterator[Contradiction]:
    """A percentage is what its counts give, rounded half up as declared."""
    table = given.table
    for share in [a for a in table if a.measure == "percent"]:
        part = share._replace(measure="count")
        whole = part._replace(party="", category="", demographic="all")
        by_party = share.party != ""
        scale = 10 ** given.profile.rounding["party_share" if by_party else "women_and_children_share"]
        if part not in table and share.demographic == "women_and_children":
            parts = [a for a in (part._replace(demographic=d) for d in ("woman", "child")) if a in table]
            count = sum(table[a] for a in parts) if len(parts) == 2 else None
        else:
            parts, count = [part], table.get(part)
        total = table.get(whole)
        if count is None or not total:
            continue
        expected = ((2 * 100 * scale * int(count) + int(total)) // (2 * int(total))) / scale
        if expected != table[share]:
            yield Contradiction(
                "percentages",
                (share, *parts, whole),
                {
                    "en": f"{_shown(table, [share])}, but {_shown(table, [*parts, whole])} give {_number(expected)}.",
                    "ar": f"{_shown(table, [share])}، لكن {_shown(table, [*parts, whole])} تعطي {_number(expected)}.",
                },
            )


def _months(given: _Given) -> Iterator[Contradiction]:
    """The figure of a range of months is the sum of its months'; or that of a shorter range and the months that follow it.

    With some of the months missing, it is not less than those that are given.
    """
    table = given.table
    ends = {a.period for a in table}
    ways: dict[str, list[list[str]]] = {}
    for period in [e for e in ends if ".." in e]:
        first, _, last = period.partition("..")
        months = months_between(first, last)
        shorter = f"{first}..{months[-2]}" if len(months) > 1 else ""
        ways[period] = [months, *([[shorter, last]] if shorter in ends else [])]
    for whole in [a for a in table if a.period in ways and a.measure == "count"]:
        for way in ways[whole.period]:
            parts = [a for a in (whole._replace(period=p) for p in way) if a in table]
            if parts:
                yield from _sum_rule("months", table, whole, parts, exact=len(parts) == len(way))
