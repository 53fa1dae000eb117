"""A decision that is entered again, because nobody knows whether a killed command had kept it, is there once."""

import json

import pytest

from tests.acceptance.conftest import Casualty

SEEN = ("decide", "verification", "record:field_teams/1", "verified", "--reason", "seen", "--who", "AB")


def entries(casualty: Casualty) -> int:
    return len(list((casualty.home / "archive" / "entries").glob("*.jsonl")))


def test_the_same_decision_is_entered_once(empty: Casualty) -> None:
    first = empty.done(*SEEN)
    again = empty.done(*SEEN)

    assert again.stdout == first.stdout
    assert f"in force already, in the ledger {first.stdout.strip()}.json" in again.stderr
    assert entries(empty) == 1
    tried = json.loads(empty.done(*SEEN, "--dry-run").stdout)
    assert tried["decision_id"] == first.stdout.strip()


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(("verification", "record:field_teams/1", "unverified"), id="another on the same subject"),
        pytest.param(("verification", "record:field_teams/1", "withdrawn", "--supersedes"), id="its withdrawal"),
    ],
)
def test_it_is_entered_again_once_somebody_decided_otherwise(empty: Casualty, between: tuple[str, ...]) -> None:
    first = empty.done(*SEEN, "--decided-at", "2020-04-01").stdout.strip()
    _, _, _, *rest = between
    superseding = [*between, first] if rest else list(between)
    empty.done("decide", *superseding, "--reason", "a call", "--who", "AB", "--decided-at", "2020-04-02")

    assert empty.done(*SEEN).stdout.strip() != first
    assert entries(empty) == 3


def test_one_that_differs_in_a_word_or_was_decided_at_another_moment_is_another(empty: Casualty) -> None:
    empty.done(*SEEN, "--decided-at", "2020-04-01T10:00:00Z")
    empty.done(*SEEN[:-1], "CD", "--decided-at", "2020-04-01T10:00:00Z")
    empty.done(*SEEN, "--decided-at", "2020-04-01T11:00:00Z")

    assert entries(empty) == 3
