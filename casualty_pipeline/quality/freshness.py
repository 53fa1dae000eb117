"""What should be there by now and isn't: the month due on the 1st, and what each source was to deliver."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from casualty_pipeline.captures.sources import Source, known_sources
from casualty_pipeline.figures.months import check_month
from casualty_pipeline.home import Home
from casualty_pipeline.profile import Profile
from casualty_pipeline.warehouse import NoWarehouseError, Reading, Warehouse


@dataclass(frozen=True)
class Overdue:
    """One thing that is late: the month (2020-03) or the source's id, and a sentence that says since when."""

    what: str
    sentence: str


def due_month(profile: Profile, now: datetime) -> str:
    """The month whose report is due: the one before the running one, by the profile's clock (R11). `now` has a timezone."""
    first = now.astimezone(ZoneInfo(profile.timezone)).replace(day=1)
    return check_month((first - timedelta(days=1)).strftime("%Y-%m"))


def late_month(reading: Reading, profile: Profile, now: datetime) -> list[Overdue]:
    """The month that is due, where it has no report. Nothing is due of a home that holds no statement."""
    due = due_month(profile, now)
    started = reading.connection.execute("select 1 from captures.records limit 1").fetchall()
    there = reading.connection.execute(
        "select 1 from reports.bundles where month = $month limit 1", {"month": due}
    ).fetchall()
    if not started or there or due < profile.start_month:
        return []
    return [Overdue(due, f"{due} was due on the 1st and has no report: `casualty run --month {due}`")]


def late_sources(reading: Reading, sources: Sequence[Source], now: datetime) -> list[Overdue]:
    """Sources that were to deliver by now, by the `delivers_every_days` of their declaration. Others are never late."""
    last = dict(
        reading.connection.execute("select source, max(received_at) from captures.manifest group by source").fetchall()
    )
    moment = now.astimezone(UTC).replace(tzinfo=None)
    found = []
    for source in (s for s in sources if s.delivers_every_days is not None):
        received = last.get(source.id)
        every = f"expected every {source.delivers_every_days} days"
        if received is None:
            found.append(Overdue(source.id, f"{source.id}: nothing received yet; {every}"))
        elif (days := (moment - received).days) > (source.delivers_every_days or 0):
            found.append(Overdue(source.id, f"{source.id}: last received {received:%Y-%m-%d}, {days} days ago; {every}"))
    return found


def overdue(home: Home, now: datetime) -> list[Overdue]:
    """Everything that is late, for `casualty status`. Empty where there is no warehouse yet."""
    try:
        with Warehouse(home.warehouse).reading() as reading:
            return [*late_month(reading, home.profile, now), *late_sources(reading, known_sources(home), now)]
    except NoWarehouseError:
        return []
