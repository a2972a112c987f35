"""Small stories that together make every handler of the app work, and what is left when one is over.

Each is told to a `Stage` and settles by itself; `HANDLERS` names the handlers that it is about.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from chalicelib import mail, oauth
from chalicelib.accounts import removal
from chalicelib.accounts.store import people
from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.names import TABLES
from chalicelib.core.settings import settings
from chalicelib.insights.active_people import ROW
from chalicelib.insights.counted import FLOW, WEBHOOKS
from chalicelib.insights.store import TOTAL, counters
from chalicelib.items.store import items
from chalicelib.jobs import jobs
from chalicelib.mail.model import mail_id
from chalicelib.mail_delivery.delivery import TAG
from chalicelib.oauth import model
from chalicelib.webhooks import endpoints
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.new_deliveries import with_event
from chalicelib.webhooks.store import SLOTS
from tests.builders import PASSWORD, a_user
from tests.cloudlike import NAMES
from tests.functional.apps import ApiClient, blueprints

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.stage import Stage

HANDLERS: dict[Callable[[Stage, str], Any], tuple[str, ...]] = {}
"""Each story, with the handlers that it is about."""


def about(*handlers: str) -> Callable[[Callable[[Stage, str], Any]], Callable[[Stage, str], Any]]:
    def keep(story: Callable[[Stage, str], Any]) -> Callable[[Stage, str], Any]:
        HANDLERS[story] = handlers
        return story

    return keep


@about("on_user_change", "on_history", "on_user_event", "on_mail", "on_webhook", "on_delivery")
def a_person_comes_and_changes(stage: Stage, url: str) -> None:
    endpoints.create({"url": url, "types": ["user.*"]})
    person = a_user(id="U1", email="ann@example.com", name="Ann", email_verified=False)
    people().change(person, lambda _: {"name": "Anne", "password_changed_at": clock.timestamp()})
    stage.settle()


@about("on_session_change", "on_item_change", "on_job_change")
def other_records_change(stage: Stage, url: str) -> None:
    session = records.new(id="S1", user_id="U1", expires_at=clock.epoch() + 86400, counter=0)
    clients.table("sessions").put(session)
    clients.table("sessions").put({**records.tombstone(session), "id": "S1", "user_id": "U1", "reason": "reuse"})
    items().put("U1", "theme", "dark")
    jobs().create("import", "J1", counts={})
    jobs().change("J1", status="finished")
    stage.settle()


@about("on_client_change")
def a_client_comes_and_goes(stage: Stage, url: str) -> None:
    client, _ = model.new_client("billing", ["service"])
    oauth.clients().create({**client, "id": model.row_id("rcc_1"), "client_id": "rcc_1"})
    stage.settle()
    oauth.clients().remove(oauth.clients().get("rcc_1"))
    stage.settle()


@about("on_intent")
def strangers_ask(stage: Stage, url: str) -> None:
    a_user(id="U1", email="ann@example.com", password=PASSWORD)
    stage.settle()
    asking = api()
    for path, body in (
        ("/users", {"email": "bea@example.com", "password": PASSWORD}),
        ("/password-resets", {"email": "ann@example.com"}),
        ("/sessions/email", {"email": "ann@example.com"}),
    ):
        asking.call("POST", path, body)
        stage.settle()  # one by one: which come together would follow from their ids


@about("on_items", "on_item_stream", "put_items")
def items_are_written(stage: Stage, url: str) -> None:
    stage.queues["items"].send({"items": [a_write(1), a_write(2)]})
    stage.queues["items"].send(a_write(1, value="later", at=1))
    data = base64.b64encode(json.dumps(a_write(3)).encode()).decode()
    stage.sources["on_item_stream"].put("U1", kinesis_record(data, "shard:1"))
    stage.invoke("put_items", {"items": [a_write(4)]})
    stage.settle()


@about("on_job")
def a_person_is_erased(stage: Stage, url: str) -> None:
    person = a_user(id="U1", email="ann@example.com", name="Ann", password=PASSWORD)
    items().put("U1", "theme", "dark")
    removal.remove(person)
    stage.settle()


@about("reapply_erasures")
def an_erasure_is_applied_again(stage: Stage, url: str) -> None:
    a_user(id="U1", email="ann@example.com", name="Ann")
    jobs().create("erasure", "E1", subject="U1")
    stage.invoke("reapply_erasures", {})
    stage.settle()


@about("on_job")
def everything_is_replayed(stage: Stage, url: str) -> None:
    endpoints.create({"url": url, "types": ["user.registered"]})
    a_user(id="U1", email="ann@example.com")
    stage.settle()
    clock.tick(minutes=1)
    replay_all()
    stage.settle()


@about("on_mail_feedback", "on_alert", "send_email")
def mail_goes_out_and_is_answered(stage: Stage, url: str) -> None:
    mail.request("already_registered", "ann@example.com", key="K1", user_id="U1")
    stage.invoke("send_email", {"to": "bea@example.com", "subject": "Hello", "body": "there", "id": "E1"})
    stage.settle()
    bounced = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "ann@example.com"}]}
    about_ours = {"tags": {TAG: [mail_id("already_registered", "K1")]}}
    stage.notify("mail-feedback", json.dumps({"eventType": "Bounce", "bounce": bounced, "mail": about_ours}))
    stage.notify("ops-alerts", json.dumps({"AlarmName": "Parked", "NewStateValue": "ALARM"}))
    stage.settle()


@about("export_segment", "finish_export")
def everybody_is_exported(stage: Stage, url: str) -> None:
    for number in range(3):
        a_user(id=f"U{number}", email=f"u{number}@example.com")
    api().call("POST", "/exports", {})
    (given,) = stage.state_machines.started("export")
    for segment in given["segments"][:2]:
        stage.invoke("export_segment", {**segment, "segments": 2})
    stage.invoke("finish_export", {**given, "segments": given["segments"][:2]})


@about("every_hour")
def an_hour_passes(stage: Stage, url: str) -> None:
    counters().count([{"id": "users:U0:1:0", "type": "user.registered", "time": clock.timestamp()}])
    a_user(id="U1", email="ann@example.com")
    stage.lose_changes()
    clock.tick(minutes=20)
    stage.schedule("every_hour")
    stage.settle()


@about("reconcile")
def an_operator_has_lost_changes_told(stage: Stage, url: str) -> None:
    for number in (1, 2):
        a_user(id=f"U{number}", email=f"u{number}@example.com")
    stage.lose_changes()
    clock.tick(minutes=20)
    stage.invoke("reconcile", {"table": "users", "keys": {"id": "U1"}})
    stage.settle()
    stage.invoke("reconcile", {"hours": 2})
    stage.settle()


@about("every_five_minutes", "every_day", "on_job")
def days_pass(stage: Stage, url: str) -> None:
    webhook, _ = endpoints.create({"url": url, "types": []})
    event = {"id": "webhooks:1", "type": "webhook.test", "subject": "W", "time": clock.timestamp()}
    row, _ = deliveries().create(with_event(webhook["id"], event))
    deliveries().reopen(row)
    a_user(id="U1", email="ann@example.com", birthdate="1990-03-03")
    jobs().create("import", "J1", counts={})
    clients.table("guards").put({"id": "birthdays", "day": clock.timestamp()[:10]})
    stage.schedule("every_five_minutes")
    stage.settle()
    clock.tick(days=2)
    stage.schedule("every_day")
    stage.settle()


@about("rotate_signing_key")
def the_signing_key_is_rotated(stage: Stage, url: str) -> None:
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        event = {"SecretId": NAMES.of("signing-key"), "ClientRequestToken": "1" * 32, "Step": step}
        stage.sources["rotate_signing_key"].send(event)
        stage.settle()


@about("rotate_app_keys")
def the_app_keys_are_rotated(stage: Stage, url: str) -> None:
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        event = {"SecretId": NAMES.of("app-keys"), "ClientRequestToken": "2" * 32, "Step": step}
        stage.sources["rotate_app_keys"].send(event)
        stage.settle()


def api(*roles: str) -> ApiClient:
    """A client of the whole app, of an administrator who has just proved two factors."""
    client = ApiClient(*blueprints())
    client.sign_in("A1", "admin", second_factor=True)
    return client


def replay_all() -> None:
    """Have all that is in history replayed."""
    answer = api().call("POST", "/events/replay", {"from": "2026-03-01T12:00:00Z", "to": "2026-03-03T00:00:00Z"})
    assert answer.status == 202, answer.body


def a_write(number: int, value: Any = "dark", at: int = 0) -> dict[str, Any]:
    """A write of an item, the same each time."""
    moment = f"2026-03-01T11:00:{at:02}Z"
    return {
        "user_id": "U1",
        "item_id": f"I{number}{at}",
        "item_key": f"k{number}",
        "item_value": value,
        "at": moment,
    }


def kinesis_record(data: str, event_id: str) -> dict[str, Any]:
    """A record of the Kinesis stream `items` with this data, in base64."""
    arn = settings().arn("kinesis", f"stream/{NAMES.of('items')}")
    return {
        "eventSource": "aws:kinesis",
        "eventID": event_id,
        "eventSourceARN": arn,
        "kinesis": {"data": data},
    }


_PASSING = frozenset(
    {
        "attempts",
        "changed_hour",
        "claimed_at",
        "claimed_until",
        "digest",
        "expires_at",
        "feed_shard",
        "milliseconds",
        "request_id",
        "requestid",
        "secrets",
        "tries",
        *SLOTS,
    }
)
"""Fields that tell when, how often or by whose request something was done, or that are sealed anew each time;
and the digest of an event that has such."""

_PASSING_JOBS = {"version", "counts"}
"""A step that is repeated may note once more that its job runs, and an erasure counts what it finds left."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|\b1[7-9]\d{8}\b")
"""As RFC 3339 says it, or in seconds since 1970."""
_HASH = re.compile(r"\$argon2id\$[^\"]+")
_MADE_UP = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b")


def left(stage: Stage) -> dict[str, Any]:
    """What a story leaves behind, without its times and without ids that are made up anew each time: the rows of
    every table, the events that were published, the mails that were sent, and what nobody could process."""
    return {
        **{table: sorted(_plain(table, row) for row in stage.rows(table)) for table in TABLES},
        "insights": (_counted(), sorted(_seen(stage))),
        "objects": sorted(_MADE_UP.sub("ID", key) for key in stage.cloud.objects("work")),
        "published": {_MADE_UP.sub("ID", event["id"]) for event in stage.published},
        "mails": len(stage.mails),
        "dead": [body for name, queue in stage.queues.items() if name.endswith("-dlq") for body in queue.bodies],
        "waiting": [name for name, queue in stage.queues.items() if queue.messages],
    }


def _counted() -> dict[str, int]:
    """All counts, but how long messages took, and those of attempts, which there are more of where pages of a replay
    come twice."""
    passing = (FLOW, WEBHOOKS)
    return {
        name: number for name, number in counters().read([TOTAL])[TOTAL].items() if not name.startswith(passing)
    }


def _seen(stage: Stage) -> list[str]:
    """The events that are counted, and the days on which each person was first seen. In which tally they are depends on
    which came together."""
    rows = stage.rows("insights")
    marks = [
        row["id"] for row in rows if row["id"].startswith("seen#") and not row["id"].startswith("seen#webhook:")
    ]
    seen = [_MADE_UP.sub("ID", mark) for mark in marks]
    days = [name for row in rows if row["id"].startswith(ROW) for name in row if name.startswith("day_")]
    return seen + days


_PASSING_HEALTH = {"delivered_at"}
"""An attempt that crashes once its outcome is kept notes nothing of its endpoint: the next delivery does."""

_PASSING_CAPS = {"count"}
"""A mail that is begun twice counts twice toward what its stage may send in an hour."""


def _plain(table: str, row: dict[str, Any]) -> str:
    passing = _PASSING | _PASSING_JOBS if table == "jobs" else _PASSING
    if table == "webhooks":
        passing = passing | _PASSING_HEALTH
    if table == "guards" and row["id"].startswith("mails#"):
        passing = passing | _PASSING_CAPS
    kept = {name: _without_passing(value) for name, value in row.items() if name not in passing}
    text = json.dumps(kept, sort_keys=True, default=repr)
    return _MADE_UP.sub("ID", _TIME.sub("T", _HASH.sub("HASH", text)))


def _without_passing(value: Any) -> Any:
    """The same of what is inside, also of the JSON text of an event."""
    if isinstance(value, str) and value.startswith("{"):
        value = json.loads(value)
    if isinstance(value, dict):
        return {name: _without_passing(part) for name, part in value.items() if name not in _PASSING}
    return [_without_passing(part) for part in value] if isinstance(value, list) else value
