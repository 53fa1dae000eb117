"""Files that are written beside their place and then renamed to it: what they are called, and who clears them away.

What belongs here: the name, and the leftovers of processes that were killed before they could rename. How a file is written,
and whether it is flushed, is its writer's business.
"""

import glob
import os
from contextlib import suppress
from pathlib import Path


def beside(path: Path) -> Path:
    """Where this process writes what will be `path`. Those of processes that are gone are removed: nobody else would."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        owner = left.name.split(".")[-2]
        if owner.isdecimal() and _gone(int(owner)):
            with suppress(OSError):
                left.unlink()
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def _gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
