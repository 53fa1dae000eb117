"""What a role may see of what captures say: every command that names people asks here before it prints.

A role sees the captures up to its level. Of a victim it sees name and place where it may see every record of it: one that
it may not see could be the one that a name comes from. Ids, hashes, months, parties and demographics are in every figure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.entries import ACCESS_LEVELS
from casualty_pipeline.errors import CasualtyError

# The highest level of captures that a role sees: who may see a level may see those below it.
ROLES = {"viewer": "open", "editor": "restricted", "confidential": "confidential"}
ALL = "confidential"
_OF_VICTIM = ("name_ar", "name_en", "place")
_OF_RECORD = ("source", "source_key", "file", "sheet", "row_number")


@dataclass(frozen=True)
class Sight:
    """Which captures a role sees; `levels` is the strictest level that each ever came in with, by SHA-256."""

    role: str
    levels: Mapping[str, str]

    def sees(self, capture: str) -> bool:
        """Whether the role may see this capture; one that isn't in the archive is for nobody but the highest."""
        return self.role == ALL or _rank(self.levels.get(capture, ALL)) <= _rank(ROLES[self.role])

    def refuse(self, what: str, captures: Iterable[str]) -> None:
        """Raise CasualtyError where something rests on captures that the role may not see."""
        unseen = sum(not self.sees(capture) for capture in set(captures))
        if unseen:
            raise CasualtyError(
                f"{what} rests on {unseen} capture{'s' if unseen > 1 else ''} that the role {self.role!r} may not see: ask "
                "somebody who may, or `casualty trace` it, which leaves out what your role may not see"
            )

    def only_all(self, what: str) -> None:
        """Raise CasualtyError where the role isn't the one that sees everything."""
        if self.role != ALL:
            raise CasualtyError(
                f"what is said of {what} names others beside, and quotes what people decided: it is for the role {ALL!r}; "
                f"`casualty trace {what.split(maxsplit=1)[0]} --role {self.role}` shows what your role may see"
            )


def _rank(level: str) -> int:
    return ACCESS_LEVELS.index(level)


def sight_of(archive: Archive, role: str) -> Sight:
    """What a role sees of an archive. Raises CasualtyError for an unknown role."""
    if role not in ROLES:
        raise CasualtyError(f"--role {role!r}: expected one of {', '.join(ROLES)}")
    levels: dict[str, str] = {}
    for entry in archive.entries() if role != ALL else ():
        levels[entry.sha256] = max(levels.get(entry.sha256, entry.access_level), entry.access_level, key=_rank)
    return Sight(role, levels)


def traced_for(traced: dict[str, Any], sight: Sight) -> dict[str, Any]:
    """A trace (`figures.trace`) as a role may see it: what it may not is None, and the victim or record is `withheld`."""
    return traced | {"victims": [_victim_for(victim, sight) for victim in traced["victims"]]}


def _victim_for(victim: dict[str, Any], sight: Sight) -> dict[str, Any]:
    records = [
        record if sight.sees(record["capture_sha256"]) else record | dict.fromkeys(_OF_RECORD) | {"withheld": True}
        for record in victim["records"]
    ]
    if not any(record.get("withheld") for record in records):
        return victim
    return victim | dict.fromkeys(_OF_VICTIM) | {"records": records, "withheld": True}
