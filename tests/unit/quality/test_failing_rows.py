"""Failing rows: kept as they were found first, closed when they are found no more."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from casualty_pipeline.captures.sources import load_source
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.quality.failures import Outcome, failing, keep, unresolved
from casualty_pipeline.quality.freshness import due_month, overdue
from casualty_pipeline.quality.holding import left_out, sentence
from casualty_pipeline.quality.holding import refused_months as refused_months_of
from casualty_pipeline.quality.listing import failures
from casualty_pipeline.quality.publishing import publish, refused_months
from casualty_pipeline.warehouse import Warehouse, Writing

NOW = datetime(2020, 4, 2, 8, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    made.prepare()
    with Warehouse(made.warehouse).writing():
        pass
    yield made


def found(*rows: tuple[str, str], months: tuple[str, ...] | None = ("2020-01", "2020-02"), **more: Any) -> Outcome:
    return Outcome("cleaned.records", "rule", True, failing((m, k, "why") for m, k in rows), months, **more)


def kept(home: Home, run: str, *outcomes: Outcome, audited: bool = False) -> None:
    at = datetime(2020, 4, 1) + timedelta(hours=int(run))  # noqa: DTZ001  the warehouse keeps UTC without saying so
    with Warehouse(home.warehouse).writing() as write:
        keep(write, "cleaned", run, at, outcomes, audited)


def listed(home: Home, closed: bool = False) -> list[tuple[Any, ...]]:
    return failures(home, closed=closed).select("month", "key", "run_id", "closed_by").rows()


def test_a_row_that_fails_again_stays_as_it_was_found_first_and_one_found_no_more_is_closed(home: Home) -> None:
    kept(home, "1", found(("2020-01", "a"), ("2020-02", "b")))
    kept(home, "2", found(("2020-01", "a")))

    assert listed(home) == [("2020-01", "a", "1", None)]
    assert listed(home, closed=True) == [("2020-01", "a", "1", None), ("2020-02", "b", "1", "2")]


def test_months_that_a_run_did_not_look_at_stay_open(home: Home) -> None:
    kept(home, "1", found(("2020-01", "a"), ("2020-02", "b")))
    kept(home, "2", found(months=("2020-02",)))

    assert listed(home) == [("2020-01", "a", "1", None)]


def test_rows_of_a_check_that_has_another_name_now_are_closed(home: Home) -> None:
    kept(home, "1", found(("2020-01", "a")))
    with Warehouse(home.warehouse).writing() as write:
        at = datetime(2020, 4, 2)  # noqa: DTZ001  as above
        keep(write, "cleaned", "2", at, [], declared=[("cleaned.records", "renamed")])

    assert listed(home, closed=True) == [("2020-01", "a", "1", "2")]


def test_months_refused_are_left_out_where_there_are_no_rows_of_before_and_never_reported_on(home: Home) -> None:
    refused = frozenset({"2020-01", "2020-02"})
    kept(home, "1", found(("2020-01", "a"), ("2020-02", "b"), refused=refused), audited=True)
    months = ["2020-01", "2020-02", "2020-03"]
    with Warehouse(home.warehouse).writing() as write:
        write.connection.execute("insert into cleaned.month_inputs values ('2020-01', 1, 'digest')")
        assert left_out(write, "cleaned", months) == []
        assert left_out(write, "attributed", months) == ["2020-02"]
        assert left_out(write, "reports", months) == ["2020-01", "2020-02"]
        assert "2020-01, 2020-02 not replaced in cleaned" in sentence(refused_months_of(write, months))


def test_rows_of_a_month_refused_are_closed_by_an_audit_alone(home: Home) -> None:
    kept(home, "1", found(("2020-01", "a"), refused=frozenset({"2020-01"})), audited=True)

    kept(home, "2", found())  # the checks alone, on the rows of before: they say nothing of those refused
    assert listed(home) == [("2020-01", "a", "1", None)]
    kept(home, "3", found(), audited=True)
    assert listed(home) == []


def test_every_row_of_very_many_is_kept(home: Home) -> None:
    kept(home, "1", found(*(("2020-01", str(n)) for n in range(100_000))))

    with Warehouse(home.warehouse).reading() as reading:
        assert unresolved(reading) == {"2020-01": {"cleaned.records rule": 100_000}}
        assert unresolved(reading, blocking=False) == {}


def test_where_a_check_cannot_say_which_month_every_month_is_refused() -> None:
    assert refused_months([found(("2020-02", "b"))], ["2020-01", "2020-02"]) == ["2020-02"]
    assert refused_months([found(("", "b"))], ["2020-01", "2020-02"]) == ["2020-01", "2020-02"]


def test_months_that_pass_are_written_without_those_refused(home: Home) -> None:
    written: list[list[str]] = []

    def compute(_write: Writing, months: Any) -> None:
        written.append(list(months))

    def audit(_write: Writing, months: Any) -> list[Outcome]:
        return [found(*((m, "b") for m in months if m == "2020-02"), months=tuple(months))]

    done = publish(Warehouse(home.warehouse), ["2020-01", "2020-02", "2020-03"], compute, audit)

    assert written == [["2020-01", "2020-02", "2020-03"], ["2020-01", "2020-03"]]
    assert done.refused == ["2020-02"]
    (outcome,) = done.outcomes.values()
    assert (outcome.months, outcome.refused) == (("2020-01", "2020-02", "2020-03"), frozenset({"2020-02"}))


def test_a_stage_that_there_is_not_is_refused(home: Home) -> None:
    with pytest.raises(CasualtyError, match="'cleand' is no stage: expected one of captures, cleaned"):
        failures(home, stage="cleand")


@pytest.mark.parametrize(
    ("now", "due"),
    [("2020-04-01T00:30+03:00", "2020-03"), ("2020-03-31T20:00+00:00", "2020-02"), ("2020-01-01T09:00+00:00", "2019-12")],
)
def test_the_month_before_the_running_one_is_due_by_the_clock_of_the_profile(home: Home, now: str, due: str) -> None:
    assert due_month(home.profile, datetime.fromisoformat(now)) == due


DECLARED = 'id = "{id}"\nname = "n"\n{every}\ntables = []\n'


def test_a_source_is_late_when_its_days_are_over_and_one_that_names_none_never_is(home: Home) -> None:
    for name, every in (("weekly", "delivers_every_days = 7"), ("monthly", "delivers_every_days = 31"), ("ever", "")):
        (home.sources / f"{name}.toml").write_text(DECLARED.format(id=name, every=every), "utf-8")
    with Warehouse(home.warehouse).writing() as write:
        for name in ("weekly", "ever"):
            write.append(
                "captures.manifest",
                f"""
                select 'e-{name}' as entry_id, 's' as sha256, '{name}' as source, 'd' as delivery_id, 'f' as original_name,
                    timestamp '2020-03-20' as received_at, 'text/csv' as media_type, 1 as size_bytes,
                    'open' as access_level, null as collector, 'capture' as role, null as original_url,
                    null as archive_url, null as tool, null as claimed_hashes, null as proofs,
                    'v' as connector_version, 1 as statements, 0 as rejected
                """,
            )

    assert {o.what: o.sentence for o in overdue(home, NOW)} == {
        "monthly": "monthly: nothing received yet; expected every 31 days",
        "weekly": "weekly: last received 2020-03-20, 13 days ago; expected every 7 days",
    }


def test_a_number_of_days_that_is_none_is_refused(home: Home) -> None:
    (home.sources / "odd.toml").write_text(DECLARED.format(id="odd", every='delivers_every_days = "weekly"'), "utf-8")

    with pytest.raises(CasualtyError, match="delivers_every_days is 'weekly'; expected a number of days"):
        load_source(home, "odd")
