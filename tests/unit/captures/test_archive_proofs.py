"""Timestamps that come along are read, and matched with the bytes that they are of. The tokens are made here, unsigned."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import algos, cms, core, tsp, x509
from hypothesis import given, settings
from hypothesis import strategies as st
from opentimestamps.core import notary, op, serialize, timestamp

from casualty_pipeline.captures.archive import Archive, Delivery
from casualty_pipeline.captures.custody import Given
from casualty_pipeline.captures.entries import Entry
from casualty_pipeline.captures.inbox import files_of
from casualty_pipeline.captures.proofs import read_proof

NOON = datetime(2020, 3, 5, 12, tzinfo=UTC)
STAMPED = datetime(2020, 3, 1, 9, 30, tzinfo=UTC)
PHOTO, VIDEO = b"\xff\xd8\xff photo", b"\0\0\0\x18ftypmp42 video"


def token(content: bytes, algorithm: str = "sha256", signed_digest: bytes | None = None) -> Any:
    info = tsp.TSTInfo({
        "version": "v1",
        "policy": "1.2.3.4",
        "message_imprint": {
            "hash_algorithm": {"algorithm": algorithm},
            "hashed_message": hashlib.new(algorithm, content).digest(),
        },
        "serial_number": 2020,
        "gen_time": STAMPED,
        "tsa": x509.GeneralName("directory_name", x509.Name.build({"common_name": "Stamps of Atlantis"})),
    })  # fmt: skip
    attribute = cms.CMSAttribute({
        "type": "message_digest",
        "values": [signed_digest or hashlib.sha256(info.dump()).digest()],
    })  # fmt: skip
    signer = cms.SignerInfo({
        "version": "v1",
        "sid": cms.SignerIdentifier("subject_key_identifier", core.OctetString(b"key")),
        "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
        "signed_attrs": [attribute],
        "signature_algorithm": {"algorithm": "sha256_rsa"},
        "signature": b"not a signature",
    })  # fmt: skip
    signed = cms.SignedData({
        "version": "v3",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(info.dump())},
        "signer_infos": [signer],
    })  # fmt: skip
    return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def answer(content: bytes, algorithm: str = "sha256") -> bytes:
    given = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token(content, algorithm)})
    return bytes(given.dump())


def opentimestamp(content: bytes, *attestations: Any) -> bytes:
    stamp = timestamp.Timestamp(hashlib.sha256(content).digest())
    for number, attestation in enumerate(attestations):
        stamp.ops.add(op.OpAppend(b"%d" % number)).ops.add(op.OpSHA256()).attestations.add(attestation)
    out = serialize.BytesSerializationContext()
    timestamp.DetachedTimestampFile(op.OpSHA256(), stamp).serialize(out)
    return bytes(out.getbytes())


def receive(folder: Path, contents: Mapping[str, bytes]) -> Delivery:
    delivered = folder / f"delivery-{len(list(folder.iterdir()))}"
    delivered.mkdir()
    for name, content in contents.items():
        (delivered / name).write_bytes(content)
    return Archive(folder / "archive").receive(files_of([delivered]), "field", Given(received_at=NOON))


def named(delivery: Delivery, name: str) -> Entry:
    (entry,) = [e for e in delivery.entries if e.original_name == name]
    return entry


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize(
    ("name", "proof", "media_type"),
    [
        ("a.jpg.tsr", answer, "application/timestamp-reply"),
        ("a.tsr", answer, "application/timestamp-reply"),
        ("other name.p7s", answer, "application/timestamp-reply"),
        ("a.jpg.tst", lambda *given: token(*given).dump(), "application/vnd.etsi.timestamp-token"),
        ("a.jpg.p7s", lambda *given: token(*given).dump(), "application/vnd.etsi.timestamp-token"),
    ],
)
def test_a_timestamp_of_rfc_3161_is_matched_with_its_file(
    tmp_path: Path, algorithm: str, name: str, proof: Any, media_type: str
) -> None:
    delivery = receive(tmp_path, {"a.jpg": PHOTO, "b.mp4": VIDEO, name: proof(PHOTO, algorithm)})
    stamped, proving = named(delivery, "a.jpg"), named(delivery, name)
    assert (proving.role, proving.media_type) == ("proof", media_type)
    (said,) = stamped.proofs
    assert proving.proofs == (said,)
    assert said == {
        "kind": "rfc3161",
        "given_by": name,
        "moment": "2020-03-01T09:30:00+00:00",
        "policy": "1.2.3.4",
        "serial": "2020",
        "authority": "Common Name: Stamps of Atlantis",
        "algorithm": algorithm,
        "digest": hashlib.new(algorithm, PHOTO).hexdigest(),
        "matches": True,
        "subject": stamped.sha256,
        "not_verified": "the signature of the authority is not verified here",
    }
    assert named(delivery, "b.mp4").proofs == ()
    assert (delivery.findings, delivery.warnings) == ([], [])


def test_an_opentimestamps_proof_tells_its_blocks_and_calendars(tmp_path: Path) -> None:
    attestations = [
        notary.BitcoinBlockHeaderAttestation(620_000),
        notary.PendingAttestation("https://calendar.example.org"),
        notary.UnknownAttestation(b"unheard!", b"of"),
    ]
    delivery = receive(tmp_path, {"a.jpg": PHOTO, "a.jpg.ots": opentimestamp(PHOTO, *attestations)})
    (said,) = named(delivery, "a.jpg").proofs
    assert said["bitcoin_blocks"] == [620_000]
    assert said["pending_calendars"] == ["https://calendar.example.org"]
    assert said["unknown_attestations"] == 1
    assert (said["matches"], said["subject"]) == (True, named(delivery, "a.jpg").sha256)
    assert said["not_verified"] == "the block, or the calendar's promise, is not verified here"


def test_a_timestamp_of_something_else_than_the_file_beside_it_is_a_finding(tmp_path: Path) -> None:
    delivery = receive(tmp_path, {"a.jpg": PHOTO, "a.jpg.tsr": answer(b"another photo")})
    (said,) = named(delivery, "a.jpg.tsr").proofs
    assert (said["matches"], said["reason"]) == (False, "the file beside it has another digest")
    assert delivery.findings == [
        "a.jpg.tsr: the timestamp proves nothing of a file here: the file beside it has another digest"
    ]
    assert named(delivery, "a.jpg").proofs == ()


def test_a_timestamp_may_come_after_its_file_and_from_another_name(tmp_path: Path) -> None:
    (photo,) = receive(tmp_path, {"a.jpg": PHOTO}).entries
    (late,) = receive(tmp_path, {"stamp.tsr": answer(PHOTO)}).entries
    assert (late.proofs[0]["matches"], late.proofs[0]["subject"]) == (True, photo.sha256)


def test_a_timestamp_of_nothing_here_is_kept_and_told(tmp_path: Path) -> None:
    delivery = receive(tmp_path, {"stamp.ots": opentimestamp(VIDEO, notary.BitcoinBlockHeaderAttestation(1))})
    (said,) = named(delivery, "stamp.ots").proofs
    assert (said["matches"], said["reason"]) == (None, "no file here has its digest")
    assert len(delivery.warnings) == 1


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.tsr", b"<html>504 Gateway Time-out", "can't be read"),
        ("a.tsr", answer(PHOTO)[:-200], "can't be read"),
        ("a.tsr", bytes(tsp.PKIStatusInfo({"status": "rejection"}).dump()), "can't be read"),
        ("a.tst", b"", "can't be read"),
        ("a.tst", bytes(token(PHOTO, signed_digest=bytes(32)).dump()), "its content was altered"),
        ("a.tst", bytes(cms.ContentInfo({"content_type": "data", "content": b"text"}).dump()), "can't be read"),
        ("a.ots", opentimestamp(PHOTO, notary.BitcoinBlockHeaderAttestation(1))[:-1], "can't be read"),
        ("a.ots", b"no proof", "can't be read"),
        ("a.ots", bytes(2 << 20), "larger than 1 MB"),
    ],
)
def test_a_proof_that_cannot_be_read_is_kept_with_the_reason(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    entry = named(receive(tmp_path, {"a.jpg": PHOTO, name: content}), name)
    (said,) = entry.proofs
    assert (entry.role, said["matches"], said["subject"]) == ("proof", None, None)
    assert reason in said["reason"]


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(["rfc3161", "opentimestamps"]), data=st.data())
def test_no_proof_is_too_strange_to_be_told(kind: str, data: st.DataObject) -> None:
    whole = answer(PHOTO) if kind == "rfc3161" else opentimestamp(PHOTO, notary.PendingAttestation("https://c.example.org"))
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 4))):
        changed[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    proof = read_proof(kind, "a", data.draw(st.sampled_from([bytes(changed), data.draw(st.binary(max_size=60))])))
    assert (proof.reason is None) == (proof.digest is not None)
