"""A generated home in which decisions are many: victims whom three sources each state once, and a ledger about them.

Here belongs what is generated, and bringing it into a warehouse. What is measured on it is for `restatement.py`. Every name
is put together from invented syllables; the same number of victims gives the same files.

- 180 months from 2011-03 on; an incident has five victims on average, each source has its own code of it.
- A source delivers a file a month, received on the second day of the next one. A twelfth of the statements come later than
  the month of the death, by up to 24 months.
- Of twelve decisions in the ledger, seven attribute an incident, three verify a record or say that it isn't verified, one
  joins two statements of one victim, and one supersedes an attribution made before.
"""

import csv
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.sources import DECISIONS, known_sources
from casualty_pipeline.cleaning.stage import clean_months
from casualty_pipeline.figures.months import months_between, next_month
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.model import of_home
from casualty_pipeline.linkage.stage import deduplicate
from casualty_pipeline.warehouse import Warehouse

MONTHS = months_between("2011-03", "2026-02")
SOURCES = ("registry", "monitors", "network")
PER_INCIDENT = 5
_GIVEN = [f"{a}{b}" for a in ("سم", "خل", "رب", "نع", "طف", "حر", "عد", "قن", "مج", "فر") for b in ("ير", "ود", "يب", "ان")]
_OTHER = [f"{a}{b}{c}" for a in "حمسقنرعطفكجب" for b in ("لا", "مو", "ري", "سا", "بو", "دي", "نا") for c in "بتجكمفدرسنلق"]
_PARTIES = ("Syrian Regime forces", "Russian forces", "ISIS", "unknown")
_DECIDED = ("syrian_regime", "russia", "isis", "unidentified")
_GOVERNORATES = ("Idlib", "Aleppo", "Rural Damascus", "Daraa", "Homs", "Hama", "Deir ez-Zor")
_WEAPONS = ("airstrike", "shelling", "gunfire")
_HEADER = ("no", "name", "sex", "age", "died", "entered", "governorate", "party", "weapon", "code")
_DECLARATION = """\
id = "{source}"
name = "Invented source {source}"
synthetic = true
one_row_per_person = true
[[tables]]
file = "*.csv"
statement = "person"
key = ["no"]
[tables.columns]
name_ar = "name"
sex = "sex"
age = "age"
death_date = "died"
documented_date = "entered"
governorate = "governorate"
party = "party"
mechanism = "weapon"
incident_ref = "code"
"""
_LEDGER = ("decision_id", "kind", "subject", "value", "certainty", "reason", "decided_by", "decided_at", "supersedes")


def _words(dice: np.random.Generator, vocabulary: Sequence[str], size: int) -> pl.Series:
    return pl.Series(list(vocabulary)).gather(dice.integers(0, len(vocabulary), size))


def statements(victims: int, months: Sequence[str] = MONTHS) -> pl.DataFrame:
    """One row per statement of deaths in these months: the columns of the files, `source` and `month` (of documentation)."""
    dice = np.random.default_rng(victims)
    incidents = max(1, victims // PER_INCIDENT)
    first, end = date.fromisoformat(f"{months[0]}-01"), date.fromisoformat(f"{next_month(months[-1])}-01")
    days = (end - first).days
    attack = pl.DataFrame(
        {
            "incident": np.arange(incidents),
            "day": dice.integers(0, days, incidents),
            "governorate": _words(dice, _GOVERNORATES, incidents),
            "weapon": _words(dice, _WEAPONS, incidents),
            "party": _words(dice, _PARTIES, incidents),
        }
    )
    given = dice.integers(0, len(_GIVEN), victims)
    person = pl.DataFrame(
        {
            "no": np.arange(victims),
            "incident": dice.integers(0, incidents, victims),
            "name": pl.select(
                pl.concat_str(
                    pl.Series(_GIVEN).gather(given), *(_words(dice, _OTHER, victims) for _ in range(3)), separator=" "
                )
            ).to_series(),
            "sex": pl.Series(np.where(given % 3 == 0, "f", "m")),  # a given name is of one sex
            "age": dice.integers(0, 80, victims),
        }
    ).join(attack, on="incident")
    told = pl.concat([person.with_columns(source=pl.lit(s), place=pl.lit(n)) for n, s in enumerate(SOURCES)])
    late = np.where(dice.random(told.height) < 1 / 12, dice.integers(1, 24 * 30, told.height), 0)
    died = pl.lit(first) + pl.duration(days="day")
    entered = pl.min_horizontal(died + pl.duration(days="late"), pl.lit(end - timedelta(days=1)))
    return (
        told.with_columns(late=pl.Series(late))
        .with_columns(died=died, entered=entered)
        .with_columns(
            month=pl.col("entered").dt.strftime("%Y-%m"),
            code=pl.format("{}{}", pl.col("source").str.slice(0, 1), "incident"),
            died=pl.col("died").dt.strftime("%Y-%m-%d"),
            entered=pl.col("entered").dt.strftime("%Y-%m-%d"),
        )
        .sort("source", "month", "no")
        .select(*_HEADER, "source", "month")
    )


def moment(at: datetime) -> str:
    """As a ledger writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def ledger(told: pl.DataFrame, decisions: int, seed: int = 1) -> list[tuple[str, ...]]:
    """Rows of `_LEDGER`, each decided up to a year after what it is about was documented, in the order of deciding."""
    dice = np.random.default_rng(seed)
    rows: list[tuple[str, ...]] = []
    firsts = told.filter(pl.col("source") == SOURCES[0]).select("no", "code", "month")
    which = dice.choice(firsts.height, min(decisions, firsts.height), replace=False)
    decided: set[str] = set()
    attributions: list[tuple[str, str, datetime]] = []
    for number, (no, code, month) in enumerate(firsts[which].iter_rows()):
        at = datetime.fromisoformat(f"{next_month(month)}-03") + timedelta(hours=int(dice.integers(1, 8_000)))
        kind = number % 12
        name = f"D-{seed}-{number:06}"
        value = _DECIDED[int(dice.integers(0, len(_DECIDED)))]
        if kind < 7 and code not in decided:
            decided.add(code)
            subject = f"incident:{SOURCES[0]}/{code}"
            rows.append((name, "attribution", subject, value, "established", "witnesses", "team", moment(at), ""))
            attributions.append((name, subject, at))
        elif kind < 10 or (kind == 11 and not attributions):
            verdict = "unverified" if kind == 7 else "verified"
            subject = f"record:{SOURCES[0]}/{no}"
            rows.append((name, "verification", subject, verdict, "", "relatives", "team", moment(at), ""))
        elif kind == 10:
            subject, other = f"record:{SOURCES[0]}/{no}", f"same_as:record:{SOURCES[1]}/{no}"
            at += timedelta(days=800)  # once both are there
            rows.append((name, "link", subject, other, "", "one family", "team", moment(at), ""))
        else:
            before, subject, then = attributions.pop()
            at = then + timedelta(days=int(dice.integers(10, 300)))
            rows.append((name, "attribution", subject, value, "established", "remnants", "team", moment(at), before))
    return sorted(rows, key=lambda row: (row[7], row[0]))


def take_ledger(home: Home, rows: Sequence[Sequence[str]], name: str) -> None:
    """Bring decisions into the archive as a ledger."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([_LEDGER, *rows])
        Archive(home.archive).take([(path, name)], DECISIONS)


def build(folder: Path, victims: int, decisions: int, months: Sequence[str] = MONTHS) -> Home:
    """A home with all of it received, read, cleaned and linked; nothing attributed yet."""
    home = Home(folder)
    home.prepare()
    told = statements(victims, months)
    archive = Archive(home.archive)
    for source in SOURCES:
        (home.sources / f"{source}.toml").write_text(_DECLARATION.format(source=source), encoding="utf-8")
    with tempfile.TemporaryDirectory() as made:
        for (source, month), rows in told.partition_by("source", "month", as_dict=True, maintain_order=True).items():
            path = Path(made) / f"{source}-{month}.csv"
            rows.select(_HEADER).write_csv(path)
            received = datetime.fromisoformat(f"{next_month(month)}-02T06:00:00").replace(tzinfo=UTC)
            archive.take([(path, path.name)], source, received)
    take_ledger(home, ledger(told, decisions), "decisions.csv")
    warehouse = Warehouse(home.warehouse)
    with warehouse.writing() as write:
        read_archive(home, write)
    clean_months(warehouse, list(months), home.profile, known_sources(home))
    with warehouse.writing() as write:
        deduplicate(write, known_sources(home), home.profile, of_home(home), ask=False)
    return home
