"""The `reports` stage: a month's figures and massacres read from the warehouse, rendered, and listed with their hashes."""

import hashlib
import json
import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import polars as pl

from casualty_pipeline.captures.sources import Source
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.identities import contradictions
from casualty_pipeline.figures.months import year_to
from casualty_pipeline.home import Home
from casualty_pipeline.profile import Profile
from casualty_pipeline.profile.boundaries import geometry
from casualty_pipeline.reporting import Massacre, MonthReport, Written, write_month
from casualty_pipeline.reporting.model import Interval, LinkageQuality
from casualty_pipeline.reporting.notable import notable_cases
from casualty_pipeline.reporting.open_data import Geometry
from casualty_pipeline.tables import FIGURE_COLUMNS
from casualty_pipeline.warehouse import Reading, Warehouse

FEW_MONTHS = 6
_MASSACRES = """
    select
        i.incident_id, i.incident_first as first, i.incident_last as last, i.governorate, i.place, i.place_ar,
        i.party, i.category,
        i.attribution, i.civilians, i.area_of_control, d.mechanism, d.attacks,
        cast(coalesce(sum(v.persons) filter (where starts_with(v.demographic, 'child')), 0) as integer) as children,
        cast(coalesce(sum(v.persons) filter (where v.demographic = 'child_male'), 0) as integer) as children_male,
        cast(coalesce(sum(v.persons) filter (where v.demographic = 'child_female'), 0) as integer) as children_female,
        cast(coalesce(sum(v.persons) filter (where v.demographic = 'woman'), 0) as integer) as women
    from attributed.incidents as i
    inner join attributed.victims as v on i.incident_id = v.incident_id and v.in_massacre
    inner join deduplicated.incidents as d on i.incident_id = d.incident_id
    where i.documentation_month = $month and i.massacre
    group by all
    order by i.incident_first, i.incident_id
"""
_AFFILIATIONS = """
    select v.special_group, v.party, v.affiliation, cast(sum(v.persons) as integer) as persons
    from attributed.victims as v
    where v.documentation_month = $month and (v.in_civilians or v.in_torture)
        and v.special_group is not null and v.affiliation is not null
    group by all
    order by all
"""
_QUALITY = "select measure, value, low, high, judged, judged_on, lists from deduplicated.quality"


def write_reports(home: Home, months: Sequence[str], sources: Sequence[Source]) -> dict[str, list[Written]]:
    """Write the report of each month beneath `reports/<month>/` and list its files in `reports.bundles`."""
    warehouse, written = Warehouse(home.warehouse), dict[str, list[Written]]()
    with warehouse.reading() as reading:
        reports = [month_report(reading, home.profile, month, sources) for month in months]
    for report, files in zip(reports, write_all(home.profile, reports, home.reports), strict=True):
        written[report.month] = files
    rows = [
        {
            "month": month,
            "path": item.path.relative_to(home.path).as_posix(),
            "language": item.language,
            "format": item.format,
            "size_bytes": item.size,
            "sha256": item.sha256,
        }
        for month, items in written.items()
        for item in items
    ]
    with warehouse.writing() as write:
        write.replace_months("reports.bundles", months, pl.DataFrame(rows))
    return written


def write_all(profile: Profile, reports: Sequence[MonthReport], folder: Path) -> list[list[Written]]:
    """Write each report beneath `folder/<month>/`, with its comparison where the profile has published figures.

    Many months are written on all cores, a few right here, since a process takes a second to start.
    """
    count = len(reports)
    if count <= FEW_MONTHS:
        return [_write(profile, report, folder) for report in reports]
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(_write, [profile] * count, reports, [folder] * count, chunksize=4))


def _write(profile: Profile, report: MonthReport, folder: Path) -> list[Written]:
    published_file = profile.published(report.month)
    published: pl.DataFrame | None = None
    found: tuple[Mapping[str, str], ...] = ()
    if published_file is not None:
        published = pl.read_csv(published_file, schema_overrides=dict.fromkeys(FIGURE_COLUMNS[:-1], pl.String))
        found = tuple(c.sentence for c in contradictions(published, profile, complete=False))
    return write_month(report, folder / report.month, published, contradictions=found, geometry=drawn(profile))


def drawn(profile: Profile) -> Geometry | None:
    """The boundary of each governorate; None where the profile has none."""
    return geometry(profile).get if profile.boundaries else None


def month_report(reading: Reading, profile: Profile, month: str, sources: Sequence[Source]) -> MonthReport:
    """Everything that a month's report states, as the warehouse has it. Raises CasualtyError where there are no figures."""
    columns = ", ".join(FIGURE_COLUMNS)
    figures = reading.frame(f"select {columns} from monthly.figures where month = $month order by all", {"month": month})
    if figures.is_empty():
        raise CasualtyError(f"no figures of {month}: materialise `monthly` for it first")
    months = reading.frame(
        f"""
        select {columns} from monthly.figures
        where month in (select unnest($months)) and period = month and party = '' and category = '' and governorate = ''
            and population in ('civilians', 'torture', 'massacres') and demographic in ('all', 'child', 'woman')
            and measure = 'count'
        order by all
        """,
        {"months": year_to(month)},
    )
    inputs = reading.frame(
        "select input_month, sha256 from monthly.figure_inputs where month = $month order by all", {"month": month}
    )
    linkage = _linkage(reading)
    digest = hashlib.sha256("".join(f"{m}:{sha}\n" for m, sha in inputs.iter_rows()).encode()).hexdigest()
    present = reading.connection.execute("select distinct source from captures.manifest").fetchall()
    generated = {s.id for s in sources if s.synthetic}
    return MonthReport(
        profile=profile,
        month=month,
        figures=figures,
        months=months,
        massacres=tuple(Massacre(**row) for row in reading.frame(_MASSACRES, {"month": month}).to_dicts()),
        affiliations=tuple(reading.frame(_AFFILIATIONS, {"month": month}).iter_rows()),
        synthetic=any(source in generated for (source,) in present),
        digest=digest,
        linkage=linkage,
        cases=notable_cases(reading, [month]),
    )


def _linkage(reading: Reading) -> LinkageQuality:
    """What deduplicated.quality holds for readers."""
    rows = {row["measure"]: row for row in reading.frame(_QUALITY).to_dicts()}

    def interval(measure: str) -> Interval | None:
        row = rows.get(measure)
        if row is None or row["value"] is None:
            return None
        return Interval(100 * row["value"], 100 * row["low"], 100 * row["high"])

    whole, lists = rows.get("recall", {}), [rows[name] for name in ("precision_on_lists", "recall_on_lists") if name in rows]
    return LinkageQuality(
        precision=interval("precision"),
        recall=interval("recall"),
        judged=whole.get("judged", 0),
        judged_on=whole.get("judged_on"),
        lists=json.loads(lists[0]["lists"]) if lists else {},
        on_lists=(100 * lists[0]["value"], 100 * lists[1]["value"]) if lists else (0.0, 0.0),
    )
