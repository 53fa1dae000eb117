"""What senders say of their files: where these were published, who collected them with what, and which hashes they have.

Read from what lies beside the files: `custody.csv`, and lists of hashes as tools write them (sha256sum and its siblings, BSD
and OpenSSL, BagIt manifests, hashdeep, a bare hash beside one file). docs/archive.md describes the forms.

What belongs here: reading such files and finding out of which delivered file they speak. Nothing is hashed here, and nothing
that can't be read keeps a file out of the archive: it becomes a problem, told with its line.
"""

import csv
import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from casualty_pipeline.captures.entries import ACCESS_LEVELS
from casualty_pipeline.errors import CasualtyError

LENGTHS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
_BY_LENGTH = {length: name for name, length in LENGTHS.items()}
_LARGEST = 64 << 20
_ALGORITHM = "|".join(LENGTHS)
_LIST = re.compile(
    rf"(?P<sums>{_ALGORITHM})(sums?)?(\.txt)?|(tag)?manifest-(?P<bag>{_ALGORITHM})\.txt|checksums?(\.txt)?"
    rf"|.+\.(?P<beside>{_ALGORITHM})(sums?)?|.*hashdeep.*",
    re.IGNORECASE,
)
_GNU = re.compile(r"(?P<escaped>\\?)(?P<value>[0-9a-fA-F]{32,128})[ \t]+\*?(?P<file>\S.*)")
_BSD = re.compile(r"(?P<algorithm>[A-Za-z0-9-]+) ?\((?P<file>.+)\) ?= ?(?P<value>[0-9a-fA-F]{32,128})")
_BARE = re.compile(r"(?P<value>[0-9a-fA-F]{32,128})")
_COLUMNS = ("original_url", "archive_url", "collector", "tool", "access_level", "received_at")


@dataclass(frozen=True)
class Given:
    """What is said of a file, or of a whole delivery; None where nothing is."""

    original_url: str | None = None
    archive_url: str | None = None
    collector: str | None = None
    tool: str | None = None
    access_level: str | None = None
    received_at: datetime | None = None  # with a timezone
    derived_from: str | None = None  # of a redacted copy, never said by a sender
    reason: str | None = None

    def over(self, general: "Given") -> "Given":
        """What is said of the file itself, and for the rest what is said of the delivery."""
        return replace(general, **{name: value for name, value in vars(self).items() if value is not None})


@dataclass(frozen=True)
class Claim:
    """A hash that a sender gave: for which file (its name in the delivery, if it is there), and where that is said."""

    file: str
    delivered: bool
    algorithm: str
    value: str
    given_by: str
    line: int


@dataclass
class Accompanying:
    """What came along with a delivery: `lists` are the files that only speak of others, by their names."""

    given: dict[str, Given] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    lists: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def access_level(text: str) -> str:
    """A level of access as it is declared or typed. Raises CasualtyError for one that there isn't."""
    if text not in ACCESS_LEVELS:
        raise CasualtyError(f"access level {text!r}: expected one of {', '.join(ACCESS_LEVELS)}")
    return text


def read_accompanying(files: Sequence[tuple[Path, str]]) -> Accompanying:
    """Read custody.csv and the lists of hashes among the files of a delivery (path, name)."""
    found, names = Accompanying(), _Names([name for _, name in files])
    for path, name in files:
        base = posixpath.basename(name)
        is_list, is_custody = _LIST.fullmatch(base), base.lower() == "custody.csv"
        if not is_list and not is_custody:
            continue
        text = _text_of(path, name, found.problems)
        if text is None:
            continue
        if is_custody:
            found.lists.add(name)
            _read_custody(text, name, names, found)
        elif is_list:
            algorithm = next((a.lower() for a in is_list.group("sums", "bag", "beside") if a), None)
            claims = list(_hashes(text, name, algorithm, bool(is_list["bag"]), names, found.problems))
            if claims:
                found.lists.add(name)
                found.claims += claims
            else:
                found.problems.append(f"{name}: named as a list of hashes, but holds none; kept as a capture")
    return found


class _Names:
    """The names of a delivery, found however a list writes them: relative to itself or the delivery, composed or not."""

    def __init__(self, names: Sequence[str]) -> None:
        self.by_form = {self._form(name): name for name in names}

    def find(self, written: str, beside: str) -> str | None:
        path = written.replace("\\", "/") if "/" not in written else written
        for folder in (posixpath.dirname(beside), ""):
            if found := self.by_form.get(self._form(posixpath.normpath(posixpath.join(folder, path)))):
                return found
        return None

    @staticmethod
    def _form(name: str) -> str:
        return unicodedata.normalize("NFC", name)


def _text_of(path: Path, name: str, problems: list[str]) -> str | None:
    try:
        if path.stat().st_size > _LARGEST:
            problems.append(f"{name}: larger than the {_LARGEST >> 20} MB that such a list may have; kept, not read")
            return None
        content = path.read_bytes()
    except OSError as problem:
        raise CasualtyError(f"can't take in {path}: {problem.strerror}") from problem
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as problem:
        problems.append(f"{name}: expected text in UTF-8 ({problem.reason} at byte {problem.start}); kept, not read")
        return None


def _hashes(text: str, name: str, algorithm: str | None, bag: bool, names: _Names, problems: list[str]) -> Iterator[Claim]:
    deep: list[str] | None = None
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.rstrip("\r")
        if line.startswith("%%%% "):
            columns = line[5:].split(",")
            deep = columns if columns[0] == "size" else deep
        elif not line.strip() or line.lstrip().startswith(("#", ";", "%%%%")):
            continue
        elif deep:
            values = dict(zip(deep, line.split(",", len(deep) - 1), strict=False))
            for known in LENGTHS.keys() & values.keys():
                yield from _claim(values.get("filename", ""), known, values[known], name, number, names, problems)
        elif one := _BSD.fullmatch(line):
            stated = one["algorithm"].lower().replace("sha2-", "sha").replace("-", "")  # OpenSSL 3: SHA2-256
            yield from _claim(one["file"], stated, one["value"], name, number, names, problems)
        elif one := _GNU.fullmatch(line):
            file = one["file"]
            if one["escaped"]:  # sha256sum writes a newline in a name as \n, and a backslash as two
                file = re.sub(r"\\([n\\r])", lambda m: {"n": "\n", "r": "\r"}.get(m[1], "\\"), file)
            yield from _claim(unquote(file) if bag else file, algorithm, one["value"], name, number, names, problems)
        elif one := _BARE.fullmatch(line.strip()):
            beside = posixpath.splitext(posixpath.basename(name))[0]
            yield from _claim(beside, algorithm, one["value"], name, number, names, problems)
        else:
            problems.append(f"{name}, line {number}: expected a hash and the name of a file")


def _claim(
    file: str, algorithm: str | None, value: str, name: str, line: int, names: _Names, problems: list[str]
) -> Iterator[Claim]:
    """A claim, if it can be one: its algorithm as stated, else told by the length of the hash."""
    known = algorithm or _BY_LENGTH.get(len(value))
    if known not in LENGTHS:
        expected = ", ".join(LENGTHS)
        problems.append(f"{name}, line {line}: hash by {known or f'{len(value)} digits'}; expected one of {expected}")
    elif not re.fullmatch(f"[0-9a-fA-F]{{{LENGTHS[known]}}}", value):
        problems.append(f"{name}, line {line}: expected {LENGTHS[known]} hexadecimal digits for {known}, found {value!r}")
    else:
        delivered = names.find(file, name)
        if not file or delivered == name:
            problems.append(f"{name}, line {line}: expected the name of another file beside the hash")
        else:
            yield Claim(delivered or file, delivered is not None, known, value.lower(), name, line)


def _read_custody(text: str, name: str, names: _Names, found: Accompanying) -> None:
    lines = text.splitlines()
    header = lines[0] if lines else ""
    reader = csv.DictReader(lines, delimiter=";" if header.count(";") > header.count(",") else ",")
    columns = [str(c).strip() for c in reader.fieldnames or ()]
    reader.fieldnames = columns
    if "file" not in columns:
        expected = ", ".join(("file", *_COLUMNS, *LENGTHS))
        found.problems.append(f"{name}: expected the column 'file' (and any of {expected}), found {header[:80]!r}")
        return
    unknown = [c for c in columns if c not in {"file", *_COLUMNS, *LENGTHS}]
    if unknown:
        expected = ", ".join(("file", *_COLUMNS, *LENGTHS))
        found.problems.append(f"{name}: unknown column {unknown[0]!r} is not read; expected {expected}")
    rows = iter(reader)
    while True:
        try:
            row = next(rows, None)
        except csv.Error as problem:
            found.problems.append(f"{name}, line {reader.line_num}: {problem}; the rest is not read")
            return
        if row is None:
            return
        values = {c: (row.get(c) or "").strip() for c in columns}
        where, file = f"{name}, line {reader.line_num}", names.find(values["file"], name) if values["file"] else None
        if file is None:
            found.problems.append(f"{where}: the file {values['file']!r} is not in this delivery")
            continue
        if file in found.given:
            found.problems.append(f"{where}: a second row for {file!r} is not read")
            continue
        try:
            found.given[file] = _given(values)
        except CasualtyError as problem:
            found.problems.append(f"{where}: {problem}; the row is not read, the file is taken in without it")
            continue
        for algorithm in LENGTHS:
            if values.get(algorithm):
                found.claims += _claim(
                    values["file"], algorithm, values[algorithm], name, reader.line_num, names, found.problems
                )


def _given(values: Mapping[str, str]) -> Given:
    said = {name: values.get(name) or None for name in _COLUMNS}
    for name in ("original_url", "archive_url"):
        if said[name] and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S+$", said[name] or ""):
            raise CasualtyError(f"{name} {said[name]!r}: expected an address such as https://example.org/post/1")
    level, moment = said.pop("access_level"), said.pop("received_at")
    return Given(
        **said,
        access_level=access_level(level) if level else None,
        received_at=moment_of(moment, "received_at") if moment else None,
    )


def moment_of(text: str, what: str) -> datetime:
    """A moment as people write it in ISO 8601, UTC unless it says otherwise. Raises CasualtyError naming what was typed."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CasualtyError(f"{what} {text!r}: expected ISO 8601, for example 2026-11-01T08:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
