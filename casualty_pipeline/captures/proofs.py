"""Timestamps that come along: tokens of RFC 3161 and OpenTimestamps proofs, and what they prove of which file.

A timestamp says that a digest existed at a moment. Read here are the digest, the moment and who vouches for it; `match` says
whether the digest is that of a file at hand. Neither an authority's signature nor a Bitcoin block is checked here: that
takes certificates and block headers that an offline archive doesn't have, and every record says so. A proof that can't be
read is kept like any other capture, with the reason.
"""

import hashlib
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from casualty_pipeline.captures.media_types import OTS, PROOFS

LARGEST = 1 << 20
_NAMES = {".tsr": "rfc3161", ".tst": "rfc3161", ".ots": "opentimestamps"}
_UNCHECKED = {
    "rfc3161": "the signature of the authority is not verified here",
    "opentimestamps": "the block, or the calendar's promise, is not verified here",
}


@dataclass(frozen=True)
class Proof:
    """One timestamp as read: the digest that it is of, and what it says. `reason` tells why one can't be read."""

    kind: str  # rfc3161 or opentimestamps
    given_by: str  # name of its file
    algorithm: str | None = None
    digest: str | None = None
    says: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None


def proof_kind(name: str, media_type: str) -> str | None:
    """The kind of proof that a file is, by its bytes, or else claims to be by its name; None for anything else."""
    if media_type in PROOFS:
        return "opentimestamps" if media_type == OTS else "rfc3161"
    return _NAMES.get(posixpath.splitext(name)[1].lower())


def read_proof(kind: str, name: str, content: bytes) -> Proof:
    """Read one proof. Never raises for what the bytes are."""
    if len(content) > LARGEST:
        return Proof(kind, name, reason=f"larger than {LARGEST >> 20} MB: no timestamp is")
    try:
        return (_opentimestamps if kind == "opentimestamps" else _rfc3161)(name, content)
    except Exception as problem:  # parsers of others, fed with anything: whatever they raise is the reason
        first = (str(problem).splitlines() or [""])[0].strip()
        return Proof(kind, name, reason=f"can't be read: {first or type(problem).__name__}"[:300])


def _rfc3161(name: str, content: bytes) -> Proof:
    from asn1crypto import tsp

    first = tsp.ContentInfo.load(content) if content[:1] == b"\x30" else None
    token: Any = first
    try:
        is_token = first is not None and first["content_type"].native == "signed_data"
    except (ValueError, TypeError):
        is_token = False
    if not is_token:
        answer = tsp.TimeStampResp.load(content, strict=True)
        status = answer["status"]["status"].native
        if status not in {"granted", "granted_with_mods"}:
            return Proof("rfc3161", name, reason=f"the authority granted no timestamp: {status}")
        token = answer["time_stamp_token"]
        if token["content_type"].native != "signed_data":
            return Proof("rfc3161", name, reason=f"expected signed data, found {token['content_type'].native}")
    signed = token["content"]
    inside = signed["encap_content_info"]
    if inside["content_type"].native != "tst_info":
        return Proof("rfc3161", name, reason=f"expected a timestamp, found {inside['content_type'].native}")
    info = inside["content"].parsed
    imprint = info["message_imprint"]
    said: dict[str, Any] = {
        "moment": info["gen_time"].native.isoformat(),
        "policy": info["policy"].dotted,
        "serial": str(info["serial_number"].native),
    }
    if info["tsa"].native is not None and info["tsa"].name == "directory_name":
        said["authority"] = info["tsa"].chosen.human_friendly
    if broken := _content_altered(signed, bytes(inside["content"])):
        return Proof("rfc3161", name, says=said, reason=broken)
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    return Proof("rfc3161", name, algorithm, imprint["hashed_message"].native.hex(), said)


def _content_altered(signed: Any, content: bytes) -> str | None:
    """What is signed is a digest of the timestamp's content (RFC 5652, section 5.4): that it fits needs no certificate."""
    for signer in signed["signer_infos"]:
        algorithm = signer["digest_algorithm"]["algorithm"].native
        for attribute in signer["signed_attrs"] or ():
            if attribute["type"].native == "message_digest":
                digest = hashlib.new(algorithm, content, usedforsecurity=False).digest()
                if attribute["values"][0].native != digest:
                    return "its content was altered: the signed digest is of something else"
    return None


def _opentimestamps(name: str, content: bytes) -> Proof:
    from opentimestamps.core import notary
    from opentimestamps.core.serialize import BytesDeserializationContext
    from opentimestamps.core.timestamp import DetachedTimestampFile

    read = DetachedTimestampFile.deserialize(BytesDeserializationContext(content))
    blocks, litecoin, calendars, unknown = set[int](), set[int](), set[str](), 0
    for _, attestation in read.timestamp.all_attestations():
        if isinstance(attestation, notary.BitcoinBlockHeaderAttestation):
            blocks.add(attestation.height)
        elif isinstance(attestation, notary.LitecoinBlockHeaderAttestation):
            litecoin.add(attestation.height)
        elif isinstance(attestation, notary.PendingAttestation):
            calendars.add(attestation.uri)
        else:
            unknown += 1
    says: dict[str, Any] = {
        "bitcoin_blocks": sorted(blocks),
        "litecoin_blocks": sorted(litecoin),
        "pending_calendars": sorted(calendars),
        "unknown_attestations": unknown,
    }
    algorithm = str(read.file_hash_op.TAG_NAME)
    return Proof("opentimestamps", name, algorithm, read.file_digest.hex(), {k: v for k, v in says.items() if v})


def siblings(names: Sequence[str]) -> dict[str, str]:
    """For each name of a delivery, the file that it would be a proof of.

    That is `a.jpg` for `a.jpg.tsr`; for `a.tsr` too, when no other file has that stem.
    """
    by_stem: dict[str, list[str]] = {}
    there = {name for name in names if proof_kind(name, "") is None}
    for name in sorted(there):
        by_stem.setdefault(posixpath.splitext(name)[0], []).append(name)
    found: dict[str, str] = {}
    for name in names:
        stem = posixpath.splitext(name)[0]
        same = [stem] if stem in there else [n for n in by_stem.get(stem, ()) if n != name]
        if len(same) == 1 and same[0] != name:
            found[name] = same[0]
    return found


def match(
    proof: Proof, beside: str | None, digest_of: Callable[[str, str], str | None], held: Callable[[str, str], str | None]
) -> dict[str, Any]:
    """The record of a proof, as entries keep it: what it says, and of which bytes.

    `beside` is the SHA-256 of the file that it is of by its name; `digest_of(sha256, algorithm)` the digest of an object,
    None when the algorithm isn't known here; `held(algorithm, digest)` the SHA-256 of an object that has a digest.

    `matches` is True when the bytes have the digest, False when the file beside it hasn't, None when no file has.
    """
    record: dict[str, Any] = {"kind": proof.kind, "given_by": proof.given_by, **proof.says}
    if proof.reason is not None or proof.algorithm is None or proof.digest is None:
        return record | {"matches": None, "subject": None, "reason": proof.reason}
    record |= {"algorithm": proof.algorithm, "digest": proof.digest}
    if beside is not None and digest_of(beside, proof.algorithm) == proof.digest:
        subject: str | None = beside
    else:
        subject = held(proof.algorithm, proof.digest)
    if subject is None:
        reason = "the file beside it has another digest" if beside else "no file here has its digest"
        return record | {"matches": False if beside else None, "subject": None, "reason": reason}
    return record | {"matches": True, "subject": subject, "not_verified": _UNCHECKED[proof.kind]}
