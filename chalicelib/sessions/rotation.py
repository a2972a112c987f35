"""`rotate_signing_key`: a new token-signing key, without one failed request, in the four steps of Secrets Manager.

Each rotation promotes the key that has been published since the one before, publishes a new one, and keeps the old
one until its last token is dead. Every step can be repeated.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-lambda-function-overview.html
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.core import clients, clock, logs, wire
from chalicelib.core.errors import Conflict, Malformed
from chalicelib.core.settings import settings
from chalicelib.sessions import keys

if TYPE_CHECKING:
    from collections.abc import Callable

PUBLISHED_BEFORE = timedelta(hours=24)
"""How long a key is published before it signs. API Gateway's JWT authorizers, the slowest verifiers we know of, keep
keys for two hours: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html"""

KEPT_AFTER = timedelta(hours=24)
"""How long a key is published after it signed last: far above a token's 15 minutes and our caches' 5."""

UNFINISHED = timedelta(hours=1)
"""The most time between a rotation's first and last step: the two periods above count from the first."""


def rotate_signing_key(event: dict[str, Any]) -> None:
    """Do one step of a rotation: `{"SecretId", "ClientRequestToken", "Step"}`.

    A secret that holds no key yet gets its first ones. Raises Malformed for an event of another shape, Conflict where
    a rotation is finished more than an hour after it began: its version is given up then, for as long as one is
    pending Secrets Manager tries that again and begins no other.
    """
    try:
        step, secret_id, token = _STEPS[event["Step"]], event["SecretId"], event["ClientRequestToken"]
    except (KeyError, TypeError) as error:
        raise Malformed("not a step of a rotation") from error
    step(str(secret_id), str(token))
    logs.info("signing key rotation", step=event["Step"])


def following(secret: dict[str, Any]) -> dict[str, Any]:
    """The secret's next content. Where its next key is not published for long enough yet, that one keeps waiting.

    A key keeps its algorithm for life; the one that is made here has the algorithm of the setting. So a change of it
    reaches the signatures with the second rotation from then on, and the keys of both verify meanwhile.
    """
    now, made_at = clock.now(), clock.timestamp()
    current, upcoming = secret.get("current"), secret.get("next")
    if not current:
        first, second = keys.generate(settings().signing_alg), keys.generate(settings().signing_alg)
        return {"made_at": made_at, "current": first, "next": second, "previous": []}
    previous = [key for key in secret.get("previous", []) if clock.parse(key["retired_at"]) > now - KEPT_AFTER]
    if upcoming and clock.parse(upcoming["published_at"]) <= now - PUBLISHED_BEFORE:
        previous = [{**current, "retired_at": made_at}, *previous]
        current, upcoming = upcoming, None
    return {
        "made_at": made_at,
        "current": current,
        "next": upcoming or keys.generate(settings().signing_alg),
        "previous": previous,
    }


def _create(secret_id: str, token: str) -> None:
    if _read(secret_id, VersionId=token) is not None:
        return
    present = _read(secret_id, VersionStage="AWSCURRENT") or {}
    clients.client("secretsmanager").put_secret_value(
        SecretId=secret_id,
        ClientRequestToken=token,
        SecretString=wire.to_json(following(present)),
        VersionStages=["AWSPENDING"],
    )


def _set(_secret_id: str, _token: str) -> None:
    """There is no other place that has to learn of the key."""


def _test(secret_id: str, token: str) -> None:
    """Raises what signing or verifying raises, where a key of the pending version cannot do it."""
    import jwt

    for key in keys.parse(_pending(secret_id, token)).all:
        signed = jwt.encode({"sub": "rotation"}, key.private, algorithm=key.alg)
        jwt.decode(signed, jwt.PyJWK(key.jwk()), algorithms=[key.alg])


def _finish(secret_id: str, token: str) -> None:
    secrets = clients.client("secretsmanager")
    stages = secrets.describe_secret(SecretId=secret_id)["VersionIdsToStages"]
    current = next((version for version, labels in stages.items() if "AWSCURRENT" in labels), None)
    is_late = current != token and clock.parse(_pending(secret_id, token)["made_at"]) < clock.now() - UNFINISHED
    if current != token and not is_late:
        moved = {"RemoveFromVersionId": current} if current else {}
        secrets.update_secret_version_stage(
            SecretId=secret_id, VersionStage="AWSCURRENT", MoveToVersionId=token, **moved
        )
    if "AWSPENDING" in stages.get(token, ()):
        # Else a value that an operator puts later makes Secrets Manager take this rotation for an unfinished one.
        secrets.update_secret_version_stage(
            SecretId=secret_id, VersionStage="AWSPENDING", RemoveFromVersionId=token
        )
    if is_late:
        raise Conflict("this rotation began too long ago: begin another")


_STEPS: dict[str, Callable[[str, str], None]] = {
    "createSecret": _create,
    "setSecret": _set,
    "testSecret": _test,
    "finishSecret": _finish,
}


def _pending(secret_id: str, token: str) -> dict[str, Any]:
    secret = _read(secret_id, VersionId=token)
    if secret is None:
        raise Conflict("this rotation has not created its version yet")
    return secret


def _read(secret_id: str, **version: str) -> dict[str, Any] | None:
    """One version of the secret, or None where it has no value yet."""
    try:
        answer = clients.client("secretsmanager").get_secret_value(SecretId=secret_id, **version)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    secret: dict[str, Any] = json.loads(answer["SecretString"])
    return secret
