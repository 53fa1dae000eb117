"""Makes text from captures fit to be shown. What belongs here: what no page, table or file may pass on as it came.

What doesn't: escaping for a format, which is the format's own. Records keep what was captured, byte for byte; this is
only about what is printed.
"""

import re
import unicodedata
from dataclasses import replace

from casualty_pipeline.reporting.model import MonthReport

LONGEST = 200  # characters of a name or a place; the longest real ones have about half
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
# What would turn round the text after it: embeddings, overrides, isolates. Plain marks (LRM, RLM) can't, and stay.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_NO_CHARACTER = {"Cc", "Cs", "Co", "Cn"}


def readable(text: str, longest: int = LONGEST) -> str:
    """One line of at most `longest` characters.

    A control, a bidi override and a code point that is no character show as U+FFFD; white space is one space; what is
    too long ends in an ellipsis. Nothing disappears without a sign.
    """
    line = " ".join(text[: 4 * longest].split())
    line = _TURNS.sub(UNREADABLE, line)
    line = "".join(UNREADABLE if unicodedata.category(c) in _NO_CHARACTER else c for c in line)
    return line if len(text) <= 4 * longest and len(line) <= longest else line[: longest - 1].rstrip() + "…"


def presentable(report: MonthReport) -> MonthReport:
    """The report with everything in it that comes from captures made readable.

    All else that it says comes from the profile, or is a number.
    """

    def shown(text: str | None) -> str | None:
        return None if text is None else readable(text)

    return replace(
        report,
        massacres=tuple(
            replace(
                massacre,
                incident_id=readable(massacre.incident_id),
                place=shown(massacre.place),
                place_ar=shown(massacre.place_ar),
                area_of_control=shown(massacre.area_of_control),
            )
            for massacre in report.massacres
        ),
        affiliations=tuple(
            (group, party, readable(affiliation), persons) for group, party, affiliation, persons in report.affiliations
        ),
        cases=tuple(replace(case, affiliation=shown(case.affiliation)) for case in report.cases),
    )
