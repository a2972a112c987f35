"""Mail for other Lambdas: `send_email`, invoked directly."""

from __future__ import annotations

from typing import Any

from chalicelib.core import ids, wire
from chalicelib.core.aws import clients
from chalicelib.core.errors import Malformed
from chalicelib.mail.model import plain, sendable_address


def send_email(event: dict[str, Any]) -> dict[str, str]:
    """Take one mail `{to, subject, body, id?}` and answer `{"id": …}`.

    It is queued on `mail` and sent from there as every mail is, so the caller does not wait for SES. A mail with the
    same `id` (200 characters at most), email address and text is sent once, so a caller that may repeat a call should
    give one. Raises Malformed or Invalid for what is no such mail.
    """
    if not isinstance(event, dict):
        raise Malformed("not a mail {to, subject, body}")
    document = {**event, "id": event.get("id") or ids.new_id()}
    mail = plain(document, message_id="")
    sendable_address(mail.to)
    clients.send("mail", wire.to_json(document))
    return {"id": mail.id}
