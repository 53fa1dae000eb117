"""What a verification found right so far, so that one that was interrupted goes on where it was.

A file of lines, outside the archive: first when the pass began, then an object each, with the size and the moments of change
that it had. An object that was touched since, by whatever, is hashed again; so is everything once the pass is old.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

OLDEST = timedelta(days=7)
_EVERY = 200  # objects between two flushes: what a kill makes hash again


class Verified:
    """The objects verified in one pass over an archive."""

    def __init__(self, path: Path, now: datetime | None = None, resume: bool = True) -> None:
        """Take up the pass of that file, when it is whole, wanted and not too old; else begin one."""
        self.path = path
        self.known: set[tuple[str, int, int, int]] = set()
        self._unflushed = 0
        self._file: IO[str] | None = None
        moment = now or datetime.now(UTC)
        if not (resume and self._read(moment)):
            self.known.clear()
            self._write(json.dumps({"began": moment.isoformat()}) + "\n", "w")

    def _read(self, now: datetime) -> bool:
        try:
            opening, *lines = self.path.read_text(encoding="utf-8").split("\n")
            began = datetime.fromisoformat(json.loads(opening)["began"])
            if not timedelta(0) <= now - began <= OLDEST:
                return False
        except (OSError, ValueError, TypeError, KeyError):
            return False
        for line in lines:
            fields = line.split()
            if len(fields) == 5 and fields[4] == "." and all(f.isdigit() for f in fields[1:4]):  # a killed one may end early
                self.known.add((fields[0], int(fields[1]), int(fields[2]), int(fields[3])))
        return True

    def knows(self, sha256: str, size: int, stamp: tuple[int, int]) -> bool:
        """Whether the object was found right in this pass, and is untouched since."""
        return (sha256, size, *stamp) in self.known

    def add(self, sha256: str, size: int, stamp: tuple[int, int]) -> None:
        """Remember an object as found right."""
        self._write(f"\n{sha256} {size} {stamp[0]} {stamp[1]} .\n", "a")

    def close(self, complete: bool = False) -> None:
        """End the pass: when complete, there is nothing to go on with."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if complete:
            self.path.unlink(missing_ok=True)

    def _write(self, text: str, mode: str) -> None:
        file = self._file
        if file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self._file = self.path.open(mode, encoding="utf-8")
        file.write(text)
        self._unflushed += 1
        if self._unflushed >= _EVERY:
            file.flush()
            self._unflushed = 0
