"""What every history must satisfy, whatever happened in it and in whatever order: principles 1, 2 and 6 as assertions."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import polars as pl

from casualty_pipeline.attribution import attribute
from casualty_pipeline.digests import KEPT, digests_now
from casualty_pipeline.editions.restating import ADDRESS, adds_up, numbers, restate
from casualty_pipeline.figures.stage import compute_figures
from casualty_pipeline.history import Replay, as_of, replaying
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Reading, Warehouse
from tests.unit.history.invented_events import History, arrive, home_at, live, run, stale_months

# What is published, or stands behind it; what the stages keep for themselves may differ in numbers that mean nothing.
SHOWN = ("attributed.victims", "attributed.incidents", "attributed.transitions", "monthly.figures", "monthly.ranges")
BEHIND = ("captures.records", "cleaned.records", "deduplicated.victims", "deduplicated.incidents", "captures.decisions")
MONTHS = ("2020-01", "2020-02", "2020-03", "2020-04", "2020-05")
Look = Mapping[str, list[tuple[str, ...]]]


def look(reading: Reading, months: Iterable[str] = MONTHS, also: Iterable[str] = ()) -> Look:
    """Every row of the tables shown, of these months, as text."""
    found = {}
    for name in (*SHOWN, *also):
        month = TABLE[name].month
        which = f"where {month} in (select unnest($months))" if month and name not in also else ""
        bound = {"months": sorted(months)} if which else None
        found[name] = [tuple(map(repr, row)) for row in reading.frame(f"from {name} {which}", bound).rows()]
    return found


def unlike(one: Look, other: Look) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Rows that only one of two looks shows, by table; nothing where they are the same."""
    found = {}
    for name in sorted(one.keys() & other.keys()):
        left, right = Counter(one[name]), Counter(other[name])
        if left != right:
            found[name] = [*(("-", row) for row in left - right), *(("+", row) for row in right - left)]
    return found


def check_history(folder: Path, history: History, moments: Iterable[datetime]) -> None:
    """Live through a history in a home beneath `folder`, and hold it against everything that must be true."""
    home = home_at(folder / "lived")
    live(home, history)
    with Warehouse(home.warehouse).reading() as reading:
        assert not stale_months(reading, home), "a whole run leaves nothing stale"
        kept = digests_now(reading, home)
        (home.path / KEPT).unlink()
        anew = digests_now(reading, home)
        assert (kept.cleaned, kept.attributed) == (anew.cleaned, anew.attributed), "digests kept aren't those of now"
        lived = look(reading, also=BEHIND)
        known = _figured(reading)

    at_once = home_at(folder / "at_once")
    arrive(at_once, history.events)
    run(at_once)
    # A month whose statements all moved to another goes on having figures: a home that never heard of it is asked for them.
    with Warehouse(at_once.warehouse).writing() as write:
        if unheard := sorted(known - _figured(write)):
            attribute(write, unheard, at_once.profile)
            compute_figures(write, unheard, at_once.profile)
    with Warehouse(at_once.warehouse).reading() as reading:
        built = look(reading, known | _figured(reading), also=BEHIND)
    # A month that had something to say once has figures of nothing; a home that never heard of it has none.
    found = unlike(_without_nothing(lived), _without_nothing(built))
    assert not found, f"run by run isn't as built from nothing: {found}"

    with replaying(home) as replay:
        before = None
        for moment in sorted(moments):
            then = then_known(folder / f"then-{moment:%Y%m%d%H%M}", history, moment)
            replay.move(as_of(replay.known, moment))
            replay.attribute(MONTHS)
            with replay.reading() as reading:
                found = unlike(then, look(reading))
            assert not found, f"as of {moment} isn't what was known then: {found}"
            if before is not None:
                check_restatements(replay, before, moment)
            before = moment


def then_known(folder: Path, history: History, moment: datetime) -> Look:
    """What a home shows that never got anything but what was known at a moment."""
    home = home_at(folder)
    arrive(home, (e for e in history.events if e.at <= moment))
    run(home)
    with replaying(home) as replay:  # for all months, those of which nothing was known then, too
        replay.attribute(MONTHS)
        with replay.reading() as reading:
            return look(reading)


def check_restatements(replay: Replay, first: datetime, last: datetime, month: str = "2020-03") -> pl.DataFrame:
    """The account of a month between two moments. The replay is left at the later one."""
    before, after = as_of(replay.known, first), as_of(replay.known, last)
    replay.move(before)
    replay.attribute([month])
    published = replay.figures(month)
    found = restate(replay, month, published, before, after, "methodology of now")
    was, now = numbers(published), numbers(replay.figures(month))
    changed = {a for a in was.keys() | now.keys() if was.get(a) != now.get(a)}
    assert adds_up(found), "causes don't add up to the difference"
    listed = {tuple(row) for row in found.select(ADDRESS).iter_rows()}
    assert listed == changed, "not exactly the figures that changed are listed"
    for row in found.iter_rows(named=True):
        address = tuple(row[name] for name in ADDRESS)
        assert (row["before"], row["after"]) == (was.get(address, 0.0), now.get(address, 0.0))
        assert row["cause"] != "method", "the program didn't change"
        assert first < row["known_at"] <= last
        assert row["share"] != 0
    for _, rows in found.group_by(*ADDRESS):
        in_turn = list(zip(rows["known_at"], rows["place"], strict=True))
        assert in_turn == sorted(in_turn), "causes aren't in the order of knowledge"
    return found


def _figured(reading: Reading) -> set[str]:
    return {m for (m,) in reading.connection.execute("select distinct month from monthly.figures").fetchall()}


def _without_nothing(seen: Look) -> Look:
    """Figures and ranges that aren't 0: a figure that isn't given is one of 0."""
    at = [c.name for c in TABLE["monthly.figures"].columns].index("value")
    return {
        name: [row for row in rows if name != "monthly.figures" or float(row[at])]
        for name, rows in seen.items()
        if name != "monthly.ranges"
    }
