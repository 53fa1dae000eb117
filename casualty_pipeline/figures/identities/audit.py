"""The audit of a table of figures: what contradicts what, what follows, what couldn't be judged.

What belongs here: the whole of it for any table, and the short way for our own. What doesn't: reading files (`reading`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.identities.complete import broken_sums, listings
from casualty_pipeline.figures.identities.conflicts import FEW, Conflicts, Core, conflicts
from casualty_pipeline.figures.identities.declared import decimals, percentage_of
from casualty_pipeline.figures.identities.derived import Derived, derived
from casualty_pipeline.figures.identities.network import Given, Listing, canonical
from casualty_pipeline.figures.identities.search import verdict
from casualty_pipeline.figures.identities.telling import Contradiction, contradiction
from casualty_pipeline.profile import Profile


@dataclass(frozen=True)
class Correction:
    """One figure that, were it alone wrong of its contradiction, would be at least and at most (None: any) so much."""

    address: Address
    least: int
    most: int | None


@dataclass(frozen=True)
class Audit:
    """What was found among figures.

    `corrections`: for each contradiction, the figures that could be the only wrong one. `unjudged`: percentages that can
    be read in two ways. `settled`: the figures outside the contradictions were proved to fit, not merely left unaccused.
    """

    figures: tuple[Given, ...]
    contradictions: tuple[Contradiction, ...]
    corrections: tuple[tuple[Correction, ...], ...]
    derived: tuple[Derived, ...]
    rest: tuple[Given, ...]
    unjudged: tuple[Given, ...]
    settled: bool


def audit(stated: Sequence[Given], profile: Profile, complete: bool = False) -> Audit:
    """Audit figures in the figure schema, whichever are given.

    `complete`: where any part of a whole is given by party, category or governorate, the parts that aren't are zero.
    """
    figures = _canonical(stated)
    alone, unjudged, usable = _usable(figures, profile)
    listed = listings([g.address for g in usable], profile) if complete else []
    found = conflicts(usable, profile, listed)
    rest = [usable[n] for n in found.kept]
    fixes = [_corrections(usable, core, found.rest, profile, listed) for core in found.cores]
    return Audit(
        tuple(figures),
        (*alone, *_told(usable, found, profile)),
        (*(() for _ in alone), *fixes),
        tuple(derived(rest, found.intervals)) if found.intervals else (),
        tuple(rest),
        tuple(unjudged),
        found.proved,
    )


def contradictions(figures: pl.DataFrame, profile: Profile, complete: bool) -> list[Contradiction]:
    """Every contradiction between figures of the figure schema, in a stable order.

    `complete`: our own figures, which leave nothing out, so that plain sums tell all. Otherwise any set of figures.
    """
    stated = list(_given(figures, profile, complete))
    if not complete:
        alone, _, usable = _usable(_canonical(stated), profile)
        return [*alone, *_told(usable, conflicts(usable, profile), profile)]
    alone, usable = _one_by_one(stated, profile)
    table = {g.address: g for g in usable}
    told = [contradiction([table[a] for a in core], {name}, profile, table) for name, core in broken_sums(table, profile)]
    return [*alone, *sorted(told, key=lambda c: (c.rule, c.figures))]


def _given(figures: pl.DataFrame, profile: Profile, own: bool) -> Iterable[Given]:
    """Rows as numbers. Our own percentages have the decimals that the profile declares; others' those that they show."""
    names = ("period", "population", "party", "category", "governorate", "demographic", "measure")
    for *parts, value in zip(*(figures[n].fill_null("") for n in names), figures["value"], strict=True):
        address = Address(*parts)
        number = Decimal(repr(float(value))).normalize()
        shown = max(0, -int(number.as_tuple().exponent))
        places = max(shown, decimals(address, profile)) if own and address.measure == "percent" else shown
        yield Given(address, int(number.scaleb(places)), places)


def _canonical(stated: Sequence[Given]) -> list[Given]:
    return [g if (to := canonical(g.address)) == g.address else Given(to, g.value, g.places, g.where) for g in stated]


def _usable(figures: Sequence[Given], profile: Profile) -> tuple[list[Contradiction], list[Given], list[Given]]:
    """What is wrong with a figure by itself, percentages that can be read in two ways, and what can be reasoned about."""
    alone, usable = _one_by_one(figures, profile)
    unjudged = [g for g in usable if g.address.measure == "percent" and percentage_of(g.address) is None]
    return alone, unjudged, [g for g in usable if g not in unjudged]


def _told(usable: Sequence[Given], found: Conflicts, profile: Profile) -> list[Contradiction]:
    by_address = {g.address: g for g in usable}
    return [contradiction([usable[n] for n in sorted(c.givens)], c.identities, profile, by_address) for c in found.cores]


def _one_by_one(figures: Sequence[Given], profile: Profile) -> tuple[list[Contradiction], list[Given]]:
    """What is wrong with a figure by itself, and the figures that can be reasoned about, each once."""
    of: dict[Address, list[Given]] = defaultdict(list)
    for given in figures:
        of[given.address].append(given)
    wrong, usable = [], []
    for address, same in sorted(of.items()):
        bad = [g for g in same if g.value < 0 or (address.measure == "count" and g.places)]
        wrong += [contradiction([g], {"whole numbers"}, profile) for g in bad]
        if len({g.shown for g in same}) > 1:
            wrong.append(contradiction(same, {"one value"}, profile))
        elif not bad:
            usable.append(same[0])
    return wrong, usable


def _corrections(
    usable: Sequence[Given], core: Core, rest: Sequence[int], profile: Profile, listed: Sequence[Listing]
) -> tuple[Correction, ...]:
    """The counts of a core that could be wrong alone: with all others of it, everything outside contradictions fits."""
    found = []
    for number in sorted(core.givens) if len(core.givens) <= FEW else ():
        wrong = usable[number]
        if wrong.address.measure != "count":
            continue
        others = [usable[n] for n in sorted({*rest, *core.givens} - {number})]
        result = verdict(others, profile, listed, about=wrong.address)
        if result.consistent and result.intervals:
            # What stands there now is known not to fit.
            cell = result.intervals.network.cell[wrong.address]
            least, most = result.intervals.least[cell], result.intervals.most[cell]
            least += least == wrong.value
            most = most - 1 if most == wrong.value else most
            found.append(Correction(wrong.address, least, most))
    return tuple(found)
