"""What a mail is, before AWS: its names, its states, and the shapes in which one can be asked for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from chalicelib.core import email_addresses, ids, wire
from chalicelib.core.errors import FieldError, Invalid

Template = Literal[
    "confirm_registration",
    "already_registered",
    "sign_in_code",
    "confirm_email",
    "password_reset",
    "password_changed",
    "password_blocked",
    "second_factor_failed",
    "email_changed",
    "factors_changed",
    "invitation",
    "new_device",
    "birthday",
]
"""One message per purpose: `templates/<locale>/<name>.{subject,txt,html}`."""

TEMPLATES = frozenset(get_args(Template))

ASKED_FOR: frozenset[str] = frozenset(
    {"confirm_registration", "already_registered", "sign_in_code", "confirm_email", "password_reset"}
)
"""The templates that the stage asks for by a message; the others are sent because of events."""

PLAIN = "plain"
"""Stands for a template: subject and body are sent as they are in the request."""

MAILED_EVENTS: dict[str, Template] = {
    "user.password_changed": "password_changed",
    "user.email_changed": "email_changed",
    "user.factors_changed": "factors_changed",
    "user.invited": "invitation",
    "user.birthday": "birthday",
    "session.blocked": "password_blocked",
    "session.factor_failed": "second_factor_failed",
    "session.started": "new_device",
}
"""The events that have a mail of their own; `session.started` where it says `new_device`."""

MARKS: dict[Template, str] = {
    "password_changed": "password_changed_at",
    "email_changed": "email_changed_at",
    "factors_changed": "factors_changed_at",
    "invitation": "invited_at",
    "birthday": "birthday_on",
    "password_blocked": "blocked_at",
    "second_factor_failed": "second_factor_failed_at",
}
"""The mark of a person that says when it last happened to them. Without the mark no event sends a mail; and for each
value of the mark one mail is sent, however many events there are."""

BY_STRANGERS: frozenset[str] = frozenset({"confirm_registration", "already_registered", "confirm_email"})
"""Mails that anybody can have sent to a mailbox that is not theirs. A complaint about one suppresses them all, for a
time."""

NEEDED: frozenset[str] = frozenset(
    {
        "password_reset",
        "sign_in_code",
        "password_changed",
        "password_blocked",
        "second_factor_failed",
        "email_changed",
        "factors_changed",
        "new_device",
    }
)
"""Mails that let the owner of an account in, or warn them. No complaint suppresses them, because strangers cause some
of them, and an intruder in the mailbox could suppress the rest."""

FOR_A_TIME: frozenset[str] = frozenset({"strangers", PLAIN})
"""The kinds that a complaint suppresses for a time: what strangers cause, and plain texts, which may go to an email
address of no person here, so that no administrator could lift the suppression."""

COMPLAINT_DAYS = 90
"""How long a complaint about such counts."""

UNPROVED_A_DAY = 10
"""Notices of one kind that a mailbox gets in a day, of accounts whose owners have not proved that it is theirs. Where a
stage lets people in at once, a stranger can register with another's email address and sign in again and again."""

State = Literal[
    "queued",
    "sending",
    "sent",
    "delivered",
    "bounced",
    "complained",
    "rejected",
    "suppressed",
    "expired",
    "parked",
]
"""`queued` waits on the queue, at first or after SES surely did not take it; `sending` is a claim. `parked` can
not be sent (the request is in the dead-letter queue); `suppressed`, because the email address bounced or complained
before; `expired`, because its time was over first. `rejected` means that SES took the mail and then found a virus. The
others are what SES reports."""

KEPT_DAYS = 90
"""How long a mail's state is kept."""

CLAIM_SECONDS = 180
"""After so long a claim is that of a crashed sender: three times the time-out of the consumer, and half the time after
which its queue gives the same message out again."""

SUBJECT_LIMIT = 500
BODY_LIMIT = 200_000
"""In characters, of a mail sent as it is."""


@dataclass(frozen=True)
class Mail:
    """One mail to write and send. `id` is the same for every repetition of what asked for it; an empty `to` stands for
    the email address of the person."""

    id: str
    template: str
    to: str
    user_id: str | None = None
    locale: str | None = None
    expires_at: int | None = None
    data: dict[str, Any] = field(default_factory=dict)
    request_id: str = ""
    """Of the request that began it."""
    token_of: str = ""
    """The record that its token is minted for: read by `warrants`, and never taken from a message."""
    event_id: str = ""
    """Of the event that it is about."""
    is_unproved: bool = False
    """Whether it is a notice to an email address that the person has not proved to be theirs."""


def mail_id(kind: str, key: str) -> str:
    """The id of the mail that `key` asks for, among all of its `kind`."""
    return ids.id_from(hashlib.sha256(f"{kind}\n{key}".encode()).digest())


def requested(document: dict[str, Any]) -> Mail:
    """The mail of a template request (see `chalicelib.mail.request`). Raises Invalid naming every wrong field."""
    check = _Fields(document)
    template = check.text("template", 50)
    if template not in ASKED_FOR:
        check.wrong("template", "is no template that is asked for")
    user_id, locale = check.text("user_id", 200, optional=True), check.text("locale", 50, optional=True)
    to, key = check.text("to", 320, optional=bool(user_id)), check.text("key", 2000)
    request_id = check.text("request_id", 200, optional=True)
    expires_at, data = document.get("expires_at"), document.get("data", {})
    if not (expires_at is None or type(expires_at) is int):
        check.wrong("expires_at", "is not a whole number of seconds since 1970")
    if not isinstance(data, dict):
        check.wrong("data", "is not an object")
    check.done()
    own_id = mail_id(template, key)
    return Mail(own_id, template, to, user_id or None, locale or None, expires_at, data, request_id)


def plain(document: dict[str, Any], message_id: str) -> Mail:
    """The mail of `{to, subject, body, id?}`: with an `id` it is sent once however often it comes, else once for
    each message. The `id` counts together with the email address and the text: who knows the id of another mail,
    such as an alert, cannot keep that one from being sent. Raises Invalid naming every wrong field."""
    check = _Fields(document)
    to = check.text("to", 320)
    subject, body = check.text("subject", SUBJECT_LIMIT), check.text("body", BODY_LIMIT)
    if subject and not subject.strip():
        check.wrong("subject", "is empty")
    requested_id = check.text("id", 200, optional=True)
    for unknown in sorted(document.keys() - {"to", "subject", "body", "id"}):
        check.wrong(str(unknown)[:50], "is not a field of a mail")
    check.done()
    content = wire.canonical([requested_id, to, subject, body])
    own_id = mail_id("given", content) if requested_id else mail_id("message", message_id)
    return Mail(own_id, PLAIN, to, data={"subject": subject, "body": body})


def sendable_address(text: str) -> str:
    """The email address as SES takes it: the domain in its ASCII form, nothing around it. Raises Invalid where mail
    cannot reach it; see `core.email_addresses`."""
    try:
        return email_addresses.sendable(text)
    except ValueError:
        raise Invalid([FieldError(field="to", message="is not an email address that SES can send to")]) from None


def complained_about(template: str) -> str | None:
    """The kind of mails that a complaint about such a mail suppresses, or None."""
    if template in NEEDED:
        return None
    return "strangers" if template in BY_STRANGERS else template


def address_digest(email_address: str) -> str:
    """The digest that stands for an email address where that is not kept. It is the same for all spellings."""
    return hashlib.sha256(email_addresses.canonical(email_address).encode("utf-8", "replace")).hexdigest()


class _Fields:
    """Reads fields of a document, and collects an error for each wrong one."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._errors: list[FieldError] = []

    def text(self, name: str, limit: int, *, optional: bool = False) -> str:
        value = self._document.get(name)
        if value is None and optional:
            return ""
        if not isinstance(value, str) or not 1 <= len(value) <= limit:
            self.wrong(name, f"is not a text of 1 to {limit} characters")
            return ""
        return value

    def wrong(self, name: str, message: str) -> None:
        self._errors.append(FieldError(field=name, message=message))

    def done(self) -> None:
        if self._errors:
            raise Invalid(self._errors)
