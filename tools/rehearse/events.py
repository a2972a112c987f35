"""What changed becomes an event, once."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import TYPE_CHECKING, Any

from chalicelib.core import wire
from infra.arns import log_group_name
from tools import operate
from tools.rehearse import people
from tools.rehearse.listening import heard
from tools.rehearse.people import expect
from tools.rehearse.steps import Failed, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

EXPECTED = ("user.registered", "user.confirmed", "session.started")


@step(needs=("signing-up", "subscribing"), look="the log groups of on_user_change and on_session_change")
def events_arrive(rehearsal: Rehearsal) -> Evidence:
    """A registration comes as events to who subscribed.

    Stream, publisher, topic, filter policy and raw delivery to a queue of another system.
    """
    person, arrived = rehearsal.facts["ada id"], {}
    for kind in EXPECTED:
        arrived[kind] = _event(rehearsal, kind, lambda event: bool(event["subject"] == person))["id"]
    return arrived


def _event(rehearsal: Rehearsal, kind: str, matches: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait for an event of a type for which `matches` is true, and return the first one."""

    def look() -> dict[str, Any] | None:
        return heard(rehearsal, "heard-events", lambda event: event["type"] == kind and matches(event))

    return dict(rehearsal.until(look, f"the event {kind}", 3))


@step(needs=("events-arrive",), look="chalicelib/core/wire.py; the queue streams-dlq")
def any_character_is_carried(rehearsal: Rehearsal) -> Evidence:
    """An attribute with characters that queues refuse becomes an event all the same.

    U+FFFE and U+FFFF are JSON, and neither SQS nor SNS takes them as they are.
    """
    attributes = {"note": "\ufffe and \uffff"}
    person = expect(people.ada(rehearsal).call("PATCH", "/me", {"attributes": attributes}), 200, what="PATCH /me")
    event_id = f"users:{person['id']}:{person['version']}:0"
    event = _event(rehearsal, "user.updated", lambda event: bool(event["id"] == event_id))
    attributes_in_event = event["data"]["user"].get("attributes")
    if attributes_in_event != attributes:
        raise Failed(
            "the event tells another attribute", event=event["id"], attributes_as_told=ascii(attributes_in_event)
        )
    return {"event": event["id"], "attributes_as_told": ascii(attributes_in_event)}


@step(
    needs=("events-arrive",),
    minutes=1.5,
    look="the filters of on_session_change in infra/functions.py, and its log group",
)
def a_refresh_invokes_nothing(rehearsal: Rehearsal) -> Evidence:
    """A refreshed session is written, and no function is invoked for it.

    The stream's filter hands on what begins and ends. All changes of one session come in their order, so when its end
    has been published, the refresh before would have been handed on: as a change without an event.
    """
    since = int(time.time() * 1000)
    credentials = {"email": people.ADA, "password": people.PASSWORD}
    pair = expect(rehearsal.api.call("POST", "/sessions", credentials), 201, what="signing in")
    refresh = {"refresh_token": rehearsal.hide(pair["refresh_token"])}
    pair = expect(rehearsal.api.call("POST", "/sessions/refresh", refresh), 200, what="refreshing")
    refreshed = dataclasses.replace(rehearsal.api, token=rehearsal.hide(pair["access_token"]))
    ended = refreshed.call("DELETE", "/sessions/current")
    expect(ended, 204, what="signing out")
    request_id = ended.headers.get("X-Request-Id", "")

    def look() -> tuple[int, int] | None:
        lines = _session_lines(rehearsal, since)
        handed = sum(line["done"] for line in lines if line["message"] == "batch")
        published = [line for line in lines if line["message"] == "published"]
        told = sum(line["events"] for line in published)
        is_there = any(request_id in line["requests"] for line in published)
        return (handed, told) if is_there and handed >= told else None

    handed, told = rehearsal.until(look, "the end of a session, published,", 3)
    if handed > told:
        raise Failed("a change without an event was handed on", changes=handed, events=told)
    return {"changes": handed, "events": told}


def _session_lines(rehearsal: Rehearsal, since: int) -> list[dict[str, Any]]:
    """The lines that on_session_change has logged since, in milliseconds since 1970."""
    result_pages = (
        rehearsal.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=log_group_name(rehearsal.names, "on_session_change"), startTime=since)
    )
    texts = (event["message"] for result_page in result_pages for event in result_page["events"])
    lines = [json.loads(text) for text in texts if text.startswith("{")]
    return [line for line in lines if line.get("message") in {"batch", "published"}]


@step(needs=("events-arrive",), look="the log group of on_history")
def history_remembers(rehearsal: Rehearsal) -> Evidence:
    """The person's history has what happened.

    Through the built-in consumer, read over HTTP by the administrator.
    """
    path = f"/users/{rehearsal.facts['ada id']}/history"

    def look() -> list[str] | None:
        items = expect(rehearsal.admin.call("GET", path), 200, what=f"GET {path}")["items"]
        types = sorted({event["type"] for event in items})
        return types if set(EXPECTED) <= set(types) else None

    return {"types": rehearsal.until(look, "the history of the person", 3)}


@step(needs=("history-remembers",), look="the log group of on_history; chalicelib/core/aws/dynamo/inserts.py")
def history_keeps_an_event_once(rehearsal: Rehearsal) -> Evidence:
    """An event that comes again is kept once, and leaves its neighbours alone.

    DynamoDB answers for each statement of a call: the one that is recorded already, and the new one beside it.
    """
    path = f"/users/{rehearsal.facts['ada id']}/history"

    def ids() -> list[str]:
        return [
            event["id"] for event in expect(rehearsal.admin.call("GET", path), 200, what=f"GET {path}")["items"]
        ]

    (known, *_) = expect(rehearsal.admin.call("GET", path), 200, what=f"GET {path}")["items"]
    again = {name: value for name, value in known.items() if name != "recordedtime"}
    new = {**again, "id": f"{known['id']}:new"}
    before, sqs = ids(), rehearsal.client("sqs")
    sqs.send_message_batch(
        QueueUrl=sqs.get_queue_url(QueueName=rehearsal.names.of("history"))["QueueUrl"],
        Entries=[
            {"Id": str(number), "MessageBody": wire.to_json(event)}
            for number, event in enumerate((again, new, again))
        ],
    )
    rehearsal.until(lambda: new["id"] in ids(), "the new event in history", 3)
    counts = {event_id: ids().count(event_id) for event_id in (again["id"], new["id"])}
    if set(counts.values()) != {1} or not set(before) <= set(ids()):
        raise Failed("an event is in history several times, or was lost", **counts)
    return counts


@step(
    needs=("queues-are-worked-off",), minutes=4, look="the log group of reconcile; the alarm unpublished-changes"
)
def sweeping_after_the_import(rehearsal: Rehearsal) -> Evidence:
    """The sweep after an import finds nothing to publish.

    It looks at everybody who changed, ends in time, and does so again with the same result: what the streams told
    is not told a second time.
    """
    rehearsal.pause(rehearsal.sizes.settle_seconds)
    evidence: Evidence = {"published": [], "seconds": []}
    for _ in range(2):
        started = rehearsal.now()
        evidence["published"].append(operate.invoke(rehearsal.stage, "reconcile", {"hours": 1})["published"])
        evidence["seconds"].append(round(rehearsal.now() - started, 1))
    if any(evidence["published"]):
        raise Failed("changes were published that history lacked", **evidence)
    return evidence
