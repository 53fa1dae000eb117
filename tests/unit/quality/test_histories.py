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
