"""Days of documentation: to which day a victim belongs, for bulletins and for tracing their figures.

A victim belongs to the first day on which a record of the month that documented it was published (R9, R10). It is that day's
whichever month counts it: a late death counts with its massacre (R20).
"""

import re

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# victim_id and first_day of the victims documented in $documented_in; those without a day have none.
DOCUMENTED = """
    select v.victim_id, min(r.documented_on) as first_day
    from attributed.victims as v
    inner join deduplicated.victim_records as l on v.victim_id = l.victim_id
    inner join cleaned.records as r on l.record_id = r.record_id and r.documentation_month = v.documented_in
    where v.documented_in = $documented_in
    group by v.victim_id
"""


def is_day(period: str) -> bool:
    """Whether the period of a figure is a day: `2020-03-05`."""
    return _DAY.fullmatch(period) is not None
