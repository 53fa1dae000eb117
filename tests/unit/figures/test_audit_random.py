"""Reports counted from invented victims are never accused, whichever figures are given; a changed one is found."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.identities.audit import audit
from casualty_pipeline.figures.identities.network import Given
from casualty_pipeline.figures.identities.places import parent_party
from casualty_pipeline.figures.registry import DEMOGRAPHICS
from casualty_pipeline.profile import load_profile

SYRIA = load_profile("syria")
MONTHS = ("2020-01", "2020-02", "2020-03")
PERIODS = {**{m: (m,) for m in MONTHS}, "2020-01..2020-03": MONTHS}
PARTIES = (
    ("syrian_regime", ""),
    ("russia", ""),
    ("russia+syrian_regime", ""),
    ("extremist_islamist", ""),
    ("extremist_islamist/hts", ""),
    ("other", "drowning"),
    ("other", "unidentified"),
)
PEOPLE = ("man", "woman", "child_male", "child_female", "child", "unknown")


@dataclass(frozen=True)
class Death:
    """Persons of one kind who died in one way; `population` is that of the main count."""

    month: str
    party: tuple[str, str]
    governorate: str
    person: str
    population: str
    group: str


deaths = st.builds(
    Death,
    st.sampled_from(MONTHS),
    st.sampled_from(PARTIES),
    st.sampled_from(["SY07", "SY02", "unknown"]),
    st.sampled_from(PEOPLE),
    st.sampled_from(["civilians", "civilians", "torture"]),
    st.sampled_from(["", "", "", "medical", "media"]),
)
massacres = st.tuples(deaths, st.lists(st.sampled_from(PEOPLE), min_size=5, max_size=9))


def cells(party: str, category: str, governorate: str) -> Iterator[tuple[str, str, str]]:
    yield "", "", ""
    yield "", "", governorate
    for name in {party, parent_party(party, SYRIA)} - {""}:
        yield name, "", ""
    if party == "russia":
        yield party, "", governorate
    if category:
        yield party, category, ""


def counted(single: list[Death], attacks: list[tuple[Death, list[str]]]) -> list[Given]:
    """Every figure of a report on these deaths, zeros too, and percentages."""
    total: Counter[Address] = Counter()
    people = [(d, d.person, {d.population, d.group} - {""}) for d in single]
    people += [(d, p, {"civilians", "massacre_victims", d.group} - {""}) for d, who in attacks for p in who]
    for period, months in PERIODS.items():
        for death, person, populations in people:
            for cell in cells(*death.party, death.governorate) if death.month in months else ():
                for demographic, includes in DEMOGRAPHICS.items():
                    for population in populations:
                        total[Address(period, population, *cell, demographic)] += person in includes
        for death, _ in attacks:
            for cell in cells(*death.party, death.governorate) if death.month in months else ():
                total[Address(period, "massacres", *cell)] += 1
        for population in ("civilians", "torture", "massacre_victims", "medical", "massacres"):
            for party in ("", "russia", "isis"):
                total[Address(period, population, party)] += 0
    figures = [Given(a, n) for a, n in total.items()]
    for address, n in total.items():
        whole = total[address._replace(party="", category="", demographic="all")]
        by_party = address.party and not address.category and not address.governorate and address.demographic == "all"
        of_all = not any(address[2:5]) and address.demographic == "women_and_children"
        if whole and (by_party or of_all):
            places = 2 if by_party else 0
            scale = 100 * 10**places
            figures.append(Given(address._replace(measure="percent"), (2 * scale * n + whole) // (2 * whole), places))
    return sorted(figures, key=lambda g: g.address)


reports = st.builds(counted, st.lists(deaths, max_size=20), st.lists(massacres, max_size=3))
patient = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@patient
@given(reports, st.randoms(use_true_random=False), st.integers(1, 40))
def test_what_was_counted_is_never_accused_whichever_figures_are_given(
    report: list[Given], random: Random, size: int
) -> None:
    truth = {g.address: g.value for g in report}
    found = audit(random.sample(report, min(size, len(report))), SYRIA)
    assert found.contradictions == ()
    assert found.settled
    for d in found.derived:
        assert d.least <= truth.get(d.address, d.least) <= d.most


@patient
@given(reports, st.randoms(use_true_random=False), st.sampled_from([-3, -1, 1, 2, 40]))
def test_one_changed_figure_is_named_in_a_smallest_set(report: list[Given], random: Random, change: int) -> None:
    """Its parts by demographic, and its whole, are given, so that it can't stand."""
    parts = ("man", "woman", "child", "unknown")
    whole = random.choice([g for g in report if g.address.measure == "count" and g.address.demographic == "all"])
    wanted = {whole.address, *(whole.address._replace(demographic=d) for d in parts)}
    around = random.sample(report, min(12, len(report)))
    table = {g.address: g for g in [*around, *(g for g in report if g.address in wanted)]}
    if not wanted <= set(table) or whole.value + change < 0:
        return
    guilty = replace(whole, value=whole.value + change)
    found = audit([*(g for a, g in table.items() if a != guilty.address), guilty], SYRIA)
    assert any(guilty.address in c.figures for c in found.contradictions)
    for c in found.contradictions:
        assert guilty.address in c.figures
        assert audit(c.stated, SYRIA).contradictions
        for member in c.stated:
            assert audit([g for g in c.stated if g != member], SYRIA).contradictions == ()
