"""How cells divide: parties into groups beneath them, categories, governorates; everybody into demographics.

What belongs here: for the parties, categories, governorates and demographics that figures name, the cells that these tell
apart and the sums between them. "~" stands for what nobody names.
"""

from collections import defaultdict
from collections.abc import Iterable

from casualty_pipeline.profile import Profile

Cell = tuple[str, str, str]  # party, category, governorate
Split = tuple[str, Cell, tuple[Cell, ...]]  # identity, whole, parts
REST = "~"


def parent_party(party: str, profile: Profile) -> str:
    """The party that a group or an actor is counted beneath; "" for a main one and for a pair."""
    if "+" in party:
        return ""
    if "/" in party:
        return party.rsplit("/", 1)[0]
    known = profile.party.get(party)
    return known.reported_as if known and known.reported_as != party else ""


def divided_places(named: Iterable[Cell], profile: Profile) -> tuple[list[Cell], list[Split]]:
    """The cells that the named ones tell apart, the whole among them, and which are the sums of which."""
    named = set(named)
    beneath: dict[str, set[str]] = defaultdict(set)
    for party in {p for p, _, _ in named if p}:
        child = party
        while child:
            parent = parent_party(child, profile)
            beneath[parent].add(child)
            child = parent
    everywhere = {c for p, c, _ in named if c and not p}
    categories: dict[str, set[str]] = defaultdict(set)
    for party, category, _ in named:
        if category:
            categories[_main(party, profile)].add(category)
    governorates = sorted({g for _, _, g in named if g})
    crossed = any(g and (p or c) for p, c, g in named)

    cells: list[tuple[str, str]] = []
    splits: list[tuple[str, tuple[str, str], tuple[tuple[str, str], ...]]] = []

    def divide(party: str, names: set[str]) -> None:
        kinds = ["", *sorted(names), REST] if names else [""]
        cells.extend((party, kind) for kind in kinds)
        if names:
            splits.append(("categories", (party, ""), tuple((party, kind) for kind in kinds[1:])))
        children = [*sorted(beneath[party]), f"{party}/{REST}" if party else REST] if beneath[party] else []
        identity = "sub-parties" if party else "parties"
        for child in children:
            divide(child, names if party else everywhere | categories[_main(child, profile)])
        # What no category names in the whole may have one in a part, so only named kinds add up over parties.
        for kind in kinds if children else ():
            if kind != REST or party:
                splits.append((identity, (party, kind), tuple((child, kind) for child in children)))

    divide("", everywhere)
    where = ["", *governorates, REST] if governorates else [""]
    placed: list[Cell] = [(p, c, g) for p, c in cells for g in (where if crossed or not (p or c) else [""])]
    sums: list[Split] = [
        (identity, (*whole, g), tuple((*part, g) for part in parts))
        for identity, whole, parts in splits
        for g in (where if crossed else [""])
    ]
    if governorates:
        for party, category in cells if crossed else [("", "")]:
            sums.append(("governorates", (party, category, ""), tuple((party, category, g) for g in where[1:])))
    return placed, sums


def _main(party: str, profile: Profile) -> str:
    while parent := parent_party(party, profile):
        party = parent
    return party


def divided_demographics(named: Iterable[str]) -> tuple[list[str], list[tuple[str, tuple[str, ...]]]]:
    """The demographics that the named ones tell apart, everybody among them, and which are the sums of which (R2)."""
    used = set(named) - {"all"}
    if used & {"child_male", "child_female"}:
        used.add("child")
    if "women_and_children" in used:
        used |= {"woman", "child"}
    top = ["women_and_children"] if "women_and_children" in used else sorted(used & {"woman", "child"})
    top += sorted(used & {"man", "unknown"})
    everybody = {"man", "unknown", "woman", "child"} <= used
    splits: list[tuple[str, tuple[str, ...]]] = []
    if top:
        splits.append(("all", tuple(top) if everybody else (*top, REST)))
    if "women_and_children" in used:
        splits.append(("women_and_children", ("woman", "child")))
    if used & {"child_male", "child_female"}:
        splits.append(("child", (*sorted(used & {"child_male", "child_female"}), f"child/{REST}")))
    return ["all", *(part for _, parts in splits for part in parts)], splits
