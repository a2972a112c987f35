"""Amazon Cognito: `InitiateAuth` with the flow USER_PASSWORD_AUTH, which a client of the user pool asks for unsigned.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from chalicelib.core import wire
from chalicelib.core.errors import Malformed
from chalicelib.migration.claims import person_in
from chalicelib.migration.verdicts import WRONG, NoVerdict, OldSystemDown, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.old_system import OldSystem
    from chalicelib.core.outbound.safe_http import Answer
    from chalicelib.migration.verdicts import Question

FACTORS = {"SMS_MFA": "sms", "SOFTWARE_TOKEN_MFA": "totp", "EMAIL_OTP": "email"}
"""The second factors, by the challenges that ask for them."""

AFTER_PASSWORD = frozenset({*FACTORS, "SELECT_MFA_TYPE", "MFA_SETUP"})
"""The challenges that this flow answers a right password with: it begins with the password, so each of them comes after
it. NEW_PASSWORD_REQUIRED does too, and is none: the password was temporary, chosen by an administrator, and good for
nothing but to choose another."""

REFUSED = frozenset(
    {
        "NotAuthorizedException",
        "UserNotFoundException",
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
        "UserLambdaValidationException",
    }
)
"""The errors that say no of a person: a wrong password, too many of them, or an account that may not sign in."""

BUSY = frozenset({"TooManyRequestsException", "LimitExceededException", "InternalErrorException"})


def request(system: OldSystem, secret: str, question: Question) -> tuple[Mapping[str, str], bytes]:
    """The headers and the body of the POST that asks."""
    parameters = {"USERNAME": question.login, "PASSWORD": question.password}
    if secret:
        parameters["SECRET_HASH"] = _secret_hash(secret, question.login + system.client_id)
    body = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": system.client_id, "AuthParameters": parameters}
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
    }
    return headers, wire.to_json(body).encode()


def verdict(answer: Answer) -> Verdict:
    """What the answer says. Raises NoVerdict."""
    try:
        document = wire.from_json(answer.body, "Cognito's answer")
    except Malformed as error:
        raise NoVerdict(error.detail) from error
    if not isinstance(document, dict):
        raise NoVerdict("Cognito's answer is no object")
    if answer.status != 200:
        return _refusal(document)
    challenge, result = document.get("ChallengeName"), document.get("AuthenticationResult")
    if isinstance(challenge, str):
        is_right = challenge in AFTER_PASSWORD
        return Verdict(is_right=True, factors=_factors(challenge, document)) if is_right else WRONG
    if isinstance(result, dict) and result.get("AccessToken"):
        return Verdict(is_right=True, person=person_in(result.get("IdToken"), "cognito:username"))
    raise NoVerdict("Cognito gave neither tokens nor a challenge")


def _factors(challenge: str, document: Mapping[str, Any]) -> tuple[str, ...]:
    """The second factors of a person, of whom SELECT_MFA_TYPE lets those with several choose one."""
    parameters = document.get("ChallengeParameters")
    choice = str(parameters.get("MFAS_CAN_CHOOSE", "")) if isinstance(parameters, dict) else ""
    return tuple(name for each, name in FACTORS.items() if each == challenge or f'"{each}"' in choice)


def _refusal(document: dict[str, Any]) -> Verdict:
    """The verdict of an error. A client that is not known, or may not use the flow, is a fault of the setting; of a
    wrong SECRET_HASH the message alone tells, by its words."""
    code = str(document.get("__type", "")).rpartition("#")[2]
    if code in BUSY:
        raise OldSystemDown(f"Cognito answered with {code}")
    if code not in REFUSED or (code == "NotAuthorizedException" and _is_about_client(document)):
        raise NoVerdict(f"Cognito answered with {code or 'an error'}, which is about the user pool's client")
    return WRONG


def _is_about_client(document: dict[str, Any]) -> bool:
    message = str(document.get("message", document.get("Message", ""))).lower()
    return "secret" in message or "client" in message


def _secret_hash(secret: str, content: str) -> str:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash"""
    return base64.b64encode(hmac.digest(secret.encode(), content.encode(), hashlib.sha256)).decode()
