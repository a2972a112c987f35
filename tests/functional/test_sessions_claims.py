"""What access tokens tell other services of a person: roles, and the metadata that the stage chose."""

from __future__ import annotations

import jwt
import pytest

from chalicelib import accounts
from chalicelib.core.settings import settings
from chalicelib.tokens import access_tokens
from tests.builders import PASSWORD, a_person, a_user
from tests.functional.visitors import visitor

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def told(aws):
    """A stage whose tokens tell of three members of the metadata."""
    with settings.held(token_claims=("plan", "tenant", "limits")):
        yield


def claims_of(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


def issued(**fields: object) -> dict:
    """The claims of a token for such a person, without those that every one has."""
    claims = claims_of(access_tokens.issue(a_person(id="U1", **fields), "S1"))
    return {name: value for name, value in claims.items() if name not in {*access_tokens.CLAIMS, "sid"}}


def test_chosen_metadata_and_nothing_else_becomes_claims(told):
    metadata = {"plan": "pro", "limits": {"seats": 3, "rate": 1.5}, "note": "private"}
    assert issued(metadata=metadata) == {"plan": "pro", "limits": {"seats": 3, "rate": 1.5}}


def test_what_is_the_persons_own_becomes_none(told):
    assert issued(attributes={"plan": "free for ever", "tenant": "root"}) == {}


def test_without_the_setting_there_are_none(aws):
    assert issued(metadata={"plan": "pro"}) == {}


def test_roles_are_told_where_there_are_any(aws):
    assert issued(roles=["support", "audit"]) == {"roles": ["audit", "support"]}
    assert issued(roles=[]) == {}


def test_metadata_speaks_for_no_other_claim(told):
    """Settings refuse such names; members of the metadata itself have any."""
    claims = claims_of(
        access_tokens.issue(a_person(id="U1", metadata={"sub": "U2", "roles": ["admin"], "exp": 0}), "S1")
    )
    assert (claims["sub"], claims.get("roles")) == ("U1", None)


def test_claims_that_are_too_large_are_left_out_in_the_settings_order(told, caplog):
    assert issued(metadata={"plan": "x" * 1000, "tenant": "t" * 100, "limits": 1}) == {
        "plan": "x" * 1000,
        "limits": 1,
    }
    (warning,) = [record for record in caplog.records if record.getMessage() == "token claims left out"]
    assert (warning.claims, warning.user_id) == (["tenant"], "U1")
    assert "ttt" not in str(vars(warning))


def test_the_largest_token_is_within_the_limit(told):
    person = a_person(
        id="i" * 128,
        roles=[f"r{n:02}{'o' * 29}" for n in range(20)],
        metadata={"plan": "é" * 200, "tenant": "t" * 400, "limits": "l" * 150},
    )
    token = access_tokens.issue(person, "S" * 26)
    claims = claims_of(token)
    assert {"plan", "tenant", "limits", "roles"} <= claims.keys()
    assert 3000 < len(token) <= access_tokens.LENGTH_LIMIT
    assert access_tokens.verify(token).subject == "i" * 128


def test_claims_are_measured_as_they_are_sent(told):
    """A character may take four bytes: a token that nobody takes would be of no use."""
    many = "\U0001f9ee" * 1000
    token = access_tokens.issue(a_person(id="U1", metadata={"plan": many, "tenant": many[:240]}), "S1")
    assert access_tokens.verify(token).subject == "U1"
    assert ("plan" in claims_of(token), claims_of(token)["tenant"]) == (False, many[:240])


def test_a_refreshed_token_tells_what_is_so_now(told):
    person = a_user(email="ada@maths.example", password=PASSWORD, metadata={"plan": "free"})
    ada = visitor("ada@maths.example")
    assert claims_of(ada.access_token)["plan"] == "free"
    accounts.people().change(person, lambda _: {"metadata": {"plan": "pro"}, "roles": ["support"]})
    ada.refresh()
    claims = claims_of(ada.access_token)
    assert (claims["plan"], claims["roles"]) == ("pro", ["support"])


def test_the_api_itself_trusts_no_role_of_a_token(told):
    person = a_user(email="ada@maths.example", password=PASSWORD, roles=["admin"])
    ada = visitor("ada@maths.example")
    assert claims_of(ada.access_token)["roles"] == ["admin"]
    assert ada.call("GET", "/users/none").status == 404
    accounts.people().change(person, lambda _: {"roles": []})
    assert ada.call("GET", "/users/none").status == 403
