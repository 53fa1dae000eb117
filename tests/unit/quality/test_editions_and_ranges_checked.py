"""What was published, how attributions came to be, and ranges beside counts: what is right passes, each fault is found."""

from collections.abc import Iterator, Sequence

import pytest

import checks.attributed
import checks.editions
import checks.monthly
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.profile import load_profile
from casualty_pipeline.warehouse import Warehouse, Writing
from checks.rules import Check

MARCH = ["2020-03"]
SYRIA = load_profile("syria")
RIGHT = """
insert into captures.decisions by name select 'D-1' as decision_id, 'attribution' as kind, 'incident:a/1' as subject,
    'russia' as value, 'AB' as decided_by, timestamp '2020-05-01' as decided_at, 'decisions' as source,
    'd' as capture_sha256, 'd.csv' as file;
insert into attributed.incidents by name select 'I-1' as incident_id, '2020-03' as documentation_month,
    'SY07' as governorate, 'believed' as attribution, 'russia' as party, 6 as civilians, true as massacre;
insert into attributed.transitions by name
    select '2020-03' as documentation_month, 'I-1' as incident_id, timestamp '2020-03-09' as known_at, 'first' as change,
        'joint_pending' as attribution, 'russia+syrian_regime' as party, null as attribution_before, null as party_before,
        'tie' as basis, 'decision' as cause, 'D-1' as cause_id
    union all
    select '2020-03', 'I-1', timestamp '2020-05-01', 'joint_resolved', 'believed', 'russia', 'joint_pending',
        'russia+syrian_regime', 'decision', 'decision', 'D-1';
insert into monthly.figures by name select '2020-03' as month, '2020-03' as period, 'civilians' as population,
    'russia' as party, '' as category, '' as governorate, 'all' as demographic, 'count' as measure, 6 as value;
insert into monthly.ranges by name select '2020-03' as month, '2020-03' as period, 'civilians' as population,
    unnest(['russia', 'isis']) as party, 0 as minimum, unnest([6, 0]) as value, 9 as maximum;
insert into reports.editions by name select '2020-03' as month, unnest([1, 2]) as edition,
    unnest([timestamp '2020-04-01', timestamp '2020-05-02']) as as_of,
    unnest([timestamp '2020-04-02', timestamp '2020-05-03']) as published_at, '2020.1' as methodology, true as synthetic,
    unnest([0, 1]) as figures_changed, 1 as captures, 1 as decisions, false as signed, unnest(['m1', 'm2']) as manifest,
    unnest(['', 'm1']) as previous, 'published' as folder;
insert into monthly.vintages by name select e.month, e.edition, e.as_of, f.* exclude (month, value), 5 + e.edition as value
    from reports.editions as e, monthly.figures as f;
insert into monthly.restatements by name select '2020-03' as month, 2 as edition, f.* exclude (month, value), 6 as before,
    7 as after, unnest(['decision', 'method']) as cause, unnest(['D-1', '2020.2']) as cause_id, unnest([1, 2]) as place,
    unnest([-1, 2]) as share from monthly.figures as f;
"""


def _found(write: Writing, home: HomeResource) -> set[tuple[str, str]]:
    """Table and name of each check in SQL that finds something; every row that it finds has a month and a key."""
    declared: Sequence[Check] = (
        *checks.editions.DECLARED,
        *checks.attributed.declared(SYRIA),
        *checks.monthly.declared(SYRIA),
    )
    tables = {"attributed.transitions", "monthly.ranges", "reports.editions", "monthly.vintages", "monthly.restatements"}
    rows = {(c.table, c.name): c.find(home, write, MARCH) for c in declared if c.table in tables}
    assert all(r["month"].eq("2020-03").all() and r["key"].ne("").all() for r in rows.values())
    return {check for check, found in rows.items() if found.height}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def write(home: Home) -> Iterator[Writing]:
    """The tables as they should be, in a transaction that nobody keeps."""

    class UndoneError(Exception):
        pass

    with pytest.raises(UndoneError), Warehouse(home.warehouse).writing() as writing:
        writing.connection.execute(RIGHT)
        yield writing
        raise UndoneError


def test_what_is_right_passes(write: Writing, home: Home) -> None:
    assert _found(write, HomeResource(path=str(home.path))) == set()


FAULTS = [
    ("insert into monthly.vintages from monthly.vintages where edition = 1", "monthly.vintages keys_are_unique"),
    ("insert into reports.editions from reports.editions where edition = 2", "reports.editions keys_are_unique"),
    ("insert into monthly.restatements from monthly.restatements limit 1", "monthly.restatements keys_are_unique"),
    ("update reports.editions set edition = 3 where edition = 2", "reports.editions editions_follow_each_other"),
    ("update reports.editions set previous = 'm9' where edition = 2", "reports.editions editions_follow_each_other"),
    ("update reports.editions set previous = ''", "reports.editions editions_follow_each_other"),
    (
        "update reports.editions set as_of = '2020-03-01' where edition = 2",
        "reports.editions editions_know_no_later_than_published",
    ),
    (
        "update reports.editions set published_at = '2020-03-01'",
        "reports.editions editions_know_no_later_than_published",
    ),
    ("delete from reports.editions where edition = 2", "monthly.vintages vintages_are_of_editions"),
    ("delete from monthly.vintages where edition = 1", "monthly.vintages vintages_are_of_editions"),
    ("update monthly.vintages set as_of = '2020-03-01'", "monthly.vintages vintages_are_of_editions"),
    ("update monthly.restatements set cause_id = 'D-9'", "monthly.restatements causes_are_known"),
    ("update monthly.restatements set cause = 'capture'", "monthly.restatements causes_are_known"),
    ("update monthly.restatements set cause = 'error'", "monthly.restatements causes_are_known"),
    ("update monthly.restatements set share = 1", "monthly.restatements causes_add_up_to_the_difference"),
    ("delete from monthly.restatements where place = 2", "monthly.restatements causes_add_up_to_the_difference"),
    ("delete from monthly.restatements", "monthly.restatements restatements_tell_what_changed"),
    ("update monthly.vintages set value = 8 where edition = 2", "monthly.restatements restatements_tell_what_changed"),
    ("update monthly.restatements set party = 'isis'", "monthly.restatements restatements_tell_what_changed"),
    ("update monthly.ranges set minimum = 7", "monthly.ranges counts_lie_within_their_range"),
    ("update monthly.ranges set maximum = 5", "monthly.ranges counts_lie_within_their_range"),
    ("update monthly.ranges set value = value + 1", "monthly.ranges ranges_are_of_figures"),
    ("delete from attributed.incidents", "attributed.transitions transitions_are_of_what_there_is"),
    ("update attributed.transitions set victim_id = 'V-9'", "attributed.transitions transitions_are_of_what_there_is"),
    ("update attributed.transitions set cause_id = 'D-9'", "attributed.transitions transitions_are_of_what_there_is"),
    ("update attributed.transitions set cause = 'claim'", "attributed.transitions transitions_are_of_what_there_is"),
    ("update attributed.incidents set party = 'isis'", "attributed.transitions changes_lead_to_what_holds"),
    (
        "delete from attributed.transitions where change = 'first'",
        "attributed.transitions changes_lead_to_what_holds",
    ),
]


@pytest.mark.parametrize(
    ("fault", "check"), FAULTS, ids=lambda v: v if " set " in v or v[:6] in ("delete", "insert") else ""
)
def test_what_is_wrong_is_found(write: Writing, home: Home, fault: str, check: str) -> None:
    write.connection.execute(fault)

    assert tuple(check.split(" ")) in _found(write, HomeResource(path=str(home.path)))
