"""Webhooks from a change to a signed request, in the deployed stage."""

from __future__ import annotations

from urllib.parse import quote

from standardwebhooks.webhooks import Webhook

from tests.cloud.people import register
from tests.cloud.stage import eventually


def test_a_change_is_delivered_signed_and_retried(deployed, receiver):
    receiver.statuses += [500]
    asked = deployed.admin.call("POST", "/webhooks", {"url": receiver.url, "types": ["user.updated"]})
    assert asked.status == 201
    hook, secret = asked.body["id"], asked.body["secret"]
    person = register(deployed, "hooked@example.com", name="Before")
    person.call("PATCH", "/me", {"name": "After"})
    eventually(lambda: len(receiver.received) >= 2, "the second attempt", seconds=60)
    (first, body), (second, _) = receiver.received[:2]
    names = {name.lower(): value for name, value in first.items()}
    assert Webhook(secret).verify(body, names)["type"] == "user.updated"
    assert names["webhook-id"] == {name.lower(): value for name, value in second.items()}["webhook-id"]

    def delivered():
        listed = deployed.admin.call("GET", f"/webhooks/{hook}/deliveries").body["items"]
        return listed if listed and listed[0]["state"] == "delivered" else None

    (delivery,) = eventually(delivered, "the delivery log's success")
    assert deployed.admin.call("POST", f"/webhooks/{hook}/deliveries/{delivery['id']}/retry").status == 202
    eventually(lambda: len(receiver.received) >= 3, "the retry")

    event = receiver.events()[0]
    past = {"subject": event["subject"], "time": event["time"], "id": event["id"]}
    assert deployed.admin.call("POST", f"/webhooks/{hook}/test", past).status == 202
    fields = f"subject={quote(event['subject'])}&time={event['time']}"
    journey = deployed.admin.call("GET", f"/events/{quote(event['id'], safe='')}/journey?{fields}")
    assert hook in [at["webhook_id"] for at in journey.body["webhooks"] if at["delivery"]]
    assert deployed.admin.call("POST", f"/webhooks/{hook}/test", {}).status == 202
    eventually(lambda: len(receiver.received) >= 5, "the tests")

    rotated = deployed.admin.call("POST", f"/webhooks/{hook}/rotate-secret").body["secret"]
    assert rotated != secret
    shown = deployed.admin.call("GET", f"/webhooks/{hook}")
    assert "secret" not in shown.body
    assert hook in [listed["id"] for listed in deployed.admin.call("GET", "/webhooks").body["items"]]
    changed = deployed.admin.call("PATCH", f"/webhooks/{hook}", {"enabled": False})
    assert changed.body["enabled"] is False
    assert deployed.admin.call("DELETE", f"/webhooks/{hook}").status == 204


def test_an_endpoint_that_is_gone_is_disabled(deployed, receiver):
    receiver.statuses += [410]
    asked = deployed.admin.call("POST", "/webhooks", {"url": receiver.url, "types": ["user.updated"]}).body
    person = register(deployed, "gone@example.com", name="Before")
    person.call("PATCH", "/me", {"name": "After"})

    def disabled():
        return deployed.admin.call("GET", f"/webhooks/{asked['id']}").body["enabled"] is False

    eventually(disabled, "disabling the endpoint")
    deployed.mail_to("ops@rollcall.example")
    deployed.admin.call("DELETE", f"/webhooks/{asked['id']}")


def test_no_way_inside(deployed):
    for url in (
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "ftp://example.com/",
        "http://[fd00::1]/",
    ):
        assert deployed.admin.call("POST", "/webhooks", {"url": url}).status == 422, url
