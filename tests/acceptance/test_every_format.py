"""One file of each format goes through `casualty ingest` and `casualty run`; what is doubtful is found again."""

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import xlsxwriter

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.cleaning.explain import explain
from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Warehouse
from tests.acceptance.conftest import Casualty
from tests.fixtures import forms, web_exports

WEB = {
    "kafrantin_network": ("telegram", web_exports.write_telegram),
    "news_pages": ("web_archive", web_exports.write_warc),
    "news_collection": ("web_archive", web_exports.write_wacz),
    "archived_items": ("auto_archiver", web_exports.write_auto_archiver),
}
TABLES = ("council", "workbook", "airwars")
COUNCIL = """\
id = "council"
name = "Local council (invented)"
[[tables]]
file = "*.csv"
statement = "person"
key = ["no"]
[tables.columns]
name_ar = "name"
sex = "sex"
age = "age"
incident_date = "day"
documented_date = "entered"
governorate = "governorate"
place = "place"
party = "party"
"""
COUNCIL_ROWS = """\
no,name,sex,age,day,entered,governorate,place,party
1,سعاد محمود الرملي,f,34,2020-03-01,2020-03-02,Idlib,Saraqib,Russian forces
2,ليلى أحمد النبعي,f,6 أشهر,early March 2020,2020-03-05,Hama or Idlib,,Russian forces
3,رباح سليم التلي,m,1983,3/4/2020,2020-04-05,,Nowherebad,Syrian Regime forces
4,وليد نجيب الحجري,m,20,2020-02-31,2020-03-05,Idlib,Saraqib,Syrian Regime forces
"""

WORKBOOK = COUNCIL.replace("council", "workbook").replace('"*.csv"', '"*.xlsx"\nsheet = "martyrs"')
# An incident of Airwars' shape, invented: two are named in it, two sources are cited.
AIRWARS = {
    "incidents.csv": "code,url,incident_date,date_range_end,local_time,published,location_en,location_ar,region,governorate,"
    "lat,lon,belligerent,strike_type,strike_status,grading,civ_killed_min,civ_killed_max,children_min,women_min,men_min\n"
    "X1,https://a.invalid/X1,2020-03-08,,,2020-03-09,Nawa,,,Daraa,,,Russian Military,Airstrike,Likely strike,Fair,"
    "2,2,1,0,1\n",
    "victims.csv": "code,victim_order,name_ar,name_en,sex,age,age_group,status,notes,victim_url\n"
    "X1,1,,Tarek Invented,male,,adult,killed,,\nX1,2,,Son of Tarek Invented,male,9,child,killed,,\n",
    "sources.csv": "code,source_order,source_name,author,url,archive_url\n"
    "X1,1,Invented News,,https://b.invalid,\nX1,2,Invented Network,,https://c.invalid,\n",
}


@dataclass(frozen=True)
class Everything:
    """A home that took in one of each format, and ran."""

    casualty: Casualty

    def rows(self, sql: str, **parameters: str) -> list[dict[str, Any]]:
        with Warehouse(self.casualty.home / "warehouse.duckdb").reading() as reading:
            return reading.frame(sql, parameters).to_dicts()

    def counts(self, table: str, by: str) -> Mapping[str, int]:
        return {row[by]: row["n"] for row in self.rows(f"select {by}, count(*) as n from {table} group by all")}

    def questions(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(
            self.casualty.done("review", "list", "--kind", kind, "--limit", "100", "--format", "json").stdout
        )
        return found

    def decide(self, name: str, *rows: tuple[str, str, str]) -> None:
        """Put decisions into the inbox and run the month."""
        folder = self.casualty.home / "inbox/decisions"
        folder.mkdir(exist_ok=True)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["decision_id", "kind", "subject", "value", "decided_by", "decided_at"])
            writer.writerows([f"{name}-{n}", *row, "reviewer", "2020-05-01T08:00:00Z"] for n, row in enumerate(rows))
        self.casualty.done("run", "--month", "2020-03")

    def months(self) -> dict[str, Any]:
        found = json.loads(self.casualty.done("status", "--format", "json").stdout)["months"]
        return {m["month"]: m for m in found}

    def toll(self) -> float:
        (row,) = self.rows(
            "select value from monthly.figures where period = '2020-03' and population = 'civilians' and party = '' "
            "and category = '' and governorate = '' and demographic = 'all' and measure = 'count'"
        )
        return float(row["value"])


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Everything:
    folder = tmp_path_factory.mktemp("formats")
    casualty = Casualty(folder / "home")
    home, outside = casualty.home, folder / "outside"
    forms.write_inbox(home / "inbox", home / "sources")
    for name, (connector, write) in WEB.items():
        declared = f'id = "{name}"\nname = "{name} (invented)"\nconnector = "{connector}"\nsynthetic = true\n'
        (home / "sources" / f"{name}.toml").write_text(declared, encoding="utf-8")
        (outside / name).mkdir(parents=True)
        write(outside / name)
    (home / "sources/council.toml").write_text(COUNCIL, encoding="utf-8")
    (outside / "council").mkdir()
    (outside / "council/march.csv").write_text(COUNCIL_ROWS, encoding="utf-8")
    (home / "sources/workbook.toml").write_text(WORKBOOK, encoding="utf-8")
    (outside / "workbook").mkdir()
    with xlsxwriter.Workbook(outside / "workbook/march.xlsx") as book:
        sheet = book.add_worksheet("martyrs")
        for number, row in enumerate(csv.reader(COUNCIL_ROWS.splitlines())):
            sheet.write_row(number, 0, row)
    (outside / "airwars").mkdir()
    for file, text in AIRWARS.items():
        (outside / "airwars" / file).write_text(text, encoding="utf-8")
    for name in (*WEB, *TABLES):
        given = ("--received-at", "2020-04-10T08:00:00Z", "--collector", "analyst 1", "--tool", "by hand")
        result = casualty("ingest", outside / name, "--source", name, *given)
        assert result.returncode in {0, 1}, result.stderr
        assert "Traceback" not in result.stderr
    run = casualty("run", "--month", "2020-03", "--through", "2020-04")
    assert run.returncode == 0, run.stderr
    return Everything(casualty)


def test_every_source_says_something(everything: Everything) -> None:
    said = everything.counts("captures.records", "source")
    posted = everything.counts("captures.texts", "source")
    assert set(forms.DECLARATIONS) | set(TABLES) <= set(said)
    assert everything.counts("captures.citations", "source") == {"airwars": 2}
    assert set(WEB) <= set(posted)


def test_every_statement_is_cleaned_or_in_quarantine(everything: Everything) -> None:
    lost = everything.rows(
        "select record_id from captures.records where documentation_month in ('2020-03', '2020-04') and record_id not in "
        "(select record_id from cleaned.records union all select record_id from cleaned.quarantine)"
    )
    assert lost == []


def test_where_something_stands_is_exact(everything: Everything) -> None:
    for table in ("captures.records", "captures.texts", "captures.rejected"):
        nowhere = "row_number is null and pointer is null" + (" and file is null" if table.endswith("rejected") else "")
        assert everything.rows(f"select file from {table} where {nowhere}") == []


def test_a_pointer_opens_the_original_at_the_place(everything: Everything) -> None:
    posts = everything.rows("select source_key, capture_sha256, file, pointer from captures.texts where pointer is not null")
    opened, archive = set[tuple[str, str]](), Archive(everything.casualty.home / "archive")
    for post in posts:
        content, pointer = archive.object_path(post["capture_sha256"]).read_bytes(), post["pointer"]
        inside, _, offset = pointer.rpartition("offset:")
        if inside:  # a WARC in a package
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                content = package.read(inside.removesuffix("#"))
        if offset.isdigit():
            record = zlib.decompressobj(wbits=31).decompress(content[int(offset) :])
            assert record.startswith(b"WARC/1."), pointer
            assert all(part.encode() in record for part in post["source_key"].split("@"))
        else:
            found = json.loads(content)
            for part in pointer.split("/")[1:]:
                found = found[int(part)] if isinstance(found, list) else found[part]
            told = found.get("id", found.get("metadata", {}).get("url"))
            assert str(told) in post["source_key"], pointer
        opened.add((post["file"], re.sub(r"[0-9]+$", "N", pointer)))
    assert opened == {
        ("result.json", "/messages/N"),
        ("metadata.json", ""),
        ("crawl.warc.gz", "offset:N"),
        ("page.wacz", "archive/data.warc.gz#offset:N"),
    }


def test_photographs_are_found_by_the_names_that_posts_give_them(everything: Everything) -> None:
    here = everything.rows(
        "select a.name, a.verified, m.media_type from captures.attachments as a "
        "inner join captures.manifest as m on a.sha256 = m.sha256"
    )
    assert "image/jpeg" in {a["media_type"] for a in here}
    assert True in {a["verified"] for a in here}
    assert False not in {a["verified"] for a in here}


def test_each_kind_of_doubt_is_found_again(everything: Everything) -> None:
    quarantine = everything.counts("cleaned.quarantine", "rule")
    flags = everything.counts("cleaned.flags", "rule")
    rejected = {row["reason"] for row in everything.rows("select distinct reason from captures.rejected")}
    assert {"candidate_unconfirmed", "unreadable_incident_date", "unreadable_party"} <= set(quarantine)
    assert {"ambiguous_place", "assumed_age", "assumed_incident_date"} <= set(flags)
    assert any("not_approved" in reason or "validation" in reason for reason in rejected)


def test_a_record_explains_how_it_was_read(everything: Everything) -> None:
    explained = json.loads(everything.casualty.done("explain", "council/2", "--format", "json").stdout)
    fields = {f["field"]: f for f in explained[0]["fields"]}
    assert fields["age"]["raw"] == "6 أشهر"
    assert fields["incident_date"]["value"] == "2020-03-01/2020-03-10"
    assert explained[0]["where"]["file"] == "march.csv"
    assert (fields["age"]["at"], fields["name_ar"]["at"]) == ('column "age"', 'column "name"')
    assert "ambiguous_place" in {f["rule"] for f in explained[0]["flags"]}


def test_every_value_of_a_row_or_form_is_told_with_its_column_or_pointer(everything: Everything) -> None:
    stated = everything.rows("select distinct on (source, statement, file) * from captures.records where not candidate")
    assert {row["source"] for row in stated} == {*forms.DECLARATIONS, *TABLES}
    for row in stated:
        for record in explain(Home(everything.casualty.home), row["record_id"]):
            assert [f["field"] for f in record["fields"] if not f["at"]] == [], (row["source"], row["file"])


def test_every_value_of_a_candidate_is_told_with_the_characters_that_say_so(everything: Everything) -> None:
    (row, *_) = everything.rows(
        "select r.record_id, t.content from captures.records as r inner join captures.texts as t "
        "on r.capture_sha256 = t.capture_sha256 and r.pointer = t.pointer "
        "where r.candidate and r.source = 'kafrantin_network' order by all"
    )
    (explained,) = json.loads(everything.casualty.done("explain", row["record_id"], "--format", "json").stdout)
    at = {f["field"]: (f["raw"], f["at"]) for f in explained["fields"]}
    narrative, where = at["narrative"]
    first, last = map(int, re.findall(r"[0-9]+", where))
    assert row["content"][first - 1 : last] == narrative
    assert at["persons"][1].startswith("characters ")
    assert at["documented_date"][1] == "published of the post"


@pytest.mark.long
def test_what_a_post_says_counts_only_once_a_person_has_confirmed_it(everything: Everything) -> None:
    waiting = everything.questions("candidate")
    shown = [q for q in waiting if "خمسة مدنيين" in q["shown"]["text"] and q["shown"]["file"] == "result.json"]
    assert shown
    assert "⟦" in shown[0]["shown"]["text"]
    before = everything.toll()

    everything.decide("confirmed", *[tuple(q["answers"][0]) for q in shown])

    still = {q["subject"] for q in everything.questions("candidate")}
    assert not still & {q["subject"] for q in shown}
    statements = everything.rows("from cleaned.records where source = 'kafrantin_network'")
    assert sum(s["persons"] for s in statements) == sum(int(q["shown"].get("persons", 1)) for q in shown)
    assert everything.toll() >= before  # unnamed people also need media in which they can be counted (R7)


@pytest.mark.long
def test_a_refused_candidate_stays_out_and_asks_no_more(everything: Everything) -> None:
    waiting = [q for q in everything.questions("candidate") if q["shown"]["file"] != "result.json"]
    everything.decide("refused", tuple(waiting[0]["answers"][1]))

    assert waiting[0]["subject"] not in {q["subject"] for q in everything.questions("candidate")}
    (row,) = everything.rows(
        "select rule from cleaned.quarantine where record_id = $record and rule like 'candidate%'",
        record=waiting[0]["subject"],
    )
    assert row["rule"] == "candidate_refused"


@pytest.mark.long
def test_a_place_that_a_decision_taught_is_known_from_then_on(everything: Everything) -> None:
    everything.casualty.done("run", "--month", "2020-04")
    assert everything.months()["2020-04"]["current"]
    assert everything.rows("select governorate from cleaned.records where source_key = '3' and source = 'council'") in (
        [],
        [{"governorate": None}],
    )

    everything.decide("taught", ("place_alias", "place:Nowherebad", "SY07"))

    assert everything.months()["2020-03"]["current"]
    assert everything.months()["2020-04"]["reasons"] == ["captures, their mapping or the profile changed"]
    everything.casualty("run", "--month", "2020-04")
    assert everything.rows("select governorate from cleaned.places where place_raw = 'Nowherebad'") == [
        {"governorate": "SY07"}
    ]


def test_the_archive_verifies_and_taking_everything_in_again_adds_nothing(everything: Everything) -> None:
    outside = everything.casualty.home.parent / "outside"
    for name in WEB:
        result = everything.casualty("ingest", outside / name, "--source", name)
        assert "0 of" in result.stderr
    everything.casualty.done("verify")


def test_names_and_texts_stay_out_of_the_review_queue_itself(everything: Everything) -> None:
    queue = everything.rows("from deduplicated.review_queue")
    told = json.dumps(queue, ensure_ascii=False, default=str)
    assert "خمسة" not in told
    assert "t.me" not in told
    assert "Nowherebad" not in told


def test_what_came_along_with_a_capture_is_in_the_manifest(everything: Everything) -> None:
    (row,) = everything.rows("from captures.manifest where source = 'council'")
    assert (row["collector"], row["tool"], row["media_type"]) == ("analyst 1", "by hand", "text/csv")
