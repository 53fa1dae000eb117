"""Invented figures of a month, complete as `monthly` makes them, for the report's tests.

Not computed: spread from a few stated tolls, so that totals, parties and zeros are all there.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from casualty_pipeline.profile import load_profile
from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.reporting import Massacre, MonthReport
from casualty_pipeline.tables import FIGURE_COLUMNS

MONTH = "2020-03"
DEMOGRAPHICS = ("all", "man", "woman", "child", "child_male", "child_female", "women_and_children", "unknown")
# (party, category): all, children, women. The published tolls of the month that the requirements reproduce.
CIVILIANS = {
    ("syrian_regime", ""): (36, 5, 3),
    ("russia", ""): (19, 2, 7),
    ("extremist_islamist", ""): (2, 0, 0),
    ("extremist_islamist/hts", ""): (2, 0, 0),
    ("sdf", ""): (12, 2, 0),
    ("other", ""): (76, 19, 6),
    ("other", "landmine_unknown_origin"): (13, 2, 1),
    ("other", "gunfire_unknown_source"): (28, 3, 1),
    ("other", "turkish_border_guards"): (2, 0, 0),
    ("other", "bombing_unidentified"): (20, 9, 1),
    ("other", "killing_by_unknown_persons"): (10, 2, 3),
    ("other", "drowning"): (3, 3, 0),
}
GOVERNORATES = {"SY07": 41, "SY09": 30, "SY12": 22, "SY02": 21, "SY08": 16, "SY11": 9, "SY04": 4, "SY13": 2}
TORTURE = {("syrian_regime", ""): (12, 0, 0), ("other", ""): (2, 0, 0)}
MEDICAL = {
    ("extremist_islamist", ""): (1, 0, 0),
    ("extremist_islamist/hts", ""): (1, 0, 0),
    ("other", ""): (1, 0, 0),
    ("other", "gunfire_unknown_source"): (1, 0, 0),
}
MASSACRES = {
    ("syrian_regime", ""): (1, 0, 0),
    ("russia", ""): (2, 0, 0),
    ("sdf", ""): (1, 0, 0),
    ("other", ""): (1, 0, 0),
    ("other", "bombing_unidentified"): (1, 0, 0),
}
MASSACRE_VICTIMS = {
    ("syrian_regime", ""): (5, 1, 0),
    ("russia", ""): (20, 3, 11),
    ("sdf", ""): (5, 2, 0),
    ("other", ""): (12, 9, 0),
    ("other", "bombing_unidentified"): (12, 9, 0),
}
Tolls = Mapping[tuple[str, str], tuple[int, int, int]]
MARCH: Mapping[str, Tolls] = {
    "civilians": CIVILIANS,
    "torture": TORTURE,
    "medical": MEDICAL,
    "massacres": MASSACRES,
    "massacre_victims": MASSACRE_VICTIMS,
}
CONTRADICTIONS = ({"en": "A part is larger than its whole.", "ar": "الجزء أكبر من الكل."},)
BEFORE = {"civilians": (562, 139, 73), "torture": (25, 0, 0), "massacres": (21, 0, 0), "medical": (7, 0, 0)}

KILLED = Massacre(
    incident_id="I-0001",
    first=date(2020, 3, 1),
    last=date(2020, 3, 1),
    governorate="SY02",
    place="Kafr Example",
    party="syrian_regime",
    category=None,
    attribution="established",
    civilians=5,
    children=1,
    children_male=0,
    children_female=0,
    women=0,
    area_of_control="the invented council",
)


def massacres() -> tuple[Massacre, ...]:
    """Five invented massacres: one for each way of holding somebody responsible, and of dating and placing it."""

    def like(**changes: object) -> Massacre:
        return Massacre(**(KILLED.__dict__ | changes))

    russian = {"party": "russia", "attribution": "believed", "governorate": "SY07"}
    return (
        KILLED,
        like(incident_id="I-0002", first=date(2020, 3, 5), last=date(2020, 3, 5), place="Tell Example", **russian,
             civilians=15, children=2, children_female=2, women=7),
        like(incident_id="I-0003", first=date(2020, 3, 9), last=date(2020, 3, 10), place=None, **russian,
             children=1, children_female=1, women=4, area_of_control=None),
        like(incident_id="I-0004", first=None, last=None, party="sdf", children=2, children_male=2),
        like(incident_id="I-0005", first=date(2020, 3, 29), last=date(2020, 3, 29), party="other", governorate="SY08",
             category="bombing_unidentified", attribution="unidentified", civilians=12, children=9, children_male=8,
             children_female=1),
    )  # fmt: skip


def _demographics(population: str, toll: tuple[int, int, int]) -> dict[str, int]:
    everyone, children, women = toll
    if population == "massacres":
        return {"all": everyone}
    girls = {3: 3, 2: 0, 1: 1}.get(children, children // 3) if population == "massacre_victims" else children // 2
    return {
        "all": everyone,
        "man": everyone - children - women,
        "woman": women,
        "child": children,
        "child_male": children - girls,
        "child_female": girls,
        "women_and_children": children + women,
        "unknown": 0,
    }


def _frame(rows: list[tuple[str, str, str, str, str, str, str, float]]) -> pl.DataFrame:
    schema = dict.fromkeys(FIGURE_COLUMNS[:-1], pl.String) | {"value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def figures(
    profile: Profile,
    tolls: Mapping[str, Tolls] = MARCH,
    governorates: Mapping[str, int] = GOVERNORATES,
    before: Mapping[str, tuple[int, int, int]] = BEFORE,
    month: str = MONTH,
) -> pl.DataFrame:
    """All figures of a month, zeros included."""
    rows: list[tuple[str, str, str, str, str, str, str, float]] = []

    def add(period: str, population: str, party: str, category: str, governorate: str, toll: Counter[str]) -> None:
        rows.extend((period, population, party, category, governorate, d, "count", float(n)) for d, n in toll.items())

    reported = [p.id for p in profile.reported_parties()]
    groups = [g.id for g in profile.special_groups]
    for population in ("civilians", "torture", *groups, "massacres", "massacre_victims"):
        given = tolls.get(population, {})
        total: Counter[str] = Counter()
        for key in {**dict.fromkeys((party, "") for party in reported), **dict.fromkeys(given)}:
            toll = Counter(_demographics(population, given.get(key, (0, 0, 0))))
            for period in (month, f"{month[:4]}-01..{month}"):
                add(period, population, *key, "", toll)
            if not key[1] and "/" not in key[0]:
                for demographic, number in toll.items():
                    total[demographic] += number
        add(month, population, "", "", "", total)
        earlier = _demographics(population, before.get(population, (0, 0, 0)))
        since = Counter({d: n + earlier[d] for d, n in total.items()})
        add(f"{month[:4]}-01..{month}", population, "", "", "", since)
        for region in profile.governorates:
            here = governorates.get(region.pcode, 0) if population == "civilians" else 0
            add(month, population, "", "", region.pcode, Counter(_demographics(population, (here, 0, 0))))
        if population == "civilians" and total["all"]:
            rows.extend(
                (month, population, party, "", "", "all", "percent", round(100 * toll[0] / total["all"], 2))
                for party, toll in ((p, given.get((p, ""), (0, 0, 0))) for p in reported)
            )
        if population == "massacre_victims" and total["all"]:
            share = float(round(100 * total["women_and_children"] / total["all"]))
            rows.append((month, population, "", "", "", "women_and_children", "percent", share))
    return _frame(rows)


def months(frame: pl.DataFrame, month: str = MONTH) -> pl.DataFrame:
    """The month's totals, and before them two invented months."""
    this = frame.filter(
        (pl.col("period") == month)
        & (pl.col("party") == "")
        & (pl.col("governorate") == "")
        & (pl.col("measure") == "count")
        & pl.col("population").is_in(["civilians", "torture", "massacres"])
        & pl.col("demographic").is_in(["all", "child", "woman"])
    )
    earlier = [
        ("2020-01", "civilians", 286, 73, 30),
        ("2020-02", "civilians", 276, 66, 43),
        ("2020-01", "torture", 7, 0, 0),
        ("2020-02", "torture", 18, 0, 0),
        ("2020-01", "massacres", 11, None, None),
        ("2020-02", "massacres", 10, None, None),
    ]
    rows = [
        (period, population, "", "", "", demographic, "count", float(value))
        for period, population, *values in earlier
        for demographic, value in zip(("all", "child", "woman"), values, strict=True)
        if value is not None
    ]
    return pl.concat([_frame(rows), this])


def march() -> MonthReport:
    """A synthetic month with everything in it."""
    profile = load_profile("syria")
    frame = figures(profile)
    return MonthReport(
        profile=profile,
        month=MONTH,
        figures=frame,
        months=months(frame),
        massacres=massacres(),
        affiliations=(("medical", "extremist_islamist/hts", "Example Red Crescent", 1),),
        synthetic=True,
        digest="0123456789abcdef" * 4,
    )


def empty() -> MonthReport:
    """A month in which nobody was documented killed."""
    profile = load_profile("syria")
    frame = figures(profile, tolls={}, governorates={}, before={}, month="2020-01")
    return MonthReport(
        profile=profile,
        month="2020-01",
        figures=frame,
        months=frame.filter((pl.col("period") == "2020-01") & (pl.col("party") == "") & (pl.col("governorate") == "")),
        massacres=(),
        affiliations=(),
        synthetic=False,
        digest="f" * 64,
    )


def published(profile: Profile, month: str = MONTH) -> pl.DataFrame:
    """The restated published figures of a month, as the profile ships them."""
    path: Path | None = profile.published(month)
    assert path is not None
    texts = dict.fromkeys(FIGURE_COLUMNS[:-1], pl.String)
    return pl.read_csv(path, schema_overrides={**texts, "value": pl.Float64}).with_columns(pl.col(*texts).fill_null(""))
