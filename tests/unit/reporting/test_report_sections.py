"""Each section of the report: what it says when, in both languages from the same figures (R24-R28, C3-C6)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import polars as pl
import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import load_profile
from casualty_pipeline.reporting.document import Block, Bullets, Grid, Item, Paragraph, Picture
from casualty_pipeline.reporting.html import render
from casualty_pipeline.reporting.model import Cause, LastEdition, MonthReport, NotableCase, Restatement
from casualty_pipeline.reporting.sections import MonthPage
from casualty_pipeline.reporting.texts import Catalogue
from casualty_pipeline.reporting.wording import profile_wording
from tests.unit.reporting import reporting_fixtures as invented

SEED = (
    *("introduction", "toll", "torture", "groups", "massacres", "restatements", "conclusions", "corrections"),
    *("acknowledgements", "trace"),
)


def text_of(report: MonthReport, language: str = "en") -> str:
    html = re.sub(r"<(style|svg)\b.*?</\1>", "", render(MonthPage(report, language).document()), flags=re.S)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)))


def with_tolls(**tolls: invented.Tolls) -> MonthReport:
    """The invented month with other tolls; no massacres, since each would have to be told."""
    profile = load_profile("syria")
    frame = invented.figures(profile, tolls, {}, {})
    return replace(
        invented.march(), figures=frame, months=invented.months(frame), massacres=(), affiliations=(), synthetic=False
    )


# -- both languages


def texts_in(block: Block) -> Iterable[str]:
    """What a block says, as markup."""

    def items(given: Iterable[Item]) -> Iterable[str]:
        for item in given:
            yield item.text
            yield from items(item.items)

    if isinstance(block, Paragraph):
        yield block.text
    elif isinstance(block, Bullets):
        yield from items(block.items)
    elif isinstance(block, Grid):
        yield from (text for row in block.rows for text in (row.header, *row.cells))
    elif isinstance(block, Picture):
        yield from texts_in(block.table)


def test_both_languages_state_the_same_figures_in_every_block() -> None:
    english, arabic = (MonthPage(invented.march(), language).document() for language in ("en", "ar"))
    assert [s.anchor for s in english.sections] == [s.anchor for s in arabic.sections] == list(SEED)
    for one, other in zip(english.sections, arabic.sections, strict=True):
        assert [block.kind for block in one.blocks] == [block.kind for block in other.blocks]
        for first, second in zip(one.blocks, other.blocks, strict=True):
            stated = [
                sorted(re.findall(r'value="([^"]*)" data-figure="([^"]*)"', "".join(texts_in(block))))
                for block in (first, second)
            ]
            assert stated[0] == stated[1]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_number_in_the_text_leads_to_its_row_on_the_page(language: str) -> None:
    html = render(MonthPage(invented.march(), language).document())
    links, anchors = re.findall(r'href="#([^"]+)"', html), re.findall(r'id="([^"]+)"', html)
    assert set(links) <= set(anchors)
    assert "2020-03:civilians:other:drowning::child" in links
    for section in re.findall(r"<p[ >].*?</p>|<li>.*?(?:</li>|<ul>)", html, flags=re.S):
        assert section.count("<data ") == section.count('<a class="figure"')


# -- agreement


@pytest.mark.parametrize(
    ("toll", "language", "sentence"),
    [
        ((2, 1, 0), "ar", "مقتل مدنيين اثنين، بينهما طفل واحد."),
        ((3, 1, 0), "ar", "مقتل ثلاثة مدنيين، بينهم طفل واحد."),
        ((2, 2, 0), "ar", "مقتل طفلين."),
        ((9, 0, 2), "ar", "بينهم سيدتان (أنثيان بالغتان)."),
        ((9, 0, 3), "ar", "بينهم ثلاث سيدات (إناث بالغات)."),
        ((1, 0, 0), "en", "documented the death of one civilian."),
        ((9, 0, 1), "en", "documented the deaths of nine civilians, including one woman (adult female)."),
    ],
)
def test_words_around_a_number_agree_with_it(toll: tuple[int, int, int], language: str, sentence: str) -> None:
    assert sentence in text_of(with_tolls(civilians={("russia", ""): toll}), language)


def test_all_members_of_a_group_may_come_from_one_organisation() -> None:
    def said(number: int, language: str) -> str:
        report = with_tolls(medical={("russia", ""): (number, 0, 0)})
        return text_of(replace(report, affiliations=(("medical", "russia", "Qatar Red Crescent", number),)), language)

    assert "One medical worker, from the Qatar Red Crescent." in said(1, "en")
    assert "Two medical personnel, both from the Qatar Red Crescent." in said(2, "en")
    assert "Three medical personnel, all from the Qatar Red Crescent." in said(3, "en")
    assert "اثنان من الكوادر الطبية، كلاهما من الهلال الأحمر القطري." in said(2, "ar")


def test_in_january_no_total_is_said_twice() -> None:
    frame = invented.figures(load_profile("syria"), {"civilians": {("russia", ""): (4, 0, 0)}}, {}, {}, "2020-01")
    of_month = (pl.col("period") == "2020-01") & (pl.col("party") == "") & (pl.col("governorate") == "")
    report = replace(invented.empty(), figures=frame, months=frame.filter(of_month & (pl.col("measure") == "count")))
    assert "documented the deaths of four civilians." in text_of(report)
    assert "since the beginning of 2020" not in text_of(report)


def test_governorates_with_the_same_toll_share_a_place() -> None:
    def said(tolls: Mapping[str, int]) -> str:
        report = invented.march()
        frame = invented.figures(report.profile, governorates=tolls)
        return text_of(replace(report, figures=frame))

    assert "highest in Aleppo (5) and Idlib (5), followed by Homs (3), then Hama (2)." in said(
        {"SY07": 5, "SY02": 5, "SY04": 3, "SY05": 2, "SY12": 1}
    )
    assert "highest in Aleppo (5)." in said({"SY02": 5, "SY04": 1, "SY05": 1, "SY12": 1, "SY13": 1})


# -- method


def test_the_rounding_is_declared() -> None:
    assert "shares by party to two decimals, that of women and children to a whole percent" in text_of(invented.empty())
    assert "نسب الجهات إلى منزلتين عشريتين، ونسبة النساء والأطفال إلى عدد صحيح" in text_of(invented.empty(), "ar")


def wording_of(report: MonthReport, folder: Path, text: str) -> MonthReport:
    """The report with another wording of its profile."""
    (folder / "report").mkdir(exist_ok=True)
    (folder / "report" / "report.toml").write_text(text, encoding="utf-8")
    return replace(report, profile=replace(report.profile, folder=folder))


CHANGE = '[[method_change]]\nversion = "9"\napplies_from = "{since}"\nen = "Told in English."\nar = "بالعربية."\n'


@pytest.mark.parametrize(("since", "told"), [("2019-12", False), ("2020-02", True), ("2020-03", True), ("2020-04", False)])
def test_a_change_of_method_is_told_in_the_year_that_it_first_affects(tmp_path: Path, since: str, told: bool) -> None:
    text = text_of(wording_of(invented.march(), tmp_path, CHANGE.format(since=since)))
    assert ("version 9, from" in text, "No rule has changed" in text) == (told, not told)


def test_a_profile_chooses_style_and_months(tmp_path: Path) -> None:
    style = '[style.ar]\nmonths = "both"\nwords_up_to = 20\n'
    text = text_of(wording_of(invented.march(), tmp_path, style), "ar")
    assert "في آذار/مارس 2020" in text
    assert "تسعة عشر مدنياً، بينهم طفلان وسبع سيدات" in text


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("[party.nobody]\nhedged = true\n", "'nobody', which parties.csv"),
        ('[style.ar]\ncolour = "red"\n', "found colour = 'red'"),
        ('[style.ar]\nmonths = "julian"\n', "no months 'julian'"),
        ('[[conclusion]]\nen = "A"\nar = "ا"\n', "conclusion 1: expected the text 'population'"),
        ('[[conclusion]]\npopulation = "civilians"\nen = "A"\n', "conclusion 1 has no text in the language 'ar'"),
        ('[[conclusion]]\npopulation = "civilians"\nparti = "x"\nen = "A"\nar = "ا"\n', "'parti' is no key"),
        ('[[conclusion]]\npopulation = "civilians"\ncategory = "x"\nen = "A"\nar = "ا"\n', "the category 'x'"),
        ('[[conclusion]]\npopulation = "civilians"\nen = "{x}"\nar = "ا"\n', "conclusion 1, en: the only place"),
        ('[[mechanism]]\nen = "A"\n', "see the shipped report.toml of syria"),
        ('[style.ar]\nwords_up_to = "many"\n', "found words_up_to = 'many'"),
        ("[[rule]]\nen = 'A'\n", "rule 1 has no text in the language 'ar'"),
    ],
)
def test_a_mistake_in_the_wording_of_a_profile_is_named(tmp_path: Path, given: str, named: str) -> None:
    with pytest.raises(CasualtyError, match=named):
        MonthPage(wording_of(invented.march(), tmp_path, given), "ar")


def test_a_text_with_forms_needs_one_for_all_else() -> None:
    with pytest.raises(CasualtyError, match="'including' has the forms two; add the form 'other'"):
        Catalogue("ar", {"including": {"two": "{toll}"}}, Path("ar.toml"))


# -- conclusions


@pytest.mark.parametrize("party", [p.id for p in load_profile("syria").reported_parties() if p.kind == "main"])
def test_only_the_party_with_something_against_it_is_concluded_about_or_asked(party: str) -> None:
    wording = profile_wording(load_profile("syria"))
    document = MonthPage(with_tolls(civilians={(party, ""): (3, 0, 0)}), "en").document()
    blocks = [block for section in document.sections if section.anchor == "conclusions" for block in section.blocks]
    said = unescape(" ".join(text for block in blocks for text in texts_in(block)))
    for conclusion in wording.conclusions:
        when = conclusion.when
        assert (conclusion.text["en"] in said) == (when.population == "civilians" and when.party in {"", party})
    for asked in wording.recommendations:
        expected = not asked.when or ("civilians", party) in {(when.population, when.party) for when in asked.when}
        assert all((item in said) == expected for item in asked.items["en"])


def test_a_conclusion_is_followed_by_the_figure_that_it_rests_on() -> None:
    text = text_of(invented.march())
    assert "Women and children were 62 percent of those killed in massacres" in text
    assert "demands an end to attacks on civilians. Civilians · Syrian Regime forces: 36" in text
    half = replace(invented.march(), figures=_with_share(49.0))
    assert "of those killed in massacres: strong evidence" not in text_of(half)


def _with_share(percent: float) -> pl.DataFrame:
    share = (pl.col("measure") == "percent") & (pl.col("population") == "massacre_victims")
    return invented.march().figures.with_columns(pl.when(share).then(percent).otherwise(pl.col("value")).alias("value"))


# -- massacres and notable cases


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "an air strike by forces which we believe were Russian killed 15 civilians"),
        ("en", "The same place was struck two times. At least 19 others were injured."),
        (
            "en",
            "under the joint control of factions of the Armed Opposition and Hay'at Tahrir al Sham at the time.",
        ),
        ("ar", "أسفرت غارة جوية من تنفيذ قوات نعتقد أنها روسية عن مقتل 15 مدنياً"),
        ("ar", "وبلغ عدد الهجمات على المكان نفسه اثنين. وأُصيب ما لا يقل عن 19 شخصاً آخر."),
        ("ar", "خاضعة لسيطرة مشتركة بين فصائل المعارضة المسلحة وهيئة تحرير الشام."),
    ],
)
def test_a_massacre_is_told_from_its_record(language: str, sentence: str) -> None:
    report = invented.march()
    first, second, *others = report.massacres
    control = "Armed Opposition and Hay'at Tahrir al Sham"
    told = replace(second, mechanism="airstrike", attacks=2, injured=19, area_of_control=control)
    assert sentence in text_of(replace(report, massacres=(first, told, *others)), language)


CASE = NotableCase(
    victim_id="V-invented",
    population="medical",
    demographic="man",
    governorate="SY02",
    party="russia",
    category=None,
    attribution="believed",
    died_first=date(2020, 3, 14),
    died_last=date(2020, 3, 14),
    documented=date(2020, 3, 16),
    affiliation="Qatar Red Crescent",
)


def test_a_notable_case_is_told_by_number_with_both_dates() -> None:
    report = replace(invented.march(), cases=(CASE,))
    assert (
        "On Saturday, March 14, 2020, in Aleppo governorate, a man of the Qatar Red Crescent died. Held "
        "responsible: forces which we believe were Russian. The death was documented on Monday, March 16, 2020. "
        "Victim V-invented"
    ) in text_of(report)
    arabic = text_of(report, "ar")
    assert "توفي رجل من الهلال الأحمر القطري. الجهة المسؤولة: قوات نعتقد أنها روسية." in arabic
    assert "Notable cases" not in text_of(invented.march())


def test_a_woman_died_and_not_a_man() -> None:
    woman = replace(CASE, demographic="woman", population="torture", affiliation=None)
    assert "توفيت سيدة." in text_of(replace(invented.march(), cases=(woman,)), "ar")


# -- changes since the last edition


LAST = LastEdition(1, date(2020, 4, 1))
CHANGED = Restatement(
    "2020-03:civilians:russia",
    23.0,
    19.0,
    (Cause("decision", "D-1", date(2020, 4, 2), -5.0), Cause("capture", "R-9", None, 1.0)),
)


def test_a_first_edition_says_that_it_is_one() -> None:
    assert "This is the first edition of the report for March 2020" in text_of(invented.march())


def test_an_edition_without_changes_says_so() -> None:
    said = text_of(replace(invented.march(), last_edition=LAST))
    assert "No figure of March 2020 has changed since edition 1, published on Wednesday, April 1, 2020." in said


def test_a_changed_figure_stands_with_its_old_value_and_its_causes() -> None:
    gone = Restatement("2020-03:civilians:other:shelling_unidentified", None, 2.0, (Cause("merge", "V-1", None, 2.0),))
    report = replace(invented.march(), last_edition=LAST, restatements=(CHANGED, gone))
    english, arabic = text_of(report), text_of(report, "ar")
    assert "Two figures of March 2020 have changed since edition 1" in english
    assert (
        "Civilians · Russian forces2319decision D-1 of Thursday, April 2, 2020: −5; records of the capture R-9: +1"
        in english
    )
    assert "Shelling of unknown sourcenone2two victims found to be one, V-1: +2" in english
    assert "القرار D-1 يوم الخميس 2 نيسان 2020: −5" in arabic


def test_one_changed_figure_has_changed_and_two_have() -> None:
    report = replace(invented.march(), last_edition=LAST, restatements=(CHANGED,))
    assert "One figure of March 2020 has changed since edition 1" in text_of(report)


def test_a_cause_of_an_unknown_kind_stops_the_report() -> None:
    odd = replace(CHANGED, causes=(Cause("magic", "M-1", None, -4.0),))
    with pytest.raises(CasualtyError, match="no text 'cause_magic'"):
        text_of(replace(invented.march(), last_edition=LAST, restatements=(odd,)))
