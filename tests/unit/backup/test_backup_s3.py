"""Backups in S3-compatible storage: the real protocol, spoken with moto's server."""

from collections.abc import Callable

import obstore
import pytest

from casualty_pipeline.backup import back_up, open_target, restore
from casualty_pipeline.backup.target import Target
from casualty_pipeline.errors import CasualtyError
from tests.unit.backup.conftest import SECRET, Bucket, Keeper, files_beneath, kinds

ONDO = "no,who\n1,Ondo Varr\n"


def opened(keeper: Keeper, where: str = "s3://evidence/syria", *, for_writing: bool = True) -> Target:
    return open_target(where, keeper.home.path, for_writing=for_writing)


def key_of(keeper: Keeper, text: str) -> str:
    name = keeper.object(text).name
    return f"objects/{name[:2]}/{name}"


@pytest.mark.parametrize("where", ["s3://evidence/syria", "s3://evidence", "s3://evidence/a/b/"])
def test_a_home_goes_to_the_storage_and_comes_back_the_same(
    keeper: Keeper, another: Callable[[str], Keeper], bucket: Bucket, where: str
) -> None:
    keeper.takes("ء" * (6 << 20))  # 12 MB: sent in parts
    made = back_up(keeper.home, opened(keeper, where))
    assert len(bucket.listed()) == len(made.sent) + 2  # the snapshot, and the mark of a backup
    fresh = another("restored")
    done = restore(opened(fresh, where, for_writing=False), fresh.home)
    assert (done.snapshot, done.faults) == (made.snapshot, ())
    assert files_beneath(fresh.home.path) == keeper.truth()


def test_a_second_backup_sends_nothing(keeper: Keeper, bucket: Bucket) -> None:
    back_up(keeper.home, opened(keeper))
    before = bucket.listed()
    again = back_up(keeper.home, opened(keeper))
    assert (again.sent, again.fresh, bucket.listed()) == ((), False, before)


def test_an_object_with_wrong_bytes_is_not_sent_even_in_parts(keeper: Keeper, bucket: Bucket) -> None:
    large = "ء" * (6 << 20)
    keeper.takes(large)
    keeper.object(large).chmod(0o644)
    keeper.object(large).write_text("ؤ" * (6 << 20))
    made = back_up(keeper.home, opened(keeper))
    assert kinds(made.faults) == [("changed", keeper.object(large).name)]
    assert f"syria/{key_of(keeper, large)}" not in bucket.listed()
    assert "<Upload>" not in bucket.ask("GET", "evidence?uploads")


def test_a_changed_and_a_missing_object_in_the_storage_are_found_and_named(
    keeper: Keeper, another: Callable[[str], Keeper], bucket: Bucket
) -> None:
    back_up(keeper.home, opened(keeper))
    other = "no,who\n2,Sela Varr\n"
    obstore.put(opened(keeper).store, key_of(keeper, ONDO), ONDO.replace("1", "7").encode())
    obstore.delete(opened(keeper).store, key_of(keeper, other))
    fresh = another("restored")
    done = restore(opened(fresh, for_writing=False), fresh.home)
    assert sorted(kinds(done.faults)) == [("damaged", keeper.object(ONDO).name), ("lost", keeper.object(other).name)]
    made = back_up(keeper.home, opened(keeper), full=True)
    assert kinds(made.faults) == [("replaced", keeper.object(ONDO).name)]
    assert len(made.sent) == 2
    assert restore(opened(fresh, for_writing=False), fresh.home).faults == ()


def test_a_bucket_that_does_not_exist_is_said(keeper: Keeper, bucket: Bucket) -> None:
    with pytest.raises(CasualtyError, match="s3://no-such-bucket/x: there is no such bucket; create it"):
        opened(keeper, "s3://no-such-bucket/x")


def test_a_prefix_with_something_else_in_it_is_refused(keeper: Keeper, bucket: Bucket) -> None:
    bucket.ask("PUT", "evidence/syria/holiday.jpg", b"x")
    with pytest.raises(CasualtyError, match=r"holds something else than a backup \(holiday.jpg\)"):
        opened(keeper)
    opened(keeper, "s3://evidence/another")


def test_nothing_can_be_restored_from_an_empty_prefix(keeper: Keeper, bucket: Bucket) -> None:
    with pytest.raises(CasualtyError, match="s3://evidence/syria holds no backup"):
        opened(keeper, for_writing=False)


def test_wrong_credentials_are_said_and_not_shown(keeper: Keeper, bucket: Bucket) -> None:
    bucket.ask("POST", "moto-api/reset-auth", b"0")  # from now on every request's credentials are looked at
    try:
        with pytest.raises(CasualtyError, match=r"refused this \(InvalidAccessKeyId\). Check AWS_ACCESS_KEY_ID") as refused:
            opened(keeper)
    finally:
        bucket.ask("POST", "moto-api/reset-auth", b"inf")
    assert SECRET not in str(refused.value)
    assert "a-key" not in str(refused.value)


def test_storage_that_does_not_answer_is_said(keeper: Keeper, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(CasualtyError, match=r"no answer from the storage. Check AWS_ENDPOINT_URL"):
        opened(keeper)
