"""The open bundle: a month's report and figures in every format, with no personal data in it.

What belongs in this package: formats that other people's programs read, and which files make a bundle. What doesn't:
pages for readers, publishing.
"""

from casualty_pipeline.reporting.open_data.bundle import open_bundle
from casualty_pipeline.reporting.open_data.geojson import Geometry

__all__ = ["Geometry", "open_bundle"]
