"""The ways to sign in, through the deployed stage."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pyotp

from tests.cloud.people import PASSWORD, register
from tests.cloud.stage import eventually
from tools.api import Api

ORIGIN = "http://localhost:8000"
"""Of the stage's `PUBLIC_URL`."""


def enter(deployed, email: str, **fields: object):
    return deployed.anyone.call("POST", "/sessions", {"email": email, "password": PASSWORD, **fields})


def told_of_devices(deployed, email: str) -> int:
    return sum("on a device that was not used before" in text for text in deployed.mails_to(email))


def test_a_new_device_is_mailed_and_a_known_one_is_not(deployed):
    register(deployed, "travels@example.com")
    device = enter(deployed, "travels@example.com").body["device"]
    eventually(lambda: told_of_devices(deployed, "travels@example.com") == 1, "the mail of the new device")
    assert enter(deployed, "travels@example.com", device=device).status == 201
    enter(deployed, "travels@example.com")
    eventually(lambda: told_of_devices(deployed, "travels@example.com") == 2, "the mail of the second one")


def test_a_browser_goes_on_by_its_cookie(deployed):
    register(deployed, "browses@example.com")
    body = {"email": "browses@example.com", "password": PASSWORD, "browser": True}
    entered = deployed.anyone.call("POST", "/sessions", body, Origin=ORIGIN)
    assert (entered.status, "refresh_token" in entered.body) == (201, False)
    name, _, rest = entered.headers["Set-Cookie"].partition("=")
    assert name == "__Host-rollcall_refresh"
    cookie = f"{name}={rest.partition(';')[0]}"
    refused = deployed.anyone.call("POST", "/sessions/refresh", {}, Cookie=cookie, Origin="https://evil.example")
    assert refused.status == 403
    refreshed = deployed.anyone.call("POST", "/sessions/refresh", {}, Cookie=cookie, Origin=ORIGIN)
    assert refreshed.status == 200
    person = Api(deployed.anyone.url, refreshed.body["access_token"], deployed.anyone.host)
    signed_out = person.call("DELETE", "/sessions/current", Cookie=cookie)
    assert (signed_out.status, "Max-Age=0" in signed_out.headers["Set-Cookie"]) == (204, True)


def test_a_second_factor_is_asked_for_and_proves_again(deployed):
    person = register(deployed, "doubly@example.com")
    app = pyotp.TOTP(person.call("POST", "/me/totp").body["secret"])
    last = app.timecode(datetime.now(UTC))
    assert person.call("POST", "/me/totp/confirm", {"otp": app.generate_otp(last - 1)}).status == 204
    asked = enter(deployed, "doubly@example.com")
    assert (asked.status, asked.body["type"]) == (401, "factor-required")
    entered = enter(deployed, "doubly@example.com", otp=app.generate_otp(last))
    assert entered.status == 201, entered.body
    stepping = {"otp": app.generate_otp(last + 1)}
    again = Api(person.url, entered.body["access_token"], person.host)
    assert again.call("POST", "/sessions/current/step-up", {"password": PASSWORD}).status == 401
    assert again.call("POST", "/sessions/current/step-up", stepping).status == 204


def test_a_mailed_code_signs_in(deployed):
    register(deployed, "forgetful@example.com")
    assert deployed.anyone.call("POST", "/sessions/email", {"email": "forgetful@example.com"}).status == 202
    text = deployed.mail_to("forgetful@example.com", containing="/account/code#token=")
    token = re.search(r"/account/code#token=(\S+)", text)[1]
    answer = deployed.anyone.call("POST", "/sessions/email/confirm", {"code": token})
    assert answer.status == 201, answer.body


def test_a_challenge_for_passkeys_is_given_and_a_made_up_answer_refused(deployed):
    options = deployed.anyone.call("POST", "/sessions/passkey/options")
    assert (options.status, "challenge" in options.body) == (200, True)
    assert deployed.anyone.call("POST", "/sessions/passkey", {"response": {"id": "x"}}).status == 401
