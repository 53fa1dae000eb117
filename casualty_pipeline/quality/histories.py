"""The numbers of a month and of the months before it that plausibility looks at. Ids and counts only: no names.

Reports come late: of a month that just ended, less is known than of those before, always. So counts of earlier months are
taken as they were known at the same age (days since the end of the month); where that leaves less than half, because a
history was loaded at once, they are taken whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from statistics import median

from casualty_pipeline.figures.months import months_between, next_month
from casualty_pipeline.quality.plausibility import MOST
from casualty_pipeline.warehouse import Reading

Counts = Mapping[str, Sequence[int]]
Shares = Mapping[str, Sequence[tuple[int, int]]]
_GONE_QUIET = 3  # months of silence after which a source is no more expected: then it is `delivers_every_days` that tells
# Of those that sources fill by themselves: the field, and the column that says that it is filled.
FIELDS = {
    "sex": "sex",
    "age": "coalesce(age_first::varchar, age_group)",
    "birth": "birth_first",
    "death_date": "death_first",
    "governorate": "governorate",
    "place": "coalesce(place, place_ar)",
    "party": "claim",
    "civilian_status": "civilian_status",
    "name_ar": "name_ar",
    "name_en": "name_en",
    "narrative": "narrative",
    "url": "url",
}
_OLDEST = 2 * MOST


def sources(reading: Reading, month: str) -> Counts:
    """Statements of each source."""
    return _aged(
        reading,
        month,
        "select documentation_month as month, source as series, known_at, 1 as n from cleaned.records",
    )


def parties(reading: Reading, month: str) -> Counts:
    """Counted persons of each party."""
    return _counted(reading, month, "v.party")


def governorates(reading: Reading, month: str) -> Counts:
    """Counted persons of each governorate where killed."""
    return _counted(reading, month, "v.governorate")


def _counted(reading: Reading, month: str, by: str) -> Counts:
    return _aged(
        reading,
        month,
        f"""
        select v.documentation_month as month, {by} as series, d.known_at, v.persons as n from attributed.victims as v
        inner join deduplicated.victims as d on v.victim_id = d.victim_id
        where v.in_civilians
        """,
    )


def fields(reading: Reading, month: str) -> Shares:
    """How many of each source's statements on persons have each field."""
    filled = ", ".join(f"count({column}) as {name}" for name, column in FIELDS.items())
    rows = reading.frame(
        f"""
        select documentation_month as month, source, count(*) as n, {filled} from cleaned.records
        where statement = 'person' and documentation_month between $first and $month group by all order by all
        """,
        _span(month),
    ).to_dicts()
    return _shares(
        month, ((f"{r['source']} {name}", r["month"], int(r[name]), int(r["n"])) for r in rows for name in FIELDS)
    )


def shares(reading: Reading, month: str) -> Shares:
    """Of the victims: unattributed, unverified. Of statements on persons: joined with another, asked of people."""
    rows = reading.frame(
        """
        with victims as (
            select documentation_month as month, count(*) as n,
                count(*) filter (where attribution in ('unidentified', 'undetermined')) as unattributed,
                count(*) filter (where not verified) as unverified
            from attributed.victims where documentation_month between $first and $month group by all
        ),

        linked as (
            select v.documentation_month as month, count(*) as n, count(*) filter (where v.records > 1) as joined
            from deduplicated.victims as v
            where v.documentation_month between $first and $month group by all
        ),

        asked as (
            select c.documentation_month as month, count(*) as n,
                count(*) filter (where p.record_id is not null) as in_review
            from cleaned.records as c
            left join (
                select distinct unnest(string_split(subject, '|')) as record_id
                from deduplicated.review_queue where kind = 'pair'
            ) as p on c.record_id = p.record_id
            where c.statement = 'person' and c.documentation_month between $first and $month group by all
        )

        select 'unattributed' as series, month, unattributed as part, n from victims
        union all select 'unverified', month, unverified, n from victims
        union all select 'victims joined from several records', month, joined, n from linked
        union all select 'records in review', month, in_review, n from asked
        order by all
        """,
        _span(month),
    )
    return _shares(month, ((s, m, int(part), int(n)) for s, m, part, n in rows.iter_rows()))


def _span(month: str) -> dict[str, object]:
    return {"first": _before(month), "month": month}


def _before(month: str) -> str:
    months = int(month[:4]) * 12 + int(month[5:]) - 1 - _OLDEST
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def _shares(month: str, rows: Iterable[tuple[str, str, int, int]]) -> Shares:
    found: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for series, of, part, n in rows:
        found[series][of] = (part, n)
    months = sorted({of for values in found.values() for of in values} | {month})
    return {s: [values.get(of, (0, 0)) for of in months] for s, values in sorted(found.items()) if month in values}


def _aged(reading: Reading, month: str, rows: str) -> Counts:
    """Counts of each series by month, those of earlier months as known at the same age: see above."""
    ends = "cast(month || '-01' as date) + interval 1 month"
    found = reading.frame(
        f"""
        with given as ({rows}),

        aged as (select month, series, n, greatest(date_diff('day', {ends}, known_at), 0) as days from given)

        select month, series, days, cast(sum(n) as integer) as n from aged
        where month between $first and $month group by all order by all
        """,
        _span(month),
    )
    known = reading.connection.execute("select max(known_at) from cleaned.records").fetchone()
    if found.is_empty() or known is None or known[0] is None:
        return {}
    age = max((known[0].date() - _first_day(next_month(month))).days, 0)
    whole: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    then: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for of, series, days, n in found.iter_rows():
        whole[series][of] += n
        then[series][of] += n if days <= age or of == month else 0
    months = _continuous(sorted({of for values in whole.values() for of in values} | {month}))
    return {
        series: _chosen([then[series][m] for m in months], [whole[series][m] for m in months])
        for series in sorted(whole)
        if _expected([whole[series][m] for m in months])
    }


def _chosen(then: list[int], whole: list[int]) -> list[int]:
    """As known at the same age, where that was most of it; else whole. A series begins with its first month."""
    known_then = not whole[:-1] or median(then[:-1]) >= median(whole[:-1]) / 2
    chosen = then if known_then else whole
    begins = next((n for n, value in enumerate(whole) if value), 0)
    return chosen[begins:]


def _expected(values: list[int]) -> bool:
    """Whether a series had anything in the month or lately."""
    return any(values[-_GONE_QUIET - 1 :])


def _continuous(months: list[str]) -> list[str]:
    """The months from the first to the last: one without anything is one of zeros."""
    return months_between(months[0], months[-1])


def _first_day(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)
