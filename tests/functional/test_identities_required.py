"""Domains whose people come by one connection alone: nothing of ours lets them in beside it."""

from __future__ import annotations

import pytest

from chalicelib import accounts
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from tests.authenticator import Authenticator
from tests.builders import PASSWORD, a_user
from tests.functional.coming_in import Newcomer, arrived, connect, reason
from tests.functional.providers import providing
from tests.functional.visitors import mailed, token_of

pytestmark = pytest.mark.usefixtures("held_clock", "local_receivers")

ADA = "ada@corp.example"
REQUIRED = {"trusted_domains": ["corp.example"], "require_for_domains": ["corp.example"]}
OTHER_PASSWORD = "copper lantern river nine"


@pytest.fixture
def provider(aws):
    with providing() as one:
        yield one


def require(provider) -> None:
    """Require the connection from now on, also where a process has read that there is none."""
    connect(provider, **REQUIRED)
    clock.tick(seconds=60)


def refused(answer) -> None:
    assert (answer.status, answer.body["type"]) == (403, "connection-required"), answer
    assert answer.body["connection"] == {"id": "corp", "name": "Corp"}


@pytest.mark.slow
@pytest.mark.parametrize("email", [ADA, "nobody@corp.example", "Nobody@CORP.example"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/sessions", {"password": PASSWORD}),
        ("/sessions", {"password": "wrong wrong wrong"}),
        ("/sessions/email", {}),
        ("/sessions/email/confirm", {"code": "ABCD-EFGH"}),
        ("/password-resets", {}),
        ("/users", {"password": OTHER_PASSWORD}),
    ],
)
def test_whoever_types_an_address_of_the_domain_is_told_where_to_go(aws, provider, path, body, email):
    """Of an account and of none the same, after the same calls."""
    a_user(email=ADA, password=PASSWORD)
    require(provider)
    Newcomer().call("POST", path, {**body, "email": "x@corp.example"})  # the connections are read
    with telemetry.recording() as record:
        refused(Newcomer().call("POST", path, {**body, "email": email}))
    assert [name for name in record.names if name != "UpdateItem"] == []
    assert aws.rows("intents") == []


def test_other_domains_go_on(provider):
    a_user(email="bob@sub.corp.example", password=PASSWORD)
    require(provider)
    assert Newcomer().enter("bob@sub.corp.example").status == 201


@pytest.mark.slow
def test_what_was_mailed_before_lets_nobody_in(aws, provider):
    a_user(email=ADA, password=PASSWORD)
    Newcomer().call("POST", "/password-resets", {"email": ADA})
    Newcomer().call("POST", "/sessions/email", {"email": ADA})
    Newcomer().call("POST", "/users", {"email": "new@corp.example", "password": OTHER_PASSWORD})
    tokens = {mail["template"]: token_of(mail) for mail in mailed(aws)}
    require(provider)
    reset = {"token": tokens["password_reset"], "password": OTHER_PASSWORD}
    refused(Newcomer().call("POST", "/password-resets/confirm", reset))
    refused(Newcomer().call("POST", "/sessions/email/confirm", {"code": tokens["sign_in_code"]}))
    confirm = {"token": tokens["confirm_registration"], "password": OTHER_PASSWORD}
    refused(Newcomer().call("POST", "/users/confirm", confirm))


def test_a_passkey_lets_nobody_in(provider):
    a_user(email=ADA, password=PASSWORD)
    browser, key = Newcomer(), Authenticator()
    browser.enter(ADA)
    made = key.create(browser.call("POST", "/me/passkeys/options").body)
    browser.call("POST", "/me/passkeys", {"name": "Key", "response": made})
    require(provider)
    response = key.get(Newcomer().call("POST", "/sessions/passkey/options").body)
    refused(Newcomer().call("POST", "/sessions/passkey", {"response": response}))


def test_a_session_goes_on_and_is_not_stepped_up_by_a_password(provider):
    a_user(email=ADA, password=PASSWORD)
    browser = Newcomer()
    browser.enter(ADA)
    require(provider)
    assert browser.me()["email"] == ADA
    assert browser.refresh().status == 200
    refused(browser.call("POST", "/sessions/current/step-up", {"password": PASSWORD}))


def test_the_connection_lets_them_in_and_links_by_itself(provider):
    ada = a_user(email=ADA, password=PASSWORD)
    require(provider)
    browser = Newcomer()
    assert arrived(browser.come(provider, email=ADA))
    assert browser.me()["id"] == ada["id"]


@pytest.mark.slow
def test_another_connection_lets_nobody_in(provider):
    connect(provider, "partner")
    browser = Newcomer()
    assert arrived(browser.come(provider, "partner", email=ADA))
    require(provider)
    assert reason(Newcomer().come(provider, "partner", email=ADA)) == "connection-required"
    assert reason(Newcomer().come(provider, "partner", email="b@other.example")) == "connection-required"
    new = {"sub": "new", "email": "new@corp.example"}
    assert reason(Newcomer().come(provider, "partner", **new)) == "connection-required"


def test_an_invited_person_comes_by_it(aws, provider):
    person = a_user(email=ADA, source="invitation", email_verified=False)
    require(provider)
    browser = Newcomer()
    assert arrived(browser.come(provider, email=ADA))
    assert accounts.people().find(person["id"])["email_verified"] is True


def test_a_disabled_connection_requires_nothing(provider):
    a_user(email=ADA, password=PASSWORD)
    connect(provider, enabled=False, **REQUIRED)
    assert Newcomer().enter(ADA).status == 201


def test_the_connections_are_read_once_a_minute(provider):
    with telemetry.recording() as record:
        for _ in range(3):
            Newcomer().call("POST", "/sessions/email", {"email": "bob@other.example"})
    assert record.names.count("Query") == 1
