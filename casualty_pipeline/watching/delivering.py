"""Bringing one alert to one channel: an HTTP POST of JSON, a message over SMTP, a line in the journal."""

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from casualty_pipeline.home import Home
from casualty_pipeline.watching import journal
from casualty_pipeline.watching.settings import Channels, Email, Webhook

TIMEOUT_SECONDS = 10


class UndeliveredError(Exception):
    """It didn't arrive: why, in words without an address or a secret."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A token is for the server that was named, not for wherever that one points to."""

    def redirect_request(self, *_: Any) -> None:
        return None


def deliver(home: Home, channels: Channels, channel: str, alert: Mapping[str, Any]) -> None:
    """Send it. The receiver can tell a second arrival by `id`. Raises UndeliveredError where it didn't arrive."""
    if channel == "webhook" and channels.webhook is not None:
        _post(channels.webhook, alert)
    elif channel == "email" and channels.email is not None:
        _mail(channels.email, alert)
    elif channel == "log":
        level = "error" if alert["kind"] == "failure" else "info"
        journal.event(
            home, level, alert["subject"], run=alert["run"], months=alert["months"], asset=" ".join(alert["stages"])
        )
    else:
        raise UndeliveredError("it is not set up any more")


def _post(webhook: Webhook, alert: Mapping[str, Any]) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": alert["id"]}
    if webhook.token:
        headers["Authorization"] = f"Bearer {webhook.token}"
    request = urllib.request.Request(  # noqa: S310  the settings take http and https only
        webhook.url, json.dumps(alert, ensure_ascii=False).encode(), headers, method="POST"
    )
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=TIMEOUT_SECONDS):
            return
    except urllib.error.HTTPError as problem:
        raise UndeliveredError(f"the webhook answered {problem.code}") from None
    except (OSError, ValueError) as problem:
        raise UndeliveredError(f"the webhook can't be reached ({type(problem).__name__})") from None


def message(email: Email, alert: Mapping[str, Any]) -> EmailMessage:
    """The alert as a message. Its id is made of the alert's, so that a second arrival can be told."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = email.sender, ", ".join(email.to), alert["subject"]
    made["Date"] = format_datetime(datetime.fromisoformat(alert["at"]))
    made["Message-ID"] = f"<{alert['id']}@{email.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(alert["text"])
    return made


def _mail(email: Email, alert: Mapping[str, Any]) -> None:
    context = ssl.create_default_context(cafile=str(email.ca_file) if email.ca_file else None)
    try:
        server: smtplib.SMTP
        if email.security == "tls":
            server = smtplib.SMTP_SSL(email.host, email.port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(email.host, email.port, timeout=TIMEOUT_SECONDS)
        with server:
            if email.security == "starttls":
                server.starttls(context=context)
            if email.user:
                server.login(email.user, email.password)
            server.send_message(message(email, alert))
    except (OSError, smtplib.SMTPException) as problem:
        raise UndeliveredError(f"the mail server didn't take it ({type(problem).__name__})") from None
