"""Publishing: the figures of a month, as of a moment, become an edition. An act that is never undone (principle 6).

Here belongs what has to hold before a month may be published, and the order of the steps. Nothing is written before all of
it is there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import polars as pl

from casualty_pipeline.editions.composing import closed_files, content_digest, open_files, told
from casualty_pipeline.editions.manifest import Manifest, sign
from casualty_pipeline.editions.restating import SCHEMA, events_of, restate
from casualty_pipeline.editions.shelf import Edition, hashes, in_order, latest, place, publishing_alone
from casualty_pipeline.editions.versions import versions
from casualty_pipeline.errors import CasualtyError, OperationalError
from casualty_pipeline.figures.identities import contradictions
from casualty_pipeline.figures.months import check_month
from casualty_pipeline.history import EventSet, Replay, as_of, replaying
from casualty_pipeline.history.events import CAPTURE, DECISION
from casualty_pipeline.home import Home
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.proofreading import proofread
from casualty_pipeline.reporting.stage import month_report

Say = Callable[[str], None]


@dataclass(frozen=True)
class Publication:
    """What came of it: the new edition; or None, where nothing changed since `standing`, or what was found forbids it.

    `restatement`: rows of `restating.SCHEMA`. `refusals`: sentences in English, why it may not be published.
    """

    edition: Edition | None
    standing: Edition | None
    restatement: pl.DataFrame
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Composed:
    """An edition that isn't on the shelf yet."""

    manifest: Manifest
    contents: dict[str, bytes]
    restatement: pl.DataFrame


def publish(
    home: Home, month: str, moment: datetime | None, say: Say = lambda _: None, *, dry_run: bool = False
) -> Publication:
    """Publish the next edition of a month, as of a moment (UTC, without its zone; None: now).

    Raises CasualtyError when nothing is known of the month, or less would be known than in the edition before.
    """
    check_month(month)
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    with publishing_alone(home, say), replaying(home) as replay:
        standing, ordered = latest(home, month), in_order(home)
        cut = moment or max([now, *(e.manifest.as_of for e in ([standing] if standing else []))])
        if cut > now and moment is not None:
            raise CasualtyError(f"{moment.isoformat()} hasn't come yet: an edition tells what is known")
        if standing is not None and cut < standing.manifest.as_of:
            raise CasualtyError(
                f"edition {standing.number} of {month} is as of {standing.manifest.as_of.isoformat()}Z: a later edition "
                "can't be as of an earlier moment"
            )
        composed = compose(
            home, replay, month, as_of(replay.known, cut), cut, standing, ordered[-1] if ordered else None, now, say
        )
        if isinstance(composed, tuple):
            return Publication(None, standing, pl.DataFrame(schema=SCHEMA), composed)
        if standing is not None and composed.manifest.content == standing.manifest.content:
            return Publication(None, standing, composed.restatement)
        if dry_run:
            return Publication(None, None, composed.restatement)
        key = home.signing_key
        signature = sign(composed.manifest.to_bytes(), key) if key else None
        return Publication(place(home, composed.manifest, composed.contents, signature), standing, composed.restatement)


def compose(
    home: Home,
    replay: Replay,
    month: str,
    events: EventSet,
    cut: datetime,
    replaced: Edition | None,
    previous: Edition | None,
    published_at: datetime,
    say: Say,
) -> Composed | tuple[str, ...]:
    """The edition that `events` give, or why it may not be published. The replay is left at those events."""
    restatement = pl.DataFrame(schema=SCHEMA)
    if replaced is not None:
        say(f"what changed since edition {replaced.number} of {month}")
        before = events_of(replaced.manifest, replay.known)
        method = f"methodology {home.profile.methodology_version}"
        restatement = restate(replay, month, replaced.figures(), before, events, method, say)
    say(f"{month} as of {cut.isoformat()}Z")
    replay.move(events, ask=True)
    replay.attribute([month])
    figures = replay.figures(month)
    if not figures.filter((pl.col("period") == month) & (pl.col("value") > 0)).height and not _spoken_of(replay, month):
        raise OperationalError(
            f"nothing is known of {month} as of {cut.isoformat()}Z: take its captures in and run it first "
            f"(`casualty run --month {month}`), or choose a later --as-of"
        )
    refusals = refused(home, figures)
    if refusals:
        return refusals
    with replay.reading() as reading:
        report = month_report(reading, home.profile, month, replay.sources)
        quality = {
            row["measure"]: {name: row[name] for name in ("value", "low", "high", "judged")}
            for row in reading.frame("select * from deduplicated.quality order by measure").to_dicts()
            if row["value"] is not None
        }
        used = {e.id for e in events if e.kind == DECISION}
        rows = reading.frame("from captures.decisions order by decision_id").to_dicts()
        decisions = {str(r["decision_id"]): _hash_of(r) for r in rows if r["decision_id"] in used}
    number = replaced.number + 1 if replaced else 1
    report = told(report, number, cut, replaced, restatement)
    pages = open_files(report, restatement)
    misprints = misprinted(report, pages)
    if misprints:
        return misprints
    contents = pages | closed_files(replay, home, month, synthetic=report.synthetic)
    manifest = Manifest(
        month=month,
        edition=number,
        as_of=cut,
        published_at=published_at,
        synthetic=report.synthetic,
        methodology=home.profile.methodology_version,
        versions=versions(home),
        content=content_digest(report),
        previous=previous.manifest.sha256 if previous else "",
        replaces=replaced.manifest.sha256 if replaced else "",
        captures=tuple(sorted({e.id for e in events if e.kind == CAPTURE})),
        decisions=decisions,
        files=hashes(contents),
        quality=quality,
    )
    return Composed(manifest, contents, restatement)


def refused(home: Home, figures: pl.DataFrame) -> tuple[str, ...]:
    """Why figures may not be published: what they contradict, each as a sentence for an editor (C1)."""
    found = contradictions(figures, home.profile, complete=True)
    return tuple(c.sentence["en"] for c in found)


def misprinted(report: MonthReport, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Why pages may not be published: what they print otherwise than the figures. `files` by their path in the edition."""
    pages = {name: files[path] for path in files if (name := path.removeprefix("open/")) != path}
    return tuple(f"{fault.file}, {fault.place}: {fault.sentence}" for fault in proofread(report, pages))


def _spoken_of(replay: Replay, month: str) -> bool:
    with replay.reading() as reading:
        return bool(
            reading.connection.execute(
                "select 1 from cleaned.records where documentation_month = $month limit 1", {"month": month}
            ).fetchall()
        )


def _hash_of(decision: dict[str, object]) -> str:
    """SHA-256 of what a decision says: its own columns, not where its ledger lies."""
    told: Sequence[str] = ("decision_id", "kind", "subject", "value", "certainty", "basis", "reason", "decided_by")
    told = (*told, "decided_at", "supersedes")
    return sha256("\x1f".join(str(decision[name]) for name in told).encode()).hexdigest()
