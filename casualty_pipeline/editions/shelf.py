"""The editions that there are: `published/<month>/edition-<n>/`. Here belongs finding them, proving them, putting one there.

An edition is put in place by one rename, its files read-only: it is there whole, or not at all.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from casualty_pipeline.editions.manifest import NAME, SIGNATURE, Manifest, read_manifest, signature_holds
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.months import check_month
from casualty_pipeline.home import Home
from casualty_pipeline.tables import FIGURE_COLUMNS
from casualty_pipeline.turns import holding

_PREFIX = "edition-"
_STAGING = ".staging"
FIGURES, RESTATEMENT = "open/figures.csv", "open/restatement.csv"


@dataclass(frozen=True)
class Edition:
    """One edition: where it lies."""

    month: str
    number: int
    folder: Path

    @cached_property
    def manifest(self) -> Manifest:
        """Its manifest. Raises CasualtyError when that can't be read."""
        return read_manifest(self.folder / NAME)

    def read(self, path: str) -> bytes:
        """One of its files, proved by its hash. Raises CasualtyError when it isn't what was published."""
        expected = self.manifest.files.get(path)
        if expected is None:
            raise CasualtyError(f"edition {self.number} of {self.month} has no file {path}")
        try:
            content = (self.folder / path).read_bytes()
        except OSError as problem:
            raise CasualtyError(
                f"{self.folder / path} can't be read: {problem.strerror}; restore it from a backup"
            ) from None
        if hashlib.sha256(content).hexdigest() != expected:
            raise CasualtyError(f"{self.folder / path} was altered since it was published: restore it from a backup")
        return content

    def figures(self) -> pl.DataFrame:
        """Its figures: FIGURE_COLUMNS."""
        texts = dict.fromkeys(FIGURE_COLUMNS[:-1], pl.String)
        found = pl.read_csv(self.read(FIGURES), schema_overrides={**texts, "value": pl.Float64})
        return found.with_columns(pl.col(FIGURE_COLUMNS[:-1]).fill_null(""))


def editions(home: Home, month: str | None = None) -> list[Edition]:
    """All editions, or those of one month, by month and number."""
    found = []
    months = [check_month(month)] if month else sorted(p.name for p in home.published.glob("????-??") if p.is_dir())
    for name in months:
        for folder in (home.published / name).glob(f"{_PREFIX}*"):
            number = folder.name.removeprefix(_PREFIX)
            if number.isascii() and number.isdigit() and folder.is_dir():
                found.append(Edition(name, int(number), folder))
    return sorted(found, key=lambda e: (e.month, e.number))


def edition(home: Home, month: str, number: int) -> Edition:
    """One edition. Raises CasualtyError naming those that there are."""
    there = editions(home, month)
    for one in there:
        if one.number == number:
            return one
    known = ", ".join(str(e.number) for e in there)
    told = f"there are: {known}" if there else f"none was published yet (`casualty publish --month {month}`)"
    raise CasualtyError(f"no edition {number} of {month}: {told}")


def latest(home: Home, month: str) -> Edition | None:
    """The month's newest edition, if there is one."""
    return max(editions(home, month), key=lambda e: e.number, default=None)


def in_order(home: Home) -> list[Edition]:
    """All editions as they were published, by the chain of their manifests: each follows the one that it names.

    Raises CasualtyError when the chain doesn't hold all of them: what is published next would vouch for less than there is.
    """
    every = editions(home)
    by_previous = {e.manifest.previous: e for e in every}
    ordered, at = list[Edition](), ""
    while at in by_previous and len(ordered) < len(every):
        ordered.append(by_previous[at])
        at = ordered[-1].manifest.sha256
    if len(ordered) < len(every):
        raise CasualtyError(
            f"the chain of editions is broken: only {len(ordered)} of {len(every)} follow each other. `casualty editions "
            "--verify` says where; restore what is missing from a backup"
        )
    return ordered


def faults(home: Home) -> list[str]:
    """What is wrong with the editions, in sentences: altered, missing and surplus files, breaks in the chain, signatures."""
    found: list[str] = []
    every = editions(home)
    readable = []
    for one in every:
        try:
            found += _faults_of(one)
            readable.append(one)
        except CasualtyError as problem:
            found.append(str(problem))
    hashes = {e.manifest.sha256 for e in readable}
    for one in readable:
        for what in ("previous", "replaces"):
            sha256 = getattr(one.manifest, what)
            if sha256 and sha256 not in hashes:
                found.append(
                    f"edition {one.number} of {one.month} vouches for an edition that isn't there ({what} {sha256[:16]}...)"
                )
    after: dict[str, list[Edition]] = {}
    for one in readable:
        after.setdefault(one.manifest.previous, []).append(one)
    for previous, followers in sorted(after.items()):
        if len(followers) > 1:
            named = ", ".join(f"{e.month} edition {e.number}" for e in followers)
            what = f"follow the same one ({previous[:16]}...)" if previous else "say that none came before them"
            found.append(f"the chain divides: {len(followers)} editions {what}: {named}")
    return found


def _faults_of(one: Edition) -> Iterator[str]:
    manifest = one.manifest
    where = f"edition {one.number} of {one.month}"
    if (manifest.month, manifest.edition) != (one.month, one.number):
        yield f"{where}: its manifest is that of edition {manifest.edition} of {manifest.month}"
    for path in sorted(manifest.files):
        try:
            one.read(path)
        except CasualtyError as problem:
            yield str(problem)
    there = {p.relative_to(one.folder).as_posix() for p in one.folder.rglob("*") if p.is_file()}
    for path in sorted(there - manifest.files.keys() - {NAME, SIGNATURE}):
        yield f"{where}: {path} wasn't published with it: take it away"
    signature = one.folder / SIGNATURE
    if signature.is_file() and signature_holds((one.folder / NAME).read_bytes(), signature.read_bytes()) is None:
        yield f"{where}: its signature doesn't hold"


@contextmanager
def publishing_alone(home: Home, say: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """One publication at a time on a home; what a killed one left half written is cleared away.

    Waits and raises as `turns.holding` does.
    """
    home.published.mkdir(parents=True, exist_ok=True)
    with holding(home.published / ".lock", "a publication", say):
        for left in home.published.glob(f"{_STAGING}-*"):
            _remove(left)
        yield


def place(home: Home, manifest: Manifest, contents: Mapping[str, bytes], signature: bytes | None) -> Edition:
    """Put an edition on the shelf. To be called inside `publishing_alone`."""
    staging = home.published / f"{_STAGING}-{os.getpid()}"
    folder = home.published / manifest.month / f"{_PREFIX}{manifest.edition}"
    if folder.exists():
        raise CasualtyError(f"{folder} is there already: an edition is never written twice")
    every = {**contents, NAME: manifest.to_bytes(), **({SIGNATURE: signature} if signature else {})}
    for path, content in sorted(every.items()):
        target = staging / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        target.chmod(0o444)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging.rename(folder)
    for inside in [p for p in folder.rglob("*") if p.is_dir()]:
        inside.chmod(0o555)
    folder.chmod(0o555)
    _flush(folder.parent)
    return Edition(manifest.month, manifest.edition, folder)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(folder: Path) -> None:
    for inside in [folder, *(p for p in folder.rglob("*") if p.is_dir())]:
        inside.chmod(0o755)
    shutil.rmtree(folder)


def hashes(contents: Mapping[str, bytes]) -> dict[str, str]:
    """The SHA-256 of each content."""
    return {path: hashlib.sha256(content).hexdigest() for path, content in sorted(contents.items())}


def summary(one: Edition) -> dict[str, Any]:
    """An edition in a line: what reports.editions holds of it."""
    manifest = one.manifest
    changed = 0
    if RESTATEMENT in manifest.files:
        rows = pl.read_csv(one.read(RESTATEMENT), infer_schema=False)
        changed = rows.select(FIGURE_COLUMNS[:-1]).unique().height
    return {
        "month": one.month,
        "edition": one.number,
        "as_of": manifest.as_of,
        "published_at": manifest.published_at,
        "methodology": manifest.methodology,
        "synthetic": manifest.synthetic,
        "figures_changed": changed,
        "captures": len(manifest.captures),
        "decisions": len(manifest.decisions),
        "signed": (one.folder / SIGNATURE).is_file(),
        "manifest": manifest.sha256,
        "previous": manifest.previous,
        "folder": f"published/{one.month}/{one.folder.name}",
    }
