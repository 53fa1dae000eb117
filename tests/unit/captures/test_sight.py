"""What a role may see of what captures say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.captures.entries import ACCESS_LEVELS
from casualty_pipeline.captures.sight import ROLES, Sight, traced_for
from casualty_pipeline.errors import CasualtyError

LEVELS = {"a": "open", "b": "restricted", "c": "confidential"}


def victim(*captures: str) -> dict[str, Any]:
    records = [
        {"record_id": f"R-{c}", "source": "post", "source_key": "7", "file": f"{c}.csv", "sheet": None, "row_number": 4}
        | {"capture_sha256": c, "linked_by": "evidence"}
        for c in captures
    ]
    return {
        "victim_id": "V-1",
        "name_ar": "سمير القنديل",
        "name_en": None,
        "place": "Tell",
        "persons": 1,
        "records": records,
    }


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4), st.sampled_from(sorted(ROLES)))
def test_a_name_is_seen_where_every_record_may_be_and_a_record_s_place_where_its_capture_may_be(
    captures: list[str], role: str
) -> None:
    sight = Sight(role, LEVELS)
    (shown,) = traced_for({"victims": [victim(*captures)]}, sight)["victims"]
    levels = [LEVELS.get(c, "confidential") for c in captures]
    seen = [ACCESS_LEVELS.index(level) <= ACCESS_LEVELS.index(ROLES[role]) for level in levels]
    assert (shown["name_ar"] is not None) == all(seen)
    assert [record["file"] is not None for record in shown["records"]] == seen
    assert [record["capture_sha256"] for record in shown["records"]] == captures  # what it rests on is never hidden


def test_what_rests_on_captures_that_may_not_be_seen_is_refused() -> None:
    with pytest.raises(CasualtyError, match="1 capture that the role 'viewer' may not see"):
        Sight("viewer", LEVELS).refuse("R-1", ["a", "b"])
    Sight("editor", LEVELS).refuse("R-1", ["a", "b"])
    with pytest.raises(CasualtyError, match="it is for the role 'confidential'"):
        Sight("editor", LEVELS).only_all("V-1")
