"""Somebody signs in on a television: it shows a code, and they answer elsewhere (RFC 8628)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib import accounts
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.crypto import app_keys
from chalicelib.core.crypto.app_key_rotation import rotate_app_keys
from chalicelib.core.settings import settings
from chalicelib.oauth.device.model import LETTERS, row_ids_of
from chalicelib.oauth.device.store import NotWaiting, devices
from chalicelib.oauth.metadata_routes import discovery
from tests.builders import PASSWORD, a_user
from tests.cloudlike import NAMES
from tests.functional.apps import ApiClient
from tests.functional.faults import listening
from tests.functional.relying_party import ISSUER, PersonsBrowser, RelyingParty, claims_of, entered
from tests.functional.rotated import Rotated

if TYPE_CHECKING:
    from tests.functional.apps import Answer

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
USUAL: dict[str, Any] = {
    "type": "public",
    "name": "Television",
    "redirect_uris": [],
    "grant_types": [GRANT_TYPE, "refresh_token"],
}


class Television(RelyingParty):
    """An application on a device without a browser. `shown` is what it got last."""

    def __init__(self, **registered: Any) -> None:
        super().__init__({**USUAL, **registered})
        self.shown: dict[str, Any] = {}

    def begin(self, **fields: str) -> Answer:
        answer = self.send("/oauth2/device", {"scope": "openid email offline_access", **fields})
        if answer.status == 200:
            self.shown = answer.body
        return answer

    def poll(self, **fields: str) -> Answer:
        usual = {"grant_type": GRANT_TYPE, "device_code": self.shown["device_code"]}
        return self.send("/oauth2/token", {**usual, **fields})

    def error(self, **fields: str) -> str:
        answer = self.poll(**fields)
        assert answer.status == 400, answer.body
        return str(answer.body["error"])


def answered(browser: PersonsBrowser, code: str, allow: bool | None = None) -> Answer:
    """What the page gets that sends a code, and the person's word where there is one."""
    body = {"user_code": code} if allow is None else {"user_code": code, "allow": allow}
    return browser.call("POST", "/oauth2/device/approve", body)


@pytest.fixture
def ada(aws):
    return a_user(id="U1", email=ADA, name="Ada", password=PASSWORD)


@pytest.fixture
def browser(ada):
    return entered(ADA)


@pytest.fixture
def television(aws):
    device = Television()
    assert device.begin().status == 200
    return device


@pytest.mark.slow
@pytest.mark.peers
def test_a_television_shows_a_code_and_gets_tokens_once_somebody_allowed_it(aws, browser, television):
    shown = television.shown
    assert re.fullmatch(rf"[{LETTERS}]{{4}}-[{LETTERS}]{{4}}", shown["user_code"])
    assert shown["verification_uri"] == f"{ISSUER}/account/device"
    assert shown["verification_uri_complete"] == f"{ISSUER}/account/device?user_code={shown['user_code']}"
    assert (shown["expires_in"], shown["interval"]) == (600, 5)
    assert television.error() == "authorization_pending"
    asked = answered(browser, shown["user_code"]).body["consent"]
    assert (asked["client"]["name"], asked["scopes"]) == ("Television", ["openid", "email", "offline_access"])
    clock.tick(seconds=5)
    assert television.error() == "authorization_pending"
    assert answered(browser, shown["user_code"], allow=True).body == {"allowed": True}
    clock.tick(seconds=5)
    tokens = television.poll()
    assert tokens.status == 200, tokens.body
    claims = claims_of(tokens.body["id_token"])
    assert (claims["sub"], claims["aud"], claims["email"]) == ("U1", television.id, ADA)
    assert television.userinfo(tokens.body["access_token"]).body["email"] == ADA
    assert television.refresh(tokens.body["refresh_token"]).status == 200
    assert television.error() == "invalid_grant"
    person = accounts.people().get("U1")
    assert person["consents"][television.id]["scopes"] == ["email", "offline_access", "openid"]
    assert [row["id"] for row in aws.rows("grants") if row["id"].startswith("device#")] == []


def test_nothing_that_proves_something_is_kept(aws, television):
    kept = json.dumps(aws.rows("grants"), default=str)
    assert television.shown["device_code"] not in kept
    assert television.shown["user_code"] not in kept
    assert television.shown["user_code"].replace("-", "") not in kept


def test_who_says_no_is_not_asked_again(browser, television):
    code = television.shown["user_code"]
    assert answered(browser, code, allow=False).body["allowed"] is False
    assert television.error() == "access_denied"
    assert answered(browser, code, allow=True).status == 410
    assert television.error() == "access_denied"
    assert "consents" not in accounts.people().get("U1")


@pytest.mark.slow
@pytest.mark.peers
def test_a_code_is_typed_as_people_type(browser, television):
    letters = television.shown["user_code"].replace("-", "")
    for typed in (letters.lower(), f" {letters[:4]} {letters[4:]} ", f"{letters[:4]}\N{EN DASH}{letters[4:]}"):
        assert answered(browser, typed).status == 200, typed
    for typed in ("", "BCDF", letters + "B", letters[:-1] + "A", letters[:-1] + "é", "x" * 40):
        assert answered(browser, typed).status == 404, typed
    assert answered(browser, "x" * 41).status == 422


@pytest.mark.slow
@pytest.mark.peers
def test_a_client_that_asks_too_often_is_slowed_down_each_time_more(aws, television):
    assert television.error() == "authorization_pending"
    assert television.error() == "slow_down"
    clock.tick(seconds=9)
    assert television.error() == "slow_down"
    clock.tick(seconds=15)
    assert television.error() == "authorization_pending"
    for _ in range(20):
        assert television.error() == "slow_down"
    (row,) = [row for row in aws.rows("grants") if row["id"].startswith("device#")]
    assert row["interval"] == 60


def test_codes_are_good_for_ten_minutes(browser, television):
    clock.tick(seconds=600)
    browser.enter(ADA)
    assert answered(browser, television.shown["user_code"]).status == 410
    assert television.error() == "expired_token"


def test_what_was_allowed_is_fetched_in_the_same_ten_minutes(browser, television):
    assert answered(browser, television.shown["user_code"], allow=True).status == 200
    clock.tick(seconds=600)
    assert television.error() == "expired_token"


@pytest.mark.slow
def test_of_two_answers_one_counts(browser, television):
    code = television.shown["user_code"]
    (device,) = [devices().find(_places(code))]
    assert answered(browser, code, allow=True).status == 200
    with pytest.raises(NotWaiting):
        devices().answer(device, None)
    assert television.poll().status == 200


def test_who_allows_what_was_denied_meanwhile_hears_that_it_is_over(browser, television):
    code, raced = television.shown["user_code"], []

    def meanwhile(**_: Any) -> None:
        if not raced:
            raced.append(None)
            raced[0] = answered(browser, code, allow=False)

    with listening(clients.client("dynamodb"), "before-call.dynamodb.TransactWriteItems", meanwhile):
        answer = answered(browser, code, allow=True)
    assert (raced[0].status, answer.status, answer.body["type"]) == (200, 410, "code-over")
    assert browser.call("GET", "/me").body.get("consents") is None
    assert television.error() == "access_denied"


def test_of_two_fetches_one_gets_tokens(aws, browser, television):
    code = television.shown["user_code"]
    assert answered(browser, code, allow=True).status == 200
    device = devices().find(_places(code))
    assert television.poll().status == 200
    with pytest.raises(NotWaiting):
        devices().redeem(device, {"id": "grant#other"})  # type: ignore[typeddict-item]
    assert len([row for row in aws.rows("grants") if row["id"].startswith("grant#")]) == 1


def _places(code: str) -> list[str]:
    return row_ids_of(code)


@pytest.mark.slow
@pytest.mark.peers
def test_a_code_outlives_a_rotation_of_the_key_that_made_it(aws, browser, television):
    """The new key is used an hour after it was made, and codes are good for ten minutes."""
    Rotated(rotate_app_keys, NAMES.of("app-keys")).rotate(2)
    clock.tick(seconds=3550)
    browser.enter(ADA)
    assert television.begin().status == 200
    clock.tick(seconds=60)
    assert app_keys.current_key_id() == "2"
    assert answered(browser, television.shown["user_code"], allow=True).status == 200
    assert television.poll().status == 200


def test_an_answer_wants_a_proof_of_the_last_minutes(browser, television):
    clock.tick(seconds=301)
    refused = answered(browser, television.shown["user_code"], allow=True)
    assert (refused.status, refused.body["type"]) == (401, "step-up-required")


def test_who_signs_out_before_the_device_has_fetched_gives_it_nothing(browser, television):
    assert answered(browser, television.shown["user_code"], allow=True).status == 200
    assert browser.call("DELETE", "/sessions/current").status == 204
    assert television.error() == "invalid_grant"


def test_an_own_application_is_asked_for_too_and_nothing_is_recorded(browser):
    own = Television(first_party=True)
    own.begin()
    assert answered(browser, own.shown["user_code"]).body["consent"]["client"]["first_party"] is True
    assert answered(browser, own.shown["user_code"], allow=True).status == 200
    assert own.poll().status == 200
    assert "consents" not in accounts.people().get("U1")


def test_to_begin_takes_a_read_and_two_writes(television):
    with telemetry.recording() as record:
        television.begin()
    assert record.names == ["GetItem", "UpdateItem", "PutItem"]


def test_to_ask_before_anybody_has_answered_takes_a_read_and_a_write(television):
    with telemetry.recording() as record:
        television.poll()
    assert record.names == ["BatchGetItem", "UpdateItem"]


def test_the_exchange_takes_two_reads_and_one_transaction(browser, television):
    assert answered(browser, television.shown["user_code"], allow=True).status == 200
    with telemetry.recording() as record:
        assert television.poll().status == 200
    assert record.names == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"scope": "openid admin"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"resource": "https://other.example"}, "invalid_target"),
    ],
)
def test_a_device_asks_for_what_its_client_may(television, fields, error):
    answer = television.begin(**fields)
    assert (answer.status, answer.body["error"]) == (400, error)


def test_a_client_without_the_grant_type_begins_nothing(aws):
    shop = RelyingParty()
    answer = shop.send("/oauth2/device", {"scope": "openid"})
    assert (answer.status, answer.body["error"]) == (400, "unauthorized_client")
    stranger = shop.send("/oauth2/device", {"client_id": "rcc_none", "client_secret": None, "scope": "openid"})
    assert (stranger.status, stranger.body["error"]) == (401, "invalid_client")


@pytest.mark.slow
def test_the_tokens_are_for_the_resource_that_was_asked_for(browser):
    device = Television(audiences=["https://api.example"], scopes=["openid", "read"])
    device.begin(scope="openid read", resource="https://api.example")
    assert answered(browser, device.shown["user_code"]).body["consent"]["resource"] == "https://api.example"
    answered(browser, device.shown["user_code"], allow=True)
    claims = claims_of(device.poll().body["access_token"])
    assert (claims["aud"], claims["scope"]) == ("https://api.example", "openid read")


def test_a_network_begins_so_often_in_an_hour(aws, television):
    with settings.held(sign_ins_per_hour=1):
        answer = television.begin()
    assert (answer.status, answer.body["error"]) == (429, "temporarily_unavailable")


def test_the_documents_say_where(aws):
    document = ApiClient(discovery).call("GET", "/.well-known/oauth-authorization-server").body
    assert document["device_authorization_endpoint"] == f"{ISSUER}/oauth2/device"
    assert GRANT_TYPE in document["grant_types_supported"]
