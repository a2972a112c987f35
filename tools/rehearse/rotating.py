"""Rotations of keys while requests are made."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from chalicelib.core.names import ISOLATED
from tools import operate
from tools.rehearse import people
from tools.rehearse.people import ADA, PASSWORD, expect
from tools.rehearse.steps import Failed, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

SIGN_IN_EVERY = 8
"""One of so many requests during a rotation is a sign-in."""
SIGN_IN_UNTIL = 40 * SIGN_IN_EVERY
"""The last request that is a sign-in. A person may begin a hundred sessions an hour with their password, and two
secrets are rotated here."""


@step(needs=("signing-up",), minutes=2, look="the log group of rotate_signing_key; the secret's versions")
def rotating_the_signing_key(rehearsal: Rehearsal) -> Evidence:
    """Two rotations of the signing key fail no request.

    Tokens that were signed before are good after, and people sign in all the while. Secrets Manager does
    the four steps by itself.
    """
    before = _key_ids(rehearsal)
    statuses_of_rotations = [
        _requests_during(rehearsal, lambda: _rotate(rehearsal, "signing-key")) for _ in range(2)
    ]
    after = _key_ids(rehearsal)
    if not set(before[:1]) <= set(after):
        raise Failed("the key that signed is not published any more", before=before, after=after)
    return {
        "requests": [sum(statuses.values()) for statuses in statuses_of_rotations],
        "failed": 0,
        "before": before,
        "after": after,
    }


@step(needs=("signing-up",), minutes=1, look="the function that rotates app-keys, and its log group")
def rotating_the_app_keys(rehearsal: Rehearsal) -> Evidence:
    """A rotation of the app's keys fails no request.

    Links, cursors and refresh tokens of before stay good.
    """
    return {
        "requests": sum(_requests_during(rehearsal, lambda: _rotate(rehearsal, "app-keys")).values()),
        "failed": 0,
    }


@step(
    needs=("deploying",),
    aws_only="the local cloud holds no policy against the label of a secret",
    look="on_delivery in infra/policies.py; the versions of the secret app-keys and their labels",
)
def who_delivers_reads_no_root(rehearsal: Rehearsal) -> Evidence:
    """What talks to hosts of others' choice reads the keys of webhooks and no root.

    IAM's policy simulator is asked for the role of `on_delivery`: the version under the label is allowed, the current
    one is not, nor is a request that names no label, as one by a version's id.
    """
    function = rehearsal.names.of("on_delivery")
    role = rehearsal.client("lambda").get_function_configuration(FunctionName=function)["Role"]
    secret = rehearsal.client("secretsmanager").describe_secret(SecretId=rehearsal.names.of("app-keys"))["ARN"]
    expected = {ISOLATED["webhooks"]: "allowed", "AWSCURRENT": "implicitDeny", "": "implicitDeny"}
    decisions = {label: _decision(rehearsal, role, secret, label) for label in expected}
    if decisions != expected:
        raise Failed("on_delivery may read other keys than those of webhooks", decided=decisions)
    return {"decided": decisions}


def _decision(rehearsal: Rehearsal, role: str, secret: str, label: str) -> str:
    """IAM's decision on a request of that role for the secret's version under a label; an empty label names none.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html"""
    context_entry = {
        "ContextKeyName": "secretsmanager:VersionStage",
        "ContextKeyValues": [label],
        "ContextKeyType": "string",
    }
    reply = rehearsal.client("iam").simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=["secretsmanager:GetSecretValue"],
        ResourceArns=[secret],
        ContextEntries=[context_entry] if label else [],
    )
    (result,) = reply["EvaluationResults"]
    return str(result["EvalDecision"])


def _key_ids(rehearsal: Rehearsal) -> list[str]:
    reply = rehearsal.api.call("GET", "/.well-known/jwks.json")
    return [key["kid"] for key in expect(reply, 200, what="the key set")["keys"]]


def _requests_during(rehearsal: Rehearsal, rotate: Callable[[], None]) -> dict[int, int]:
    """Make requests during a rotation, and for a while after it. Returns how many were answered with each status.
    Raises Failed where a request was refused, and any exception of the rotation."""
    person = people.ada(rehearsal)
    errors: list[BaseException] = []

    def rotating() -> None:
        try:
            rotate()
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=rotating)
    thread.start()
    statuses: dict[int, int] = {}
    requests = 0
    while thread.is_alive() or requests < rehearsal.sizes.rotation_requests:
        requests += 1
        status = _request(rehearsal, person, signs_in=requests % SIGN_IN_EVERY == 0 and requests <= SIGN_IN_UNTIL)
        statuses[status] = statuses.get(status, 0) + 1
        rehearsal.pause(0.1)
    thread.join()
    if errors:
        raise errors[0]
    if any(status >= 400 for status in statuses):
        raise Failed("requests failed beside a rotation", statuses={str(k): v for k, v in statuses.items()})
    return statuses


def _request(rehearsal: Rehearsal, person: Any, *, signs_in: bool) -> int:
    if signs_in:
        return int(rehearsal.api.call("POST", "/sessions", {"email": ADA, "password": PASSWORD}).status)
    return int(person.call("GET", "/me").status)


def _rotate(rehearsal: Rehearsal, secret: str) -> None:
    """Have Secrets Manager rotate a secret, and wait until that has ended. Secrets Manager in the local cloud does not
    invoke the function. There its steps are invoked, as the deployment does it for the first key."""
    if rehearsal.local:
        operate.rotate(rehearsal.stage, secret)
        return
    client, name = rehearsal.client("secretsmanager"), rehearsal.names.of(secret)
    version = client.rotate_secret(SecretId=name, RotateImmediately=True)["VersionId"]

    def look() -> bool:
        labels = client.describe_secret(SecretId=name)["VersionIdsToStages"].get(version, [])
        return "AWSCURRENT" in labels and "AWSPENDING" not in labels

    rehearsal.until(look, f"the end of the rotation of {secret}", 4)
