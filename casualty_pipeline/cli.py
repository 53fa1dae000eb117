"""The command line: `casualty`. Thin: it reads arguments, calls the domain or runs Dagster, and prints.

What machines read goes to standard output, progress and messages to standard error. Exit 0: fine; 1: a finding; 2: wrong
use or unreadable input. Dagster is imported only by the commands that run it.
"""

import atexit
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from casualty_pipeline import __version__
from casualty_pipeline.commands import profiles
from casualty_pipeline.commands.editions import diff, editions, instant, publish, rebuild, why
from casualty_pipeline.commands.failures import failures
from casualty_pipeline.commands.keys import new_key, rotate_key
from casualty_pipeline.commands.operating import health, init, migrate, prune
from casualty_pipeline.commands.publications import bulletin, dossier, index, report, un_form
from casualty_pipeline.commands.redaction import capture, redact
from casualty_pipeline.commands.watching import alerts, costs, digest, doctor, tick
from casualty_pipeline.console import FINDING, WRONG_USE, crashed, home_option, role_option, say
from casualty_pipeline.console import answering as _answering
from casualty_pipeline.console import in_turn as _in_turn
from casualty_pipeline.console import table as _table
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.loading import loading
from casualty_pipeline.turns import Turn


class _InOrder(click.Group):
    """Lists commands in the order of the work, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)


@click.group(cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="casualty")
def main() -> None:
    """Casualty recording: from source captures to monthly tolls that trace back to people, records and bytes.

    \b
    A first tour:
      casualty sample                                     a synthetic inbox for January to March 2020
      casualty run --month 2020-01 --through 2020-03      every stage, every check, the reports
      casualty figures --period 2020-03                   the numbers
      casualty trace 2020-03:civilians:russia             the people, records and bytes behind one
      casualty status                                     which months are current, which are stale and why
      casualty publish --month 2020-03                    an edition that never changes; diff, why and rebuild go with it
    """


@main.command()
@home_option
@click.option("--seed", default=2020, show_default=True, help="Another number gives other people, with the same tolls.")
@_answering
@_in_turn(Turn.ARCHIVE)
def sample(home: Home, seed: int) -> None:
    """Write a synthetic inbox for January to March 2020, whose tolls are those published. All names are invented.

    \b
    Example:
      casualty sample --home /tmp/tour && casualty run --home /tmp/tour --month 2020-03
    """
    from casualty_pipeline.sample import write_sample

    home.prepare()
    report = write_sample(home.path, home.profile, seed)
    say(f"synthetic sample in {home.inbox}: {report}")


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--source", required=True, metavar="ID", help="The source that the files come from.")
@click.option(
    "--received-at", metavar="T", help="When they were received, ISO 8601 (UTC unless it says otherwise). Default: now."
)
@click.option("--original-url", metavar="URL", help="Where they were published.")
@click.option("--archive-url", metavar="URL", help="Where a copy of them is archived.")
@click.option("--collector", metavar="WHO", help="Who collected them. Default: casualty ingest.")
@click.option("--tool", metavar="TOOL", help="What they were collected with, with its version.")
@click.option(
    "--access-level", metavar="LEVEL", help="open, restricted or confidential. Default: as the source's declaration says."
)
@home_option
@_answering
@_in_turn(Turn.ARCHIVE)
def ingest(
    paths: Sequence[Path],
    source: str,
    received_at: str | None,
    original_url: str | None,
    archive_url: str | None,
    collector: str | None,
    tool: str | None,
    access_level: str | None,
    home: Home,
) -> None:
    """Take files, or whole folders, into the archive. Taking the same file again does nothing.

    A custody.csv in a folder says of each file where it comes from; lists of hashes (SHA256SUMS, *.md5, BagIt manifests) and
    timestamps (*.tsr, *.ots) are compared with the files. What doesn't fit is taken in, told and recorded: exit 1.

    \b
    Examples:
      casualty ingest march.xlsx --source field_teams
      casualty ingest exports/airwars --source airwars --received-at 2026-11-01T08:00:00Z
      casualty ingest video.mp4 --source field_teams --original-url https://example.org/post/1 --tool "yt-dlp 2026.10"
    """
    from casualty_pipeline.captures.archive import Archive
    from casualty_pipeline.captures.custody import Given, moment_of
    from casualty_pipeline.captures.inbox import files_of
    from casualty_pipeline.captures.intake import preview
    from casualty_pipeline.captures.sources import DECISIONS, load_source

    declared = None if source == DECISIONS else load_source(home, source).access_level
    moment = moment_of(received_at, "--received-at") if received_at is not None else None
    given = Given(original_url, archive_url, collector or "casualty ingest", tool, access_level or declared, moment)
    files = files_of(paths)
    home.prepare()
    delivery = Archive(home.archive).receive(files, source, given)
    size = sum(e.size_bytes for e in delivery.entries)
    say(f"{len(delivery.entries)} of {len(files)} files are new in the archive, {size:,} bytes")
    for warning in delivery.warnings:
        say(f"warning: {warning}")
    for finding in delivery.findings:
        say(f"casualty: {finding}")
    problems = preview(home, delivery.entries)
    for problem in problems:
        say(f"casualty: {problem}")
    if delivery.findings:
        say("Every file is in the archive as it came. What doesn't fit is recorded there: ask the sender (docs/archive.md).")
    if problems:
        say("They are kept as received; what can't be read will be listed as rejected. Correct and ingest them again.")
    if problems or delivery.findings:
        sys.exit(FINDING)


@main.command()
@click.option("--month", required=True, metavar="YYYY-MM", help="The month, or the first of a range.")
@click.option("--through", metavar="YYYY-MM", help="The last month of the range. Default: the month alone.")
@home_option
@_answering
def run(month: str, through: str | None, home: Home) -> None:
    """Materialise every stage for a month or a range of months, in one Dagster run: inbox to report.

    Earlier months of the year that aren't current are run with it, since cumulative figures rest on them.

    \b
    Examples:
      casualty run --month 2020-03
      casualty run --month 2016-01 --through 2019-12
    """
    from checks.worker import WORKER

    WORKER.start()  # before all else: it gets ready beside the import of Dagster
    with loading():
        from casualty_pipeline.captures.inbox import inbox_problems
        from casualty_pipeline.orchestration.command_line import run_months

    for problem in inbox_problems(home):
        say(f"inbox/{problem.path} was not taken in: {problem.reason}")

    outcome = run_months(home, month, through or month, say)
    for path in outcome.reports:
        click.echo(path)
    for line in outcome.findings:
        say(line)
    if not outcome.success:
        sys.exit(FINDING)


@main.command()
@home_option
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@_answering
def status(home: Home, form: str) -> None:
    """Which months are current, which are stale and why; what waits in the inbox, in quarantine and for review."""
    from casualty_pipeline.captures.inbox import inbox_problems, inbox_waits
    from casualty_pipeline.captures.intake import unread_captures
    from casualty_pipeline.status import editions_status, idle_decisions, months_status, open_items

    months, waiting, idle = months_status(home), inbox_waits(home), idle_decisions(home)
    editions = editions_status(home, months)
    items = {"captures_not_yet_read": len(unread_captures(home)), **open_items(home), "decisions_about_nothing": len(idle)}
    if form == "json":
        shown = [
            {
                "month": m.month,
                "current": m.current,
                "reasons": list(m.reasons),
                "causes": m.causes.as_json(),
                "statements": m.statements,
                "victims": m.victims,
                "edition": editions[m.month].as_json() if m.month in editions else None,
            }
            for m in months
        ]
        click.echo(json.dumps({"months": shown, "inbox": waiting, **items}, ensure_ascii=False, indent=2))
        return
    rows = [
        (
            m.month,
            m.statements,
            m.victims,
            editions.get(m.month, ""),
            "current" if m.current else "stale: " + "; ".join(m.told),
        )
        for m in months
    ]
    _table(["month", "statements", "victims", "published", "state"], rows)
    for label, count in items.items():
        say(f"{label.replace('_', ' ')}: {count}")
    for decision in idle:
        say(f"  {decision}")
    if waiting:
        shown_files = ", ".join(waiting[:5]) + (" ..." if len(waiting) > 5 else "")
        say(f"in the inbox, not yet taken in: {len(waiting)} files ({shown_files})")
    for problem in inbox_problems(home):
        say(f"inbox/{problem.path} can't be taken in: {problem.reason}")
    if not months:
        say("nothing yet: `casualty sample` or `casualty ingest`, then `casualty run --month YYYY-MM`")


@main.command()
@click.option("--period", required=True, metavar="PERIOD", help="A month, for example 2020-03, or months: 2020-01..2020-03.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--edition", type=int, metavar="N", help="As published in that edition.")
@click.option("--as-of", metavar="T", help="As known at that moment, ISO 8601 (UTC unless it says otherwise).")
@home_option
@_answering
def figures(period: str, form: str, edition: int | None, as_of: str | None, home: Home) -> None:
    """The figures of a month: its own, and the cumulative ones since January.

    The table leaves out zeros, but for totals; CSV and JSON have every figure.

    \b
    Examples:
      casualty figures --period 2020-03
      casualty figures --period 2020-03 --format csv > march.csv
      casualty figures --period 2020-03 --edition 1
      casualty figures --period 2020-03 --as-of 2020-04-01T06:00:00Z
    """
    from casualty_pipeline.editions.past import figures_at
    from casualty_pipeline.figures.query import month_figures

    if edition is None and as_of is None:
        found = month_figures(home, period)
    else:
        found = figures_at(home, period, edition, instant(as_of))
    if form == "csv":
        click.echo(found.csv, nl=False)
    elif form == "json":
        click.echo(json.dumps(found.rows, ensure_ascii=False, indent=1))
    else:
        columns = ("period", "population", "party", "category", "governorate", "demographic", "measure", "value")
        rows = [[row[c] for c in columns] for row in found.rows if row["value"] or row["demographic"] == "all"]
        _table(list(columns), [[*r[:-1], f"{r[-1]:g}" if r[-1] % 1 == 0 else str(r[-1])] for r in rows])


@main.command()
@click.argument("figure")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--edition", type=int, metavar="N", help="As published in that edition of the figure's (last) month.")
@click.option("--as-of", metavar="T", help="As known at that moment, ISO 8601 (UTC unless it says otherwise).")
@role_option
@home_option
@_answering
def trace(figure: str, form: str, edition: int | None, as_of: str | None, role: str, home: Home) -> None:
    """From a figure to its victims, their records, and the bytes that these come from.

    FIGURE is period:population[:party[:category[:governorate[:demographic]]]]; what is left out means all. In its place, any
    id that a victim or an incident ever had (V-..., I-...) is traced likewise, also one of an earlier report.

    \b
    Examples:
      casualty trace V-v3svj3mnw736
      casualty trace 2020-03:civilians:russia
      casualty trace 2020-03:civilians:other:drowning::child
      casualty trace 2020-01..2020-03:torture --format json
      casualty trace 2020-03:civilians:russia --edition 1
      casualty trace 2020-03:civilians:russia --role viewer      # for somebody who may see open captures alone
    """
    from casualty_pipeline.captures.archive import Archive
    from casualty_pipeline.captures.sight import sight_of, traced_for
    from casualty_pipeline.editions.past import trace_at
    from casualty_pipeline.figures.trace import as_text

    sight = sight_of(Archive(home.archive), role)
    traced = traced_for(trace_at(home, figure, edition, instant(as_of)), sight)
    click.echo(
        json.dumps(traced, ensure_ascii=False, indent=1, default=str) if form == "json" else as_text(traced),
        nl=form == "json",
    )


@main.command()
@click.argument("what", nargs=-1, required=True, metavar="RECORD | VICTIM | RECORD_A RECORD_B")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@role_option
@home_option
@_answering
def explain(what: Sequence[str], form: str, role: str, home: Home) -> None:
    """Why: how a record was read, how a victim came to be who it is, or why two records are one person or two.

    RECORD is a record id, or SOURCE/KEY: what its source says, what that was taken to mean, by which rule, how certain.
    VICTIM is any id that the victim ever had (V-...), also one that was merged away: its records and how each came to it,
    bit by bit; who was nearly the same, and why not; kin; decisions; the history of its ids. An incident's id (I-...) is
    resolved too. Two records are shown side by side, with what each comparison says. The output names people: a record is
    for roles that may see its capture, all else, which shows others beside, for the role confidential.

    \b
    Examples:
      casualty explain airwars/R2281/3 --format json
      casualty explain V-v3svj3mnw736
      casualty explain R-0123456789abcdef field_teams/17
    """
    from casualty_pipeline.captures.archive import Archive
    from casualty_pipeline.captures.sight import sight_of
    from casualty_pipeline.cleaning import explain as reading
    from casualty_pipeline.linkage import explain as linkage
    from casualty_pipeline.linkage import explain_text

    sight = sight_of(Archive(home.archive), role)
    explained: Any
    if len(what) == 1 and not what[0].startswith(("V-", "I-")):
        explained = reading.explain(home, what[0])
        sight.refuse(what[0], [one["where"]["capture_sha256"] for one in explained])
        text = reading.as_text(explained)
    else:
        sight.only_all(" ".join(what))
        explained = linkage.explain(home, what)
        text = explain_text.as_text(explained)
    click.echo(
        json.dumps(explained, ensure_ascii=False, indent=1, default=str) if form == "json" else text, nl=form == "json"
    )


@main.command()
@click.option("--field", metavar="FIELD", help="Only this field, for example mechanism.")
@click.option("--month", metavar="YYYY-MM", help="Only the statements documented in this month.")
@click.option("--format", "form", type=click.Choice(["table", "csv"]), default="table", show_default=True)
@home_option
@_answering
def terms(field: str | None, month: str | None, form: str, home: Home) -> None:
    """What sources say and the program can't read, by frequency, with the profile's file that would take it.

    \b
    Examples:
      casualty terms --field mechanism
      casualty terms --month 2020-03 --format csv > unknown.csv
    """
    from casualty_pipeline.cleaning.terms import as_csv, rows_of, unknown_terms

    found = unknown_terms(home, field, month)
    if form == "csv":
        click.echo(as_csv(found), nl=False)
    else:
        _table(*rows_of(found))


@main.command("evaluate-linkage")
@click.argument("records", nargs=-1, required=True, metavar="RECORDS.csv...", type=click.Path(path_type=Path))
@click.option("--truth", required=True, metavar="COLUMN", help="The column that says who it really is.")
@click.option(
    "--one-per", metavar="COLUMN", help="Rows with the same value here are never one person: an official list, say."
)
@click.option("--incremental-by", metavar="COLUMN", help="The values of this column come one after the other, in order.")
@click.option("--model", metavar="FILE", help="A model of `fit-linkage`, or by_hand. Default: the home's, else the shipped.")
@home_option
@_answering
def evaluate_linkage(
    records: Sequence[Path], truth: str, one_per: str | None, incremental_by: str | None, model: str | None, home: Home
) -> None:
    """Precision, recall and F1 of the linkage on labelled records, with seconds and peak memory, as JSON.

    The CSV has record_id and any of name_ar, name_en, sex, age, birth_date, death_date, place, governorate, list_date.

    \b
    Examples:
      casualty evaluate-linkage list-1.csv list-2.csv --truth entity_id --one-per list_date
      casualty evaluate-linkage list-*.csv --truth entity_id --incremental-by list_date
    """
    from casualty_pipeline.linkage.evaluation import evaluate
    from casualty_pipeline.linkage.model import load, of_home

    used = load(model) if model else of_home(home)
    found = evaluate(list(records), truth, home.profile, one_per=one_per, incremental_by=incremental_by, model=used)
    click.echo(json.dumps(found, indent=1))


@main.command("fit-linkage")
@click.argument("records", nargs=-1, required=True, metavar="RECORDS.csv...", type=click.Path(path_type=Path))
@click.option("--truth", metavar="COLUMN", help="The column that says who it really is; without it, no labels are used.")
@click.option("--start", default="by_hand", show_default=True, metavar="MODEL", help="by_hand, default, or a file.")
@click.option("--version", required=True, metavar="NAME", help="What the model is called, in explanations and reports.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to. Default: the home, whose next run uses it.")
@home_option
@_answering
@_in_turn(Turn.FIGURES)
def fit_linkage(records: Sequence[Path], truth: str | None, start: str, version: str, out: Path | None, home: Home) -> None:
    """Fit the linkage model to records: from labels where there are any, else from the records alone.

    The CSV is as for evaluate-linkage. Never score a model on what it was fitted on. The model is one JSON file, a table of
    bits for each comparison; names that fewer than 20 records bear aren't in it.

    \b
    Examples:
      casualty fit-linkage list-1.csv list-2.csv list-3.csv --truth entity_id --version lists-1 --out model.json
      casualty fit-linkage all-records.csv --version ours-2020
    """
    from casualty_pipeline.home import LINKAGE_MODEL
    from casualty_pipeline.linkage.fitting import fit_files
    from casualty_pipeline.linkage.model import as_json, load

    target = out or home.path / LINKAGE_MODEL
    model = fit_files(
        list(records), truth, home.profile, load(start), version=version, say=lambda text: click.echo(text, err=True)
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(as_json(model), encoding="utf-8")
    click.echo(target)


@main.command("linkage-quality")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@home_option
@_answering
def linkage_quality(form: str, home: Home) -> None:
    """How good the linkage is on these data: precision, recall and F1 of pairs, with 95 % intervals.

    Estimated from a sample that people judge: `casualty review export --kind quality`, then import. It speaks of what the
    program would do without people's decisions (docs/methodology.md, "How good the linkage is").

    \b
    Example:
      casualty linkage-quality --format json
    """
    from dataclasses import asdict

    from casualty_pipeline.linkage.quality import read_quality
    from casualty_pipeline.warehouse import Warehouse

    with Warehouse(home.warehouse).reading() as reading:
        quality = read_quality(reading)
    rows = [asdict(one) for one in quality.estimates.values()]
    if form == "json":
        click.echo(json.dumps({**quality.told(), "measures": rows}, ensure_ascii=False, indent=1, default=str))
        return
    columns = ("measure", "value", "low", "high", "units", "sampled", "judged", "unsure")
    cells = [[row[c] if row[c] is not None else "" for c in columns] for row in rows]
    _table(list(columns), [[f"{c:.4f}" if isinstance(c, float) else c for c in row] for row in cells])
    say(str(quality.told()["estimate"]))


@main.command()
@click.option(
    "--sample", "sampled", default="all", metavar="N|PERCENT", help="Re-hash only so many objects (50), or a share (5%)."
)
@click.option("--seed", metavar="TEXT", help="Which sample: the same text takes the same objects. Default: this month.")
@click.option(
    "--head", metavar="SHA256", help="A hash that an earlier verification told: everything up to it must be there."
)
@click.option("--resume/--no-resume", default=True, help="Go on with a pass that was interrupted. Default: yes.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@home_option
@_answering
def verify(sampled: str, seed: str | None, head: str | None, resume: bool, form: str, home: Home) -> None:
    """Re-hash the archive and the editions, prove entries and chain: what changed, is missing or surplus. Exit 1 if any.

    \b
    Examples:
      casualty verify
      casualty verify --sample 5% --format json
    """
    from dataclasses import asdict

    from casualty_pipeline.captures.archive import Archive
    from casualty_pipeline.captures.verification import Sample, verify_archive
    from casualty_pipeline.captures.verified import Verified
    from casualty_pipeline.editions import shelf

    sample_of = Sample.parse(sampled, seed or f"{datetime.now(UTC):%Y-%m}")
    verified = Verified(home.path / "verified.txt", resume=resume) if sample_of is None and home.archive.is_dir() else None
    began = time.monotonic()
    with click.progressbar(
        length=100, label="verifying", file=sys.stderr, show_eta=True, item_show_func=lambda rate: rate
    ) as bar:

        def progress(done: int, of: int) -> None:
            rate = done / max(time.monotonic() - began, 1e-3) / 1e6
            bar.update(100 * done // max(of, 1) - bar.pos, f"{done / 1e6:,.0f} of {of / 1e6:,.0f} MB, {rate:,.0f} MB/s")

        try:
            result = verify_archive(Archive(home.archive), progress, sample_of, verified, head)
        finally:
            if verified is not None:
                verified.close()
    published, wrong = shelf.editions(home), shelf.faults(home)
    if form == "json":
        click.echo(json.dumps({**asdict(result), "edition_faults": wrong}, ensure_ascii=False, indent=1))
    else:
        for fault in result.faults:
            click.echo(f"{fault.kind}  {fault.sha256}  {fault.detail}")
        for sentence in wrong:
            click.echo(f"edition  {sentence}")
    before = f", {result.verified_before} verified before the interruption" if result.verified_before else ""
    say(
        f"{result.objects} objects, {result.size_bytes:,} bytes; {result.hashed} re-hashed{before}; "
        f"{result.entries} entries in {result.journal_files} files: {len(result.faults)} faults"
    )
    if result.head is not None:
        say(f"the newest entries have the hash {result.head}: write it down elsewhere, for --head")
    say(f"{len(published)} editions: {len(wrong)} faults")
    if result.faults or wrong:
        sys.exit(FINDING)


class _Bars:
    """One progress bar after another on standard error; not on a terminal, only their labels."""

    def __init__(self) -> None:
        self._open, self._doing = ExitStack(), ""

    def __enter__(self) -> "_Bars":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def __call__(self, doing: str, done: int, of: int) -> None:
        """So much is done of this."""
        if doing != self._doing:
            self._open.close()
            self._doing = doing
            self._bar = self._open.enter_context(click.progressbar(length=100, label=doing, file=sys.stderr))
        self._bar.update(100 * done // max(of, 1) - self._bar.pos)


@main.command()
@click.argument("target", metavar="DIR")
@click.option("--full", is_flag=True, help="Also re-hash everything that DIR holds, and send again what is damaged there.")
@click.option("--dry-run", is_flag=True, help="Only say what would be sent.")
@home_option
@_answering
def backup(target: str, full: bool, dry_run: bool, home: Home) -> None:
    """Copy what can't be rebuilt (archive, own sources and settings, editions) to a folder or to S3-compatible storage.

    Sends what DIR lacks, then writes a snapshot. Nothing is ever deleted there. Exit 1: something is wrong at home or in
    DIR, and is named on standard output; all else was backed up. DIR is a folder or s3://bucket/prefix; for S3,
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL are read from the environment.

    \b
    Examples:
      casualty backup /media/disk/casualty
      casualty backup s3://evidence/syria
      casualty backup /media/disk/casualty --full
    """
    from casualty_pipeline.backup import back_up, open_target
    from casualty_pipeline.watching.backups import note_backup

    opened = open_target(target, home.path, for_writing=True)
    with _Bars() as bars:
        made = back_up(home, opened, full=full, dry_run=dry_run, progress=bars)
    if not dry_run and not made.faults:
        note_backup(home, datetime.now(UTC), made.snapshot)
    for fault in made.faults:
        click.echo(f"{fault.kind}  {fault.path}  {fault.detail}")
    size = sum(f.size for f in made.sent)
    if dry_run:
        for file in made.sent:
            click.echo(f"send  {file.path}  {file.size}")
        say(f"dry run: would send {len(made.sent)} of {made.files} files, {size:,} bytes, to {opened.where}")
        say("the backup isn't complete: a new snapshot would be made" if made.fresh else "the backup is complete")
    else:
        say(f"sent {len(made.sent)} of {made.files} files, {size:,} bytes, to {opened.where}; {len(made.faults)} faults")
        say(f"new snapshot {made.snapshot}" if made.fresh else f"nothing changed since snapshot {made.snapshot}")
    _warn_of_inbox(home)
    if made.faults:
        sys.exit(FINDING)


def _warn_of_inbox(home: Home) -> None:
    from casualty_pipeline.captures.inbox import inbox_waits

    try:
        waiting = inbox_waits(home)
    except CasualtyError as problem:
        say(f"casualty: can't tell what waits in the inbox: {problem}")
        return
    if waiting:
        shown = ", ".join(waiting[:5]) + (" ..." if len(waiting) > 5 else "")
        say(f"not in the backup: {len(waiting)} files in the inbox that aren't taken in ({shown}); run, then back up again")


@main.command()
@click.argument("target", metavar="DIR")
@click.option("--snapshot", metavar="NAME", help="Another snapshot than the newest; the beginning of its name will do.")
@click.option("--dry-run", is_flag=True, help="Only say what would be restored.")
@home_option
@_answering
@_in_turn(Turn.ARCHIVE, Turn.FIGURES)
def restore(target: str, snapshot: str | None, dry_run: bool, home: Home) -> None:
    """Bring a backup back into a home that is empty or holds a part of it. Never overwrites a file with other bytes.

    Every file is verified while it is written; a restore that was killed goes on when it is run again. Exit 1: DIR lost
    something, which is named on standard output; all else was restored.

    \b
    Examples:
      casualty restore /media/disk/casualty --home restored && casualty verify --home restored
      casualty restore s3://evidence/syria --dry-run
      casualty restore /media/disk/casualty --snapshot 20260301
    """
    from casualty_pipeline.backup import open_target, restore

    opened = open_target(target, home.path, for_writing=False)
    with _Bars() as bars:
        done = restore(opened, home, snapshot=snapshot, dry_run=dry_run, progress=bars)
    for fault in done.faults:
        click.echo(f"{fault.kind}  {fault.path}  {fault.detail}")
    size = sum(f.size for f in done.restored)
    if dry_run:
        for file in done.restored:
            click.echo(f"restore  {file.path}  {file.size}")
    say(
        f"{'dry run: would restore' if dry_run else 'restored'} {len(done.restored)} files, {size:,} bytes, from snapshot "
        f"{done.snapshot}, made at {done.made_at}; {done.present} were there; {len(done.faults)} faults"
    )
    if done.faults:
        sys.exit(FINDING)
    if not dry_run:
        say("next: `casualty verify`, then `casualty run` for the months that you need")


@main.command()
@click.argument("kind", required=False, metavar="KIND")
@click.argument("subject", required=False, metavar="SUBJECT")
@click.argument("value", required=False, metavar="VALUE")
@click.option("--reason", default="", metavar="TEXT", help="Why, in a sentence. Needed.")
@click.option("--who", default="", metavar="ROLE", help="Who decides: a role or initials, not a full name. Needed.")
@click.option("--certainty", default="", metavar="C", help="Of an attribution: established, believed or proved.")
@click.option("--basis", multiple=True, metavar="SHA256", help="A capture that it rests on; may be given several times.")
@click.option(
    "--decided-at", metavar="T", help="When it was decided, ISO 8601 (UTC unless it says otherwise). Default: now."
)
@click.option("--supersedes", default="", metavar="D", help="The decision that it takes the place of, or takes back.")
@click.option("--dry-run", is_flag=True, help="Only print the entry and whom it would be about.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of ledgers, and do nothing else.")
@home_option
@_answering
@_in_turn(Turn.ARCHIVE)
def decide(
    kind: str | None,
    subject: str | None,
    value: str | None,
    reason: str,
    who: str,
    certainty: str,
    basis: Sequence[str],
    decided_at: str | None,
    supersedes: str,
    dry_run: bool,
    schema: bool,
    home: Home,
) -> None:
    """Enter one decision into the ledgers. What can't stand beside the decisions before it is refused: exit 2.

    KIND is attribution, verification, link, merge, retraction, candidate or place_alias; docs/decisions.md says which
    SUBJECT and VALUE each takes. The VALUE withdrawn, with --supersedes, takes a decision back. The id of the decision is on
    standard output; nothing is computed until the next run. A decision is never edited: enter one that supersedes it.

    \b
    Examples:
      casualty decide attribution incident:field_teams/FI-7 russia --certainty believed \\
          --reason "flight logs put one aircraft there" --who "legal team" --supersedes D-2020-02-003 --dry-run
      casualty decide merge victim:V-v3svj3mnw736 into:victim:V-2m6rxfkzq4ta --reason "one person, two spellings" --who AB
      casualty decide retraction source:local_activists retracted --reason "the list was withdrawn" --who AB
      casualty decide verification record:field_teams/17 withdrawn --supersedes D-7 --reason "entered twice" --who AB
    """
    if schema:
        from casualty_pipeline.captures.connectors.ledger import schema as published

        click.echo(json.dumps(published(), ensure_ascii=False, indent=2))
        return
    from casualty_pipeline.captures.custody import moment_of
    from casualty_pipeline.review.deciding import decide as enter

    if kind is None or subject is None or value is None:
        raise CasualtyError("expected KIND SUBJECT VALUE: `casualty decide --help` shows some, docs/decisions.md all")
    if not dry_run:
        home.prepare()
    done = enter(
        home,
        kind=kind,
        subject=subject,
        value=value,
        reason=reason,
        who=who,
        certainty=certainty,
        basis=basis,
        decided_at=moment_of(decided_at, "--decided-at") if decided_at is not None else None,
        supersedes=supersedes,
        dry_run=dry_run,
    )
    click.echo(json.dumps(done.entry, ensure_ascii=False, indent=1) if dry_run else done.entry["decision_id"])
    about = done.about
    if about is None or not about.statements:
        say("nothing that a run has read is named by it: it waits, and `casualty status` says so")
    else:
        for label, ids in (("victims", about.victims), ("incidents", about.incidents)):
            say(f"about {len(ids)} {label}: {', '.join(ids[:10])}{', ...' if len(ids) > 10 else ''}")
    if dry_run:
        say("dry run: nothing was kept")
        return
    if done.stood:
        say(f"nothing was entered: this very decision is in force already, in the ledger {done.ledger}")
        return
    say(f"in the archive: the ledger {done.ledger}")
    if about is not None and about.months:
        first, last = about.months[0], about.months[-1]
        through = f" --through {last}" if last != first else ""
        say(f"to be computed again: {', '.join(about.months)}, with `casualty run --month {first}{through}`;")
        say("`casualty status` then names later months whose cumulative figures change")


@main.group()
def review() -> None:
    """Questions that the machine leaves to people.

    \b
    export writes them into a workbook, import turns its answers into decisions (docs/review.md). Decisions can also be
    written by hand into a ledger: a CSV or XLSX file in inbox/decisions (docs/sources.md, "Decisions").
    """


@review.command("list")
@click.option(
    "--kind",
    default="",
    metavar="KIND",
    help="candidate, place, pair, contradiction, attribution, blocking or incident. Default: all.",
)
@click.option(
    "--about", default="", metavar="ID", help="Only what bears on this victim, by any id that it ever had (V-...)."
)
@click.option("--limit", default=20, show_default=True, help="How many to show.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@home_option
@_answering
def review_list(kind: str, about: str, limit: int, form: str, home: Home) -> None:
    """What waits for a decision, with what it is about and the ledger row that would answer it.

    Candidates are statements read by rule from posts and pages: each is shown with its passage between ⟦ and ⟧, and counts
    only once it is confirmed. For places, the near names are proposals; none is ever taken by itself.

    \b
    Examples:
      casualty review list --kind candidate
      casualty review list --kind place --limit 100 --format json
      casualty review list --about V-v3svj3mnw736
    """
    from casualty_pipeline.review.questions import as_json, as_text, open_questions

    found = open_questions(home, kind, limit, about)
    click.echo(as_json(found) if form == "json" else as_text(found), nl=form == "json")
    if not found:
        say("nothing waits for a decision")


@review.command("export")
@click.option("--kind", default="", metavar="KIND", help="pair, contradiction, candidate or place. Default: all.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(min=1), help="At most so many of each kind.")
@click.option(
    "--out", default="review.xlsx", show_default=True, metavar="FILE", type=click.Path(path_type=Path), help=".xlsx or .csv."
)
@click.option("--lang", "language", default="en", show_default=True, metavar="LANG", help="en or ar.")
@click.option("--again", is_flag=True, help="Ask again what was answered `unsure`, with the earlier answer beside it.")
@home_option
@_answering
def review_export(kind: str, limit: int, out: Path, language: str, again: bool, home: Home) -> None:
    """Write questions into a file that people answer: a workbook that explains itself, or CSV for one kind.

    They stand in the order of the queue. The file holds names of victims: it is confidential, and only you can read it.
    A file that exists is never overwritten.

    \b
    Examples:
      casualty review export --lang ar --out questions.xlsx
      casualty review export --kind pair --limit 50
    """
    from casualty_pipeline.review.export import export_questions

    done = export_questions(home, out, kind, limit, language, again)
    if done.path is None:
        say("nothing waits for a decision: no file written")
    else:
        click.echo(done.path)
        say(", ".join(f"{count} of kind {name}" for name, count in done.by_kind.items()))
        say("CONFIDENTIAL: the file holds names of victims. Only you can read it; delete it after the import.")
    if done.answered:
        say(f"{done.answered} questions were answered since the last run: left out")
    if done.unsure and not again:
        say(f"{done.unsure} questions were answered `unsure`: left out (--again asks them again)")


@review.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--who", default="", metavar="ROLE", help="A role or initials: who answered the rows that don't say.")
@click.option(
    "--decided-at", metavar="T", help="When it was decided, ISO 8601 (UTC unless it says otherwise). Default: now."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be decided.")
@home_option
@_answering
@_in_turn(Turn.ARCHIVE)
def review_import(file: Path, who: str, decided_at: str | None, dry_run: bool, home: Home) -> None:
    """Turn an answered file into decisions. The file and the ledger made of it go into the archive.

    Rows that can't be taken are named, the others apply: exit 1. Taking the same file again does nothing. The decisions
    are on standard output, one per line: id, kind, subject, value.

    \b
    Examples:
      casualty review import review.xlsx --who "analyst 2" --dry-run
      casualty review import review.xlsx --who "analyst 2" && casualty run --month 2020-03
    """
    from casualty_pipeline.captures.custody import moment_of
    from casualty_pipeline.review.importing import import_answers

    moment = moment_of(decided_at, "--decided-at") if decided_at is not None else datetime.now(UTC)
    done = import_answers(home, file, who.strip(), moment, dry_run)
    for row in done.rows:
        click.echo("  ".join(row[column] for column in ("decision_id", "kind", "subject", "value")))
    for finding in done.findings:
        say(f"casualty: {finding}")
    verb = "would be taken" if dry_run else "taken"
    say(
        f"{len(done.rows)} decisions {verb}; {done.already} answers were in force already; {done.unanswered} questions left "
        f"open; {len(done.findings)} rows refused"
    )
    if not done.rows:
        say("nothing new: the archive stays as it is")
    elif not dry_run:
        say(f"in the archive: the ledger {done.ledger}, and {file.name} as what it rests on")
        if done.months:
            first, last = done.months[0], done.months[-1]
            through = f" --through {last}" if last != first else ""
            say(f"to be computed again: {', '.join(done.months)}, with `casualty run --month {first}{through}`;")
            say("`casualty status` then names later months whose cumulative figures change")
    if done.findings:
        sys.exit(FINDING)


@main.command()
@home_option
@click.option("--port", default=3000, show_default=True)
@_answering
def ui(home: Home, port: int) -> None:
    """Open Dagster on the home: webserver and daemon, until interrupted."""
    home.prepare()
    environment = {**os.environ, "CASUALTY_HOME": str(home.path), "DAGSTER_HOME": str(home.dagster.resolve())}
    program = str(Path(sys.executable).with_name("dagster"))
    say(f"Dagster on {home.path}: http://127.0.0.1:{port} (stop with Ctrl-C)")
    command = [program, "dev", "-w", str(home.dagster / "workspace.yaml"), "-p", str(port)]
    os.execvpe(program, command, environment)  # noqa: S606  our own program, no shell


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE.csv...", type=click.Path(path_type=Path))
@click.option(
    "--profile", "profile_name", default="syria", show_default=True, help="A shipped profile, or a profile's folder."
)
@click.option("--complete", is_flag=True, help="No figure but zeros is left out, by party, category and governorate.")
@click.option("--language", type=click.Choice(["en", "ar"]), default="en", show_default=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_answering
def audit(files: Sequence[Path], profile_name: str, complete: bool, language: str, form: str) -> None:
    """Prove what can't be right in anybody's published figures, and what follows from them. Needs no home.

    Files are in the figure schema, and audited together; any figures may be left out. Exit 0: they can all be right; 1: they
    can't, with the fewest figures that contradict each other; 2: a row can't be read.

    \b
    Examples:
      casualty audit march.csv
      casualty audit january.csv february.csv march.csv --format json
    """
    from casualty_pipeline.figures.identities.answer import as_json, as_text
    from casualty_pipeline.figures.identities.audit import audit as audit_figures
    from casualty_pipeline.figures.identities.reading import read_figures
    from casualty_pipeline.profile import load_profile

    profile = load_profile(profile_name)
    found = audit_figures(read_figures(files, profile), profile, complete)
    click.echo(as_json(found) if form == "json" else as_text(found, profile, language), nl=form == "json")
    if found.contradictions:
        sys.exit(FINDING)


_FIGURES = (failures, publish, editions, diff, rebuild, why)
_PUBLICATIONS = (bulletin, report, dossier, un_form, index, redact, capture)
_OPERATION = (init, profiles.profile, migrate, prune, health, doctor, digest, alerts, tick, costs, new_key, rotate_key)
for _command in (*_FIGURES, *_PUBLICATIONS, *_OPERATION):
    main.add_command(_command)


def program() -> None:
    """The command line as a program of its own.

    When all is said and every exit function has run, it ends at once: taking Dagster's thousands of modules down one by one
    would take a second, and do nothing for anybody.

    DuckDB imports pandas, where it is installed, with the first parameter of a query, to see whether that is a pandas value:
    most of the time that a short command takes. Nothing here uses pandas (Great Expectations, which does, has a process of
    its own), so in this one it isn't to be found.
    """
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]  # Python's way of saying that there is no such module
    code: int | str | None = 0
    try:
        main()
    except SystemExit as end:
        code = end.code
    except Exception as problem:  # before a command began, or in Click: commands answer for themselves
        try:
            crashed(problem)
        except SystemExit as end:
            code = end.code
    if isinstance(code, str):
        say(code)
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
    except OSError as problem:  # a full disk: what was asked for isn't there, and exit 0 would say that it is
        say(f"casualty: can't write the output: {problem.strerror}")
        code = WRONG_USE
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    program()
