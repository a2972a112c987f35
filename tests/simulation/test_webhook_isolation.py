"""One dead endpoint among ten: what the other nine get comes as soon as ever."""

from __future__ import annotations

import json
import socket
import statistics
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.outbound.safe_http import TIMEOUT_SECONDS
from chalicelib.webhooks import endpoints
from chalicelib.webhooks.delivery import attempt_deliveries
from chalicelib.webhooks.fanout import fan_out
from chalicelib.webhooks.model import FAILURES_BEFORE_PROBES
from chalicelib.webhooks.store import webhooks
from infra.functions import BY_QUEUE
from tests.cloudlike import sqs_record, stage
from tests.functional.faults import listening
from tests.functional.receivers import receiving
from tests.functional.serial import one_call_at_a_time
from tests.simulation.consumer import Consumer

if TYPE_CHECKING:
    from collections.abc import Callable

ENDPOINTS = 10
ANSWERS_IN = 0.1
EVENTS = 28
EVERY = 0.5
"""Seconds: a dead endpoint that gets all of them would hold the consumer's 20 invocations after ten, for five."""
FOR_ALL = 4
"""Every fourth event is one that the other endpoints want too, which is enough to see them delayed."""

DEAD = "localhost"
"""The host of the dead endpoint: whoever asks for its address waits, which is the one wait of a request that takes no
real time of its deadline."""

on_look_up: dict[str, Callable[[], None]] = {}


def hear(event: str, details: tuple) -> None:
    if event == "socket.getaddrinfo" and details[0] in on_look_up:
        on_look_up[details[0]]()


sys.addaudithook(hear)


def happened(number: int) -> dict:
    return {
        "specversion": "1.0",
        "id": f"users:U1:{number}:0",
        "source": "https://rollcall.example",
        "type": "user.updated" if number % FOR_ALL == 0 else "item.changed",
        "subject": "U1",
        "time": clock.timestamp(),
        "sequence": f"{number:012d}",
        "data": {},
    }


@pytest.mark.slow
def test_one_dead_endpoint_among_ten_delays_no_other(held_clock, local_receivers):
    delays: dict[str, list[float]] = defaultdict(list)
    consumer = Consumer(attempt_deliveries, BY_QUEUE["deliveries"].concurrency)

    def answer(received) -> None:
        sent_at = clock.parse(json.loads(received.body)["time"])
        delays[received.path].append((clock.now() - sent_at).total_seconds())
        consumer.sleep(ANSWERS_IN)

    def queue(params: dict, **_: object) -> None:
        if params.get("QueueUrl", "").endswith("deliveries"):
            for entry in params.get("Entries", [params]):
                message = {"MessageId": "M", "ReceiptHandle": "R", "Body": entry["MessageBody"]}
                consumer.send(sqs_record("deliveries", message), entry.get("DelaySeconds", 0))

    with stage() as aws, receiving() as receiver, one_call_at_a_time():
        receiver.answering = answer
        for number in range(1, ENDPOINTS):
            endpoints.create({"url": receiver.url.replace("/hook", f"/{number}"), "types": ["user.updated"]})
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        dead, _ = endpoints.create({"url": f"http://{DEAD}:{port}/", "types": []})
        on_look_up[DEAD] = lambda: consumer.sleep(TIMEOUT_SECONDS)

        def publish(number: int) -> None:
            clients.send("webhooks", json.dumps(happened(number)))
            fan_out({"Records": aws.take("webhooks")})

        for number in range(EVENTS):
            consumer.after(number * EVERY, lambda number=number: publish(number))
        with listening(clients.client("sqs"), "provide-client-params.sqs", queue):
            try:
                consumer.run(EVENTS * EVERY + TIMEOUT_SECONDS)
            finally:
                del on_look_up[DEAD]
        failures = webhooks().get(dead["id"])["failures"]

    assert failures >= FAILURES_BEFORE_PROBES
    assert {path: len(times) for path, times in delays.items()} == {
        f"/{number}": EVENTS // FOR_ALL for number in range(1, ENDPOINTS)
    }
    p95 = statistics.quantiles([delay for times in delays.values() for delay in times], n=20)[-1]
    assert p95 < ANSWERS_IN, f"95 of 100 events arrived within {p95:.2f} s"
