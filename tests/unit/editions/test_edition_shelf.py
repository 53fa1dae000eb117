"""The shelf of editions: the chain, the hashes, the signatures; one publication at a time, whole or not at all."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from casualty_pipeline.editions.manifest import NAME, SIGNATURE, Manifest, read_manifest, sign, signature_holds
from casualty_pipeline.editions.shelf import Edition, editions, faults, hashes, in_order, place, publishing_alone
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home

APRIL = datetime.fromisoformat("2020-04-01T06:00")
FILES = {"open/figures.csv": b"period,value\n2020-03,4\n", "open/notes/read.txt": b"Read this.\n"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def put(home: Home, month: str = "2020-03", previous: Edition | None = None, key: Path | None = None) -> Edition:
    """The next edition of a month, after `previous`."""
    number = len(editions(home, month)) + 1
    manifest = Manifest(
        month=month,
        edition=number,
        as_of=APRIL,
        published_at=APRIL,
        synthetic=True,
        methodology="1",
        versions={},
        content=f"{number}",
        previous=previous.manifest.sha256 if previous else "",
        replaces="",
        captures=(),
        decisions={},
        files=hashes(FILES),
    )
    signature = sign(manifest.to_bytes(), key) if key else None
    with publishing_alone(home):
        return place(home, manifest, FILES, signature)


def alter(path: Path, content: bytes | None) -> None:
    """Change a published file, or take it away, past its being read-only."""
    for folder in path.parents[:3]:
        folder.chmod(0o755)
    path.unlink()
    if content is not None:
        path.write_bytes(content)


def key_file(folder: Path, encryption: KeySerializationEncryption | None = None) -> Path:
    path = folder / "key.pem"
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()))
    return path


# --- the chain ---


def test_editions_of_whatever_month_are_one_chain(home: Home) -> None:
    first = put(home)
    second = put(home, "2020-02", first)
    third = put(home, "2020-03", second)
    assert in_order(home) == [first, second, third]
    assert faults(home) == []


def test_a_missing_edition_breaks_the_chain_and_nothing_can_be_published_on_it(home: Home) -> None:
    first = put(home)
    second = put(home, "2020-02", first)
    put(home, "2020-03", second)
    for folder in (second.folder, second.folder.parent):
        folder.chmod(0o755)
    second.folder.rename(home.path / "taken away")
    assert any("vouches for an edition that isn't there" in fault for fault in faults(home))
    with pytest.raises(CasualtyError, match="chain of editions is broken: only 1 of 2"):
        in_order(home)


def test_an_altered_manifest_is_named_even_where_it_is_still_sound_json(home: Home) -> None:
    first = put(home)
    put(home, "2020-02", first)
    path = first.folder / NAME
    alter(path, replace(first.manifest, methodology="2").to_bytes())
    assert any("vouches for an edition that isn't there" in fault for fault in faults(home))
    alter(path, path.read_bytes().replace(b'"methodology"', b' "methodology"'))
    with pytest.raises(CasualtyError, match="was altered"):
        read_manifest(path)


def test_a_chain_that_divides_is_a_fault(home: Home) -> None:
    first = put(home)
    put(home, "2020-01", first)
    put(home, "2020-02", first)
    assert [fault for fault in faults(home) if "the chain divides: 2 editions follow the same one" in fault]


def test_two_beginnings_are_a_fault(home: Home) -> None:
    put(home, "2020-01")
    put(home, "2020-02")
    assert faults(home) == [
        "the chain divides: 2 editions say that none came before them: 2020-01 edition 1, 2020-02 edition 1"
    ]


# --- the files ---


def test_what_is_published_is_read_only(home: Home) -> None:
    one = put(home)
    modes = {p.relative_to(one.folder).as_posix(): p.stat().st_mode & 0o777 for p in [one.folder, *one.folder.rglob("*")]}
    assert {path: oct(mode) for path, mode in modes.items() if mode & 0o222} == {}


@pytest.mark.parametrize(
    ("content", "said"), [(b"period,value\n2020-03,5\n", "was altered since it was published"), (None, "can't be read")]
)
def test_an_altered_or_missing_file_is_a_fault_and_is_never_read(home: Home, content: bytes | None, said: str) -> None:
    one = put(home)
    alter(one.folder / "open/figures.csv", content)
    assert len(faults(home)) == 1
    with pytest.raises(CasualtyError, match=said):
        one.read("open/figures.csv")


def test_a_file_that_was_added_later_is_a_fault(home: Home) -> None:
    one = put(home)
    (one.folder / "open").chmod(0o755)
    (one.folder / "open/also.csv").write_bytes(b"")
    assert faults(home) == ["edition 1 of 2020-03: open/also.csv wasn't published with it: take it away"]


def test_an_edition_is_never_written_twice(home: Home) -> None:
    one = put(home)
    with publishing_alone(home), pytest.raises(CasualtyError, match="never written twice"):
        place(home, one.manifest, FILES, None)


# --- one at a time, whole or not at all ---


def test_a_second_publication_waits_until_the_first_is_done(home: Home) -> None:
    told: list[str] = []

    def second() -> None:
        with publishing_alone(home):
            told.append("second")

    with publishing_alone(home):
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.2)
        told.append("first")
    waiting.join()
    assert told == ["first", "second"]


_PLACES = """
import sys
from dataclasses import replace
from pathlib import Path
from casualty_pipeline.editions.manifest import read_manifest
from casualty_pipeline.editions.shelf import place, publishing_alone
from casualty_pipeline.home import Home
manifest = replace(read_manifest(Path(sys.argv[2])), edition=2)
with publishing_alone(Home(Path(sys.argv[1]))):
    place(Home(Path(sys.argv[1])), manifest, {f"open/{n}": b"x" * 9999 for n in range(100_000)}, None)
"""


def test_a_publication_killed_in_its_middle_leaves_no_edition_and_the_next_one_works(home: Home) -> None:
    first = put(home)
    with subprocess.Popen([sys.executable, "-c", _PLACES, home.path, first.folder / NAME]) as process:
        while not list(home.published.glob(".staging-*/open/*")):
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    assert editions(home) == [first]
    assert faults(home) == []
    second = put(home, previous=first)
    assert in_order(home) == [first, second]
    assert not list(home.published.glob(".staging-*"))


# --- signatures ---


def test_a_signature_holds_for_these_bytes_and_no_others(home: Home, tmp_path: Path) -> None:
    one = put(home, key=key_file(tmp_path))
    content, signature = (one.folder / NAME).read_bytes(), (one.folder / SIGNATURE).read_bytes()
    assert signature_holds(content, signature) is not None
    assert signature_holds(content.replace(b"2020-03", b"2020-04"), signature) is None
    assert signature_holds(content, signature[:-9] + b'0"\n}\n') is None
    assert signature_holds(content, b"[]") is None
    assert faults(home) == []


def test_a_signature_that_doesn_t_hold_is_a_fault(home: Home, tmp_path: Path) -> None:
    one = put(home, key=key_file(tmp_path))
    alter(one.folder / SIGNATURE, sign(b"something else", key_file(tmp_path)))
    assert faults(home) == ["edition 1 of 2020-03: its signature doesn't hold"]


def test_without_a_key_an_edition_is_not_signed(home: Home) -> None:
    assert not (put(home).folder / SIGNATURE).exists()


def test_keys_that_can_t_sign_are_refused_with_what_was_expected(tmp_path: Path) -> None:
    locked = key_file(tmp_path, BestAvailableEncryption(b"secret"))
    with pytest.raises(CasualtyError, match="expected an Ed25519 private key in PEM, unencrypted"):
        sign(b"", locked)
    with pytest.raises(CasualtyError, match="can't be read: No such file"):
        sign(b"", tmp_path / "none.pem")
    other = tmp_path / "other.pem"
    other.write_bytes(b"no key")
    with pytest.raises(CasualtyError, match="expected an Ed25519 private key in PEM"):
        sign(b"", other)
    curve = generate_private_key(SECP256R1())
    other.write_bytes(curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(CasualtyError, match="is of another kind"):
        sign(b"", other)
