"""What the report is, and by which rules it counts: definitions, parties, sources, certainty, linkage, changes of method."""

from markupsafe import Markup

from casualty_pipeline.reporting.document import Block, Bullets, Heading, Item, Paragraph, Section
from casualty_pipeline.reporting.model import Interval
from casualty_pipeline.reporting.sections.telling import Telling


def introduction(tell: Telling) -> Section:
    """Who is counted, by which rules, and how sure the report is."""
    say = tell.say
    minimum = Markup(" ").join((say("method_minimum"), say("method_version", version=_version(tell))))
    blocks: list[Block] = [
        Paragraph(say("introduction")),
        Heading(say("definitions_heading")),
        _rules(_definitions(tell)),
        Heading(say("parties_heading")),
        Paragraph(say("parties_introduction")),
        Bullets(tuple(Item(Markup.escape(tell.voice.label(p.id, long=True))) for p in tell.parties("main"))),
        _rules([say("method_joint"), say("method_undetermined")]),
        Heading(say("evidence_heading")),
        _rules(_evidence(tell)),
        Heading(say("certainty_heading")),
        _rules([_linkage(tell), _rounding(tell), _changes(tell)]),
        Paragraph(minimum, "minimum"),
    ]
    return Section("introduction", say("introduction_heading"), blocks)


def _definitions(tell: Telling) -> list[Markup]:
    counting, say = tell.profile.counting, tell.say
    torture = [say("method_torture_inside" if counting.counts_in_civilian_total else "method_torture_beside")]
    if counting.torture_includes_combatants:
        torture.append(say("method_torture_combatants"))
    return [
        say("method_month"),
        say("method_place"),
        say("method_women", age=tell.voice.grammar.number(counting.adult_age)),
        Markup(" ").join(torture),
        say("method_massacre", threshold=tell.voice.said(counting.massacre_threshold, "civilian", "oblique")),
        say("method_excluded"),
    ]


def _evidence(tell: Telling) -> list[Markup]:
    counting, say = tell.profile.counting, tell.say
    return [
        say("method_verification", sources=tell.voice.said(counting.min_independent_sources, "source", "oblique")),
        *([say("method_unnamed")] if counting.unnamed_needs_countable_media else []),
        say("method_attribution"),
        *(Markup.escape(rule[tell.voice.language]) for rule in tell.voice.wording.rules),
    ]


def _linkage(tell: Telling) -> Markup:
    """How far it is known who is one person: judged on these data, measured on lists, or neither."""
    known, grammar, say = tell.report.linkage, tell.voice.grammar, tell.say

    def percent(value: float) -> str:
        return grammar.number(value, 1)

    def interval(name: str, of: Interval) -> dict[str, str]:
        return {name: percent(of.value), f"{name}_low": percent(of.low), f"{name}_high": percent(of.high)}

    parts = [say("method_linkage")]
    if known.precision and known.recall and known.judged_on:
        numbers = interval("precision", known.precision) | interval("recall", known.recall)
        judged, day = grammar.number(known.judged), grammar.date(known.judged_on)
        parts.append(say("method_linkage_judged", judged=judged, date=day, **numbers))
    else:
        parts.append(say("method_linkage_unknown"))
    lists = known.lists.get(tell.voice.language)
    if lists:
        precision, recall = (percent(value) for value in known.on_lists)
        parts.append(say("method_linkage_lists", lists=lists, precision=precision, recall=recall))
    return Markup(" ").join(parts)


def _rounding(tell: Telling) -> Markup:
    """How percentages are rounded, as the profile has it."""
    said = {}
    for rule in ("party_share", "women_and_children_share"):
        decimals = tell.profile.rounding[rule]
        form = tell.voice.grammar.plural(decimals)
        said[rule] = tell.say("rounded_to", form=form, decimals=tell.voice.said(decimals, "decimal", "oblique"))
    return tell.say("method_rounding", **said)


def _changes(tell: Telling) -> Markup:
    """The changes of method that first apply to a month of this year, each stated (C3); or that there is none."""
    since = f"{tell.year}-01"
    changes = [c for c in tell.voice.wording.changes if since <= c.applies_from <= tell.month]
    if not changes:
        return tell.say("method_changes_none")
    said = [
        tell.say(
            "method_change",
            version=tell.voice.isolated(change.version),
            since=tell.voice.grammar.month(change.applies_from),
            text=change.text[tell.voice.language],
        )
        for change in changes
    ]
    return Markup(" ").join((tell.say("method_changes"), *said))


def _version(tell: Telling) -> Markup:
    return tell.voice.isolated(tell.profile.methodology_version)


def _rules(texts: list[Markup]) -> Bullets:
    """Rules, the word that each begins with set apart."""
    items = []
    for text in texts:
        term, _, rest = text.partition(". ")
        items.append(Item(Markup("<strong>{}.</strong> {}").format(term, rest)))
    return Bullets(tuple(items))
