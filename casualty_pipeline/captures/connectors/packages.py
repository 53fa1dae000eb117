"""What a ZIP says of itself, held against what a package may be, before anything of it is unpacked."""

import zipfile
from collections.abc import Iterable

ROOM, RATIO = 32 << 20, 50  # bytes that may always be unpacked; beyond them, how many of each byte that came in
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def packing_problem(members: Iterable[zipfile.ZipInfo]) -> str | None:
    """Why members can't be unpacked piece by piece: `zipfile` unpacks any other method than deflate without a limit.

    A kilobyte of bzip2 holds a gigabyte. No tool that writes workbooks, exports or web archives uses such a method.
    """
    strange = next((m for m in members if m.compress_type not in _PLAIN), None)
    if strange is None:
        return None
    return f"{strange.filename[:100]!r} is packed by method {strange.compress_type}; expected deflate: pack it anew"


def size_problem(unpacked: int, packed: int, most: int) -> str | None:
    """Why so many bytes out of so few are too many: `most` is the limit whatever came in."""
    limit = min(most, max(ROOM, RATIO * packed))
    if unpacked <= limit:
        return None
    return f"{unpacked:,} bytes when unpacked, of {packed:,}; expected at most {limit:,}: send it as CSV, or in parts"
