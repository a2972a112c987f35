"""An old system that is asked at first sign-ins: a user pool of Cognito, made for it and deleted again."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from chalicelib.core import old_system
from chalicelib.core.outbound import safe_http
from chalicelib.migration import cognito
from chalicelib.migration.verdicts import NoVerdict, Question
from tools.rehearse.steps import Failed, step

if TYPE_CHECKING:
    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

PERSON, OTHER = "ada@moved.example", "grace@moved.example"

EXPECTED = {
    "the right password": "right",
    "a wrong password": "wrong",
    "nobody's address": "wrong",
    "a temporary password": "wrong",
    "a wrong client secret": "no verdict",
    "a client without the flow": "no verdict",
}
"""What first sign-ins make of Cognito's answers."""


@step(
    needs=("deploying",),
    aws_only="the local cloud answers by other errors than Cognito",
    look="chalicelib/migration/cognito.py",
)
def a_user_pool_is_asked(rehearsal: Rehearsal) -> Evidence:
    """A user pool of Cognito answers as first sign-ins expect.

    A pool with two people and two clients, asked as `MIGRATION` has it, without credentials: by the right password,
    wrong ones, a temporary one, and as a client that may not ask.
    """
    client = rehearsal.client("cognito-idp")
    pool = client.create_user_pool(
        PoolName=rehearsal.names.of("old-system"),
        UsernameAttributes=["email"],
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
    )["UserPool"]["Id"]
    try:
        outcomes = _outcomes(rehearsal, client, pool)
    finally:
        client.delete_user_pool(UserPoolId=pool)
    return checked(outcomes)


def checked(outcomes: dict[str, str]) -> Evidence:
    """The outcomes as evidence. Raises Failed where one is another than first sign-ins expect."""
    if differing := sorted(case for case, outcome in outcomes.items() if outcome != EXPECTED[case]):
        raise Failed(f"Cognito answers otherwise than is expected: {', '.join(differing)}", **outcomes)
    return dict(outcomes)


def _outcomes(rehearsal: Rehearsal, client: Any, pool: str) -> dict[str, str]:
    password, temporary = (rehearsal.hide(f"Aa1!{secrets.token_urlsafe(16)}") for _ in range(2))
    for email, chosen in ((PERSON, password), (OTHER, temporary)):
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        client.admin_create_user(
            UserPoolId=pool, Username=email, UserAttributes=attributes, MessageAction="SUPPRESS"
        )
        client.admin_set_user_password(
            UserPoolId=pool, Username=email, Password=chosen, Permanent=chosen == password
        )
    asking, secret = _client(client, pool, "ALLOW_USER_PASSWORD_AUTH", secret=True)
    without_flow, _ = _client(client, pool, "ALLOW_USER_SRP_AUTH", secret=False)
    rehearsal.hide(secret)
    region = rehearsal.region
    return {
        "the right password": _outcome(region, asking, secret, PERSON, password),
        "a wrong password": _outcome(region, asking, secret, PERSON, temporary),
        "nobody's address": _outcome(region, asking, secret, "nobody@moved.example", password),
        "a temporary password": _outcome(region, asking, secret, OTHER, temporary),
        "a wrong client secret": _outcome(region, asking, "not the secret", PERSON, password),
        "a client without the flow": _outcome(region, without_flow, "", PERSON, password),
    }


def _client(client: Any, pool: str, flow: str, *, secret: bool) -> tuple[str, str]:
    """A client of the pool that may use the flow: its id, and its secret if it has one."""
    pool_client = client.create_user_pool_client(
        UserPoolId=pool,
        ClientName=flow,
        GenerateSecret=secret,
        ExplicitAuthFlows=[flow, "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    return str(pool_client["ClientId"]), str(pool_client.get("ClientSecret", ""))


def _outcome(region: str, client_id: str, secret: str, login: str, password: str) -> str:
    """What a first sign-in makes of the answer: `right`, `wrong` or `no verdict`. A right password whose tokens say
    nothing of the person is `nameless`."""
    system = old_system.parse(json.dumps({"kind": "cognito", "region": region, "client_id": client_id}))
    headers, body = cognito.request(system, secret, Question(login, login, "", password))
    answer = safe_http.fetch("POST", system.url, headers, body, limit=64 * 1024, local=False)
    try:
        verdict = cognito.verdict(answer)
    except NoVerdict:
        return "no verdict"
    if not verdict.is_right:
        return "wrong"
    return "right" if verdict.person.get("email") == login and verdict.person.get("id") else "nameless"
