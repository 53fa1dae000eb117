"""What became of Airwars' export: what came in, what waits in quarantine and why, and our tolls beside Airwars' own ranges.

    casualty ingest ../shared/data/airwars-syria --source airwars --home H
    casualty run --month 2016-01 --through 2019-12 --home H
    python -m benchmarks.airwars H

Prints Markdown for docs/evaluation.md. No names: counts only.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Warehouse

TABLES: Sequence[tuple[str, Sequence[str], str]] = (
    (
        "Statements",
        ("statement", "read", "in the 48 months", "cleaned", "in quarantine"),
        """
        select r.statement, count(*),
            count(*) filter (r.documentation_month in (select documentation_month from cleaned.month_inputs)),
            count(*) filter (r.record_id in (select record_id from cleaned.records)),
            count(*) filter (r.record_id in (select record_id from cleaned.quarantine))
        from captures.records as r group by r.statement
        """,
    ),
    (
        "Quarantine, by rule",
        ("rule", "statements"),
        "select rule, count(distinct record_id) from cleaned.quarantine group by rule",
    ),
    (
        "The commonest values",
        ("field", "value", "statements"),
        """
        select field, value, count(*) from cleaned.quarantine
        where field <> 'documented_date' group by field, value order by count(*) desc, field, value limit 12
        """,
    ),
    (
        "Victims, counted or not",
        ("reason why not", "victims", "persons"),
        "select coalesce(not_counted_reason, '(counted)'), count(*), sum(persons) from attributed.victims group by all",
    ),
    (
        "Attribution of incidents",
        ("status", "incidents"),
        "select attribution, count(*) from attributed.incidents group by attribution",
    ),
    (
        "Civilians by year of publication, beside Airwars' own minimum and maximum (discounted incidents left out)",
        ("year", "Airwars at least", "ours", "Airwars at most"),
        """
        with stated as (
            select left(documentation_month, 4) as year, sum(killed_min) as least, sum(killed_max) as most
            from cleaned.records where statement = 'incident' and coalesce(assessment, '') <> 'discounted' group by all
        ),
        ours as (
            select left(documentation_month, 4) as year, sum(persons) as persons
            from attributed.victims where in_civilians group by all
        )
        select year, least, persons, most from stated inner join ours using (year)
        """,
    ),
    (
        "Records and victims",
        ("named records", "named victims", "records merged into another's victim"),
        """
        select count(*), count(distinct victim_id), count(*) - count(distinct victim_id)
        from deduplicated.victim_records inner join cleaned.records using (record_id)
        where statement = 'person' and not unnamed
        """,
    ),
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    with Warehouse(Home(parser.parse_args().home).warehouse).reading() as reading:
        for title, header, sql in TABLES:
            print(f"\n**{title}**\n\n| {' | '.join(header)} |\n|{'---|' * len(header)}")
            ordered = sql if "order by" in sql else f"{sql} order by all"
            for row in reading.connection.execute(ordered).fetchall():
                print("| " + " | ".join(f"{v:,}" if isinstance(v, int) else str(v) for v in row) + " |")


if __name__ == "__main__":
    main()
