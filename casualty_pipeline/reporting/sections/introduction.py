"""What the report is and by which rules it counts: definitions, verification, quality of linkage, version."""

from markupsafe import Markup

from casualty_pipeline.reporting.document import Bullets, Item, Paragraph, Section
from casualty_pipeline.reporting.model import Interval
from casualty_pipeline.reporting.sections.telling import Telling


def introduction(tell: Telling) -> Section:
    """Who is counted, by which rules, and how sure the report is."""
    counting, grammar, say = tell.profile.counting, tell.voice.grammar, tell.say
    method = [
        say("method_month"),
        say("method_place"),
        say("method_women", age=grammar.number(counting.adult_age)),
        say("method_verification", sources=grammar.word(counting.min_independent_sources, "oblique")),
        *([say("method_unnamed")] if counting.unnamed_needs_countable_media else []),
        say(
            "method_massacre",
            threshold=grammar.count(counting.massacre_threshold, tell.voice.noun("civilian"), "oblique"),
        ),
        say("method_joint"),
        say("method_undetermined"),
        Markup(" ").join(
            (
                say("method_torture_inside" if counting.counts_in_civilian_total else "method_torture_beside"),
                *([say("method_torture_combatants")] if counting.torture_includes_combatants else []),
            )
        ),
        say("method_excluded"),
        _linkage(tell),
    ]
    return Section(
        "introduction",
        say("introduction_heading"),
        (
            Paragraph(say("introduction")),
            Bullets(tuple(Item(_led(text)) for text in method)),
            Paragraph(Markup(" ").join((say("method_minimum"), say("method_version", version=_version(tell)))), "minimum"),
        ),
    )


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


def _version(tell: Telling) -> Markup:
    return tell.voice.isolated(tell.profile.methodology_version)


def _led(text: Markup) -> Markup:
    """A rule with the word that it begins with set apart."""
    term, _, rest = text.partition(". ")
    return Markup("<strong>{}.</strong> {}").format(term, rest)
