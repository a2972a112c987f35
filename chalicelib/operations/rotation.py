"""The keys of a stage: how old they are, and having new ones made. No value of a secret is read here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.core import clock, ids
from chalicelib.core.aws import clients
from chalicelib.core.aws.invocations import invoke
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.names import SECRETS
from chalicelib.core.settings import settings

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
"""https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-lambda-function-overview.html"""

UNDER_WAY = frozenset({"InvalidRequestException"})
"""The code with which Secrets Manager refuses a rotation while another one is not finished."""


def keys() -> list[dict[str, Any]]:
    """Every key's `name`, when it was made, rotated, and will be by its schedule, and that schedule in days."""
    return [_described(name) for name in SECRETS]


def _described(name: str) -> dict[str, Any]:
    secret = clients.client("secretsmanager").describe_secret(SecretId=settings().names.of(name))
    is_scheduled = bool(secret.get("RotationEnabled"))
    return {
        "name": name,
        "made_at": _time(secret.get("CreatedDate")),
        "changed_at": _time(secret.get("LastChangedDate")),
        "rotated_at": _time(secret.get("LastRotatedDate")),
        "next_rotation_at": _time(secret.get("NextRotationDate")) if is_scheduled else None,
        "is_scheduled": is_scheduled,
        "rotation_days": secret.get("RotationRules", {}).get("AutomaticallyAfterDays") if is_scheduled else None,
    }


def _time(moment: float | datetime | None) -> str | None:
    if moment is None:
        return None
    return clock.timestamp(moment) if isinstance(moment, datetime) else clock.timestamp_of(int(moment))


def rotate(name: str) -> dict[str, str]:
    """Have a new key made: `{name, rotation}`, which is `started` where Secrets Manager does it in its own time, `done`
    where the stage has no schedule and the function's steps were run here.

    Raises NotFound where there is no such key, Conflict where a rotation of it is under way.
    """
    if name not in SECRETS:
        raise NotFound(f"there is no such key, only {', '.join(SECRETS)}")
    secrets, secret_id = clients.client("secretsmanager"), settings().names.of(name)
    if secrets.describe_secret(SecretId=secret_id).get("RotationEnabled"):
        try:
            secrets.rotate_secret(SecretId=secret_id)
        except ClientError as error:
            if error.response["Error"]["Code"] not in UNDER_WAY:
                raise
            raise Conflict(
                "a rotation of it is under way, or failed: the log of its function says how far"
            ) from None
        return {"name": name, "rotation": "started"}
    token = ids.new_secret()
    for step in STEPS:
        event = {"SecretId": secret_id, "ClientRequestToken": token, "Step": step}
        invoke(f"rotate_{name.replace('-', '_')}", event)
    return {"name": name, "rotation": "done"}
