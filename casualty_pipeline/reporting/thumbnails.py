"""Small pictures of a report that was written: its first page, and its map. For Dagster's UI; no part of a bundle.

Both are made by Typst from the files themselves, so that what is seen is what readers get.
"""

from pathlib import Path
from typing import Any

from casualty_pipeline.reporting.pdf import drawing, fonts

_SHEET = "#set page(width: auto, height: auto, margin: 0pt)\n"
_PAGE, _PAGE_PPI = '#image("/{name}", page: 1, width: 210mm)', 34
_MAP, _MAP_PPI = '#image(bytes(sys.inputs.svg), format: "svg", width: 360pt)', 72


def thumbnails(folder: Path, language: str) -> dict[str, bytes]:
    """PNGs of less than 40 kB by name, `page_one` and `map`, of the report in `folder`; none of a file that isn't there.

    The map is the last drawing of the toll's section.
    """
    found = {}
    report = folder / f"report.{language}.pdf"
    if report.is_file():
        found["page_one"] = _png(_PAGE.format(name=report.name), _PAGE_PPI, root=folder)
    maps = sorted((folder / "charts").glob(f"toll-*.{language}.svg"))
    if maps:
        found["map"] = _png(_MAP, _MAP_PPI, sys_inputs={"svg": drawing(maps[-1].read_text(encoding="utf-8"))})
    return found


def _png(code: str, ppi: int, **given: Any) -> bytes:
    import typst

    picture: bytes = typst.compile((_SHEET + code).encode(), format="png", ppi=ppi, font_paths=fonts(), **given)
    return picture
