"""The outbox, against real servers: once per alert, again where one is down, nothing lost by a kill."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.watching.journal import EVENTS, lines
from casualty_pipeline.watching.outbox import LONGEST_WAIT, Alert, Outbox
from casualty_pipeline.watching.settings import Channels, Email, Webhook
from tests.fixtures.receivers import hook, mailbox

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
ALERT = Alert(
    "failure-1",
    "failure",
    NOW.isoformat(),
    "March failed",
    "What to do.\n",
    ("2020-03",),
    ("cleaned",),
    ("cleaned: a",),
    "r",
)


def test_a_webhook_gets_json_once_with_its_token(tmp_path: Path) -> None:
    outbox = Outbox(Home(tmp_path))
    assert outbox.put(ALERT)
    with hook() as server:
        channels = Channels(Webhook(server.url, "t0ken"))
        outbox.send(channels, NOW)
        assert not outbox.put(ALERT)
        outbox.send(channels, NOW + timedelta(days=1))
        (posted,), (headers,) = server.posted, server.headers
    assert posted == {**ALERT.told(), "months": ["2020-03"], "stages": ["cleaned"], "rules": ["cleaned: a"]}
    assert headers["Authorization"] == "Bearer t0ken" and headers["Idempotency-Key"] == "failure-1"
    (logged,) = lines(Home(tmp_path).logs / EVENTS)
    assert (logged["level"], logged["message"], logged["months"]) == ("error", "March failed", ["2020-03"])


def test_a_mail_goes_out_encrypted_to_a_server_whose_certificate_is_known(tmp_path: Path) -> None:
    outbox = Outbox(Home(tmp_path / "home"))
    outbox.put(ALERT)
    with mailbox(tmp_path) as server:
        email = Email(
            "127.0.0.1", server.port, "starttls", "a@example.org", ("b@example.org",), "casualty", "s3cret", server.ca_file
        )
        outbox.send(Channels(email=email), NOW)
        assert (server.logins, server.encrypted) == ([("casualty", "s3cret")], [True])
        (message,) = server.messages
    assert (message["Subject"], message["To"]) == ("March failed", "b@example.org")
    assert message["Message-ID"] == "<failure-1@example.org>"
    assert message.get_content().strip() == "What to do."


def test_a_mail_server_that_nobody_vouches_for_gets_neither_password_nor_mail(tmp_path: Path) -> None:
    outbox = Outbox(Home(tmp_path / "home"))
    outbox.put(ALERT)
    with mailbox(tmp_path) as server:
        email = Email("127.0.0.1", server.port, "starttls", "a@example.org", ("b@example.org",), "casualty", "s3cret")
        done = outbox.send(Channels(email=email), NOW)
        assert server.logins == [] and server.messages == []
    (_, _, after) = next(one for one in done if one[1] == "email")
    assert "SSLCertVerificationError" in after.problem


def test_a_channel_that_is_down_is_tried_again_later_each_time_after_a_longer_wait(tmp_path: Path) -> None:
    outbox, at, waits = Outbox(Home(tmp_path)), NOW, []
    outbox.put(ALERT)
    with hook() as server:
        server.answers = [503] * 12 + [200]
        channels = Channels(Webhook(server.url))
        for _ in range(12):
            (after,) = [s for _, name, s in outbox.send(channels, at) if name == "webhook"]
            assert after.problem == "the webhook answered 503" and not after.sent_at
            waits.append(datetime.fromisoformat(after.next_at) - at)
            assert outbox.send(channels, at + waits[-1] - timedelta(seconds=1)) == []
            at += waits[-1]
        (after,) = [s for _, _, s in outbox.send(channels, at)]
    assert after.sent_at and after.attempts == 13
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)] and waits[-1] == LONGEST_WAIT


def test_a_channel_that_is_down_for_a_week_is_given_up(tmp_path: Path) -> None:
    outbox = Outbox(Home(tmp_path))
    outbox.put(ALERT)
    channels = Channels(Webhook("http://127.0.0.1:1/nobody"))
    (after,) = [s for _, name, s in outbox.send(channels, NOW + timedelta(days=8)) if name == "webhook"]
    assert after.given_up and after.problem == "the webhook can't be reached (URLError)"
    assert outbox.waiting(channels) == []


def test_a_server_that_points_elsewhere_is_not_followed(tmp_path: Path) -> None:
    outbox = Outbox(Home(tmp_path))
    outbox.put(ALERT)
    with hook() as server:
        server.answers = [302]
        (after,) = [s for _, name, s in outbox.send(Channels(Webhook(server.url, "t")), NOW) if name == "webhook"]
        assert len(server.headers) == 1 and after.problem == "the webhook answered 302"


_KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from casualty_pipeline.home import Home
from casualty_pipeline.watching import outbox
from casualty_pipeline.watching.settings import Channels, Webhook
if sys.argv[3] == "before":
    outbox.deliver = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
else:
    outbox._write = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
outbox.Outbox(Home(Path(sys.argv[1]))).send(Channels(Webhook(sys.argv[2])), datetime.now(UTC))
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_is_killed_while_sending_loses_nothing(tmp_path: Path, when: str) -> None:
    outbox = Outbox(Home(tmp_path))
    outbox.put(ALERT)
    with hook() as server:
        command = [sys.executable, "-c", _KILLED, str(tmp_path), server.url, when]
        ended = subprocess.run(command, check=False, env=dict(os.environ))
        assert ended.returncode == -signal.SIGKILL
        channels = Channels(Webhook(server.url))
        outbox.send(channels, NOW)
        outbox.send(channels, NOW)
        assert {posted["id"] for posted in server.posted} == {"failure-1"}
        assert len(server.posted) == 1
    assert outbox.waiting(channels) == []


def test_a_file_that_is_no_alert_is_named_and_stops_nobody(tmp_path: Path) -> None:
    outbox = Outbox(Home(tmp_path))
    outbox.put(ALERT)
    (Home(tmp_path).alerts / "cut.json").write_text(json.dumps({"id": "x"})[:-3])
    assert [a.id for a in outbox.alerts()] == ["failure-1"]
    assert [p.name for p in outbox.damaged()] == ["cut.json"]


def test_an_id_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(CasualtyError, match="can't be the id"):
        Outbox(Home(tmp_path)).has("../casualty")
