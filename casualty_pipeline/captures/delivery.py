"""One delivery while it is taken in: what is asked of each file, what its sender claims, and the entries that come of it.

What belongs here: bringing together what was read of the files (`storing.py`) and what came along with them (`custody.py`,
`proofs.py`). Nothing is copied here, and no lock is taken: `archive.py` does both.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casualty_pipeline.captures.custody import Accompanying, Claim, Given
from casualty_pipeline.captures.entries import Entry, JournalFile
from casualty_pipeline.captures.media_types import contradiction
from casualty_pipeline.captures.proofs import LARGEST, match, proof_kind, read_proof, siblings
from casualty_pipeline.captures.storing import Request, Stored

if TYPE_CHECKING:  # the archive takes deliveries in, a delivery is one of an archive
    from casualty_pipeline.captures.archive import Archive


@dataclass
class Delivery:
    """What taking files in came to: the new entries; what is worth knowing; and what doesn't hold, sentence by sentence."""

    entries: list[Entry] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


@dataclass
class Work:
    """One delivery while it is taken in. Lists by position follow the files as given."""

    archive: "Archive"
    source: str
    given: Given
    along: Accompanying
    names: Sequence[str]
    before: Mapping[str, JournalFile]
    stored: list[Stored] = field(default_factory=list)
    delivery: Delivery = field(default_factory=Delivery)

    @cached_property
    def at(self) -> dict[str, list[int]]:
        """The positions of each name: two folders taken in together may hold files of the same name."""
        found: dict[str, list[int]] = {}
        for position, name in enumerate(self.names):
            found.setdefault(name, []).append(position)
        return found

    @cached_property
    def held(self) -> dict[str, Entry]:
        """What this source had delivered before, by name; the newest of each."""
        earlier = [e for file in self.before.values() for e in file.entries if e.source == self.source]
        return {e.original_name: e for e in sorted(earlier, key=lambda e: (e.received_at, e.entry_id))}

    def requests(self, paths: Sequence[Path]) -> list[Request]:
        """What is to be read of each file: the hashes that somebody claims for it, besides SHA-256."""
        wanted: dict[str, set[str]] = {}
        for claim in self.along.claims:
            wanted.setdefault(claim.file, set()).add(claim.algorithm)
        return [
            Request(path, name, wanted.get(name, ()), held=name in self.held)
            for path, name in zip(paths, self.names, strict=True)
        ]

    def claims(self) -> dict[int, list[dict[str, Any]]]:
        """The record of every claimed hash, at the file that has (or hasn't) it; else at the list that claims it."""
        found: dict[int, list[dict[str, Any]]] = {}
        for claim in self.along.claims:
            record: dict[str, Any] = {"algorithm": claim.algorithm, "value": claim.value, "given_by": claim.given_by}
            where = f"{claim.given_by}, line {claim.line}: {claim.algorithm} of {claim.file!r}"
            if claim.delivered:
                positions = self.at[claim.file]
                fits = [p for p in positions if self.stored[p].digests[claim.algorithm] == claim.value]
                for position in fits or positions:
                    found.setdefault(position, []).append(record | {"verified": bool(fits)})
                if not fits:
                    bytes_have = self.stored[positions[-1]].digests[claim.algorithm]
                    self.delivery.findings.append(f"{where} doesn't fit: claimed {claim.value}, the bytes have {bytes_have}")
                continue
            verified, problem = self._earlier(claim)
            said = record | {"file": claim.file, "verified": verified}
            for position in self.at[claim.given_by]:
                found.setdefault(position, []).append(said | ({"reason": problem} if problem else {}))
            if problem:
                self.delivery.findings.append(f"{where}: {problem}")
        return found

    def _earlier(self, claim: Claim) -> tuple[bool | None, str | None]:
        """Whether a file that this source delivered earlier has the hash; or else what is wrong."""
        entry = self.held.get(claim.file)
        if entry is None:
            return None, "there is no such file, in this delivery or from this source before"
        digest = self.archive.digest(entry.sha256, claim.algorithm)
        if digest is None:
            return None, "it came earlier, and its object is missing from the archive; `casualty verify` says more"
        return digest == claim.value, None if digest == claim.value else f"it came earlier, and its bytes have {digest}"

    def proofs(self) -> dict[int, list[dict[str, Any]]]:
        """The record of every timestamp, at its own file and at the delivered files that it is of."""
        kinds = {p: kind for p, name in enumerate(self.names) if (kind := proof_kind(name, self.stored[p].media_type))}
        if not kinds:
            return {}
        found = dict[int, list[dict[str, Any]]]()
        objects, beside = _Objects(self), siblings(self.names)
        for position, kind in kinds.items():
            name = self.names[position]
            with self.archive.opened(self.stored[position].sha256) as path, path.open("rb") as file:
                proof = read_proof(kind, name, file.read(LARGEST + 1))
            sibling = self.at.get(beside.get(name, ""))
            of = self.stored[sibling[-1]].sha256 if sibling else None
            record = match(proof, of, self.archive.digest, objects.having)
            for place in (position, *objects.here.get(str(record["subject"]), ())):
                found.setdefault(place, []).append(record)
            if record.get("reason"):
                told = self.delivery.findings if record["matches"] is False else self.delivery.warnings
                told.append(f"{name}: the timestamp proves nothing of a file here: {record['reason']}")
        return found

    def enter(
        self,
        files: Sequence[JournalFile],
        claimed: Mapping[int, list[dict[str, Any]]],
        proved: Mapping[int, list[dict[str, Any]]],
    ) -> None:
        """Write the entries of what is new. To be called under the lock, with the whole journal."""
        known = {(e.source, e.original_name, e.sha256) for file in files for e in file.entries}
        fresh: list[int] = []
        for position, (name, one) in enumerate(zip(self.names, self.stored, strict=True)):
            if (self.source, name, one.sha256) not in known:
                known.add((self.source, name, one.sha256))
                fresh.append(position)
        new = {self.names[p] for p in fresh}
        self.delivery.findings = [*self.along.problems, *self.delivery.findings]
        for name in sorted(self.along.given.keys() - new):
            if any(list_name in new for list_name in self.along.lists):
                self.delivery.warnings.append(f"{name}: came earlier; what is now said of it stands in the list, not at it")
        if not fresh:
            return
        claimed = self._at_entries(claimed, set(fresh))
        moment = (self.given.received_at or datetime.now(UTC)).astimezone(UTC)
        identity = "\0".join(
            [self.source, moment.isoformat(), *(f"{self.names[p]}\0{self.stored[p].sha256}" for p in fresh)]
        )
        delivery = hashlib.sha256(identity.encode()).hexdigest()[:16]
        for number, position in enumerate(fresh):
            entry_id = f"{delivery}-{number:05d}"
            self.delivery.entries.append(
                self._entry(entry_id, delivery, moment, position, claimed.get(position, ()), proved.get(position, ()))
            )
        stamp = moment.strftime("%Y%m%dT%H%M%S")
        self.archive.journal.add(f"{stamp}-{delivery}.jsonl", self.delivery.entries, files)

    def _at_entries(self, claimed: Mapping[int, list[dict[str, Any]]], fresh: set[int]) -> dict[int, list[dict[str, Any]]]:
        """The records of claims where there will be an entry: those of files that came earlier go to the list itself."""
        found = {position: list(records) for position, records in claimed.items() if position in fresh}
        for position in sorted(claimed.keys() - fresh):
            for record in claimed[position]:
                for place in self.at[record["given_by"]]:
                    if place in fresh:
                        found.setdefault(place, []).append(record | {"file": self.names[position]})
        return found

    def _entry(
        self,
        entry_id: str,
        delivery: str,
        moment: datetime,
        position: int,
        claimed: Sequence[Mapping[str, Any]],
        proved: Sequence[Mapping[str, Any]],
    ) -> Entry:
        name, one = self.names[position], self.stored[position]
        said = self.along.given.get(name, Given()).over(self.given)
        promised = contradiction(name, one.media_type)
        if promised is not None:
            self.delivery.warnings.append(f"{name}: its name promises {promised}, its bytes are {one.media_type}")
        is_proof = proof_kind(name, one.media_type) is not None
        return Entry(
            entry_id=entry_id,
            sha256=one.sha256,
            source=self.source,
            delivery_id=delivery,
            original_name=name,
            received_at=(said.received_at or moment).astimezone(UTC).isoformat(),
            media_type=one.media_type,
            size_bytes=one.size_bytes,
            access_level=said.access_level or "confidential",
            collector=said.collector or "casualty ingest",
            role="redacted"
            if said.derived_from
            else "checksums"
            if name in self.along.lists
            else "proof"
            if is_proof
            else "capture",
            original_url=said.original_url,
            archive_url=said.archive_url,
            tool=said.tool,
            derived_from=said.derived_from,
            reason=said.reason,
            claimed_hashes=tuple(claimed),
            proofs=tuple(proved),
        )


class _Objects:
    """The objects that a timestamp can be of: those of the archive by SHA-256, by other digests those of the delivery."""

    def __init__(self, work: Work) -> None:
        self.archive = work.archive
        self.here: dict[str, list[int]] = {}
        for position, one in enumerate(work.stored):
            self.here.setdefault(one.sha256, []).append(position)
        self.held = {e.sha256 for file in work.before.values() for e in file.entries}
        self.by_digest: dict[str, dict[str, str]] = {}

    def having(self, algorithm: str, digest: str) -> str | None:
        """The SHA-256 of an object with the digest."""
        if algorithm == "sha256":
            return digest if digest in self.here or digest in self.held else None
        if algorithm not in self.by_digest:
            digests = {sha256: self.archive.digest(sha256, algorithm) for sha256 in sorted(self.here)}
            self.by_digest[algorithm] = {found: sha256 for sha256, found in digests.items() if found}
        return self.by_digest[algorithm].get(digest)
