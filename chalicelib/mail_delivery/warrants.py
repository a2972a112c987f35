"""What a record warrants: whether a mail is sent, what its token is for, where it goes, and until when.

A message on the queue `mail` only asks for a mail. Who may send such a message can at most have a mail sent that a
record warrants anyway, once, to the email address in the record.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from chalicelib import accounts, intents, sessions
from chalicelib.core import clock, context
from chalicelib.core.errors import Malformed
from chalicelib.core.settings import settings
from chalicelib.mail.model import MARKS, Mail, Template, mail_id
from chalicelib.mail_delivery.messages import LINKS, readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.accounts.rows import Person

PURPOSES: dict[str, frozenset[str]] = {
    "confirm_registration": frozenset({"register", "verify"}),
    "password_reset": frozenset({"reset"}),
    "sign_in_code": frozenset({"code"}),
    "confirm_email": frozenset({"email"}),
}
"""The purposes of the intents that each token is minted for."""

TO_ADDRESS_OF_INTENT = frozenset({"confirm_registration", "confirm_email"})
"""The templates that go to the email address of the intent, which they prove. The others go to that of the person."""


def of_request(mail: Mail) -> Mail | None:
    """A requested mail as its records warrant it, or None where they do so no more. Raises Malformed where the record
    of its token has another purpose."""
    if mail.template in LINKS:
        return _with_token(mail)
    if mail.user_id is None:
        return mail
    if mail.to:
        return None if accounts.is_removed(mail.user_id) else mail
    person = accounts.reachable(mail.user_id)
    return replace(mail, to=person["email"], locale=_own(person, "locale")) if person else None


def _own(person: Person, field: Literal["name", "locale"]) -> str | None:
    """The person's name or locale, where the owner of the mailbox or an administrator wrote it. So a stranger who
    registers with another's email address writes nothing into that mailbox. A former email address gets no name."""
    is_proved = person.get("email_verified", True) and "unproved_profile" not in person
    return person.get(field) if is_proved or "invited_at" in person else None


def _with_token(mail: Mail) -> Mail | None:
    intent = intents.find_intent(str(mail.data.get("intent_id")))
    if intent is None:
        return None
    if intent["purpose"] not in PURPOSES.get(mail.template, ()):
        raise Malformed(f"the record was not made for a mail of the template {mail.template}")
    user_id = str(intent.get("user_id", intent["id"]))
    warranted = replace(
        mail, user_id=user_id, token_of=intent["id"], expires_at=intent["expires_at"], locale=intent.get("locale")
    )
    if mail.template == "confirm_registration":
        return None if accounts.is_removed(user_id) else replace(warranted, to=intent["email"])
    person = accounts.reachable(user_id)
    if person is None:
        return None
    warranted = replace(warranted, locale=_own(person, "locale"), data={**mail.data, **_circumstances(intent)})
    if mail.template in TO_ADDRESS_OF_INTENT:
        return replace(warranted, to=intent["email"])
    # A person whose email address has changed since gets no mail for this request, but can ask again.
    return replace(warranted, to=person["email"]) if person.get("email_key") == intent["email_key"] else None


def _circumstances(intent: Mapping[str, Any]) -> dict[str, str]:
    """When, from where and with what the mail was asked for, so that its reader sees whether they did it themselves.
    None of it is a text that the sender of the request can choose."""
    time = {"asked_at": _readable(intent["created_at"])} if "created_at" in intent else {}
    return {**time, **{name: intent[name] for name in ("asked_from", "asked_with") if name in intent}}


def of_event(template: Template, event: dict[str, Any]) -> list[Mail]:
    """The mails of an event, as the records of its subject warrant them. There are none where no record says that it
    happened, and one where several events say that it happened at one time."""
    person = accounts.reachable(event["subject"])
    if person is None:
        return []
    session = _session_worth_a_mail(event, person) if template == "new_device" else {}
    happened_at = (
        session.get("created_at", "") if template == "new_device" else str(person.get(MARKS[template]) or "")
    )
    if not happened_at:
        return []
    token_of, expires_at = ("", None)
    if template == "invitation":
        token_of, expires_at = accounts.invitation_record(person), _end_of_invitation(happened_at)
    email_addresses = {"": person["email"]}
    if template == "email_changed" and (former := _former_email(event, person)):
        email_addresses[":former"] = former
    return [
        Mail(
            id=mail_id("event", f"{template}:{person['id']}:{happened_at}{suffix}"),
            template=template,
            to=to,
            user_id=person["id"],
            locale=_own(person, "locale"),
            expires_at=expires_at,
            data={
                "name": "" if suffix else _own(person, "name") or "",
                "at": _readable(happened_at),
                **({"after_import": True} if session.get("after_import") else {}),
            },
            request_id=str(event.get("requestid", ""))[: context.LENGTH],
            event_id=str(event["id"]),
            token_of=token_of,
            is_unproved=template != "invitation" and bool(suffix or not person.get("email_verified", True)),
        )
        for suffix, to in email_addresses.items()
    ]


def _session_worth_a_mail(event: dict[str, Any], person: Person) -> Mapping[str, Any]:
    """The session that an event names, or nothing where it needs no mail. It needs one if it is this person's, on a new
    device, and not their first. The first one of an imported person needs one too, because others may have the password
    from the file."""
    data = event.get("data")
    described = data.get("session") if isinstance(data, dict) else None
    session_id = described.get("id") if isinstance(described, dict) else None
    if not (isinstance(session_id, str) and session_id and settings().new_device_mail):
        return {}
    session = sessions.find(session_id)
    if session is None or session.get("user_id") != person["id"] or session.get("new_device") is not True:
        return {}
    needs_mail = session.get("after_import") is True or sessions.had_before(person["id"], session_id)
    return session if needs_mail and "created_at" in session else {}


def _end_of_invitation(invited_at: str) -> int:
    """The end of the latest invitation, in seconds since 1970."""
    return int((clock.parse(invited_at) + timedelta(days=settings().invitation_days)).timestamp())


def _former_email(event: dict[str, Any], person: Person) -> str:
    """The email address before a change of it, whose reader must learn of the change too. It must match the fingerprint
    in the record, so that no event can name another."""
    data = event.get("data")
    previous = data.get("previous") if isinstance(data, dict) else None
    email = previous.get("email") if isinstance(previous, dict) else None
    is_former = isinstance(email, str) and accounts.fingerprint(email) == person.get("former_email")
    return email if is_former and isinstance(email, str) else ""


def _readable(moment: str) -> str:
    """A time of a record, or its day."""
    return readable(clock.parse(moment)) if "T" in moment else moment
