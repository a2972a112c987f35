"""Recovers dead letters that no queue can take back: changes that were not published, and invocations that failed.

Only the keys of a change are parked. So the record is published once as it is now, marked `reconciled`. A failed
invocation is repeated with its payload, where the dead letter holds it. Functions of the stage do both, with their own
roles.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.aws.dynamo import from_item
from chalicelib.core.aws.invocations import invoke
from chalicelib.core.errors import Conflict
from chalicelib.core.settings import settings
from chalicelib.event_bus import envelope
from chalicelib.operations import stage_map
from chalicelib.operations.dead_letter import UNKNOWN, function_in, position_of, stream_of

if TYPE_CHECKING:
    from chalicelib.operations.dead_letter import DeadLetter

RECONCILED = {
    "published": "published as it is now",
    "known": "history has it already",
    "silent": "nothing to tell of it",
}

UNRECOVERABLE = {
    "aws:s3": "only the key of the file is kept: upload it again",
    "aws:sns": "only the id of the notification is kept: SES's report or the alarm is not told again",
    "aws:kinesis": "only ids are kept: have the producer send it again",
}


def recover(letter: DeadLetter) -> str:
    """Try one message of `streams-dlq` or `invocations-dlq` again. Returns a text that says what was done. Raises
    Conflict where it cannot be recovered, or failed once more."""
    document = letter.document
    if letter.source == UNKNOWN:
        raise Conflict("it holds no keys that could be looked up")
    if position_of(document):
        return _sweep_since(document)
    if "requestPayload" in document:
        return _invoke(document["requestContext"].get("functionArn", ""), document["requestPayload"])
    if target := letter.attribute("TARGET_ARN"):
        return _invoke(target, document)
    return _publish_again(letter.source, letter.keys)


def _invoke(arn: str, payload: Any) -> str:
    function = {settings().names.of(name): name for name in stage_map.repeated()}.get(function_in(arn))
    if function is None or not isinstance(payload, dict):
        raise Conflict(f"{arn or 'what it names'} is no function that may be repeated, or its payload is gone")
    invoke(function, payload)
    return f"{function} was invoked again, and succeeded"


def _sweep_since(document: dict[str, Any]) -> str:
    """Publish what changed since the first record of a failed batch, and is missing in history. The batch has failed
    for 23 hours: the message holds only its position, and the stream no longer holds its records."""
    stream = stream_of(document)
    if stream == "stream:intents":
        raise Conflict("the stream has forgotten which intents these were: who asked has to ask again")
    if stream == "aws:kinesis":
        raise Conflict("the stream has forgotten its records: have the producer send them again")
    try:
        first = clock.parse(position_of(document)["approximateArrivalOfFirstRecord"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Conflict("it does not say when its first record came") from None
    hours = math.ceil((clock.now() - first).total_seconds() / 3600) + 1
    reply = invoke("reconcile", {"hours": hours})
    published = reply["published"]
    while next_positions := reply.get("next"):
        reply = invoke("reconcile", {"next": next_positions})
        published += reply["published"]
    return f"what changed within {hours} hours and was missing is published: {published}"


def _publish_again(source: str, keys: dict[str, Any]) -> str:
    table = source.removeprefix("stream:")
    if "event" in keys:
        table, keys = _record_of(str(keys["event"]))
    elif source in UNRECOVERABLE:
        raise Conflict(UNRECOVERABLE[source])
    elif source == "stream:intents":
        return _answer_intent(keys)
    elif not source.startswith("stream:") or not keys:
        raise Conflict("it holds no keys that could be looked up")
    outcome = invoke("reconcile", {"table": table, "keys": keys})["outcome"]
    if outcome == "gone":
        raise Conflict("the record is gone, and left no tombstone: there is nothing to tell")
    return RECONCILED[outcome]


def _record_of(event_id: str) -> tuple[str, dict[str, Any]]:
    """The table and keys in an event's id, `<table>:<key>:<version>:<n>`. Raises Conflict for text of another form."""
    table, key = envelope.record_of(event_id)
    if not key:
        raise Conflict(f"{event_id} is no event's id")
    if table == "items":
        user_id, _, item_key = key.partition("/")
        return table, {"user_id": user_id, "item_key": item_key}
    return table, {"id": key, "part": "job"} if table == "jobs" else {"id": key}


def _answer_intent(keys: dict[str, Any]) -> str:
    """Invoke `on_intent` with a record made of the keys: the stream of intents carries only keys."""
    record = {
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": f"table/{settings().names.of('intents')}/stream/redriven",
        "dynamodb": {"Keys": from_item(keys)},
    }
    invoke("on_intent", {"Records": [record]})
    return "on_intent was invoked again, and succeeded"
