"""Ten thousand deliveries, duplicated and shuffled over the queues' consumers, leave what one clean run leaves."""

from __future__ import annotations

from collections import Counter

import pytest

from chalicelib.core import clock
from chalicelib.webhooks import endpoints
from infra.functions import BY_QUEUE
from tests.conftest import NOW
from tests.functional.receivers import receiving
from tests.simulation.sources import settle
from tests.simulation.stage import simulated
from tests.simulation.stories import a_write, left
from tests.unit.events.images import URL

MESSAGES = {"history": 300, "insights": 300, "webhooks": 2640, "items": 60, "mail": 60}
"""Of each queue: three deliveries of each, on average, are above ten thousand in all. There are most of those that
cost moto least."""

KEYS = 20
"""Of items: three writes to each, of which the latest wins in whatever order they come."""

WANTED = 100
"""Of the events, the webhook wants one in so many."""


def an_event(number: int) -> dict:
    """The event of a change, of one of forty people."""
    counted = ("user.registered", "session.started", "user.updated")[number % 3]
    kind = "user.deleted" if number % WANTED == 0 else counted
    return {
        "specversion": "1.0",
        "id": f"users:U{number % 40}:{number}:0",
        "source": URL,
        "type": kind,
        "subject": f"U{number % 40}",
        "time": clock.timestamp(NOW),
        "datacontenttype": "application/json",
        "dataschema": f"{URL}/events/schemas/{kind}/1",
        "sequence": f"{number:012d}",
        "data": {},
    }


def message(queue: str, number: int) -> dict:
    if queue == "items":
        return a_write(number % KEYS, value=number, at=number // KEYS)
    if queue == "mail":
        return {"to": f"u{number}@example.com", "subject": "Hello", "body": "there", "id": f"E{number}"}
    return an_event(number)


def consumed(receiver, copies):
    """What the consumers leave of all messages, with the effects outside AWS, and how many deliveries it took."""
    receiver.received.clear()
    with clock.held(NOW), simulated(seed=4, copies=copies) as stage:
        endpoints.create({"url": receiver.url, "types": ["user.deleted"]})
        for queue, messages in MESSAGES.items():
            for number in range(messages):
                stage.queues[queue].send(message(queue, number))
        settle(*(stage.sources[BY_QUEUE[queue].name] for queue in (*MESSAGES, "deliveries")))
        effects = {
            **left(stage),
            "items": {row["item_key"]: (row["value"], row["item_id"]) for row in stage.rows("items")},
            "mails": stage.mails,
            "requests": Counter(one.headers["webhook-id"] for one in receiver.received),
        }
        return effects, sum(stage.queues[queue].handed_out.total() for queue in MESSAGES)


@pytest.mark.slow
def test_ten_thousand_deliveries_in_any_order_have_no_effect_twice(local_receivers):
    with receiving() as receiver:
        expected, once = consumed(receiver, (1, 1))
        found, deliveries = consumed(receiver, (1, 5))
    assert once == sum(MESSAGES.values()) + 60 + 27  # the outcomes of mails and of attempts, which are counted
    assert deliveries >= 10_000
    assert found == expected
    assert expected["dead"] == expected["waiting"] == []
    assert set(found["mails"].values()) == set(found["requests"].values()) == {1}
    assert (len(found["mails"]), len(found["requests"])) == (60, 27)
    assert len(found["history"]) == 300
