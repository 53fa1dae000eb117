"""Fitting a model: bits for the levels of each comparison, from pairs whose truth is known, or from none.

Here belongs the estimation. A fitted model starts from another one and moves as far as the pairs say: each level's
bits are a maximum a posteriori estimate in a logistic regression on levels, with the starting model's bits as the
mean of the prior, so that what the labelled pairs never show (another script, a day of death) keeps what was set by
hand. Levels that the model declares as falling stay in their order (monotone constraints: without them a model fitted
on early lists forgets later ones, field notes).

Without labels the pairs' own clusters take the place of the truth, again and again (classification EM, Celeux and
Govaert 1992).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage import Constraints, link
from casualty_pipeline.linkage.evaluation import PROVISIONAL, as_records, read_labelled, score
from casualty_pipeline.linkage.model import Comparison, Level, Model
from casualty_pipeline.linkage.shares import with_shares
from casualty_pipeline.linkage.update import compared_pairs
from casualty_pipeline.profile import Profile
from casualty_pipeline.warehouse import Warehouse

_BITS = float(np.log(2))  # nats in a bit
_SLACK = 1e-3  # of nats: two falling levels may be equal
_HELD_BITS = 0.01
SPREAD_BITS = 4.0  # the standard deviation of the prior around the starting model's bits
_COMMON_FROM = (
    20  # statements that bear a name before its share is written into a model: rarer ones could tell who was counted
)
_PRIOR_STATEMENTS = 500.0  # what the starting model's shares count for, beside the statements at hand
_SHIFTS = (0.0, 1.0, 2.0, 3.0, 4.0)  # bits, tried on the prior
_ROUNDS = 6

Floats = NDArray[np.float64]


def fit(patterns: pl.DataFrame, start: Model, *, version: str, fitted_on: str, spread: float = SPREAD_BITS) -> Model:
    """A model whose weights are the log odds (base 2) that a pair of that pattern is one person.

    `patterns`: `pattern` (Int64), `pairs` (how many), `same` (how many of them are one person; may be a fraction).
    Deterministic. Raises CasualtyError when there is no pair, or none of either kind: nothing can be learnt from one
    kind alone.
    """
    pairs, same = patterns["pairs"].to_numpy().astype(float), patterns["same"].to_numpy().astype(float)
    if not 0 < same.sum() < pairs.sum():
        raise CasualtyError(
            f"fitting expected pairs that are one person and pairs that aren't; found {same.sum():.0f} of {pairs.sum():.0f}"
        )
    levels = [(c, level) for c in start.comparisons for level in c.levels]
    shown = _shown(patterns["pattern"].to_list(), start, levels)
    # Steps down from level to level where they fall, so that bounds keep the order.
    path, bounds = _steps(start, levels)
    before = np.array([level.bits for _, level in levels]) * _BITS
    width = np.array([_HELD_BITS if c.held else spread for c, _ in levels]) * _BITS
    mean = np.linalg.solve(path, before)
    mean = np.array([min(m, upper) if upper is not None else m for m, (_, upper) in zip(mean, bounds, strict=True)])

    def loss(theta: Floats) -> tuple[float, Floats]:
        bits = path @ theta[:-1]
        odds = shown @ bits + theta[-1]
        off = (bits - before) / width
        likelihood = same * np.logaddexp(0, -odds) + (pairs - same) * np.logaddexp(0, odds)
        error = pairs / (1 + np.exp(-odds)) - same
        slope = path.T @ (shown.T @ error + off / width)
        return float(likelihood.sum() + (off**2).sum() / 2), np.append(slope, error.sum())

    found = minimize(
        loss,
        np.append(mean, start.prior * _BITS),
        jac=True,
        method="L-BFGS-B",
        bounds=[*bounds, (None, None)],
        options={"maxiter": 2000, "maxfun": 4000},
    ).x
    bits = np.round((path @ found[:-1]) / _BITS, 1)
    given = {(c.name, level.number): float(b) + 0.0 for (c, level), b in zip(levels, bits, strict=True)}
    return replace(
        start,
        version=version,
        fitted_on=fitted_on,
        measured=None,
        prior=float(np.round(found[-1] / _BITS, 1)),
        comparisons=tuple(_with_bits(c, given) for c in start.comparisons),
    )


def _with_bits(comparison: Comparison, bits: Mapping[tuple[str, int], float]) -> Comparison:
    levels = tuple(Level(v.number, v.says, bits[comparison.name, v.number]) for v in comparison.levels)
    return replace(comparison, levels=levels)


def _shown(patterns: list[int], model: Model, levels: list[tuple[Comparison, Level]]) -> Floats:
    """Which level each pattern shows: patterns x levels, ones and zeros."""
    place = {(c.name, level.number): column for column, (c, level) in enumerate(levels)}
    shown = np.zeros((len(patterns), len(levels)))
    for row, pattern in enumerate(patterns):
        for name, number in model.levels(pattern).items():
            if (name, number) in place:
                shown[row, place[name, number]] = 1.0
    return shown


def _steps(model: Model, levels: list[tuple[Comparison, Level]]) -> tuple[Floats, list[tuple[float | None, float | None]]]:
    """The matrix from steps to bits, and the bounds of the steps: a falling level is the one above it plus a step
    below zero.
    """
    place = {(c.name, level.number): row for row, (c, level) in enumerate(levels)}
    path = np.eye(len(levels))
    bounds: list[tuple[float | None, float | None]] = [(None, None)] * len(levels)
    for comparison in model.comparisons:
        above: int | None = None
        for number in comparison.falling:
            row = place[comparison.name, number]
            if above is not None:
                path[row] += path[above]
                bounds[row] = (None, -_SLACK)
            above = row
    return path, bounds


def fit_files(
    paths: list[Path],
    truth: str | None,
    profile: Profile,
    start: Model,
    *,
    version: str,
    say: Callable[[str], None] = lambda _: None,
) -> Model:
    """A model fitted on CSV files as `evaluation.read_labelled` reads them: from the column `truth`, or without labels."""
    labelled = read_labelled(paths, truth or "record_id")
    statements = as_records(labelled, profile, None)
    names = ", ".join(path.name for path in paths)
    if truth is None:
        return fit_unlabelled(statements, start, version=version, fitted_on=f"{names}, without labels", say=say)
    known = labelled.filter(pl.col(truth).is_not_null() & (pl.col(truth).str.strip_chars() != ""))
    if PROVISIONAL in known.columns:
        known = known.filter(pl.col(PROVISIONAL).fill_null("0") != "1")
    entities = known.select("record_id", entity=pl.col(truth))
    return fit_labelled(statements, entities, start, version=version, fitted_on=f"{names}, by {truth}", say=say)


def fit_labelled(
    statements: pl.DataFrame,
    truth: pl.DataFrame,
    start: Model,
    *,
    version: str,
    fitted_on: str,
    say: Callable[[str], None] = lambda _: None,
) -> Model:
    """A model fitted on statements (columns of cleaned.records) whose persons are known: `truth` (`record_id`, `entity`).

    Each pair is shown twice, once with its dates of birth hidden, so that what ages alone say is learnt as well. Then
    the prior is raised as far as the statements' own clusters get better (the mean of the F1 of pairs and of exact
    clusters).
    """
    start = with_shares(start, statements, _COMMON_FROM)
    person = dict(truth.select("record_id", "entity").iter_rows())
    hidden = statements.with_columns(birth_first=pl.lit(None, pl.Date), birth_last=pl.lit(None, pl.Date))
    shown = []
    for part in (statements, hidden):
        pairs = _compared(part, start).with_columns(
            x=pl.col("record_a").replace_strict(person, default=None),
            y=pl.col("record_b").replace_strict(person, default=None),
        )
        shown.append(pairs.drop_nulls(["x", "y"]).select("pattern", same=pl.col("x") == pl.col("y")))
    patterns = pl.concat(shown).group_by("pattern").agg(pairs=pl.len(), same=pl.col("same").sum()).sort("pattern")
    say(f"{patterns['pairs'].sum():,} labelled pairs in {patterns.height:,} patterns")
    fitted = fit(patterns, start, version=version, fitted_on=fitted_on)
    tried = []
    for shift in _SHIFTS:
        model = replace(fitted, prior=round(fitted.prior + shift, 1))
        found = score(truth, link(hidden, Constraints(), model).victim_records)
        tried.append(((found["pairs"]["f1"] + found["exact_clusters"]["f1"]) / 2, -shift, model))
        say(
            f"prior {model.prior:+.1f}: pairs F1 {found['pairs']['f1']:.4f},"
            f" exact clusters F1 {found['exact_clusters']['f1']:.4f}"
        )
    return max(tried, key=lambda t: t[:2])[2]


def fit_unlabelled(
    statements: pl.DataFrame, start: Model, *, version: str, fitted_on: str, say: Callable[[str], None] = lambda _: None
) -> Model:
    """A model fitted on statements alone: what the model at hand makes of them is taken as the truth, until nothing
    changes.
    """
    model = with_shares(start, statements, _COMMON_FROM)
    pairs = _compared(statements, model)
    before: pl.DataFrame | None = None
    for turn in range(_ROUNDS):
        found = link(statements, Constraints(), model).victim_records
        victim = dict(found.select("record_id", "victim_id").iter_rows())
        told = pairs.select(
            "pattern",
            same=pl.col("record_a").replace_strict(victim, default=None)
            == pl.col("record_b").replace_strict(victim, default=None),
        )
        patterns = told.group_by("pattern").agg(pairs=pl.len(), same=pl.col("same").sum()).sort("pattern")
        say(f"round {turn + 1}: {patterns['same'].sum():,} of {patterns['pairs'].sum():,} pairs are one person")
        if before is not None and patterns.equals(before):
            break
        before = patterns
        model = replace(
            fit(patterns, start, version=version, fitted_on=fitted_on), shares=model.shares, rare_share=model.rare_share
        )
    return model


def _compared(statements: pl.DataFrame, model: Model) -> pl.DataFrame:
    with TemporaryDirectory(prefix="fitting-") as folder, Warehouse(Path(folder) / "linkage.duckdb").writing() as write:
        return compared_pairs(write, statements, Constraints(), model)
