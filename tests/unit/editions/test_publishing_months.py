"""Publishing a month of a small invented home: what is refused, what is new, what an edition holds, and its bytes again."""

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pypdfium2
import pytest

from casualty_pipeline.captures.sources import DECISIONS
from casualty_pipeline.editions.composing import SETTINGS_FOLDER, settings_of
from casualty_pipeline.editions.publishing import publish, refused
from casualty_pipeline.editions.rebuilding import rebuild
from casualty_pipeline.editions.restating import adds_up
from casualty_pipeline.editions.shelf import Edition, editions, faults
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from tests.unit.history.invented_events import INCIDENT, LEDGER, NAMES, PERSON, SOURCES, START, Event, arrive, home_at, run

MONTH = "2020-02"
FIRST, SECOND = START + timedelta(days=10), START + timedelta(days=40)
PEOPLE = tuple(
    (
        f"P{n}",
        "I1",
        name,
        "male",
        "30",
        "1",
        "killed",
        "civilian",
        "2020-02-12",
        "Idlib",
        "Syrian Regime, Russian Military",
        "",
    )
    for n, name in enumerate(dict.fromkeys(NAMES))
    if name not in ("Unidentified", "Samir Darwish", "Sameer Khaleel Darwish", "Nabeel Faris Hadad")
)
VERIFIED = ("D-0", "verification", "incident:alpha/I1", "verified", "seen", "desk", "2020-02-21T08:00:00Z", "")
EVENTS = (
    Event(START, "alpha", "persons.csv", PERSON, PEOPLE),
    Event(START, "beta", "persons.csv", PERSON, PEOPLE[1:]),
    Event(
        START, "alpha", "incidents.csv", INCIDENT, (("I1", "I1", "2020-01-10", "", "", "Idlib", "Saraqib", "", "", "Fair"),)
    ),
    Event(START + timedelta(days=1), DECISIONS, "first.csv", LEDGER, (VERIFIED,)),
)
DECIDED = Event(
    SECOND - timedelta(days=5),
    DECISIONS,
    "ledger.csv",
    LEDGER,
    (
        ("D-1", "attribution", "incident:alpha/I1", "russia", "flight logs", "desk", "2020-03-20T08:00:00Z", ""),
        ("D-2", "retraction", "record:alpha/P0", "retracted", "alive", "desk", "2020-03-21T08:00:00Z", ""),
    ),
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, list[Edition], dict[Path, bytes]]:
    """A home with two editions of February: before and after two decisions; and the bytes of the first, as it came out."""
    home = home_at(tmp_path_factory.mktemp("published") / "home")
    arrive(home, EVENTS)
    run(home)
    first = publish(home, MONTH, FIRST).edition
    assert first is not None
    bytes_then = {p: p.read_bytes() for p in first.folder.rglob("*") if p.is_file()}
    arrive(home, [DECIDED])
    run(home)
    second = publish(home, MONTH, SECOND).edition
    assert second is not None
    return home, [first, second], bytes_then


Published = tuple[Home, list[Edition], dict[Path, bytes]]


def test_no_published_byte_changes_and_the_chain_holds(published: Published) -> None:
    home, both, then = published
    assert {p: p.read_bytes() for p in both[0].folder.rglob("*") if p.is_file()} == then
    assert (faults(home), editions(home)) == ([], both)


def test_the_second_edition_says_what_changed_and_which_decisions_changed_it(published: Published) -> None:
    _, both, _ = published
    assert {"D-1", "D-2"} <= both[1].manifest.decisions.keys()
    rows = pl.read_csv(both[1].read("open/restatement.csv"))
    assert set(rows["cause_id"]) == {"D-1", "D-2"}
    assert adds_up(rows.with_columns(pl.col("before", "after", "share").cast(pl.Float64)))
    # A party that had no share of the dead had no figure; it counts as 0.
    shares = rows.filter((pl.col("measure") == "percent") & (pl.col("party") == "russia"))
    assert shares.select("before", "after").row(0) == (0, 100)


def test_publishing_again_with_nothing_changed_makes_nothing_new(published: Published) -> None:
    home, both, _ = published
    done = publish(home, MONTH, SECOND + timedelta(days=1))
    assert (done.edition, done.standing, done.restatement.height) == (None, both[1], 0)
    assert editions(home) == both


def test_a_moment_that_hasn_t_come_or_is_before_the_last_edition_is_refused(published: Published) -> None:
    home, _, _ = published
    with pytest.raises(CasualtyError, match="hasn't come yet"):
        publish(home, MONTH, START.replace(year=2999))
    with pytest.raises(CasualtyError, match="can't be as of an earlier moment"):
        publish(home, MONTH, FIRST)


def test_a_month_of_which_nothing_is_known_is_refused(published: Published) -> None:
    home, _, _ = published
    with pytest.raises(CasualtyError, match="nothing is known of 2019-12"):
        publish(home, "2019-12", SECOND)


def test_figures_that_contradict_each_other_are_refused_with_a_sentence(published: Published) -> None:
    home, both, _ = published
    figures = both[1].figures()
    assert refused(home, figures) == ()
    women = {"period": MONTH, "population": "civilians", "demographic": "woman", "measure": "count"}
    planted = pl.DataFrame([dict.fromkeys(figures.columns, "") | women | {"value": 99.0}], schema=figures.schema)
    key = [c for c in figures.columns if c != "value"]
    sentences = refused(home, pl.concat([figures.join(planted, on=key, how="anti"), planted]))
    assert sentences
    assert any("99" in sentence for sentence in sentences)


def test_the_settings_of_the_home_are_in_the_edition(published: Published) -> None:
    home, both, _ = published
    for name in SOURCES:
        path = f"sources/{name}.toml"
        assert both[0].read(f"{SETTINGS_FOLDER}/{path}") == (home.path / path).read_bytes()


def test_a_setting_outside_of_the_home_is_refused(tmp_path: Path) -> None:
    home = home_at(tmp_path / "home")
    (tmp_path / "lines.geojson").write_text("{}", encoding="utf-8")
    (home.path / "casualty.toml").write_text('boundaries = "../lines.geojson"', encoding="utf-8")
    with pytest.raises(CasualtyError, match="lies outside of the home"):
        settings_of(home)


def _texts(path: Path) -> Iterator[str]:
    """What can be read in a file: its bytes, what is packed in it, the text of a PDF, the values of a table."""
    content = path.read_bytes()
    yield content.decode("utf-8", "replace")
    if path.suffix == ".pdf":
        for page in pypdfium2.PdfDocument(content):
            yield page.get_textpage().get_text_bounded()
    elif path.suffix == ".parquet":
        yield repr(pl.read_parquet(io.BytesIO(content)).rows())
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield from (packed.read(name).decode("utf-8", "replace") for name in packed.namelist())


def test_no_open_file_names_anybody(published: Published) -> None:
    _, both, _ = published
    words = sorted({word.lower() for name in NAMES if name != "Unidentified" for word in name.split()})
    for one in both:
        files = [p for p in (one.folder / "open").rglob("*") if p.is_file()]
        assert {p.suffix for p in files} >= {".pdf", ".xlsx", ".parquet", ".html", ".csv"}
        found = {(p.name, w) for p in files for text in _texts(p) for w in words if w in text.lower()}
        assert found == set()


@pytest.mark.long
def test_an_edition_is_rebuilt_to_the_byte_whatever_the_declarations_say_now(published: Published) -> None:
    home, both, _ = published
    declaration = home.sources / "alpha.toml"
    was = declaration.read_bytes()
    try:
        declaration.write_bytes(was.replace(b'party = "party"\n', b""))
        done = rebuild(home, both[1])
    finally:
        declaration.write_bytes(was)
    assert (done.unlike, done.needs, done.same) == ((), (), True)


def test_a_rebuild_by_another_version_says_which_one_is_needed(published: Published) -> None:
    """The profile isn't the one that it was published with: so says the manifest, which nobody can change unnoticed."""
    home, both, _ = published
    other = Edition(both[0].month, both[0].number, both[0].folder)
    manifest = other.manifest
    versions = dict(manifest.versions) | {"profile_digest": "0" * 64, "program": "0.0.1"}
    object.__setattr__(manifest, "versions", versions)
    done = rebuild(home, other)
    assert not done.rebuilt
    assert not done.same
    assert any(need.startswith("profile digest: published with 000000000000...") for need in done.needs)
    assert any(need.startswith("program: published with 0.0.1, here ") for need in done.needs)
