"""`casualty audit` as people and machines use it."""

import json
from pathlib import Path

from click.testing import CliRunner

from casualty_pipeline.cli import main
from casualty_pipeline.profile import load_profile


def published(month: str) -> str:
    path = load_profile("syria").published(month)
    assert path is not None
    return str(path)


def test_the_seed_is_contradictory_and_says_so_in_both_languages() -> None:
    for language, words in (("en", "A part is larger than its whole"), ("ar", "الجزء أكبر من الكل")):
        result = CliRunner().invoke(main, ["audit", published("2020-03"), "--language", language])
        assert result.exit_code == 1
        assert result.stdout.count(words) == 3


def test_months_that_fit_together_exit_with_zero() -> None:
    result = CliRunner().invoke(main, ["audit", published("2020-01"), published("2020-02"), "--format", "json"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["consistent"] and found["settled"] and found["contradictions"] == []


def test_what_cannot_be_read_exits_with_two(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("period,population,value\n2020-03,civilians,many\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["audit", str(path)])
    assert result.exit_code == 2
    assert "row 2, column value" in result.stderr
    assert result.stdout == ""
