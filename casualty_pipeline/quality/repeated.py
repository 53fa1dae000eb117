"""Captures that repeat an earlier one: the same rows under other keys, so that nothing says that they are the same.

A file imported twice under keys of its own making would count again whatever linkage doesn't join. The same key delivered
again is a correction, not a repetition; two sources that say the same are for linkage (R8). Only statements that name
somebody are compared: sparse rows are alike by chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from casualty_pipeline.tables import STATEMENT_FIELDS
from casualty_pipeline.warehouse import Reading

SHARE, LEAST = 0.5, 5  # of a capture's statements of a month; and how many, so that one reposted post isn't told
_KEYS = ("incident_ref", "url")  # not what is said, but where


@dataclass(frozen=True)
class Repeated:
    """A capture whose statements of a month mostly stand in an earlier one."""

    month: str
    capture: str
    source: str
    same: int
    statements: int
    earlier: str

    @property
    def sentence(self) -> str:
        """`121 of 136 statements are those of an earlier capture (sha256 0a1b...) under other keys`."""
        return (
            f"{self.source}: {self.same} of {self.statements} named statements of the capture {self.capture[:16]} stand in "
            f"the earlier capture {self.earlier[:16]}, under other keys"
        )


def repeated_captures(reading: Reading, months: Sequence[str]) -> list[Repeated]:
    """The captures that repeat an earlier one in a month."""
    said = ", ".join(f"r.{column.name}" for column in STATEMENT_FIELDS if column.name not in _KEYS)
    rows = reading.frame(
        f"""
        with named as (
            select documentation_month as month, capture_sha256 as capture, source, source_key, known_at, received_at,
                hash({said}) as said,
                received_at = min(received_at) over (partition by source, source_key) as new_key
            from captures.records as r
            where documentation_month in (select unnest($months)) and coalesce(name_ar, name_en) is not null
        ),

        found as (
            select n.month, n.capture, n.source, n.source_key, min_by(e.capture, (e.received_at, e.capture)) as earlier
            from named as n
            inner join named as e
                on n.month = e.month and n.said = e.said and n.capture <> e.capture
                and n.new_key and n.source = e.source and n.source_key <> e.source_key
                and (e.received_at, e.known_at, e.capture) < (n.received_at, n.known_at, n.capture)
            group by all
        ),

        total as (select month, capture, source, count(*) as statements from named group by all)

        select t.month, t.capture, t.source, count(*)::integer as same, t.statements::integer as statements,
            mode(f.earlier) as earlier
        from total as t
        inner join found as f on t.month = f.month and t.capture = f.capture and t.source = f.source
        group by t.month, t.capture, t.source, t.statements
        having count(*) >= $least and count(*) >= $share * t.statements
        order by all
        """,
        {"months": list(months), "share": SHARE, "least": LEAST},
    )
    return [Repeated(*row) for row in rows.iter_rows()]
