"""Invitations and resets that an administrator has mailed to a person."""

from __future__ import annotations

import pytest

from chalicelib import accounts
from chalicelib.connections import connections
from chalicelib.core import clock
from chalicelib.core.crypto import links
from chalicelib.core.settings import settings
from chalicelib.event_bus.envelope import EventType
from chalicelib.events.change import events_of
from tests.builders import PASSWORD, a_user
from tests.cloudlike import topic_messages
from tests.functional.coming_in import connected
from tests.functional.visitors import Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

GRACE, URL = "grace@maths.example", "https://rollcall.example"
NEW = "copper lantern river nine"


@pytest.fixture
def root(aws):
    a_user(id="ROOT", email="root@maths.example", password=PASSWORD, roles=["admin"])
    return visitor("root@maths.example")


@pytest.fixture
def invited(root):
    """The id of somebody who was invited."""
    return root.call("POST", "/users/invite", {"email": GRACE, "name": "Grace"}).body["id"]


def accept(token):
    return Visitor().call("POST", "/users/confirm", {"token": token, "password": PASSWORD}).status


@pytest.mark.slow
def test_an_invitation_is_mailed_again_with_another_token(aws, root, invited):
    before = accounts.people().get(invited)
    clock.tick(days=40)
    root.enter("root@maths.example")
    answer = root.call("POST", f"/users/{invited}/invitation")
    assert (answer.status, answer.body["id"], answer.headers["ETag"]) == (200, invited, '"2"')
    after = accounts.people().get(invited)
    (event,) = events_of("users", before, after, False, public_url=URL)
    assert (event["type"], event["actor"]) == (EventType.USER_INVITED, "ROOT")
    assert (after["name"], after.get("name_key")) == ("Grace", before["name_key"])
    assert accept(links.mint("invitation", accounts.invitation_record(before))) == 410
    assert accept(links.mint("invitation", accounts.invitation_record(after))) == 201


def test_with_a_key_it_is_mailed_once_and_of_another_version_never(aws, root, invited):
    again = [root.call("POST", f"/users/{invited}/invitation", Idempotency_Key="once") for _ in range(2)]
    assert [answer.status for answer in again] == [200, 200]
    assert accounts.people().get(invited)["version"] == 2
    assert root.call("POST", f"/users/{invited}/invitation", If_Match='"1"').status == 412


def test_none_is_mailed_to_who_waits_for_none(aws, root, invited):
    assert accept(links.mint("invitation", invited)) == 201
    a_user(id="U1", email="ada@maths.example")
    for user_id in (invited, "U1"):
        refused = root.call("POST", f"/users/{user_id}/invitation")
        assert (refused.status, refused.body["code"]) == (409, "not-invited")
    assert root.call("POST", "/users/U9/invitation").status == 404


def test_none_is_mailed_to_who_is_kept_out(aws, root, invited):
    root.call("POST", f"/users/{invited}/disable")
    for path in ("invitation", "password-reset"):
        refused = root.call("POST", f"/users/{invited}/{path}")
        assert (refused.status, refused.body["code"]) == (409, "disabled")
    assert aws.rows("intents") == []


@pytest.mark.slow
def test_a_reset_is_mailed_as_if_its_owner_had_asked(aws, root):
    a_user(id="U1", email="Ada@maths.example", password=PASSWORD)
    topic_messages(aws, "history")
    answer = root.call("POST", "/users/U1/password-reset")
    assert answer.status == 202
    assert answer.body == Visitor().call("POST", "/password-resets", {"email": "nobody@maths.example"}).body
    (mail,) = mailed(aws)
    assert (mail["template"], mail["to"]) == ("password_reset", "Ada@maths.example")
    (event,) = aws.bodies("history")
    assert (event["type"], event["actor"]) == (EventType.USER_PASSWORD_RESET_REQUESTED, "ROOT")
    assert (
        Visitor().call("POST", "/password-resets/confirm", {"token": token_of(mail), "password": NEW}).status
        == 204
    )
    assert Visitor().enter("ada@maths.example", NEW).status == 201


@pytest.mark.slow
def test_the_limit_of_a_mailbox_holds_for_administrators(aws, root):
    a_user(id="U1", email="ada@maths.example", password=PASSWORD)
    for _ in range(20):
        assert root.call("POST", "/users/U1/password-reset").status == 202
    assert len(mailed(aws)) == 5


def test_a_reset_needs_somebody_with_an_address(aws, root):
    a_user(id="U1", name="Ada")
    refused = root.call("POST", "/users/U1/password-reset")
    assert (refused.status, refused.body["code"]) == (409, "no-address")
    assert root.call("POST", "/users/U9/password-reset").status == 404
    assert aws.rows("intents") == []


def test_who_comes_by_a_connection_alone_gets_no_reset(aws, root):
    a_user(id="U1", email="ada@corp.example")
    only = {"trusted_domains": ["corp.example"], "require_for_domains": ["corp.example"]}
    with settings.held(outbound_allow_http=True), connected(**only):
        connections().enabled()
        refused = root.call("POST", "/users/U1/password-reset")
    assert (refused.status, refused.body["type"]) == (403, "connection-required")
    assert aws.rows("intents") == []


@pytest.mark.slow
def test_whoever_goes_meanwhile_gets_no_mail(aws, root, invited):
    assert root.call("POST", f"/users/{invited}/password-reset").status == 202
    assert root.call("DELETE", f"/users/{invited}").status == 202
    assert mailed(aws) == []
    for path in ("invitation", "password-reset"):
        assert root.call("POST", f"/users/{invited}/{path}").status == 404


@pytest.mark.parametrize("path", ["/users/U1/invitation", "/users/U1/password-reset"])
def test_only_administrators_do_and_none_by_an_old_proof(aws, root, path):
    a_user(id="U2", email="support@maths.example", password=PASSWORD, roles=["support"])
    assert visitor("support@maths.example").call("POST", path).status == 403
    clock.tick(seconds=301)
    assert root.call("POST", path).body["type"] == "step-up-required"
