"""A factor that is gone has proved nothing, in whatever session that is still open."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from tests.builders import PASSWORD, a_user, an_admin
from tests.functional.enrolled import App, app_of, key_of
from tests.functional.faults import listening
from tests.functional.visitors import Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"


@pytest.fixture
def ada(aws):
    """An administrator with an app, who has just proved it."""
    an_admin(id="U1", email=ADA, password=PASSWORD)
    a_user(id="U2", email="bea@maths.example")
    person = visitor(ADA)
    person.app = app_of(person)
    assert person.call("POST", "/sessions/current/step-up", {"otp": person.app.code()}).status == 204
    return person


def makes_an_administrator(person: Visitor) -> int:
    """What making one, which wants two factors, is answered with."""
    return person.call("POST", "/users/invite", {"email": "cy@maths.example", "roles": ["admin"]}).status


@pytest.mark.slow
def test_ones_own_factor_removed_has_proved_nothing(ada):
    assert makes_an_administrator(ada) == 201
    assert ada.call("DELETE", "/me/totp").status == 204
    assert makes_an_administrator(ada) == 401
    assert ada.call("POST", "/me/totp").status == 201


@pytest.mark.slow
def test_one_of_two_removed_has_proved_nothing_until_the_other_does(ada):
    key = key_of(ada)
    assert ada.call("DELETE", "/me/totp").status == 204
    assert makes_an_administrator(ada) == 401
    options = ada.call("POST", "/sessions/passkey/options").body
    assert ada.call("POST", "/sessions/current/step-up", {"passkey": key.get(options)}).status == 204
    assert makes_an_administrator(ada) == 201


@pytest.mark.slow
def test_an_app_that_was_replaced_has_proved_nothing(ada):
    again = app_of(ada)
    assert makes_an_administrator(ada) == 401
    assert ada.call("POST", "/sessions/current/step-up", {"otp": again.code()}).status == 204
    assert makes_an_administrator(ada) == 201


@pytest.mark.slow
@pytest.mark.parametrize("begun", ["by a step-up", "by a sign-in"])
def test_an_administrators_removal_takes_every_proof_from_open_sessions(ada, begun):
    session = ada
    if begun == "by a sign-in":
        session = Visitor()
        body = {"email": ADA, "password": PASSWORD, "otp": ada.app.code()}
        session.access_token = session.call("POST", "/sessions", body).body["access_token"]
    assert makes_an_administrator(session) == 201
    an_admin(id="ROOT", email="root@maths.example", password=PASSWORD)
    assert visitor("root@maths.example").call("DELETE", "/users/U1/factors").status == 204
    assert session.call("GET", "/me").status == 200
    assert makes_an_administrator(session) == 401
    assert session.call("POST", "/me/totp").status == 401
    assert session.call("POST", "/sessions/current/step-up", {"password": PASSWORD}).status == 204
    assert session.call("POST", "/me/totp").status == 201
    assert makes_an_administrator(session) == 401


@pytest.mark.slow
def test_an_administrators_removal_takes_a_secret_that_waits_too(aws):
    """Whoever stole a fresh token may have been shown one, which needs no proof any more to be confirmed."""
    an_admin(id="ROOT", email="root@maths.example", password=PASSWORD)
    a_user(id="U1", email=ADA, password=PASSWORD)
    thief = visitor(ADA)
    shown = App(thief.call("POST", "/me/totp").body["secret"])
    assert visitor("root@maths.example").call("DELETE", "/users/U1/factors").status == 204
    assert thief.call("POST", "/me/totp/confirm", {"otp": shown.code()}).status == 409
    assert thief.call("POST", "/me/totp").status == 401


def test_that_costs_no_read_more(ada):
    ada.call("DELETE", "/me/totp")
    clock.tick(seconds=1)
    with telemetry.recording() as record:
        ada.call("GET", "/me")
    assert [name for name in record.names if name != "GetSecretValue"] == ["BatchGetItem"]


@pytest.mark.slow
@pytest.mark.parametrize("way", ["passkey", "password", "code", "step-up"])
def test_a_factor_that_goes_while_it_is_proved_has_proved_nothing(aws, ada, way):
    """Its last use is written down, and then it is taken away, before the session has begun."""
    key = key_of(ada)
    an_admin(id="ROOT", email="root@maths.example", password=PASSWORD)
    root, session, gone = visitor("root@maths.example"), Visitor(), []
    clock.tick(seconds=60)
    options = session.call("POST", "/sessions/passkey/options").body
    if way == "code":
        session.call("POST", "/sessions/email", {"email": ADA})
    ways = {
        "passkey": lambda: session.call("POST", "/sessions/passkey", {"response": key.get(options)}),
        "password": lambda: session.call(
            "POST", "/sessions", {"email": ADA, "password": PASSWORD, "otp": ada.app.code()}
        ),
        "code": lambda: session.call(
            "POST", "/sessions/email/confirm", {"code": token_of(mailed(aws)[-1]), "otp": ada.app.code()}
        ),
        "step-up": lambda: ada.call("POST", "/sessions/current/step-up", {"otp": ada.app.code()}),
    }

    def record() -> dict:
        return next(row for row in aws.rows("credentials") if row["id"] == "factors#U1")

    before = record()["version"]

    def meanwhile(**_: object) -> None:
        if not gone and record()["version"] > before:
            gone.append(root.call("DELETE", "/users/U1/factors").status)

    with listening(clients.client("dynamodb"), "after-call.dynamodb.PutItem", meanwhile):
        answer = ways[way]()
    assert gone == [204]
    if answer.status == 201:
        session.access_token = answer.body["access_token"]
    assert makes_an_administrator(ada if way == "step-up" else session) == 401
