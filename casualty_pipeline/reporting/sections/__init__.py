"""The monthly report, a module for each section (R26). What belongs here: what each section states, and in which order.

What doesn't: how a language says it (`voice.py`, `templates/text`), how it looks (`templates`), how a chart is drawn
(`charts.py`). Nothing is counted here: every number is a figure, but for the tolls of single massacres, which stand in
their records.
"""

from casualty_pipeline.reporting.sections.frame import page
from casualty_pipeline.reporting.sections.month import MonthPage

__all__ = ["MonthPage", "page"]
