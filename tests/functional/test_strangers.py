"""Everything that strangers may call has a limit, and what is cheap comes before what is dear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from app import app
from chalicelib.core.aws import telemetry
from chalicelib.core.crypto import links
from chalicelib.core.http.declarations import ANYONE, FORM, routes_of
from chalicelib.core.settings import settings
from chalicelib.oauth.authorization_routes import authorization as authorization_routes
from chalicelib.oauth.device_routes import devices as device_routes
from chalicelib.oauth.token_routes import tokens as token_routes
from tests.builders import PASSWORD, a_user
from tests.functional.apps import ApiClient
from tests.functional.enrolled import key_of
from tests.functional.hashing import hashes_computed
from tests.functional.visitors import Visitor, mailed, token_of, visitor

if TYPE_CHECKING:
    from tests.functional.apps import Answer

pytestmark = pytest.mark.usefixtures("held_clock")

ADA, GRACE = "ada@maths.example", "grace@maths.example"
WRONG = "not the right password"
ANOTHER = "copper lantern river nine"
LIMIT = 3

THE_SAME_FOR_EVERYBODY = {
    "GET /.well-known/change-password": "out of memory",
    "GET /.well-known/jwks.json": "out of memory",
    "GET /.well-known/oauth-authorization-server": "out of memory",
    "GET /.well-known/oauth-protected-resource": "out of memory",
    "GET /.well-known/openid-configuration": "out of memory",
    "GET /account": "a file of ours",
    "GET /account/{page}": "a file of ours",
    "GET /assets/{version}/{folder}/{file}": "a file of ours",
    "GET /console": "a file of ours",
    "GET /console/{part}": "a file of ours",
    "GET /console/{part}/{thing}": "a file of ours",
    "GET /docs": "a file of ours",
    "GET /events/schemas": "out of memory",
    "GET /events/schemas/{event_type}/{version}": "out of memory",
    "GET /health": "whoever watches the stage asks as often as they like",
    "GET /openapi.json": "out of memory",
    "GET /sessions/connections": "out of memory, read once a minute",
    "GET /sessions/connections/{connection_id}/callback": "needs the cookie of a flow, which has a limit",
    "POST /sessions/connections/pending": "likewise",
    "POST /sessions/connections/pending/confirm": "likewise, and guesses are counted for the person",
    "POST /sessions/connections/{connection_id}/callback": "likewise",
}
"""What has none, and why: nothing is read, written or hashed for who brings nothing, and nobody is guessed at."""

HELD_UP_ELSEWHERE = {
    "GET /oauth2/authorize": "what is read is counted where it is done, for a browser in which nobody is signed in",
    "POST /oauth2/authorize": "the same",
    "GET /oauth2/logout": "as at /oauth2/authorize",
    "POST /oauth2/logout": "the same",
    "GET /oauth2/userinfo": "wants a token that we signed, before anything is read",
    "POST /oauth2/userinfo": "the same",
    "POST /oauth2/register": "off unless the stage says otherwise; then wrong tokens are counted",
}
"""What is held up in another way, which the tests of `oauth` show."""

BY_CLIENT: dict[str, dict[str, Any]] = {
    "POST /users": {"email": "new@maths.example", "password": PASSWORD},
    "POST /users/confirm": {"token": "01AAAA.1.BBBB", "password": PASSWORD},
    "POST /users/resend-confirmation": {"email": ADA},
    "POST /password-resets": {"email": ADA},
    "POST /password-resets/confirm": {"token": "01AAAA.1.BBBB", "password": ANOTHER},
    "POST /sessions": {"email": ADA, "password": "not the right password"},
    "POST /sessions/email": {"email": ADA},
    "POST /sessions/email/confirm": {"code": "x.1.y"},
    "POST /sessions/passkey/options": {},
    "POST /sessions/passkey": {"response": {"id": "x"}},
    "GET /sessions/connections/{connection_id}": {},
    "POST /sessions/refresh": {"refresh_token": "made.up.token"},
    "POST /oauth2/token": {"grant_type": "client_credentials", "client_id": "x", "client_secret": "rcs_x"},
    "POST /oauth2/device": {"client_id": "x", "client_secret": "rcs_x"},
    "POST /oauth2/introspect": {"token": "x", "client_id": "x", "client_secret": "rcs_x"},
    "POST /oauth2/par": {"client_id": "x", "client_secret": "rcs_x"},
    "POST /oauth2/revoke": {"token": "x", "client_id": "x", "client_secret": "rcs_x"},
}
"""What a client may do so often in an hour, or fail at, with what is asked or fails."""


@pytest.fixture
def limited(aws):
    limits = ("registrations_per_hour", "sign_ins_per_hour", "client_failures_per_hour")
    with settings.held(**dict.fromkeys(limits, LIMIT)):
        a_user(id="U1", email=ADA, password=PASSWORD)
        yield aws


def ask(title: str) -> Answer:
    method, path = title.split()
    if path.startswith("/oauth2/"):
        form = urlencode(BY_CLIENT[title]).encode()
        return ApiClient(token_routes, authorization_routes, device_routes).call(
            method, path, form, Content_Type=FORM
        )
    return Visitor().call(method, path, BY_CLIENT[title] or None)


def test_every_route_of_strangers_has_a_limit_or_a_reason():
    titles = {f"{route.method} {route.path}" for route in routes_of(app) if route.declaration.who is ANYONE}
    assert titles <= BY_CLIENT.keys() | HELD_UP_ELSEWHERE.keys() | THE_SAME_FOR_EVERYBODY.keys()
    assert BY_CLIENT.keys() <= titles
    assert not BY_CLIENT.keys() & THE_SAME_FOR_EVERYBODY.keys()


@pytest.mark.slow
@pytest.mark.parametrize("title", BY_CLIENT)
def test_a_client_is_held_up(limited, title):
    assert [ask(title).status == 429 for _ in range(LIMIT)] == [False] * LIMIT
    assert ask(title).status == 429
    with telemetry.recording() as record:
        refused = ask(title)
    assert (refused.status, record.names) == (429, [])
    assert int(refused.headers["Retry-After"]) > 0


@pytest.mark.slow
def test_whoever_fails_in_ones_network_keeps_no_owner_out(limited):
    """Not where they have what nobody guesses, or a device that is known; a password alone waits."""
    a_user(id="U2", email=GRACE, password=PASSWORD)
    ada, key = Visitor(), key_of(visitor(GRACE))
    device = ada.enter(ADA).body["device"]
    Visitor().call("POST", "/sessions/email", {"email": ADA})
    code = next(token_of(mail) for mail in mailed(limited) if mail["template"] == "sign_in_code")
    options = Visitor().call("POST", "/sessions/passkey/options").body
    for title in ("POST /sessions", "POST /sessions/passkey", "POST /sessions/refresh"):
        assert [ask(title).status for _ in range(LIMIT + 2)][-2:] == [429, 429]
    entering = {"email": ADA, "password": PASSWORD}
    assert Visitor().call("POST", "/sessions", entering).status == 429
    assert Visitor().call("POST", "/sessions", {**entering, "device": device}).status == 201
    assert Visitor().call("POST", "/sessions/email/confirm", {"code": code}).status == 201
    assert Visitor().call("POST", "/sessions/passkey", {"response": key.get(options)}).status == 201
    assert ada.refresh().status == 200


@pytest.mark.slow
@pytest.mark.parametrize("way", ["/sessions", "/sessions/email/confirm"])
def test_a_device_of_ones_own_lets_nobody_guess_at_others_for_longer(limited, way):
    a_user(id="U2", email=GRACE, password=PASSWORD)
    device = Visitor().enter(GRACE).body["device"]
    guess = {"email": ADA, "device": device} | (
        {"password": WRONG} if way == "/sessions" else {"code": "ABCD-EFGH"}
    )
    statuses = [Visitor().call("POST", way, guess).status for _ in range(LIMIT + 2)]
    assert statuses == [*[401] * LIMIT, 429, 429]


def asked_for_reset(aws) -> str:
    Visitor().call("POST", "/password-resets", {"email": ADA})
    return next(token_of(mail) for mail in mailed(aws) if mail["template"] == "password_reset")


def reset(token: str, password: str) -> Answer:
    return Visitor().call("POST", "/password-resets/confirm", {"token": token, "password": password})


@pytest.mark.slow
def test_made_up_tokens_keep_nobody_out_who_has_one(limited):
    token = asked_for_reset(limited)
    for _ in range(LIMIT + 2):
        reset("01AAAA.1.BBBB", ANOTHER)
    assert reset("01AAAA.1.BBBB", ANOTHER).status == 429
    assert reset(token, ANOTHER).status == 204


@pytest.mark.slow
def test_a_token_that_holds_brings_only_so_many_passwords(limited):
    token = asked_for_reset(limited)
    answers = [reset(token, "passwordpassword").status for _ in range(LIMIT + 1)]
    assert answers == [*[422] * LIMIT, 429]
    assert reset(token, ANOTHER).status == 429


@pytest.mark.slow
def test_confirming_costs_no_call_for_its_limit(limited):
    token = asked_for_reset(limited)
    with telemetry.recording() as record:
        assert reset(token, ANOTHER).status == 204
    assert [name for name in record.names if name.startswith("Update")] == []


@pytest.mark.parametrize("path", ["/users/confirm", "/password-resets/confirm"])
@pytest.mark.parametrize("password", ["passwordpassword", "\ufdfa" * 256, ANOTHER])
def test_nothing_is_hashed_or_looked_up_for_a_token_that_is_none(limited, path, password):
    """Not even whether the password is a good one: a token of no record, and one that is used, come first."""
    for token in ("01AAAA.1.BBBB", links.mint("reset" if "reset" in path else "confirm", "01AAAA")):
        with hashes_computed() as computed:
            answer = Visitor().call("POST", path, {"token": token, "password": password})
        assert (answer.status, computed) == (410, [])


def test_a_breached_password_is_not_asked_about_before_the_present_one_was_right(limited):
    """What asks another service may take two seconds."""
    ada = Visitor()
    ada.enter(ADA)
    body = {"current_password": "not the right password", "new_password": ANOTHER}
    with settings.held(breached_passwords_url="https://127.0.0.1:9/range/"):
        answer = ada.call("PUT", "/me/password", body)
    assert [error["field"] for error in answer.body["errors"]] == ["current_password"]
