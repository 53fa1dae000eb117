"""The address of a figure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.address import Address, parse_address
from casualty_pipeline.figures.registry import DEMOGRAPHICS

_word = st.from_regex(r"[a-z_/+]{1,12}", fullmatch=True)
addresses = st.builds(
    Address,
    period=st.sampled_from(["2020-03", "2020-01..2020-03"]),
    population=_word,
    party=st.just("") | _word,
    category=st.just("") | _word,
    governorate=st.sampled_from(["", "SY07"]),
    demographic=st.sampled_from(sorted(DEMOGRAPHICS)),
    measure=st.sampled_from(["count", "percent"]),
)


@given(addresses)
def test_an_address_that_is_written_is_read_back(address: Address) -> None:
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("2020-03:civilians", Address("2020-03", "civilians")),
        (" 2020-03:civilians:russia ", Address("2020-03", "civilians", "russia")),
        ("2020-03:civilians:other:drowning::child", Address("2020-03", "civilians", "other", "drowning", "", "child")),
        ("2020-03:massacres:::SY07:::", None),
        ("2020-03:civilians:other::::percent", Address("2020-03", "civilians", "other", measure="percent")),
    ],
)
def test_what_is_left_out_means_all(text: str, address: Address | None) -> None:
    if address is None:
        with pytest.raises(CasualtyError, match="is no figure; expected period:population"):
            parse_address(text)
    else:
        assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "civilians", ":civilians", "2020-03:", "a:b:c:d:e:f:g:h"])
def test_what_is_no_address_is_refused_with_how_one_is_written(text: str) -> None:
    with pytest.raises(CasualtyError, match="for example 2020-03:civilians:russia"):
        parse_address(text)


def test_the_months_of_a_period() -> None:
    assert Address("2020-03", "civilians").months == ("2020-03", "2020-03")
    assert Address("2020-01..2020-03", "civilians").months == ("2020-01", "2020-03")


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        assert isinstance(parse_address(text), Address)
    except CasualtyError as problem:
        assert "is no figure" in str(problem)
