"""docs/checks.md names every check that is declared, beneath its stage, and no other."""

import re
from pathlib import Path

import pytest

import checks.attributed
import checks.captures
import checks.cleaned
import checks.deduplicated
import checks.monthly
import checks.refused
import checks.reports
from casualty_pipeline.profile import load_profile
from casualty_pipeline.tables import STAGES
from checks.rules import Check

SYRIA = load_profile("syria")
PAGE = Path(__file__).parents[3] / "docs" / "checks.md"


def _declared(stage: str) -> tuple[Check, ...]:
    if stage == "captures":
        return checks.captures.DECLARED
    module = {
        "cleaned": checks.cleaned,
        "deduplicated": checks.deduplicated,
        "attributed": checks.attributed,
        "monthly": checks.monthly,
        "reports": checks.reports,
    }[stage]
    last = (checks.refused.NO_MONTH_IS_REFUSED,) if stage == "reports" else ()
    return (*module.declared(SYRIA), *last)


def _section(stage: str) -> str:
    return PAGE.read_text("utf-8").split(f"\n### {stage}\n")[1].split("\n### ")[0]


@pytest.mark.parametrize("stage", STAGES)
def test_the_page_has_a_row_for_each_rule_as_it_is_declared(stage: str) -> None:
    rules = {
        (c.name, c.table.partition(".")[2], "yes" if c.blocking else "no", c.requirement)
        for c in _declared(stage)
        if not c.expectations
    }

    assert set(re.findall(r"^\| `(\w+)`: .* \| `(\w+)` \| (yes|no) \| (.*) \|$", _section(stage), re.M)) == rules


@pytest.mark.parametrize("stage", STAGES)
def test_the_page_lists_what_great_expectations_is_asked_of_each_table(stage: str) -> None:
    (line,) = re.findall(r"^Great Expectations: (.*)\.$", _section(stage), re.M)
    told = {(table, name) for table, names in re.findall(r"`(\w+)` \(([^)]*)\)", line) for name in names.split("`")[1::2]}

    assert told == {(c.table.partition(".")[2], c.name) for c in _declared(stage) if c.expectations}
