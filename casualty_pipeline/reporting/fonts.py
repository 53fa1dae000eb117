"""The fonts that come with the program, and which characters they have.

What belongs here: reading the fonts in templates/fonts. What doesn't: where a font is used. PDF/A and PDF/UA forbid a
character without a glyph, and Typst stops at one; so it has to be known beforehand what can be set.
"""

import struct
from functools import cache
from pathlib import Path

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.shipped import shipped

# What Typst sets without our fonts: marks that steer the shaping and have no ink, and the sign for what can't be read.
_SET_ANYWAY = frozenset({0xFFFD, 0x00AD, 0x061C, *range(0x200B, 0x2010), *range(0x2066, 0x206A), *range(0xFE00, 0xFE10)})


def font_folder() -> Path:
    """Where the fonts are."""
    return shipped("templates") / "fonts"


@cache
def covered() -> frozenset[int]:
    """The code points that every shipped font can set, in regular and in bold.

    Raises CasualtyError for a file that isn't a TrueType font with a Unicode map.
    """
    maps = [_mapped(path) for path in sorted(font_folder().glob("*.ttf"))]
    if not maps:
        raise CasualtyError(f"{font_folder()}: expected fonts (*.ttf), found none: reinstall casualty-pipeline")
    return frozenset.intersection(*maps) | _SET_ANYWAY


def _mapped(path: Path) -> frozenset[int]:
    """The code points of a font's format 12 map, else of its format 4 map (OpenType, table `cmap`)."""
    data = path.read_bytes()
    try:
        (tables,) = struct.unpack_from(">H", data, 4)
        start = next(
            struct.unpack_from(">L", data, at + 8)[0]
            for at in range(12, 12 + 16 * tables, 16)
            if data[at : at + 4] == b"cmap"
        )
        (count,) = struct.unpack_from(">H", data, start + 2)
        offsets = [start + struct.unpack_from(">L", data, start + 8 + 8 * n)[0] for n in range(count)]
        formats = {struct.unpack_from(">H", data, offset)[0]: offset for offset in offsets}
        if 12 in formats:
            return _segmented(data, formats[12])
        return _windowed(data, formats[4])
    except (struct.error, StopIteration, KeyError, IndexError):
        raise CasualtyError(f"{path}: expected a TrueType font with a Unicode map, found something else") from None


def _segmented(data: bytes, at: int) -> frozenset[int]:
    (groups,) = struct.unpack_from(">L", data, at + 12)
    found: set[int] = set()
    for number in range(groups):
        first, last, _ = struct.unpack_from(">LLL", data, at + 16 + 12 * number)
        found.update(range(first, last + 1))
    return frozenset(found)


def _windowed(data: bytes, at: int) -> frozenset[int]:
    (double,) = struct.unpack_from(">H", data, at + 6)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", data, at + 14)
    starts = struct.unpack_from(f">{count}H", data, at + 16 + double)
    return frozenset(c for first, last in zip(starts, ends, strict=True) for c in range(first, last + 1) if c != 0xFFFF)
