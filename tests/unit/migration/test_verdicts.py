"""What each kind of old system is asked, and what its answers mean."""

from __future__ import annotations

import base64
import json
from email.message import Message
from urllib.parse import parse_qs

import jwt
import pytest
from standardwebhooks import Webhook

from chalicelib.core.old_system import OldSystem, parse
from chalicelib.core.outbound.safe_http import Answer
from chalicelib.migration import cognito, endpoint, password_grant
from chalicelib.migration.claims import person_in
from chalicelib.migration.verdicts import NoVerdict, OldSystemDown, Question, Verdict

QUESTION = Question("ada", "ada@maths.example", "U1", "violet otter")


def system(**members: object) -> OldSystem:
    return parse(json.dumps({"url": "https://old.example/", **members}))


COGNITO = system(kind="cognito", client_id="c1")
GRANT = system(kind="password-grant", client_id="c1", audience="https://api.example")


def answer(document: object, status: int = 200) -> Answer:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Answer(status, Message(), body)  # type: ignore[arg-type]


def token(**claims: object) -> str:
    return jwt.encode(claims, "k" * 32, "HS256")


def test_cognito_is_asked_without_a_signature():
    headers, body = cognito.request(COGNITO, "", QUESTION)
    assert headers["X-Amz-Target"] == "AWSCognitoIdentityProviderService.InitiateAuth"
    assert json.loads(body) == {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": "c1",
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": "violet otter"},
    }


def test_a_client_of_a_user_pool_proves_its_secret():
    """As OpenSSL has it: `printf adac1 | openssl dgst -sha256 -hmac s3cret -binary | base64`."""
    _, body = cognito.request(COGNITO, "s3cret", QUESTION)
    assert json.loads(body)["AuthParameters"]["SECRET_HASH"] == "CP9ui0HGb+nUuVDYPiede9+I9Ml4d4S3i2TS27Hc80s="


@pytest.mark.parametrize(
    ("challenge", "right", "factors"),
    [
        ("SMS_MFA", True, ("sms",)),
        ("SOFTWARE_TOKEN_MFA", True, ("totp",)),
        ("EMAIL_OTP", True, ("email",)),
        ("SELECT_MFA_TYPE", True, ("sms", "totp")),
        ("MFA_SETUP", True, ()),
        ("NEW_PASSWORD_REQUIRED", False, ()),
        ("SELECT_CHALLENGE", False, ()),
        ("CUSTOM_CHALLENGE", False, ()),
        ("PASSWORD_VERIFIER", False, ()),
    ],
)
def test_a_challenge_counts_where_it_follows_the_password(challenge, right, factors):
    choice = {"MFAS_CAN_CHOOSE": '["SMS_MFA","SOFTWARE_TOKEN_MFA"]'} if challenge == "SELECT_MFA_TYPE" else {}
    document = {"ChallengeName": challenge, "Session": "s", "ChallengeParameters": choice}
    assert cognito.verdict(answer(document)) == Verdict(is_right=right, factors=factors)


def test_cognitos_tokens_say_who_it_is():
    claims = {"sub": "s1", "cognito:username": "u1", "email": "ada@maths.example", "email_verified": True}
    result = {"AccessToken": "a", "IdToken": token(**claims, given_name="Ada", family_name="Lovelace")}
    person = cognito.verdict(answer({"AuthenticationResult": result})).person
    assert (person["id"], person["email"], person["email_verified"]) == ("u1", "ada@maths.example", True)
    assert person["name"] == "Ada Lovelace"
    assert person["attributes"] == {"given_name": "Ada", "family_name": "Lovelace"}


@pytest.mark.parametrize(
    ("code", "message", "outcome"),
    [
        ("NotAuthorizedException", "Incorrect username or password.", False),
        ("NotAuthorizedException", "Password attempts exceeded", False),
        ("NotAuthorizedException", "User is disabled.", False),
        ("com.amazonaws#UserNotFoundException", "User does not exist.", False),
        ("UserNotConfirmedException", "", False),
        ("PasswordResetRequiredException", "", False),
        ("UserLambdaValidationException", "PreAuthentication failed", False),
        ("NotAuthorizedException", "Unable to verify secret hash for client c1", NoVerdict),
        (
            "NotAuthorizedException",
            "Client c1 is configured with secret but SECRET_HASH was not received",
            NoVerdict,
        ),
        ("InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client", NoVerdict),
        ("ResourceNotFoundException", "User pool client c1 does not exist.", NoVerdict),
        ("TooManyRequestsException", "Rate exceeded", OldSystemDown),
    ],
)
def test_cognitos_errors_are_about_a_person_or_about_us(code, message, outcome):
    document = answer({"__type": code, "message": message}, 400)
    if outcome is False:
        assert cognito.verdict(document) == Verdict(is_right=False)
        return
    with pytest.raises(NoVerdict) as failure:
        cognito.verdict(document)
    assert type(failure.value) is outcome


def test_a_token_endpoint_is_asked_by_a_form():
    _, body = password_grant.request(GRANT, "s3cret&", QUESTION)
    assert parse_qs(body.decode()) == {
        "grant_type": ["password"],
        "username": ["ada"],
        "password": ["violet otter"],
        "client_id": ["c1"],
        "client_secret": ["s3cret&"],
        "scope": ["openid profile email"],
        "audience": ["https://api.example"],
    }
    _, body = password_grant.request(system(kind="password-grant", client_id="c1", realm="db"), "", QUESTION)
    assert parse_qs(body.decode())["grant_type"] == ["http://auth0.com/oauth/grant-type/password-realm"]


@pytest.mark.parametrize(
    ("status", "document", "outcome"),
    [
        (200, {"access_token": "a"}, Verdict(is_right=True)),
        (200, {"access_token": "a", "id_token": "no.token"}, Verdict(is_right=True)),
        (200, {"access_token": "a", "id_token": "a.!.b"}, Verdict(is_right=True)),
        (200, {"access_token": "a", "id_token": "a.W10.b"}, Verdict(is_right=True)),
        (403, {"error": "mfa_required", "mfa_token": "m"}, Verdict(is_right=True, factors=("mfa",))),
        (400, {"error": "invalid_grant"}, Verdict(is_right=False)),
        (
            401,
            {"error": "invalid_grant", "error_description": "Invalid user credentials"},
            Verdict(is_right=False),
        ),
        (403, {"error": "access_denied"}, Verdict(is_right=False)),
        (401, {"error": "password_leaked"}, Verdict(is_right=False)),
        (429, {"error": "too_many_attempts"}, Verdict(is_right=False)),
        (429, {"error": "too_many_requests"}, OldSystemDown),
        (429, b"slow down", OldSystemDown),
        (401, {"error": "invalid_client"}, NoVerdict),
        (400, {"error": "unauthorized_client"}, NoVerdict),
        (200, {"error": "invalid_grant"}, NoVerdict),
        (200, {}, NoVerdict),
        (200, [], NoVerdict),
        (307, b"", NoVerdict),
        (403, b"<p>blocked by a firewall</p>", NoVerdict),
    ],
)
def test_what_a_token_endpoint_answers(status, document, outcome):
    if isinstance(outcome, Verdict):
        assert password_grant.verdict(answer(document, status)) == outcome
        return
    with pytest.raises(NoVerdict) as failure:
        password_grant.verdict(answer(document, status))
    assert type(failure.value) is outcome


SECRET = f"whsec_{base64.b64encode(b'k' * 32).decode()}"


def test_an_endpoint_can_tell_that_we_ask():
    headers, body = endpoint.request(system(kind="endpoint"), SECRET, QUESTION)
    asked = Webhook(SECRET).verify(body.decode(), dict(headers))
    assert asked == {"email": "ada@maths.example", "password": "violet otter", "user_id": "U1"}
    _, body = endpoint.request(system(kind="endpoint"), SECRET, Question("ada", "ada@maths.example", "", "x"))
    assert json.loads(body)["user_id"] is None


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!", base64.b64encode(b"k" * 32).decode(), "whsec_a2V5"])
def test_a_secret_that_can_sign_nothing_asks_nobody(secret):
    with pytest.raises(OldSystemDown):
        endpoint.request(system(kind="endpoint"), secret, QUESTION)


def test_an_endpoint_says_who_it_is_and_which_factors_they_have():
    person = {"name": "Ada", "roles": ["admin"], "metadata": {"plan": "gold"}}
    document = {"valid": True, "person": person, "second_factors": ["totp", 7, "A B", *["x"] * 20]}
    verdict = endpoint.verdict(answer(document))
    assert (verdict.is_right, verdict.person) == (True, {"name": "Ada"})
    assert verdict.factors[0] == "totp"
    assert len(verdict.factors) == 8
    assert endpoint.verdict(answer({"valid": True, "person": "Ada"})) == Verdict(is_right=True)
    assert endpoint.verdict(answer({"valid": False, "person": person})) == Verdict(is_right=False)


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (204, b""),
        (401, {"valid": False}),
        (200, {}),
        (200, {"valid": "true"}),
        (200, {"valid": 1}),
        (200, []),
        (200, b"{"),
    ],
)
def test_an_endpoint_that_does_not_keep_the_contract_gives_no_verdict(status, document):
    with pytest.raises(NoVerdict):
        endpoint.verdict(answer(document, status))


@pytest.mark.parametrize("document", [b"<html>", [], {}, {"AuthenticationResult": {}}])
def test_what_is_no_answer_of_cognito_gives_no_verdict(document):
    with pytest.raises(NoVerdict):
        cognito.verdict(answer(document))


def test_a_question_and_a_verdict_print_no_secret():
    assert "violet" not in repr(QUESTION)
    assert "Ada" not in repr(Verdict(is_right=True, person={"name": "Ada"}))


def test_claims_become_fields():
    claims = {
        "sub": "auth0|7",
        "email": "a@b.example",
        "email_verified": "false",
        "birthdate": "1815-12-10",
        "name": "",
    }
    assert person_in(token(**claims, picture="https://p.example/a.png", roles=["admin"]), "sub") == {
        "id": "auth0|7",
        "email": "a@b.example",
        "email_verified": False,
        "birthdate": "1815-12-10",
        "attributes": {"picture": "https://p.example/a.png"},
    }
    assert person_in(None, "sub") == {}
