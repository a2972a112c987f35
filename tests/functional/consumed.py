"""What consumers, tasks and schedules take from AWS: of a small batch, and of a larger one."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib import items, mail
from chalicelib.core import clock
from chalicelib.core.settings import settings
from infra.messaging import SUBSCRIPTIONS
from tests import system
from tests.builders import PASSWORD, a_user
from tests.cloudlike import topic_messages
from tests.functional.delivering import webhook
from tests.functional.relying_party import PersonsBrowser, RelyingParty
from tests.functional.streams import queue_event, stream_event
from tests.functional.visitors import visitor
from tests.metering import Meter, metered

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cloudlike import Cloud
    from tests.functional.importing import StateMachines

FEW, MANY = 1, 5
"""Records in a batch: of two batches, the share of each record is told from what all of them share."""

HUNDRED = 100
"""Rows of a file are counted by the hundred."""

Taken = tuple[int, Meter]
"""How many records, and what they took."""

HOUR: dict[str, Any] = {
    **dict.fromkeys(("version", "account", "region", "detail-type", "source", "time", "id"), ""),
    "resources": [],
    "detail": {},
}
"""The event of a schedule."""

Batches = dict[str, list[Taken]]


def of_events(cloud: Cloud) -> Batches:
    """The streams' functions, and the consumers of what these publish."""
    for queue in SUBSCRIPTIONS:
        topic_messages(cloud, queue)
    for n in range(FEW + MANY):
        a_user(id=f"U{n}", email=f"person{n}@maths.example", password=PASSWORD)
        for _ in ("a device", "a second one, of which there is a mail"):
            visitor(f"person{n}@maths.example")
        at = clock.timestamp()
        items.apply(items.ItemWrite(user_id=f"U{n}", item_id="1", item_key="k", item_value="dark", at=at))
    found: Batches = {}
    for table, what in (("users", "person"), ("sessions", "session"), ("items", "item")):
        rows = sorted(cloud.rows(table), key=lambda row: str(row.get("id", row.get("item_key"))))
        # Of sessions the second of each person, of which there is a mail: ids sort by their time.
        pairs = [(None, row) for row in (rows[1::2] if table == "sessions" else rows)]
        handler = system.STREAMS[table]
        found[f"{handler}, {what}"] = _both(handler, partial(stream_event, table), pairs)
        for queue in ("history", "insights", "webhooks"):
            records = cloud.take(queue)
            if (queue, what) != ("insights", "item"):  # which its subscription leaves out
                found[f"{system.QUEUES[queue]}, {what}"] = _both(system.QUEUES[queue], _records, records)
        mails = [record for record in cloud.take("mail") if what == "session"]
        if mails:
            found["on_mail, new device"] = _both("on_mail", _records, mails)
    expired = [(row, None) for row in cloud.rows("sessions")]
    system.invoke("on_session_change", stream_event("sessions", *expired, expired=True))
    found["on_history, expired session"] = _both("on_history", _records, cloud.take("history"))
    return found


def of_mail(cloud: Cloud) -> Batches:
    """Mails that were asked for, what SES reports of them, and an alarm's way to them."""
    for n in range(FEW + MANY):
        mail.request("already_registered", f"person{n}@maths.example", key=f"K{n}", user_id=f"U{n}")
    found = {"on_mail": _both("on_mail", _records, cloud.take("mail"))}
    found["on_user_event, outcome"] = _both("on_user_event", _records, cloud.take("insights"))
    sent = [row["id"] for row in cloud.rows("mail")]
    report = {"eventType": "Delivery", "mail": {"tags": {"mail": sent[:1]}}, "delivery": {}}
    found["on_mail_feedback"] = [(1, _metered("on_mail_feedback", _notified("mail-feedback", report)))]
    alarm = {"AlarmName": "rollcall-test-api-5xx", "OldStateValue": "OK", "NewStateValue": "ALARM"}
    found["on_alert"] = [(1, _metered("on_alert", _notified("ops-alerts", alarm)))]
    return found


def of_webhooks(cloud: Cloud, receiver: Any) -> Batches:
    """An event's way to one endpoint."""
    a_user(id="U1", email="ann@maths.example")
    webhook(receiver)
    system.invoke("on_user_change", stream_event("users", (None, cloud.rows("users")[0])))
    topic_messages(cloud, "webhooks")
    pairs = [(None, {**cloud.rows("users")[0], "version": n + 2}) for n in range(FEW + MANY)]
    system.invoke("on_user_change", stream_event("users", *pairs))
    found = {"on_webhook, one endpoint": _both("on_webhook", _records, cloud.take("webhooks"))}
    found["on_delivery"] = _both("on_delivery", _records, cloud.take("deliveries"))
    return found


def of_logouts(cloud: Cloud, receiver: Any) -> Batches:
    """The end of sessions, told to a client that had a grant in each."""
    topic_messages(cloud, "webhooks")
    a_user(id="U1", email="ann@maths.example", password=PASSWORD)
    shop = RelyingParty({"first_party": True, "backchannel_logout_uri": receiver.url})
    for _ in range(FEW + MANY):
        browser = PersonsBrowser()
        browser.enter("ann@maths.example")
        shop.tokens(browser)
    ended = [(row, None) for row in cloud.rows("sessions")]
    system.invoke("on_session_change", stream_event("sessions", *ended, expired=True))
    found = {"on_webhook, end of a session": _both("on_webhook", _records, cloud.take("webhooks"))}
    found["on_delivery, end of a session"] = _both("on_delivery", _records, cloud.take("deliveries"))
    return found


def of_work(cloud: Cloud, machines: StateMachines) -> Batches:
    """Queued items, a file of people in and everybody out, and what runs while nothing happens."""
    writes = [
        {"user_id": f"U{n}", "item_id": "1", "item_key": "k", "item_value": 1, "at": clock.timestamp()}
        for n in range(FEW + MANY)
    ]
    found = {"on_items": _both("on_items", partial(_queued, "items"), writes)}
    found |= _import(machines)
    for schedule in system.SCHEDULED:
        system.invoke(schedule, HOUR)
        clock.tick(seconds=3600)
        found[f"{schedule}, with nothing to do"] = [(1, _metered(schedule, HOUR))]
    return found


def _import(machines: StateMachines) -> Batches:
    rows = [{"email": f"p{n}@many.example", "name": "Many", "age": n % 90} for n in range(3 * HUNDRED)]
    found: Batches = {"on_upload": [], "plan_import": [], "import_chunk": [], "finish_import": []}
    for part in (rows[:HUNDRED], rows[HUNDRED:]):
        hundreds = len(part) // HUNDRED
        upload = {"Records": [machines.upload(json.dumps(part).encode())]}
        found["on_upload"].append((1, _metered("on_upload", upload)))
        given = machines.waiting()
        with metered() as planned:
            plan = system.invoke("plan_import", given)
        found["plan_import"].append((hundreds, planned))
        (entry,) = machines.manifest(plan)
        found["import_chunk"].append((hundreds, _metered("import_chunk", entry)))
        found["finish_import"].append((hundreds, _metered("finish_import", given)))
    return found


def _both(handler: str, event: Callable[..., dict[str, Any]], records: list[Any]) -> list[Taken]:
    few, many = records[:FEW], records[FEW : FEW + MANY]
    assert len(many) == MANY, (handler, len(records))
    return [(len(part), _metered(handler, event(*part))) for part in (few, many)]


def _metered(handler: str, event: Any) -> Meter:
    with metered() as meter:
        system.invoke(handler, event)
    return meter


def _records(*records: dict[str, Any]) -> dict[str, Any]:
    return {"Records": [*records]}


def _notified(topic: str, message: dict[str, Any]) -> dict[str, Any]:
    """What SNS hands to a function."""
    arn = settings().arn("sns", settings().names.of(topic))
    told = {"MessageId": "N", "Subject": "about", "MessageAttributes": {}, "Message": json.dumps(message)}
    return {"Records": [{"EventSource": "aws:sns", "EventSubscriptionArn": f"{arn}:1b2c", "Sns": told}]}


def _queued(queue: str, *bodies: Any) -> dict[str, Any]:
    return queue_event(queue, bodies)


def of_sweep(cloud: Cloud) -> Batches:
    """What the sweep looks at: changes that history has."""
    topic_messages(cloud, "history")
    system.invoke("every_hour", HOUR)
    found: Batches = {"every_hour, a change": []}
    for number in (FEW, MANY):
        clock.tick(seconds=3600)
        made = [a_user(id=f"U{number}-{n}", email=f"person{number}-{n}@maths.example") for n in range(number)]
        system.invoke("on_user_change", stream_event("users", *((None, dict(person)) for person in made)))
        system.consume("history", {"Records": cloud.take("history")})
        clock.tick(seconds=3600)
        found["every_hour, a change"].append((number, _metered("every_hour", HOUR)))
    return found
