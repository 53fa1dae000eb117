"""Faults of files, for `benchmarks/faults.py`: what a source may send, and how far the stages get before it is found.

In each month of a world one of three files has the fault; all are taken in and computed, stage by stage. Found: the stage
rejects a row, has it wait in quarantine or flags it, one of its checks names it, or the file is refused. The same files
without the fault raise none of these.
"""

import csv
import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.fault_world import COLUMNS, Stage, empty_home, files, judge, stages, take, take_bytes, tried
from benchmarks.restatement_world import SOURCES
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.months import next_month
from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Writing

PER_MONTH = 30  # victims
_ALONE_AMONG = 6  # months of the world of a fault that is alone
Rows = list[list[str]]  # of a file, its header first
Made = tuple[
    bytes, set[int]
]  # the file with the fault; rows that are guilty, counted from 1 with the header; none: the file


@dataclass(frozen=True)
class CaptureFault:
    """A kind of fault of a file. `further`: it arrives as another file, after the good one. `alone`: no other file of its
    world has it, since what it is found by is what the others say.
    """

    name: str
    make: Callable[[Rows, random.Random], Made]
    further: bool = False
    alone: bool = False


def _csv(rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _some(rows: Rows, dice: random.Random, share: float = 0.1) -> list[int]:
    """Places of random rows, never the header's."""
    return sorted(dice.sample(range(1, len(rows)), max(1, round(share * (len(rows) - 1)))))


def _cells(
    column: str, value: Callable[[str, random.Random], str], share: float = 0.1
) -> Callable[[Rows, random.Random], Made]:
    """Other cells in a column of some rows."""

    def make(rows: Rows, dice: random.Random) -> Made:
        at, places = COLUMNS.index(column), _some(rows, dice, share)
        for place in places:
            rows[place][at] = value(rows[place][at], dice)
        return _csv(rows), {p + 1 for p in places}

    return make


def _shifted(rows: Rows, dice: random.Random) -> Made:
    """An empty cell came in between two columns of some rows, and moves the rest to the right."""
    places, at = _some(rows, dice), dice.randint(1, 4)
    for place in places:
        rows[place] = [*rows[place][:at], "", *rows[place][at:-1]]
    return _csv(rows), {p + 1 for p in places}


def _columns_exchanged(rows: Rows, dice: random.Random) -> Made:
    """Two columns stand in each other's place in every row, but not in the header."""
    one, other = dice.choice([("sex", "age"), ("died", "governorate"), ("party", "weapon"), ("sex", "standing")])
    a, b = COLUMNS.index(one), COLUMNS.index(other)
    for row in rows[1:]:
        row[a], row[b] = row[b], row[a]
    return _csv(rows), set(range(2, len(rows) + 1))


def _cut(rows: Rows, dice: random.Random) -> Made:
    """The file ends in the middle of a row."""
    place = dice.randint(2, len(rows) - 1)
    whole = _csv(rows[: place + 1]).rstrip(b"\r\n")
    last = _csv([rows[place]]).rstrip(b"\r\n")
    return whole[: len(whole) - dice.randint(len(rows[place][-1]) + 1, len(last) - len(rows[place][0].encode()) - 2)], {
        place + 1
    }


def _column_lost(rows: Rows, dice: random.Random) -> Made:
    at = COLUMNS.index(dice.choice(["no", "entered", "died", "sex", "governorate"]))
    return _csv([[*row[:at], *row[at + 1 :]] for row in rows]), set()


def _sexes(rows: Rows, _dice: random.Random) -> Made:
    at = COLUMNS.index("sex")
    for row in rows[1:]:
        row[at] = {"m": "f", "f": "m"}.get(row[at], row[at])
    return _csv(rows), set(range(2, len(rows) + 1))


def _two_of_one_key(rows: Rows, dice: random.Random) -> Made:
    one, other = dice.sample(range(1, len(rows)), 2)
    rows[other][0] = rows[one][0]
    return _csv(rows), {min(one, other) + 1}  # the first, which the other would stand for


def _page(rows: Rows, _dice: random.Random) -> Made:
    cells = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in rows)
    return f"<!DOCTYPE html><html><body><table>{cells}</table></body></html>".encode(), set()


def _new_keys(rows: Rows, dice: random.Random) -> Made:
    start = dice.randint(10_000, 90_000)
    for place, row in enumerate(rows[1:]):
        row[0] = str(start + place)
    return _csv(rows), set(range(2, len(rows) + 1))


def _month_later(text: str, _dice: random.Random) -> str:
    return f"{date.fromisoformat(text) + timedelta(days=700)}"


CAPTURES = (
    CaptureFault("cells moved to the right", _shifted),
    CaptureFault("two columns exchanged", _columns_exchanged),
    CaptureFault("a file cut off in a row", _cut),
    CaptureFault("a column lost", _column_lost),
    CaptureFault("a page in the place of the table", _page),
    CaptureFault("a file in another encoding", lambda rows, _d: (_csv(rows).decode().encode("cp1256"), set())),
    CaptureFault("two people with one key", _two_of_one_key),
    CaptureFault("no key", _cells("no", lambda _c, _d: "")),
    CaptureFault("a negative age in a file", _cells("age", lambda c, _d: f"-{int(c) + 1}")),
    CaptureFault("an age of hundreds", _cells("age", lambda c, _d: f"{int(c) + 200}")),
    CaptureFault("a day that isn't (31 February)", _cells("died", lambda c, _d: f"{c[:4]}-02-31")),
    CaptureFault("documented before the death", _cells("died", _month_later)),
    CaptureFault("a month of 1970", _cells("entered", lambda _c, _d: "1970-01-01")),
    CaptureFault("a governorate that isn't", _cells("governorate", lambda _c, d: d.choice(["Atlantis", "Xyzzy", "??"]))),
    CaptureFault("a party renamed by a source", _cells("party", lambda _c, _d: "Northern Banner Command", share=1.0)),
    CaptureFault("a sex that is none", _cells("sex", lambda _c, _d: "42")),
    CaptureFault("a status that is none", _cells("standing", lambda _c, _d: "blue")),
    CaptureFault("sexes swapped in a source's file", _sexes, alone=True),
    CaptureFault("a file again with new keys", _new_keys, further=True),
)


def try_captures(
    fault: CaptureFault, folder: Path, dice: random.Random, months: Sequence[str]
) -> Iterator[tuple[str, bool]]:
    """A home with the fault in one file of each month: for each, the stage that finds it, and whether its rows are named."""
    if not fault.alone:
        yield from _try_in(fault, folder, dice, months, months)
        return
    for number, month in enumerate(months):
        start = max(0, min(number, len(months) - _ALONE_AMONG))
        yield from _try_in(fault, folder / str(number), dice, months[start : start + _ALONE_AMONG], [month])


def _try_in(
    fault: CaptureFault, folder: Path, dice: random.Random, months: Sequence[str], faulty_months: Sequence[str]
) -> Iterator[tuple[str, bool]]:
    home = empty_home(folder)
    guilty: dict[str, set[int]] = {}
    chosen = {month: dice.choice(SOURCES) for month in faulty_months}
    for (source, month), frame in files(PER_MONTH * len(months), months).items():
        faulty = source == chosen.get(month)
        if not faulty or fault.further:
            take(home, source, month, frame)
        if faulty:
            content, rows = fault.make([list(COLUMNS), *map(list, frame.iter_rows())], dice)
            name = f"{source}-{month}-faulty.csv"
            try:
                take_bytes(home, source, month, content, name, day=3)
            except CasualtyError:
                yield "captures", True
                continue
            guilty[name] = rows
    with tried(home) as write:
        for stage in stages(home):
            if not guilty:
                break
            # A wrong day of documentation may make a statement one of the month of receipt.
            reached = [*months, next_month(months[-1])]
            stage.compute(write, reached)
            for name, found in _found(stage, home, write, reached, sorted(guilty)).items():
                yield stage.name, None in found or guilty.pop(name) <= found
                guilty.pop(name, None)
    for _ in guilty:
        yield "", False


def _found(
    stage: Stage, home: Home, write: Writing, months: Sequence[str], names: Sequence[str]
) -> dict[str, set[int | None]]:
    """By file with fault found by the stage: the rows that it names, None for the file itself."""
    listed = {"captures": ("rejected",), "cleaned": ("quarantine", "flags")}.get(stage.name, ())
    found: dict[str, set[int | None]] = {}
    rows: list[tuple[str, int | None]] = []
    for table in listed:
        not_news = "where rule <> 'superseded'" if table == "quarantine" else ""  # that a source corrects itself is no fault
        rows += write.connection.execute(f"select file, row_number from {stage.name}.{table} {not_news}").fetchall()
    keys = [key for o in judge(stage, home, write, months, f"{stage.name}.records") if not o.passed for key in o.rows["key"]]
    rows += write.connection.execute(_ROWS, {"keys": keys}).fetchall()
    for file, row in rows:
        if file in names:
            found.setdefault(file, set()).add(row)
    return found


_ROWS = """
    select file, row_number from captures.records
    where record_id in (select unnest($keys)) or capture_sha256 in (select unnest($keys)) or record_id in (
        select record_id from deduplicated.victim_records where victim_id in (select unnest($keys))
    )
    """
