"""A small invented world in which captures arrive, people decide and runs are killed; and how a home lives through it.

Here belong the events, the order in which they arrive, and the run by hand: the stages in the order of `assets/`, without
Dagster. What has to hold afterwards is for `properties_of_histories`. Everybody here is invented.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

from casualty_pipeline.attribution import attribute, digest_months
from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.custody import Given
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.sources import DECISIONS, known_sources
from casualty_pipeline.cleaning.stage import clean, inputs_of
from casualty_pipeline.figures.stage import compute_figures
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.identities import identity
from casualty_pipeline.linkage.model import of_home
from casualty_pipeline.linkage.stage import deduplicate
from casualty_pipeline.status import status_of
from casualty_pipeline.warehouse import Reading, Warehouse, Writing

START = datetime.fromisoformat("2020-02-20T08:00")
STEP = timedelta(days=7, minutes=17)
PERSON = ("id", "ref", "name", "sex", "age", "persons", "status", "standing", "written", "place", "party", "heard_from")
INCIDENT = ("ref", "code", "day", "written", "known", "region", "place", "party", "at_least", "grade")
LEDGER = ("decision_id", "kind", "subject", "value", "reason", "decided_by", "decided_at", "supersedes")

_SOURCE = """\
id = "{id}"
name = "{name}"
synthetic = true
{guarantees}

[[tables]]
file = "incidents*.csv"
statement = "incident"
key = ["code"]
[tables.columns]
incident_ref = "ref"
incident_date = "day"
documented_date = "written"
known_date = "known"
governorate = "region"
place = "place"
party = "party"
killed_min = "at_least"
assessment = "grade"

[[tables]]
file = "persons*.csv"
statement = "person"
key = ["id"]
[tables.columns]
incident_ref = "ref"
name_en = "name"
sex = "sex"
age = "age"
persons = "persons"
status = "status"
civilian_status = "standing"
documented_date = "written"
governorate = "place"
party = "party"
original_source = "heard_from"
"""
_COUNTS = 'unlisted_remainder = true\nunnamed = "counted"\ncorroborated_by = ["reliable"]'
SOURCES = {
    "alpha": _SOURCE.format(id="alpha", name="Alpha", guarantees=_COUNTS),
    "beta": _SOURCE.format(id="beta", name="Beta", guarantees="one_row_per_person = true"),
}
NAMES = (
    *("Samir Khalil Darwish", "Sameer Khaleel Darwish", "Samir Darwish", "Ahmad Khalil Darwish"),
    *("Nabil Faris Haddad", "Nabeel Faris Hadad", "Layla Nabil Haddad", "Unidentified"),
)

Row = dict[str, str]


@dataclass(frozen=True)
class Event:
    """Something that arrives at a moment: a file of a source, or a ledger of decisions; its name and its rows."""

    at: datetime
    source: str
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return text.getvalue().encode()


@dataclass(frozen=True)
class History:
    """Events in the order of their moments; `runs`: which of them arrive before each run, and after which stage of the run
    before it is killed (-1: it isn't).
    """

    events: tuple[Event, ...]
    runs: tuple[tuple[tuple[int, ...], int], ...]


class KilledError(Exception):
    """Out of a stage's transaction, in its middle."""


# --- a home that lives through it ---


def home_at(path: Path) -> Home:
    """An empty home with the two sources."""
    home = Home(path)
    home.prepare()
    for name, text in SOURCES.items():
        (home.sources / f"{name}.toml").write_text(text, encoding="utf-8")
    return home


def arrive(home: Home, events: Iterable[Event]) -> None:
    """Take events into the archive, each at its moment."""
    for event in events:
        folder = home.path / "arriving"
        folder.mkdir(exist_ok=True)
        file = folder / hashlib.sha256(event.content).hexdigest()
        file.write_bytes(event.content)
        given = Given(received_at=event.at.replace(tzinfo=UTC))
        Archive(home.archive).receive([(file, event.name)], event.source, given)


def run(home: Home, kill: int = -1) -> None:
    """Every stage, for the months that are stale.

    `kill`: the run dies in the middle of that stage, 0 to 5; what the stages before it wrote stays, of its own nothing.
    """
    whole, steps = kill < 0, _steps(home)
    if whole:  # one transaction is cheaper; that each stage has its own is seen where a run is killed
        with Warehouse(home.warehouse).writing() as write:
            for step in steps:
                step(write)
        return
    for number, step in enumerate(steps):
        with Warehouse(home.warehouse).writing() as write:
            step(write)
            if number == kill:
                raise KilledError(str(kill))


def _steps(home: Home) -> tuple[Callable[[Writing], object], ...]:
    profile, sources, model = home.profile, known_sources(home), of_home(home)
    to_run: list[str] = []

    def clean_stale(write: Writing) -> None:
        now = {m: sha for m, _, sha in inputs_of(write, profile).iter_rows()}
        was = dict(write.connection.execute("select documentation_month, sha256 from cleaned.month_inputs").fetchall())
        stale = sorted(m for m in now.keys() | was.keys() if now.get(m) != was.get(m))
        if stale:
            clean(write, stale, profile, sources)

    def attribute_stale(write: Writing) -> None:
        to_run.extend(stale_months(write, home))
        if to_run:
            attribute(write, to_run, profile)

    def figures_of_stale(write: Writing) -> None:
        if to_run:
            compute_figures(write, to_run, profile)

    return (
        lambda write: read_archive(home, write),
        clean_stale,
        lambda write: deduplicate(write, sources, profile, model, ask=False),
        lambda write: digest_months(write, profile),
        attribute_stale,
        figures_of_stale,
    )


def stale_months(reading: Reading, home: Home) -> list[str]:
    """What `casualty status` calls stale, reports aside."""
    return [m.month for m in status_of(reading, home) if set(m.reasons) - {"no report written"}]


def live(home: Home, history: History) -> None:
    """Go through a history as it arrives, killed runs and all. A last whole run follows."""
    for arriving, kill in history.runs:
        arrive(home, (history.events[n] for n in arriving))
        try:
            run(home, kill)
        except KilledError:
            continue
    run(home)


# --- histories by chance ---

_SOMETIMES = st.sampled_from(["", "", "alpha"])
_PERSONS = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["P1", "P2", "P3", "P4", "P5"]),
        "ref": st.sampled_from(["", "I1", "I1", "I2", "I3"]),
        "name": st.sampled_from(NAMES),
        "sex": st.sampled_from(["male", "female", ""]),
        "age": st.sampled_from(["", "9", "30"]),
        "persons": st.sampled_from(["1", "1", "1", "4"]),
        "status": st.sampled_from(["killed", "killed", "killed", "injured"]),
        "standing": st.sampled_from(["civilian", "civilian", "combatant"]),
        "written": st.sampled_from(["", "", "2020-01-15", "2020-02-12", "2020-03-09"]),
        "place": st.sampled_from(["", "", "Idlib", "Aleppo"]),
        "party": st.sampled_from(["", "Russian Military", "Syrian Regime", "Syrian Regime, Russian Military"]),
        "heard_from": _SOMETIMES,
    }
)
_INCIDENTS = st.fixed_dictionaries(
    {
        "ref": st.sampled_from(["I1", "I1", "I2", "I3"]),
        "code": st.sampled_from(["", "", "", "b"]),
        "day": st.sampled_from(["2020-01-10", "2020-01-10", "2020-02-10", "2020-03-05"]),
        "written": st.sampled_from(["", "2020-01-16", "2020-02-14", "2020-03-10"]),
        "known": st.just(""),
        "region": st.sampled_from(["Idlib", "Idlib", "Aleppo"]),
        "place": st.sampled_from(["Saraqib", "Saraqib", ""]),
        "party": st.sampled_from(["", "Russian Military", "Syrian Regime", "Syrian Regime, Russian Military"]),
        "at_least": st.sampled_from(["", "", "3", "6"]),
        "grade": st.sampled_from(["Fair", "Fair", ""]),  # one that corroborates by itself (R8), or says nothing
    }
)


def _rows(drawn: Sequence[Row], columns: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Rows in the order drawn; the code of an incident is its reference and what was drawn."""
    whole = [row | ({"code": row["ref"] + row["code"]} if "code" in row else {}) for row in drawn]
    return tuple(tuple(row[c] for c in columns) for row in whole)


@st.composite
def histories(draw: st.DrawFn, least: int = 3, most: int = 9) -> History:
    """Captures, corrections, repeated bytes, empty files, decisions of every kind and their withdrawals; in any order."""
    events: list[Event] = []
    decisions: list[Row] = []
    for number in range(draw(st.integers(least, most))):
        at = START + number * STEP
        kinds = ["persons", "persons", "incidents", "both"] + (["again", "empty"] + ["decision"] * 4 if events else [])
        kind = draw(st.sampled_from(kinds))
        source = draw(st.sampled_from(sorted(SOURCES)))
        if kind == "again":
            earlier = draw(st.sampled_from(events))
            name = earlier.name.replace(".csv", f"-{number}.csv")
            events.append(Event(at, earlier.source, name, earlier.columns, earlier.rows))
        elif kind == "empty":
            events.append(Event(at, source, f"persons-{number}.csv", PERSON, ()))
        elif kind == "decision":
            for _ in range(draw(st.integers(1, 2))):
                decisions.append(_decision(draw, events, decisions, at + timedelta(seconds=len(decisions))))
            whole = tuple(tuple(row[c] for c in LEDGER) for row in decisions)
            events.append(Event(at + timedelta(minutes=5), DECISIONS, f"ledger-{number}.csv", LEDGER, whole))
        else:
            if kind != "incidents":
                people = draw(st.lists(_PERSONS, min_size=1, max_size=5, unique_by=lambda row: row["id"]))
                events.append(Event(at, source, f"persons-{number}.csv", PERSON, _rows(people, PERSON)))
            if kind != "persons":
                told = draw(st.lists(_INCIDENTS, min_size=1, max_size=2, unique_by=lambda r: r["ref"] + r["code"]))
                events.append(Event(at, source, f"incidents-{number}.csv", INCIDENT, _rows(told, INCIDENT)))
    order = list(range(len(events)))
    if draw(st.booleans()):
        order = draw(st.permutations(order))
    runs: list[tuple[tuple[int, ...], int]] = []
    while order:
        size = draw(st.integers(1, 4))
        runs.append((tuple(order[:size]), draw(st.sampled_from([-1, -1, 0, 1, 2, 3, 4, 5]))))
        order = order[size:]
    return History(tuple(events), tuple(runs))


def _decision(draw: st.DrawFn, events: Sequence[Event], before: Sequence[Row], at: datetime) -> Row:
    """One entry about what is there, or superseding one that was made before."""
    row = dict.fromkeys(LEDGER, "") | {
        "decision_id": f"D-{len(before)}",
        "decided_by": "desk",
        "reason": "looked at",
        "decided_at": at.isoformat() + "Z",
    }
    superseded = {r["supersedes"] for r in before}
    open_ones = [r for r in before if r["decision_id"] not in superseded]
    if open_ones and draw(st.sampled_from([False, False, True])):
        old = draw(st.sampled_from(open_ones))
        said = {n: old[n] for n in ("kind", "subject")} | {"supersedes": old["decision_id"], "value": "withdrawn"}
        if old["kind"] == "attribution" and draw(st.booleans()):
            said["value"] = draw(st.sampled_from(["russia", "syrian_regime", "isis"]))
        return row | said
    captures = [e for e in events if e.source != DECISIONS]
    source = draw(st.sampled_from(sorted(SOURCES)))
    record = f"record:{source}/{draw(st.sampled_from(['P1', 'P2', 'P3', 'P4', 'P5']))}"
    incident = f"incident:{source}/{draw(st.sampled_from(['I1', 'I2', 'I3']))}"
    victim = f"victim:{identity('V-', draw(st.sampled_from(_founders(captures) or ['R-0'])))}"
    kind = draw(st.sampled_from(["attribution", "attribution", "verification", "link", "merge", "retraction", "capture"]))
    if kind == "attribution":
        value = draw(st.sampled_from(["russia", "syrian_regime", "russia+syrian_regime", "isis|russia", "unidentified"]))
        return row | {"kind": kind, "subject": draw(st.sampled_from([incident, incident, record, victim])), "value": value}
    if kind == "verification":
        value = draw(st.sampled_from(["verified", "unverified"]))
        return row | {"kind": kind, "subject": draw(st.sampled_from([incident, record, victim])), "value": value}
    if kind in ("link", "merge"):
        other = draw(st.sampled_from(sorted(SOURCES)))
        if kind == "link":
            two = f"record:{other}/{draw(st.sampled_from(['P1', 'P2', 'P3', 'P4', 'P5']))}"
            one = record
        elif draw(st.booleans()):
            one, two = incident, f"incident:{other}/{draw(st.sampled_from(['I1', 'I2', 'I3']))}"
        else:
            one, two = victim, f"victim:{identity('V-', draw(st.sampled_from(_founders(captures) or ['R-0'])))}"
        if one == two:
            return row | {"kind": "verification", "subject": one, "value": "verified"}
        word = "into" if kind == "merge" else draw(st.sampled_from(["same_as", "same_as", "different_from"]))
        return row | {"kind": kind, "subject": one, "value": f"{word}:{two}"}
    if kind == "capture" and captures:
        sha256 = hashlib.sha256(draw(st.sampled_from(captures)).content).hexdigest()
        return row | {"kind": "retraction", "subject": f"capture:{sha256}", "value": "retracted"}
    subject = draw(st.sampled_from([record, record, f"source:{source}"]))
    return row | {"kind": "retraction", "subject": subject, "value": "retracted"}


def _founders(captures: Sequence[Event]) -> list[str]:
    """The ids of all statements about persons, as `sql/captures/records.sql` makes them."""
    found = []
    for event in captures:
        if event.columns == PERSON:
            sha256 = hashlib.sha256(event.content).hexdigest()
            for number, row in enumerate(event.rows, start=2):
                told = "\x1f".join((event.source, row[0], sha256, str(number)))
                found.append("R-" + hashlib.sha256(told.encode()).hexdigest()[:16])
    return sorted(set(found))
