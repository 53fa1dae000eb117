"""What sources say and nobody has told the program to read: unknown strings by frequency, with the file that takes them.

What belongs here: the question, for people. The strings come from `cleaned.readings`, which says why each isn't read.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields

from casualty_pipeline.cleaning.vocabulary import CONTROL, DECISIVE, HARMLESS
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Reading, Warehouse

EXAMPLES = 3
_AT_THE_SOURCE = "correct it at the source"
_UNKNOWN = """
    select field, raw, cast(sum(statements) as bigint) as statements, min(reason) as reason
    from cleaned.readings
    where reason is not null and ($field = '' or field = $field) and ($month = '' or documentation_month = $month)
    group by field, raw
    order by statements desc, field, raw
"""


@dataclass(frozen=True)
class Term:
    """One string that isn't read. `examples` are ids of records that hold it, for `casualty explain`."""

    field: str
    raw: str
    statements: int
    examples: tuple[str, ...]
    add_to: str
    reason: str


def unknown_terms(home: Home, field: str | None = None, month: str | None = None) -> list[Term]:
    """The unknown strings of all months, or of one, the commonest first.

    Raises CasualtyError where a field isn't one that is read, or a month wasn't cleaned yet.
    """
    with Warehouse(home.warehouse).reading() as reading:
        _expect(reading, "field", field)
        _expect(reading, "documentation_month", month)
        found = reading.frame(_UNKNOWN, {"field": field or "", "month": month or ""}).to_dicts()
        examples = {name: _examples(reading, name) for name in sorted({row["field"] for row in found})}
    return [Term(**row, examples=examples[row["field"]].get(row["raw"], ()), add_to=_file(row["field"])) for row in found]


def _expect(reading: Reading, column: str, value: str | None) -> None:
    known = [
        v for (v,) in reading.connection.execute(f"select distinct {column} from cleaned.readings order by 1").fetchall()
    ]
    if value is not None and value not in known:
        shown = ", ".join(known) if len(known) <= 40 else f"{known[0]} to {known[-1]}"
        what = column.replace("documentation_", "")
        raise CasualtyError(f"no {what} {value!r} among those that were read; expected one of {shown or 'none yet'}")


def _examples(reading: Reading, field: str) -> dict[str, tuple[str, ...]]:
    """For each unknown string of a field, the first records that say it themselves, not through their incident."""
    rows = reading.connection.execute(
        f"""
        select r.{field}, list(r.record_id order by r.record_id)[1:{EXAMPLES}]
        from captures.records as r
        where r.{field} in (select raw from cleaned.readings where field = $field and reason is not null)
        group by r.{field}
        """,
        {"field": field},
    ).fetchall()
    return {raw: tuple(ids) for raw, ids in rows}


def _file(field: str) -> str:
    """Where the next entry of a table belongs; values that no table lists are for the source to correct."""
    if field in {"party", CONTROL}:
        return "aliases/parties.csv"
    if field in {"governorate", "origin_governorate"}:
        return "aliases/governorates.csv"
    return "aliases/vocabulary.csv" if field in DECISIVE | HARMLESS else _AT_THE_SOURCE


def rows_of(terms: Sequence[Term]) -> tuple[list[str], list[list[str]]]:
    """Header and rows, every cell a string."""
    header = [f.name for f in fields(Term)]
    return header, [[t.field, t.raw, str(t.statements), " ".join(t.examples), t.add_to, t.reason] for t in terms]


def as_csv(terms: Sequence[Term]) -> str:
    """The terms as CSV; a cell that a spreadsheet would compute is quoted with an apostrophe."""
    out = io.StringIO()
    header, rows = rows_of(terms)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(
        [f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in row] for row in rows
    )
    return out.getvalue()
