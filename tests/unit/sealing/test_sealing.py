"""Encryption at rest: what is sealed opens with its key alone, whole and unaltered, and rotating a key loses nothing."""

import hashlib
import io
import os
import stat
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.backup.contents import contents_of
from casualty_pipeline.backup.restore import restore
from casualty_pipeline.backup.save import back_up
from casualty_pipeline.backup.target import open_target
from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.inbox import files_of
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.resealing import reseal
from casualty_pipeline.captures.verification import verify_archive
from casualty_pipeline.errors import CasualtyError, OperationalError
from casualty_pipeline.home import Home
from casualty_pipeline.migrating import Step, migrate
from casualty_pipeline.schema_version import VERSION
from casualty_pipeline.sealing import CHUNK, HEADER, Keyring, SealError, add_key, keyring, size_opened
from casualty_pipeline.warehouse import NoWarehouseError, Warehouse

ONE, OTHER = Keyring((b"1" * 32,)), Keyring((b"2" * 32,))
NAME = "Zarbek Quorlanim"
_SOURCE = """\
id = "tips"
name = "Tips (invented)"
[[tables]]
file = "*.csv"
statement = "person"
key = ["no"]
[tables.columns]
name_en = "name"
incident_date = "day"
documented_date = "day"
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one capture in the clear."""
    home = Home(tmp_path / "home")
    home.prepare()
    (home.sources / "tips.toml").write_text(_SOURCE, "utf-8")
    return home


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with one key, that the environment names; the warehouse's disk is said to be encrypted."""
    file = tmp_path / "keys"
    add_key(file)
    monkeypatch.setenv("CASUALTY_KEY_FILE", str(file))
    monkeypatch.setenv("CASUALTY_WAREHOUSE", "plain")
    return file


def _take(home: Home, name: str = NAME, number: int = 1) -> str:
    file = home.path / f"{name}.csv"
    file.write_text(f"no,name,day\n{number},{name},2020-03-01\n", "utf-8")
    (entry,) = Archive(home.archive).take(files_of([file]), "tips", datetime(2020, 6, 1, tzinfo=UTC))
    file.unlink()
    return entry.sha256


def _holding(folder: Path, text: str) -> list[str]:
    return [p.name for p in folder.rglob("*") if p.is_file() and text.encode() in p.read_bytes()]


@given(st.binary(max_size=64), st.sampled_from([0, 1, CHUNK - 64, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK]))
def test_what_is_sealed_opens_as_it_was_and_says_its_size(end: bytes, filling: int) -> None:
    content = b"a" * filling + end

    sealed = ONE.seal(content)

    assert ONE.open(sealed) == content
    assert size_opened(len(sealed)) == len(content)


def test_the_same_bytes_are_never_sealed_alike() -> None:
    assert ONE.seal(b"same") != ONE.seal(b"same")


@given(st.integers(min_value=0, max_value=HEADER + 40))
def test_no_byte_of_a_sealed_file_can_be_altered(at: int) -> None:
    sealed = bytearray(ONE.seal(b"x" * 25))
    at = min(at, len(sealed) - 1)
    sealed[at] ^= 1

    with pytest.raises(SealError):
        b"".join(ONE.opened(io.BytesIO(bytes(sealed)).read))


@pytest.mark.parametrize("cut", ["the end", "the last chunk", "all chunks", "a chunk in the middle", "two swapped", "more"])
def test_chunks_cannot_be_left_out_swapped_or_added(cut: str) -> None:
    sealed, size = ONE.seal(os.urandom(3 * CHUNK + 5)), CHUNK + 16
    first, second = sealed[HEADER : HEADER + size], sealed[HEADER + size : HEADER + 2 * size]
    altered = {
        "the end": sealed[:-1],
        "the last chunk": sealed[: HEADER + 3 * size],
        "all chunks": sealed[:HEADER],
        "a chunk in the middle": sealed[: HEADER + size] + sealed[HEADER + 2 * size :],
        "two swapped": sealed[:HEADER] + second + first + sealed[HEADER + 2 * size :],
        "more": sealed + b"\0",
    }[cut]

    with pytest.raises(SealError):
        ONE.open(altered)


def test_another_key_does_not_open_and_the_message_says_which_is_missing() -> None:
    with pytest.raises(SealError, match=ONE.ids[0]):
        OTHER.open(ONE.seal(b"x"))


def test_a_ring_opens_what_each_of_its_keys_sealed() -> None:
    ring = Keyring(OTHER.keys + ONE.keys)

    assert ring.open(ONE.seal(b"x")) == ring.open(OTHER.seal(b"x")) == b"x"
    assert OTHER.open(ring.seal(b"x")) == b"x"


def test_a_key_is_never_shown(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = keys.read_text().strip()
    ring = keyring()
    assert secret not in repr(ring) + str(ring.ids)
    assert not set(ring.for_warehouse()) & {secret}

    keys.write_text(secret[:-1] + "x\n")  # a slip in it
    with pytest.raises(OperationalError) as slip:
        keyring()
    assert secret[:20] not in str(slip.value)

    keys.write_text(secret)
    keys.chmod(0o640)
    with pytest.raises(OperationalError, match="chmod 600"):
        keyring()
    monkeypatch.setenv("CASUALTY_KEY", secret)
    with pytest.raises(OperationalError, match="both"):
        keyring()
    monkeypatch.delenv("CASUALTY_KEY_FILE")
    assert keyring().ids == ring.ids


def test_a_new_key_comes_on_top_and_the_file_stays_its_owners(keys: Path) -> None:
    first = keyring().ids

    assert add_key(keys).ids == keyring().ids
    assert keyring().ids[1:] == first
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600


def test_with_a_key_nothing_of_a_capture_lies_in_the_archive_in_the_clear(home: Home, keys: Path) -> None:
    sha256 = _take(home)
    archive = Archive(home.archive)

    assert _holding(home.archive, "Quorlanim") == []
    with archive.opened(sha256) as path:
        assert NAME in path.read_text("utf-8")
    assert hashlib.sha256(b"".join(archive.chunks(sha256))).hexdigest() == sha256
    assert [e.original_name for e in archive.entries()] == [f"{NAME}.csv"]
    assert verify_archive(archive).faults == ()


def test_a_sealed_archive_is_read_into_the_same_tables(home: Home, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _take(home)
    with Warehouse(home.warehouse).writing() as write:
        read_archive(home, write)
        sealed = write.table("captures.records").drop("known_at").to_dicts()
    monkeypatch.delenv("CASUALTY_KEY_FILE")
    plain = Home(home.path.parent / "plain")
    plain.prepare()
    (plain.sources / "tips.toml").write_text(_SOURCE, "utf-8")
    _take(plain)
    with Warehouse(plain.warehouse).writing() as write:
        read_archive(plain, write)
        assert write.table("captures.records").drop("known_at").to_dicts() == sealed
    assert len(sealed) == 1


def test_without_the_key_a_sealed_archive_says_which_one_it_wants(
    home: Home, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _take(home)
    wanted = keyring().ids[0]
    monkeypatch.delenv("CASUALTY_KEY_FILE")

    with pytest.raises(CasualtyError, match=wanted):
        list(Archive(home.archive).entries())


def test_an_altered_object_is_found_by_a_verification_and_not_read(home: Home, keys: Path) -> None:
    sha256 = _take(home)
    path = Archive(home.archive).sealed_path(sha256)
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    path.chmod(0o444)

    assert [f.kind for f in verify_archive(Archive(home.archive)).faults] == ["changed"]
    with pytest.raises(SealError), Archive(home.archive).opened(sha256):
        pass


def test_two_sealed_objects_that_were_swapped_are_not_read(home: Home, keys: Path) -> None:
    archive = Archive(home.archive)
    first, second = _take(home), _take(home, "Other", 2)
    archive.sealed_path(first).replace(home.path / "aside")
    archive.sealed_path(second).replace(archive.sealed_path(first))
    (home.path / "aside").replace(archive.sealed_path(second))

    assert {f.kind for f in verify_archive(archive).faults} == {"changed"}
    with pytest.raises(SealError, match="other bytes"), archive.opened(first):
        pass


def test_an_archive_in_the_clear_is_sealed_and_one_key_follows_another(home: Home, tmp_path: Path) -> None:
    hashes = [_take(home), _take(home, "Other", 2)]
    head = verify_archive(Archive(home.archive)).head
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASUALTY_KEY_FILE", str(tmp_path / "keys"))
        for _ in range(2):
            add_key(tmp_path / "keys")
            archive = Archive(home.archive)
            assert archive.holds(hashes[0])
            assert reseal(archive).sealed == 4
            assert reseal(archive).already == 4
            assert _holding(home.archive, "Quorlanim") == []
            assert verify_archive(archive).faults == ()
            assert verify_archive(archive).head == head
        newest = keyring().ids[0]
        (tmp_path / "keys").write_text((tmp_path / "keys").read_text().splitlines()[0])  # the older key is thrown away
        assert keyring().ids == (newest,)
        assert verify_archive(Archive(home.archive)).faults == ()


class _Killed(BaseException):
    """Not an Exception: nothing may catch it."""


_kill_at: list[int] = []  # an audit hook can't be taken away: it does nothing while this is empty


def _step(event: str, _arguments: tuple[object, ...]) -> None:
    if _kill_at and event in {"os.rename", "os.remove"}:
        _kill_at[0] -= 1
        if _kill_at[0] < 0:
            _kill_at.clear()
            raise _Killed


sys.addaudithook(_step)


@pytest.mark.parametrize("moment", range(8))
def test_a_rotation_that_is_killed_loses_nothing_and_goes_on(home: Home, keys: Path, moment: int) -> None:
    """Stopped before each rename and each removal of a file, from the clear (one object) and from an older key (another)."""
    with pytest.MonkeyPatch.context() as without:
        without.delenv("CASUALTY_KEY_FILE")
        hashes = [_take(home)]
    hashes.append(_take(home, "Other", 2))
    add_key(keys)

    _kill_at.append(moment)
    with suppress(_Killed):
        reseal(Archive(home.archive))
    _kill_at.clear()

    archive = Archive(home.archive)
    assert [hashlib.sha256(b"".join(archive.chunks(h))).hexdigest() for h in hashes] == hashes
    assert {f.kind for f in verify_archive(archive).faults} <= {"surplus"}
    reseal(archive)
    assert reseal(archive).already == 4
    assert verify_archive(archive).faults == ()


def test_what_an_older_key_sealed_is_left_and_told_when_that_key_is_gone(home: Home, keys: Path) -> None:
    _take(home)
    gone = keyring().ids[0]
    keys.unlink()
    add_key(keys)
    archive = Archive(home.archive)

    done = reseal(archive)

    assert done.sealed == 0
    assert len(done.problems) == 2
    assert all(gone in problem for problem in done.problems)


def test_a_backup_needs_no_key_and_holds_no_clear_text(home: Home, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = _take(home)
    monkeypatch.delenv("CASUALTY_KEY_FILE")
    disk = home.path.parent / "disk"

    done = back_up(home, open_target(str(disk), home.path, for_writing=True))
    again = Home(home.path.parent / "again")
    restored = restore(open_target(str(disk), again.path, for_writing=False), again)

    assert (done.faults, restored.faults) == ((), ())
    assert any(path.endswith(".sealed") for path in contents_of(home).files)
    assert _holding(disk, "Quorlanim") == []
    monkeypatch.setenv("CASUALTY_KEY_FILE", str(keys))
    with Archive(again.archive).opened(sha256) as path:
        assert NAME in path.read_text("utf-8")
    assert verify_archive(Archive(again.archive)).faults == ()


def test_with_a_key_no_byte_of_the_warehouse_is_in_the_clear(
    home: Home, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _take(home)
    monkeypatch.delenv("CASUALTY_WAREHOUSE")

    with Warehouse(home.warehouse).writing() as write:
        read_archive(home, write)

    with Warehouse(home.warehouse).reading() as reading:
        assert reading.frame("select name_en from captures.records").rows() == [(NAME,)]
    assert _holding(home.path, "Quorlanim") == []
    with pytest.raises(duckdb.Error):
        duckdb.connect(str(home.warehouse))


def test_a_warehouse_whose_key_is_not_given_asks_for_it(home: Home, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CASUALTY_WAREHOUSE")
    with Warehouse(home.warehouse).writing():
        pass
    monkeypatch.delenv("CASUALTY_KEY_FILE")

    asks = "CASUALTY_KEY_FILE or CASUALTY_KEY, found none"
    with pytest.raises(CasualtyError, match=asks), Warehouse(home.warehouse).reading():
        pass


def test_without_the_means_to_encrypt_a_warehouse_is_not_written_in_the_clear_beside_a_key(
    home: Home, keys: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CASUALTY_WAREHOUSE")
    monkeypatch.setenv("HOME", str(tmp_path))  # where DuckDB would look for one that somebody installed
    monkeypatch.setitem(sys.modules, "duckdb_extension_httpfs", None)  # as where the package isn't installed

    with pytest.raises(OperationalError, match="CASUALTY_WAREHOUSE=plain"), Warehouse(home.warehouse).writing():
        pass

    assert not home.warehouse.exists()


def test_an_encrypted_warehouse_is_opened_by_its_key_alone_and_forgotten_under_another(
    home: Home, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CASUALTY_WAREHOUSE")
    with Warehouse(home.warehouse).writing():
        pass

    with Warehouse(home.warehouse).reading() as reading:
        assert reading.frame("from captures.manifest").height == 0
    add_key(keys)
    with pytest.raises(CasualtyError) as refused, Warehouse(home.warehouse).reading():
        pass
    assert not set(keyring().for_warehouse()) & set(str(refused.value).split("'"))
    assert Warehouse(home.warehouse).forget_other_key()
    with pytest.raises(NoWarehouseError), Warehouse(home.warehouse).reading():
        pass


def test_the_backup_before_a_migration_is_under_the_key_too(home: Home, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _take(home)
    monkeypatch.delenv("CASUALTY_WAREHOUSE")
    with Warehouse(home.warehouse).writing() as write:
        read_archive(home, write)

    done = migrate(home, lambda _line: None, steps=(Step(VERSION + 1, "changes nothing", ()),))

    assert done.backup is not None
    assert _holding(home.path, "Quorlanim") == []
    with Warehouse(done.backup).as_it_is(read_only=True) as backup:
        assert backup.execute("select name_en from captures.records").fetchall() == [(NAME,)]
