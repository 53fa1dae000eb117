"""Two entries beside each other: whether one may supersede the other, what they are about, and whether they say the same."""

from collections.abc import Callable, Mapping, Sequence

from casualty_pipeline.captures.connectors.ledger.entries import SAID, WITHDRAWN, Problem, as_decided, other_side

Decision = dict[str, object]
DANGLING = "expected the id of a decision in a ledger that was received"


def supersedes_problem(cells: Mapping[str, str], known: Mapping[str, Decision]) -> Problem | None:
    """What is wrong with what a sound entry supersedes, among the decisions known."""
    superseded = cells.get("supersedes", "")
    if not superseded:
        return None
    if superseded not in known:
        return "supersedes", f"{DANGLING}, found none of this id: correct it, or send that ledger"
    return problem_with(as_decided(cells), known[superseded])


def problem_with(one: Decision, before: Decision) -> Problem | None:
    """What is wrong with one decision superseding another."""
    name = before["decision_id"]
    if one["kind"] != before["kind"]:
        what = f"expected a decision of the kind {one['kind']}, found {name} of the kind {before['kind']}"
        return "supersedes", f"{what}: withdraw that one, and decide this by itself"
    pair = pair_of(before) or frozenset()
    if (
        one["subject"] != before["subject"]
        and pair_of(one) != pair
        and not (one["value"] == WITHDRAWN and one["subject"] in pair)
    ):
        what = f"expected a decision on {one['subject']}, found {name} on {before['subject']}"
        return "supersedes", f"{what}: name the subject as {name} does, or withdraw that one"
    if str(one["decided_at"]) < str(before["decided_at"]):
        what = f"expected a moment not before {before['decided_at']} UTC, when {name} was decided"
        return "decided_at", f"{what}: nothing can be superseded before it was decided"
    return None


def said(decision: Mapping[str, object]) -> tuple[object, ...]:
    """What may never change under the id of a decision."""
    return tuple(decision[column] for column in SAID)


def pair_of(decision: Decision) -> frozenset[str] | None:
    """The two that a link or a merge is about, in either order."""
    side = other_side(decision)
    return frozenset((str(decision["subject"]), side[1])) if side else None


def about(decision: Decision) -> tuple[str, object, object] | None:
    """On what, and when, a decision may be contradicted by another; None where by none."""
    if decision["kind"] == "retraction" or decision["value"] == WITHDRAWN:
        return None
    if (pair := pair_of(decision)) is not None:
        return "link", pair, decision["decided_at"]
    return str(decision["kind"]), decision["subject"], decision["decided_at"]


def says(decision: Decision) -> tuple[object, ...]:
    """What a decision says of that, so that two which say the same don't contradict each other."""
    if (side := other_side(decision)) is not None:
        return ("same_as" if side[0] == "into" else side[0],)
    return decision["value"], decision["certainty"] if decision["kind"] == "attribution" else None


def supersedes(decision: Callable[[str], Decision], later: str, earlier: str) -> bool:
    """Whether one decision supersedes another, directly or through others."""
    seen = {later}
    while (before := str(decision(later)["supersedes"] or "")) and before not in seen:
        if before == earlier:
            return True
        seen.add(before)
        try:
            decision(before)
        except KeyError:  # what it supersedes isn't known here: so much of the ledgers was given
            return False
        later = before
    return False


def way(into: Mapping[str, Sequence[tuple[str, str]]], start: str, end: str) -> list[str] | None:
    """The decisions that lead from one id to another, or None."""
    came: dict[str, list[str]] = {start: []}
    waiting = [start]
    while waiting:
        at = waiting.pop(0)
        if at == end:
            return came[at]
        for beyond, name in into.get(at, ()):
            if beyond not in came:
                came[beyond] = [*came[at], name]
                waiting.append(beyond)
    return None
