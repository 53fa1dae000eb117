"""The linkage model: what each level of each comparison says, in words and in bits, and how rare names are.

Here belongs the model as data: reading and writing its JSON, patterns of levels as one integer, the weight of a
pattern. How the levels are told is for `sql/deduplicated/compared.sql`, how bits are fitted for `fitting`. The weight
of a pair is the sum of its levels' bits (Fellegi and Sunter 1969), so that every link can be explained field by
field.
"""

import hashlib
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import LINKAGE_MODEL, Home

DEFAULT = "default"
BY_HAND = "by_hand"
BITS_A_LEVEL = 4  # of the integer that holds a pattern: levels run from 0 to 15


@dataclass(frozen=True)
class Level:
    """One outcome of a comparison: its number, what it says in words, and the bits that it adds."""

    number: int
    says: str
    bits: float


@dataclass(frozen=True)
class Comparison:
    """One thing that is compared. `hard`: levels that one person can't show, whatever else speaks for it."""

    name: str
    about: str
    levels: tuple[Level, ...]
    hard: tuple[int, ...] = ()
    # Levels listed from the strongest agreement on; fitting keeps their bits in this order. Others stand alone.
    falling: tuple[int, ...] = ()
    # Fitting leaves it alone, since labelled lists copy it from each other and so can't say how often it is wrong.
    held: bool = False

    def level(self, number: int) -> Level:
        """The level of that number; 0, and a number that the model doesn't know, say nothing."""
        return next((level for level in self.levels if level.number == number), Level(number, "not known of both", 0.0))

    def weighed(self) -> pl.Expr:
        """The bits of the levels in the column of this comparison."""
        bits = {level.number: level.bits for level in self.levels}
        return pl.col(self.name).replace_strict(bits, default=0.0, return_dtype=pl.Float64)


@dataclass(frozen=True)
class Measured:
    """How good a model was on labelled lists, in pairs: `on` which, by language; the shares from 0 to 1."""

    on: Mapping[str, str]
    precision: float
    recall: float


@dataclass(frozen=True)
class Model:
    """Everything that decides what a pair weighs, and how good that was where the truth is known."""

    version: str
    fitted_on: str
    prior: float
    review_band: float
    comparisons: tuple[Comparison, ...]
    rare_share: float
    shares: Mapping[str, float] = field(default_factory=dict)
    measured: Measured | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The comparisons, in the order in which a pattern holds them."""
        return tuple(c.name for c in self.comparisons)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the model: two models that weigh alike have one."""
        return hashlib.sha256(as_json(replace(self, measured=None)).encode()).hexdigest()

    def pattern_sql(self, names: Collection[str] | None = None) -> str:
        """The SQL that makes one integer (BIGINT) of the levels, or of those of some comparisons, each in its place."""
        shifts = (
            f"({name}::bigint << {BITS_A_LEVEL * place})"
            for place, name in enumerate(self.names)
            if names is None or name in names
        )
        return " + ".join(shifts)

    def levels(self, pattern: int) -> dict[str, int]:
        """The level of each comparison in a pattern."""
        mask = (1 << BITS_A_LEVEL) - 1
        return {name: (pattern >> (BITS_A_LEVEL * place)) & mask for place, name in enumerate(self.names)}

    def weighed(self, patterns: pl.Series) -> pl.DataFrame:
        """For distinct patterns: `pattern`, `weight` (bits, one decimal), `hard` (the comparison that one person can't show,
        or null) and `kin` (another given name in one line of fathers), by pattern.
        """
        excluded = [pl.when(pl.col(c.name).is_in(list(c.hard))).then(pl.lit(c.name)) for c in self.comparisons if c.hard]
        weighed = self.told(patterns).with_columns(
            weight=(pl.lit(self.prior) + pl.sum_horizontal(c.weighed() for c in self.comparisons)).round(1),
            hard=pl.coalesce(*excluded, pl.lit(None, pl.String)),
        )
        return weighed.select("pattern", "weight", "hard", kin=(pl.col("weight") < 0) & _kin())

    def told(self, patterns: pl.Series) -> pl.DataFrame:
        """`pattern` and the level of each comparison, a row for each distinct pattern."""
        frame = pl.DataFrame({"pattern": patterns.cast(pl.Int64)}).unique().sort("pattern")
        return frame.with_columns(
            (pl.col("pattern") // (1 << BITS_A_LEVEL * place) % (1 << BITS_A_LEVEL)).alias(name)
            for place, name in enumerate(self.names)
        )

    def table(self) -> pl.DataFrame:
        """The columns of deduplicated.levels."""
        rows = [
            (place, c.name, level.number, level.says, level.bits, level.number in c.hard)
            for place, c in enumerate(self.comparisons)
            for level in c.levels
        ]
        names = {"place": pl.Int32, "comparison": pl.String, "level": pl.Int32, "says": pl.String, "bits": pl.Float64}
        return pl.DataFrame(rows, schema={**names, "hard": pl.Boolean}, orient="row")

    def words(self, pattern: int) -> list[tuple[str, str, float]]:
        """A pattern for a reader: what is compared, what the two say, and the bits; what says nothing is left out."""
        levels = self.levels(pattern)
        return [
            (c.about, c.level(levels[c.name]).says, c.level(levels[c.name]).bits) for c in self.comparisons if levels[c.name]
        ]


def _kin() -> pl.Expr:
    """Another given name in the same line of fathers, and nothing that sets the deaths apart: brothers and sisters."""
    return pl.col("given").is_in([6, 7, 8, 10]) & pl.col("lineage").is_in([1, 2, 3]) & not_far()


def not_far() -> pl.Expr:
    """Nothing sets the deaths apart: days within three of each other, or one not known; not another governorate."""
    return (pl.col("day") <= 5) & (pl.col("place") <= 5)


def as_json(model: Model) -> str:
    """The model as a text that people can read and compare."""
    whole = {
        "version": model.version,
        "fitted_on": model.fitted_on,
        **({"measured": asdict(model.measured)} if model.measured else {}),
        "prior": model.prior,
        "review_band": model.review_band,
        "comparisons": [
            {
                "name": c.name,
                "about": c.about,
                **({"hard": list(c.hard)} if c.hard else {}),
                **({"falling": list(c.falling)} if c.falling else {}),
                **({"held": True} if c.held else {}),
                "levels": [{"level": v.number, "says": v.says, "bits": v.bits} for v in c.levels],
            }
            for c in model.comparisons
        ],
        "rare_share": model.rare_share,
        "shares": dict(sorted(model.shares.items())),
    }
    lines = json.dumps(whole, ensure_ascii=False, indent=1)
    # A level a line: the table that a reader wants to see.
    return _on_one_line(lines) + "\n"


def _on_one_line(text: str) -> str:
    out: list[str] = []
    for line in text.splitlines():
        bare = line.strip()
        joins = out and (out[-1].strip().startswith('{ "level"') or (out[-1].strip() == "{" and bare.startswith('"level"')))
        joins = joins and not out[-1].strip().endswith(("}", "},"))
        numbers = out and out[-1].strip().startswith(('"hard"', '"falling"')) and not out[-1].strip().endswith(("]", "],"))
        out[-1:] = [f"{out[-1]} {bare}"] if joins or numbers else [*out[-1:], line]
    return "\n".join(out)


def load(model: str | Path = DEFAULT) -> Model:
    """A shipped model by name (`default`, `by_hand`), or one from a JSON file.

    Raises CasualtyError for a file that can't be read, or that isn't a model: what was expected, what was found, where.
    """
    if isinstance(model, str) and model in (DEFAULT, BY_HAND):
        text = (resources.files(__package__) / "models" / f"{model}.json").read_text(encoding="utf-8")
        return _parsed(text, model)
    try:
        return _parsed(Path(model).read_text(encoding="utf-8"), str(model))
    except (OSError, UnicodeDecodeError) as problem:
        raise CasualtyError(f"{model}: can't be read as a linkage model: {problem}") from problem


def of_home(home: Home) -> Model:
    """The model that a home was given (`casualty fit-linkage`), else the shipped one. Raises as `load` does."""
    own = home.path / LINKAGE_MODEL
    return load(own) if own.is_file() else load()


def _parsed(text: str, where: str) -> Model:
    try:
        given = json.loads(text)
        comparisons = tuple(_comparison(c) for c in given["comparisons"])
        model = Model(
            version=str(given["version"]),
            fitted_on=str(given["fitted_on"]),
            prior=float(given["prior"]),
            review_band=float(given["review_band"]),
            comparisons=comparisons,
            rare_share=float(given["rare_share"]),
            shares={str(k): float(v) for k, v in given["shares"].items()},
            measured=_measured(given.get("measured") or {}),
        )
    except json.JSONDecodeError as problem:
        raise CasualtyError(f"{where}: not JSON, line {problem.lineno}, column {problem.colno}: {problem.msg}") from problem
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise CasualtyError(f"{where}: not a linkage model as `casualty linkage fit` writes it: {problem!r}") from problem
    _validate(model, where)
    return model


def _measured(given: Mapping[str, Any]) -> Measured | None:
    if not given:
        return None
    on = {str(language): str(text) for language, text in given["on"].items()}
    return Measured(on, float(given["precision"]), float(given["recall"]))


def _comparison(given: Mapping[str, Any]) -> Comparison:
    levels = tuple(Level(int(v["level"]), str(v["says"]), float(v["bits"])) for v in given["levels"])
    return Comparison(
        str(given["name"]),
        str(given["about"]),
        levels,
        hard=tuple(given.get("hard", ())),
        falling=tuple(given.get("falling", ())),
        held=bool(given.get("held", False)),
    )


def _validate(model: Model, where: str) -> None:
    expected = load_names()
    if model.names != expected:
        raise CasualtyError(f"{where}: expected the comparisons {', '.join(expected)}; found {', '.join(model.names)}")
    for comparison in model.comparisons:
        numbers = [level.number for level in comparison.levels]
        if len(set(numbers)) != len(numbers) or not all(0 < n < 1 << BITS_A_LEVEL for n in numbers):
            raise CasualtyError(f"{where}: {comparison.name}: expected levels from 1 to 15, each once; found {numbers}")
        for word, told in (("hard", comparison.hard), ("falling", comparison.falling)):
            if unknown := [n for n in told if n not in numbers]:
                raise CasualtyError(
                    f"{where}: {comparison.name}: expected levels under {word!r} that it has; found {unknown}"
                )
        if not all(math.isfinite(level.bits) for level in comparison.levels):
            raise CasualtyError(f"{where}: {comparison.name}: expected bits that are a number")
    if not math.isfinite(model.prior):
        raise CasualtyError(f"{where}: expected a prior that is a number; found {model.prior}")
    if not 0 <= model.review_band < math.inf:
        raise CasualtyError(f"{where}: expected a review_band that is a number from 0 on; found {model.review_band}")
    if not 0 < model.rare_share < 1 or any(not 0 < share < 1 for share in model.shares.values()):
        raise CasualtyError(f"{where}: expected shares of names above 0 and below 1")
    measured = model.measured
    if measured and not (0 <= measured.precision <= 1 and 0 <= measured.recall <= 1):
        found = f"{measured.precision} and {measured.recall}"
        raise CasualtyError(f"{where}: measured: expected precision and recall from 0 to 1; found {found}")


def load_names() -> tuple[str, ...]:
    """The comparisons that `sql/deduplicated/compared.sql` makes, in the order of its columns."""
    return (
        *(
            "given",
            "lineage",
            "family",
            "whole",
            "script",
            "rarity",
            "namesake",
            "sex",
            "age_group",
            "birth",
            "day",
            "place",
        ),
        *("occupation", "list", "context"),
    )
