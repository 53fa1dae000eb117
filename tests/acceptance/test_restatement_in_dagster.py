"""The six restatements of docs/walkthrough.md once more, through Dagster alone.

What becomes known is entered by the page's own commands; nobody types `casualty run` after that. The first three are found
and computed by the daemon's sensors, as they stand; the other three by backfills from the UI's GraphQL,
with the sensors switched off.
"""

from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from casualty_pipeline.captures.inbox import inbox_waits
from casualty_pipeline.captures.intake import unread_captures
from casualty_pipeline.editions.differences import restatement_of
from casualty_pipeline.editions.restating import adds_up
from casualty_pipeline.editions.shelf import edition
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.months import months_between
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.jobs import MATERIALIZE_MONTH, TAKE_IN
from casualty_pipeline.status import MonthStatus, months_status
from tests.acceptance.conftest import Casualty
from tests.restatements import (
    CHANGES,
    DECISIONS,
    Figures,
    check_changes,
    figures_of,
    first_editions,
    letter_of,
    may,
    stale_after,
)
from tests.served import Served, serving, waited
from tests.told_pages import DOCS, told

pytestmark = pytest.mark.long
BY_SENSORS, BY_BACKFILL = "abc", "def"


@dataclass(frozen=True)
class Step:
    """How things stood once Dagster had dealt with what became known."""

    figures: dict[str, Figures]
    run: set[str]  # the months that were computed
    named: str  # the decisions that the runs or the reasons named
    first_editions: str


@dataclass(frozen=True)
class Walk:
    """All of them."""

    casualty: Casualty
    steps: dict[str, Step]  # "start", then by letter

    def before(self, letter: str) -> Step:
        """How things stood before."""
        letters = list(self.steps)
        return self.steps[letters[letters.index(letter) - 1]]


def _stale(home: Home) -> list[MonthStatus]:
    return [m for m in months_status(home) if not m.current]


def _settled(home: Home) -> bool:
    try:
        return not (inbox_waits(home) or unread_captures(home) or _stale(home))
    except CasualtyError:  # a run holds the warehouse
        return False


def _by_sensors(served: Served, home: Home) -> tuple[set[str], str]:
    """Wait until the daemon has found and done it all; the months that it ran, and the decisions that it names."""
    before = set(served.runs(why="stale"))
    waited("sensors that leave nothing stale", lambda: _settled(home), 600)
    waited("the end of the runs", lambda: all(status == "SUCCESS" for status, _ in served.runs(why="stale").values()))
    tags = [tags for run, (_, tags) in served.runs(why="stale").items() if run not in before]
    ranges = [[t[f"dagster/asset_partition_range_{end}"] for end in ("start", "end")] for t in tags]
    return {m for first, last in ranges for m in months_between(first, last)}, " ".join(t.get("decisions", "") for t in tags)


def _by_backfill(served: Served, home: Home) -> tuple[set[str], str]:
    """Have captures read, and launch backfills from the first stale month to the last until nothing is stale."""
    served.run(TAKE_IN)
    stale = _stale(home)
    named = " ".join(decision for m in stale for decision in m.causes.decisions)
    run: set[str] = set()
    while stale and len(run) < 20:
        months = months_between(stale[0].month, stale[-1].month)
        served.backfill(MATERIALIZE_MONTH, months)
        run.update(months)
        stale = _stale(home)
    return run, named


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    folder = tmp_path_factory.mktemp("dagster-walk")
    casualty = Casualty(folder / "walk")
    home = Home(casualty.home)
    steps: dict[str, Step] = {}

    def entering(heading: str, commands: str) -> bool:
        return heading == "The start" or commands.startswith(("casualty decide", "cat >"))

    def step(run: set[str], named: str) -> Step:
        return Step(figures_of(casualty.home), run, named, first_editions(casualty.home))

    with ExitStack() as held:
        for block in told(DOCS / "walkthrough.md", folder, only=entering):
            assert block.code == 0, block.printed
            letter = letter_of(block.heading)
            if not letter:
                continue
            if letter == "a":
                steps["start"] = step(set(), "")
                served = held.enter_context(serving(casualty.home))
            if letter == BY_BACKFILL[0]:
                served.stop_sensors("inbox", "stale_months")
            deal = _by_sensors if letter in BY_SENSORS else _by_backfill
            steps[letter] = step(*deal(served, home))
    return Walk(casualty, steps)


@pytest.mark.parametrize("letter", CHANGES)
def test_exactly_the_stale_months_are_run(walk: Walk, letter: str) -> None:
    known = {*walk.before(letter).figures, *walk.steps[letter].figures}
    assert walk.steps[letter].run == stale_after(letter, known)


@pytest.mark.parametrize("letter", [letter for letter, (kind, _) in DECISIONS.items() if kind != "capture"])
def test_the_decision_is_named(walk: Walk, letter: str) -> None:
    assert DECISIONS[letter][1] in walk.steps[letter].named


@pytest.mark.parametrize("letter", CHANGES)
def test_the_right_figures_change_and_no_others(walk: Walk, letter: str) -> None:
    check_changes(letter, walk.before(letter).figures, walk.steps[letter].figures)


def test_marchs_next_edition_accounts_for_all_six_and_its_first_is_untouched(walk: Walk) -> None:
    home = Home(walk.casualty.home)
    walk.casualty.done("publish", "--month", "2020-03", "--as-of", "2020-09-01T12:00:00Z")
    rows = restatement_of(edition(home, "2020-03", 2))
    assert adds_up(rows)
    assert set(rows["cause_id"]) == {*(cause for _, cause in DECISIONS.values()), may(home.path)}
    assert len({step.first_editions for step in walk.steps.values()}) == 1
    walk.casualty.done("rebuild", "--month", "2020-03", "--edition", "1")
