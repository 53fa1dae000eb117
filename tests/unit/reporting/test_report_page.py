"""What the monthly report says, in both languages (R26-R28, C3-C6)."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import load_profile
from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.reporting import MonthReport, Written, write_month
from casualty_pipeline.reporting.html import render
from casualty_pipeline.reporting.model import Interval, LinkageQuality
from casualty_pipeline.reporting.sections import MonthPage
from casualty_pipeline.reporting.texts import catalogue
from tests.unit.reporting import reporting_fixtures as invented

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Reads a page back: its text, its figures, its headings, and whether every element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.figures: set[tuple[str, str]] = set()
        self.headings: list[int] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        self.text = re.sub(r"\s+", " ", "".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.attributes.append((tag, given))
        if "data-figure" in given:
            self.figures.add((str(given["data-figure"]), str(given["value"])))
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)


def said(report: MonthReport, language: str = "en") -> Page:
    return Page(render(MonthPage(report, language).document()))


@pytest.fixture(scope="module")
def pages(march_files: dict[str, Written]) -> dict[str, Page]:
    return {
        language: Page(march_files[f"report.{language}.html"].path.read_text(encoding="utf-8")) for language in ("en", "ar")
    }


# -- both languages


def test_both_languages_state_the_same_figures(pages: dict[str, Page]) -> None:
    assert pages["en"].figures == pages["ar"].figures
    assert ("2020-03:civilians", "145") in pages["en"].figures
    assert len(pages["en"].figures) > 100


def test_every_figure_on_the_page_is_a_row_of_the_figures(pages: dict[str, Page]) -> None:
    report = invented.march()
    rows = pl.concat([report.figures, report.months]).unique().iter_rows()
    known = {(tuple(text or "" for text in what), value) for *what, value in rows}
    for address, value in pages["en"].figures:
        period, population, *rest = [*address.split(":"), "", "", "", "", ""][:7]
        party, category, governorate, demographic, measure = rest
        what = (period, population, party, category, governorate, demographic or "all", measure or "count")
        assert (what, float(value)) in known


SAID_OTHERWISE_IN_ARABIC = ("rounded_to", "index_introduction")
"""Arabic puts a number behind its noun there, so that no case has to agree with it."""


def test_the_texts_of_both_languages_have_the_same_keys_and_places() -> None:
    texts = {language: dict(catalogue(language).items()) for language in ("en", "ar")}
    assert set(texts["en"]) == set(texts["ar"])
    for key, forms in texts["en"].items():
        places = {frozenset(re.findall(r"{(\w+)}", text)) for text in (*forms.values(), *texts["ar"][key].values())}
        assert len(places) == 1 or key in SAID_OTHERWISE_IN_ARABIC, key


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "145 Civilians, including Two Medical Personnel, Documented Killed in Syria in March 2020"),
        ("en", "Five Massacres and 14 Persons Who Died Due to Torture Documented"),
        ("en", "145 civilians, including 28 children and 16 women (adult females)"),
        ("en", "since the beginning of 2020 to 707"),
        (
            "en",
            "Russian forces: 19 civilians, including two children and seven women, killed by forces which we believe",
        ),
        ("en", "Hay'at Tahrir al Sham: Two civilians."),
        ("en", "Drowning: Three children."),
        (
            "en",
            "We documented no deaths of civilians at the hands of ISIS, factions of the Armed Opposition or the US-led",
        ),
        ("en", "the toll was highest in Idlib (41), followed by Deir Ez-Zour (30), then Daraa (22)"),
        ("en", "Civilians killed in Syria, January to March 2020"),
        ("en", "One medical worker, from Example Red Crescent."),
        ("en", "didn't document any deaths among media workers"),
        ("en", "we documented at least 26 massacres"),
        ("en", "Women and children were 62 percent"),
        (
            "en",
            "March 5, 2020, in Tell Example, Idlib governorate, an attack by forces which we believe were Russian killed",
        ),
        ("en", "killed 15 civilians, including two female children and seven women."),
        ("en", "Between Monday, March 9, 2020 and Tuesday, March 10, 2020, in Idlib governorate, an attack"),
        ("en", "On a date that is not yet known"),
        ("en", "recorded under “Bombings whose perpetrators have not yet been identified”"),
        ("en", "casualty trace 2020-03:civilians:syrian_regime"),
        ("ar", "توثيق مقتل 145 مدنياً، بينهم اثنان من الكوادر الطبية، في سوريا في آذار 2020"),
        ("ar", "توثيق خمس مجازر ووفاة 14 شخصاً بسبب التعذيب"),
        ("ar", "مقتل 145 مدنياً، بينهم 28 طفلاً و16 سيدة (أنثى بالغة)"),
        ("ar", "غرق: ثلاثة أطفال."),
        ("ar", "لم يوثّق فريق التوثيق في آذار 2020 مقتل أحد من الكوادر الإعلامية"),
        ("ar", "من تنفيذ قوات نعتقد أنها روسية عن مقتل 15 مدنياً، بينهم طفلتان وسبع سيدات."),
    ],
)
def test_the_report_says(pages: dict[str, Page], language: str, sentence: str) -> None:
    assert sentence in pages[language].text


def test_no_word_of_the_texts_is_left_unfilled(pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert "{" not in page.text


# -- the page itself


def test_the_page_is_whole_by_itself_and_accessible(march_files: dict[str, Written], pages: dict[str, Page]) -> None:
    for language, direction in (("en", "ltr"), ("ar", "rtl")):
        html = march_files[f"report.{language}.html"].path.read_text(encoding="utf-8")
        page = pages[language]
        assert page.open == []
        assert not re.search(r"<link|src=|url\(|@import|\sstyle=", html)
        assert [given for tag, given in page.attributes if tag == "script"] == [{}]
        assert dict(page.attributes)["html"] == {"lang": language, "dir": direction}
        assert page.headings.count(1) == 1
        assert all(later - earlier <= 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))
        drawings = [given for tag, given in page.attributes if tag == "svg"]
        assert len(drawings) == 5
        assert all(given["role"] == "img" for given in drawings)
        assert html.count("<desc>") == html.count("<figure>") == len(drawings)
        assert html.count("<table>") == html.count("<caption>")
        ids = [given["id"] for _, given in page.attributes if "id" in given]
        assert len(ids) == len(set(ids))


def test_synthetic_data_says_so_in_every_language_on_every_page(march_files: dict[str, Written]) -> None:
    for name, item in march_files.items():
        if name.endswith((".html", ".txt")):
            text = item.path.read_text(encoding="utf-8")
            assert all(catalogue(language)["synthetic"] in text for language in ("en", "ar")), name
    assert catalogue("en")["synthetic"] not in render(MonthPage(invented.empty(), "en").document())


def test_text_from_data_is_escaped() -> None:
    hostile = '<script>alert("x")</script>&{toll}'
    report = invented.march()
    first, *others = report.massacres
    massacre = replace(first, place=hostile, area_of_control=hostile, incident_id=hostile)
    report = replace(report, massacres=(massacre, *others), affiliations=(("medical", "other", hostile, 1),))
    html = render(MonthPage(report, "ar").document())
    assert "<script>alert" not in html
    assert html.count("<bdi>&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;&amp;{toll}</bdi>") == 6


# -- what the figures decide


def test_a_month_without_victims_says_so() -> None:
    english, arabic = said(invented.empty()), said(invented.empty(), "ar")
    assert "No Civilians Documented Killed in Syria in January 2020" in english.text
    assert "documented no deaths of civilians" in english.text
    assert "didn't document any deaths due to torture" in english.text
    assert "didn't document any massacre" in english.text
    assert "The figures of this month support no conclusion." in english.text
    assert "The Security Council" in english.text
    assert "Compensate the families" not in english.text
    assert english.figures == arabic.figures
    assert all(value == "0" for _, value in english.figures)


def test_nothing_is_concluded_about_a_party_with_nothing_against_it(pages: dict[str, Page]) -> None:
    conclusions = pages["en"].text.rpartition("Conclusions and recommendations")[2].partition("How to correct")[0]
    assert "Attacks by the Syrian Democratic Forces killed civilians" in conclusions
    for absent in ("US-led coalition", "ISIS", "Armed Opposition"):
        assert absent not in conclusions


def test_the_chart_of_parties_shows_every_main_party_once(march_files: dict[str, Written]) -> None:
    html = march_files["report.en.html"].path.read_text(encoding="utf-8")
    chart = next(svg for svg in re.findall(r"<svg.*?</svg>", html, re.S) if "by party" in svg)
    drawn = re.findall(r">([^<]+)</text>", chart)
    for party in load_profile("syria").reported_parties():
        assert drawn.count(party.label["en"]) == (party.kind in {"main", "other"})


def test_joint_pairs_have_a_section_only_where_there_are_any(pages: dict[str, Page]) -> None:
    assert "Joint responsibility Russian" not in pages["en"].text
    tolls = {**invented.MARCH, "civilians": {**invented.CIVILIANS, ("russia+syrian_regime", ""): (4, 1, 0)}}
    profile = load_profile("syria")
    report = replace(invented.march(), figures=invented.figures(profile, tolls))
    assert "Russian forces and Syrian Regime forces: Four civilians, including one child." in said(report).text


def test_torture_stands_in_the_total_or_beside_it_as_the_profile_says() -> None:
    report = invented.march()
    counting = replace(report.profile.counting, counts_in_civilian_total=True)
    inside = replace(report, profile=replace(report.profile, counting=counting))
    assert "stand beside the civilian toll" in said(report).text
    assert "are part of the civilian toll" in said(inside).text


def test_the_massacres_told_are_as_many_as_those_counted() -> None:
    report = invented.march()
    with pytest.raises(CasualtyError, match="count 5 massacres, but 4"):
        said(replace(report, massacres=report.massacres[1:]))


@pytest.mark.parametrize(
    ("attribution", "party", "sentence"),
    [
        ("established", "russia", "an attack by Russian forces killed"),
        ("believed", "sdf", "an attack by what we believe were Syrian Democratic Forces killed"),
        ("joint_pending", "russia+syrian_regime", "for which Russian forces and Syrian Regime forces are held jointly"),
        ("joint_proved", "russia+syrian_regime", "that Russian forces and Syrian Regime forces carried out together"),
        ("undetermined", "other", "one of two parties that can't yet be told apart"),
        ("unidentified", "other", "for which no party has yet been identified as responsible killed"),
    ],
)
def test_a_massacre_is_told_no_more_certainly_than_it_is_attributed(attribution: str, party: str, sentence: str) -> None:
    report = invented.march()
    first, *others = report.massacres
    told = replace(first, attribution=attribution, party=party, category=None)
    assert sentence in said(replace(report, massacres=(told, *others))).text


@pytest.mark.parametrize(
    ("without", "named"),
    [
        (lambda f: (pl.col("party") == "sdf") & (f == "civilians"), "2020-03:civilians:sdf"),
        (lambda f: (pl.col("governorate") == "SY07") & (f == "civilians"), "2020-03:civilians:::SY07"),
        (lambda f: f == "relief", "2020-03:relief"),
    ],
)
def test_a_missing_figure_stops_the_report(without: Callable[[pl.Expr], pl.Expr], named: str) -> None:
    report = invented.march()
    figures = report.figures.filter(~without(pl.col("population")))
    with pytest.raises(CasualtyError, match=named):
        said(replace(report, figures=figures))


def test_a_missing_label_stops_the_report() -> None:
    report = invented.march()
    profile = replace(
        report.profile, categories=tuple(c for c in report.profile.categories if c.id != "bombing_unidentified")
    )
    with pytest.raises(CasualtyError, match="bombing_unidentified"):
        said(replace(report, profile=profile))


def test_a_missing_text_stops_the_report(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text('title = "T"\n')
    with pytest.raises(CasualtyError, match="no text 'footer'"):
        catalogue("en", tmp_path)["footer"]
    with pytest.raises(CasualtyError, match="'fr'"):
        catalogue("fr", tmp_path)


# -- another conflict


def another(folder: Path) -> Profile:
    """An invented conflict: two parties, two regions, one special group, English only, no wording of its own."""
    syria = load_profile("syria")
    country, parties = syria.governorates[:2], [p for p in syria.parties if p.id in {"russia", "other"}]
    return replace(
        syria,
        id="elsewhere",
        folder=folder,
        boundaries=None,
        languages=("en",),
        label={"en": "Elsewhere"},
        organisation={"en": "the recorders"},
        counting=replace(syria.counting, massacre_threshold=3),
        parties=tuple(
            replace(p, id=name, reported_as=name, label={"en": label}, long_label={"en": label})
            for p, name, label in zip(parties, ("rangers", "other"), ("The Rangers", "Others"), strict=True)
        ),
        governorates=tuple(
            replace(g, pcode=code, label={"en": label}, tile=(n, 0))
            for n, (g, code, label) in enumerate(zip(country, ("E1", "E2"), ("East", "West"), strict=True))
        ),
        categories=(),
        special_groups=(replace(syria.special_groups[0], member_one={}, member_many={}, label={"en": "Teachers"}),),
    )


def test_a_month_of_another_conflict(tmp_path: Path) -> None:
    profile = another(tmp_path)
    group = profile.special_groups[0].id
    tolls: dict[str, invented.Tolls] = {"civilians": {("rangers", ""): (2, 1, 1)}, group: {("rangers", ""): (2, 0, 0)}}
    frame = invented.figures(profile, tolls, {"E2": 2}, {})
    report = replace(
        invented.march(), profile=profile, figures=frame, months=invented.months(frame), massacres=(), affiliations=()
    )
    names = {item.path.name for item in write_month(report, tmp_path / "out", None)}
    assert {"report.en.html", "report.en.pdf", "figures.csv", "figures.xlsx", "NOTICE.txt"} <= names
    assert not any(".ar." in name for name in names)
    page = said(report)
    assert "Two Civilians, including Two of the Teachers, Documented Killed in Elsewhere" in page.text
    assert "The Rangers: Two civilians, including one child and one woman." in page.text
    assert "killed at least three civilians" in page.text
    assert "Syria" not in page.text.replace("Syrian", "")


JUDGED = LinkageQuality(Interval(98.0, 93.04, 99.6), Interval(96.5, 90.0, 98.2), judged=212, judged_on=date(2020, 6, 1))
LISTS = LinkageQuality(lists={"en": "four invented lists", "ar": "أربع قوائم مخترعة"}, on_lists=(99.1, 97.96))


@pytest.mark.parametrize(
    ("known", "language", "sentence"),
    [
        (LinkageQuality(), "en", "How often it is right on these data has not been estimated yet"),
        (LinkageQuality(), "ar", "لم تُقدَّر بعد نسبة صوابه في هذه البيانات"),
        (JUDGED, "en", "a random sample of 212 cases, the last on Monday, June 1, 2020"),
        (
            JUDGED,
            "en",
            "98.0% of the pairs of statements that the program alone joins are right (95% interval 93.0% to 99.6%)",
        ),
        (JUDGED, "en", "it joins 96.5% of those that belong together (90.0% to 98.2%)"),
        (JUDGED, "ar", "عيّنة عشوائية من الحالات عددها 212، وكانت آخر مراجعة يوم الاثنين 1 حزيران 2020"),
        (LISTS, "en", "(four invented lists), 99.1% of the joined pairs were right, and 98.0% of the pairs that belong"),
        (LISTS, "ar", "(أربع قوائم مخترعة) صحّت 99.1% من الأزواج"),
    ],
)
def test_the_methodology_says_how_good_the_linkage_is(known: LinkageQuality, language: str, sentence: str) -> None:
    assert sentence in said(replace(invented.empty(), linkage=known), language).text
