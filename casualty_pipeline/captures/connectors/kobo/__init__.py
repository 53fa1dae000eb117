"""Exports of forms filled in with KoBoToolbox or ODK: workbooks, CSV files and ZIPs of CSV files.

`exports` turns bytes into tables, `kinship` joins repeat groups to their submissions, `questions` finds the answers that a
mapping names, `media` the files that answers name, and `connector` puts them together.
"""

from casualty_pipeline.captures.connectors.kobo.connector import CONNECTOR

__all__ = ["CONNECTOR"]
