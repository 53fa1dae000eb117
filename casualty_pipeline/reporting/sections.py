"""The monthly report, section by section (R26). What belongs here: what each section states, and in which order.

What doesn't: how a language says it (`voice.py`, `templates/text`), how it looks (`templates`), how a chart is drawn
(`charts.py`). Nothing is counted here: every number is a figure, but for the tolls of single massacres, which stand in
their records.
"""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.loader import Party, SpecialGroup
from casualty_pipeline.reporting import charts, maps
from casualty_pipeline.reporting.document import (
    Block,
    Bullets,
    Code,
    Document,
    Grid,
    Heading,
    Item,
    Paragraph,
    Picture,
    Row,
    Section,
)
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.model import Interval, Massacre, MonthReport
from casualty_pipeline.reporting.texts import profile_wording
from casualty_pipeline.reporting.voice import Voice

Phrase = Callable[[Figure], Markup]


class MonthPage:
    """A month's report in one language."""

    def __init__(self, report: MonthReport, language: str) -> None:
        """Take the report's data.

        Raises CasualtyError when the massacres that would be told are not as many as those counted (C4).
        """
        self.report = report
        self.profile = report.profile
        self.voice = Voice(language, report.profile, profile_wording(report.profile))
        self.figures = report.numbers
        self.series = report.series
        self.month = report.month
        self.year = report.month[:4]
        self.since_january = next((f.period for f in self.figures if ".." in f.period), f"{self.year}-01..{self.month}")
        self.month_name = self.voice.grammar.month(report.month)
        counted = self.figures.get(self.month, "massacres").count
        if counted != len(report.massacres):
            raise CasualtyError(
                f"{self.month}: the figures count {counted} massacres, but {len(report.massacres)} are told of: "
                f"expected the same; compute the month's figures again"
            )

    def document(self) -> Document:
        """The whole page."""
        say, voice = self.voice.say, self.voice
        title, subtitle = self._title()
        sections = (
            self._introduction(),
            self._toll(),
            self._torture(),
            self._groups(),
            self._massacres(),
            self._conclusions(),
            self._trace(),
            Section(
                "acknowledgements",
                say("acknowledgements_heading"),
                (
                    Paragraph(say("acknowledgements")),
                    Heading(say("cite_heading")),
                    Paragraph(
                        say(
                            "cite",
                            organisation=voice.grammar.capital(voice.organisation),
                            title=title.striptags(),
                            month=self.month_name,
                            version=self.profile.methodology_version,
                            digest=self.report.digest[:12],
                        ),
                        style="cite",
                    ),
                ),
            ),
        )
        return page(voice, self.report, "report", sections, kind=say("report_kind"), title=title, subtitle=subtitle)

    def _say(self, key: str, **values: object) -> Markup:
        common = {
            "month": self.month_name,
            "year": self.year,
            "organisation": self.voice.organisation,
            "country": self.voice.country,
        }
        return self.voice.say(key, **(common | values))

    def _title(self) -> tuple[Markup, Markup]:
        """Title and subtitle: the total, the special groups among it (else children and women), massacres, torture."""
        voice, title = self.voice, self.voice.grammar.title
        total, massacres, torture = (
            self.figures.get(self.month, population) for population in ("civilians", "massacres", "torture")
        )
        among = [
            voice.members(figure, group, dress=title)
            for group in self._special_groups()
            if (figure := self.figures.get(self.month, group.id)).count
        ] or [
            voice.count(figure, noun, dress=title)
            for noun in ("child", "woman")
            if (figure := self.figures.get(self.month, "civilians", demographic=noun)).count
        ]
        heading = self._say("title_none")
        if total.count:
            toll = voice.count(total, "civilian", "oblique", title)
            heading = self._say("title", toll=voice.say("including", toll=toll, list=voice.join(among)) if among else toll)
        parts = []
        if massacres.count:
            parts.append(voice.count(massacres, "massacre", "oblique", title))
        if torture.count:
            parts.append(voice.say("title_torture", persons=voice.count(torture, "person", "oblique", title)))
        return heading, voice.say("subtitle", list=voice.join(parts)) if parts else Markup()

    def _special_groups(self) -> list[SpecialGroup]:
        return sorted(self.profile.special_groups, key=lambda group: group.order)

    def _introduction(self) -> Section:
        counting, grammar, say = self.profile.counting, self.voice.grammar, self._say
        method = [
            say("method_month"),
            say("method_place"),
            say("method_women", age=grammar.number(counting.adult_age)),
            say("method_verification", sources=grammar.word(counting.min_independent_sources, "oblique")),
            *([say("method_unnamed")] if counting.unnamed_needs_countable_media else []),
            say(
                "method_massacre",
                threshold=grammar.count(counting.massacre_threshold, self.voice.noun("civilian"), "oblique"),
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
            self._linkage(),
        ]
        return Section(
            "introduction",
            say("introduction_heading"),
            (
                Paragraph(say("introduction")),
                Bullets(tuple(Item(_led(text)) for text in method)),
                Paragraph(
                    Markup(" ").join((say("method_minimum"), say("method_version", version=self._version()))), "minimum"
                ),
            ),
        )

    def _linkage(self) -> Markup:
        """How far it is known who is one person: judged on these data, measured on lists, or neither."""
        known, grammar, say = self.report.linkage, self.voice.grammar, self._say

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
        lists = known.lists.get(self.voice.language)
        if lists:
            precision, recall = (percent(value) for value in known.on_lists)
            parts.append(say("method_linkage_lists", lists=lists, precision=precision, recall=recall))
        return Markup(" ").join(parts)

    def _version(self) -> Markup:
        return self.voice.isolated(self.profile.methodology_version)

    # -- civilians

    def _toll(self) -> Section:
        total = self.figures.get(self.month, "civilians")
        lead = (
            self._say("toll_summary", toll=self.voice.toll(self.figures, total, "oblique", gloss=True))
            if total.count
            else self._say("toll_none")
        )
        blocks: list[Block] = [
            Paragraph(Markup(" ").join((lead, self._cumulative("toll_cumulative", "civilians"))), "lead"),
            self._months("months_title", "civilians", {"all": "civilian", "child": "child", "woman": "woman"}),
            Heading(self._say("by_party_heading")),
            self._shares(total),
            Heading(self._say("main_parties")),
            *self._main_parties(),
        ]
        joint = self._joint_items("civilians", self._civilians)
        blocks += [Heading(self._say("joint_parties")), Bullets(joint)] if joint else []
        blocks += [Heading(self._say("other_parties")), *self._other_parties()]
        blocks += [Heading(self._say("governorates_heading")), *self._governorates(total)]
        return Section("toll", self._say("toll_heading"), blocks)

    def _cumulative(self, key: str, population: str, noun: str = "") -> Markup:
        total = self.figures.get(self.since_january, population)
        said = self.voice.count(total, noun, "oblique") if noun else self.voice.cell(total)
        return self._say(key, total=said)

    def _civilians(self, figure: Figure) -> Markup:
        toll = self.voice.toll(self.figures, figure, dress=self.voice.grammar.capital)
        if self.voice.hedged(figure.party):
            return self.voice.say("hedged", toll=toll, party=self.voice.believed(figure.party))
        return toll

    def _bullet(self, population: str, party: str, phrase: Phrase) -> Markup:
        return self.voice.say(
            "bullet",
            # Who is meant by a party is said once, where its own toll is told.
            label=_strong(self.voice.label(party, long=population == "civilians" and "+" not in party)),
            text=phrase(self.figures.get(self.month, population, party)),
        )

    def _parties(self, kind: str) -> tuple[Party, ...]:
        return tuple(p for p in self.profile.reported_parties() if p.kind == kind)

    def _items(self, population: str, phrase: Phrase) -> tuple[Item, ...]:
        """Every party with anything against it."""
        return (
            *self._main_items(population, phrase),
            *self._joint_items(population, phrase),
            *self._other_items(population, phrase),
        )

    def _main_items(self, population: str, phrase: Phrase) -> tuple[Item, ...]:
        """Main parties with anything against them, those beneath them nested."""
        return tuple(
            Item(
                self._bullet(population, party.id, phrase),
                tuple(
                    Item(self._bullet(population, sub.id, phrase))
                    for sub in self._parties("sub")
                    if sub.parent == party.id and self.figures.get(self.month, population, sub.id).count
                ),
            )
            for party in self._parties("main")
            if self.figures.get(self.month, population, party.id).count
        )

    def _joint_items(self, population: str, phrase: Phrase) -> tuple[Item, ...]:
        return tuple(
            Item(self._bullet(population, party, phrase)) for party in self.figures.joint_parties(self.month, population)
        )

    def _other_items(self, population: str, phrase: Phrase) -> tuple[Item, ...]:
        """Other parties with anything against them, by kind."""
        return tuple(
            Item(self._bullet(population, party.id, phrase), self._kind_items(population, party.id, phrase))
            for party in self._parties("other")
            if self.figures.get(self.month, population, party.id).count
        )

    def _kind_items(self, population: str, party: str, phrase: Phrase) -> tuple[Item, ...]:
        return tuple(
            Item(self.voice.say("bullet", label=_strong(self.voice.category(f.category)), text=phrase(f)))
            for f in self._kinds(population, party)
        )

    def _kinds(self, population: str, party: str) -> tuple[Figure, ...]:
        """The figures of a party by category: largest first, then in the profile's order. Zero kinds have no figure."""
        found = (self.figures.find(self.month, population, party, c.id) for c in self.profile.categories)
        order = {c.id: c.order for c in self.profile.categories}
        return tuple(sorted((f for f in found if f is not None and f.value), key=lambda f: (-f.value, order[f.category])))

    def _main_parties(self) -> list[Block]:
        items = self._main_items("civilians", self._civilians)
        none = [
            self._named(figure)
            for party in self._parties("main")
            if not (figure := self.figures.get(self.month, "civilians", party.id)).count
        ]
        return [
            *([Bullets(items)] if items else []),
            *([Paragraph(self._say("no_civilians_by", parties=self.voice.join(none)))] if none else []),
        ]

    def _named(self, figure: Figure) -> Markup:
        """A party with its zero: the number isn't written, but can be traced like any other."""
        return self.voice.marked(figure, self.voice.inline(figure.party))

    def _other_parties(self) -> list[Block]:
        blocks: list[Block] = []
        for party in self._parties("other"):
            figure = self.figures.get(self.month, "civilians", party.id)
            if not figure.count:
                blocks.append(Paragraph(self._say("no_civilians_by", parties=self._named(figure))))
                continue
            kinds = self._kind_items("civilians", party.id, self._civilians)
            key = "other_summary" if kinds else "other_total"
            blocks.append(Paragraph(self._say(key, toll=self._civilians(figure))))
            blocks += [Bullets(kinds)] if kinds else []
        return blocks

    def _shares(self, total: Figure) -> Block:
        """Parties by civilians killed: every main party, those with zero too (C6); sub-parties only in the table."""
        rows, drawn = [], []
        whole = [p.id for p in self._parties("main")]
        parties = [
            *whole,
            *self.figures.joint_parties(self.month, "civilians"),
            *(p.id for p in self._parties("other")),
        ]
        for party in parties:
            count = self.figures.get(self.month, "civilians", party)
            share = self.figures.find(self.month, "civilians", party, measure="percent")
            drawn.append((count, share))
            rows.append(self._party_row(count, share))
            rows += [
                self._party_row(self.figures.get(self.month, "civilians", sub.id), None, level=1)
                for sub in self._parties("sub")
                if sub.parent == party
            ]
        rows.append(
            Row(
                self._say("row_total"),
                (*self._demographic_cells(total), Markup()),
                total=True,
            )
        )
        title = self._say("share_title")
        grid = Grid(
            title,
            tuple(
                self._say(key)
                for key in ("column_party", "column_civilians", "column_children", "column_women", "column_share")
            ),
            tuple(rows),
        )
        return Picture(
            charts.bars(
                str(title),
                self._describe([(self.voice.label(count.party), count) for count, _ in drawn]),
                [
                    charts.Bar(count.value, self._share_text(count, share), self._colour(count.party), label)
                    for count, share in sorted(drawn, key=lambda pair: -pair[0].value)
                    if (label := self.voice.label(count.party))
                ],
                self.voice.grammar.direction,
            ),
            grid,
        )

    def _share_text(self, count: Figure, share: Figure | None) -> str:
        number = self.voice.grammar.number(count.value)
        if share is None or not count.value:
            return number
        return str(self._say("share_label", count=number, percent=self.voice.number(share)).unescape())

    def _colour(self, party: str) -> str:
        return self.profile.party[party.partition("+")[0]].colour or "#666666"

    def _describe(self, values: Sequence[tuple[str, Figure]]) -> str:
        return "; ".join(f"{label}: {self.voice.grammar.number(figure.value)}" for label, figure in values)

    def _demographic_cells(self, count: Figure) -> tuple[Markup, ...]:
        return tuple(self.voice.cell(self.figures.among(count, d)) for d in ("all", "child", "woman"))

    def _party_row(self, count: Figure, share: Figure | None, level: int = 0) -> Row:
        label: Markup | str = self.voice.label(count.party)
        if level:
            label = self._say("within", label=label)
        return Row(
            Markup.escape(label),
            (*self._demographic_cells(count), self.voice.cell(share) if share else Markup()),
            level,
        )

    def _months(self, key: str, population: str, demographics: dict[str, str]) -> Block:
        """Bars by month since January. `demographics` are those shown, each with its noun."""
        given = sorted(
            {f.period for f in self.series if f.population == population and ".." not in f.period and not f.party}
        )
        if not given:
            raise CasualtyError(
                f"{self.month}: no figures by month of {population!r}: expected one for each month since January"
            )
        grammar = self.voice.grammar
        drawn: list[charts.Bar] = []
        rows, described = [], []
        for month in given:
            found = {d: self.series.get(month, population, demographic=d) for d in demographics}
            for number, (demographic, noun) in enumerate(demographics.items()):
                figure = found[demographic]
                drawn.append(
                    charts.Bar(
                        figure.value,
                        grammar.capital(grammar.count(figure.count, self.voice.noun(noun)))
                        if figure.count
                        else grammar.number(figure.value),
                        charts.SERIES[number],
                        grammar.month_name(month) if number == 0 else "",
                    )
                )
            described.append((grammar.month_name(month), found["all"]))
            rows.append(
                Row(
                    Markup.escape(grammar.month_name(month)),
                    tuple(self.voice.cell(f) for f in found.values()),
                )
            )
        total = self.figures.get(self.since_january, population)
        rows.append(
            Row(
                self._say("row_total"),
                tuple(self.voice.cell(self.figures.among(total, d)) for d in demographics),
                total=True,
            )
        )
        title = self._say(key, range=self._range())
        columns = {"civilian": "civilians", "child": "children", "woman": "women", "person": "persons"}
        grid = Grid(
            title,
            (
                self._say("column_month"),
                *(self._say(f"column_{columns.get(noun, 'massacres')}") for noun in demographics.values()),
            ),
            tuple(rows),
        )
        return Picture(charts.bars(str(title), self._describe(described), drawn, grammar.direction), grid)

    def _range(self) -> Markup:
        """`January to March 2020`: what the cumulative figures cover, and nothing else (C5)."""
        first, last = self.since_january.split("..")
        if first == last:
            return Markup.escape(self.voice.grammar.month(last))
        name = self.voice.grammar.month_name
        return self._say("range", first=name(first), last=name(last))

    def _governorates(self, total: Figure) -> list[Block]:
        found = [self.figures.get(self.month, "civilians", governorate=g.pcode) for g in self.profile.governorates]
        unknown = self.figures.find(self.month, "civilians", governorate="unknown")
        # A stable sort: governorates with the same toll stay in the profile's order.
        ranked = sorted((f for f in found if f.value), key=lambda f: -f.value)
        name = self.voice.governorate
        title = self._say("governorates_title")
        grid = Grid(
            title,
            tuple(self._say(key) for key in ("column_governorate", "column_civilians", "column_children", "column_women")),
            (
                *(
                    Row(Markup.escape(name(f.governorate)), self._demographic_cells(f))
                    for f in [*sorted(found, key=lambda f: -f.value), *([unknown] if unknown else [])]
                ),
                Row(self._say("row_total"), self._demographic_cells(total), total=True),
            ),
        )
        picture = Picture(
            maps.region_map(
                str(title),
                self._describe([(name(f.governorate), f) for f in found]),
                self.profile,
                [
                    maps.Region(g.pcode, g.tile, name(g.pcode), f.count, self.voice.grammar.number(f.value))
                    for g, f in zip(self.profile.governorates, found, strict=True)
                ],
                str(self._say("map_zero")),
            ),
            grid,
        )
        blocks: list[Block] = [picture, Paragraph(self._say("governorates_note"), "note")]
        if ranked:
            top = {
                place: self._say("ranked_item", governorate=name(f.governorate), count=self.voice.cell(f))
                for place, f in zip(("first", "second", "third"), ranked, strict=False)
            }
            key = ("ranked_one", "ranked_two", "ranked_three")[len(top) - 1]
            blocks.insert(0, Paragraph(self._say("governorates_ranking", ranking=self._say(key, **top))))
        return blocks

    # -- torture, special groups

    def _torture(self) -> Section:
        total = self.figures.get(self.month, "torture")
        lead = (
            self._say("torture_summary", persons=self.voice.count(total, "person", "oblique"))
            if total.count
            else self._say("torture_none")
        )
        items = self._items("torture", lambda figure: self.voice.count(figure, "person", dress=self.voice.grammar.capital))
        return Section(
            "torture",
            self._say("torture_heading"),
            (
                Paragraph(Markup(" ").join((lead, self._cumulative("torture_cumulative", "torture"))), "lead"),
                *([Bullets(items)] if items else []),
                self._months("torture_title", "torture", {"all": "person"}),
            ),
        )

    def _groups(self) -> Section:
        blocks: list[Block] = []
        for group in self._special_groups():
            blocks += self._group(group)
        return Section("groups", self._say("groups_heading"), blocks)

    def _group(self, group: SpecialGroup) -> list[Block]:
        voice = self.voice
        total = self.figures.get(self.month, group.id)
        since = self.figures.get(self.since_january, group.id)
        heading = Heading(Markup.escape(group.label[voice.language]))
        sentences = []
        if total.count:
            members = self._with_affiliations(voice.members(total, group, "oblique"), group, None)
            sentences.append(self._say("group_summary", members=members))
        else:
            named = voice.marked(total, voice.group(group))
            sentences.append(self._say("group_none", group=named))
        if since.count:
            sentences.append(self._say("group_cumulative", total=voice.members(since, group)))

        def phrase(figure: Figure) -> Markup:
            party = figure.party if not figure.category else ""
            members = voice.members(figure, group, dress=self.voice.grammar.capital)
            return self._with_affiliations(members, group, party) if party else members

        items = self._items(group.id, phrase)
        return [heading, Paragraph(Markup(" ").join(sentences)), *([Bullets(items)] if items else [])]

    def _with_affiliations(self, members: Markup, group: SpecialGroup, party: str | None) -> Markup:
        """`two medical personnel (one from Qatar Red Crescent)`: of one party, or of all where `party` is None."""
        persons: dict[str, int] = {}
        for special_group, by, affiliation, number in sorted(self.report.affiliations):
            if special_group == group.id and party in {None, by, by.partition("/")[0]}:
                persons[affiliation] = persons.get(affiliation, 0) + number
        if not persons:
            return members
        said = [
            self.voice.say(
                "affiliation", number=self.voice.grammar.word(number), affiliation=self.voice.isolated(affiliation)
            )
            for affiliation, number in persons.items()
        ]
        return self.voice.say("affiliated", members=members, list=self.voice.join(said))

    # -- massacres

    def _massacres(self) -> Section:
        voice, figures = self.voice, self.figures
        total = figures.get(self.month, "massacres")
        victims = figures.get(self.month, "massacre_victims")
        lead = (
            self._say("massacres_summary", massacres=voice.count(total, "massacre", "oblique"))
            if total.count
            else self._say("massacres_none")
        )
        since = figures.get(self.since_january, "massacres")
        sentences = [
            lead,
            *([self._cumulative("massacres_cumulative", "massacres", "massacre")] if since.count else []),
        ]
        blocks: list[Block] = [
            Paragraph(Markup(" ").join(sentences), "lead"),
            self._months("massacres_title", "massacres", {"all": "massacre"}),
        ]
        if total.count:
            share = figures.find(self.month, "massacre_victims", demographic="women_and_children", measure="percent")
            killed = [
                self._say(
                    "massacres_victims",
                    toll=voice.toll(figures, victims, "oblique", by_sex=True, gloss=True),
                )
            ]
            if share is not None:
                killed.append(self._say("massacres_share", percent=voice.cell(share)))
            blocks += [
                Paragraph(self._say("massacres_by_party")),
                Bullets(self._items("massacres", lambda f: voice.count(f, "massacre", dress=self.voice.grammar.capital))),
                Paragraph(Markup(" ").join(killed)),
                Paragraph(self._say("massacres_toll_by_party")),
                Bullets(self._items("massacre_victims", self._massacre_toll)),
                Heading(self._say("massacres_list")),
                Bullets(tuple(Item(self._told(massacre)) for massacre in self._in_order())),
            ]
        return Section("massacres", self._say("massacres_heading"), blocks)

    def _massacre_toll(self, figure: Figure) -> Markup:
        return self.voice.toll(self.figures, figure, dress=self.voice.grammar.capital, by_sex=True)

    def _in_order(self) -> list[Massacre]:
        return sorted(
            self.report.massacres,
            key=lambda m: (m.first.isoformat() if m.first else "9999", m.incident_id),
        )

    def _told(self, massacre: Massacre) -> Markup:
        """One massacre in a sentence, from its record: no more certain than its attribution (R16, R21)."""
        say, voice = self._say, self.voice
        toll = voice.record_toll(
            "oblique",
            civilians=massacre.civilians,
            children=massacre.children,
            boys=massacre.children_male,
            girls=massacre.children_female,
            women=massacre.women,
        )
        sentences = [
            say("massacre", when=self._when(massacre), where=self._where(massacre), by=self._by(massacre), toll=toll)
        ]
        if massacre.area_of_control:
            sentences.append(say("area", area=voice.isolated(massacre.area_of_control)))
        reference = Markup('<small class="reference">{}</small>').format(
            say("incident", id=voice.isolated(massacre.incident_id))
        )
        return Markup(" ").join((*sentences, reference))

    def _when(self, massacre: Massacre) -> Markup:
        first, last = massacre.first or massacre.last, massacre.last or massacre.first
        if first is None or last is None:
            return self._say("when_unknown")
        if first == last:
            return self._say("when_day", first=self.voice.grammar.date(first))
        return self._say("when_between", first=self.voice.grammar.date(first), last=self.voice.grammar.date(last))

    def _where(self, massacre: Massacre) -> Markup:
        known = massacre.governorate in self.profile.governorate
        governorate = self.voice.governorate(massacre.governorate) if known else ""
        place = massacre.place_in(self.voice.language)
        if place and governorate:
            return self._say("where_place", place=self.voice.isolated(place), governorate=governorate)
        if place:
            return self._say("where_place_only", place=self.voice.isolated(place))
        return self._say("where_governorate", governorate=governorate) if governorate else self._say("where_unknown")

    def _by(self, massacre: Massacre) -> Markup:
        if massacre.category:
            return self._say("by_category", category=self.voice.category(massacre.category))
        key = f"by_{massacre.attribution}"
        believed = massacre.attribution == "believed"
        return self._say(key, party=self.voice.believed(massacre.party) if believed else self.voice.inline(massacre.party))

    # -- what follows from the figures

    def _conclusions(self) -> Section:
        language, wording = self.voice.language, self.voice.wording

        def counted(population: str, party: str, category: str = "", demographic: str = "all") -> bool:
            figure = self.figures.find(self.month, population, party, category, demographic=demographic)
            return figure is not None and figure.value > 0

        drawn = tuple(
            Item(Markup.escape(c.text[language]))
            for c in wording.conclusions
            if counted(c.population, c.party, c.category, c.demographic)
        )
        blocks: list[Block] = [Heading(self._say("conclusions"))]
        blocks.append(Bullets(drawn) if drawn else Paragraph(self._say("no_conclusions")))
        addressed = tuple(
            Item(_strong(r.to[language]), tuple(Item(Markup.escape(text)) for text in r.items[language]))
            for r in wording.recommendations
            if not r.party or counted("civilians", r.party) or counted("torture", r.party)
        )
        if addressed:
            blocks += [Heading(self._say("recommendations")), Bullets(addressed)]
        return Section("conclusions", self._say("conclusions_heading"), blocks)

    def _trace(self) -> Section:
        example = max(
            (self.figures.get(self.month, "civilians", p.id) for p in self._parties("main")),
            key=lambda f: f.value,
            default=None,
        )
        shown = example if example is not None and example.value else self.figures.get(self.month, "civilians")
        return Section(
            "trace",
            self._say("trace_heading"),
            (
                Paragraph(self._say("trace")),
                Code(f"casualty trace {shown.address}"),
                Paragraph(
                    self._say(
                        "trace_files",
                        csv=Markup('<a href="figures.csv"><bdi>figures.csv</bdi></a>'),
                        xlsx=Markup('<a href="figures.xlsx"><bdi>figures.xlsx</bdi></a>'),
                    )
                ),
            ),
        )


def page(
    voice: Voice,
    report: MonthReport,
    name: str,
    sections: Sequence[Section],
    *,
    kind: Markup,
    title: Markup,
    subtitle: Markup,
) -> Document:
    """What every page has: the warning in every language, links to the other languages, the footer."""
    others = [
        Voice(language, report.profile, voice.wording) for language in report.profile.languages if language != voice.language
    ]
    return Document(
        language=voice.language,
        direction=voice.grammar.direction,
        kind=kind,
        title=title,
        subtitle=subtitle,
        notices=tuple(
            (v.language, v.grammar.direction, str(v.say("synthetic").unescape()))
            for v in (voice, *others)
            if report.synthetic
        ),
        others=tuple((v.language, f"{name}.{v.language}.html", v.say("language_name")) for v in others),
        sections=tuple(sections),
        footer=voice.say(
            "footer",
            digest=voice.isolated(report.digest),
            version=voice.isolated(report.profile.methodology_version),
        ),
        skip=voice.say("skip"),
        contents=voice.say("contents"),
        short_notice=voice.say("synthetic_short") if report.synthetic else Markup(),
    )


def _led(text: Markup) -> Markup:
    """A rule with the word that it begins with set apart."""
    term, _, rest = text.partition(". ")
    return Markup("<strong>{}.</strong> {}").format(term, rest)


def _strong(text: str) -> Markup:
    return Markup("<strong>{}</strong>").format(text)
