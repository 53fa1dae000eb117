"""Who holds a lock: what Linux says in /proc/locks. Only looks; takes no lock itself. Elsewhere nothing can be said."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Holder:
    """A process that holds a lock on a file. `program`: its name and, of our own, its command; never its arguments."""

    pid: int
    program: str

    def __str__(self) -> str:
        return f"process {self.pid} ({self.program})"


def holders(path: Path) -> list[Holder]:
    """The processes that hold a lock on a file."""
    found: dict[int, Holder] = {}
    with suppress(OSError):
        at = path.stat()
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            words = line.split()
            if "->" in words[:2] or len(words) < 6:  # one that waits
                continue
            if words[5].rpartition(":")[2] == str(at.st_ino) and int(words[4]) > 0:
                found[int(words[4])] = Holder(int(words[4]), _program(int(words[4])))
    return [found[pid] for pid in sorted(found)]


def _program(pid: int) -> str:
    try:
        words = [w.decode(errors="replace") for w in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if w]
    except OSError:
        return "gone"
    names = [Path(word).name for word in words]
    for at, (word, name) in enumerate(zip(words, names, strict=True)):
        if name in {"casualty", "casualty_pipeline.cli"} or word == "casualty_pipeline.cli":
            return f"casualty {names[at + 1]}" if at + 1 < len(names) and not words[at + 1].startswith("-") else "casualty"
        if name in {"dagster", "dagster-daemon", "dagster-webserver"}:
            return name
    return names[0] if names else "unknown"
