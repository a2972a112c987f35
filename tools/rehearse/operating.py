"""What an operator does over HTTP, where only AWS shows whether it works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.rehearse.connecting import with_second_factor
from tools.rehearse.people import expect
from tools.rehearse.steps import Failed, step

if TYPE_CHECKING:
    from tools.api import Api
    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

POISON = "neither is this an event"

MEASURED = {"functions": "invocations", "queues": "sent", "topics": "published", "tables": "written_units"}
"""The figure of each kind of part that CloudWatch has of whatever was used."""


@step(
    needs=("a-poisoned-message", "administrator"),
    minutes=1,
    look="the log groups of operate_stage and on_history; infra/policies.py",
)
def redriving_over_http(rehearsal: Rehearsal) -> Evidence:
    """A dead letter is read and sent back over HTTP.

    It comes back as another one, with its reason, because nobody has mended it.
    """
    sqs = rehearsal.client("sqs")
    url = sqs.get_queue_url(QueueName=rehearsal.names.of("history"))["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=POISON)
    first = rehearsal.until(lambda: _poisoned(rehearsal), "the dead letter", 4)
    path = "/operations/dead-letters/history"
    opened = expect(rehearsal.admin.call("GET", f"{path}/{first}"), 200, what="opening the dead letter")
    if opened["body"] != POISON:
        raise Failed("the dead letter holds something else", body=opened["body"])
    redriven = expect(
        rehearsal.admin.call("POST", f"{path}/redrive", {"ids": [first]}), 200, what="redriving the dead letter"
    )
    if redriven["redriven"] != 1:
        raise Failed("the dead letter was not sent back", **redriven)
    again = rehearsal.until(
        lambda: (found := _poisoned(rehearsal)) != first and found, "the dead letter that came back", 4
    )
    dead_letters = sqs.get_queue_url(QueueName=rehearsal.names.of("history-dlq"))["QueueUrl"]
    sqs.purge_queue(QueueUrl=dead_letters)
    return {"first": first, "again": again, "reason": opened["reason"]}


def _poisoned(rehearsal: Rehearsal) -> str | None:
    """The id of the newest dead letter of this step's message, by what it holds."""
    path = "/operations/dead-letters/history"
    listed = expect(rehearsal.admin.call("GET", path), 200, what="listing dead letters")["letters"]
    for letter in reversed(listed):
        answer = rehearsal.admin.call("GET", f"{path}/{letter['id']}")
        if answer.status == 200 and answer.body["body"] == POISON:
            return str(letter["id"])
    return None


@step(
    needs=("administrator", "history-remembers"),
    minutes=2,
    aws_only="the local cloud measures no queues, topics and tables",
    look="the log group of observe_stage; the metrics in the console of CloudWatch",
)
def figures_are_measured(rehearsal: Rehearsal) -> Evidence:
    """`GET /operations` has figures of every kind of part, and the state of each alarm.

    CloudWatch has them minutes after what they are of.
    """

    def look() -> dict[str, Any] | None:
        figures = expect(rehearsal.admin.call("GET", "/operations"), 200, what="asking for figures")
        seen = {
            kind: max((part[name] or 0 for part in figures[kind]), default=0) for kind, name in MEASURED.items()
        }
        seen["requests"] = figures["api"]["requests"] or 0
        return {**seen, "alarms": figures["alarm_count"]} if all(seen.values()) else None

    found: dict[str, Any] = rehearsal.until(look, "figures of functions, queues, topics, tables and requests", 15)
    if not found["alarms"]:
        raise Failed("there is no alarm")
    return found


@step(
    needs=("rotating-the-app-keys", "administrator"),
    minutes=1,
    aws_only="the local cloud has no rotation schedules",
    look="the log groups of operate_stage and rotate_app_keys; the secret's versions",
)
def rotating_over_http(rehearsal: Rehearsal) -> Evidence:
    """A rotation that is asked for over HTTP is done by Secrets Manager.

    It is scheduled, and its time in `GET /operations/keys` moves on.
    """
    return rotated_over_http(rehearsal, with_second_factor(rehearsal, "success+operator@simulator.amazonses.com"))


def rotated_over_http(rehearsal: Rehearsal, staff: Api) -> Evidence:
    """Have `staff`, who has proved two factors, rotate a key, and wait until it is. Raises Failed where it is not."""

    def rotated_at() -> str | None:
        keys = expect(staff.call("GET", "/operations/keys"), 200, what="asking for the ages of keys")["items"]
        (key,) = (key for key in keys if key["name"] == "app-keys")
        if not key["is_scheduled"] or not key["next_rotation_at"]:
            raise Failed("the key has no schedule", **key)
        return None if key["rotated_at"] is None else str(key["rotated_at"])

    before = rotated_at()
    answer = expect(staff.call("POST", "/operations/keys/app-keys/rotate"), 202, what="asking for a rotation")
    if answer["rotation"] != "started":
        raise Failed("Secrets Manager did not rotate it", **answer)
    after = rehearsal.until(lambda: (now := rotated_at()) != before and now, "the rotation", 3)
    return {"before": before, "after": after}
