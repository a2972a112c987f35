"""The rows of the table `intents`, and those of `guards` that an email address waits with."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

Purpose = Literal["register", "verify", "resend", "reset", "code", "email"]
"""`register` waits for its confirmation to become a person; `verify` is of a person who is there already; `code` is
to sign in with, and `email` a new address for whoever asked for it."""


class Intent(TypedDict, total=False):
    """What a stranger asked for with an address, or a person for themselves, until it is answered and used."""

    id: str
    schema: int
    purpose: Purpose
    email: str
    email_key: str
    created_at: str
    request_id: str
    traceparent: str
    expires_at: int
    network: str
    """A digest of the network it came from."""
    user_id: str
    """To whom it is bound."""
    account: str
    """A digest of the email address or the person under which it is listed, for erasure."""

    failures: int
    """Of a registration, as all that follows up to `attributes`: how many wrong passwords were sent."""
    password_hash: str
    name: str
    age: int
    birthdate: str
    locale: str
    terms_version: str
    terms_accepted_at: str
    attributes: dict[str, Any]

    password_version: int
    """Of a reset: the version of the password to replace, 0 where there is none."""
    since: int
    """Of a reset, a code or a new email address: the person's `sessions_since` when it was bound."""
    changed_by: str
    """Of a reset for which an administrator asked: their id, by which the event names them."""
    former_key: str
    """Of a new email address: the key of the one before."""

    asker: str
    """Of a code, as the next two: a digest of the secret of the browser or app that asked."""
    asked_from: str
    """The IP address."""
    asked_with: str
    """The name of the browser or app."""


class WaitingRow(TypedDict):
    """Which registration waits with an email address: the latest one."""

    id: str
    schema: int
    intent_id: str
    expires_at: int


class CodesRow(TypedDict):
    """The mailed codes that may be typed with an email address."""

    id: str
    schema: int
    codes: dict[str, int]
    """The ids of their intents, and when each ends (seconds since 1970)."""
    tries: int
    """How often a code was typed since the latest was mailed."""
    version: int
    expires_at: int
