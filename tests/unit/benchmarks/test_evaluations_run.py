"""The programs behind docs/evaluation.md run: on tiny invented data in the shape of the evaluation data.

What they measure is for the evaluation; here only that they import, run, and read what stands there.
"""

import sys
from pathlib import Path

import pytest

from benchmarks import names, places, reading

INCIDENTS = """\
code,url,incident_date,date_range_end,local_time,published,location_en,location_ar,region,governorate,lat,lon,belligerent,\
strike_type,strike_status,grading,civ_killed_min,civ_killed_max,children_min,women_min,men_min
X1,https://a.invalid/X1,2020-03-08,,,2020-03-09,Nawa,,,Daraa,,,Russian Military,Airstrike,Likely strike,Fair,2,2,1,0,1
"""
VICTIMS = """\
code,victim_order,name_ar,name_en,sex,age,age_group,status,notes,victim_url
X1,1,خالد مخترع,Khaled Invented,male,,adult,killed,,
X1,2,,Son of Khaled Invented,male,9,child,killed,,
"""
SOURCES = "code,source_order,source_name,author,url,archive_url\nX1,1,Invented News,,https://b.invalid,\n"
GAZA = "record_id,name_ar,name_en\ng1,سعاد مخترعة,\n"
WORDS = "خالد,Khaled\nسعاد,Suad\n"
LABELS = "set,record,unnamed,persons,given,family\ninvented,X1/1,0,1,1,2\ninvented,X1/2,1,1,,\n"
SAMPLE = "incident_ref,pcode\nX1,SY12\n"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as EVALUATION_DATA names one, and no arguments on the command line."""
    folder = tmp_path / "evaluation"
    folder.mkdir()
    monkeypatch.setenv("EVALUATION_DATA", str(folder))
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    for name, text in {
        "airwars-syria/incidents.csv": INCIDENTS,
        "airwars-syria/victims.csv": VICTIMS,
        "airwars-syria/sources.csv": SOURCES,
        "gaza-lists/invented.csv": GAZA,
        "transliteration/dict_ar_en.csv": WORDS,
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_reading_tells_how_much_of_each_field_was_read(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reading, "DATA", data / "airwars-syria")
    reading.main()
    told = capsys.readouterr().out
    assert "**Persons: 2**" in told
    assert "| name: one by which a person can be recognised | 2 | 1 | 0.5000 | 0.5000 |" in told
    assert "**Incidents: 1**" in told
    assert "| date | 1 | 1 | 1.0000 | 1.0000 |" in told
    assert "**The commonest reasons: " in told


def test_places_tells_precision_and_recall_of_the_governorate(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sample.csv").write_text(SAMPLE)
    monkeypatch.setattr(places, "SAMPLES", (tmp_path / "sample.csv",))
    places.main()
    told = capsys.readouterr().out
    assert "**sample.csv**: 1 incidents, 1 with a governorate; 0 readings are doubted" in told
    assert "| together: recall | 1 of 1 | 1.0000 |" in told
    assert "Failures: none" in told


def test_names_tells_what_is_read_right_and_what_agrees_across_scripts(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "labels.csv").write_text(LABELS)
    monkeypatch.setattr(names, "DATA", data)
    monkeypatch.setattr(names, "LABELS", tmp_path / "labels.csv")
    names.main()
    told = capsys.readouterr().out
    assert "| invented | 2 | 1 of 1 | 1 of 1 | 2 of 2 | 1 of 1 | 1 of 1 |" in told
    assert "| transliteration/dict_ar_en.csv | 2 | 1.0000 |" in told
