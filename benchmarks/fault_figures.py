"""Faults of published figures, for `benchmarks/faults.py`: a report's table as `casualty audit` reads it.

The table holds what a monthly report prints of the clean home: tolls by party with men, women and children, categories,
governorates, torture, massacres, special groups, the months of the year so far and their sum, percentages.
"""

import csv
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.identities.audit import audit
from casualty_pipeline.figures.identities.reading import read_figures
from casualty_pipeline.home import Home
from casualty_pipeline.profile import Profile
from casualty_pipeline.tables import FIGURE_COLUMNS
from casualty_pipeline.warehouse import Warehouse

Report = dict[Address, str]  # each figure as printed
Made = list[Address]  # the figures that are wrong; where one is gone, the whole that lacks it

_PRINTED = """
    select period, population, party, category, governorate, demographic, measure, value from monthly.figures
    where month = $month and (
        (period = month and (
            (governorate = '' and population = 'civilians' and demographic in ('all', 'man', 'woman', 'child')
                and not contains(party, '/') and category = '')
            or (population = 'civilians' and governorate <> '' and demographic = 'all')
            or (population in ('torture', 'massacres', 'massacre_victims') and category = '' and governorate = ''
                and not contains(party, '/') and (demographic in ('all', 'woman', 'child') or measure = 'percent'))
        ))
        or (population = 'civilians' and party = '' and governorate = '' and demographic = 'all' and measure = 'count')
    )
    union all
    select period, population, party, category, governorate, demographic, measure, value from monthly.figures
    where month < $month and left(month, 4) = left($month, 4) and period = month and population = 'civilians'
        and party = '' and governorate = '' and demographic = 'all' and measure = 'count'
    order by all
    """


def report_figures(home: Home, month: str) -> Report:
    """What the month's report prints."""
    with Warehouse(home.warehouse).reading() as reading:
        rows = reading.connection.execute(_PRINTED, {"month": month}).fetchall()
    return {Address(*address): f"{value:g}" for *address, value in rows}


@dataclass(frozen=True)
class FigureFault:
    """A kind of fault of a report's table; `make` changes it and says which figures are wrong."""

    name: str
    make: Callable[[Report, random.Random], Made]


def _pick(report: Mapping[Address, str], dice: random.Random, which: Callable[[Address, float], bool]) -> Address:
    found = sorted(a for a, value in report.items() if which(a, float(value)))
    if not found:
        raise LookupError("no such figure in the report")
    return dice.choice(found)


def _month(address: Address) -> bool:
    return ".." not in address.period


def _change(which: Callable[[Address, float], bool], to: Callable[[str], str]) -> Callable[[Report, random.Random], Made]:
    def make(report: Report, dice: random.Random) -> Made:
        address = _pick(report, dice, lambda a, v: which(a, v) and to(report[a]) != report[a])
        report[address] = to(report[address])
        return [address]

    return make


def _plus(number: int) -> Callable[[str], str]:
    return lambda text: f"{float(text) + number:g}"


def _governorate_lost(report: Report, dice: random.Random) -> Made:
    address = _pick(report, dice, lambda a, v: bool(a.governorate) and v > 0)
    del report[address]
    return [address._replace(governorate="")]


def _party_lost(report: Report, dice: random.Random) -> Made:
    lost = _pick(report, dice, lambda a, v: _plain(a) and bool(a.party) and v > 0).party
    for address in [a for a in report if a.party == lost and a.population == "civilians"]:
        del report[address]
    return [a for a in report if _plain(a) and not a.party and not a.governorate and _month(a)][-1:]


def _plain(a: Address) -> bool:
    return a.population == "civilians" and a.demographic == "all" and a.measure == "count" and not a.category


def _exchanged(one: str, other: str) -> Callable[[Report, random.Random], Made]:
    """Two demographics of one party stand in each other's place."""

    def make(report: Report, dice: random.Random) -> Made:
        def differ(a: Address, value: float) -> bool:
            partner = report.get(a._replace(demographic=other))
            whole = a.demographic == one and bool(a.party) and not a.category and a.population == "civilians"
            return whole and partner is not None and float(partner) != value

        a = _pick(report, dice, differ)
        b = a._replace(demographic=other)
        report[a], report[b] = report[b], report[a]
        return [a, b]

    return make


def _parties_exchanged(report: Report, dice: random.Random) -> Made:
    """The tolls of two parties stand in each other's place; their women and children don't."""
    a = _pick(report, dice, lambda x, v: _plain(x) and bool(x.party) and v > 0)
    b = _pick(report, dice, lambda x, v: _plain(x) and bool(x.party) and v != float(report[a]))
    report[a], report[b] = report[b], report[a]
    return [a, b]


def _digits(text: str) -> str:
    return (
        text[1] + text[0] + text[2:] if len(text) > 1 and text[0] != text[1] and text.isdigit() and text[1] != "0" else text
    )


def _total(a: Address, _v: float) -> bool:
    return _plain(a) and not a.party and not a.governorate


def _without_month(report: Report, dice: random.Random) -> Made:
    whole = _pick(report, dice, lambda a, _v: not _month(a) and _plain(a) and not a.party and not a.governorate)
    part = _pick(report, dice, lambda a, v: _month(a) and _plain(a) and not a.party and not a.governorate and v > 0)
    report[whole] = f"{float(report[whole]) - float(report[part]):g}"
    return [whole]


def _positive(a: Address, value: float) -> bool:
    return a.measure == "count" and value > 0


def _rounded_down(text: str) -> str:
    """The last decimal cut off, where it would have raised the one before (a 5 may itself have been rounded up)."""
    return text[:-1].rstrip(".") if "." in text and text[-1] in "6789" else text


def _percent(a: Address, _value: float) -> bool:
    return a.measure == "percent"


def _women(a: Address, _value: float) -> bool:
    return a.demographic == "woman" and a.population == "civilians" and a.measure == "count"


def _massacres(a: Address, _value: float) -> bool:
    return a.population == "massacres" and not a.party


def _massacre_dead(a: Address, _value: float) -> bool:
    return a.population == "massacre_victims" and a.demographic == "all" and a.measure == "count"


def _split(a: Address, _value: float) -> bool:
    return _plain(a) and bool(a.party or a.governorate)


FIGURES = (
    FigureFault("a printed total not updated", _change(lambda a, v: _total(a, v) and _month(a), _plus(1))),
    FigureFault("a cumulative figure without a month", _without_month),
    FigureFault("a printed percentage rounded down", _change(_percent, _rounded_down)),
    FigureFault("a percentage's point lost", _change(_percent, lambda t: t.replace(".", ""))),
    FigureFault("a party's toll mistyped", _change(lambda a, v: _plain(a) and bool(a.party) and v > 0, _plus(3))),
    FigureFault("digits transposed", _change(_split, _digits)),
    FigureFault("a governorate lost from the table", _governorate_lost),
    FigureFault("a party lost from the table", _party_lost),
    FigureFault("men and children exchanged in a row", _exchanged("man", "child")),
    FigureFault("women and men exchanged in a row", _exchanged("woman", "man")),
    FigureFault("tolls of two parties exchanged", _parties_exchanged),
    FigureFault("more women than dead", _change(_women, _plus(500))),
    FigureFault("a massacre too many", _change(_massacres, _plus(90))),
    FigureFault("massacre dead above the toll", _change(_massacre_dead, _plus(900))),
    FigureFault("half a person", _change(_positive, lambda t: f"{float(t) + 0.5}")),
    FigureFault("a printed negative count", _change(_positive, lambda t: f"-{t}")),
)


def try_figures(fault: FigureFault, report: Report, profile: Profile, dice: random.Random, path: Path) -> tuple[str, bool]:
    """Change the report, and audit it as a complete one: where it was found, and whether every wrong figure is named."""
    changed = dict(report)
    guilty = fault.make(changed, dice)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([FIGURE_COLUMNS, *([*a, value] for a, value in changed.items())])
    try:
        found = audit(read_figures([path], profile), profile, complete=True).contradictions
    except CasualtyError as refused:
        return "audit", all(str(a) in str(refused) for a in guilty)
    told = {a for c in found for a in c.figures}
    return ("audit" if found else ""), told.issuperset(guilty)
