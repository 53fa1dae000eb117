"""Reads anybody's figures from CSV files in the figure schema, or says which cell can't be read, and what was expected.

What belongs here: text to numbers. What doesn't: judging the numbers.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.identities.declared import counts_incidents
from casualty_pipeline.figures.identities.network import Given
from casualty_pipeline.figures.identities.periods import span
from casualty_pipeline.figures.registry import DEMOGRAPHICS, populations
from casualty_pipeline.profile import Profile
from casualty_pipeline.tables import FIGURE_COLUMNS

NEEDED = ("period", "population", "value")
SHOWN = 20
_DEFAULTS = {"demographic": "all", "measure": "count"}
_NUMBER = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,6}))?")


def read_figures(paths: Sequence[Path], profile: Profile) -> list[Given]:
    """The figures of some files, in their order; percentages with as many decimals as are printed.

    Raises CasualtyError naming file, row and column of everything that can't be read, what was expected and what was found.
    """
    figures: list[Given] = []
    wrong: list[str] = []
    for path in paths:
        for row, cells in _rows(path):
            try:
                figures.append(_figure(cells, profile, f"{path}, row {row}"))
            except _WrongCellError as problem:
                wrong.append(f"{path}, row {row}, column {problem}")
    if wrong:
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise CasualtyError("\n  ".join(["these figures can't be read:", *wrong[:SHOWN], *more]))
    if not figures:
        raise CasualtyError(f"no figures in {', '.join(map(str, paths))}: expected a row for each, with {', '.join(NEEDED)}")
    return figures


class _WrongCellError(Exception):
    """A cell that can't be read: its column, what was expected, what was found."""

    def __init__(self, column: str, expected: str, found: str) -> None:
        super().__init__(f"{column}: expected {expected}; found {found!r}")


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Row numbers as a spreadsheet counts them, and cells by column. A row of HXL tags is passed over."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [h.strip() for h in next(reader, [])]
            _check_header(path, header)
            for cells in reader:
                texts = [c.strip() for c in cells]
                if not any(texts) or all(t.startswith("#") for t in texts if t):
                    continue
                if len(texts) > len(header) and any(texts[len(header) :]):
                    expected = f"expected {len(header)} cells, as in the first row"
                    raise CasualtyError(f"{path}, row {reader.line_num}: {expected}; found {len(texts)}")
                yield reader.line_num, dict(zip(header, [*texts, *[""] * len(header)], strict=False))
    except OSError as problem:
        raise CasualtyError(f"can't read {path}: {problem.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as problem:
        raise CasualtyError(f"{path}: not a CSV file in UTF-8 ({problem}): save it as one") from None


def _check_header(path: Path, header: Sequence[str]) -> None:
    missing = [c for c in NEEDED if c not in header]
    surplus = [c for c in header if c and c not in FIGURE_COLUMNS]
    twice = sorted({c for c in header if header.count(c) > 1 and c})
    if missing or surplus or twice:
        found = [
            *([f"without {', '.join(missing)}"] if missing else []),
            *([f"with {', '.join(surplus)}"] if surplus else []),
            *([f"with {', '.join(twice)} twice"] if twice else []),
        ]
        raise CasualtyError(
            f"{path}, row 1: expected the columns {', '.join(FIGURE_COLUMNS)} "
            f"(all but {', '.join(NEEDED)} may be left out); found a header {' and '.join(found)}"
        )


def _figure(cells: Mapping[str, str], profile: Profile, where: str) -> Given:
    address = Address(*(cells.get(c, "") or _DEFAULTS.get(c, "") for c in FIGURE_COLUMNS[:-1]))
    try:
        span(address.period)
    except CasualtyError:
        raise _WrongCellError("period", "2020-03, 2020-03-05, 2020, 2020-H1 or 2020-01..2020-03", address.period) from None
    _one_of("population", populations(profile), address.population)
    pair = address.party.split("+")
    for party in pair if address.party else ():
        _one_of("party", sorted(profile.party), party, address.party)
    if len(set(pair)) != len(pair):
        raise _WrongCellError("party", "different parties on the sides of +", address.party)
    if address.category:
        _one_of("category", sorted(profile.category), address.category)
    if address.governorate:
        _one_of("governorate", [*sorted(profile.governorate), "unknown"], address.governorate)
    _one_of("demographic", list(DEMOGRAPHICS), address.demographic)
    if counts_incidents(address) and address.demographic != "all":
        raise _WrongCellError("demographic", "all, since massacres are incidents, not persons", address.demographic)
    _one_of("measure", ["count", "percent"], address.measure)
    text = cells.get("value", "")
    match = _NUMBER.fullmatch(text)
    if not match:
        raise _WrongCellError("value", "a number in plain digits, for example 145 or 52.41", text)
    sign, whole, fraction = match[1], match[2], match[3] or ""
    if address.measure == "count":
        fraction = fraction.rstrip("0")
    return Given(address, int(f"{sign}{whole}{fraction}"), len(fraction), where)


def _one_of(column: str, known: Iterable[str], value: str, found: str = "") -> None:
    names = list(known)
    if value not in names:
        raise _WrongCellError(column, f"one of {', '.join(names)}", found or value)
