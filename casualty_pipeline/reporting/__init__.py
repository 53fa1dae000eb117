"""The monthly report: figures in; pages and PDF in each language, open data and a comparison with published figures out.

What belongs in this package: saying and showing figures. What doesn't: computing or checking them.
"""

from casualty_pipeline.reporting.model import (
    Cause,
    LastEdition,
    Massacre,
    MonthReport,
    NotableCase,
    Restatement,
    Written,
)
from casualty_pipeline.reporting.write import write_month

__all__ = ["Cause", "LastEdition", "Massacre", "MonthReport", "NotableCase", "Restatement", "Written", "write_month"]
