"""The `monthly` stage: attributed victims and incidents become figures."""

from collections.abc import Sequence

import polars as pl

from casualty_pipeline.figures.months import year_to
from casualty_pipeline.figures.registry import DEMOGRAPHICS, populations
from casualty_pipeline.profile import Profile
from casualty_pipeline.warehouse import Reading, Writing, read_sql


def since_january(month: str) -> str:
    """The period from January to a month, as the figure schema writes it."""
    return f"{month[:4]}-01..{month}"


def targets(months: Sequence[str]) -> pl.DataFrame:
    """month, period, input_month: which months of documentation go into which period of which month's figures."""
    rows = [(m, m, m) for m in months]
    rows += [(m, since_january(m), earlier) for m in months for earlier in year_to(m)]
    return pl.DataFrame(rows, schema=["month", "period", "input_month"], orient="row")


def compute_figures(write: Writing, months: Sequence[str], profile: Profile) -> None:
    """Replace the given months of `monthly.figures` and `monthly.figure_inputs`."""
    register_cells(write, targets(months), profile)
    write.replace_months("monthly.figures", months, read_sql("monthly.figures"))
    write.replace_months("monthly.ranges", months, read_sql("monthly.ranges"))
    write.replace_months("monthly.figure_inputs", months, read_sql("monthly.figure_inputs"))


def register_cells(reading: Reading, periods: pl.DataFrame, profile: Profile) -> None:
    """Make visible what `sql/monthly` reads beside victims: `periods`, as `targets` makes them, and the cells there are."""
    rounding = profile.rounding
    reading.register(
        targets=periods,
        populations=pl.DataFrame({"population": populations(profile)}),
        party_cells=pl.DataFrame({"party": ["", *(p.id for p in profile.reported_parties())]}),
        governorate_cells=pl.DataFrame({"governorate": [g.pcode for g in profile.governorates]}),
        demographics=pl.DataFrame(
            [(name, list(includes), name == "all") for name, includes in DEMOGRAPHICS.items()],
            schema=["demographic", "includes", "of_incidents"],
            orient="row",
        ),
        shares=pl.DataFrame(
            [
                ("civilians", "all", True, 10 ** rounding["party_share"]),
                ("massacre_victims", "women_and_children", False, 10 ** rounding["women_and_children_share"]),
            ],
            schema=["population", "demographic", "by_party", "scale"],
            orient="row",
        ),
    )
