"""What administrators do to others, and that one of them is always left."""

from __future__ import annotations

import pytest

from chalicelib.accounts import administration
from chalicelib.accounts.store import people
from chalicelib.core.errors import Conflict
from tests.builders import PASSWORD, a_user, an_admin
from tests.functional.faults import Crash, crashing
from tests.functional.visitors import Visitor, visitor

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def root(aws):
    an_admin(id="ROOT", email="root@maths.example", password=PASSWORD)
    return visitor("root@maths.example")


@pytest.fixture
def ada(root):
    a_user(id="U1", email="ada@maths.example", password=PASSWORD)
    return visitor("ada@maths.example")


@pytest.mark.slow
def test_a_changed_role_bites_on_the_next_request(root, ada):
    assert ada.call("GET", "/users/U1").status == 403
    answer = root.call("PUT", "/users/U1/roles", {"roles": ["support", "editor", "support"]})
    assert (answer.status, answer.body["roles"]) == (200, ["editor", "support"])
    assert ada.call("GET", "/users/U1").status == 200
    root.call("PUT", "/users/U1/roles", {"roles": []})
    assert ada.call("GET", "/users/U1").status == 403


@pytest.mark.slow
def test_who_is_disabled_is_out_at_once_and_comes_back_by_signing_in(aws, root, ada):
    wrong = Visitor().enter("ada@maths.example", "not the right password")
    answer = root.call("POST", "/users/U1/disable")
    assert (answer.status, answer.body["status"]) == (200, "disabled")
    assert ada.call("GET", "/me").status == 401
    assert ada.refresh().status == 401
    refused = Visitor().enter("ada@maths.example")
    assert (refused.status, refused.body) == (wrong.status, wrong.body)
    assert root.call("POST", "/users/U1/disable").body["version"] == answer.body["version"]
    assert root.call("POST", "/users/U1/enable").body["status"] == "active"
    assert ada.call("GET", "/me").status == 401
    assert Visitor().enter("ada@maths.example").status == 201


@pytest.mark.slow
def test_a_removed_person_is_gone_with_a_job_that_erases_them(aws, root, ada):
    assert root.call("DELETE", "/users/U1", If_Match='"9"').status == 412
    assert root.call("DELETE", "/users/U1").status == 202
    assert ada.call("GET", "/me").status == 401
    assert root.call("GET", "/users/U1").status == 404
    assert root.call("DELETE", "/users/U1").status == 404
    assert [(job["kind"], job["subject"]) for job in aws.rows("jobs")] == [("erasure", "U1")]


def test_administrators_cannot_end_their_own_administration(root):
    assert root.call("PUT", "/users/ROOT/roles", {"roles": ["support"]}).status == 409
    assert root.call("POST", "/users/ROOT/disable").status == 409
    assert root.call("DELETE", "/users/ROOT").status == 409
    assert root.call("PUT", "/users/ROOT/roles", {"roles": ["admin", "editor"]}).status == 200


def test_one_administrator_ends_anothers_administration(root):
    an_admin(id="SECOND")
    assert root.call("PUT", "/users/SECOND/roles", {"roles": []}).status == 200
    an_admin(id="THIRD")
    assert root.call("POST", "/users/THIRD/disable").status == 200
    assert root.call("DELETE", "/users/THIRD").status == 202


@pytest.mark.parametrize(
    "end",
    [
        lambda by, whom: administration.set_roles(by, whom, []),
        lambda by, whom: administration.disable(by, whom),
        lambda by, whom: administration.remove(by, whom),
    ],
)
def test_two_who_end_each_others_administration_leave_one(root, end):
    """Each was let in as an administrator before the other's transaction; the second one finds out."""
    an_admin(id="SECOND")
    end("SECOND", "ROOT")
    with pytest.raises(Conflict, match="this change rests on has changed"):
        end("ROOT", "SECOND")
    assert people().get("SECOND")["roles"] == ["admin"]


def test_changes_hold_to_their_version(root, ada):
    for method, path, body in [
        ("PUT", "/users/U1/roles", {"roles": []}),
        ("POST", "/users/U1/disable", None),
        ("POST", "/users/U1/enable", None),
    ]:
        assert root.call(method, path, body, If_Match='"9"').status == 412


@pytest.mark.slow
def test_a_crash_while_disabling_leaves_a_person_who_can_be_disabled(root, ada):
    with crashing("dynamodb", "PutItem", after=True), pytest.raises(Crash):
        root.call("POST", "/users/U1/disable")
    assert ada.call("GET", "/me").status == 401
    assert root.call("POST", "/users/U1/disable").body["version"] == 2
