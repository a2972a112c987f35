"""People who use the deployed API as its users do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from chalicelib.core.ids import digest_of
from chalicelib.profile.email_keys import email_key
from tools.rehearse.steps import Failed, step

if TYPE_CHECKING:
    from tools.api import Answer, Api
    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

ADA = "success+ada@simulator.amazonses.com"
"""SES's simulator takes mails with any label after the `+`, and simulates the outcome that the local part names:
https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html"""

PASSWORD = "the rehearsal of a whole backend"

FALSE_PASSWORD = "not the password of anybody"


def expect(answer: Answer, *statuses: int, what: str) -> Any:
    """The body of an answer with one of these statuses. Raises Failed for another status."""
    if answer.status not in statuses:
        request_id = answer.headers.get("X-Request-Id") or answer.headers.get("x-amzn-RequestId", "")
        raise Failed(f"{what} was answered {answer.status}: {answer.body}", f"the API's log, request {request_id}")
    return answer.body


def register(rehearsal: Rehearsal, email: str, **fields: Any) -> Api:
    """Register a person, confirm with the token of the mail, and sign in. Returns the API with the person's token."""
    registration = {"email": email, "password": PASSWORD, **fields}
    expect(rehearsal.api.call("POST", "/users", registration), 202, what="registering")
    intent = rehearsal.until(
        lambda: _intent(rehearsal, email),
        f"the stream of intents, for a registration of {email},",
        3,
        f"the log group /aws/lambda/{rehearsal.names.of('on_intent')}",
    )
    confirmation = {"token": rehearsal.hide(_token(rehearsal, intent)), "password": PASSWORD}
    expect(rehearsal.api.call("POST", "/users/confirm", confirmation), 201, what="confirming")
    signed_in = rehearsal.api.signed_in(email, PASSWORD)
    rehearsal.hide(signed_in.token)
    return signed_in


def _intent(rehearsal: Rehearsal, email: str) -> str | None:
    """The id of the intent of an email address, once `on_intent` has listed it; None before."""
    intent_rows = rehearsal.client("dynamodb").query(
        TableName=rehearsal.names.of("intents"),
        IndexName="account-index",
        KeyConditionExpression="account = :account",
        ExpressionAttributeValues={":account": {"S": digest_of(email_key(email))}},
    )["Items"]
    return max((row["id"]["S"] for row in intent_rows), default=None)


def _token(rehearsal: Rehearsal, intent_id: str) -> str:
    """The mailed token of an intent. Mails of a rehearsal go to SES's simulator, where nobody can read them. But the
    owner of the stage's secrets can make the same token."""
    from chalicelib.core.crypto import links

    os.environ |= {
        "STAGE": rehearsal.stage.name,
        "ACCOUNT_ID": rehearsal.account,
        "AWS_REGION": rehearsal.region,
        "PUBLIC_URL": rehearsal.stage.settings["PUBLIC_URL"],
        "MAIL_FROM": f"rollcall@{rehearsal.mail_domain}",
    }
    return links.mint("confirm", intent_id)


@step(needs=("deploying",), look="the log groups of the API and of on_intent")
def signing_up(rehearsal: Rehearsal) -> Evidence:
    """A person signs up, confirms and signs in.

    HTTP, the stream of intents, the secret of links, the transaction that makes a person, password hashing within
    API Gateway's 29 seconds, and a token signed with the first key.
    """
    signed_in = register(rehearsal, ADA, name="Ada Lovelace", age=36)
    me = expect(signed_in.call("GET", "/me"), 200, what="GET /me")
    if (me["name"], me["email_verified"]) != ("Ada Lovelace", True):
        raise Failed("the person is another than registered")
    rehearsal.facts["ada id"] = me["id"]
    return {"id": me["id"]}


@step(needs=("signing-up",), look="the API's log")
def changing_a_profile(rehearsal: Rehearsal) -> Evidence:
    """A profile is changed, once for each version.

    `PATCH` by JSON merge patch, `ETag` and `If-Match` through API Gateway.
    """
    person = ada(rehearsal)
    etag = person.call("GET", "/me").headers["ETag"]
    expect(person.call("PATCH", "/me", {"name": "Ada King"}, If_Match=etag), 200, what="PATCH /me")
    expect(person.call("PATCH", "/me", {"name": "Ada"}, If_Match=etag), 412, what="PATCH /me with an old ETag")
    return {"etag": etag}


FAILURES = 4
"""False passwords that are tried: fewer than make an account wait (`free_password_attempts`)."""


@step(needs=("signing-up",), look="the API's log, and the floor FAILED_SIGN_IN_MILLISECONDS")
def a_false_password(rehearsal: Rehearsal) -> Evidence:
    """A false password is refused as one.

    With 401 and a problem document, within the time that API Gateway waits. Asked a few times, because an execution's
    first failure also loads what it needs.
    """
    attempt, seconds = {"email": ADA, "password": FALSE_PASSWORD}, []
    for _ in range(FAILURES):
        started = rehearsal.now()
        body = expect(
            rehearsal.api.call("POST", "/sessions", attempt), 401, what="signing in with a false password"
        )
        seconds.append(round(rehearsal.now() - started, 2))
    return {"type": body["type"], "seconds": seconds}


@step(needs=("signing-up",), look="chalicelib/accounts/model.py, what keys are derived from a name")
def the_longest_name(rehearsal: Rehearsal) -> Evidence:
    """A name that grows when it is folded is taken, or refused as invalid.

    31 characters of U+FDFA fold to more than the 1,024 bytes of a key, which DynamoDB refuses.
    """
    answer = ada(rehearsal).call("PATCH", "/me", {"name": "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 31})
    expect(answer, 200, 422, what="PATCH /me with the longest name")
    return {"status": answer.status}


def ada(rehearsal: Rehearsal) -> Api:
    """The API with a new token of the person who signed up: tokens last for ten minutes."""
    signed_in = rehearsal.api.signed_in(ADA, PASSWORD)
    rehearsal.hide(signed_in.token)
    return signed_in
