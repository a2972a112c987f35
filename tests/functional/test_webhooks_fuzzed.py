"""Whatever an endpoint answers, each try is written down, the delivery goes on by its schedule, no message is parked,
and an endpoint that only fails is disabled in the end."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from chalicelib.core import clock
from chalicelib.core.outbound.safe_http import KEPT_BYTES
from chalicelib.core.settings import settings
from chalicelib.webhooks.model import FAILING_DAYS, LONGEST_DELAY
from tests.cloudlike import stage as empty_stage
from tests.conftest import NOW
from tests.functional.delivering import attempt, happened, publish, queued, rows, webhook
from tests.functional.receivers import Receiver, misbehaving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cloudlike import Cloud

DIGITS = st.sampled_from(
    ["0", "-1", "7", "429", "\u00b2", "9" * 19, "9" * 5000, "1e3", "0x10", "", " ", "+5", "1_0"]
)

STATUS = st.sampled_from(
    [
        *("200", "204", "299", "301", "308", "404", "410", "429", "500", "502", "503", "504", "600", "999"),
        *("100", "101", "103", "000", "099", "1000", "-200", "2OO", "\u00b2\u00b2\u00b2", "", "2_0"),
    ]
)
STATUS_LINE = st.builds(
    "{} {} {}".format,
    st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2", "http/1.1", "SIP/2.0", "", "\x00"]),
    STATUS,
    st.sampled_from(["", "OK", "\u00ff", "x" * 70_000, "\r"]),
)
DATE = st.builds(
    "{} {} {} {} {}".format,
    st.sampled_from(["Mon, 01", "Mon, 99", "01", ",", f"Mon, {'9' * 5000}"]),
    st.sampled_from(["Jan", "Foo", "", "01"]),
    st.sampled_from(["2026", "9999", "0001", "0", "99999999999999999999", "-1"]),
    st.sampled_from(["00:00:00", "99:99:99", "1:1:99999999999", "::", ""]),
    st.sampled_from(["GMT", "+0000", "-2359", "-99999999999999", "+", ""]),
)
HEADER = st.one_of(
    st.builds("Retry-After: {}".format, DIGITS | DATE),
    st.builds("Content-Length: {}".format, DIGITS),
    st.builds("Transfer-Encoding: {}".format, st.sampled_from(["chunked", "gzip", "chunked, chunked", "\u00ff"])),
    st.builds("Location: {}".format, st.sampled_from(["http://169.254.169.254/", "//", "\u00ff", "x" * 9000])),
    st.sampled_from(
        ["Set-Cookie: a=\x00", " folded", ":", "no colon", "X: \x85y", "Content-Type: \xff", "X: y" * 9000]
    ),
)
CHUNK = st.builds(
    "{}\r\n{}\r\n".format, st.sampled_from(["5", "0", "-5", "zz", "ffffffffff", "5;x=y", ""]), st.text("ax")
)
BODY = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([b"", b"x" * 30_000, b"\xff\xfe" * 2000, b"\x00" * 20, b'{"a":' * 3000]),
    st.lists(CHUNK, max_size=4).map(lambda chunks: "".join(chunks).encode("latin-1", "replace")),
)


def _written(line: str, headers: list[str], body: bytes) -> bytes:
    return "\r\n".join([line, *headers, "", ""]).encode("latin-1", "replace") + body


ANSWERS = st.builds(_written, STATUS_LINE, st.lists(HEADER, max_size=4), BODY) | st.binary(max_size=300)


@contextmanager
def answering(raw: bytes) -> Iterator[str]:
    """A receiver that says so and hangs up."""

    def script(connection: socket.socket, _: object) -> None:
        connection.recv(65536)
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)

    with misbehaving(script) as url:
        yield url


@pytest.fixture(scope="module")
def stage() -> Iterator[Cloud]:
    """One for all: every example makes an event of its own."""
    with settings.held(outbound_allow_http=True), clock.held(NOW), empty_stage() as cloud:
        webhook(Receiver(url="http://127.0.0.1:9/"))
        yield cloud


def answered(cloud: Cloud, raw: bytes, number: int) -> dict[str, Any]:
    """What became of a delivery that was answered so."""
    (row,) = cloud.rows("webhooks")
    with answering(raw) as url:
        healthy = {name: row[name] for name in row.keys() - {"failures", "probe_at", "failing_since"}}
        cloud.put("webhooks", {**healthy, "url": url, "enabled": True})
        publish(cloud, happened(number))
        attempt(cloud)
    (delivery,) = (row for row in rows(cloud) if row["event_id"] == happened(number)["id"])
    return delivery


numbers = iter(range(1, 1_000_000))


@pytest.mark.slow
@examples(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(ANSWERS)
def test_each_try_is_written_down_and_the_delivery_goes_on(stage, raw):
    delivery = answered(stage, raw, next(numbers))
    (tried,) = delivery["attempts"]
    assert delivery["tries"] == 1
    assert ("status" in tried) != ("error" in tried)
    assert len(tried.get("response", "")) <= KEPT_BYTES
    succeeded = 200 <= tried.get("status", 0) <= 299
    assert delivery["state"] == (
        "delivered" if succeeded else "failed" if tried.get("status") == 410 else "waiting"
    )
    if delivery["state"] == "waiting":
        due = datetime.fromisoformat(delivery["next_at"]) - clock.now()
        assert due <= LONGEST_DELAY * 1.1
    assert stage.take("deliveries-dlq") == []
    stage.take("deliveries")


ABSURD = [
    b"HTTP/1.1 503 No\r\nRetry-After: Fri, 31 Dec 99999999999999999999 23:59:59 GMT\r\n\r\n",
    b"HTTP/1.1 429 No\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 -99999999999999\r\n\r\n",
    b"HTTP/1.1 500 No\r\nRetry-After: " + b"9" * 5000 + b"\r\n\r\n",
    b"HTTP/1.1 503 No\r\nRetry-After: \xb2\r\n\r\n",
    b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n" + b"x" * 9000,
]


@pytest.mark.slow
@pytest.mark.parametrize("raw", ABSURD, ids=lambda raw: ascii(raw[:40]))
@settings.held(outbound_allow_http=True)
def test_an_endpoint_that_answers_absurdly_for_days_is_disabled(aws, raw):
    with clock.held(NOW):
        webhook(Receiver(url="http://127.0.0.1:9/"))
        for days in range(FAILING_DAYS + 1):
            (row,) = aws.rows("webhooks")
            assert row["enabled"]
            with answering(raw) as url:
                aws.put("webhooks", {**row, "url": url} | {"probe_at": clock.timestamp()})
                publish(aws, happened(days))
                attempt(aws)
            clock.tick(days=1, seconds=1)
        (row,) = aws.rows("webhooks")
        assert (row["enabled"], row["disabled_reason"]) == (False, "it has failed for 5 days")
    assert [len(delivery["attempts"]) for delivery in rows(aws)] == [1] * (FAILING_DAYS + 1)
    assert aws.take("deliveries-dlq") == []


def test_what_can_never_be_delivered_is_parked_without_the_event_s_data(aws, held_clock):
    """Its secret is another's, say after a restored backup: no receiver's fault, and nobody's data for 14 days."""
    webhook(Receiver(url="https://93.184.215.14/"))
    (row,) = aws.rows("webhooks")
    (secret,) = row["secrets"]
    aws.put("webhooks", {**row, "secrets": [{**secret, "sealed": b"x" * 60}]})
    publish(aws, happened())
    attempt(aws)
    (parked,) = aws.bodies("deliveries-dlq")
    (delivery,) = rows(aws)
    assert parked == {"webhook_id": row["id"], "id": delivery["id"], "tries": 0}


@pytest.mark.slow
@pytest.mark.parametrize("event", [[], "x", 7])
def test_a_message_whose_event_is_none_takes_no_claim(aws, held_clock, event):
    webhook(Receiver(url="https://93.184.215.14/"))
    publish(aws, happened())
    aws.take("deliveries")
    (delivery,) = rows(aws)
    attempt(aws, [queued(json.dumps({**{n: delivery[n] for n in ("webhook_id", "id", "tries")}, "event": event}))])
    assert "claimed_until" not in rows(aws)[0]
    assert len(aws.take("deliveries-dlq")) == 1
