"""Reads a profile folder into typed, immutable values. What belongs here: reading and validating. What doesn't: using it."""

import csv
import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.places import Places, read_places, wrong_references
from casualty_pipeline.profile.survivorship import Survivorship, read_survivorship, wrong_rules

SHIPPED = Path(__file__).parent / "profiles"
Labels = Mapping[str, str]


@dataclass(frozen=True)
class Party:
    """A party or an actor beneath one. `reported_as` is the party id that its deaths are counted under (R12, R15)."""

    id: str
    reported_as: str
    kind: str  # main, sub, other, actor
    order: int
    colour: str
    label: Labels
    long_label: Labels

    @property
    def parent(self) -> str:
        """The top-level party id: `extremist_islamist` for `extremist_islamist/hts`."""
        return self.reported_as.split("/")[0]


@dataclass(frozen=True)
class Category:
    """A kind beneath "other parties" (R15); a blank condition holds for anything, the first category that fits is taken."""

    id: str
    order: int
    status: str
    actor: str
    mechanism: str
    circumstance: str
    label: Labels


@dataclass(frozen=True)
class SpecialGroup:
    """A group with a population of its own (R3): medical, media, civil defense, relief."""

    id: str
    order: int
    label: Labels
    member_one: Labels
    member_many: Labels


@dataclass(frozen=True)
class Governorate:
    """A first-level region. `tile` is its (column, row) on the map of tiles that a profile without boundaries gets."""

    pcode: str
    iso: str
    label: Labels
    tile: tuple[int, int]


@dataclass(frozen=True)
class Counting:
    """The counting rules in force (R2, R4, R7, R8, R20, C3)."""

    massacre_threshold: int
    counts_in_civilian_total: bool
    torture_includes_combatants: bool
    adult_age: int
    min_independent_sources: int
    copied_text_characters: int
    unnamed_needs_countable_media: bool
    unborn_counts: bool


# What of the counting rules may differ from month to month: the others decide how statements are read and linked, for all.
BY_MONTH = ("massacre_threshold", "counts_in_civilian_total", "torture_includes_combatants")


@dataclass(frozen=True)
class Methodology:
    """The counting rules of a version, in force from a month of documentation on (C3)."""

    version: str
    applies_from: str
    counting: Counting


@dataclass(frozen=True)
class Profile:
    """Everything that is particular to one conflict."""

    id: str
    folder: Path
    languages: tuple[str, ...]
    timezone: str
    start_month: str
    label: Labels
    organisation: Labels
    methodologies: tuple[Methodology, ...]  # by the month from which they apply
    counting: Counting
    places: Places
    survivorship: Survivorship
    disagreement: str
    joint_pairs: frozenset[frozenset[str]]
    rounding: Mapping[str, int]
    parties: tuple[Party, ...]
    categories: tuple[Category, ...]
    special_groups: tuple[SpecialGroup, ...]
    governorates: tuple[Governorate, ...]
    boundaries: Path | None  # GeoJSON of the governorates; read by `boundaries.py` when a map is drawn
    governorate_aliases: tuple[tuple[str, str], ...]
    party_aliases: tuple[tuple[str, str], ...]
    vocabulary: tuple[tuple[str, str, str], ...]  # field, alias, value
    digest: str = field(repr=False)

    @property
    def methodology_version(self) -> str:
        """The version of the rules in force now."""
        return self.methodologies[-1].version

    def methodology(self, month: str) -> Methodology:
        """The rules in force in a month."""
        return next((m for m in reversed(self.methodologies) if m.applies_from <= month), self.methodologies[0])

    @cached_property
    def party(self) -> Mapping[str, Party]:
        """Parties and actors by id."""
        return {p.id: p for p in self.parties}

    @cached_property
    def category(self) -> Mapping[str, Category]:
        """Categories by id."""
        return {c.id: c for c in self.categories}

    @cached_property
    def governorate(self) -> Mapping[str, Governorate]:
        """Governorates by p-code."""
        return {g.pcode: g for g in self.governorates}

    def reported_parties(self) -> tuple[Party, ...]:
        """Parties that have figures of their own, in the report's order: main ones, those beneath them, then other."""
        return tuple(p for p in sorted(self.parties, key=lambda p: p.order) if p.reported_as == p.id)

    def party_label(self, party: str, language: str, long: bool = False) -> str:
        """The label of a party id, of a joint pair (`russia+syrian_regime`) too. Raises CasualtyError for an unknown id."""
        labels = []
        for part in party.split("+"):
            if part not in self.party:
                raise CasualtyError(f"profile {self.id!r} has no party {part!r}: add it to parties.csv")
            known = self.party[part]
            labels.append((known.long_label if long else known.label)[language])
        return {"ar": " و"}.get(language, " and ").join(labels)

    def published(self, month: str) -> Path | None:
        """The restated published figures of a month, if the profile ships them."""
        path = self.folder / "published" / f"{month}.csv"
        return path if path.is_file() else None

    def source_file(self, source: str) -> Path | None:
        """The shipped declaration of a source, if there is one."""
        path = self.folder / "sources" / f"{source}.toml"
        return path if path.is_file() else None


def _table(path: Path, required: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [c for c in required if c not in (reader.fieldnames or [])]
            if missing:
                raise CasualtyError(f"{path}: expected the columns {', '.join(required)}; missing: {', '.join(missing)}")
            return [{k: (v or "").strip() for k, v in row.items() if k} for row in reader]
    except FileNotFoundError:
        raise CasualtyError(f"the profile lacks its file {path}") from None
    except (UnicodeDecodeError, csv.Error) as problem:
        raise CasualtyError(f"{path}: not a CSV file in UTF-8 ({problem}): save it as one") from problem


def _number(row: Mapping[str, str], column: str, path: Path) -> int:
    try:
        return int(row[column])
    except ValueError:
        key = next(iter(row.values()))
        raise CasualtyError(f"{path}: {column} of {key!r} is {row[column]!r}; expected a whole number") from None


def _labels(row: Mapping[str, str], prefix: str, languages: tuple[str, ...], where: str) -> Labels:
    labels = {lang: row.get(f"{prefix}_{lang}", "") for lang in languages}
    missing = [lang for lang, text in labels.items() if not text]
    if missing:
        raise CasualtyError(f"{where}: no {prefix}_{missing[0]} for {row.get('id') or row.get('pcode')!r}")
    return labels


def _digest(folder: Path) -> str:
    """SHA-256 over every file that can change a figure; published figures and source mappings are not among them."""
    digest = hashlib.sha256()
    patterns = ("*.toml", "*.csv", "aliases/*.csv", "places/*.csv")
    for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@lru_cache(maxsize=8)
def load_profile(name: str) -> Profile:
    """Load a shipped profile by name, or any profile by the path of its folder.

    Raises CasualtyError naming the file, the row or the key that is wrong.
    """
    folder = SHIPPED / name if (SHIPPED / name).is_dir() else Path(name)
    settings_file = folder / "profile.toml"
    if not settings_file.is_file():
        known = ", ".join(sorted(p.name for p in SHIPPED.iterdir() if p.is_dir()))
        raise CasualtyError(f"no profile {name!r}: expected one of {known}, or a folder that holds a profile.toml")
    try:
        settings: dict[str, Any] = tomllib.loads(settings_file.read_text(encoding="utf-8"))
        languages = tuple(settings["languages"])
        counting = Counting(**settings["counting"])
        profile = Profile(
            id=settings["id"],
            folder=folder,
            languages=languages,
            timezone=settings["timezone"],
            start_month=settings["start_month"],
            label=settings["label"],
            organisation=settings["organisation"],
            methodologies=_methodologies(settings["methodology"], counting),
            counting=counting,
            places=read_places(folder, settings.get("places", {}), _table),
            survivorship=read_survivorship(settings["survivorship"]),
            disagreement=settings["attribution"]["disagreement"],
            joint_pairs=frozenset(frozenset(pair) for pair in settings["attribution"]["joint_pairs"]),
            rounding=settings["rounding"],
            parties=_parties(folder, languages),
            categories=_categories(folder, languages),
            special_groups=_special_groups(folder, languages),
            governorates=_governorates(folder, languages),
            boundaries=drawn if (drawn := folder / "map" / "governorates.geojson").is_file() else None,
            governorate_aliases=_aliases(folder / "aliases" / "governorates.csv", "pcode"),
            party_aliases=_aliases(folder / "aliases" / "parties.csv", "claim"),
            vocabulary=tuple(
                (r["field"], r["alias"], r["value"])
                for r in _table(folder / "aliases" / "vocabulary.csv", ("field", "alias", "value"))
            ),
            digest=_digest(folder),
        )
    except KeyError as problem:
        raise CasualtyError(f"{settings_file}: expected the key {problem}") from problem
    except (TypeError, ValueError) as problem:  # TOML and encoding errors are ValueErrors
        raise CasualtyError(f"{settings_file}: {problem}") from problem
    _validate(profile, settings)
    return profile


def _methodologies(given: Mapping[str, Any], counting: Counting) -> tuple[Methodology, ...]:
    """What is in force, and what was before: each earlier version says what of the counting rules was different then."""
    found = [Methodology(given["version"], given["applies_from"], counting)]
    for earlier in given.get("before", ()):
        other = {name: value for name, value in earlier.items() if name not in ("version", "applies_from")}
        if unknown := sorted(set(other) - set(BY_MONTH)):
            raise ValueError(f"methodology.before: {unknown[0]} can't change with the month; expected {', '.join(BY_MONTH)}")
        found.append(Methodology(earlier["version"], earlier["applies_from"], replace(counting, **other)))
    found.sort(key=lambda m: m.applies_from)
    if len({m.version for m in found}) < len(found) or len({m.applies_from for m in found}) < len(found):
        raise ValueError("methodology: each version needs a name and a month of its own from which it applies")
    return tuple(found)


def _parties(folder: Path, languages: tuple[str, ...]) -> tuple[Party, ...]:
    path = folder / "parties.csv"
    return tuple(
        Party(
            id=r["id"],
            reported_as=r["reported_as"],
            kind=r["kind"],
            order=_number(r, "order", path),
            colour=r["colour"],
            label=_labels(r, "label", languages, str(path)),
            long_label=_labels(r, "long", languages, str(path)),
        )
        for r in _table(path, ("id", "reported_as", "kind", "order", "colour"))
    )


def _categories(folder: Path, languages: tuple[str, ...]) -> tuple[Category, ...]:
    path = folder / "categories.csv"
    rows = _table(path, ("id", "order", "status", "actor", "mechanism", "circumstance"))
    return tuple(
        Category(
            id=r["id"],
            order=_number(r, "order", path),
            status=r["status"],
            actor=r["actor"],
            mechanism=r["mechanism"],
            circumstance=r["circumstance"],
            label=_labels(r, "label", languages, str(path)),
        )
        for r in rows
    )


def _special_groups(folder: Path, languages: tuple[str, ...]) -> tuple[SpecialGroup, ...]:
    path = folder / "special_groups.csv"
    return tuple(
        SpecialGroup(
            id=r["id"],
            order=_number(r, "order", path),
            label=_labels(r, "label", languages, str(path)),
            member_one={lang: r.get(f"member_one_{lang}", "") for lang in languages},
            member_many={lang: r.get(f"member_many_{lang}", "") for lang in languages},
        )
        for r in _table(path, ("id", "order"))
    )


def _governorates(folder: Path, languages: tuple[str, ...]) -> tuple[Governorate, ...]:
    path = folder / "governorates.csv"
    return tuple(
        Governorate(
            pcode=r["pcode"],
            iso=r["iso3166_2"],
            label=_labels(r, "label", languages, str(path)),
            tile=(_number(r, "tile_col", path), _number(r, "tile_row", path)),
        )
        for r in _table(path, ("pcode", "iso3166_2", "tile_col", "tile_row"))
    )


def _aliases(path: Path, target: str) -> tuple[tuple[str, str], ...]:
    return tuple((r["alias"], r[target]) for r in _table(path, ("alias", target)))


_KEYS: Mapping[str, Callable[[Profile], list[str]]] = {
    "parties.csv": lambda profile: [p.id for p in profile.parties],
    "categories.csv": lambda profile: [c.id for c in profile.categories],
    "special_groups.csv": lambda profile: [g.id for g in profile.special_groups],
    "governorates.csv": lambda profile: [g.pcode for g in profile.governorates],
}


def _twice(keys: list[str]) -> list[str]:
    return sorted({key for key in keys if keys.count(key) > 1})


def _validate(profile: Profile, settings: Mapping[str, Any]) -> None:
    """Cross-references: an alias, a category or a pair that names what doesn't exist stops the program here."""
    ids = set(profile.party)
    values = {
        "sex": {"male", "female"},
        "age_group": {"adult", "child"},
        "status": {"killed", "injured", "unborn", "unknown"},
        "civilian_status": {"civilian", "combatant"},
        "certainty": {"established", "believed", "contested", "single_source"},
        "special_group": {g.id for g in profile.special_groups},
    }
    wrong = [
        *(f"{file}: {key!r} stands twice" for file, keys in _KEYS.items() for key in _twice(keys(profile))),
        *(
            []
            if "other" in ids
            else ["parties.csv: no party 'other', under which whatever has no party of its own is counted"]
        ),
        *(f"parties.csv: {p.id!r} is reported as {p.reported_as!r}" for p in profile.parties if p.reported_as not in ids),
        *(f"categories.csv: {c.id!r} names the actor {c.actor!r}" for c in profile.categories if c.actor not in {"", *ids}),
        *(
            f"aliases/parties.csv: {alias!r} claims {claim!r}"
            for alias, claim in profile.party_aliases
            if not set(claim.replace("+", "|").split("|")) <= {"unidentified", *ids}
        ),
        *(f"profile.toml: joint pair {sorted(pair)}" for pair in profile.joint_pairs if not pair <= ids),
        *(
            f"aliases/governorates.csv: {alias!r} is {pcode!r}"
            for alias, pcode in profile.governorate_aliases
            if pcode not in profile.governorate
        ),
        *(
            f"aliases/vocabulary.csv: {alias!r} is the {name} {value!r}; expected one of {', '.join(sorted(values[name]))}"
            for name, alias, value in profile.vocabulary
            if value not in values.get(name, {value})
        ),
        *wrong_references(profile.places, set(profile.governorate)),
        *(f"profile.toml: {reason}" for reason in wrong_rules(profile.survivorship, settings["survivorship"])),
    ]
    if profile.disagreement != "majority":
        wrong.append(f"profile.toml: disagreement = {profile.disagreement!r}; expected majority")
    if wrong:
        raise CasualtyError(f"profile {profile.id!r} doesn't fit together: {'; '.join(wrong)}")
