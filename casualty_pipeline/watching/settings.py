"""Who is told: the table [alerts] of casualty.toml, the one place. Secrets never stand there, only where they are found.

    [alerts.webhook]
    url = "https://hooks.example.org/casualty"    # or url_file, or CASUALTY_ALERT_WEBHOOK, where the address is a secret
    token_file = "/etc/casualty/webhook-token"    # or CASUALTY_ALERT_WEBHOOK_TOKEN; sent as a bearer token
    [alerts.email]
    host = "mail.example.org"
    port = 587
    security = "starttls"                         # or "tls" (from the first byte), or "none" (this machine only)
    sender = "casualty@example.org"
    to = ["data@example.org"]
    user = "casualty"
    password_file = "/etc/casualty/smtp"          # or CASUALTY_ALERT_SMTP_PASSWORD
    ca_file = "ca.pem"                            # where the server's certificate is signed by an authority of your own

Paths are relative to the home. What fails is written to the journal always, whatever else is set.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import SETTINGS, Home

_WEBHOOK = {"url": str, "url_file": str, "token_file": str}
_EMAIL = {
    "host": str,
    "port": int,
    "security": str,
    "sender": str,
    "to": list,
    "user": str,
    "password_file": str,
    "ca_file": str,
}
_LOCAL = {"localhost", "127.0.0.1", "::1"}
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True)
class Webhook:
    """Where a JSON object is posted to. Neither part is shown: an address may be a secret, too."""

    url: str
    token: str = ""

    def __repr__(self) -> str:
        return f"Webhook({urlsplit(self.url).hostname})"


@dataclass(frozen=True)
class Email:
    """Which server takes messages, and for whom."""

    host: str
    port: int
    security: str
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password: str = ""
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return f"Email({self.host}:{self.port})"


@dataclass(frozen=True)
class Channels:
    """Who is told, beside the journal."""

    webhook: Webhook | None = None
    email: Email | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of all channels, the journal's first."""
        return ("log", *(["webhook"] if self.webhook else []), *(["email"] if self.email else []))


def channels_of(home: Home) -> Channels:
    """What the home says. Raises CasualtyError for what can't be meant, and for a secret that can't be read."""
    given = home.settings.get("alerts", {})
    if not isinstance(given, dict) or (unknown := sorted(set(given) - {"webhook", "email"})):
        found = f", found {', '.join(unknown)}" if isinstance(given, dict) else ""
        raise CasualtyError(f"{_place(home, 'alerts')}: expected the tables [alerts.webhook] and [alerts.email]{found}")
    return Channels(_webhook(home, given), _email(home, given))


def _webhook(home: Home, given: Mapping[str, Any]) -> Webhook | None:
    table = _table(home, given, "webhook", _WEBHOOK)
    url = _secret(home, table.get("url_file"), "CASUALTY_ALERT_WEBHOOK") or table.get("url", "")
    if not url:
        if table:
            raise CasualtyError(f"{_place(home, 'alerts.webhook')}: expected url, url_file or CASUALTY_ALERT_WEBHOOK")
        return None
    parts = urlsplit(url)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or (parts.scheme, parts.hostname in _LOCAL) == ("http", False)
    ):
        raise CasualtyError(
            f"{_place(home, 'alerts.webhook')}: expected an address that begins with https:// (http:// only to this machine)"
        )
    return Webhook(url, _secret(home, table.get("token_file"), "CASUALTY_ALERT_WEBHOOK_TOKEN"))


def _email(home: Home, given: Mapping[str, Any]) -> Email | None:
    table, place = _table(home, given, "email", _EMAIL), _place(home, "alerts.email")
    if not table:
        return None
    if missing := [name for name in ("host", "sender", "to") if not table.get(name)]:
        raise CasualtyError(f"{place}: expected {', '.join(missing)}")
    addresses = [table["sender"], *table["to"]]
    if not all(isinstance(one, str) and "@" in one and one.isprintable() and " " not in one for one in addresses):
        raise CasualtyError(f"{place}: sender and to: expected addresses such as data@example.org")
    security = table.get("security", "starttls")
    if security not in _PORTS:
        raise CasualtyError(f"{place}: security: expected one of {', '.join(_PORTS)}")
    password = _secret(home, table.get("password_file"), "CASUALTY_ALERT_SMTP_PASSWORD")
    if security == "none" and (password or table["host"] not in _LOCAL):
        raise CasualtyError(f'{place}: security = "none" is only for a server on this machine, without a password')
    ca_file = home.path / Path(table["ca_file"]).expanduser() if "ca_file" in table else None
    if ca_file is not None and not ca_file.is_file():
        raise CasualtyError(f"{place}: ca_file: found no file at {ca_file}")
    return Email(
        table["host"],
        table.get("port", _PORTS[security]),
        security,
        table["sender"],
        tuple(table["to"]),
        table.get("user", ""),
        password,
        ca_file,
    )


def _place(home: Home, table: str) -> str:
    return f"{home.path / SETTINGS}: [{table}]"


def _table(home: Home, given: Mapping[str, Any], name: str, keys: Mapping[str, type]) -> Mapping[str, Any]:
    table = given.get(name, {})
    place = _place(home, f"alerts.{name}")
    if not isinstance(table, dict):
        raise CasualtyError(f"{place}: expected a table with {', '.join(keys)}")
    for key, value in table.items():
        if key in {"password", "token"}:
            raise CasualtyError(f"{place}: {key}: secrets don't stand in settings; use {key}_file or the environment")
        if key not in keys:
            raise CasualtyError(f"{place}: {key}: expected one of {', '.join(keys)}")
        if not isinstance(value, keys[key]) or isinstance(value, bool):
            raise CasualtyError(f"{place}: {key}: expected {keys[key].__name__}, found {type(value).__name__}")
    return table


def _secret(home: Home, file: str | None, variable: str) -> str:
    """The environment's word, else the first line of a file that nobody but its owner can read; else nothing."""
    if value := os.environ.get(variable, "").strip():
        return value
    if file is None:
        return ""
    path = home.path / Path(file).expanduser()
    try:
        mode = path.stat().st_mode
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise CasualtyError(f"{path}: can't be read: expected a secret in its first line, or {variable}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CasualtyError(f"{path}: others can read this secret: `chmod 600 {path}`")
    return lines[0].strip() if lines else ""
