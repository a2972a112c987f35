"""Mail for other Lambdas: `send_email`, invoked directly."""

from __future__ import annotations

from typing import Any

from chalicelib.core import ids, wire
from chalicelib.core.aws import clients
from chalicelib.core.errors import Malformed
from chalicelib.mail.model import address, plain


def send_email(event: dict[str, Any]) -> dict[str, str]:
    """Take one mail `{to, subject, body, id?}` and answer `{"id": …}`.

    It goes on the queue `mail` and from there the way of every mail, so what SES has to say does not hold up the
    caller. The same `id` (200 characters at most) is sent once with the same address and words, so a caller that may
    repeat itself should give one.
    Raises Malformed or Invalid for what is no such mail.
    """
    if not isinstance(event, dict):
        raise Malformed("not a mail {to, subject, body}")
    own = {**event, "id": event.get("id") or ids.new_id()}
    mail = plain(own, message_id="")
    address(mail.to)
    clients.send("mail", wire.to_json(own))
    return {"id": mail.id}
