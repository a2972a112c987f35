"""The four steps by which Secrets Manager rotates a secret. Each can be repeated, also after a crash within it.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-lambda-function-overview.html
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.core import clock, logs, wire
from chalicelib.core.aws import clients
from chalicelib.core.errors import Conflict, Malformed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

Secret = dict[str, Any]


@dataclass(frozen=True)
class Rotation:
    """How one secret is rotated."""

    following: Callable[[Secret], Secret]
    """The next content, from the present one."""
    check: Callable[[Secret], None]
    """Raises where a content cannot do what it is for."""
    made_at: Callable[[Secret], str]
    """When a content was made."""
    unfinished: timedelta
    """The most time between a rotation's first and last step."""
    beside: Callable[[Secret], dict[str, Secret]] | None = None
    """What of a content has versions beside it, by their staging labels. The same content gives the same."""

    def step(self, event: dict[str, Any]) -> None:
        """Do one step: `{"SecretId", "ClientRequestToken", "Step"}`.

        Raises Malformed for an event of another shape, Conflict where a rotation is finished too long after it began:
        its version is given up then, for as long as one is pending Secrets Manager tries that again and begins no
        other.
        """
        steps: dict[str, Callable[[str, str], None]] = {
            "createSecret": self._create,
            "setSecret": self._set,
            "testSecret": self._test,
            "finishSecret": self._finish,
        }
        try:
            step, secret_id, token = steps[event["Step"]], event["SecretId"], event["ClientRequestToken"]
        except (KeyError, TypeError) as error:
            raise Malformed("not a step of a rotation") from error
        step(str(secret_id), str(token))
        logs.info("rotation", step=event["Step"])

    def _create(self, secret_id: str, token: str) -> None:
        if _read(secret_id, VersionId=token) is not None:
            return
        present = _read(secret_id, VersionStage="AWSCURRENT") or {}
        clients.client("secretsmanager").put_secret_value(
            SecretId=secret_id,
            ClientRequestToken=token,
            SecretString=wire.to_json(self.following(present)),
            VersionStages=["AWSPENDING"],
        )

    def _set(self, secret_id: str, token: str) -> None:
        if self.beside is None:
            return  # there is no other place that has to learn of a key of ours
        for label, content in self.beside(_pending(secret_id, token)).items():
            _show(secret_id, token, label, content)

    def _test(self, secret_id: str, token: str) -> None:
        self.check(_pending(secret_id, token))

    def _finish(self, secret_id: str, token: str) -> None:
        secrets = clients.client("secretsmanager")
        stages = secrets.describe_secret(SecretId=secret_id)["VersionIdsToStages"]
        current = next((version for version, labels in stages.items() if "AWSCURRENT" in labels), None)
        is_late = current != token and self._is_late(_pending(secret_id, token))
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

    def _is_late(self, pending: Secret) -> bool:
        return clock.parse(self.made_at(pending)) < clock.now() - self.unfinished


def _show(secret_id: str, token: str, label: str, content: Secret) -> None:
    """Have a version of that content bear a label, for as long as the rotation of that token is pending.

    The version is put under a passing label and the other moved by name, which all do alike: the local cloud's
    `PutSecretValue` takes a label from no other version, as AWS does.
    """
    secrets = clients.client("secretsmanager")
    stages = secrets.describe_secret(SecretId=secret_id)["VersionIdsToStages"]
    version = hashlib.sha256(f"{token} {label}".encode()).hexdigest()
    bearer = next((other for other, labels in stages.items() if label in labels), None)
    if bearer == version or "AWSPENDING" not in stages.get(token, ()):
        return
    secrets.put_secret_value(
        SecretId=secret_id,
        ClientRequestToken=version,
        SecretString=wire.to_json(content),
        VersionStages=[f"{label}_NEXT"],
    )
    moved = {"RemoveFromVersionId": bearer} if bearer else {}
    secrets.update_secret_version_stage(SecretId=secret_id, VersionStage=label, MoveToVersionId=version, **moved)


def _pending(secret_id: str, token: str) -> Secret:
    secret = _read(secret_id, VersionId=token)
    if secret is None:
        raise Conflict("this rotation has not created its version yet")
    return secret


def _read(secret_id: str, **version: str) -> Secret | None:
    """One version of the secret, or None where it has no value yet."""
    try:
        answer = clients.client("secretsmanager").get_secret_value(SecretId=secret_id, **version)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    secret: Secret = json.loads(answer["SecretString"])
    return secret
