"""Webhooks over HTTP: administrators make, change, rotate, test and read; nothing secret is shown twice or kept."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidTag
from standardwebhooks import Webhook, WebhookVerificationError

from chalicelib import webhooks
from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.settings import settings
from chalicelib.webhooks import secrets
from chalicelib.webhooks.delivery import attempt_deliveries
from chalicelib.webhooks.model import WEBHOOK_LIMIT
from chalicelib.webhooks.routes import webhooks as routes
from tests.functional.apps import ApiClient, declared
from tests.functional.receivers import receiving

PUBLIC = "https://93.184.215.14/hook"


@pytest.fixture
def api(aws, local_receivers):
    client = ApiClient(routes)
    client.sign_in("A1", "admin")
    return client


def make(api, **fields: object) -> dict:
    answer = api.call("POST", "/webhooks", {"url": PUBLIC, **fields})
    assert answer.status == 201, answer.body
    return answer.body


def attempt(aws) -> None:
    attempt_deliveries({"Records": aws.take("deliveries")})


def put_history(aws, subject: str = "U1", event_id: str = "users:U1:3:0", **data: object) -> dict:
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": "https://rollcall.example",
        "type": "user.updated",
        "subject": subject,
        "time": clock.timestamp(),
        "sequence": "000000000003",
        "data": data or {"user": {"id": subject}},
    }
    aws.put("history", {"subject": subject, "at": f"{event['time']}#{event_id}", "event": json.dumps(event)})
    return event


def test_a_webhook_from_making_to_removal(aws, api):
    made = make(api, types=["user.updated", "session.*", "user.updated"], description="CRM")
    secret = made.pop("secret")
    assert Webhook(secret)
    assert made == {
        "id": made["id"],
        "url": PUBLIC,
        "types": ["session.*", "user.updated"],
        "description": "CRM",
        "enabled": True,
        "disabled_reason": None,
        "failing_since": None,
        "failures": 0,
        "resumes_at": None,
        "delivered_at": None,
        "created_by": "A1",
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
        "version": 1,
    }
    path = f"/webhooks/{made['id']}"
    assert api.call("GET", "/webhooks").body == {"items": [made], "next": None}
    read = api.call("GET", path)
    assert (read.body, read.headers["ETag"]) == (made, '"1"')
    assert api.call("GET", path, If_None_Match='"1"').status == 304
    patch = {"types": None, "description": None, "enabled": False, "url": "https://8.8.8.8/"}
    changed = api.call("PATCH", path, patch, If_Match='"1"')
    assert changed.status == 200
    assert changed.body.items() >= {"types": [], "description": None, "enabled": False, "version": 2}.items()
    assert changed.body["url"] == "https://8.8.8.8/"
    assert api.call("PATCH", path, {"enabled": True}, If_Match='"1"').status == 412
    assert api.call("DELETE", path, If_Match='"1"').status == 412
    assert api.call("DELETE", path, If_Match='"2"').status == 204
    assert api.call("GET", path).status == 404
    assert api.call("GET", "/webhooks").body["items"] == []


def test_the_secret_is_shown_once_and_sealed_at_rest(aws, api):
    made = make(api)
    raw = base64.b64decode(made["secret"].removeprefix("whsec_"))
    (row,) = aws.rows("webhooks")
    assert raw not in row["secrets"][0]["sealed"]
    assert made["secret"] not in repr(aws.rows("webhooks"))
    assert "secret" not in api.call("GET", f"/webhooks/{made['id']}").body
    assert make(api)["secret"] != made["secret"]


def test_a_sealed_secret_opens_for_its_own_webhook_only(aws, api):
    first, second = make(api), make(api)
    sealed = {row["id"]: row["secrets"] for row in aws.rows("webhooks")}
    (key,) = secrets.opened(first["id"], sealed[first["id"]])
    assert base64.b64encode(key).decode() == first["secret"].removeprefix("whsec_")
    with pytest.raises(InvalidTag):
        secrets.opened(second["id"], sealed[first["id"]])


@pytest.mark.slow
def test_deliveries_verify_before_during_and_after_a_rotation(aws, api):
    with receiving() as receiver:
        made = make(api, url=receiver.url)
        path = f"/webhooks/{made['id']}"

        def accepted_by(secret: str) -> bool:
            api.call("POST", f"{path}/test", {})
            attempt(aws)
            last = receiver.received[-1]
            try:
                Webhook(secret).verify(last.body, last.headers)
            except WebhookVerificationError:
                return False
            return True

        old = made["secret"]
        assert accepted_by(old)
        rotated = api.call("POST", f"{path}/rotate-secret")
        new = rotated.body["secret"]
        assert accepted_by(old)
        assert accepted_by(new)
        assert clock.parse(rotated.body["previous_valid_until"]) > clock.now()
        newest = api.call("POST", f"{path}/rotate-secret").body["secret"]
        assert [accepted_by(secret) for secret in (old, new, newest)] == [False, True, True]


@pytest.mark.slow
def test_the_former_secret_ends_a_day_after_its_rotation(aws, api, held_clock):
    with receiving() as receiver:
        made = make(api, url=receiver.url)
        new = api.call("POST", f"/webhooks/{made['id']}/rotate-secret").body["secret"]
        counts = []
        for seconds in (0, 24 * 3600 - 1, 1):
            held_clock.tick(seconds=seconds)
            api.call("POST", f"/webhooks/{made['id']}/test", {})
            attempt(aws)
            counts.append(len(receiver.received[-1].headers["webhook-signature"].split()))
    assert counts == [2, 2, 1]
    last = receiver.received[-1]
    at = datetime.fromtimestamp(int(last.headers["webhook-timestamp"]), UTC)
    expected = Webhook(new).sign(last.headers["webhook-id"], at, last.body.decode())
    assert last.headers["webhook-signature"] == expected


def test_what_is_wrong_is_named(api):
    cases = [
        ({}, "url"),
        ({"url": 7}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "ftp://hooks.example/"}, "url"),
        ({"url": "https://" + "x" * 2000}, "url"),
        ({"url": PUBLIC, "types": ["user.renamed"]}, "types"),
        ({"url": PUBLIC, "types": "user.updated"}, "types"),
        ({"url": PUBLIC, "description": "x" * 501}, "description"),
        ({"url": PUBLIC, "secret": "whsec_mine"}, "secret"),
    ]
    for body, field in cases:
        answer = api.call("POST", "/webhooks", body)
        assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (422, [field]), body
    made = make(api)
    for patch in ({"url": None}, {"enabled": None}, {"url": "https://192.168.0.1/"}, {"types": ["nothing.*"]}):
        assert api.call("PATCH", f"/webhooks/{made['id']}", patch).status == 422, patch
    for past in ({"subject": "U1"}, {"subject": "U1", "time": "now", "id": "x"}):
        assert api.call("POST", f"/webhooks/{made['id']}/test", past).status == 422, past
    for url in ("http://93.184.215.14/", "https://127.0.0.1/", "https://localhost/"):
        with settings.held(outbound_allow_http=False):
            answer = api.call("POST", "/webhooks", {"url": url})
        assert answer.status == 422, url


@pytest.mark.slow
def test_there_is_a_limit(aws, api):
    for number in range(WEBHOOK_LIMIT - 1):
        aws.put("webhooks", {"realm": "all", "id": f"W{number}"})
    make(api)
    assert api.call("POST", "/webhooks", {"url": PUBLIC}).status == 409


def test_only_administrators_may(api):
    made = make(api)
    path = f"/webhooks/{made['id']}"
    calls = [(route.method, route.path) for route in declared(routes)]
    assert len(calls) == 10
    api.sign_in("S1", "support")
    for method, template in calls:
        target = template.format(webhook_id=made["id"], delivery_id="D1")
        assert api.call(method, target, {} if method in {"POST", "PATCH"} else None).status == 403, (
            method,
            template,
        )
    api.sign_in("A1", "admin")
    assert api.call("GET", path).body["version"] == 1


@pytest.mark.slow
def test_a_made_up_event_shows_what_the_endpoint_answers(aws, api):
    with receiving() as receiver:
        receiver.body = b"thanks"
        receiver.status = 200
        made = make(api, url=receiver.url, types=["user.deleted"])
        first = api.call("POST", f"/webhooks/{made['id']}/test", {}, Idempotency_Key="K1")
        again = api.call("POST", f"/webhooks/{made['id']}/test", {}, Idempotency_Key="K1")
        assert (first.status, again.body) == (202, first.body)
        attempt(aws)
    (received,) = receiver.received
    event = Webhook(made["secret"]).verify(received.body, received.headers)
    assert (event["type"], event["data"]) == ("webhook.test", {"webhook": {"id": made["id"]}})
    (logged,) = api.call("GET", f"/webhooks/{made['id']}/deliveries").body["items"]
    (tried,) = logged.pop("attempts")
    assert (logged["id"], logged["state"]) == (received.headers["webhook-id"], "delivered")
    assert (tried["status"], tried["response"], tried["error"]) == (200, "thanks", None)


@pytest.mark.slow
def test_a_past_event_can_be_the_test(aws, api):
    event = put_history(aws)
    named = {name: event[name] for name in ("subject", "time", "id")}
    with receiving() as receiver:
        made = make(api, url=receiver.url)
        path = f"/webhooks/{made['id']}/test"
        for _ in range(2):
            assert api.call("POST", path, named).status == 202
            attempt(aws)
        assert api.call("POST", path, {**named, "id": "users:U1:4:0"}).status == 404
    assert [json.loads(one.body)["id"] for one in receiver.received] == [event["id"]] * 2
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1


@pytest.mark.slow
def test_a_delivery_can_be_sent_again_but_not_to_a_disabled_webhook(aws, api):
    with receiving() as receiver:
        receiver.status = 500
        made = make(api, url=receiver.url)
        path = f"/webhooks/{made['id']}"
        delivery = api.call("POST", f"{path}/test", {}).body["id"]
        attempt(aws)
        aws.take("deliveries")
        receiver.status = 204
        retried = api.call("POST", f"{path}/deliveries/{delivery}/retry")
        assert (retried.status, retried.body["state"]) == (202, "waiting")
        attempt(aws)
        (logged,) = api.call("GET", f"{path}/deliveries").body["items"]
        assert (logged["state"], [one["status"] for one in logged["attempts"]]) == ("delivered", [500, 204])
        assert api.call("POST", f"{path}/deliveries/unknown/retry").status == 404
        api.call("PATCH", path, {"enabled": False})
        assert api.call("POST", f"{path}/deliveries/{delivery}/retry").status == 409
        assert api.call("POST", f"{path}/test", {}).status == 409
    assert len(receiver.received) == 2


def test_the_log_is_read_page_by_page_and_by_state(aws, api):
    made = make(api)
    for number in range(5):
        aws.put(
            "deliveries",
            {
                "webhook_id": made["id"],
                "id": f"0{number}",
                "event_id": f"E{number}",
                "type": "user.updated",
                "subject": "U2" if number == 3 else "U1",
                "state": "failed" if number % 2 else "delivered",
                "tries": 1,
                "attempts": [],
                "created_at": "2026-03-01T12:00:00.000Z",
            },
        )
    path = f"/webhooks/{made['id']}/deliveries"
    first = api.call("GET", f"{path}?limit=3").body
    rest = api.call("GET", f"{path}?limit=3&cursor={first['next']}").body
    assert [one["id"] for one in first["items"] + rest["items"]] == ["04", "03", "02", "01", "00"]
    assert rest["next"] is None
    assert [one["id"] for one in api.call("GET", f"{path}?state=failed").body["items"]] == ["03", "01"]
    assert [one["id"] for one in api.call("GET", f"{path}?state=failed&user=U2").body["items"]] == ["03"]
    assert api.call("GET", f"{path}?type=user.deleted").body["items"] == []
    assert len(api.call("GET", f"{path}?type=user.updated&user=U1").body["items"]) == 4
    assert api.call("GET", f"{path}?state=failed&cursor={first['next']}").status == 422
    assert api.call("GET", "/webhooks/unknown/deliveries").status == 404


def test_one_delivery_is_read_with_the_body_that_was_signed(aws, api):
    with receiving() as receiver:
        made = make(api, url=receiver.url)
        path = f"/webhooks/{made['id']}"
        event = put_history(aws)
        api.call("POST", f"{path}/test", {name: event[name] for name in ("subject", "time", "id")})
        attempt(aws)
        (listed,) = api.call("GET", f"{path}/deliveries").body["items"]
        read = api.call("GET", f"{path}/deliveries/{listed['id']}").body
        (sent,) = receiver.received
    assert read.items() >= listed.items()
    assert read["body"].encode() == sent.body
    assert (read["content_type"], read["user_agent"]) == (sent.headers["content-type"], sent.headers["user-agent"])
    (request,) = (each["request"] for each in read["attempts"])
    headers = {f"webhook-{name}": request[name] for name in ("timestamp", "signature")}
    Webhook(made["secret"]).verify(read["body"], {"webhook-id": read["id"], **headers})
    assert made["secret"] not in str(read)
    assert api.call("GET", f"{path}/deliveries/unknown").status == 404
    assert api.call("GET", f"/webhooks/unknown/deliveries/{listed['id']}").status == 404


def test_the_body_of_a_delivery_is_that_of_the_next_attempt(aws, api):
    made = make(api)
    event = put_history(aws)
    named = {name: event[name] for name in ("subject", "time", "id")}
    delivery = api.call("POST", f"/webhooks/{made['id']}/test", named).body["id"]
    path = f"/webhooks/{made['id']}/deliveries/{delivery}"
    aws.put("users", {"id": event["subject"], "deleted_at": "2026-03-01T12:00:00.000Z"})
    assert "data_omitted" in api.call("GET", path).body["body"]
    clients.table("history").delete({"subject": event["subject"], "at": f"{event['time']}#{event['id']}"})
    assert api.call("GET", path).body["body"] is None


@pytest.mark.slow
def test_erasure_drops_what_endpoints_answered_about_a_person(aws, api):
    with receiving() as receiver:
        receiver.status, receiver.body = 200, b"stored Ann"
        kept, removed = make(api, url=receiver.url), make(api, url=receiver.url)
        for subject in ("U1", "U2"):
            for number in range(3):
                event = put_history(aws, subject, f"users:{subject}:{number}:0")
                named = {name: event[name] for name in ("subject", "time", "id")}
                for webhook in (kept, removed):
                    api.call("POST", f"/webhooks/{webhook['id']}/test", named)
        attempt(aws)
    api.call("DELETE", f"/webhooks/{removed['id']}")
    while not webhooks.erase("U1").done:
        pass
    told = {(row["subject"], "response" in row["attempts"][0]) for row in aws.rows("deliveries")}
    assert told == {("U1", False), ("U2", True)}
    assert len(aws.rows("deliveries")) == 12
