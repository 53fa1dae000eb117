"""What entries of ledgers say of each other: which are taken, which wait, which are refused, and why.

Ledgers are judged one after the other, in the order in which they were received, and what was taken stays taken: a later
delivery can supersede it, never undo it. So the decisions of an archive depend on what it holds alone, however many of its
ledgers are read at a time. An entry that supersedes, or rests on, what isn't here yet waits, and is judged again when there
is more.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.batch import Rejection
from casualty_pipeline.captures.connectors.ledger.comparing import (
    DANGLING,
    Decision,
    about,
    problem_with,
    said,
    says,
    supersedes,
    way,
)
from casualty_pipeline.captures.connectors.ledger.entries import (
    Problem,
    as_decided,
    captures_of,
    form_problem,
    other_side,
)
from casualty_pipeline.captures.connectors.ledger.reading import Row
from casualty_pipeline.profile import Profile

# Whether the archive has a capture (SHA-256): received by a moment (as entries have it), or at all.
Holds = Callable[[str, str | None], bool]


@dataclass
class Ledger:
    """What ledgers came to.

    `decisions`: the entries taken, as rows of captures.decisions, in the order in which they were. `rejections`: what was
    refused, those that wait among it. Of each capture by its entry_id: `rows`, `read` (taken) and `repeated` (said before,
    to the letter); rows = read + refused rows + repeated.
    """

    decisions: list[Decision] = field(default_factory=list)
    rejections: list[tuple[Entry, Rejection]] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    repeated: dict[str, int] = field(default_factory=dict)


@dataclass
class _Pending:
    """An entry that isn't judged yet, at every place where it stands in the same words."""

    decision: Decision
    rows: list[Row]
    fresh: bool  # of the ledger that is judged now

    def __getitem__(self, column: str) -> object:
        return self.decision[column]


class Judge:
    """Takes ledgers one by one, in the order of their receipt. `known`: the decisions taken before, by id; it grows."""

    def __init__(self, profile: Profile, holds: Holds, known: dict[str, Decision] | None = None) -> None:
        self.profile, self._holds = profile, holds
        self.known = {} if known is None else known
        self.ledger = Ledger()
        self._waiting: dict[str, _Pending] = {}
        self._at: dict[tuple[str, object, object], list[str]] = defaultdict(list)  # what may contradict each other
        self._merges: dict[str, Decision] = {}
        self._superseded: set[object] = set()
        for decision in self.known.values():
            self._index(decision)

    def take(self, entry: Entry, rows: Iterable[Row], rejections: Iterable[Rejection] = ()) -> None:
        """Judge one ledger: its rows, and what its reader couldn't read."""
        ledger = self.ledger
        for counts in (ledger.rows, ledger.read, ledger.repeated):
            counts.setdefault(entry.entry_id, 0)
        self._judge_waiting(entry.received_at)
        for rejection in rejections:
            ledger.rejections.append((entry, rejection))
            ledger.rows[entry.entry_id] += rejection.row_number is not None or rejection.pointer is not None
        fresh: dict[str, list[_Pending]] = defaultdict(list)
        for row in rows:
            ledger.rows[entry.entry_id] += 1
            problem = form_problem(self.profile, row.cells)
            if problem is not None:
                self._refuse(row, problem)
                continue
            self._sort_in(row, as_decided(row.cells), fresh)
        self._judge(self._unlike(fresh), entry.received_at)

    def finish(self) -> Ledger:
        """What became of all that was taken; what still waits is refused, for now."""
        self._judge_waiting(None)
        for pending in self._waiting.values():
            self._refuse_all(pending, self._basis_problem(pending, None) or _dangling(pending))
        self._waiting = {}
        return self.ledger

    def _sort_in(self, row: Row, decision: Decision, fresh: dict[str, list[_Pending]]) -> None:
        """Said before, an edit of what was taken, or new."""
        name = str(decision["decision_id"])
        if name in self.known:
            if said(decision) == said(self.known[name]):
                self.ledger.repeated[row.entry.entry_id] += 1
            else:
                what = "expected what the decision of this id said when it was taken, found another"
                advice = "the ledger is append-only, give a new id and supersede the old"
                self._refuse(row, ("decision_id", f"{what}: {advice}"))
            return
        for pending in [*fresh[name], *([self._waiting[name]] if name in self._waiting else [])]:
            if said(pending.decision) == said(decision):
                pending.rows.append(row)
                return
        fresh[name].append(_Pending(decision, [row], True))

    def _unlike(self, fresh: Mapping[str, list[_Pending]]) -> dict[str, _Pending]:
        """New entries by id, and those that wait; what stands under one id in two ways is refused each time."""
        pending: dict[str, _Pending] = {}
        for name, entries in fresh.items():
            if len(entries) > 1:
                for one in entries:
                    places = ", ".join(row.place for other in entries if other is not one for row in other.rows)
                    what = f"expected one decision of an id, found another in {places}"
                    self._refuse_all(
                        one, ("decision_id", f"{what}: nothing tells which is meant, give each an id of its own")
                    )
            elif entries:
                pending[name] = entries[0]
        for name, waits in self._waiting.items():
            if name in pending:  # corrected before it was ever taken
                what = "expected what stands under this id in a later ledger"
                self._refuse_all(waits, ("decision_id", f"{what}: it was never taken, and corrected there"))
            else:
                pending[name] = waits
        self._waiting = {}
        return pending

    def _judge_waiting(self, moment: str | None) -> None:
        """Take what waited for captures that came by now: it was there before the ledger that comes next."""
        waiting, self._waiting = self._waiting, {}
        self._judge(waiting, moment)

    def _judge(self, pending: dict[str, _Pending], moment: str | None) -> None:
        self._drop(pending, self._circular(pending))
        while True:
            self._without_dangling(pending, moment)
            wrong = self._contradictory(pending) or self._merged_in_circles(pending)
            if not wrong:
                break
            self._drop(pending, wrong)
        for one in _in_order(pending):
            self._accept(one)
        for waits in self._waiting.values():
            waits.fresh = False

    def _drop(self, pending: dict[str, _Pending], wrong: Mapping[str, Problem]) -> None:
        for name, problem in wrong.items():
            self._refuse_all(pending.pop(name), problem)

    def _accept(self, one: _Pending) -> None:
        row, *again = one.rows
        decision = one.decision | {
            "source": row.entry.source,
            "capture_sha256": row.entry.sha256,
            "file": row.entry.original_name,
            "sheet": row.sheet,
            "row_number": row.number,
            "pointer": row.pointer,
        }
        self.known[str(decision["decision_id"])] = decision
        self.ledger.decisions.append(decision)
        self.ledger.read[row.entry.entry_id] += 1
        for repeated in again:
            self.ledger.repeated[repeated.entry.entry_id] += 1
        self._index(decision)

    def _index(self, decision: Decision) -> None:
        if (topic := about(decision)) is not None:
            self._at[topic].append(str(decision["decision_id"]))
        if decision["kind"] == "merge":
            self._merges[str(decision["decision_id"])] = decision
        if decision["supersedes"]:
            self._superseded.add(decision["supersedes"])

    # --- What may be wrong --------------------------------------------------------------------------------------------

    def _basis_problem(self, one: _Pending, moment: str | None) -> Problem | None:
        lacking = next((sha256 for sha256 in captures_of(one["basis"]) if not self._holds(sha256, moment)), None)
        if lacking is None:
            return None
        advice = "correct it, or take the capture in (`casualty ingest`): this entry waits for it"
        return "basis", f"expected captures that are in the archive, found {lacking}, which isn't: {advice}"

    def _circular(self, pending: Mapping[str, _Pending]) -> dict[str, Problem]:
        """New entries that supersede each other in a circle."""
        found: dict[str, Problem] = {}
        for name, one in pending.items():
            chain = [name]
            while (before := str(pending[chain[-1]]["supersedes"] or "")) in pending and before not in chain:
                chain.append(before)
            if before == name and one.fresh:
                what = f"expected an earlier decision, found a circle: {' supersedes '.join([*chain, name])}"
                found[name] = "supersedes", f"{what}. Decide anew, under a new id"
        return found

    def _without_dangling(self, pending: dict[str, _Pending], moment: str | None) -> None:
        """Set aside what supersedes or rests on nothing known, and refuse what may not supersede what it does."""
        while True:
            wrong: dict[str, Problem] = {}
            for name, one in pending.items():
                superseded = str(one["supersedes"] or "")
                before = pending[superseded].decision if superseded in pending else self.known.get(superseded)
                if (superseded and before is None) or self._basis_problem(one, moment):
                    self._waiting[name] = one
                elif before is not None and (problem := problem_with(one.decision, before)):
                    wrong[name] = problem
            if not wrong and not any(name in self._waiting for name in pending):
                return
            self._drop(pending, wrong)
            for name in [name for name in pending if name in self._waiting]:
                del pending[name]

    def _contradictory(self, pending: Mapping[str, _Pending]) -> dict[str, Problem]:
        """Entries that decide one thing in two ways at one moment, neither superseding the other."""
        now = defaultdict[tuple[str, object, object], list[str]](list)
        for name, one in pending.items():
            if (topic := about(one.decision)) is not None:
                now[topic].append(name)

        def decision(name: str) -> Decision:
            return pending[name].decision if name in pending else self.known[name]

        found: dict[str, Problem] = {}
        for topic, names in now.items():
            if len(names) + len(self._at.get(topic, ())) < 2:
                continue
            everyone = [*self._at.get(topic, ()), *names]
            for name in names:
                others = [
                    other
                    for other in everyone
                    if says(decision(other)) != says(decision(name))
                    and not supersedes(decision, name, other)
                    and not supersedes(decision, other, name)
                ]
                if others:
                    what = f"expected one decision on it at one moment, found another value in {', '.join(others)}"
                    found[name] = "value", f"{what}: leave one of them, or let the later one supersede the other"
        return found

    def _merged_in_circles(self, pending: Mapping[str, _Pending]) -> dict[str, Problem]:
        """New merges that lead back to where they began, through others that stand."""
        merges = {name: one.decision for name, one in pending.items() if one["kind"] == "merge"}
        if not any(other_side(decision) for decision in merges.values()):
            return {}
        gone = self._superseded | {one["supersedes"] for one in pending.values()}
        into = defaultdict[str, list[tuple[str, str]]](list)  # subject -> where it goes, by which decision
        for name, decision in [*self._merges.items(), *merges.items()]:
            if name not in gone and (side := other_side(decision)) is not None:
                into[str(decision["subject"])].append((side[1], name))
        found: dict[str, Problem] = {}
        for name, decision in merges.items():
            side = other_side(decision)
            if side is None or name in gone:
                continue
            if (chain := way(into, side[1], str(decision["subject"]))) is not None:
                what = f"expected merges that end somewhere, found a circle with {', '.join(chain)}"
                found[name] = "value", f"{what}: leave one of them, or withdraw what is wrong first"
        return found

    # --- Refusals -----------------------------------------------------------------------------------------------------

    def _refuse_all(self, one: _Pending, problem: Problem) -> None:
        for row in one.rows:
            self._refuse(row, problem)

    def _refuse(self, row: Row, problem: Problem) -> None:
        column, reason = problem
        value = row.cells.get(column, "")[:200]
        told = Rejection(row.sheet, row.number, column, value, reason, row.pointer_of(column))
        self.ledger.rejections.append((row.entry, told))


def _dangling(one: _Pending) -> Problem:
    advice = "correct the id, or send the ledger that holds it: this entry waits for it"
    return "supersedes", f"{DANGLING}, found {one['supersedes']}, which is in none (or was refused there): {advice}"


def _in_order(pending: Mapping[str, _Pending]) -> list[_Pending]:
    """Those that wait first, then as they stand in the ledger."""
    return sorted(pending.values(), key=lambda one: one.fresh)
