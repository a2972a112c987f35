"""Deliveries to a real nginx, which stands before a receiver as it does before most."""

from __future__ import annotations

import json
import ssl

import pytest
from standardwebhooks import Webhook

from chalicelib.core.outbound.safe_http import post
from chalicelib.webhooks import endpoints
from tests.functional.certificates import write_certificate
from tests.functional.delivering import attempt, happened, publish, rows
from tests.functional.nginx import nginx

pytestmark = pytest.mark.slow


@pytest.fixture
def certificate(tmp_path):
    return write_certificate(tmp_path / "hooks.pem", "hooks.example")


@pytest.fixture
def server(tmp_path, certificate, receiver):
    with nginx(tmp_path, certificate, receiver.url.removesuffix("/hook")) as one:
        yield one


def deliver(stage, server, path: str) -> tuple[str, list[dict]]:
    """Make an endpoint there and have an event delivered: its secret, and what is put off on the queue."""
    _, secret = endpoints.create({"url": f"http://127.0.0.1:{server.http}{path}", "types": []})
    publish(stage, happened())
    return secret, attempt(stage)


def test_a_delivery_through_nginx_verifies(stage, server, receiver):
    secret, put_off = deliver(stage, server, "/hook")
    (received,) = receiver.received
    assert Webhook(secret).verify(received.body, received.headers)["id"] == happened()["id"]
    assert put_off == []
    assert rows(stage)[0]["state"] == "delivered"


def test_a_failure_behind_nginx_then_success(stage, server, receiver):
    receiver.answers = [500]
    _, put_off = deliver(stage, server, "/hook")
    attempt(stage, put_off)
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert [one["status"] for one in rows(stage)[0]["attempts"]] == [500, 204]


@pytest.mark.parametrize(
    ("path", "noted"),
    [
        ("/down", {"status": 502}),
        ("/moved", {"status": 301}),
        ("/busy", {"status": 429}),
        ("/small", {"status": 413}),
        ("/reset", {"error": "the connection failed"}),
    ],
)
def test_whatever_else_nginx_does_is_a_failure(stage, server, receiver, path, noted):
    _, put_off = deliver(stage, server, path)
    (row,) = rows(stage)
    assert row["state"] == "waiting"
    assert {name: row["attempts"][0].get(name) for name in noted} == noted
    assert [record["delay"] >= 120 for record in put_off] == [path == "/busy"]
    assert receiver.received == []


def test_gone_says_nginx_and_the_endpoint_is_disabled(stage, server):
    deliver(stage, server, "/gone")
    assert stage.rows("webhooks")[0]["enabled"] is False


def test_tls_with_nginx_is_for_the_name_at_the_checked_address(server, receiver, certificate):
    answer = post(
        f"https://hooks.example:{server.https}/hook",
        {"X-Test": "1"},
        json.dumps(happened()).encode(),
        local=True,
        resolve=lambda _host, _port: ["127.0.0.1"],
        tls=ssl.create_default_context(cafile=str(certificate)),
    )
    assert answer.status == 204
    assert json.loads(receiver.received[0].body) == happened()
