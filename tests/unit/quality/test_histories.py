"""Plausibility on tables: what each series is made of, how late reports are allowed for, which captures repeat another."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

import checks.plausibility
from casualty_pipeline.figures.months import months_between, next_month
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality import histories
from casualty_pipeline.quality.repeated import repeated_captures
from casualty_pipeline.quality.sexes import swapped_captures
from casualty_pipeline.warehouse import Warehouse, Writing

MONTHS = months_between("2019-03", "2020-03")
NOW = MONTHS[-1]
STATEMENTS = """
insert into cleaned.records by name
select $source || $month || i as record_id, $source as source, i::varchar as source_key, 'person' as statement,
    $month as documentation_month, $known::timestamp as known_at, false as unnamed, 1 as persons, false as countable_media,
    'killed' as status,
    case when i <= $filled then 'male' end as sex
from range(1, $n + 1) as t(i)
"""


@pytest.fixture
def write(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writing]:
    home = Home(tmp_path_factory.mktemp("home"))
    with Warehouse(home.warehouse).writing() as writing:
        yield writing


def _say(write: Writing, source: str, month: str, n: int, filled: int | None = None, days: int = 0) -> None:
    ends = date.fromisoformat(f"{next_month(month)}-01")
    write.connection.execute(
        STATEMENTS,
        {
            "source": source,
            "month": month,
            "known": str(ends + timedelta(days)),
            "n": n,
            "filled": n if filled is None else filled,
        },
    )


def _found(write: Writing, name: str) -> list[tuple[str, str, str]]:
    (check,) = (c for c in checks.plausibility.CLEANED if c.name == name)
    return check.find(HomeResource(path="nowhere"), write, [NOW]).rows()


def test_a_source_that_goes_quiet_is_named_by_its_id_with_a_chart(write: Writing) -> None:
    for number, month in enumerate(MONTHS):
        _say(write, "steady", month, 80 + number % 4)
        _say(write, "quiet", month, 60 + number % 5 if month != NOW else 0)

    assert [row[:2] for row in _found(write, "sources_say_as_much_as_before")] == [(NOW, "quiet")]
    (check,) = (c for c in checks.plausibility.CLEANED if c.name == "sources_say_as_much_as_before")
    assert check.show is not None
    assert "data:image/svg+xml;base64," in check.show(write, NOW)["history"].value


def test_a_month_whose_reports_are_still_coming_is_compared_with_others_at_its_age(write: Writing) -> None:
    for number, month in enumerate(MONTHS):
        _say(write, "early", month, 70 + number % 3)
        if month != NOW:
            _say(write, "early late", month, 5)
            write.connection.execute("update cleaned.records set source = 'early' where source = 'early late'")
            _say(write, "early", month, 60, days=20)

    assert list(histories.sources(write, NOW)["early"])[-2:] == [70 + 11 % 3 + 5, 70]
    assert _found(write, "sources_say_as_much_as_before") == []


def test_a_field_that_comes_empty_is_named_with_its_source(write: Writing) -> None:
    for number, month in enumerate(MONTHS):
        _say(write, "form", month, 100, 90 + number % 4 if month != NOW else 3)

    ((month, series, sentence),) = _found(write, "fields_are_filled_as_before")
    assert (month, series) == (NOW, "form sex")
    assert sentence.startswith("form sex: 3 %, where it was 9")


def test_a_capture_that_says_an_earlier_one_again_under_new_keys_is_named(write: Writing) -> None:
    write.connection.execute(
        """
        insert into captures.records by name
        select capture || i as record_id, key || i as source_key, 'person' as statement, false as candidate,
            'form' as source, capture as capture_sha256, 'f.csv' as file, 'v' as connector_version,
            '2020-03' as documentation_month, c.moment as received_at, c.moment as known_at, named || i as name_en,
            'male' as sex
        from range(10) as t(i), (
            values ('first', 'a', 'Invented ', timestamp '2020-04-01'), ('again', 'b', 'Invented ', timestamp '2020-04-02'),
                ('corrected', 'a', 'Invented ', timestamp '2020-04-03'), ('other', 'c', 'Other ', timestamp '2020-04-04')
        ) as c(capture, key, named, moment)
        """
    )

    found = {(r.capture, r.same, r.statements, r.earlier) for r in repeated_captures(write, ["2020-03"])}

    assert ("again", 10, 10, "first") in found
    assert not {"first", "other"} & {capture for capture, *_ in found}
    assert all("Invented" not in r.sentence for r in repeated_captures(write, ["2020-03"]))


def _people(write: Writing, told: str) -> None:
    """Statements of March 2020 by `capture`, `i`, `given` and `sex`, of a query."""
    write.connection.execute(f"create or replace temp table told as {told}")
    write.connection.execute(
        """
        insert into captures.records by name
        select capture || i as record_id, capture as capture_sha256, 'form' as source, capture || i as source_key,
            'person' as statement, '2020-03' as documentation_month, timestamp '2020-04-02' as received_at,
            timestamp '2020-04-02' as known_at, 'f.csv' as file, 'v' as connector_version, false as candidate
        from told
        """
    )
    write.connection.execute(
        """
        insert into cleaned.records by name
        select r.record_id, r.source, r.source_key, r.statement, r.documentation_month, r.known_at, false as unnamed,
            1 as persons, false as countable_media, 'killed' as status, t.given || ' invented' as name_en_normal, t.sex
        from told as t inner join captures.records as r on t.capture || t.i = r.record_id
        """
    )


def test_a_capture_in_which_sexes_are_exchanged_is_told_and_one_that_fits_is_not(write: Writing) -> None:
    _people(
        write,
        """
        select c.capture, i, ['omar', 'adnan', 'salma'][i % 3 + 1] as given,
            case when (i % 3 = 2) <> (c.capture = 'swapped') then 'female' else 'male' end as sex
        from (select unnest(['one', 'other', 'third', 'swapped', 'further']) as capture) as c cross join range(60) as t(i)
        where capture <> 'swapped' or i < 20
        """,
    )

    (found,) = swapped_captures(write, ["2020-03"])

    assert (found.capture, found.against, found.compared) == ("swapped", 20, 20)
    assert "20 of 20 people" in found.sentence
    assert not {"omar", "salma", "adnan"} & set(found.sentence.split())


def test_a_name_that_both_sexes_bear_says_nothing(write: Writing) -> None:
    _people(
        write,
        """
        select c.capture, i, 'nour' as given, case when c.capture = 'one' and i % 2 = 0 then 'male' else 'female' end as sex
        from (select unnest(['one', 'other']) as capture) as c cross join range(20) as t(i)
        """,
    )

    assert swapped_captures(write, ["2020-03"]) == []
