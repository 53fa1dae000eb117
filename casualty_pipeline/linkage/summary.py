"""How linkage decided, in counts, and which victims are the most doubtful, by id: what may be shown without names."""

from casualty_pipeline.linkage.explain_pair import REFUSED
from casualty_pipeline.linkage.model import Model
from casualty_pipeline.warehouse import Reading

_LINKED = {
    "founded": "records that founded a victim",
    "evidence": "records joined by evidence",
    "decision": "records joined by decision",
}
_EVENTS = {"merged": "ids merged away", "split": "ids split off", "retired": "ids retired"}
_DOUBTFUL = """
    with asked as (
        select unnest(string_split(subject, '|')) as record_id, abs(weight) as distance
        from deduplicated.review_queue where kind = 'pair' and weight is not null
    )
    select v.victim_id from asked as a
    inner join deduplicated.victim_records as v on a.record_id = v.record_id
    where v.linked_by in ('founded', 'evidence', 'decision')
    group by v.victim_id order by min(a.distance), v.victim_id limit $count
"""


def how_decided(reading: Reading, model: Model) -> list[tuple[str, int]]:
    """What came of the records and of the pairs that were kept, in words, with how many; what didn't occur is left out."""

    def counts(sql: str) -> dict[str, int]:
        return dict(reading.connection.execute(sql).fetchall())

    about = {c.name: c.about for c in model.comparisons}
    linked = counts("select linked_by, count(*) from deduplicated.victim_records group by all")
    pairs = counts("select verdict, count(*) from deduplicated.pairs group by all")
    refused = counts("select refused, count(*) from deduplicated.pairs where refused is not null group by all order by all")
    events = counts("select event, count(*) from deduplicated.identity_events group by all")
    questions = counts("select kind, count(*) from deduplicated.review_queue group by all order by all")
    contradicted = counts("select relation, count(*) from deduplicated.constraints where contradicted group by all")
    rows = [(words, linked.get(name, 0)) for name, words in _LINKED.items()]
    rows += [
        ("pairs that people joined", pairs.get("must_link", 0)),
        ("pairs that people held apart", pairs.get("cannot_link", 0)),
        ("decisions that others contradict", sum(contradicted.values())),
        ("pairs of kin", pairs.get("kin", 0)),
    ]
    rows += [
        (f"pairs kept apart: {REFUSED.get(reason) or f'{about.get(reason, reason)} excludes it'}", count)
        for reason, count in refused.items()
    ]
    rows += [(words, events.get(name, 0)) for name, words in _EVENTS.items()]
    rows += [(f"open questions: {kind}", count) for kind, count in questions.items()]
    return [(words, count) for words, count in rows if count]


def most_doubtful(reading: Reading, count: int) -> list[str]:
    """The victims about which a pair is open, those first whose pair is closest to call: at most `count` ids."""
    rows = reading.connection.execute(_DOUBTFUL, {"count": count}).fetchall()
    return [str(victim) for (victim,) in rows]
