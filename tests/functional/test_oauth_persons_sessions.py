"""What ends a person's sessions by their own row, or with them, is told to their clients (Back-Channel Logout 1.0)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from chalicelib import accounts, oauth, webhooks
from chalicelib.accounts.routes import accounts as account_routes
from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.errors import Unavailable
from chalicelib.core.http.declarations import MERGE_PATCH
from chalicelib.oauth.consent_routes import consents as consent_routes
from tests import system
from tests.builders import PASSWORD, a_user
from tests.functional.apps import ApiClient
from tests.functional.consumed import HOUR
from tests.functional.delivering import rows
from tests.functional.faults import throttling
from tests.functional.pages import run_jobs, without_delays
from tests.functional.relying_party import PersonsBrowser, RelyingParty, claims_of, entered
from tests.functional.streams import stream_event

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("held_clock", "told_clients")

ADA = "ada@maths.example"
NEW_PASSWORD = "a quite different phrase 42"


@pytest.fixture
def shop(aws, receiver):
    a_user(id="U1", email=ADA, name="Ada", password=PASSWORD)
    return RelyingParty({"first_party": True, "backchannel_logout_uri": receiver.url})


@pytest.fixture
def admin(aws):
    api = ApiClient(account_routes)
    api.sign_in("A1", "admin")
    return api


def through(shop: RelyingParty) -> tuple[PersonsBrowser, str]:
    """A browser that signed in and went to the shop, and its session."""
    browser = entered(ADA)
    return browser, claims_of(shop.tokens(browser)["id_token"])["sid"]


def told_of(aws, receiver, change: Callable[[], Any]) -> list[str]:
    """The sessions of whose end the shop is told by a change of Ada."""
    before = aws.rows("users")[0]
    change()
    tell(aws, before, aws.rows("users")[0])
    return sids(receiver)


def tell(aws, before, after) -> None:
    aws.take("webhooks")
    system.invoke("on_user_change", stream_event("users", (before, after)))
    for _ in range(2):
        system.consume("webhooks", {"Records": aws.take("webhooks")})
    system.consume("deliveries", {"Records": aws.take("deliveries")})


def disable(admin: ApiClient) -> None:
    assert admin.call("POST", "/users/U1/disable").status == 200


def grants(aws) -> list[dict[str, Any]]:
    return [row for row in aws.rows("grants") if row["id"].startswith("grant#")]


def sids(receiver) -> list[str]:
    tokens = [parse_qs(one.body.decode())["logout_token"][0] for one in receiver.received]
    return sorted(claims_of(token)["sid"] for token in tokens)


@pytest.mark.slow
@pytest.mark.peers
def test_a_new_password_is_told_of_every_session_but_the_one_that_set_it(aws, receiver, shop):
    _, other = through(shop)
    browser, own = through(shop)
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}

    def new_password() -> None:
        assert browser.call("PUT", "/me/password", change).status == 204

    assert told_of(aws, receiver, new_password) == [other]
    (row,) = rows(aws)
    assert (row["webhook_id"], row["id"], row["type"]) == (f"client:{shop.id}", other, "user.password_changed")
    assert own != other


@pytest.mark.slow
@pytest.mark.peers
def test_a_disabled_account_is_told_of_all_its_sessions(aws, receiver, shop, admin):
    ended = sorted(through(shop)[1] for _ in range(3))
    assert told_of(aws, receiver, lambda: disable(admin)) == ended


def test_a_change_that_ends_no_session_tells_nobody(aws, receiver, shop, admin):
    through(shop)

    patch = {"name": "Ada L."}
    assert told_of(aws, receiver, lambda: admin.call("PATCH", "/users/U1", patch, Content_Type=MERGE_PATCH)) == []


@pytest.mark.slow
@pytest.mark.peers
def test_a_session_after_the_change_is_not_told_with_it(aws, receiver, shop):
    _, before = through(shop)
    person = aws.rows("users")[0]
    accounts.people().change(accounts.people().get("U1"), accounts.ended_sessions)
    changed = aws.rows("users")[0]
    through(shop)
    tell(aws, person, changed)
    assert sids(receiver) == [before]


@pytest.mark.slow
def test_a_session_that_the_person_ended_is_told_once_though_it_expires_as_well(aws, receiver, shop, admin):
    _, ended = through(shop)
    assert told_of(aws, receiver, lambda: disable(admin)) == [ended]
    (session,) = aws.rows("sessions")
    system.invoke("on_session_change", stream_event("sessions", (session, None), expired=True))
    system.consume("webhooks", {"Records": aws.take("webhooks")})
    assert (aws.take("deliveries"), len(rows(aws))) == ([], 1)


@pytest.mark.slow
def test_a_replay_of_the_change_tells_nobody(aws, receiver, shop, admin):
    through(shop)
    aws.take("webhooks")
    before = aws.rows("users")[0]
    disable(admin)
    system.invoke("on_user_change", stream_event("users", (before, aws.rows("users")[0])))
    (record,) = aws.take("webhooks")
    event = json.loads(json.loads(record["body"]).get("Message") or record["body"])
    assert event["sessionsended"] == "true"
    clients.send("webhooks", json.dumps({**event, "replayed": "true"}))
    system.consume("webhooks", {"Records": aws.take("webhooks")})
    assert rows(aws) == []


@pytest.mark.slow
@pytest.mark.peers
def test_an_erasure_tells_before_the_grants_are_gone(aws, receiver, shop, admin):
    _, ended = through(shop)
    with without_delays():
        assert admin.call("DELETE", "/users/U1").status == 202
        clock.tick(minutes=2)
        run_jobs(aws)
    assert grants(aws) == []
    (row,) = rows(aws)
    assert (row["id"], row["type"], "event_id" in row) == (ended, "user.deleted", False)
    system.invoke("every_five_minutes", HOUR)
    system.consume("deliveries", {"Records": aws.take("deliveries")})
    assert sids(receiver) == [ended]


def test_no_grant_goes_before_its_client_can_be_told(aws, receiver, shop, admin):
    through(shop)
    with throttling(clients.client("dynamodb"), lambda _: True), pytest.raises(Unavailable):
        oauth.erase("U1", webhooks.tell_of_removal)
    assert len(grants(aws)) == 1


def withdraw(aws, party: RelyingParty) -> None:
    """Ada withdraws what she allowed a client, which the fan-out is told."""
    api = ApiClient(consent_routes)
    api.sign_in("U1", user=accounts.people().get("U1"))
    before = aws.rows("users")[0]
    assert api.call("DELETE", f"/me/consents/{party.id}").status == 204
    tell(aws, before, aws.rows("users")[0])


@pytest.mark.slow
@pytest.mark.peers
def test_a_withdrawn_consent_ends_all_sessions_at_the_client(aws, receiver, shop):
    """Its grants are gone by then. So the token names no session, and the delivery has the event's own id."""
    others = RelyingParty({"backchannel_logout_uri": receiver.url})
    for times in (1, 2):
        through(others)
        through(shop)
        withdraw(aws, others)
        assert len(receiver.received) == times
        claims = claims_of(parse_qs(receiver.received[-1].body.decode())["logout_token"][0])
        assert (claims["sub"], claims["aud"], "sid" in claims) == ("U1", others.id, False)
    assert {(row["type"], row["state"], "session_id" in row) for row in rows(aws)} == {
        ("consent.revoked", "delivered", False)
    }


@pytest.mark.slow
@pytest.mark.peers
def test_a_client_that_wants_nothing_is_told_of_no_withdrawal(aws, receiver, shop):
    silent = RelyingParty()
    through(silent)
    withdraw(aws, silent)
    assert (rows(aws), receiver.received) == ([], [])
