"""Figures as unknowns and rows: every cell that the figures tell apart is a whole number from zero, every identity a row.

What belongs here: which cells there are, and which rows hold between them. What doesn't: drawing conclusions.

A period is cut where any figure begins or ends. Within each piece a population is divided by the parties, categories,
governorates and demographics that figures name there; what they don't name is one cell of its own ("~"), so that a whole is
always the sum of its parts. Thus any set of figures can be reasoned about, and only what is asked for costs anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.identities.declared import Identity, identities, percentage_of
from casualty_pipeline.figures.identities.periods import Span, name, pieces, span
from casualty_pipeline.figures.identities.places import REST, divided_demographics, divided_places
from casualty_pipeline.figures.registry import INCIDENT_POPULATION
from casualty_pipeline.profile import Profile

Cell = tuple[str, str, str]  # party, category, governorate


@dataclass(frozen=True)
class Given:
    """A number that somebody stated. A count is a whole number; a percentage is value / 10 ** places."""

    address: Address
    value: int
    places: int = 0
    where: str = ""

    @property
    def shown(self) -> str:
        """The value as a plain number, without zeros at the end of a fraction."""
        if not self.places:
            return str(self.value)
        digits = f"{abs(self.value):0{self.places + 1}d}"
        text = f"{digits[: -self.places]}.{digits[-self.places :]}".rstrip("0").rstrip(".")
        return f"-{text}" if self.value < 0 else text


@dataclass(frozen=True)
class Listing:
    """In a complete table: a whole, and the only parts of it that aren't zero."""

    whole: Address
    parts: tuple[Address, ...]
    identity: str


@dataclass(frozen=True)
class Row:
    """least <= sum of factor * cell <= most, by an identity, or because somebody stated a percentage (`given`)."""

    cells: tuple[int, ...]
    factors: tuple[int, ...]
    least: int | None
    most: int | None
    identity: str
    given: int | None = None


@dataclass
class Network:
    """The unknowns, by number and address, the rows, the pairs (victims, massacres) of `needs`, and what was stated."""

    cell: dict[Address, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    needs: list[tuple[int, int]] = field(default_factory=list)
    stated: list[tuple[int, int, int]] = field(default_factory=list)  # cell, value, number of the given

    def number(self, address: Address) -> int:
        """The cell of an address, made if there is none."""
        return self.cell.setdefault(address, len(self.cell))

    def add(
        self,
        identity: str,
        terms: Iterable[tuple[Address, int]],
        least: int | None,
        most: int | None,
        given: int | None = None,
    ) -> None:
        """A row between addresses."""
        pairs = [(self.number(address), factor) for address, factor in terms]
        self.rows.append(Row(tuple(c for c, _ in pairs), tuple(f for _, f in pairs), least, most, identity, given))


def canonical(address: Address) -> Address:
    """One address for figures that are called by two names: `2020` and `2020-01..2020-12`, a pair in another order."""
    party = "+".join(sorted(address.party.split("+")))
    return address._replace(period=name(span(address.period)), party=party)


def is_named(address: Address) -> bool:
    """Whether an address is that of a figure, not of what figures leave unnamed."""
    return not any(REST in part for part in address)


def network(
    givens: Sequence[Given], profile: Profile, listings: Sequence[Listing] = (), asked: Sequence[Address] = ()
) -> Network:
    """The network of what was stated, with cells for what is asked. All addresses are canonical ones."""
    made = Network()
    counts = {g.address for g in givens if g.address.measure == "count"}
    shares = [(n, g, pair) for n, g in enumerate(givens) if (pair := _share(g))]
    listed = [x for x in listings if x.whole in counts]
    mentioned = {
        *counts,
        *asked,
        *(a for _, _, pair in shares for a in pair),
        *(a for x in listed for a in (x.whole, *x.parts)),
    }
    spans = {a.period: span(a.period) for a in mentioned}
    smallest = pieces(spans.values())
    rules = identities(profile)
    for days in smallest:
        inside = [a for a in mentioned if spans[a.period][0] <= days[0] and days[1] <= spans[a.period][1]]
        _block(made, name(days), inside, profile, rules)
    by_piece = {days: name(days) for days in smallest}
    for period in sorted(set(spans) - set(by_piece.values())):
        before = len(made.cell)
        _block(made, period, [a for a in mentioned if a.period == period], profile, rules)
        _join(made, list(made.cell)[before:], spans[period], by_piece)
    _chains(made, spans)
    for listing in listed:
        made.add(listing.identity, [(listing.whole, 1), *((p, -1) for p in listing.parts)], 0, 0)
    for number, given, (part, whole) in shares:
        _percentage(made, number, given, part, whole)
    made.stated = [(made.number(g.address), g.value, n) for n, g in enumerate(givens) if g.address.measure == "count"]
    return made


def _share(given: Given) -> tuple[Address, Address] | None:
    return percentage_of(given.address) if given.address.measure == "percent" else None


def _percentage(made: Network, number: int, given: Given, part: Address, whole: Address) -> None:
    """value - half a unit <= 100 * part / whole < value + half a unit, in whole numbers."""
    scale = 200 * 10**given.places
    made.add("percentages", [(part, scale), (whole, -(2 * given.value - 1))], 0, None, number)
    # Nought per cent of nobody isn't wrong, so there the bound itself is allowed.
    most = -1 if given.value > 0 else 0
    made.add("percentages", [(part, scale), (whole, -(2 * given.value + 1))], None, most, number)


def _block(made: Network, period: str, mentioned: Sequence[Address], profile: Profile, rules: Sequence[Identity]) -> None:
    """Every cell of one period, and the identities between them."""
    populations = _linked({a.population for a in mentioned}, rules)
    cells, cell_splits = divided_places({(a.party, a.category, a.governorate) for a in mentioned}, profile)
    demographics, demographic_splits = divided_demographics({a.demographic for a in mentioned})

    def at(population: str, cell: Cell, demographic: str) -> Address:
        return Address(period, population, *cell, demographic)

    for population in populations:
        of = ["all"] if population == INCIDENT_POPULATION else demographics
        for cell in cells:
            for demographic in of:
                made.number(at(population, cell, demographic))
        for identity, whole, parts in cell_splits:
            for demographic in of:
                terms = [(at(population, whole, demographic), 1), *((at(population, p, demographic), -1) for p in parts)]
                made.add(identity, terms, 0, 0)
        if len(of) > 1:
            for of_whole, of_parts in demographic_splits:
                for cell in cells:
                    made.add(
                        "demographics",
                        [(at(population, cell, of_whole), 1), *((at(population, cell, d), -1) for d in of_parts)],
                        0,
                        0,
                    )
    _between_populations(made, period, set(populations), cells, demographics, rules)


def _linked(populations: set[str], rules: Sequence[Identity]) -> list[str]:
    """The populations of a period, and those through which they bound each other: a toll bounds the number of massacres."""
    wholes = {rule.part: set(rule.whole) for rule in rules if rule.kind == "within"}
    between = {
        r.count for r in rules if r.kind == "times" and r.of in populations and wholes.get(r.count, {""}) <= populations
    }
    return sorted(populations | between)


def _between_populations(
    made: Network,
    period: str,
    populations: set[str],
    cells: Sequence[Cell],
    demographics: Sequence[str],
    rules: Sequence[Identity],
) -> None:
    """Parts within wholes, and massacres beside their dead, in every cell of one period."""

    def at(population: str, cell: Cell, demographic: str) -> Address:
        return Address(period, population, *cell, demographic)

    for rule in rules:
        if rule.kind == "within" and {rule.part, *rule.whole} <= populations:
            for cell in cells:
                for demographic in demographics:
                    wholes = [(at(w, cell, demographic), -1) for w in rule.whole]
                    made.add(rule.name, [(at(rule.part, cell, demographic), 1), *wholes], None, 0)
        elif rule.kind == "times" and {rule.count, rule.of} <= populations:
            for cell in cells:
                made.add(rule.name, [(at(rule.of, cell, "all"), rule.least), (at(rule.count, cell, "all"), -1)], None, 0)
        elif rule.kind == "needs" and {rule.count, rule.of} <= populations:
            made.needs += [(made.number(at(rule.count, c, "all")), made.number(at(rule.of, c, "all"))) for c in cells]


def _join(made: Network, cells: Iterable[Address], whole: Span, by_piece: Mapping[Span, str]) -> None:
    """A long period is the sum of the pieces that it is cut into, in every cell that has a name."""
    inside = [period for days, period in by_piece.items() if whole[0] <= days[0] and days[1] <= whole[1]]
    for address in cells:
        if is_named(address):
            made.add("months", [(address, 1), *((address._replace(period=p), -1) for p in inside)], 0, 0)


def _chains(made: Network, spans: Mapping[str, Span]) -> None:
    """A long period is a shorter one and what is left of it, where both have cells: to March is to February, and March."""
    periods: dict[Address, list[str]] = defaultdict(list)
    for address in made.cell:
        if is_named(address):
            periods[address._replace(period="")].append(address.period)
    for rest, names in periods.items():
        known = {spans.get(p) or span(p): p for p in names}
        for whole, part, left in _halves(known):
            terms = [(rest._replace(period=known[whole]), 1)]
            terms += [(rest._replace(period=known[x]), -1) for x in (part, left)]
            made.add("months", terms, 0, 0)


def _halves(known: Mapping[Span, str]) -> Iterator[tuple[Span, Span, Span]]:
    """Spans that two others, one after the other, make up."""
    starts: dict[int, list[Span]] = defaultdict(list)
    for days in sorted(known):
        starts[days[0]].append(days)
    for first in sorted(known):
        for second in starts[first[1] + 1]:
            if (first[0], second[1]) in known:
                yield (first[0], second[1]), first, second
