"""What support sees of a person's sessions, and how an administrator ends them."""

from __future__ import annotations

import pytest

from chalicelib import accounts
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.events.change import events_of
from chalicelib.sessions.routes import sessions as routes
from tests.builders import PASSWORD, a_user
from tests.functional.apps import ApiClient
from tests.functional.faults import Crash, crashing, just_before
from tests.functional.relying_party import RelyingParty, entered
from tests.functional.serial import one_call_at_a_time
from tests.functional.visitors import Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ADA, URL = "ada@maths.example", "https://rollcall.example"


@pytest.fixture
def ada(aws):
    a_user(id="U1", email=ADA, password=PASSWORD)
    return visitor(ADA)


@pytest.fixture
def staff(aws):
    api = ApiClient(routes)
    api.sign_in("A1", "admin")
    return api


def ids_of(staff, user_id="U1"):
    return [session["id"] for session in staff.call("GET", f"/users/{user_id}/sessions").body["items"]]


@pytest.mark.slow
def test_support_sees_a_persons_devices_as_they_do(aws, ada, staff):
    clock.tick(minutes=1)
    phone = Visitor()
    phone.enter(ADA, User_Agent="Phone")
    staff.sign_in("B1", "support")
    with telemetry.recording() as record:
        listed = staff.call("GET", "/users/U1/sessions").body["items"]
    assert record.names == ["GetItem", "Query"]
    own = ada.call("GET", "/sessions").body["items"]
    assert listed == [{**session, "current": False} for session in own]
    assert [session["agent"] for session in listed] == ["Phone", None]
    first = staff.call("GET", "/users/U1/sessions?limit=1").body
    assert staff.call("GET", f"/users/U1/sessions?limit=1&cursor={first['next']}").body["items"] == listed[1:]
    a_user(id="U2", email="bea@maths.example")
    assert staff.call("GET", f"/users/U2/sessions?limit=1&cursor={first['next']}").status == 422


def test_an_administrator_ends_one_and_the_event_says_who(aws, ada, staff):
    phone = visitor(ADA)
    (before,) = (row for row in aws.rows("sessions") if row["id"] in phone.refresh_token)
    assert staff.call("DELETE", f"/users/U1/sessions/{before['id']}").status == 204
    assert phone.call("GET", "/me").status == phone.refresh().status == 401
    assert ada.call("GET", "/me").status == 200
    (tombstone,) = (row for row in aws.rows("sessions") if row["id"] == before["id"])
    (event,) = events_of("sessions", before, tombstone, False, public_url=URL)
    assert (event["type"], event["data"]["reason"], event["actor"]) == ("session.revoked", "revoked", "A1")
    assert staff.call("DELETE", f"/users/U1/sessions/{before['id']}").status == 404
    assert before["id"] not in ids_of(staff)


def test_none_is_ended_by_anothers_name(aws, ada, staff):
    a_user(id="U2", email="bea@maths.example", password=PASSWORD)
    (ada_id,) = ids_of(staff)
    assert staff.call("DELETE", f"/users/U2/sessions/{ada_id}").status == 404
    assert ada.call("GET", "/me").status == 200


@pytest.mark.slow
def test_an_administrator_ends_them_all(aws, ada, staff):
    """Devices are strangers' again, and what was mailed before opens nothing."""
    phone = visitor(ADA)
    device = Visitor().enter(ADA).body["device"]
    Visitor().call("POST", "/password-resets", {"email": ADA})
    (mail,) = mailed(aws)
    person = accounts.people().get("U1")
    with one_call_at_a_time():
        assert staff.call("DELETE", "/users/U1/sessions").status == 204
    assert [each.call("GET", "/me").status for each in (ada, phone)] == [401, 401]
    assert {(row["reason"], row["changed_by"]) for row in aws.rows("sessions")} == {("revoked", "A1")}
    (event,) = events_of("users", person, accounts.people().get("U1"), False, public_url=URL)
    assert (event["sessionsended"], event["actor"]) == ("true", "A1")
    confirmed = {"token": token_of(mail), "password": "copper lantern river nine"}
    assert Visitor().call("POST", "/password-resets/confirm", confirmed).status == 410
    again = Visitor().call("POST", "/sessions", {"email": ADA, "password": PASSWORD, "device": device})
    assert (again.status, again.body["device"].partition(".")[0] == device.partition(".")[0]) == (201, False)
    assert staff.call("DELETE", "/users/U1/sessions").status == 204


def test_who_signs_in_meanwhile_is_ended_too(aws, ada, staff):
    late = Visitor()
    with one_call_at_a_time(), just_before("PutItem", lambda: late.enter(ADA)):
        assert staff.call("DELETE", "/users/U1/sessions").status == 204
    assert late.call("GET", "/me").status == late.refresh().status == 401
    assert visitor(ADA).call("GET", "/me").status == 200


def test_a_crash_leaves_nobody_in_and_the_next_try_the_tombstones(aws, ada, staff):
    with one_call_at_a_time(), crashing("dynamodb", "PutItem", after=True), pytest.raises(Crash):
        staff.call("DELETE", "/users/U1/sessions")
    assert ada.call("GET", "/me").status == 401
    assert (ids_of(staff), [row.get("reason") for row in aws.rows("sessions")]) == ([], [None])
    with one_call_at_a_time():
        assert staff.call("DELETE", "/users/U1/sessions").status == 204
    assert [row.get("reason") for row in aws.rows("sessions")] == ["revoked"]


def test_what_an_application_had_in_it_ends(aws, ada, staff):
    browser = entered(ADA)
    shop = RelyingParty()
    tokens = shop.tokens(browser)
    assert shop.userinfo(tokens["access_token"]).status == 200
    with one_call_at_a_time():
        assert staff.call("DELETE", "/users/U1/sessions").status == 204
    assert shop.userinfo(tokens["access_token"]).status == 401


def test_ones_own_may_be_ended_so(aws):
    a_user(id="ROOT", email="root@maths.example", password=PASSWORD, roles=["admin"])
    root = visitor("root@maths.example")
    (session,) = root.call("GET", "/users/ROOT/sessions").body["items"]
    assert session["current"] is True
    with one_call_at_a_time():
        assert root.call("DELETE", "/users/ROOT/sessions").status == 204
    assert root.call("GET", "/me").status == 401


def test_who_is_not_there_or_gone_has_none(aws, ada, staff):
    (session_id,) = ids_of(staff)
    for method in ("GET", "DELETE"):
        assert staff.call(method, "/users/U9/sessions").status == 404
    row = next(row for row in aws.rows("users") if row["id"] == "U1")
    tombstone = {"id": "U1", "version": row["version"] + 1, "deleted_at": clock.timestamp()}
    with just_before("PutItem", lambda: aws.put("users", tombstone)):
        assert staff.call("DELETE", "/users/U1/sessions").status == 404
    assert staff.call("GET", "/users/U1/sessions").status == 404
    assert [each for each in aws.rows("users") if each["id"] == "U1"] == [tombstone]
    assert staff.call("DELETE", f"/users/U9/sessions/{session_id}").status == 404


@pytest.mark.parametrize("path", ["/users/U1/sessions", "/users/U1/sessions/S1"])
def test_support_ends_none_and_nobody_by_an_old_proof(ada, staff, path):
    staff.sign_in("B1", "support")
    assert staff.call("DELETE", path).status == 403
    staff.sign_in("A1", "admin", seconds_ago=301)
    assert staff.call("DELETE", path).body["type"] == "step-up-required"
    staff.sign_in("U2")
    assert {staff.call(method, path).status for method in ("GET", "DELETE")} <= {403, 405}
    assert ada.call("GET", "/me").status == 200
