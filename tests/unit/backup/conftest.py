"""Homes with a small archive of invented captures, and what is asked of them again and again."""

import hashlib
import logging
import re
import resource
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.home import Home

SECRET = "hunter2-is-the-secret"
NOON = datetime(2020, 3, 5, 12, tzinfo=UTC)
DECLARATION = 'id = "harbour_log"\nname = "The harbour\'s log (invented)"\ntables = []\n'


def files_beneath(folder: Path) -> dict[str, str]:
    """Every file with the hash of its bytes."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Keeper:
    """A home, and a hand that adds to it."""

    def __init__(self, path: Path) -> None:
        self.home = Home(path)
        self._deliveries = 0

    def takes(self, *texts: str | bytes, source: str = "harbour_log") -> None:
        """One delivery, with a file for each text."""
        self._deliveries += 1
        folder = self.home.path.parent / f"{self.home.path.name}-delivery-{self._deliveries}"
        folder.mkdir()
        files: list[tuple[Path, str]] = []
        for number, text in enumerate(texts):
            path = folder / f"{number}.csv"
            path.write_bytes(text.encode() if isinstance(text, str) else text)
            files.append((path, path.name))
        Archive(self.home.archive).take(files, source, NOON + timedelta(hours=self._deliveries))

    def writes(self, path: str, text: str) -> Path:
        """A file of the home that isn't in the archive."""
        place = self.home.path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        return place

    def object(self, text: str) -> Path:
        """Where the archive keeps that text."""
        return Archive(self.home.archive).object_path(hashlib.sha256(text.encode()).hexdigest())

    def truth(self) -> dict[str, str]:
        """What a backup must bring back: every file with its hash."""
        derived = ("archive/incoming", "archive/lock", "warehouse", "dagster", "inbox", "reports")
        return {path: sha for path, sha in files_beneath(self.home.path).items() if not path.startswith(derived)}


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    """A home with two captures, a source of its own, settings, an edition, and things that a run makes again."""
    keeper = Keeper(tmp_path / "home")
    keeper.takes("no,who\n1,Ondo Varr\n", "no,who\n2,Sela Varr\n")
    keeper.writes("sources/harbour_log.toml", DECLARATION)
    keeper.writes("published/2001-07/edition-1/manifest.json", "{}\n")
    keeper.writes("warehouse.duckdb", "derived")
    keeper.writes("reports/2001-07/report.en.html", "derived")
    keeper.writes("dagster/dagster.yaml", "derived")
    keeper.writes("inbox/harbour_log/next.csv", "not yet taken in")
    return keeper


@pytest.fixture
def another(tmp_path: Path) -> Callable[[str], Keeper]:
    """Other homes, with nothing in them yet."""
    return lambda name: Keeper(tmp_path / name)


def flip_a_bit(path: Path) -> None:
    """As a failing disk would, whatever the file's permissions."""
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(body)


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """A real failure in the midst of writing, as on a full disk: the system refuses what goes beyond."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def kinds(faults: Sequence[object]) -> list[tuple[str, str]]:
    """Of each fault its kind and the last part of its path."""
    return [(str(getattr(f, "kind", "")), str(getattr(f, "path", "")).rpartition("/")[2]) for f in faults]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a storage server on a free port."""
    from moto.server import ThreadedMotoServer  # takes a second, which most tests of backups needn't spend

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@dataclass(frozen=True)
class Bucket:
    """The bucket `evidence`, looked at and meddled with from outside: plain requests, which the server takes unsigned."""

    server: str

    def ask(self, method: str, path: str, body: bytes = b"") -> str:
        request = urllib.request.Request(f"{self.server}/{path}", body, {"Content-Type": "text/plain"}, method=method)
        with urllib.request.urlopen(request) as answer:
            return str(answer.read(), "utf-8")

    def listed(self) -> set[str]:
        return set(re.findall(r"<Key>(.*?)</Key>", self.ask("GET", "evidence?list-type=2")))


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty bucket, and the environment that leads to it."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "a-key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server,
    }.items():
        monkeypatch.setenv(name, value)
    bucket = Bucket(server)
    bucket.ask("POST", "moto-api/reset")
    bucket.ask("PUT", "evidence")
    return bucket
