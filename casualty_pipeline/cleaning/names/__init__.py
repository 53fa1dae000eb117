"""Names of people: normal forms, forms for comparing, parts, other names, who is named at all, groups.

Here belongs what can be said of one name by itself. Whether two names are one person's is for
`casualty_pipeline.linkage`. A name is never changed: every form stands beside the name as given.
"""

from casualty_pipeline.cleaning.names.groups import stated, stated_demographics, stated_persons, uncounted_companions
from casualty_pipeline.cleaning.names.normal import arabic_normal, folded, latin_normal
from casualty_pipeline.cleaning.names.others import other_names
from casualty_pipeline.cleaning.names.parts import name_parts
from casualty_pipeline.cleaning.names.sounds import skeleton, vowel_pattern, vowels_conflict
from casualty_pipeline.cleaning.names.unnamed import is_unnamed

__all__ = [
    "arabic_normal",
    "folded",
    "is_unnamed",
    "latin_normal",
    "name_parts",
    "other_names",
    "skeleton",
    "stated",
    "stated_demographics",
    "stated_persons",
    "uncounted_companions",
    "vowel_pattern",
    "vowels_conflict",
]
