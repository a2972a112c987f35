"""What became of a mail, or of an attempt of a delivery, for the statistics.

An outcome is no event: nobody but the statistics gets it. It goes to their queue in the form of one, so that it is
counted as events are: once, however often it is said. So whoever records an outcome says it afterwards, and says it
again where the same work comes again, because a crash in between may have kept it from being said.
"""

from __future__ import annotations

from chalicelib.core import clock, wire
from chalicelib.core.aws import clients
from chalicelib.core.settings import settings

MAIL = "mail"
WEBHOOK = "webhook"


def report(what: str, outcome: str, key: str, at: str, milliseconds: int | None = None) -> None:
    """Have an outcome of `what` (MAIL or WEBHOOK) counted at a timestamp, once for each `key` of ASCII. `milliseconds`
    says how long it took, where that is known. One message of SQS."""
    data = {} if milliseconds is None else {"milliseconds": max(0, milliseconds)}
    message = {
        "specversion": "1.0",
        "id": f"{what}:{key}",
        "source": settings().public_url,
        "type": f"{what}.{outcome}",
        "subject": key,
        "time": at,
        "sequence": f"{1:012d}",
        "data": data,
    }
    clients.send("insights", wire.to_json(message))


def milliseconds_since(sent_at: int) -> int | None:
    """Milliseconds since a time in milliseconds since 1970, or None where there is none."""
    return round(clock.now().timestamp() * 1000) - sent_at if sent_at else None
