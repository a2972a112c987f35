"""What a record says of a mail: whether it is due, what its token is for, where it goes, and until when.

A message on the queue `mail` only asks. Whoever may send one can at most have a mail sent that a record warrants
anyway, once, to the address that the record has.
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
    from chalicelib.core.aws.dynamo import Item

PURPOSES: dict[str, frozenset[str]] = {
    "confirm_registration": frozenset({"register", "verify"}),
    "password_reset": frozenset({"reset"}),
    "sign_in_code": frozenset({"code"}),
    "confirm_email": frozenset({"email"}),
}
"""The purposes of the intents that each token is minted for."""

TO_WHAT_WAS_TYPED = frozenset({"confirm_registration", "confirm_email"})
"""The templates that go to the address of the intent, which they are to prove; the others go to the person's own."""


def of_request(mail: Mail) -> Mail | None:
    """A requested mail as its records warrant it, or None where they do not any more. Raises Malformed for a token of
    what was asked for otherwise."""
    if mail.template in LINKS:
        return _with_token(mail)
    if mail.user_id is None:
        return mail
    if mail.to:
        return None if accounts.is_removed(mail.user_id) else mail
    person = accounts.reachable(mail.user_id)
    return replace(mail, to=person["email"], locale=_own(person, "locale")) if person else None


def _own(person: Person, field: Literal["name", "locale"]) -> str | None:
    """What the record says of its person, where it is their own word or an administrator's: whoever registers with
    another's address writes nothing into that mailbox. An address that was left gets no name at all."""
    is_known = person.get("email_verified", True) and "unproved_profile" not in person
    return person.get(field) if is_known or "invited_at" in person else None


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
    warranted = replace(warranted, locale=_own(person, "locale"), data={**mail.data, **_asked(intent)})
    if mail.template in TO_WHAT_WAS_TYPED:
        return replace(warranted, to=intent["email"])
    # Whoever has another address by now is mailed there when they ask again; this request is void for them.
    return replace(warranted, to=person["email"]) if person.get("email_key") == intent["email_key"] else None


def _asked(intent: Item) -> dict[str, str]:
    """Whose request a mail answers, so that its reader sees whether it is their own. No word of it is the asker's."""
    moment = {"asked_at": _readable(intent["created_at"])} if "created_at" in intent else {}
    return {**moment, **{name: intent[name] for name in ("asked_from", "asked_with") if name in intent}}


def of_event(template: Template, event: dict[str, Any]) -> list[Mail]:
    """The mails of an event, as the records of its subject warrant them: none where nothing there says that it
    happened, and of all that say it happened at one time, one."""
    person = accounts.reachable(event["subject"])
    if person is None:
        return []
    began = _session_worth_a_mail(event, person) if template == "new_device" else {}
    happened = began.get("created_at", "") if template == "new_device" else str(person.get(MARKS[template]) or "")
    if not happened:
        return []
    token_of, expires_at = ("", None)
    if template == "invitation":
        token_of, expires_at = accounts.invitation_record(person), _end_of_invitation(happened)
    addresses = {"": person["email"]}
    if template == "email_changed" and (former := _former_email(event, person)):
        addresses[":former"] = former
    return [
        Mail(
            id=mail_id("event", f"{template}:{person['id']}:{happened}{suffix}"),
            template=template,
            to=to,
            user_id=person["id"],
            locale=_own(person, "locale"),
            expires_at=expires_at,
            data={
                "name": "" if suffix else _own(person, "name") or "",
                "at": _readable(happened),
                **({"after_import": True} if began.get("after_import") else {}),
            },
            request_id=str(event.get("requestid", ""))[: context.LENGTH],
            token_of=token_of,
            is_unproved=template != "invitation" and bool(suffix or not person.get("email_verified", True)),
        )
        for suffix, to in addresses.items()
    ]


def _session_worth_a_mail(event: dict[str, Any], person: Person) -> Mapping[str, Any]:
    """The session that an event tells of, or nothing where it is worth no mail: it is this person's, on a new device,
    and not the first of their life. The first of somebody who was imported is worth one: whoever has the password that
    a file brought may be somebody else."""
    data = event.get("data")
    told = data.get("session") if isinstance(data, dict) else None
    session_id = told.get("id") if isinstance(told, dict) else None
    if not (isinstance(session_id, str) and session_id and settings().new_device_mail):
        return {}
    session = sessions.find(session_id)
    if session is None or session.get("user_id") != person["id"] or session.get("new_device") is not True:
        return {}
    is_news = session.get("after_import") is True or sessions.has_other(person["id"], session_id)
    return session if is_news and "created_at" in session else {}


def _end_of_invitation(invited_at: str) -> int:
    """In seconds since 1970, from the latest one."""
    return int((clock.parse(invited_at) + timedelta(days=settings().invitation_days)).timestamp())


def _former_email(event: dict[str, Any], person: Person) -> str:
    """The address that an email change left: its reader must hear of it too. The record knows it by its fingerprint, so
    that no event can name another."""
    data = event.get("data")
    previous = data.get("previous") if isinstance(data, dict) else None
    email = previous.get("email") if isinstance(previous, dict) else None
    is_known = isinstance(email, str) and accounts.fingerprint(email) == person.get("former_email")
    return email if is_known and isinstance(email, str) else ""


def _readable(moment: str) -> str:
    """A time of a record, or its day."""
    return readable(clock.parse(moment)) if "T" in moment else moment
