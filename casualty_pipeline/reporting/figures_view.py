"""Looks figures up by what they count. What belongs here: lookups. What doesn't: arithmetic on figures.

A number that no row states is never taken for zero: `Numbers.get` raises and names the figure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.address import Address
from casualty_pipeline.tables import FIGURE_COLUMNS


@dataclass(frozen=True, slots=True)
class Figure:
    """One number and what it counts."""

    what: Address
    value: float

    @property
    def address(self) -> str:
        """What `casualty trace` takes: `2020-03:civilians:russia`."""
        return str(self.what)

    @property
    def period(self) -> str:
        """A month, or the months since January."""
        return self.what.period

    @property
    def population(self) -> str:
        """Who or what is counted."""
        return self.what.population

    @property
    def party(self) -> str:
        """The party, or empty for all."""
        return self.what.party

    @property
    def category(self) -> str:
        """The category within the party, or empty for all."""
        return self.what.category

    @property
    def governorate(self) -> str:
        """P-code of where killed, or empty for all."""
        return self.what.governorate

    @property
    def demographic(self) -> str:
        """Which of them are counted."""
        return self.what.demographic

    @property
    def measure(self) -> str:
        """A count or a percentage."""
        return self.what.measure

    @property
    def count(self) -> int:
        """The value as a whole number. Raises CasualtyError where a count has a fraction."""
        if not self.value.is_integer():
            raise CasualtyError(f"figure {self.address}: expected a whole number, found {self.value}")
        return int(self.value)

    @property
    def digits(self) -> str:
        """The value as a plain number: `145`, `52.41`."""
        return str(int(self.value)) if self.value.is_integer() else repr(self.value)


class Numbers:
    """Figures by what they count."""

    def __init__(self, figures: pl.DataFrame) -> None:
        """Take a frame with the columns FIGURE_COLUMNS.

        Raises CasualtyError for a missing column or a figure given twice.
        """
        missing = [c for c in FIGURE_COLUMNS if c not in figures.columns]
        if missing:
            raise CasualtyError(f"figures: expected the columns {', '.join(FIGURE_COLUMNS)}; missing: {', '.join(missing)}")
        self._figures: dict[Address, Figure] = {}
        for *what, value in figures.select(FIGURE_COLUMNS).fill_null("").iter_rows():
            figure = Figure(Address(*what), float(value))
            if figure.what in self._figures:
                raise CasualtyError(f"figure {figure.address} is given twice: expected one row for each number")
            self._figures[figure.what] = figure

    def __iter__(self) -> Iterator[Figure]:
        """Every figure, in the order given."""
        return iter(self._figures.values())

    def at(self, address: Address) -> Figure | None:
        """The figure at an address, or None where no row states it."""
        return self._figures.get(address)

    def find(
        self,
        period: str,
        population: str,
        party: str = "",
        category: str = "",
        *,
        governorate: str = "",
        demographic: str = "all",
        measure: str = "count",
    ) -> Figure | None:
        """The figure, or None where no row states it."""
        return self.at(Address(period, population, party, category, governorate, demographic, measure))

    def get(
        self,
        period: str,
        population: str,
        party: str = "",
        category: str = "",
        *,
        governorate: str = "",
        demographic: str = "all",
    ) -> Figure:
        """The count. Raises CasualtyError naming it where no row states it."""
        wanted = Address(period, population, party, category, governorate, demographic)
        figure = self.at(wanted)
        if figure is None:
            raise CasualtyError(
                f"figure {wanted} is missing: a report never prints a number that no figure states; "
                f"compute the month's figures again"
            )
        return figure

    def find_among(self, whole: Figure, demographic: str) -> Figure | None:
        """Those of one demographic among those that a figure counts, or None where no row states it."""
        return self.find(
            whole.period,
            whole.population,
            whole.party,
            whole.category,
            governorate=whole.governorate,
            demographic=demographic,
        )

    def among(self, whole: Figure, demographic: str) -> Figure:
        """Those of one demographic among those that a figure counts. Raises CasualtyError where no row states it."""
        return self.get(
            whole.period,
            whole.population,
            whole.party,
            whole.category,
            governorate=whole.governorate,
            demographic=demographic,
        )

    def joint_parties(self, period: str, population: str) -> tuple[str, ...]:
        """Joint pairs (R13) with anything counted against them, in alphabetical order."""
        return tuple(
            sorted(f.party for f in self if "+" in f.party and f.value and f.what == Address(period, population, f.party))
        )
