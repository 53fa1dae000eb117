"""The identities on a complete table, by plain sums: every term is given, so nothing has to be reasoned out.

What belongs here: the short way for our own figures, thousands a month; and which parts a complete table lists. What
doesn't: tables that leave figures out (`network` and on).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.identities.declared import Identity, identities, percentage_of
from casualty_pipeline.figures.identities.network import Given, Listing
from casualty_pipeline.figures.identities.periods import Span, span
from casualty_pipeline.figures.identities.places import parent_party
from casualty_pipeline.figures.registry import INCIDENT_POPULATION, is_part
from casualty_pipeline.profile import Profile

Table = Mapping[Address, Given]
Broken = tuple[str, tuple[Address, ...]]
_DEMOGRAPHICS: Mapping[str, tuple[str, ...]] = {
    "all": ("man", "woman", "child", "unknown"),
    "child": ("child_male", "child_female"),
    "women_and_children": ("woman", "child"),
}


def broken_sums(table: Table, profile: Profile) -> Iterator[Broken]:
    """Every identity that a complete table breaks: its name and the figures, whole or share first."""
    kinds: Mapping[str, Callable[[Table, Profile, Identity], Iterable[Broken]]] = {
        "partition": _partition,
        "within": _within,
        "times": _times,
        "needs": _needs,
        "percent": _percent,
    }
    for rule in identities(profile):
        if rule.own_tables and rule.kind in kinds:
            yield from kinds[rule.kind](table, profile, rule)


def listings(addresses: Sequence[Address], profile: Profile) -> list[Listing]:
    """In a complete table, the parts that each whole is the sum of, by party, category and governorate.

    A part counts as listed also where only something beneath it is given: the girls among its children, a category of it.
    """
    counts = sorted(a for a in addresses if a.measure == "count")
    given, listed = set(counts), []
    for name in ("parties", "categories", "governorates"):
        for whole in {w for a in counts if (w := _whole(a, given, profile, name)) in given}:
            beneath = [a for a in counts if a.period == whole.period and a.population == whole.population]
            parts = {p for a in beneath if (p := _part(a, whole, given, profile, name))}
            listed.append(Listing(whole, tuple(sorted(parts)), name))
    return sorted(listed, key=lambda x: (x.whole, x.identity))


def _part(address: Address, whole: Address, given: set[Address], profile: Profile, name: str) -> Address | None:
    """The part of a whole, in one dimension, that a figure lies in."""
    dimension = {"parties": "party", "categories": "category", "governorates": "governorate"}[name]
    value = getattr(address, dimension)
    others = [d for d in ("party", "category", "governorate") if d != dimension]
    if not value or getattr(whole, dimension) or not is_part(address.demographic, whole.demographic):
        return None
    if any(getattr(whole, d) not in {"", getattr(address, d)} for d in others):
        return None
    part = whole._replace(**{dimension: value})
    while name == "parties" and (parent := parent_party(part.party, profile)):
        if part in given and part._replace(party=parent) not in given:
            break
        part = part._replace(party=parent)
    return part


def _groups(addresses: Iterable[Address], profile: Profile, name: str) -> list[tuple[Address, list[Address]]]:
    """Each whole that is given, with the parts of it that are."""
    given = set(addresses)
    groups: dict[Address, list[Address]] = defaultdict(list)
    for address in given:
        if address.measure == "count" and (whole := _whole(address, given, profile, name)) in given:
            groups[whole].append(address)
    return [(whole, sorted(parts)) for whole, parts in sorted(groups.items())]


def _whole(address: Address, given: set[Address], profile: Profile, name: str) -> Address | None:
    """The whole that a figure is a part of in one dimension, or None."""
    if name == "categories":
        return address._replace(category="") if address.category else None
    if name == "governorates":
        return address._replace(governorate="") if address.governorate else None
    if not address.party:
        return None
    parent = parent_party(address.party, profile)
    if name == "sub-parties":
        return address._replace(party=parent) if parent else None
    # A group that is given without its party is a part of the total, as published tables often have it.
    return address._replace(party="") if not parent or address._replace(party=parent) not in given else None


def _partition(table: Table, profile: Profile, rule: Identity) -> Iterator[Broken]:
    if rule.dimension == "period":
        yield from _periods(table, rule)
    elif rule.dimension == "demographic":
        yield from _demographics(table, rule)
    else:
        for whole, parts in _groups(table, profile, rule.name):
            total = sum(table[p].value for p in parts)
            # Not everybody killed by a party is killed by a group beneath it that has a name.
            if total > table[whole].value or (total < table[whole].value and rule.dimension != "sub-party"):
                yield rule.name, (whole, *parts)


def _demographics(table: Table, rule: Identity) -> Iterator[Broken]:
    for whole in sorted(a for a in table if a.demographic in _DEMOGRAPHICS and a.measure == "count"):
        names = _DEMOGRAPHICS[whole.demographic]
        parts = [a for a in (whole._replace(demographic=d) for d in names) if a in table]
        if not parts or whole.population == INCIDENT_POPULATION:
            continue
        total = sum(table[p].value for p in parts)
        exact = len(parts) == len(names) and whole.demographic != "child"
        if total > table[whole].value or (exact and total < table[whole].value):
            yield rule.name, (whole, *parts)


def _periods(table: Table, rule: Identity) -> Iterator[Broken]:
    """A long period is the sum of the smallest ones in it; and of any two that follow each other."""
    spans = {p: span(p) for p in {a.period for a in table}}
    by_span: dict[Span, str] = {days: p for p, days in spans.items()}
    ways: dict[str, list[list[str]]] = defaultdict(list)
    for period, (first, last) in spans.items():
        inside = sorted(d for d in by_span if first <= d[0] and d[1] <= last and d != (first, last))
        smallest = [d for d in inside if not any(o != d and d[0] <= o[0] and o[1] <= d[1] for o in inside)]
        if smallest:
            ways[period].append([by_span[d] for d in smallest])
        pairs = [[by_span[d], by_span[e]] for d in inside if d[0] == first and (e := (d[1] + 1, last)) in by_span]
        ways[period] += [pair for pair in pairs if pair not in ways[period]]
    for whole in sorted(a for a in table if a.period in ways and a.measure == "count"):
        first, last = spans[whole.period]
        for way in ways[whole.period]:
            parts = [a for a in (whole._replace(period=p) for p in way) if a in table]
            days = sum(spans[p.period][1] - spans[p.period][0] + 1 for p in parts)
            total = sum(table[p].value for p in parts)
            if parts and (total > table[whole].value or (days == last - first + 1 and total < table[whole].value)):
                yield rule.name, (whole, *parts)


def _within(table: Table, _profile: Profile, rule: Identity) -> Iterator[Broken]:
    for part in sorted(a for a in table if a.population == rule.part and a.measure == "count"):
        wholes = [part._replace(population=w) for w in rule.whole]
        if all(w in table for w in wholes) and table[part].value > sum(table[w].value for w in wholes):
            yield rule.name, (part, *wholes)


def _pairs(table: Table, rule: Identity) -> Iterator[tuple[Address, Address]]:
    for of in sorted(a for a in table if a.population == rule.of and a.measure == "count"):
        if (count := of._replace(population=rule.count)) in table:
            yield of, count


def _times(table: Table, _profile: Profile, rule: Identity) -> Iterator[Broken]:
    for of, count in _pairs(table, rule):
        if table[count].value < rule.least * table[of].value:
            yield rule.name, (of, count)


def _needs(table: Table, _profile: Profile, rule: Identity) -> Iterator[Broken]:
    for of, count in _pairs(table, rule):
        if table[count].value and not table[of].value:
            yield rule.name, (of, count)


def _percent(table: Table, _profile: Profile, rule: Identity) -> Iterator[Broken]:
    for share in sorted(a for a in table if a.measure == "percent"):
        pair = percentage_of(share)
        if pair is None or pair[1] not in table:
            continue
        part, whole = pair
        parts = [part]
        if part not in table and part.demographic == "women_and_children":
            parts = [part._replace(demographic=d) for d in _DEMOGRAPHICS["women_and_children"]]
        total, given = table[whole].value, table[share]
        if total and all(p in table for p in parts):
            scale = 100 * 10**given.places
            if (2 * scale * sum(table[p].value for p in parts) + total) // (2 * total) != given.value:
                yield rule.name, (share, *parts, whole)
