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
"""The templates that the stage asks for by a message; the others come of events."""

PLAIN = "plain"
"""In place of a template: subject and body are sent as they came."""

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
"""What a person's record says of when that last happened to them. Without it no event mails anybody, and however many
say that it happened, one mail does."""

BY_STRANGERS: frozenset[str] = frozenset({"confirm_registration", "already_registered", "confirm_email"})
"""What anybody can have mailed to a mailbox that is not theirs. A complaint about one silences them all, for a time."""

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
"""What lets the owner of an account in, or warns them: no complaint silences it, because strangers cause some of it,
and whoever is in a mailbox for a minute could silence the rest."""

FOR_A_TIME: frozenset[str] = frozenset({"strangers", PLAIN})
"""The kinds that a complaint silences for a time: what strangers cause, and texts of others, which may go to somebody
who is no person here, so that no administrator could lift it."""

COMPLAINT_DAYS = 90
"""How long a complaint about such counts."""

UNPROVED_A_DAY = 10
"""Notices of one kind that a mailbox gets in a day, of accounts whose owners have not proved that it is theirs: whoever
registers with another's address, where a stage lets them in at once, can sign in without end."""

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
"""`queued` waits on the queue, at first or after SES surely did not take it; `sending` is a claim. `parked` never will
be sent as things are (the request is in the dead-letter queue); `suppressed`, because the address bounced or complained
before; `expired`, because its time was over first. `rejected` means that SES took the mail and then found a virus. The
others are what SES reports."""

KEPT_DAYS = 90
"""How long a mail's state is kept."""

CLAIM_SECONDS = 180
"""Older claims are of crashed senders: three times as long as the consumer may run, and half the time after which
its queue hands the same message out again."""

SUBJECT_LIMIT = 500
BODY_LIMIT = 200_000
"""In characters, of a mail sent as it is."""


@dataclass(frozen=True)
class Mail:
    """One mail to write and send. `id` is the same for every repetition of what asked for it; an empty `to` stands for
    the address of the person."""

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
    """The record that its token is minted for: what `warrants` has read, and never what a message says."""
    is_unproved: bool = False
    """Whether it is a notice to an address of which the record does not say that it is the person's."""


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
    each message. The `id` is one for that address and those words: whoever knows another's, such as that of an alert,
    takes nobody's place with it. Raises Invalid naming every wrong field."""
    check = _Fields(document)
    to = check.text("to", 320)
    subject, body = check.text("subject", SUBJECT_LIMIT), check.text("body", BODY_LIMIT)
    if subject and not subject.strip():
        check.wrong("subject", "is empty")
    given = check.text("id", 200, optional=True)
    for unknown in sorted(document.keys() - {"to", "subject", "body", "id"}):
        check.wrong(str(unknown)[:50], "is not a field of a mail")
    check.done()
    said = wire.canonical([given, to, subject, body])
    own_id = mail_id("given", said) if given else mail_id("message", message_id)
    return Mail(own_id, PLAIN, to, data={"subject": subject, "body": body})


def address(text: str) -> str:
    """The address as SES takes it: the domain in its ASCII form, nothing around it. Raises Invalid where mail cannot
    reach it; see `core.email_addresses`."""
    try:
        return email_addresses.sendable(text)
    except ValueError:
        raise Invalid([FieldError(field="to", message="is not an email address that SES can send to")]) from None


def complained_about(template: str) -> str | None:
    """What a complaint about such a mail silences: a kind of mails, or nothing."""
    if template in NEEDED:
        return None
    return "strangers" if template in BY_STRANGERS else template


def address_digest(address: str) -> str:
    """What stands for an address where the address itself is not kept: the same for all of its spellings."""
    return hashlib.sha256(email_addresses.one_spelling(address).encode("utf-8", "replace")).hexdigest()


class _Fields:
    """Takes fields out of a document, and remembers every wrong one."""

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
