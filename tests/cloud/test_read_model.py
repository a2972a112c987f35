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
