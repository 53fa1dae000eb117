"""A conflict's vocabulary: parties, categories, places, labels and counting rules. Data files, and the loader for them."""

from casualty_pipeline.profile.loader import (
    Category,
    Counting,
    Governorate,
    Party,
    Profile,
    SpecialGroup,
    load_profile,
)
from casualty_pipeline.profile.places import District, Extent, Place, Places

__all__ = [
    "Category",
    "Counting",
    "District",
    "Extent",
    "Governorate",
    "Party",
    "Place",
    "Places",
    "Profile",
    "SpecialGroup",
    "load_profile",
]
