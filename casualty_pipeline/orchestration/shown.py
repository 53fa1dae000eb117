"""What is worth a look on an asset's page beside its row count: rows over the months as a small chart, reasons in a table.

Counts and rules only: what a record says never gets into Dagster. An image stands in the metadata itself, as Markdown, since
the page has no files of ours to show.
"""

import base64
from collections.abc import Mapping, Sequence

import dagster as dg

from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Reading

MONTHS_SHOWN = 36
_HEIGHT, _BAR, _GAP = 90, 14, 4
_FIGURES = (
    "select period, value from monthly.figures where period = month and population = 'civilians' and party = '' "
    "and category = '' and governorate = '' and demographic = 'all' and measure = 'count' order by all"
)
# Of a table: the title of what is shown, the head of its columns, and the query.
_REASONS: Mapping[str, tuple[str, str, str]] = {
    "captures.records": ("statements by source", "source", "select source, count(*) from captures.records group by all"),
    "captures.rejected": ("rejected by source", "source", "select source, count(*) from captures.rejected group by all"),
    "cleaned.quarantine": ("reasons", "rule", "select rule, count(*) from cleaned.quarantine group by all"),
    "cleaned.flags": ("reasons", "rule", "select rule, count(*) from cleaned.flags group by all"),
    "attributed.victims": (
        "why victims count or not",
        "reason",
        "select coalesce(not_counted_reason, 'counted'), count(*) from attributed.victims group by all",
    ),
}


def worth_a_look(reading: Reading, name: str) -> dict[str, dg.MetadataValue]:
    """What the page of a table shows of it: `rows_by_month` as an image, `reasons` as a table; nothing for most."""
    table, found = TABLE[name], dict[str, dg.MetadataValue]()
    if name == "monthly.figures":
        found["civilians_killed_by_month"] = _chart(
            "Civilians killed, by month", reading.connection.execute(_FIGURES).fetchall()
        )
    elif table.month:
        sql = f"select {table.month}, count(*) from {name} group by all order by all"
        found["rows_by_month"] = _chart(f"Rows of {name}, by month", reading.connection.execute(sql).fetchall())
    if name in _REASONS:
        title, head, sql = _REASONS[name]
        rows = reading.connection.execute(f"{sql} order by 2 desc, 1").fetchall()
        lines = [f"| {head} | rows |", "|---|---|", *(f"| {reason} | {count} |" for reason, count in rows)]
        found[title.replace(" ", "_")] = dg.MetadataValue.md("\n".join(lines) if rows else "none")
    return found


def _chart(title: str, rows: Sequence[tuple[str, float]]) -> dg.MetadataValue:
    """Bars of the last months, each with its number as a title, the highest and the last written beside them."""
    shown = rows[-MONTHS_SHOWN:]
    if not shown:
        return dg.MetadataValue.md("no rows yet")
    most = max(value for _, value in shown) or 1
    width = len(shown) * (_BAR + _GAP) + 90
    size = f'width="{width}" height="{_HEIGHT + 34}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">',
        f'<rect {size} fill="#ffffff"/><text x="2" y="12" fill="#333333">{title}</text>',
    ]
    for place, (month, value) in enumerate(shown):
        height = round(value / most * (_HEIGHT - 24), 1)
        where = f'x="{place * (_BAR + _GAP) + 2}" y="{round(_HEIGHT - height, 1)}" width="{_BAR}" height="{height}"'
        parts.append(f'<rect {where} fill="#004488"><title>{month}: {value:,.0f}</title></rect>')
    end = len(shown) * (_BAR + _GAP) + 6
    parts.append(f'<text x="{end}" y="34" fill="#333333">most: {most:,.0f}</text>')
    parts.append(f'<text x="{end}" y="{_HEIGHT}" fill="#333333">last: {shown[-1][1]:,.0f}</text>')
    parts.append(f'<text x="2" y="{_HEIGHT + 18}" fill="#333333">{shown[0][0]} to {shown[-1][0]}</text></svg>')
    image = base64.b64encode("".join(parts).encode()).decode()
    said = f"{title}: last {shown[-1][0]}, {shown[-1][1]:,.0f}"
    return dg.MetadataValue.md(f"![{said}](data:image/svg+xml;base64,{image})")
