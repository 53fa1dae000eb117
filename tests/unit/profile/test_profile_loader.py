"""A profile that doesn't fit together stops the program with the file, the row or the key that is wrong."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import load_profile

ATLANTIS = Path(__file__).parents[2] / "fixtures/profiles/atlantis"
Edit = Callable[..., Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """A copy of the invented country's profile with one file changed."""

    def edit(file: str, old: str, new: str) -> Path:
        folder: Path = shutil.copytree(ATLANTIS, tmp_path / "edited")
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return edit


# file, what stands there, what stands there instead, what the message says
WRONG: Mapping[str, tuple[str, str, str, str]] = {
    "broken TOML": ("profile.toml", "[counting]", "[counting", "profile.toml: Expected"),
    "a key missing": ("profile.toml", "timezone", "timezones", "profile.toml: expected the key 'timezone'"),
    "a rule misspelt": ("profile.toml", "adult_age", "adult_ages", "adult_ages"),
    "an unknown disagreement": ("profile.toml", '"majority"', '"loudest"', "disagreement = 'loudest'; expected majority"),
    "a pair of unknown parties": ("profile.toml", '["crown", "tide_guard"]', '["crown", "x"]', "joint pair ['crown', 'x']"),
    "an unknown countryside": ("profile.toml", "elsewhere = {}", 'elsewhere = {X = "AT-N"}', "names 'X'"),
    "a field without a rule": ("profile.toml", "sex = [", "sexes = [", "profile.toml: expected the key 'sex'"),
    "a rule for no field": ("profile.toml", "[survivorship]", '[survivorship]\nx = ["earliest"]', "unknown field 'x'"),
    "an unknown criterion": (
        "profile.toml",
        'sex = ["sources"',
        'sex = ["luck"',
        "survivorship.sex: 'luck'; expected one of",
    ),
    "a rule that may not decide": ("profile.toml", 'sex = ["sources", "earliest"]', 'sex = ["sources"]', "at the end"),
    "a rank without a list": ("profile.toml", 'sex = ["sources"', 'sex = ["rank"', "sex: asks for rank; expected a list"),
    "a rule that is no list": ("profile.toml", 'sex = ["sources", "earliest"]', 'sex = "x"', "sex is 'x'; expected a list"),
    "a column missing": ("parties.csv", "reported_as", "reported", "parties.csv: expected the columns id, reported_as"),
    "a label missing": ("parties.csv", "Crown forces,Crown forces", ",Crown forces", "no label_en for 'crown'"),
    "an order that is none": ("parties.csv", ",10,", ",first,", "parties.csv: order of 'crown' is 'first'"),
    "a party reported as none": ("parties.csv", "crown,crown", "crown,throne", "'crown' is reported as 'throne'"),
    "no other parties": ("parties.csv", "other,other", "rest,rest", "no party 'other'"),
    "a party twice": ("parties.csv", "tide_guard,tide_guard", "crown,crown", "parties.csv: 'crown' stands twice"),
    "an unknown actor": ("categories.csv", "10,,,", "10,,x,", "categories.csv: 'sea_mine' names the actor 'x'"),
    "a tile that is none": ("governorates.csv", "0,1", "0,b", "governorates.csv: tile_row of 'AT-S' is 'b'"),
    "an alias of no governorate": ("aliases/governorates.csv", ",AT-S", ",AT-X", "'Southmole' is 'AT-X'"),
    "an alias of no party": ("aliases/parties.csv", "Guard,tide_guard", "Guard,tide", "'Guard' claims 'tide'"),
    "a word of no group": ("aliases/vocabulary.csv", "pilot,pilots", "pilot,x", "'pilot' is the special_group 'x'"),
    "a word of no sex": ("aliases/vocabulary.csv", "male,male", "male,m", "expected one of female, male"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(edited: Edit, case: str) -> None:
    file, old, new, reason = WRONG[case]
    with pytest.raises(CasualtyError, match=re.escape(reason)):
        load_profile(str(edited(file, old, new)))


@pytest.mark.parametrize("file", ["parties.csv", "aliases/vocabulary.csv"])
def test_a_file_that_is_missing_or_in_another_encoding_is_named(edited: Edit, file: str) -> None:
    folder = edited("profile.toml", "Atlantis", "Atlantis")
    (folder / file).write_bytes("id;القوات".encode("cp1256"))
    with pytest.raises(CasualtyError, match=rf"{file}: not a CSV file in UTF-8"):
        load_profile(str(folder))
    (folder / file).unlink()
    with pytest.raises(CasualtyError, match=rf"lacks its file .*{file}"):
        load_profile(str(folder))


def test_a_profile_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(CasualtyError, match="no profile 'lemuria': expected one of syria, or a folder"):
        load_profile("lemuria")


def test_a_rule_that_changes_changes_the_digest_and_so_makes_months_stale(edited: Edit) -> None:
    before = load_profile(str(ATLANTIS))
    after = load_profile(str(edited("profile.toml", "massacre_threshold = 4", "massacre_threshold = 5")))
    assert (before.counting.massacre_threshold, after.counting.massacre_threshold) == (4, 5)
    assert before.digest != after.digest


def test_the_digest_is_of_the_content_not_of_the_place(tmp_path: Path) -> None:
    copy = shutil.copytree(ATLANTIS, tmp_path / "elsewhere")
    assert load_profile(str(copy)).digest == load_profile(str(ATLANTIS)).digest


def test_syria_names_its_parties_as_its_reports_do() -> None:
    """R12, R13."""
    syria = load_profile("syria")
    assert [p.id for p in syria.reported_parties()] == [
        *("syrian_regime", "russia", "isis", "extremist_islamist", "extremist_islamist/hts"),
        *("armed_opposition", "sdf", "us_coalition", "other"),
    ]
    assert syria.party["iran"].reported_as == "syrian_regime"
    assert syria.party["extremist_islamist/hts"].parent == "extremist_islamist"
    assert syria.party_label("russia+syrian_regime", "en") == "Russian forces and Syrian Regime forces"
    with pytest.raises(CasualtyError, match="profile 'syria' has no party 'martians'"):
        syria.party_label("martians", "en")
