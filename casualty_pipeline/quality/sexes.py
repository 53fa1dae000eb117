"""Captures whose people have another sex than their given names have elsewhere: a code read the wrong way round, or two
columns exchanged.

A given name tells a sex where nearly all who bear it in other captures have that one. Nobody's sex is ever set, or doubted,
by a name alone: what is told is a capture nearly all of whose people go against their names.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from casualty_pipeline.warehouse import Reading

BEARERS, ONE_SEX = 5, 0.9  # in other captures: how many bear a name that tells a sex, and which share of them has it
SHARE, LEAST = 0.8, 5  # of a capture's people of a month whose names tell a sex; and how many of them
YEARS = 2  # of statements, before the months asked for, to learn names from: so that a month costs the same in any year


@dataclass(frozen=True)
class Swapped:
    """A capture nearly all of whose people of a month have another sex than their given names elsewhere."""

    month: str
    capture: str
    source: str
    against: int
    compared: int

    @property
    def sentence(self) -> str:
        """`registry: 28 of 30 people of the capture 0a1b... have the other sex than nearly all others ...`."""
        return (
            f"{self.source}: {self.against} of {self.compared} people of the capture {self.capture[:16]} have the other sex "
            "than nearly all others of their given name; look whether its codes or columns are exchanged"
        )


def swapped_captures(reading: Reading, months: Sequence[str]) -> list[Swapped]:
    """The captures of these months in which sexes seem to be exchanged."""
    if not months:
        return []
    first, last = min(months), max(months)
    rows = reading.frame(
        """
        with told as (
            select c.documentation_month as month, r.capture_sha256 as capture, c.source,
                split_part(coalesce(c.name_ar_normal, c.name_en_normal), ' ', 1) as given, c.sex
            from cleaned.records as c inner join captures.records as r on c.record_id = r.record_id
            where c.documentation_month between $from and $to and c.sex in ('male', 'female')
                and coalesce(c.name_ar_normal, c.name_en_normal) is not null
        ),

        borne as (
            select given, count(*) filter (where sex = 'male') as male, count(*) as bearers from told group by given
        ),

        own as (
            select capture, given, count(*) filter (where sex = 'male') as male, count(*) as bearers
            from told group by capture, given
        ),

        elsewhere as (
            select o.capture, o.given, (b.male - o.male) / (b.bearers - o.bearers) as share_male
            from own as o inner join borne as b on o.given = b.given
            where b.bearers - o.bearers >= $bearers
        )

        select t.month, t.capture, t.source,
            (count(*) filter (where (t.sex = 'male') <> (e.share_male >= $one_sex)))::integer as against,
            count(*)::integer as compared
        from told as t
        inner join elsewhere as e on t.capture = e.capture and t.given = e.given
        where t.month in (select unnest($months)) and greatest(e.share_male, 1 - e.share_male) >= $one_sex
        group by t.month, t.capture, t.source
        having against >= $least and against >= $share * compared
        order by all
        """,
        {
            "from": f"{int(first[:4]) - YEARS}{first[4:]}",
            "to": last,
            "months": list(months),
            "bearers": BEARERS,
            "one_sex": ONE_SEX,
            "share": SHARE,
            "least": LEAST,
        },
    )
    return [Swapped(*row) for row in rows.iter_rows()]
