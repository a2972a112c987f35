"""Second factors through the deployed stage: enrolled, signed in with, removed, and told by mail."""

from __future__ import annotations

import time

import pyotp

from tests.authenticator import Authenticator
from tests.cloud.people import PASSWORD, register
from tests.cloud.stage import eventually
from tools.api import Api


def test_a_life_with_second_factors(deployed):
    email = "factors@example.com"
    person = register(deployed, email)
    secret = person.call("POST", "/me/totp").body["secret"]
    code = pyotp.TOTP(secret).at(time.time())
    assert person.call("POST", "/me/totp/confirm", {"otp": code}).status == 204
    codes = person.call("POST", "/me/recovery-codes").body["recovery_codes"]
    assert "second factors" in deployed.mail_to(email, containing="second factors")

    credentials = {"email": email, "password": PASSWORD}
    asked = deployed.anyone.call("POST", "/sessions", credentials)
    assert (asked.status, asked.body["type"]) == (401, "factor-required")
    assert asked.body["factors"] == ["recovery_code", "totp"]
    used = deployed.anyone.call("POST", "/sessions", {**credentials, "otp": code})
    assert used.status == 401
    following = pyotp.TOTP(secret).at(time.time(), counter_offset=1)
    assert deployed.anyone.call("POST", "/sessions", {**credentials, "otp": following}).status == 201
    with_paper = {**credentials, "recovery_code": codes[0]}
    assert deployed.anyone.call("POST", "/sessions", with_paper).status == 201
    assert deployed.anyone.call("POST", "/sessions", with_paper).status == 401

    authenticator = Authenticator(origin=deployed.stage.settings["PUBLIC_URL"])
    made = authenticator.create(person.call("POST", "/me/passkeys/options").body)
    passkey = person.call("POST", "/me/passkeys", {"name": "Laptop", "response": made})
    assert passkey.status == 201, passkey.body
    asked = deployed.anyone.call("POST", "/sessions/passkey/options")
    signed_in = deployed.anyone.call("POST", "/sessions/passkey", {"response": authenticator.get(asked.body)})
    assert signed_in.status == 201, signed_in.body

    assert person.call("DELETE", "/me/totp").status == 204
    assert person.call("DELETE", f"/me/passkeys/{passkey.body['id']}").status == 204
    assert person.call("GET", "/me/factors").body == {"totp": None, "recovery_codes": None, "passkeys": []}
    assert deployed.anyone.call("POST", "/sessions", credentials).status == 201


def test_an_administrator_lets_somebody_in_who_lost_their_factor(deployed):
    lost, helper = register(deployed, "lost@example.com"), register(deployed, "helper@example.com")
    secret = lost.call("POST", "/me/totp").body["secret"]
    assert lost.call("POST", "/me/totp/confirm", {"otp": pyotp.TOTP(secret).now()}).status == 204
    helper_id, lost_id = (api.call("GET", "/me").body["id"] for api in (helper, lost))
    assert deployed.strong_admin.call("PUT", f"/users/{helper_id}/roles", {"roles": ["admin"]}).status == 200
    assert helper.call("DELETE", f"/users/{lost_id}/factors").status == 204
    api = eventually(lambda: signed_in(deployed.anyone, "lost@example.com"), "signing in with the password alone")
    assert api.call("GET", "/me/factors").body["totp"] is None
    assert deployed.admin.call("PUT", f"/users/{helper_id}/roles", {"roles": []}).status == 200


def signed_in(anyone: Api, email: str) -> Api | None:
    answer = anyone.call("POST", "/sessions", {"email": email, "password": PASSWORD})
    return Api(anyone.url, answer.body["access_token"], anyone.host) if answer.status == 201 else None
