"""Who is responsible and who counts: each rule on a case of a few rows. Everybody is invented."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import duckdb
import pytest

from casualty_pipeline.attribution import digests, resolve
from casualty_pipeline.profile import Profile, load_profile
from casualty_pipeline.profile.loader import Methodology
from casualty_pipeline.tables import STAGES, TABLE, TABLES
from casualty_pipeline.warehouse import Reading

SYRIA = load_profile("syria")
_PLAIN: Mapping[str, object] = {
    "VARCHAR": "-",
    "VARCHAR[]": [],
    "INTEGER": 1,
    "BIGINT": 1,
    "BOOLEAN": False,
    "DATE": date(2020, 3, 1),
    "TIMESTAMP": datetime.fromisoformat("2020-03-01"),
    "DOUBLE": 0.0,
}


@dataclass
class Case:
    """A month of statements about one incident, `I-1`, unless said otherwise."""

    reading: Reading
    count: dict[str, int] = field(default_factory=dict)

    def _add(self, table: str, **given: Any) -> None:
        declared = TABLE[table].columns
        row = {c.name: _PLAIN[c.type] if c.required else None for c in declared}
        row |= {"documentation_month": "2020-03"} if "documentation_month" in row else {}
        row |= given
        assert set(row) == {c.name for c in declared}
        places = ", ".join(f"${name}" for name in row)
        names = ", ".join(f'"{name}"' for name in row)
        self.reading.connection.execute(f"insert into {table} ({names}) values ({places})", row)

    def incident(self, incident_id: str = "I-1", **given: Any) -> None:
        self._add("deduplicated.incidents", incident_id=incident_id, governorate="SY07", discounted=False, **given)

    def victim(self, victim_id: str = "V-1", **given: Any) -> None:
        plain = {"incident_id": "I-1", "verified": True, "status": "killed", "demographic": "man"}
        self._add("deduplicated.victims", victim_id=victim_id, **{**plain, **given})

    def claim(self, claim: str | None, source: str, victim_id: str = "V-1", **given: Any) -> None:
        """A source's record of the victim, with whom it holds responsible."""
        number = self.count["record"] = self.count.get("record", 0) + 1
        record = f"R-{number}"
        plain = {"source_key": str(number), "incident_ref": f"{source}/1", "certainty": "established"}
        self._add("cleaned.records", record_id=record, claim=claim, source=source, **{**plain, **given})
        self._add("deduplicated.victim_records", record_id=record, victim_id=victim_id)
        self._add("deduplicated.incident_records", record_id=record, incident_id="I-1")

    def decide(self, kind: str, subject: str, value: str, **given: Any) -> None:
        number = self.count["decision"] = self.count.get("decision", 0) + 1
        at = date(2020, 4, number)
        decision = {"decision_id": f"D-{number}", "kind": kind, "subject": subject, "value": value, "decided_at": at}
        self._add("captures.decisions", **{**decision, **given})

    def victims(self, profile: Profile = SYRIA) -> list[dict[str, Any]]:
        resolve(self.reading, profile)
        return self.reading.frame("from resolved_victims order by victim_id").to_dicts()

    def resolved(self, profile: Profile = SYRIA) -> dict[str, Any]:
        (victim,) = self.victims(profile)
        return victim


@pytest.fixture
def case() -> Iterator[Case]:
    """One incident and nothing else."""
    with duckdb.connect() as connection:
        for stage in STAGES:
            connection.execute(f"create schema {stage}")
        for table in TABLES:
            connection.execute(table.ddl())
        made = Case(Reading(connection))
        made.incident()
        yield made


# --- Who is responsible ---


def test_what_all_sources_say_is_established(case: Case) -> None:
    case.victim()
    case.claim("russia", "a")
    case.claim("russia", "b")
    victim = case.resolved()
    assert (victim["party"], victim["attribution"], victim["attribution_basis"]) == ("russia", "established", "claims")


def test_what_all_sources_only_believe_is_believed(case: Case) -> None:
    """R16."""
    case.victim()
    case.claim("russia", "a", certainty="believed")
    case.claim("russia", "b", certainty="single_source")
    assert case.resolved()["attribution"] == "believed"


def test_the_party_that_most_independent_sources_name_is_taken(case: Case) -> None:
    case.victim()
    case.claim("russia", "a")
    case.claim("syrian_regime", "b")
    case.claim("syrian_regime", "c")
    victim = case.resolved()
    assert (victim["party"], victim["attribution_basis"]) == ("syrian_regime", "majority")


def test_reposts_of_one_post_are_one_voice(case: Case) -> None:
    """R8: independence, not number."""
    case.victim()
    case.claim("russia", "a", original_source="Post 7")
    case.claim("russia", "b", original_source=" post 7 ")
    case.claim("syrian_regime", "c")
    victim = case.resolved()
    assert (victim["party"], victim["attribution_basis"]) == ("russia+syrian_regime", "tie")


def test_a_tie_between_a_named_pair_is_joint_until_it_is_settled(case: Case) -> None:
    """R13."""
    case.victim()
    case.claim("russia", "a")
    case.claim("syrian_regime", "b")
    victim = case.resolved()
    assert (victim["party"], victim["attribution"]) == ("russia+syrian_regime", "joint_pending")


def test_a_tie_between_any_other_two_is_undetermined_and_under_other_parties(case: Case) -> None:
    """R14."""
    case.victim()
    case.claim("sdf", "a")
    case.claim("syrian_regime", "b")
    victim = case.resolved()
    assert (victim["party"], victim["attribution"]) == ("other", "undetermined")
    assert victim["category"] == "undetermined_between_two"


def test_a_source_that_names_one_of_two_leaves_it_undetermined(case: Case) -> None:
    """R14."""
    case.victim()
    case.claim("sdf|syrian_regime", "a")
    victim = case.resolved()
    assert (victim["party"], victim["category"]) == ("other", "undetermined_between_two")


def test_a_joint_claim_of_no_named_pair_is_undetermined(case: Case) -> None:
    case.victim()
    case.claim("isis+sdf", "a")
    assert case.resolved()["attribution"] == "undetermined"


@pytest.mark.parametrize("claim", [None, "unidentified"])
def test_without_a_claim_the_mechanism_is_the_category(case: Case, claim: str | None) -> None:
    """R15."""
    case.victim(mechanism="landmine")
    case.claim(claim, "a")
    victim = case.resolved()
    assert (victim["party"], victim["attribution"]) == ("other", "unidentified")
    assert (victim["category"], victim["attribution_basis"]) == ("landmine_unknown_origin", "none")


def test_an_actor_beneath_other_parties_is_its_category_whatever_the_mechanism(case: Case) -> None:
    """R15: actor, mechanism and circumstance are three columns."""
    case.victim(mechanism="gunfire", circumstance="attack")
    case.claim("turkish_border_guards", "a")
    victim = case.resolved()
    assert (victim["party"], victim["actor"], victim["category"]) == ("other", *["turkish_border_guards"] * 2)


def test_a_party_beneath_another_counts_where_the_profile_reports_it(case: Case) -> None:
    """R12: Iranian militias among the Syrian regime's, Hay'at Tahrir al Sham beneath extremist groups."""
    case.victim("V-1")
    case.claim("iran", "a")
    victim = case.resolved()
    assert (victim["party"], victim["actor"]) == ("syrian_regime", "iran")


# --- Decisions ---


def test_a_decision_wins_over_any_majority(case: Case) -> None:
    """Principle 5."""
    case.victim()
    for source in "abc":
        case.claim("syrian_regime", source)
    case.decide("attribution", "incident:a/1", "russia", certainty="believed")
    victim = case.resolved()
    assert (victim["party"], victim["attribution"]) == ("russia", "believed")
    assert (victim["attribution_basis"], victim["decision_id"]) == ("decision", "D-1")


def test_a_superseded_decision_is_none(case: Case) -> None:
    case.victim()
    case.claim("syrian_regime", "a")
    case.decide("attribution", "incident:a/1", "russia")
    case.decide("attribution", "incident:a/1", "isis", supersedes="D-1")
    case.decide("verification", "record:a/1", "unverified")
    case.decide("verification", "record:a/1", "verified", supersedes="D-3")
    victim = case.resolved()
    assert (victim["decision_id"], victim["party"], victim["verified"]) == ("D-2", "isis", True)


def test_the_later_of_two_decisions_in_force_is_taken(case: Case) -> None:
    case.victim()
    case.claim("syrian_regime", "a")
    case.decide("attribution", "incident:a/1", "isis", decided_at=date(2020, 5, 2))
    case.decide("attribution", "incident:a/1", "russia", decided_at=date(2020, 5, 1))
    assert case.resolved()["party"] == "isis"


@pytest.mark.parametrize("subject", ["victim:V-1", "record:a/1"])
def test_a_decision_about_the_victim_wins_over_one_about_the_incident(case: Case, subject: str) -> None:
    case.victim("V-1")
    case.victim("V-2")
    case.claim("sdf", "a", "V-1")
    case.claim("sdf", "a", "V-2")
    case.decide("attribution", subject, "isis")
    case.decide("attribution", "incident:a/1", "russia")
    assert [v["party"] for v in case.victims()] == ["isis", "russia"]


def test_a_joint_attack_is_proved_by_a_decision_only(case: Case) -> None:
    """R13: the second exit."""
    case.victim()
    case.claim("russia+syrian_regime", "a")
    assert case.resolved()["attribution"] == "joint_pending"
    case.decide("attribution", "incident:a/1", "russia+syrian_regime", certainty="proved")
    assert case.resolved()["attribution"] == "joint_proved"


def test_a_joint_attack_ends_when_one_party_is_likely(case: Case) -> None:
    """R13: the first exit."""
    case.victim()
    case.claim("russia+syrian_regime", "a")
    case.decide("attribution", "incident:a/1", "russia", certainty="believed")
    victim = case.resolved()
    assert (victim["party"], victim["attribution"]) == ("russia", "believed")


# --- Who counts ---


def test_a_named_victim_counts_once_verified(case: Case) -> None:
    """R8; by which rule: tests/unit/linkage/test_canonical_sources.py."""
    case.victim("V-1", verified=False)
    case.victim("V-2")
    one, two = case.victims()
    assert (one["in_civilians"], one["not_counted_reason"]) == (False, "too_few_independent_sources")
    assert (two["in_civilians"], two["not_counted_reason"]) == (True, None)


def test_unnamed_victims_count_once_verified_as_many_as_they_are(case: Case) -> None:
    """R7."""
    case.victim("V-1", unnamed=True, verified=False)
    case.victim("V-2", unnamed=True, persons=53)
    one, two = case.victims()
    assert (one["in_civilians"], one["not_counted_reason"]) == (False, "unnamed_without_countable_media")
    assert (two["in_civilians"], two["persons"]) == (True, 53)


def test_people_decide_who_is_verified(case: Case) -> None:
    case.victim("V-1", verified=False)
    case.victim("V-2")
    case.claim(None, "a", "V-1")
    case.claim(None, "a", "V-2")
    case.decide("verification", "record:a/1", "verified")
    case.decide("verification", "victim:V-2", "unverified")
    assert [v["in_civilians"] for v in case.victims()] == [True, False]


def test_combatants_count_only_among_deaths_due_to_torture(case: Case) -> None:
    """R4."""
    case.victim("V-1", civilian_status="combatant")
    case.victim("V-2", civilian_status="combatant", circumstance="torture")
    one, two = case.victims()
    assert (one["in_civilians"], one["in_torture"], one["not_counted_reason"]) == (False, False, "combatant")
    assert (two["in_civilians"], two["in_torture"]) == (False, True)


@pytest.mark.parametrize("inside", [False, True])
def test_whether_torture_counts_in_the_civilian_total_is_the_profile_s(case: Case, inside: bool) -> None:
    """C3: some months count it so, some otherwise."""
    case.victim(circumstance="torture")
    profile = ruled(Methodology("1", "2011-03", replace(SYRIA.counting, counts_in_civilian_total=inside)))
    victim = case.resolved(profile)
    assert (victim["in_civilians"], victim["in_torture"]) == (inside, True)


def ruled(*methodologies: Methodology) -> Profile:
    return replace(SYRIA, methodologies=methodologies)


def test_the_rules_are_those_in_force_in_the_month_of_documentation(case: Case) -> None:
    """Every change of method is stated, with the month from which it applies (requirements, section 4)."""
    inside = replace(SYRIA.counting, counts_in_civilian_total=True)
    profile = ruled(Methodology("old", "2011-03", inside), Methodology("new", "2020-01", SYRIA.counting))
    case.victim("V-1", circumstance="torture", documentation_month="2019-12")
    case.victim("V-2", circumstance="torture", documentation_month="2020-01")
    old, new = case.victims(profile)
    assert (old["methodology"], old["in_civilians"]) == ("old", True)
    assert (new["methodology"], new["in_civilians"]) == ("new", False)


def test_everybody_whom_a_claim_names_stands_beside_whom_it_is_attributed_to(case: Case) -> None:
    """Minimum and maximum beside the count (requirements, section 4)."""
    case.victim()
    case.claim("russia", "a")
    case.claim("russia", "b")
    case.claim("isis|sdf", "c")
    assert case.resolved()["alleged_parties"] == ["isis", "russia", "sdf"]
    case.decide("attribution", "victim:V-1", "russia+syrian_regime")
    assert case.resolved()["alleged_parties"] == ["russia", "syrian_regime"]


# What keeps a victim out of every toll: what is known of the victim, and the reason.
NOT_COUNTED = {
    "natural_death": {"circumstance": "natural_death"},  # R6
    "status_injured": {"status": "injured"},
    "status_unknown": {"status": "unknown"},
}


@pytest.mark.parametrize("reason", NOT_COUNTED)
def test_who_is_in_no_toll_has_the_reason(case: Case, reason: str) -> None:
    case.victim(**NOT_COUNTED[reason])
    victim = case.resolved()
    assert victim["not_counted_reason"] == reason
    assert not (victim["in_civilians"] or victim["in_torture"] or victim["in_massacre"])


def test_an_incident_that_every_source_discounts_counts_nobody(case: Case) -> None:
    case.reading.connection.execute("update deduplicated.incidents set discounted = true")
    case.victim()
    assert case.resolved()["not_counted_reason"] == "discounted_by_source"


# --- Massacres ---


def _crowd(case: Case, civilians: int, **others: int) -> None:
    for number in range(civilians):
        case.victim(f"V-{number}")
    for number in range(others.get("combatants", 0)):
        case.victim(f"W-{number}", civilian_status="combatant")
    for number in range(others.get("tortured", 0)):
        case.victim(f"X-{number}", circumstance="torture")


@pytest.mark.parametrize(
    ("civilians", "others", "massacre"),
    [
        (5, {}, True),
        (4, {}, False),
        (4, {"combatants": 3}, False),
        (4, {"tortured": 3}, False),
        (6, {"combatants": 1}, True),
    ],
)
def test_a_massacre_is_five_peaceful_people_in_one_incident(
    case: Case, civilians: int, others: dict[str, int], massacre: bool
) -> None:
    """R20: combatants don't count towards the five."""
    _crowd(case, civilians, **others)
    in_massacre = [v["victim_id"] for v in case.victims() if v["in_massacre"]]
    assert in_massacre == ([f"V-{n}" for n in range(civilians)] if massacre else [])
    (incident,) = case.reading.frame("from resolved_incidents").to_dicts()
    assert (incident["massacre"], incident["civilians"]) == (massacre, civilians)


def test_a_late_death_turns_four_into_five_and_changes_its_month(case: Case) -> None:
    """R20: past months change."""
    _crowd(case, 4)
    assert not any(v["in_massacre"] for v in case.victims())
    before = dict(digests(case.reading, SYRIA).select("month", "sha256").iter_rows())
    case.victim("V-late", documentation_month="2020-05")
    victims = case.victims()
    assert all(v["in_massacre"] for v in victims)
    after = dict(digests(case.reading, SYRIA).select("month", "sha256").iter_rows())
    assert after["2020-03"] != before["2020-03"]
    # Nobody counts in a massacre of another month: the late death counts with the four, and says when it was documented.
    assert {v["documentation_month"] for v in victims} == {"2020-03"}
    assert [v["documented_in"] for v in victims if v["victim_id"] == "V-late"] == ["2020-05"]
    (incident,) = case.reading.frame("from resolved_incidents").to_dicts()
    assert (incident["documentation_month"], incident["civilians"]) == ("2020-03", 5)


@pytest.mark.parametrize(("first", "later", "month"), [(5, 1, "2020-03"), (2, 6, "2020-05")])
def test_where_one_month_documented_a_whole_massacre_each_victim_counts_in_its_own(
    case: Case, first: int, later: int, month: str
) -> None:
    """R10: some victims were killed long before; the massacre counts where five of its dead were documented."""
    for n in range(first + later):
        case.victim(f"V-{n}", documentation_month="2020-03" if n < first else "2020-05")
    counted = [v["documentation_month"] for v in case.victims()]
    assert counted == ["2020-03"] * first + ["2020-05"] * later
    (incident,) = case.reading.frame("from resolved_incidents").to_dicts()
    assert (incident["massacre"], incident["documentation_month"]) == (True, month)


def test_equal_rows_have_equal_digests(case: Case) -> None:
    case.victim()
    case.claim("russia", "a")
    case.victims()
    before = digests(case.reading, SYRIA).to_dicts()
    case.claim("russia", "b")  # says nothing new
    case.victims()
    assert digests(case.reading, SYRIA).to_dicts() == before
