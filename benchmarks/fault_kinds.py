"""Kinds of fault for `benchmarks/faults.py`, and how a random one of each is made in rows of the warehouse.

What belongs here: faults of tables, as a broken join or a bug would leave them after the rows were computed. Faults of the
files that come are in `fault_captures.py`, of published figures in `fault_figures.py`.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from casualty_pipeline.figures.months import next_month
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Writing

_RECORDS, _VICTIMS, _ATTRIBUTED = "cleaned.records", "deduplicated.victims", "attributed.victims"


@dataclass(frozen=True)
class Hand:
    """What a fault is made with: the transaction, the month whose rows it changes, and chance."""

    write: Writing
    month: str
    dice: random.Random

    def keys(self, table: str, where: str = "true", share: float = 0.0, least: int = 1) -> list[tuple[str, ...]]:
        """Keys of random rows of the month: `least` of them, or a share. Raises LookupError where there are fewer."""
        declared = TABLE[table]
        month = declared.month or next((c.name for c in declared.columns if c.name == "documentation_month"), "")
        columns = ", ".join(f'"{c}"::varchar' for c in declared.key)
        of_month = f"{month} = '{self.month}' and" if month else ""
        rows = self.write.connection.execute(
            f"select {columns} from {table} where {of_month} ({where}) order by all"
        ).fetchall()
        number = max(least, round(share * len(rows)))
        if len(rows) < number:
            raise LookupError(f"{table}: {len(rows)} rows where {where}, {number} are needed")
        return self.dice.sample(rows, number)

    def change(self, table: str, keys: Sequence[tuple[str, ...]], values: str) -> list[str]:
        """`update ... set values` in these rows; gives their keys as checks write them."""
        for key in keys:
            self.write.connection.execute(f"update {table} set {values} where {_where(table, key)}")
        return ["/".join(k) for k in keys]

    def drop(self, table: str, keys: Sequence[tuple[str, ...]]) -> list[str]:
        """Delete these rows; gives their keys."""
        for key in keys:
            self.write.connection.execute(f"delete from {table} where {_where(table, key)}")
        return ["/".join(k) for k in keys]

    def double(self, table: str, keys: Sequence[tuple[str, ...]]) -> list[str]:
        """Write these rows once more, as a join with two partners does; gives their keys."""
        for key in keys:
            self.write.connection.execute(f"insert into {table} by name select * from {table} where {_where(table, key)}")
        return ["/".join(k) for k in keys]

    def rows(self, sql: str) -> list[tuple[str, ...]]:
        """The rows of a query."""
        return self.write.connection.execute(sql).fetchall()

    def governorate(self, table: str) -> str:
        """A governorate in which the table has rows in the month."""
        found = self.rows(
            f"select distinct governorate from {table} where documentation_month = '{self.month}'"
            " and governorate is not null order by all"
        )
        return self.dice.choice(found)[0]


def _where(table: str, key: Sequence[str]) -> str:
    return " and ".join(
        f'"{column}"::varchar is not distinct from {"null" if value is None else repr(value)}'
        for column, value in zip(TABLE[table].key, key, strict=True)
    )


@dataclass(frozen=True)
class Fault:
    """A kind of fault: the table whose rows it changes, and what does it. `make` gives the keys of the guilty rows."""

    name: str
    table: str
    make: Callable[[Hand], list[str]]

    @property
    def stage(self) -> str:
        """The stage after which it is made."""
        return self.table.partition(".")[0]


def _set(name: str, table: str, values: str, where: str = "true", share: float = 0.0, least: int = 1) -> Fault:
    return Fault(name, table, lambda h: h.change(table, h.keys(table, where, share, least), values))


def _dropped(name: str, table: str, where: str = "true", share: float = 0.0) -> Fault:
    return Fault(name, table, lambda h: h.drop(table, h.keys(table, where, share)))


def _doubled(name: str, table: str, share: float = 0.0) -> Fault:
    return Fault(name, table, lambda h: h.double(table, h.keys(table, share=share)))


def _governorate_lost(table: str) -> Callable[[Hand], list[str]]:
    return lambda h: h.drop(table, h.keys(table, f"governorate = '{h.governorate(table)}'", share=1.0))


def _next_month(table: str) -> Callable[[Hand], list[str]]:
    month = TABLE[table].month or "documentation_month"
    return lambda h: h.change(table, h.keys(table, share=0.2), f"{month} = '{next_month(h.month)}'")


def _statements_lost(h: Hand) -> list[str]:
    """What is gone can't be named: the captures that lack it are."""
    keys = h.keys("captures.records", share=0.1)
    listed = ", ".join(repr(k) for (k,) in keys)
    captures = h.rows(f"select distinct capture_sha256 from captures.records where record_id in ({listed}) order by all")
    h.drop("captures.records", keys)
    return [sha for (sha,) in captures]


def _victims_lost(h: Hand) -> list[str]:
    """Their records lead to nobody."""
    keys = h.keys(_VICTIMS, share=0.1)
    listed = ", ".join(repr(k) for (k,) in keys)
    h.drop(_VICTIMS, keys)
    return [r for (r,) in h.rows(f"select record_id from deduplicated.victim_records where victim_id in ({listed})")]


def _incident_lost(h: Hand) -> list[str]:
    """Its victims belong to none."""
    key = h.keys("deduplicated.incidents")
    h.drop("deduplicated.incidents", key)
    return [v for (v,) in h.rows(f"select victim_id from {_VICTIMS} where incident_id = '{key[0][0]}'")]


def _links_lost(h: Hand) -> list[str]:
    keys = h.rows(
        f"select r.record_id, r.victim_id from deduplicated.victim_records as r inner join {_VICTIMS} as v"
        f" on r.victim_id = v.victim_id where v.documentation_month = '{h.month}' order by all"
    )
    lost = h.dice.sample(keys, 2)
    h.drop("deduplicated.victim_records", lost)
    return [record for record, _ in lost]


def _orphaned(h: Hand) -> list[str]:
    return h.change("captures.records", h.keys("captures.records"), f"capture_sha256 = '{h.dice.getrandbits(256):064x}'")


def _shifted(h: Hand) -> list[str]:
    keys = h.keys("cleaned.records", share=0.2)
    values = "sex = age_group, age_group = status, status = civilian_status, civilian_status = mechanism"
    return h.change("cleaned.records", keys, values)


def _sexes(table: str, where: str = "sex is not null") -> Callable[[Hand], list[str]]:
    return lambda h: h.change(
        table, h.keys(table, where, share=0.2), "sex = case sex when 'male' then 'female' else 'male' end"
    )


def _merged(h: Hand) -> list[str]:
    """Two victims become one: the records of the one speak of the other, which alone stays."""
    kept, gone = h.keys("deduplicated.victims", least=2)
    moved = h.rows(f"select record_id, '{kept[0]}' from deduplicated.victim_records where victim_id = '{gone[0]}'")
    h.write.connection.execute(
        f"update deduplicated.victim_records set victim_id = '{kept[0]}' where victim_id = '{gone[0]}'"
    )
    h.write.connection.execute(
        f"update deduplicated.victims set records = records + {len(moved)} where victim_id = '{kept[0]}'"
    )
    h.drop("deduplicated.victims", [gone])
    return [record for record, _ in moved]


def _divided(h: Hand) -> list[str]:
    """One victim becomes two: one of its records speaks of somebody new."""
    whole = h.keys("deduplicated.victims", "records > 1")[0][0]
    record = h.dice.choice(
        h.rows(f"select record_id from deduplicated.victim_records where victim_id = '{whole}' order by all")
    )[0]
    new = f"V-{h.dice.getrandbits(48):012x}"
    run = h.write.connection.execute
    run(
        f"insert into deduplicated.victims by name select * replace ('{new}' as victim_id, 1 as records)"
        f" from deduplicated.victims where victim_id = '{whole}'"
    )
    run(f"update deduplicated.victims set records = records - 1 where victim_id = '{whole}'")
    run(f"update deduplicated.victim_records set victim_id = '{new}' where record_id = '{record}'")
    return [record]


def _moved(table: str) -> Callable[[Hand], list[str]]:
    """Somebody is told of an incident that isn't theirs."""

    def make(h: Hand) -> list[str]:
        key = h.keys(table)
        here = h.rows(f"select incident_id from {table} where victim_id = '{key[0][0]}'")[0][0]
        other = h.dice.choice(h.keys("deduplicated.incidents", f"incident_id <> '{here}'", share=1.0))[0]
        return h.change(table, key, f"incident_id = '{other}'")

    return make


def _party(table: str) -> Callable[[Hand], list[str]]:
    """One party's rows get another party's name, as after a wrong mapping."""

    def make(h: Hand) -> list[str]:
        parties = [
            p
            for (p,) in h.rows(
                f"select distinct party from {table} where documentation_month = '{h.month}'"
                " and party <> 'other' order by all"
            )
        ]
        one = h.dice.choice(parties)
        other = h.dice.choice([p for p in ("syrian_regime", "russia", "isis") if p != one])
        return h.change(table, h.keys(table, f"party = '{one}'", share=1.0), f"party = '{other}'")

    return make


def _duplicated_month(h: Hand) -> list[str]:
    """The month's figures are those of another month, under its own name."""
    other = h.dice.choice([m for (m,) in h.rows("select distinct month from monthly.figures order by 1") if m != h.month])
    differ = h.rows(
        f"""
        select f.month, f.period, f.population, f.party, f.category, f.governorate, f.demographic, f.measure
        from monthly.figures as f inner join monthly.figures as o
            using (population, party, category, governorate, demographic, measure)
        where f.month = '{h.month}' and f.period = f.month and o.month = '{other}' and o.period = o.month
            and f.value <> o.value
            and f.measure = 'count'
        order by all
        """
    )
    run = h.write.connection.execute
    run(f"create or replace temp table copied as from monthly.figures where month = '{other}' and period = month")
    run(f"delete from monthly.figures where month = '{h.month}' and period = month")
    run(f"insert into monthly.figures by name select * replace ('{h.month}' as month, '{h.month}' as period) from copied")
    return ["/".join(k) for k in differ]


def _without_month(h: Hand) -> list[str]:
    """The toll since January lacks the month's own."""
    toll = "population = 'civilians' and party = '' and governorate = '' and demographic = 'all' and measure = 'count'"
    own = h.rows(f"select value from monthly.figures where month = '{h.month}' and period = month and {toll}")[0][0]
    return h.change("monthly.figures", h.keys("monthly.figures", f"period <> month and {toll}"), f"value = value - {own}")


_COUNT = "measure = 'count' and demographic = 'all'"
_MONTHS_OWN = "period = month"


def _figure(name: str, where: str, value: str, share: float = 0.0) -> Fault:
    table = "monthly.figures"
    return Fault(name, table, lambda h: h.change(table, h.keys(table, where, share), f"value = {value}"))


def _exchanged(dimension: str, where: str) -> Callable[[Hand], list[str]]:
    """All figures of two parties, demographics or governorates of the month stand in each other's place."""

    def make(h: Hand) -> list[str]:
        values = h.rows(
            f"select distinct {dimension} from monthly.figures where month = '{h.month}' and period = month and {where}"
            f" and {dimension} <> '' and population = 'civilians' and value > 0 order by all"
        )
        if len(values) < 2:
            raise LookupError("there are no two")
        one, other = (v for (v,) in h.dice.sample(values, 2))
        sql = f"""
            select f.month, f.period, f.population, f.party, f.category, f.governorate, f.demographic, f.measure, o.value
            from monthly.figures as f inner join monthly.figures as o
                on {" and ".join(f"f.{c} = o.{c}" for c in TABLE["monthly.figures"].key if c != dimension)}
            where f.month = '{h.month}' and f.period = f.month
                and (f.{dimension}, o.{dimension}) in (('{one}', '{other}'), ('{other}', '{one}')) and f.value <> o.value
            order by all
            """
        found = h.rows(sql)
        if not found:
            raise LookupError("the two have the same figures")
        for *key, value in found:
            h.change("monthly.figures", [tuple(key)], f"value = {value}")
        return ["/".join(key) for *key, _ in found if key[-1] == "count"]

    return make


def _figures_of_governorate_lost(h: Hand) -> list[str]:
    where = "period = month and population = 'civilians' and demographic = 'all' and governorate <> '' and value > 0"
    key = h.keys("monthly.figures", where)[0]
    h.write.connection.execute(f"delete from monthly.figures where month = '{h.month}' and governorate = '{key[5]}'")
    return [f"{h.month}:civilians"]  # what is left doesn't add up to it


TABLES = (
    Fault("statements lost between file and table", "captures.records", _statements_lost),
    _doubled("statements written twice", "captures.records", share=0.1),
    _set("a statement's month is none (2020-13)", "captures.records", "documentation_month = '2020-13'"),
    Fault("a statement's capture isn't in the archive", "captures.records", _orphaned),
    Fault("a governorate lost in cleaning", _RECORDS, _governorate_lost(_RECORDS)),
    _doubled("records doubled by a join", _RECORDS, share=0.1),
    Fault("records a month off", _RECORDS, _next_month(_RECORDS)),
    Fault("columns shifted", _RECORDS, _shifted),
    Fault("sexes swapped in cleaning", _RECORDS, _sexes(_RECORDS)),
    _set("a negative age", _RECORDS, "age_first = -7, age_last = -7", "age_raw is not null"),
    _set("a birth year as age", _RECORDS, "age_first = 1987, age_last = 1987", "age_raw is not null"),
    _set("a child among adults", _RECORDS, "age_group = 'adult'", "age_group = 'child'"),
    _set("death before the incident", _RECORDS, "incident_first = death_last + 3, incident_last = death_last + 3"),
    _set("a date's ends exchanged", _RECORDS, "death_first = death_first + 9"),
    _set("a party renamed", _RECORDS, "claim = 'assad_forces'", "claim = 'syrian_regime'", share=1.0),
    _set("parties exchanged in cleaning", _RECORDS, "claim = 'isis'", "claim = 'russia'", share=1.0),
    _set("nobody in a statement", _RECORDS, "persons = 0"),
    _set("an unknown governorate code", _RECORDS, "governorate = 'SY99'"),
    _dropped("parts of names lost with their records", _RECORDS, share=0.05),
    Fault("victims lost", _VICTIMS, _victims_lost),
    _doubled("victims doubled by a join", _VICTIMS, share=0.1),
    Fault("two families merged into one victim", "deduplicated.victim_records", _merged),
    Fault("one victim divided into two", "deduplicated.victim_records", _divided),
    Fault("victims a month off", _VICTIMS, _next_month(_VICTIMS)),
    Fault("a victim in another's incident", _VICTIMS, _moved(_VICTIMS)),
    Fault("sexes swapped in linkage", _VICTIMS, _sexes(_VICTIMS, "demographic <> 'unknown' and sex is not null")),
    _set("a victim counted as several persons", _VICTIMS, "persons = persons + 4"),
    Fault("an incident lost", "deduplicated.incidents", _incident_lost),
    Fault("links lost", "deduplicated.victim_records", _links_lost),
    Fault("a governorate lost in attribution", _ATTRIBUTED, _governorate_lost(_ATTRIBUTED)),
    _doubled("attributed victims doubled by a join", _ATTRIBUTED, share=0.1),
    Fault("attributed victims a month off", _ATTRIBUTED, _next_month(_ATTRIBUTED)),
    Fault("a party's victims under another", _ATTRIBUTED, _party(_ATTRIBUTED)),
    _set("a party that nobody knows", _ATTRIBUTED, "party = 'wagner'", "party <> 'other'"),
    _set(
        "a combatant counted",
        _ATTRIBUTED,
        "in_civilians = true, not_counted_reason = null",
        "not_counted_reason = 'combatant'",
    ),
    _set(
        "a victim in no toll, without a reason",
        _ATTRIBUTED,
        "in_civilians = false, in_torture = false, in_massacre = false",
        "in_civilians",
    ),
    _set(
        "governorates exchanged",
        _ATTRIBUTED,
        "governorate = case governorate when 'SY02' then 'SY05' else 'SY02' end",
        share=0.1,
    ),
    _set("a massacre of four", "attributed.incidents", "massacre = true, civilians = 4", "not massacre"),
    _set("a massacre missed", "attributed.incidents", "massacre = false", "massacre"),
    _set("an incident's dead not counted anew", "attributed.incidents", "civilians = civilians + 1", "civilians > 0"),
    _figure(
        "a total not updated",
        f"{_MONTHS_OWN} and {_COUNT} and population = 'civilians' and party = '' and governorate = ''",
        "value - 1",
    ),
    _figure(
        "a party's count not updated",
        f"{_MONTHS_OWN} and {_COUNT} and party <> '' and category = '' and value > 0",
        "value + 1",
    ),
    _figure("percentages rounded down", "measure = 'percent' and value <> floor(value) and value > 0", "floor(value)"),
    _figure("a count with a fraction", f"{_COUNT} and value > 0", "value + 0.5"),
    _figure("a negative count", f"{_COUNT} and population = 'civilians' and value > 0", "-value"),
    Fault("a cumulative figure without its month", "monthly.figures", _without_month),
    Fault("one month's figures twice", "monthly.figures", _duplicated_month),
    Fault(
        "two parties' figures exchanged",
        "monthly.figures",
        _exchanged("party", "party in ('syrian_regime', 'russia', 'isis')"),
    ),
    Fault(
        "men's and women's figures exchanged",
        "monthly.figures",
        _exchanged("demographic", "demographic in ('man', 'woman')"),
    ),
    Fault("a governorate's figures lost", "monthly.figures", _figures_of_governorate_lost),
    _set("a range beside its count", "monthly.ranges", "minimum = value + 1", _MONTHS_OWN),
    _set("figures of rows that changed since", "monthly.figure_inputs", "sha256 = repeat('0', 64)"),
)
