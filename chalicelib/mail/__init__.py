"""Mail: what to say, sending it once, and what became of it.

Others ask for a mail with `request`; the consumer of the queue `mail` (`delivery`) writes and sends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import clients, context, wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.core.erasing import Erased
    from chalicelib.mail.model import Template

__all__ = ["alert_operators", "alert_person", "erase", "mails_to", "request"]


def request(
    template: Template,
    to: str | None,
    *,
    key: str,
    user_id: str | None = None,
    locale: str | None = None,
    expires_at: int | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Ask for one mail, by one message on the queue `mail`. Without a `to` it goes to the address that the person has
    when it is sent.

    The same `template` and `key` are mailed once, however often they are asked for. `data` is what the template
    says (see `messages`): ids, never tokens, because links are minted when the mail is written. A mail that is
    not sent by `expires_at` (seconds since 1970) is dropped. With `user_id` it shows up in that person's list, at once.
    """
    wanted = {
        "template": template,
        "to": to,
        "key": key,
        "user_id": user_id,
        "locale": locale,
        "expires_at": expires_at,
        "data": data or {},
        "request_id": context.current().request_id or None,
    }
    document = {name: value for name, value in wanted.items() if value is not None}
    if user_id is not None:
        from chalicelib.mail.model import requested
        from chalicelib.mail.store import mails

        mails().record(requested(document), "queued")
    clients.send("mail", wire.to_json(document))


def alert_operators(subject: str, text: str, *, key: str, disposable: bool = False) -> None:
    """Mail one alert to each of the operators, once for each `key`. A disposable one that can never be mailed is
    dropped, with a line in the log, and becomes no dead letter."""
    from chalicelib.core.settings import settings

    data = {"subject": subject, "text": text, **({"disposable": True} if disposable else {})}
    for position, operator in enumerate(settings().operators):
        request("alert", operator, key=f"{key}:{position}", data=data)


def alert_person(user_id: str, subject: str, text: str, *, key: str) -> None:
    """Mail an alert to a person, once for each `key`. Whoever is no person, or none any more, gets none."""
    request("alert", None, key=f"{key}:{user_id}", user_id=user_id, data={"subject": subject, "text": text})


def mails_to(user_id: str) -> Iterator[dict[str, Any]]:
    """What is kept of the mails to this person, newest first: no address and no content."""
    from chalicelib.mail.store import mails

    return mails().all_to(user_id)


def erase(user_id: str) -> Erased:
    """Delete up to 100 records of mails to this person."""
    from chalicelib.mail.store import mails

    return mails().erase(user_id)
