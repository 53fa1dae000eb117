"""Settings of alerts: one place, no secret in it, nothing that can't be meant."""

from pathlib import Path

import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.watching.settings import Channels, channels_of

_MAIL = '[alerts.email]\nhost = "mail.example.org"\nsender = "a@example.org"\nto = ["b@example.org"]\n'


def _home(path: Path, text: str) -> Home:
    (path / "casualty.toml").write_text(text, "utf-8")
    return Home(path)


def test_without_settings_failures_go_to_the_journal_alone(tmp_path: Path) -> None:
    assert channels_of(Home(tmp_path)) == Channels()
    assert channels_of(Home(tmp_path)).names == ("log",)


def test_secrets_come_from_the_environment_or_a_file_of_the_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "smtp"
    secret.write_text("s3cret\n")
    secret.chmod(0o600)
    home = _home(tmp_path, _MAIL + 'user = "casualty"\npassword_file = "smtp"\n')
    monkeypatch.setenv("CASUALTY_ALERT_WEBHOOK", "https://hooks.example.org/abc")
    found = channels_of(home)
    assert found.email is not None and (found.email.password, found.email.port) == ("s3cret", 587)
    assert found.webhook is not None and found.webhook.url.endswith("/abc")
    assert "s3cret" not in repr(found) and "/abc" not in repr(found)

    monkeypatch.setenv("CASUALTY_ALERT_SMTP_PASSWORD", "other")
    found = channels_of(home)
    assert found.email is not None and found.email.password == "other"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("alerts = 3\n", "expected the tables"),
        ("[alerts.pager]\nn = 1\n", "found pager"),
        ('[alerts.webhook]\nurl = "ftp://example.org"\n', "begins with https"),
        ('[alerts.webhook]\nurl = "http://example.org"\n', "begins with https"),
        ("[alerts.webhook]\nurl = 3\n", "expected str"),
        ('[alerts.webhook]\ntoken = "abc"\n', "secrets don't stand in settings"),
        ('[alerts.email]\nhost = "mail.example.org"\n', "expected sender, to"),
        (_MAIL + 'password = "abc"\n', "secrets don't stand in settings"),
        (_MAIL + 'security = "plain"\n', "security"),
        (_MAIL + 'security = "none"\n', "only for a server on this machine"),
        (_MAIL + 'password_file = "nowhere"\n', "can't be read"),
        (_MAIL + 'ca_file = "nowhere.pem"\n', "found no file"),
        (_MAIL.replace('"b@example.org"', '"b@example.org\\nBcc: c@example.org"'), "expected addresses"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CasualtyError, match=said) as refused:
        channels_of(_home(tmp_path, text))
    assert "casualty.toml" in str(refused.value) or "nowhere" in str(refused.value)


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("abc")
    secret.chmod(0o644)
    home = _home(tmp_path, '[alerts.webhook]\nurl = "https://example.org"\ntoken_file = "token"\n')
    with pytest.raises(CasualtyError, match="others can read this secret"):
        channels_of(home)
