"""From an event to statements: parts and the rest, so that the persons add up to the stated total, or the total alone."""

from collections.abc import Mapping

from casualty_pipeline.captures.prose.model import Event, People, Reading, Span, Statement

_INHERITED = ("civilian_status",)
_LARGEST = 5000  # more persons than in any one incident: a total of something else


def statements(event: Event, before: People | None, where: Span) -> tuple[Statement, ...]:
    """The statements of one event; none where it says no number that can be one.

    `before` is the last head of the event before it, which "three others" continues. `where` is the event in the text.
    """
    heads = tuple(_continued(head, before) for head in event.group.heads)
    if any(not 0 < max(p.count, p.most) <= _LARGEST for p in (*heads, *event.group.parts)):
        return ()
    if event.group.parts and len(heads) == 1:
        return _split(event, heads[0], where)
    rule = event.rule if event.group.whole else f"{event.rule}+total-alone"
    return tuple(_statement(head, event.status, head.count, rule, where, {}) for head in heads)


def _continued(head: People, before: People | None) -> People:
    """ "another" and "others" are of the kind spoken of before: "one man was killed and another injured"."""
    if before is None or head.kind not in {"other", "others"} or "name_en" in before.traits or "name_ar" in before.traits:
        return head
    # آخر and "another" don't say that the other is a woman as well
    alike = head.kind == "other" and before.traits.get("sex", ("", (0, 0)))[0] != "female"
    inherited = tuple(before.traits) if alike else _INHERITED
    traits = {k: v for k, v in before.traits.items() if k in inherited and k not in {"age"}}
    return People(head.first, head.last, head.count, head.number, traits, head.kind, head.status, head.most)


def _split(event: Event, head: People, where: Span) -> tuple[Statement, ...]:
    """The parts and the rest; the total alone where the parts are more than it, or aren't all counted."""
    parts = [p for p in event.group.parts if set(p.traits) - {"civilian_status"}]
    named = sum(p.count for p in parts)
    if not event.group.whole or head.most or named > head.count or not parts:
        return (_statement(head, event.status, head.count, f"{event.rule}+total-alone", where, {}),)
    inherited = {k: v for k, v in head.traits.items() if k in _INHERITED}
    read = [_statement(p, event.status, p.count, f"{event.rule}+part", where, inherited) for p in parts]
    if head.count > named:
        read.append(_statement(head, event.status, head.count - named, f"{event.rule}+rest", where, {}))
    return tuple(read)


def _statement(
    who: People, status: str, persons: int, rule: str, where: Span, inherited: Mapping[str, Reading]
) -> Statement:
    readings: dict[str, Reading] = {**inherited, **who.traits, "status": (status, where)}
    if "name_en" in readings or "name_ar" in readings:
        return Statement("person", readings, f"{rule}+name")
    if who.most:
        if status == "killed":
            readings |= {"killed_min": (str(who.count), who.number), "killed_max": (str(who.most), who.number)}
            return Statement("group", readings, f"{rule}+range")
        readings["persons"] = (str(who.count), who.number)
        return Statement("group", readings, f"{rule}+range")
    readings["persons"] = (str(persons), who.number)
    return Statement("group", readings, rule)
