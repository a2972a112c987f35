"""The main job through the deployed stage: every step by its real trigger, every function in its own role."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta

from tests.cloud.people import PASSWORD, register
from tests.cloud.stage import eventually
from tools import cloud


def test_a_person_becomes_an_event(deployed):
    ada = register(deployed, "ada.lovelace@example.com", name="Ada Lovelace", age=36)
    me = ada.call("GET", "/me")
    assert me.status == 200
    assert me.body["name"] == "Ada Lovelace"
    user_id = me.body["id"]

    found = deployed.admin.call("GET", "/users?age=36")
    assert user_id in [user["id"] for user in found.body["items"]]

    def history():
        listed = deployed.admin.call("GET", f"/users/{user_id}/history").body["items"]
        types = {event["type"] for event in listed}
        return listed if {"user.registered", "user.confirmed", "session.started"} <= types else None

    recorded = eventually(history, "the registration in the person's history")
    assert all(event["subject"] == user_id for event in recorded)

    counted = eventually(
        lambda: deployed.admin.call("GET", "/insights").body if deployed.rows("insights") else None, "statistics"
    )
    assert counted


def test_registering_twice_gets_the_other_mail(deployed):
    register(deployed, "twice@example.com", name="Twice")
    assert (
        deployed.anyone.call("POST", "/users", {"email": "twice@example.com", "password": PASSWORD}).status == 202
    )
    assert "already" in deployed.mail_to("twice@example.com", containing="already").lower()


def test_the_request_id_travels_from_http_into_the_event(deployed):
    grace = register(deployed, "travel@example.com", name="Grace")
    answer = grace.call("PATCH", "/me", {"name": "Grace Hopper"})
    request_id = answer.headers["X-Request-Id"]
    user_id = answer.body["id"]

    def event():
        listed = deployed.admin.call("GET", f"/users/{user_id}/history").body["items"]
        return next((found for found in listed if found["type"] == "user.updated"), None)

    updated = eventually(event, "the change in the history")
    assert updated["requestid"] == request_id
    assert updated["actor"] == user_id


def test_a_dropped_file_becomes_people_and_a_copy(deployed):
    people = [{"email": f"row{n}@example.org", "name": f"Row {n}", "age": 71} for n in range(30)]
    people[7]["age"] = -3
    body = json.dumps(people).encode()
    deployed.drop("imports/a folder/people+1.json", body)
    job = finished_import(deployed, "imports/a folder/people+1.json")
    assert job["status"] == "finished"
    assert job["counts"] == {"rows": 30, "created": 29, "updated": 0, "unchanged": 0, "failed": 1}
    found = deployed.admin.call("GET", "/users?age=71&limit=200").body["items"]
    assert len(found) == 29
    errors = deployed.admin.call("GET", f"/imports/{job['id']}/errors")
    assert "age" in json.dumps(errors.body)

    copied = cloud.client("s3").get_object(
        Bucket=deployed.bucket("uploads-copy"), Key="imports/a folder/people+1.json"
    )
    assert copied["Body"].read() == body

    done = eventually(
        lambda: [e for e in feed(deployed) if e["type"] == "import.finished" and e["subject"] == job["id"]],
        "the event of the finished import",
    )
    assert len(done) == 1


def test_items_go_through_the_queue(deployed):
    owner = register(deployed, "items@example.com", name="Items")
    user_id = owner.call("GET", "/me").body["id"]
    item = {"user_id": user_id, "item_id": "i1", "item_key": "theme", "item_value": {"dark": True}, "at": now()}
    assert deployed.admin.call("POST", "/items", {"items": [item]}).status == 202

    def stored():
        items = owner.call("GET", "/me/items").body["items"]
        return items if items else None

    (found,) = eventually(stored, "the item in the table")
    assert found["item_value"] == {"dark": True}
    assert owner.call("PUT", "/me/items/colour", {"item_value": "red"}).status in {200, 201}
    assert owner.call("GET", "/me/items/colour").body["item_value"] == "red"
    assert owner.call("DELETE", "/me/items/colour").status == 204
    assert owner.call("GET", "/me/items/colour").status == 404


def test_what_was_dropped_can_be_exported(deployed):
    asked = deployed.strong_admin.call("POST", "/exports", {})
    assert asked.status in {201, 202}

    def done():
        export = deployed.strong_admin.call("GET", f"/exports/{asked.body['id']}").body
        return export if export["status"] in {"finished", "failed"} else None

    export = eventually(done, "the export")
    assert export["status"] == "finished"
    with urllib.request.urlopen(export["link"], timeout=30) as answer:
        people = [json.loads(line) for line in answer.read().splitlines()]
    assert len(people) == export["counts"]["rows"] >= 1


def finished_import(deployed, key):
    """The import job of that object, once it has ended."""

    def look():
        jobs = deployed.admin.call("GET", "/imports?limit=200").body["items"]
        return next(
            (job for job in jobs if job["source"] == key and job["status"] in {"finished", "failed"}), None
        )

    return eventually(look, f"the import of {key}", seconds=90)


def feed(deployed):
    """Every event that the feed holds now."""
    found, after = [], (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    while after:
        page = deployed.admin.call("GET", f"/events?limit=200&after={after}").body
        found += page["items"]
        after = page["next"] if page["items"] else None
    return found


def now():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
