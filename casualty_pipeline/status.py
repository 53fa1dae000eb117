"""Which months are current, which are stale and why: by comparing digests, a level that no failed run can lose."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from casualty_pipeline.attribution import NO_INPUT, resolve
from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.digests import digests_now
from casualty_pipeline.editions.standing import Standing, standings
from casualty_pipeline.figures.months import year_to
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.behind import behind
from casualty_pipeline.linkage.model import of_home
from casualty_pipeline.linkage.resolving import dangling
from casualty_pipeline.staleness import Causes, causes
from casualty_pipeline.warehouse import NoWarehouseError, Reading, Warehouse

_EARLIER = "cumulative figures: "  # of earlier months of the year


@dataclass(frozen=True)
class MonthStatus:
    """One month: the reasons why it is stale; none, and it is current."""

    month: str
    statements: int
    victims: int
    digest: str  # of what the month was computed from and of what it would be now: names the step that a run would take
    reasons: tuple[str, ...] = field(default=())
    causes: Causes = field(default_factory=Causes)

    @property
    def current(self) -> bool:
        """Whether running the month again would change nothing."""
        return not self.reasons

    @property
    def told(self) -> tuple[str, ...]:
        """The reasons, and the decisions, merges and captures behind them."""
        causes = str(self.causes)
        return (*self.reasons, causes) if causes else self.reasons


def months_status(home: Home) -> list[MonthStatus]:
    """Every month of which anything is known, in order. An empty list where there is no warehouse yet."""
    try:
        with Warehouse(home.warehouse).reading() as reading:
            return status_of(reading, home)
    except NoWarehouseError:
        return []


def editions_status(home: Home, months: Sequence[MonthStatus]) -> dict[str, Standing]:
    """The newest edition of each month that has one, and how far it is from today's figures."""
    try:
        with Warehouse(home.warehouse).reading() as reading:
            return standings(reading, home, [s.month for s in months if s.current])
    except NoWarehouseError:
        return {}


def _map(reading: Reading, sql: str) -> dict[str, str]:
    return dict(reading.connection.execute(sql).fetchall())


def status_of(reading: Reading, home: Home) -> list[MonthStatus]:
    """The same through a connection that is open."""
    now = digests_now(reading, home)
    now_cleaned, now_attributed = now.cleaned, now.attributed
    cleaned = _map(reading, "select documentation_month, sha256 from cleaned.month_inputs")
    victims = dict(
        reading.connection.execute("select documentation_month, count(*) from deduplicated.victims group by all").fetchall()
    )
    attributed = _map(reading, "select documentation_month, sha256 from attributed.month_inputs")
    inputs: dict[str, dict[str, str]] = {}
    for month, input_month, sha in reading.connection.execute("from monthly.figure_inputs").fetchall():
        inputs.setdefault(month, {})[input_month] = sha
    reported = {m for (m,) in reading.connection.execute("select distinct month from reports.bundles").fetchall()}

    unlinked = behind(reading, known_sources(home), home.profile, of_home(home))

    # Months of which it isn't known yet what a run would make of them: their figures may change, and those that hold them.
    open_months = {m for m, (sha, _) in now_cleaned.items() if cleaned.get(m) != sha} | unlinked.months.keys()

    found: dict[str, tuple[list[str], str]] = {}
    for month in sorted({*now_cleaned, *cleaned, *now_attributed, *attributed, *inputs, *unlinked.months}):
        reasons = []
        sha, _ = now_cleaned.get(month, (None, 0))
        if month not in cleaned and month not in attributed and month not in inputs:
            reasons.append("never run")
        else:
            if sha is not None and cleaned.get(month) != sha:
                reasons.append("captures, their mapping or the profile changed")
            elif month in unlinked.months:
                what = "the model of linkage, the profile or the sources" if unlinked.resettled else "records or decisions"
                reasons.append(f"linkage hasn't followed {what} yet")
            of = inputs.get(month, {})
            changed = [m for m in year_to(month) if of.get(m, NO_INPUT) != now_attributed.get(m, NO_INPUT)]
            # Its rows may be of another moment than its figures, where a run was killed between the two.
            if month in changed or attributed.get(month, NO_INPUT) != now_attributed.get(month, NO_INPUT):
                reasons.append("its victims or decisions changed")
            if earlier := [m for m in year_to(month)[:-1] if m in changed or (m in open_months and month in inputs)]:
                reasons.append(f"{_EARLIER}{', '.join(earlier)} changed or not run")
            if month in inputs and month not in reported:
                reasons.append("no report written")
        is_from = [
            cleaned.get(month, ""),
            attributed.get(month, ""),
            *(inputs.get(month, {}).get(m, "") for m in year_to(month)),
        ]
        is_to = [sha or "", unlinked.months.get(month, ""), *(now_attributed.get(m, "") for m in year_to(month))]
        is_to += [f"{now_cleaned.get(m, ('',))[0]} {unlinked.months.get(m, '')}" for m in year_to(month)[:-1] if m in open_months]
        found[month] = reasons, hashlib.sha256("|".join([*is_from, *is_to]).encode()).hexdigest()[:16]

    # What came to another month is told there; to one that was never run, everything did.
    to_explain = [
        month
        for month, (reasons, _) in found.items()
        if any(r not in ("never run", "no report written") and not r.startswith(_EARLIER) for r in reasons)
    ]
    if not now.resolved.issuperset(to_explain):
        resolve(reading, home.profile, to_explain)
    why = causes(reading, to_explain)
    return [
        MonthStatus(
            month,
            now_cleaned.get(month, ("", 0))[1],
            victims.get(month, 0),
            digest,
            tuple(reasons),
            why.get(month, Causes()),
        )
        for month, (reasons, digest) in found.items()
    ]


_OPEN = {
    "rejected_rows": "select count(*) from captures.rejected",
    "statements_in_quarantine": "select count(distinct record_id) from cleaned.quarantine where rule <> 'superseded'",
    "questions_for_review": "select count(*) from deduplicated.review_queue where kind <> 'quality'",
}


def open_items(home: Home) -> dict[str, int]:
    """What waits for people. Empty where there is no warehouse yet."""
    try:
        with Warehouse(home.warehouse).reading() as reading:
            counts = {label: reading.connection.execute(sql).fetchone() for label, sql in _OPEN.items()}
    except NoWarehouseError:
        return {}
    return {label: int(row[0]) if row else 0 for label, row in counts.items()}


def idle_decisions(home: Home) -> list[str]:
    """Decisions in force that name nothing, so that nothing follows from them: which, where they stand, and why."""
    try:
        with Warehouse(home.warehouse).reading() as reading:
            found = dangling(reading)
    except NoWarehouseError:
        return []
    rows = found.select("decision_id", "file", "sheet", "row_number", "reason").iter_rows()
    return [
        f"{decision} ({file}{f', sheet {sheet}' if sheet else ''}, row {number}): {reason}"
        for decision, file, sheet, number, reason in rows
    ]
