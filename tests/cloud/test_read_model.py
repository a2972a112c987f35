"""The read model of a deployed stage: events come into PostgreSQL over TLS, and are asked for through the API."""

from __future__ import annotations

import pytest

from tests.cloud.people import PASSWORD, register
from tests.cloud.stage import eventually, schedule_event
from tools import postgresql

EMAIL = "sql.person@example.com"


@pytest.fixture(autouse=True)
def _needs_postgresql():
    if why := postgresql.missing():
        pytest.skip(why)


def found(deployed, question):
    answer = deployed.admin.call("GET", f"/people/search?q={question}")
    assert answer.status == 200, answer.body
    return answer.body["items"]


def test_a_person_is_found_by_what_they_just_did_and_gone_when_they_are(deployed):
    person = register(deployed, EMAIL, name="Sequel Person")
    user_id = person.call("GET", "/me").body["id"]
    (row,) = eventually(lambda: found(deployed, EMAIL), "the person, found")
    assert (row["id"], row["name"]) == (user_id, "Sequel Person")
    assert person.call("PATCH", "/me", {"name": "Changed Person"}).status == 200
    eventually(lambda: found(deployed, "name%20%3D%20%22Changed%20Person%22"), "the person by their new name")
    eventually(lambda: f'"user_id":"{user_id}"' in deployed.in_sql(), "their session")

    assert person.call("DELETE", "/me", {"password": PASSWORD}).status in {202, 204}
    eventually(lambda: EMAIL not in deployed.in_sql(), "their erasure from the read model")
    assert "Changed Person" not in deployed.in_sql()
    assert found(deployed, EMAIL) == []


def test_operators_and_time_maintain_it_with_the_functions_own_permissions(deployed):
    answer = deployed.invoke("operate_read_model", {"do": "migrate"})
    assert answer["applied"] == []
    assert answer["version"] >= 1
    assert deployed.invoke("maintain_read_model", schedule_event()) is None
    partitions = deployed.database.psql(
        "-d", "rollcall", "-c", "SELECT count(*) FROM pg_inherits WHERE inhparent = 'rollcall.events'::regclass"
    )
    assert int(partitions) >= 2


def ended(deployed, path):
    """The job at this path, once it has ended."""

    def look():
        job = deployed.strong_admin.call("GET", path).body
        return job if job["status"] in {"finished", "failed", "cancelled"} else None

    return eventually(look, f"the end of {path}")


def test_a_segment_is_entered_changed_exported_and_left(deployed):
    admin = deployed.strong_admin
    invited = admin.call(
        "POST", "/users/invite", {"email": "segment.person@example.com", "name": "Segment Person"}
    )
    user_id = invited.body["id"]
    answer = admin.call(
        "POST", "/segments", {"name": "Cloudy", "filter": 'attributes.sky = "cloudy"', "watched": True}
    )
    assert answer.status == 201, answer.body
    path = f"/segments/{answer.body['id']}"
    deployed.invoke("maintain_read_model", schedule_event())

    def happened(kind):
        page = admin.call("GET", f"/users/{user_id}/history").body
        return [event for event in page["items"] if event["type"] == kind]

    assert admin.call("PATCH", f"/users/{user_id}", {"attributes": {"sky": "cloudy"}}).status == 200
    eventually(lambda: happened("segment.entered"), "the person, in the segment")
    assert [row["id"] for row in admin.call("GET", f"{path}/people").body["items"]] == [user_id]

    changes = admin.call("POST", f"{path}/changes", {"patch": {"metadata": {"umbrella": True}}, "dry_run": False})
    assert changes.status == 202, changes.body
    job = ended(deployed, f"{path}/changes/{changes.body['id']}")
    assert (job["status"], job["counts"]["changed"]) == ("finished", 1)
    assert admin.call("GET", f"/users/{user_id}").body["metadata"] == {"umbrella": True}

    export = admin.call("POST", f"{path}/exports", {"format": "ndjson"})
    assert export.status == 202, export.body
    assert ended(deployed, f"/exports/{export.body['id']}")["counts"]["rows"] == 1

    assert admin.call("PATCH", f"/users/{user_id}", {"attributes": {"sky": "clear"}}).status == 200
    eventually(lambda: happened("segment.left"), "the person, out of the segment")
    assert admin.call("DELETE", f"/users/{user_id}").status in {202, 204}
    assert admin.call("DELETE", path).status == 204


def test_it_is_made_anew_and_checked(deployed):
    admin = deployed.strong_admin
    for path, body in (("/read-model/rebuild", None), ("/read-model/verify", {})):
        answer = admin.call("POST", path, body)
        assert answer.status == 202, answer.body
        job = ended(deployed, f"/read-model/jobs/{answer.body['id']}")
        assert job["status"] == "finished", job
    assert found(deployed, "created_at%20%3E%20-1d")
