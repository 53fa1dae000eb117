"""What the sources say and what is written: enough evidence for everybody counted, too little for the others."""

import csv
import tomllib
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.loader import load_profile
from casualty_pipeline.sample import write_sample
from casualty_pipeline.sample.captures import Statement
from casualty_pipeline.sample.faults import FAULTS
from casualty_pipeline.sample.generate import Sample, generate
from casualty_pipeline.sample.sources import SOURCES
from casualty_pipeline.sample.wording import WORDS
from casualty_pipeline.tables import STATEMENT_FIELDS

PROFILE = load_profile("syria")


@pytest.fixture(scope="module")
def sample() -> Sample:
    return generate(PROFILE)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    write_sample(home, PROFILE)
    return home


def contents(home: Path) -> dict[str, bytes]:
    return {p.relative_to(home).as_posix(): p.read_bytes() for p in sorted(home.rglob("*")) if p.is_file()}


def by_victim(sample: Sample) -> dict[str, list[Statement]]:
    found: dict[str, list[Statement]] = {}
    for statement in sample.statements:
        if statement.victim:
            found.setdefault(statement.victim, []).append(statement)
    return found


# ---- evidence ----


def test_everybody_counted_has_two_independent_sources_or_a_decision(sample: Sample) -> None:
    said = by_victim(sample)
    verified = {row["subject"] for row in sample.decisions if row["value"] == "verified"}
    for _, victim in sample.world.victims():
        statements = said[victim.person.id]
        origins = {s.origin for s in statements}
        if victim.case == "corroborated":
            assert len(origins) >= 2
        elif victim.case == "verified":
            assert {f"record:{s.source}/{s.key}" for s in statements} & verified
        elif victim.case in {"single_source", "reposts_only"}:
            assert len(origins) == 1


def test_reposts_are_several_rows_of_one_origin(sample: Sample) -> None:
    said = by_victim(sample)
    reposted = [said[v.person.id] for _, v in sample.world.victims() if v.case == "reposts_only"]
    assert len(reposted) == 6
    assert all(len(statements) >= 3 for statements in reposted)


def test_sex_and_age_of_everybody_counted_are_known_and_agree(sample: Sample) -> None:
    adult = {"adult": True, "child": False, "minor": False, "بالغ": True, "طفل": False}
    said = by_victim(sample)
    for _, victim in sample.world.victims():
        statements = said[victim.person.id]
        ages = [int(s.fields["age"]) for s in statements if s.fields.get("age")]
        assert all((age >= 18) == victim.person.adult for age in ages)
        assert not ages or max(ages) - min(ages) <= 2
        groups = {adult[s.fields["age_group"]] for s in statements if s.fields.get("age_group")}
        assert groups <= {victim.person.adult}
        assert ages or groups or any(s.fields.get("birth_date") for s in statements)
        assert all(s.fields["sex"] for s in statements)


def test_everybody_counted_is_blamed_on_somebody_by_some_source(sample: Sample) -> None:
    sheets = {s.fields["incident_ref"] for s in sample.statements if s.statement == "incident"}
    said = by_victim(sample)
    for _, victim in sample.world.victims(population="civilians"):
        assert any(s.fields.get("party") or s.fields.get("incident_ref") in sheets for s in said[victim.person.id])


def test_a_field_team_names_everybody_who_died_in_a_massacre(sample: Sample) -> None:
    said = by_victim(sample)
    for incident, victim in sample.world.victims():
        if incident.massacre:
            refs = {s.fields["incident_ref"] for s in said[victim.person.id] if s.source == "field_teams"}
            assert len(refs) == 1


def test_spellings_of_one_person_share_given_and_family_name_and_one_more(sample: Sample) -> None:
    """Never only given and family name: what a careful reader would not link with certainty."""
    for statements in by_victim(sample).values():
        for statement in statements:
            if statement.role != "mistranslated" and statement.statement == "person":
                for name in filter(None, (statement.fields.get("name_ar"), statement.fields.get("name_en"))):
                    assert len(name.split()) >= 3


def test_every_source_is_documented_in_the_quarter_and_none_before_the_first(sample: Sample) -> None:
    documented = {v.person.id: v.documented for _, v in sample.world.victims()}
    for statement in sample.statements:
        assert statement.month in {"2020-01", "2020-02", "2020-03"}
        if statement.victim in documented:
            assert statement.documented >= documented[statement.victim]


def test_a_disagreement_without_a_majority_has_a_decision(sample: Sample) -> None:
    decided = {row["subject"] for row in sample.decisions if row["kind"] == "attribution"}
    refs: dict[str, set[str]] = {}
    for s in sample.statements:
        if s.statement == "incident":
            refs.setdefault(s.incident, set()).add(f"incident:field_teams/{s.key}")
    disputed = [i for i in sample.world.incidents if i.dispute in {"tie", "joint"}]
    assert len(disputed) >= 3
    assert all(refs[incident.id] & decided for incident in disputed)


def test_decisions_name_what_exists(sample: Sample) -> None:
    records = {f"record:{s.source}/{s.key}" for s in sample.statements}
    incidents = {
        f"incident:{s.source}/{s.fields['incident_ref']}" for s in sample.statements if s.fields.get("incident_ref")
    }
    ids = [row["decision_id"] for row in sample.decisions]
    assert len(set(ids)) == len(ids)
    for row in sample.decisions:
        assert row["subject"] in records | incidents
        assert row["supersedes"] in {"", *ids}
        if row["kind"] == "link":
            assert row["value"].partition(":")[2] in records
    assert {row["kind"] for row in sample.decisions} == {"attribution", "verification", "link", "retraction"}


def test_nobody_in_a_bad_row_is_in_the_world(sample: Sample) -> None:
    bad = [s for s in sample.statements if s.fault]
    assert sorted(s.fault for s in bad) == sorted(fault for fault, _, _ in FAULTS)
    assert not {s.victim for s in bad} & {v.person.id for _, v in sample.world.victims()}


# ---- words ----


def test_words_are_those_of_the_profile() -> None:
    known = {(field, alias): value for field, alias, value in PROFILE.vocabulary}
    for (field, value, _), words in WORDS.items():
        assert {known[field, word] for word in words} == {value}


# ---- files ----


def test_the_same_seed_writes_the_same_bytes(home: Path, tmp_path: Path) -> None:
    write_sample(tmp_path, PROFILE)
    assert contents(tmp_path) == contents(home)
    write_sample(tmp_path, PROFILE)
    assert contents(tmp_path) == contents(home)


def test_another_seed_writes_another_sample(home: Path, tmp_path: Path) -> None:
    write_sample(tmp_path, PROFILE, seed=1)
    here, there = contents(home), contents(tmp_path)
    same = {name for name in here if here[name] == there.get(name)}
    assert all(name.startswith("sources/") for name in same)


def test_a_file_that_is_already_right_is_left_alone(home: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in home.rglob("*")}
    write_sample(home, PROFILE)
    assert {p: p.stat().st_mtime_ns for p in home.rglob("*")} == before


def test_a_home_that_cannot_be_written_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "sources").write_text("a file where a folder should be")
    with pytest.raises(CasualtyError, match="can't write"):
        write_sample(tmp_path, PROFILE)


def headings(path: Path, sheet: str) -> list[str]:
    if path.suffix == ".xlsx":
        rows = openpyxl.load_workbook(path, read_only=True)[sheet].iter_rows(max_row=1, values_only=True)
        return [str(value) for value in next(rows)]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file))


def test_declarations_name_columns_that_the_files_have(home: Path) -> None:
    fields = {column.name for column in STATEMENT_FIELDS} | {"known_date"}
    for source in SOURCES:
        declared = tomllib.loads((home / "sources" / f"{source.id}.toml").read_text(encoding="utf-8"))
        assert declared["synthetic"] is True
        assert declared["id"] == source.id
        for table in declared["tables"]:
            assert set(table["columns"]) <= fields
            files = sorted((home / "inbox" / source.id).glob(table["file"]))
            assert len(files) == 3 or (source.id == "civil_registry" and files)
            for path in files:
                assert {*table["key"], *table["columns"].values()} <= set(headings(path, table.get("sheet", "")))


def test_the_report_counts_what_is_in_the_files(home: Path, sample: Sample) -> None:
    report = write_sample(home, PROFILE)
    rows = 0
    for path in report.files:
        if path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path, read_only=True)
            rows += sum(sum(1 for _ in sheet.iter_rows()) - 1 for sheet in book.worksheets)
        elif path.suffix == ".csv" and path.parent.name != "decisions":
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows += sum(1 for _ in csv.DictReader(file))
    assert report.records == rows == len(sample.statements)
    assert report.bad_rows == len(FAULTS) == 10


def test_keys_are_unique_but_for_posts_entered_twice(sample: Sample) -> None:
    seen = Counter((s.source, s.statement, s.key) for s in sample.statements)
    assert {source for (source, _, _), n in seen.items() if n > 1} <= {"local_activists"}
    twice = {key for (_, _, key), n in seen.items() if n > 1}
    for key in twice:
        assert len({tuple(sorted(s.fields.items())) for s in sample.statements if s.key == key}) == 1
