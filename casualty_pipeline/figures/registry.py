"""What is counted: populations and demographics, what each includes, and what is a part of what."""

from collections.abc import Mapping

from casualty_pipeline.profile import Profile

INCIDENT_POPULATION = "massacres"
_PERSON_POPULATIONS = ("civilians", "torture", "massacre_victims")

# What each demographic of the figures includes of the demographics of victims (R2: women are adult females).
DEMOGRAPHICS: Mapping[str, tuple[str, ...]] = {
    "all": ("man", "woman", "child_male", "child_female", "child", "unknown", "incident"),
    "man": ("man",),
    "woman": ("woman",),
    "child": ("child_male", "child_female", "child"),
    "child_male": ("child_male",),
    "child_female": ("child_female",),
    "women_and_children": ("woman", "child_male", "child_female", "child"),
    "unknown": ("unknown",),
}


def populations(profile: Profile) -> list[str]:
    """Every population that has figures: victims' ones, special groups, incidents."""
    groups = [g.id for g in sorted(profile.special_groups, key=lambda g: g.order)]
    return [*_PERSON_POPULATIONS[:2], *groups, INCIDENT_POPULATION, _PERSON_POPULATIONS[2]]


def is_part(part: str, whole: str) -> bool:
    """Whether everybody in one demographic of the figures is in the other."""
    return set(DEMOGRAPHICS[part]) <= set(DEMOGRAPHICS[whole])
