"""The address of a figure: `period:population[:party[:category[:governorate[:demographic[:measure]]]]]`.

`2020-03:civilians:russia` is the Russian toll of March; `2020-01..2020-03:torture` the torture deaths since January.
Parts that are left out, or empty, mean all; the measure is a count.
"""

from typing import NamedTuple

from casualty_pipeline.errors import CasualtyError


class Address(NamedTuple):
    """Which number is meant. A tuple, since the figures of a year are looked up by the hundred thousand."""

    period: str
    population: str
    party: str = ""
    category: str = ""
    governorate: str = ""
    demographic: str = "all"
    measure: str = "count"

    def __str__(self) -> str:
        parts = [self.period, self.population, self.party, self.category, self.governorate]
        parts += [
            "" if self.demographic == "all" else self.demographic,
            "" if self.measure == "count" else self.measure,
        ]
        while not parts[-1]:
            parts.pop()
        return ":".join(parts)

    @property
    def months(self) -> tuple[str, str]:
        """First and last month of the period."""
        first, _, last = self.period.partition("..")
        return first, last or first


def parse_address(text: str) -> Address:
    """Read an address. Raises CasualtyError saying how one is written."""
    parts = text.strip().split(":")
    if not 2 <= len(parts) <= 7 or not parts[0] or not parts[1]:
        raise CasualtyError(
            f"{text!r} is no figure; expected period:population[:party[:category[:governorate[:demographic[:measure]]]]], "
            "for example 2020-03:civilians:russia or 2020-03:civilians:other:drowning::child"
        )
    period, population, party, category, governorate, demographic, measure = parts + [""] * (7 - len(parts))
    return Address(period, population, party, category, governorate, demographic or "all", measure or "count")
