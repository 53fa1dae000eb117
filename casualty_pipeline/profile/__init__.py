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

__all__ = ["Category", "Counting", "Governorate", "Party", "Profile", "SpecialGroup", "load_profile"]
