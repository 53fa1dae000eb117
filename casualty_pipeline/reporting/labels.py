"""That no label of a profile is missing. What they say of a figure is for `voice.py`."""

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.loader import Labels, Profile


def require_labels(profile: Profile) -> None:
    """Stop before anything is made where a label lacks one of the profile's languages.

    Raises CasualtyError naming the key and the language.
    """
    given: list[tuple[str, Labels]] = [("[label]", profile.label), ("[organisation]", profile.organisation)]
    given += [(f"party {p.id!r}", labels) for p in profile.parties for labels in (p.label, p.long_label)]
    given += [(f"category {c.id!r}", c.label) for c in profile.categories]
    given += [(f"special group {g.id!r}", g.label) for g in profile.special_groups]
    given += [(f"governorate {g.pcode!r}", g.label) for g in profile.governorates]
    for key, labels in given:
        for language in profile.languages:
            if not labels.get(language):
                raise CasualtyError(f"profile {profile.id!r}: {key} has no label in the language {language!r}: add it")
