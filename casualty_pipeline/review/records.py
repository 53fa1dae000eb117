"""What records say, field by field, as a reviewer reads it: meanings in the reviewer's language, ranges as ranges.

Here belongs which fields are shown and how a value looks. Where the cells stand in a file is for `workbook.py`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casualty_pipeline.profile import Profile
from casualty_pipeline.review.words import label, wording
from casualty_pipeline.warehouse import Reading

_LONGEST = 2_000  # characters of one cell: a spreadsheet allows 32,767, a person reads less
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RECORDS = """
    select c.*, r.file, r.sheet, r.row_number, r.pointer
    from cleaned.records as c inner join captures.records as r on c.record_id = r.record_id
    where c.record_id in (select unnest($ids))
"""
_INTERVALS = ("birth", "death", "incident", "injury", "arrest", "found", "reported")
_WORDS = ("sex", "status", "civilian_status")
_TEXTS = ("name_ar", "name_en", "place", "place_ar", "mechanism", "circumstance", "incident_ref", "url", "narrative")
_RAW = {
    "mechanism": "mechanism_raw",
    "circumstance": "circumstance_raw",
    "occupation": "occupation",
}  # as sources write them
# In the order in which they are shown.
FIELDS = (
    *("name_ar", "name_en", "other_names", "sex", "age", "birth", "death", "incident", "place_ar", "place", "governorate"),
    *("party", "mechanism", "circumstance", "persons", "status", "civilian_status", "special_group", "occupation"),
    *("origin_governorate", "injury", "arrest", "found", "reported", "incident_ref", "narrative"),
    *("source", "where", "documented", "url"),
)
# Two records of one person differ in these as a matter of course: no difference of theirs is coloured.
NOT_COMPARED = frozenset({"incident_ref", "narrative", "source", "where", "documented", "url"})


@dataclass(frozen=True)
class Facts:
    """One record. `means`: its values, to be compared, in no language; `shown`: the same as a reviewer reads them.

    Both have the fields of FIELDS that it says something of, and no others. `reference` is `record:SOURCE/KEY`.
    """

    record_id: str
    reference: str
    month: str
    means: Mapping[str, str]
    shown: Mapping[str, str]
    ranges: Mapping[str, tuple[Any, Any]]  # of age and dates: the first and the last that are possible

    def differs(self, other: "Facts", field: str) -> bool:
        """Whether two records that both say something of a field can't both be right; ranges can where they overlap."""
        if field in NOT_COMPARED or field not in self.means or field not in other.means:
            return False
        if field in self.ranges and field in other.ranges:
            (first, last), (other_first, other_last) = self.ranges[field], other.ranges[field]
            return bool(first > other_last or other_first > last)
        return self.means[field] != other.means[field]


def record_facts(
    reading: Reading, profile: Profile, sources: Mapping[str, str], ids: Sequence[str], language: str
) -> dict[str, Facts]:
    """The facts of records by their ids; ids that `cleaned` doesn't have are left out. `sources` maps ids to names."""
    rows = reading.frame(_RECORDS, {"ids": sorted(set(ids))}).to_dicts()
    return {row["record_id"]: _facts(row, profile, sources, language) for row in rows}


def _facts(row: Mapping[str, Any], profile: Profile, sources: Mapping[str, str], language: str) -> Facts:
    means = _meanings(row)
    shown = {field: _show(field, value, profile, language) for field, value in means.items()}
    shown |= {field: row[raw] for field, raw in _RAW.items() if field in shown and row[raw]}
    shown["source"] = sources.get(row["source"], row["source"])
    shown["where"] = standing(row, language)
    return Facts(
        record_id=row["record_id"],
        reference=f"record:{row['source']}/{row['source_key']}",
        month=row["documentation_month"],
        means=means,
        shown={field: cell(shown[field]) for field in FIELDS if shown.get(field)},
        ranges={
            field: (row[f"{field}_first"], row[f"{field}_last"])
            for field in (*_INTERVALS, "age")
            if row[f"{field}_first"] is not None and row[f"{field}_last"] is not None
        },
    )


def _meanings(row: Mapping[str, Any]) -> dict[str, str]:
    means = {field: row[field] for field in (*_TEXTS, *_WORDS, "governorate", "origin_governorate", "special_group")}
    means |= {field: _interval(row[f"{field}_first"], row[f"{field}_last"]) for field in _INTERVALS}
    means |= {
        "other_names": " · ".join(row["other_names"] or ()),
        "persons": str(row["persons"]) if row["persons"] != 1 else "",  # of a group
        "occupation": row["occupation_group"] or row["occupation"],
        "age": _interval(row["age_first"], row["age_last"]) or row["age_group"],
        "party": row["claim"],
        "documented": _interval(row["documented_on"], row["documented_on"]),
    }
    return {field: value for field, value in means.items() if value}


def _interval(first: object, last: object) -> str:
    """`34`, `30–35`, `≥ 30`: years of age or days, the same for both; `1970` for all days of a year."""
    if first is None and last is None:
        return ""
    if first == last:
        return str(first)
    if str(first)[:4] == str(last)[:4] and (str(first)[4:], str(last)[4:]) == ("-01-01", "-12-31"):
        return str(first)[:4]
    return f"≥ {first}" if last is None else f"≤ {last}" if first is None else f"{first}–{last}"


def _show(field: str, value: str, profile: Profile, language: str) -> str:
    words: Mapping[str, str] = wording(language)["words"]
    if field in _WORDS or field == "age":
        return words.get(value, value)
    if field in {"governorate", "origin_governorate"}:
        return governorate(value, profile, language)
    if field == "party":
        return _claim(value, profile, language)
    if field == "special_group":
        return next((label(g.label, language) for g in profile.special_groups if g.id == value), value)
    return value


def governorate(pcode: str, profile: Profile, language: str) -> str:
    """A governorate's name; the code itself where the profile doesn't know it."""
    known = profile.governorate.get(pcode)
    return label(known.label, language) if known else pcode


def _claim(claim: str, profile: Profile, language: str) -> str:
    """A claim in words: `a+b` jointly, `a|b` one of the two."""
    words: Mapping[str, str] = wording(language)["words"]

    def name(party: str) -> str:
        known = profile.party.get(party)
        return label(known.label, language) if known else words.get(party, party)

    return f" {words['or']} ".join(" + ".join(name(p) for p in side.split("+")) for side in claim.split("|"))


def standing(row: Mapping[str, Any], language: str) -> str:
    """Where a statement stands: file, sheet, row or pointer."""
    number = f"{wording(language)['words']['row']} {row['row_number']}" if row["row_number"] is not None else ""
    return ", ".join(part for part in (row["file"], row["sheet"], number, row["pointer"]) if part)


def cell(text: str) -> str:
    """A text as one cell holds it: on one line, without characters that XML forbids, and not longer than can be read."""
    line = " ".join(_NOT_XML.sub(" ", text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
