"""`on_intent`: answers by mail what somebody without a session asked for. So the answer to their request shows nothing
about any account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import mail
from chalicelib.accounts import model
from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.store import people
from chalicelib.core import context
from chalicelib.core.aws import batch
from chalicelib.core.settings import settings
from chalicelib.event_bus.envelope import EventType, envelope, event_id
from chalicelib.event_bus.publishing import park, publish
from chalicelib.intents import intents
from chalicelib.limits import mail_caps
from chalicelib.profile import fields

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.batch import Change
    from chalicelib.intents.rows import Intent


def answer_intents(event: dict[str, Any]) -> None:
    """Send the right mail, or none, for each new intent in the records of the stream.

    The stream carries only keys, so each intent is read from its table. The key of a mail is the id of its intent, so
    that a record that comes twice sends one mail.
    """
    batch.from_stream("intents", event, _answer)


def _answer(change: Change) -> None:
    if not change.inserted:  # the row was bound, counted or removed: this is no new request
        return
    intent = intents().find(str(change.keys["id"]))
    if intent is None:
        return
    with context.working_for(intent["request_id"], traceparent=intent.get("traceparent", "")):
        by_person = intent["purpose"] == "email"
        intents().list_under(intent, f"id:{intent['user_id']}" if by_person else intent["email_key"])
        person = people().find_by_email(intent["email_key"])
        _ANSWERS[intent["purpose"]](intent, person)


def _answer_register(intent: Intent, person: Person | None) -> None:
    if not mail_caps().admit(intent):
        return
    if person is not None:
        _mail("already_registered", intent, person)
        return
    intents().point_to(intent)
    _mail_confirmation(intent, intent)


def _answer_verify(intent: Intent, person: Person | None) -> None:
    if person is not None and person["id"] == intent["id"] and mail_caps().admit(intent):
        intents().point_to(intent)
        _mail_confirmation(intent, intent)


def _answer_resend(intent: Intent, person: Person | None) -> None:
    waiting = intents().find_waiting(intent["email_key"])
    if waiting is None:
        return
    is_theirs = person is not None and person["id"] == waiting["id"] and not person["email_verified"]
    if (person is None or is_theirs) and mail_caps().admit(intent):
        _mail_confirmation(waiting, intent)


def _answer_reset(intent: Intent, person: Person | None) -> None:
    if person is None or not model.is_active(person) or not mail_caps().admit(intent):
        return
    password_row = credentials().password(person["id"])
    version = password_row["version"] if password_row else 0
    intents().bind(intent, person["id"], password_version=version, since=model.sessions_since(person))
    _publish_reset_requested(intent, person)
    _mail("password_reset", intent, person)


def _publish_reset_requested(intent: Intent, person: Person) -> None:
    """Publish that a password reset was asked for. The event is made from the intent, because the request of a stranger
    does not change the person. Its id comes from the intent too, so a second publication is the same event. Raises
    Unavailable if it must be published again."""
    requested = envelope(
        EventType.USER_PASSWORD_RESET_REQUESTED,
        {"user": fields.in_event(person)},
        event_id=event_id("intents", intent["id"], 1, 0),
        subject=person["id"],
        record={**intent, "version": 1, "updated_at": intent["created_at"]},
        public_url=settings().public_url,
    )
    park("stream:intents", publish([requested], source="stream:intents"))


def _answer_code(intent: Intent, person: Person | None) -> None:
    if person is None or not model.is_active(person) or not mail_caps().admit(intent):
        return
    intents().bind(intent, person["id"], since=model.sessions_since(person))
    intents().list_code(intent)
    _mail("sign_in_code", intent, person)


def _answer_email(intent: Intent, owner: Person | None) -> None:
    person = people().find(intent["user_id"])
    if person is None or not model.is_active(person) or not mail_caps().admit(intent):
        return
    if owner is not None and owner["id"] != person["id"]:
        _mail("already_registered", intent, owner)
        return
    _mail("confirm_email", intent, {**person, "email": intent["email"]})


_ANSWERS = {
    "register": _answer_register,
    "verify": _answer_verify,
    "resend": _answer_resend,
    "reset": _answer_reset,
    "code": _answer_code,
    "email": _answer_email,
}


def _mail(template: Any, intent: Intent, person: Person) -> None:
    """Send a mail to the email address as the person's row has it, not as it was typed in the request."""
    mail.request(
        template,
        person["email"],
        user_id=person["id"],
        locale=person.get("locale") if person["email_verified"] else None,
        expires_at=intent["expires_at"],
        data={"intent_id": intent["id"]},
        key=intent["id"],
    )


def _mail_confirmation(waiting: Intent, intent: Intent) -> None:
    """Send the mail that confirms the registration `waiting`, for the request `intent`. It is listed among the mails of
    the person whom the confirmation creates."""
    mail.request(
        "confirm_registration",
        waiting["email"],
        user_id=waiting["id"],
        locale=waiting.get("locale"),
        expires_at=waiting["expires_at"],
        data={"intent_id": waiting["id"]},
        key=intent["id"],
    )
