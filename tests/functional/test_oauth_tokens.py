"""`POST /oauth2/token`: the client credentials grant of RFC 6749, to the letter, and what its tokens open."""

from __future__ import annotations

import base64
import json
import string

import jwt
import pytest

from chalicelib import oauth
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.settings import settings
from chalicelib.oauth import client_rules, model
from chalicelib.tokens import access_tokens
from tests.builders import a_user
from tests.functional.oauth_machine import Machine
from tests.functional.visitors import Visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ERROR_CHARACTERS = {*string.printable} - {*'"\\', *string.whitespace} | {" "}
"""RFC 6749, section 5.2: %x20-21 / %x23-5B / %x5D-7E."""


@pytest.fixture
def machine(aws):
    client, secret = model.new_client("billing", ["service"])
    oauth.clients().create(client)
    return Machine(client["client_id"], secret)


def refused(answer, status, code):
    assert (answer.status, answer.body["error"]) == (status, code), answer.body
    assert answer.body.keys() == {"error", "error_description"}
    assert set(answer.body["error_description"]) <= ERROR_CHARACTERS
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"]
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize("way", ["ask", "ask_by_basic"])
def test_a_secret_buys_a_token(machine, way):
    answer = getattr(machine, way)()
    assert answer.status == 200
    assert answer.body.keys() == {"access_token", "token_type", "expires_in"}
    assert (answer.body["token_type"], answer.body["expires_in"]) == ("Bearer", 600)
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    claims = jwt.decode(answer.body["access_token"], options={"verify_signature": False})
    assert claims == {
        "iss": "https://rollcall.example",
        "aud": "https://rollcall.example",
        "sub": machine.client_id,
        "client_id": machine.client_id,
        "jti": claims["jti"],
        "iat": clock.epoch(),
        "exp": clock.epoch() + 600,
        "roles": ["service"],
        "credential": 1,
    }


def test_it_costs_one_read_to_get_and_one_to_use(machine):
    machine.token()
    with telemetry.recording() as record:
        token = machine.token()
    assert record.names == ["GetItem"]
    with telemetry.recording() as record:
        assert machine.use(token, "GET", "/clients").status == 403
    (call,) = record.of("GetItem")
    assert record.names == ["GetItem"]
    assert call.parameters["ConsistentRead"] is True


def test_a_token_opens_what_its_roles_open_and_nothing_of_people(machine):
    token = machine.token()
    item = {"user_id": "U1", "item_id": "I1", "item_key": "k", "item_value": 1, "at": clock.timestamp()}
    assert machine.use(token, "POST", "/items", {"items": [item]}).status == 202
    for path in ("/me", "/me/items", "/users/U1", "/clients"):
        assert machine.use(token, "GET", path).status == 403, path


def test_an_administrators_machine_cannot_end_an_administration(aws):
    client, secret = model.new_client("root", ["admin"])
    oauth.clients().create(client)
    machine = Machine(client["client_id"], secret)
    admin = a_user(id="A1", roles=["admin"])
    token = machine.token()
    assert machine.use(token, "GET", "/users/A1").status == 200
    assert machine.use(token, "PUT", "/users/A1/roles", {"roles": []}).status == 403
    assert machine.use(token, "POST", "/users/A1/disable").status == 409
    assert aws.rows("users") == [admin]


def test_removing_a_client_ends_its_tokens_at_once(machine):
    token = machine.token()
    assert machine.use(token, "POST", "/items", {"items": []}).status == 422
    oauth.clients().remove(oauth.clients().get(machine.client_id))
    assert machine.use(token, "POST", "/items", {"items": []}).status == 401
    refused(machine.ask(), 401, "invalid_client")


@pytest.mark.parametrize("grace", [0, 120])
def test_a_secret_takes_its_tokens_with_it(machine, grace):
    before = machine.token()
    client = oauth.clients().get(machine.client_id)
    next_version, secret = model.rotated(client, grace)
    oauth.clients().replace(client, next_version)
    new = Machine(machine.client_id, secret)
    after = new.token()
    if grace:
        assert machine.ask().status == 200
        assert machine.use(before, "POST", "/items", {"items": []}).status == 422
        clock.tick(seconds=grace)
    assert machine.use(before, "POST", "/items", {"items": []}).status == 401
    refused(machine.ask(), 401, "invalid_client")
    assert new.use(after, "POST", "/items", {"items": []}).status == 422
    assert new.ask().status == 200


def test_changed_roles_bite_at_once(machine):
    token = machine.token()
    client = oauth.clients().get(machine.client_id)
    oauth.clients().replace(client, {**client, "roles": ["support"], "version": 2})
    assert machine.use(token, "POST", "/items", {"items": []}).status == 403
    assert machine.use(token, "GET", "/users/none").status == 404


def test_the_longest_token_is_taken(aws):
    """With as many long roles and scopes as a client may have, and the longest audience."""
    roles = ["service", *(f"r{n:02}{'o' * 29}" for n in range(19))]
    scopes = client_rules.scopes([f"{'s' * 98}{n:02}" for n in range(19)])
    audience = "https://" + "a" * 492
    registered = {**model.OF_MACHINE, "scopes": scopes, "audiences": [audience]}
    client, secret = model.new_client("billing", roles, registered)
    oauth.clients().create(client)
    machine = Machine(client["client_id"], secret)
    item = {"user_id": "U1", "item_id": "1", "item_key": "k", "item_value": 1, "at": clock.timestamp()}
    assert machine.use(machine.token(), "POST", "/items", {"items": [item]}).status == 202
    for_another = machine.ask(resource=audience, scope=" ".join(scopes)).body["access_token"]
    assert 4500 < len(for_another) < 6000 <= access_tokens.LENGTH_LIMIT
    assert access_tokens.claims_of_client(for_another) is not None


def test_a_person_with_a_clients_id_gets_nothing_of_it(machine):
    """Imported people bring ids of their own."""
    a_user(id=machine.client_id, roles=["admin"])
    assert machine.use(machine.token(), "GET", "/me").status == 403
    assert machine.use(machine.token(), "GET", "/clients").status == 403


def test_a_machines_token_runs_out(machine):
    token = machine.token()
    clock.tick(seconds=600)
    assert machine.use(token, "POST", "/items", {"items": []}).status == 401


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, 400, "unsupported_grant_type"),
        ({"grant_type": "CLIENT_CREDENTIALS"}, 400, "unsupported_grant_type"),
        ({"scope": "admin"}, 400, "invalid_scope"),
        ({"resource": "https://x.example"}, 400, "invalid_target"),
        ({"client_secret": "rcs_wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_id": ""}, 401, "invalid_client"),
        ({"client_id": "01J00000000000000000000000"}, 401, "invalid_client"),
        ({"client_id": "email#ada@maths.example"}, 401, "invalid_client"),
        ({"client_id": "\0\u2028ü"}, 401, "invalid_client"),
        ({"client_id": "x" * 300}, 401, "invalid_client"),
        ({"client_secret": "x" * 3000}, 401, "invalid_client"),
        ({"client_secret": "x" * 20_000}, 400, "invalid_request"),
    ],
)
def test_errors_are_those_of_the_standard(machine, fields, status, code):
    refused(machine.ask(**fields), status, code)


def test_unknown_and_empty_parameters_count_as_not_sent(machine):
    pairs = f"grant_type=client_credentials&client_id={machine.client_id}&client_secret={machine.secret}"
    assert machine.send(f"{pairs}&scope=&audience=https://x.example".encode()).status == 200


@pytest.mark.parametrize("twice", ["grant_type", "client_id", "client_secret"])
def test_a_parameter_sent_twice_is_refused(machine, twice):
    fields = {
        "grant_type": "client_credentials",
        "client_id": machine.client_id,
        "client_secret": machine.secret,
    }
    form = "&".join(f"{k}={v}" for k, v in [*fields.items(), (twice, fields[twice])])
    refused(machine.send(form.encode()), 400, "invalid_request")


def test_anything_but_a_form_is_refused(machine):
    body = json.dumps({"grant_type": "client_credentials"}).encode()
    refused(machine.send(body, Content_Type="application/json"), 400, "invalid_request")
    refused(machine.send(b"\xff\xfe%%%=&&&"), 400, "invalid_request")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff:\xfe").decode(),
        "Basic " + base64.b64encode(b":").decode(),
        "Bearer some.token.here",
    ],
)
def test_a_header_that_proves_nothing_is_refused(machine, header):
    answer = machine.send({"grant_type": "client_credentials"}, Authorization=header)
    refused(answer, 401, "invalid_client")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="rollcall"'


def test_a_client_proves_itself_in_one_way(machine):
    refused(machine.ask_by_basic(client_secret=machine.secret), 400, "invalid_request")
    refused(machine.ask_by_basic(client_id="another"), 400, "invalid_request")
    assert machine.ask_by_basic(client_id=machine.client_id).status == 200


def test_nothing_tells_a_wrong_secret_from_an_unknown_client(machine):
    answers, calls = [], []
    for asking in (Machine(machine.client_id, "rcs_wrong"), Machine("01J00000000000000000000000", "rcs_wrong")):
        with telemetry.recording() as record:
            answer = asking.ask()
        answers.append((answer.status, answer.body))
        calls.append(record.names)
    assert answers[0] == answers[1]
    assert calls[0] == calls[1] == ["GetItem", "UpdateItem", "UpdateItem"]


@settings.held(client_failures_per_hour=3)
def test_wrong_secrets_of_one_client_are_limited_by_address(machine):
    wrong = Machine(machine.client_id, "rcs_wrong")
    for _ in range(3):
        refused(wrong.ask(), 401, "invalid_client")
    answer = wrong.ask()
    refused(answer, 429, "temporarily_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    with telemetry.recording() as record:
        refused(wrong.ask(), 429, "temporarily_unavailable")
    assert record.names == []
    refused(Machine("another", "rcs_wrong").ask(), 401, "invalid_client")
    clock.tick(hours=1)
    assert machine.ask().status == 200


@settings.held(client_failures_per_hour=1, trusted_proxies=1, proxy_networks=("127.0.0.0/8",))
def test_a_stranger_elsewhere_keeps_no_machine_out(machine):
    form = {"grant_type": "client_credentials", "client_id": machine.client_id, "client_secret": "wrong"}
    for _ in range(3):
        status = machine.send(form, X_Forwarded_For="203.0.113.9").status
    assert status == 429
    assert machine.ask().status == 200


@settings.held(sign_ins_per_hour=3)
def test_failures_of_one_address_are_limited_whichever_clients_it_tries(machine):
    for number in range(3):
        refused(Machine(f"client-{number}", "rcs_wrong").ask(), 401, "invalid_client")
    refused(Machine("client-4", "rcs_wrong").ask(), 429, "temporarily_unavailable")
    refused(machine.ask(), 429, "temporarily_unavailable")


def test_refusals_are_logged_by_the_client_that_they_are_about(machine, caplog):
    """But not by what a stranger wrote."""
    Machine(machine.client_id, "rcs_wrong").ask()
    Machine("ada@maths.example", "rcs_wrong").ask()
    refusals = [record for record in caplog.records if record.getMessage() == "client refused"]
    assert [record.client for record in refusals] == [machine.client_id, ""]
    assert "ada@" not in str([vars(record) for record in caplog.records])


def test_no_secret_is_logged(machine, caplog):
    machine.ask()
    Machine(machine.client_id, "rcs_wrong-but-secret").ask()
    machine.ask_by_basic()
    logged = str([vars(record) for record in caplog.records])
    assert "/oauth2/token" in logged
    assert "rcs_" not in logged
    assert machine.secret[4:] not in logged


def test_the_endpoint_can_be_discovered(machine):
    found = Visitor().call("GET", "/.well-known/openid-configuration").body
    assert found["token_endpoint"] == "https://rollcall.example/oauth2/token"
    assert "client_credentials" in found["grant_types_supported"]
    assert found["token_endpoint_auth_methods_supported"][:2] == ["client_secret_basic", "client_secret_post"]
