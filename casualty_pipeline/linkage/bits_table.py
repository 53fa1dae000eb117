"""The model as a table for people: what each level of each comparison says, and the bits that it adds.

`python -m casualty_pipeline.linkage.bits_table docs/linkage.md` (`make bits`) writes it into the page, between its marks.
"""

import sys
from pathlib import Path

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage.model import Model, load

BEGIN, END = "<!-- bits: made by `make bits`; don't edit -->", "<!-- /bits -->"


def bits_table(model: Model) -> str:
    """The model in Markdown: prior, then a row for each level; in bold what one person can't show."""
    lines = [
        f"Model `{model.version}`, fitted on {model.fitted_on}. Any two records that meet start at {model.prior:+.1f} bits;"
        f" within {model.review_band:g} bits of zero, people are asked.",
        "",
        "| compared | what the two say | bits |",
        "|---|---|---:|",
    ]
    for comparison in model.comparisons:
        for place, level in enumerate(comparison.levels):
            about = comparison.about if place == 0 else ""
            excludes = level.number in comparison.hard
            says = f"**{level.says}: never one person**" if excludes else level.says
            lines.append(f"| {about} | {says} | {level.bits:+.1f} |")
    return "\n".join(lines)


def with_table(page: str, model: Model) -> str:
    """A page of Markdown with the model's table between its marks. Raises CasualtyError when the marks aren't there."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise CasualtyError(f"expected the lines {BEGIN} and {END} in the page, to write the table of bits between them")
    return f"{before}{BEGIN}\n\n{bits_table(model)}\n\n{END}{after}"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(with_table(file.read_text(encoding="utf-8"), load()), encoding="utf-8")
