"""Places from their many spellings: to governorate, district and coordinates, with how precise and how certain each is.

`Gazetteer.locate` weighs what a statement says of its place; `place_key` is the form in which names of places are compared.
"""

from casualty_pipeline.cleaning.places.gazetteer import Gazetteer
from casualty_pipeline.cleaning.places.keys import place_key
from casualty_pipeline.cleaning.places.readings import PRECISIONS, PlaceReading, Proposal

__all__ = ["PRECISIONS", "Gazetteer", "PlaceReading", "Proposal", "place_key"]
