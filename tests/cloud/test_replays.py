"""A person as they were, and past events sent again to one webhook, in the deployed stage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.cloud.people import register
from tests.cloud.stage import eventually


def rfc3339(moment):
    return moment.isoformat().replace("+00:00", "Z")


def test_a_person_is_shown_as_they_were(deployed):
    person = register(deployed, "past@example.com", name="Before")
    me = person.call("GET", "/me").body
    person.call("PATCH", "/me", {"name": "After"})

    def then():
        answer = deployed.admin.call("GET", f"/users/{me['id']}?at={me['updated_at']}")
        return answer.body if answer.status == 200 else None

    shown = eventually(then, "the change in history")
    assert {name: shown[name] for name in me} == me


def test_a_replay_to_one_webhook_is_paused_resumed_and_cancelled(deployed, receiver):
    since = datetime.now(UTC) - timedelta(seconds=1)
    person = register(deployed, "replayed@example.com", name="Replayed")
    user_id = person.call("GET", "/me").body["id"]

    def registered():
        listed = deployed.admin.call("GET", f"/users/{user_id}/history").body["items"]
        return next((event for event in listed if event["type"] == "user.registered"), None)

    event = eventually(registered, "the event in history")
    hook = deployed.admin.call("POST", "/webhooks", {"url": receiver.url, "types": ["user.registered"]}).body
    until = datetime.now(UTC) + timedelta(seconds=30)
    eventually(lambda: datetime.now(UTC) > since + timedelta(seconds=13), "the feed's ten seconds", seconds=60)
    body = {"from": rfc3339(since), "to": rfc3339(until), "webhook": hook["id"]}
    asked = deployed.strong_admin.call("POST", "/events/replay", body)
    assert asked.status == 202, asked.body
    job = f"/events/replay/{asked.body['id']}"

    def delivered():
        return [told for told in receiver.events() if told["id"] == event["id"]]

    (again, *_) = eventually(delivered, "the delivery", seconds=60)
    assert again == {
        **{k: v for k, v in event.items() if k != "recordedtime"},
        "replayed": "true",
        "timestamp": event["time"],
    }
    eventually(
        lambda: deployed.admin.call("GET", job).body["status"] == "finished", "the end of the replay", seconds=60
    )
    assert asked.body["id"] in [
        shown["id"] for shown in deployed.admin.call("GET", "/events/replay").body["items"]
    ]

    slow = deployed.strong_admin.call("POST", "/events/replay", {**body, "from": "2020-01-01T00:00:00Z"}).body
    held = deployed.admin.call("POST", f"/events/replay/{slow['id']}/pause").body
    assert held["status"] == "paused"
    assert deployed.strong_admin.call("POST", f"/events/replay/{slow['id']}/resume").body["status"] == "waiting"
    assert deployed.admin.call("POST", f"/events/replay/{slow['id']}/cancel").body["status"] == "cancelled"
    assert deployed.admin.call("DELETE", f"/webhooks/{hook['id']}").status == 204
