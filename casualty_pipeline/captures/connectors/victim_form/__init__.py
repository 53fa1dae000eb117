"""The public victim form (R29): JSON documents after a published schema, one form for each person.

`strict_json` reads JSON without guessing, `connector` holds the form against its schema and states what it says.
"""

from casualty_pipeline.captures.connectors.victim_form.connector import CONNECTOR

__all__ = ["CONNECTOR"]
