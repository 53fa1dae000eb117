"""What the manifest of an edition says, how it is written, and how it is signed.

Here belongs the form of `manifest.json`, which other people's tools read (schema: docs/editions.md). It names no person and
no source: captures are their hashes, decisions their ids.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from casualty_pipeline.errors import CasualtyError

FORMAT = "casualty-edition-1"
NAME, SIGNATURE = "manifest.json", "manifest.json.sig"


@dataclass(frozen=True)
class Manifest:
    """Everything that decided an edition, and the hash of everything that it holds.

    `as_of`: UTC, without its zone. `captures`: SHA-256 of each. `decisions`: id -> SHA-256 of its entry. `files`: path
    beneath the edition's folder -> SHA-256. `previous`: SHA-256 of the manifest published before this one, of whatever
    month; empty for the first. `replaces`: that of the month's edition before. `content`: what makes a new edition worth it.
    `quality`: the estimated quality of linkage, by measure.
    """

    month: str
    edition: int
    as_of: datetime
    published_at: datetime
    synthetic: bool
    methodology: str
    versions: Mapping[str, Any]
    content: str
    previous: str
    replaces: str
    captures: tuple[str, ...]
    decisions: Mapping[str, str]
    files: Mapping[str, str]
    quality: Mapping[str, Any] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The bytes of manifest.json: UTF-8, keys in order, one line break at the end."""
        given = asdict(self) | {"format": FORMAT, "captures": list(self.captures)}
        given |= {name: _written(getattr(self, name)) for name in ("as_of", "published_at")}
        return (json.dumps(given, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    @property
    def sha256(self) -> str:
        """The hash by which later editions vouch for this one."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


def read_manifest(path: Path) -> Manifest:
    """The manifest at a path. Raises CasualtyError saying what is wrong with it."""
    try:
        content = path.read_bytes()
        given = json.loads(content)
        if given.pop("format") != FORMAT:
            raise CasualtyError(f"{path}: expected the format {FORMAT}; another version of this program wrote it")
        moments = {name: datetime.fromisoformat(given[name]).replace(tzinfo=None) for name in ("as_of", "published_at")}
        manifest = Manifest(**given | moments | {"captures": tuple(given["captures"])})
    except FileNotFoundError:
        raise CasualtyError(f"{path.parent} has no {NAME}: restore it from a backup (`casualty restore`)") from None
    except OSError as problem:
        raise CasualtyError(f"{path} can't be read: {problem.strerror}") from problem
    except (ValueError, TypeError, KeyError) as problem:
        raise CasualtyError(f"{path} isn't the manifest of an edition ({problem}): restore it from a backup") from problem
    if manifest.to_bytes() != content:
        raise CasualtyError(f"{path} isn't as this program writes it: it was altered; restore it from a backup")
    return manifest


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds") + "Z"


def sign(content: bytes, key_file: Path) -> bytes:
    """What goes into manifest.json.sig: the Ed25519 signature and the public key, as JSON.

    Raises CasualtyError when the file isn't an Ed25519 private key in PEM, without a password.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    try:
        key = load_pem_private_key(key_file.read_bytes(), None)
    except OSError as problem:
        raise CasualtyError(f"the signing key {key_file} can't be read: {problem.strerror}") from problem
    except (ValueError, TypeError) as problem:
        raise CasualtyError(f"the signing key {key_file}: expected an Ed25519 private key in PEM, unencrypted") from problem
    if not isinstance(key, Ed25519PrivateKey):
        raise CasualtyError(f"the signing key {key_file} is of another kind: expected Ed25519 (`openssl genpkey`)")
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signed = {"algorithm": "Ed25519", "public_key": public.hex(), "signature": key.sign(content).hex()}
    return (json.dumps(signed, indent=1, sort_keys=True) + "\n").encode()


def signature_holds(content: bytes, signature: bytes) -> str | None:
    """The public key, in hexadecimal digits, that the content was signed with; None where the signature doesn't hold."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        given = json.loads(signature)
        public = str(given["public_key"])
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(given["signature"]), content)
    except (ValueError, TypeError, KeyError, InvalidSignature):
        return None
    return public
