"""One's own account."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.settings import settings
from tests.builders import PASSWORD, a_user, an_admin
from tests.functional.faults import Crash, crashing
from tests.functional.visitors import Visitor, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

NEW = "copper lantern river nine"


@pytest.fixture
def ada(aws):
    person = {"name": "Ada", "age": 35, "attributes": {"tea": True}, "metadata": {"plan": "free"}}
    a_user(id="U1", email="ada@maths.example", password=PASSWORD, **person)
    return visitor("ada@maths.example")


def queued(cloud, queue: str) -> int:
    """How many messages a queue holds, those that wait for their delay included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
    answer = cloud.session.client("sqs").get_queue_attributes(
        QueueUrl=settings().queue_url(queue), AttributeNames=names
    )
    return sum(int(count) for count in answer["Attributes"].values())


def test_people_see_themselves_without_metadata_and_secrets(ada):
    answer = ada.call("GET", "/me")
    assert (answer.status, answer.headers["ETag"]) == (200, '"1"')
    assert answer.body["attributes"] == {"tea": True}
    assert not {"metadata", "email_key", "changed_by", "sessions_since"} & answer.body.keys()


def test_a_profile_is_patched(aws, ada):
    patch = {"name": "Augusta Ada", "age": None, "locale": "en-GB", "attributes": {"tea": None, "milk": 1}}
    answer = ada.call("PATCH", "/me", patch, Content_Type="application/merge-patch+json")
    assert answer.status == 200
    shown = {name: answer.body[name] for name in patch}
    assert shown == {**patch, "attributes": {"milk": 1}}
    (row,) = aws.rows("users")
    assert (row["version"], row["name_prefix"], row["changed_by"]) == (2, "au", "U1")
    assert "age" not in row
    again = ada.call("PATCH", "/me", patch)
    assert again.body["version"] == 2


def test_what_is_wrong_in_a_patch_is_named_and_nothing_changes(aws, ada):
    wrong = {"name": "", "age": "41", "roles": ["admin"], "email": "x@y.example", "attributes": []}
    answer = ada.call("PATCH", "/me", wrong)
    assert answer.status == 422
    assert {error["field"].partition(".")[0] for error in answer.body["errors"]} == set(wrong)
    assert aws.rows("users")[0]["version"] == 1


@pytest.mark.slow
def test_a_change_holds_to_the_version_it_was_made_for(aws, ada):
    assert ada.call("PATCH", "/me", {"name": "A"}, If_Match='"7"').status == 412
    assert ada.call("PUT", "/me/password", passwords(), If_Match='"7"').status == 412
    assert ada.call("DELETE", "/me", If_Match='"7"').status == 412
    assert ada.call("PATCH", "/me", {"name": "A"}, If_Match='"1"').status == 200
    assert queued(aws, "jobs") == 0


def passwords(current: str = PASSWORD, new: str = NEW) -> dict[str, str]:
    return {"current_password": current, "new_password": new}


@pytest.mark.slow
def test_a_new_password_ends_every_session_but_this_one(aws, ada):
    elsewhere = visitor("ada@maths.example")
    answer = ada.call("PUT", "/me/password", passwords())
    assert (answer.status, answer.headers["ETag"]) == (204, '"2"')
    assert ada.call("GET", "/me").status == 200
    assert ada.refresh().status == 200
    assert elsewhere.call("GET", "/me").status == 401
    assert elsewhere.refresh().status == 401
    assert Visitor().enter("ada@maths.example", PASSWORD).status == 401
    assert Visitor().enter("ada@maths.example", NEW).status == 201
    (row,) = aws.rows("users")
    assert row["password_changed_at"] == clock.timestamp()
    assert [session["id"] for session in ada.call("GET", "/sessions").body["items"] if session["current"]]


def test_a_password_is_changed_only_from_the_right_one_to_a_good_one(ada):
    for body, field in [
        (passwords(current="not the right password"), "current_password"),
        (passwords(new="short"), "new_password"),
        (passwords(new="ada@maths.example"), "new_password"),
    ]:
        answer = ada.call("PUT", "/me/password", body)
        assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (422, [field])
    assert Visitor().enter("ada@maths.example", PASSWORD).status == 201


@pytest.mark.slow
def test_guesses_at_the_current_password_are_counted_with_those_of_the_session(ada):
    for _ in range(4):
        assert ada.call("PUT", "/me/password", passwords(current="a wrong password")).status == 422
    assert ada.call("POST", "/sessions/current/step-up", {"password": "a wrong password"}).status == 401
    refused = ada.call("PUT", "/me/password", passwords())
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    clock.tick(seconds=1)
    assert ada.call("PUT", "/me/password", passwords()).status == 204


@pytest.mark.slow
@settings.held(password_attempts=7)
def test_who_stole_a_session_has_a_hundred_guesses_at_the_password_however_long_they_pause(ada):
    for _ in range(4):
        assert ada.call("PUT", "/me/password", passwords(current="a wrong password")).status == 422
    for _ in range(3):
        clock.tick(days=1, minutes=1)
        assert ada.refresh().status == 200
        assert ada.call("POST", "/sessions/current/step-up", {"password": "a wrong password"}).status == 401
    clock.tick(days=1)
    assert ada.refresh().status == 200
    assert ada.call("POST", "/sessions/current/step-up", {"password": PASSWORD}).status == 401
    assert Visitor().enter("ada@maths.example").status == 201


@pytest.mark.slow
@pytest.mark.parametrize("failures", [6, 9])
@settings.held(password_attempts=8)
def test_an_owner_who_is_being_guessed_at_changes_their_password_and_is_in_everywhere(ada, failures):
    """Strangers wait by now, or have used up all that there are; the owner does not."""
    for _ in range(failures):
        answer = Visitor().enter("ada@maths.example", "a stranger's guess")
        clock.tick(seconds=int(answer.headers.get("Retry-After", 0)))
    assert Visitor().enter("ada@maths.example", "a stranger's guess").status in {401, 429}
    assert ada.call("PUT", "/me/password", passwords()).status == 204
    assert Visitor().enter("ada@maths.example", NEW).status == 201


def test_a_changed_password_costs_no_more_calls_than_it_did(ada):
    with telemetry.recording() as record:
        assert ada.call("PUT", "/me/password", passwords()).status == 204
    assert record.names == ["BatchGetItem", "GetItem", "UpdateItem", "TransactWriteItems", "DeleteItem"]


@pytest.mark.slow
def test_who_goes_is_hidden_signed_out_and_queued_for_erasure_in_one_transaction(aws, ada):
    Visitor().enter("ada@maths.example", "not the right password")
    aws.put("guards", {"id": "waiting#ada@maths.example", "intent_id": "U1"})
    aws.put("intents", {"id": "U1", "email": "ada@maths.example"})
    with telemetry.recording() as record:
        answer = ada.call("DELETE", "/me")
    assert record.names == ["BatchGetItem", "SendMessage", "TransactWriteItems"]
    (left,) = aws.rows("users")
    assert (left["id"], left["version"], left["erasure"]) == ("U1", 2, answer.body["id"])
    assert left.keys() <= {
        *("id", "erasure", "schema", "version", "created_at", "deleted_at", "expires_at"),
        *("updated_at", "changed_by", "request_id", "traceparent", "changed_hour"),
    }
    assert aws.rows("credentials") == aws.rows("intents") == []
    assert "ada@" not in repr(aws.rows("guards"))
    (job,) = aws.rows("jobs")
    assert (answer.status, answer.body["id"], answer.body["person"]) == (202, job["id"], "U1")
    assert (job["kind"], job["subject"], job["status"]) == ("erasure", "U1", "waiting")
    assert queued(aws, "jobs") == 1
    assert ada.call("GET", "/me").status == 401
    assert ada.refresh().status == 401
    assert Visitor().enter("ada@maths.example").status == 401
    assert a_user(email="ada@maths.example")["id"] != "U1"


@pytest.mark.slow
@pytest.mark.peers
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_leaves_a_person_whole_or_gone_with_a_job_that_comes(aws, ada, after):
    with crashing("dynamodb", "TransactWriteItems", after=after), pytest.raises(Crash):
        ada.call("DELETE", "/me")
    (row,) = aws.rows("users")
    assert ("deleted_at" in row) is after
    assert len(aws.rows("jobs")) == after
    assert len(aws.rows("credentials")) == (0 if after else 2)
    assert queued(aws, "jobs") == 1


@pytest.mark.slow
def test_an_administrator_cannot_leave_before_another_takes_the_role(aws):
    an_admin(email="root@maths.example", password=PASSWORD)
    root = visitor("root@maths.example")
    assert root.call("DELETE", "/me").status == 409
    assert queued(aws, "jobs") == 0


def test_nobody_gets_in_without_a_token():
    for method, path in [("GET", "/me"), ("PATCH", "/me"), ("DELETE", "/me"), ("PUT", "/me/password")]:
        assert Visitor().call(method, path, {}).status == 401
