"""Numbers of a report that are no figures: rules of counting, records of massacres, organisations, published changes.

What belongs here: which of them may stand where. They are checked against what the report was made from.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from casualty_pipeline.figures.address import parse_address
from casualty_pipeline.reporting.model import Massacre, MonthReport
from casualty_pipeline.reporting.notable import MOST_CASES
from casualty_pipeline.reporting.proofreading.fixed import Counted
from casualty_pipeline.reporting.proofreading.page import Sentence

Numbered = tuple[int, Sentence]
_SIGNED = re.compile(r"^[+\N{MINUS SIGN}][\d,]+(?:\.\d+)?$")


def by_section(report: MonthReport) -> Mapping[str, Sequence[float]]:
    """What may stand in the sentences of a section beside figures."""
    counting, linkage = report.profile.counting, report.linkage
    rules = [counting.adult_age, counting.massacre_threshold, counting.min_independent_sources]
    rules += report.profile.rounding.values()
    shares = [share for of in (linkage.precision, linkage.recall) if of for share in (of.value, of.low, of.high)]
    shares += linkage.on_lists
    version = [float(text)] if (text := report.profile.methodology_version).isdigit() else []
    last = [report.last_edition.number] if report.last_edition else []
    return {
        "acknowledgements": version,
        "introduction": version + [float(rule) for rule in rules] + [linkage.judged] + [round(share, 1) for share in shares],
        "groups": sorted({*_organisations(report), float(MOST_CASES)}),
        "torture": [float(MOST_CASES)],
        "trace": [float(counting.adult_age), float(counting.massacre_threshold)],  # where it says what is counted
        "restatements": [float(n) for n in (*last, len(report.restatements))],
    }


def _organisations(report: MonthReport) -> set[float]:
    """Members of an organisation among those killed: of one party, of a party with those beneath it, of all."""
    found: Counter[tuple[str, str, str]] = Counter()
    for group, party, organisation, persons in report.affiliations:
        for of in {party, party.partition("/")[0], ""}:
            found[group, of, organisation] += persons
    return {float(persons) for persons in found.values()}


def told_massacre(massacre: Massacre, left: Sequence[float]) -> Iterator[str]:
    """What the numbers of a massacre's narration leave out of its record, or add to it."""
    must = [massacre.civilians]
    must += [part for part in (massacre.children, massacre.women) if 0 < part < massacre.civilians]
    may = Counter(float(n) for n in (massacre.children_male, massacre.children_female, massacre.injured, massacre.attacks))
    said, missing = Counter(left), Counter(float(n) for n in must)
    for number in sorted((missing - said).elements()):
        yield f"the record of {massacre.incident_id} says {number:g}, which isn't told"
    for number in sorted((said - missing - may).elements()):
        yield f"{number:g} isn't in the record of {massacre.incident_id}"


def massacre_rows(report: MonthReport, rows: Sequence[Numbered], counted: Counted) -> Iterator[tuple[int, Sentence, str]]:
    """Rows of the table of massacres that aren't their record's, which stand in the order of their dates."""
    of = [(number, row) for number, row in rows if row.section == "massacres" and not row.data and counted(row.rest)]
    listed = sorted(report.massacres, key=lambda m: (m.first or m.last or date.max, m.incident_id))
    for (number, row), massacre in zip(of, listed, strict=False):
        record = [float(n) for n in (massacre.civilians, massacre.children, massacre.women)]
        if (said := counted(row.rest)) != record:
            yield number, row, f"the record of {massacre.incident_id} says {_listed(record)}, not {_listed(said)}"
    if len(of) != len(listed) and of:
        yield *of[-1], f"the table has {len(of)} massacres, the records {len(listed)}"


def restatement_rows(report: MonthReport, rows: Sequence[Numbered], counted: Counted) -> Iterator[tuple[int, Sentence, str]]:
    """Rows of the table of changes that aren't what was restated: before, after, and the share of each cause."""
    of = [(number, row) for number, row in rows if row.section == "restatements"][1:]  # the first is its head
    listed = sorted(report.restatements, key=lambda changed: parse_address(changed.figure))
    for (number, row), changed in zip(of, listed, strict=False):
        signed = [text for text in row.from_data if _SIGNED.match(text)]
        said = [abs(float(text.lstrip("+\N{MINUS SIGN}").replace(",", ""))) for text in signed]
        said += [*counted(row.rest), *(n for piece in row.data for n in counted(piece.text, dated=False))]
        told = [changed.before or 0, changed.after or 0, *(abs(cause.share) for cause in changed.causes)]
        if (given := _rounded(said)) != (wanted := _rounded(told)):
            yield number, row, f"{changed.figure} was restated with {_listed(wanted)}, not {_listed(given)}"
    if len(of) != len(listed) and of:
        yield *of[-1], f"the table has {len(of)} changes, {len(listed)} were made"


def _rounded(values: Sequence[float]) -> list[float]:
    """As printed; a number that is none isn't printed as one."""
    return sorted(round(value, 2) for value in values if round(value, 2))


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values) or "nothing"
