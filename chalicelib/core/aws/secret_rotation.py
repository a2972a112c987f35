"""The four steps in which Secrets Manager rotates a secret. Each can be repeated, also after a crash within it.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-lambda-function-overview.html
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from botocore.exceptions import ClientError

from chalicelib.core import clock, logs, wire
from chalicelib.core.aws import clients
from chalicelib.core.errors import Conflict, Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

Content = TypeVar("Content", bound="Mapping[str, Any]")
"""The JSON object that a secret holds."""


@dataclass(frozen=True)
class Rotation(Generic[Content]):
    """How one secret is rotated."""

    next_content: Callable[[Content], Content]
    """Returns the next content, from the current one, which is empty where the secret has no value yet."""
    check: Callable[[Content], None]
    """Raises where a content cannot be used."""
    made_at: Callable[[Content], str]
    """Returns when a content was made."""
    unfinished: timedelta
    """The most time between a rotation's first and last step."""
    beside: Callable[[Content], Mapping[str, Mapping[str, Any]]] | None = None
    """Returns the versions that stand beside a content, derived from it, by their staging labels. The same content
    always has the same ones."""

    def step(self, event: dict[str, Any]) -> None:
        """Do one step: `{"SecretId", "ClientRequestToken", "Step"}`.

        Raises Malformed for an event of another shape, Conflict where a rotation is finished too long after it began.
        Its version then loses the label AWSPENDING: while a version has it, Secrets Manager tries that rotation again
        and begins no other.
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
        current = cast("Content", _read(secret_id, VersionStage="AWSCURRENT") or {})
        clients.client("secretsmanager").put_secret_value(
            SecretId=secret_id,
            ClientRequestToken=token,
            SecretString=wire.to_json(self.next_content(current)),
            VersionStages=["AWSPENDING"],
        )

    def _set(self, secret_id: str, token: str) -> None:
        if self.beside is None:
            return  # no other service has to be given the new content
        for label, content in self.beside(self._pending(secret_id, token)).items():
            _label_version(secret_id, token, label, content)

    def _test(self, secret_id: str, token: str) -> None:
        self.check(self._pending(secret_id, token))

    def _finish(self, secret_id: str, token: str) -> None:
        secrets = clients.client("secretsmanager")
        stages = secrets.describe_secret(SecretId=secret_id)["VersionIdsToStages"]
        current = next((version for version, labels in stages.items() if "AWSCURRENT" in labels), None)
        is_late = current != token and self._is_late(self._pending(secret_id, token))
        if current != token and not is_late:
            moved = {"RemoveFromVersionId": current} if current else {}
            secrets.update_secret_version_stage(
                SecretId=secret_id, VersionStage="AWSCURRENT", MoveToVersionId=token, **moved
            )
        if "AWSPENDING" in stages.get(token, ()):
            # Otherwise, when an operator puts a value later, Secrets Manager takes this rotation for an unfinished one.
            secrets.update_secret_version_stage(
                SecretId=secret_id, VersionStage="AWSPENDING", RemoveFromVersionId=token
            )
        if is_late:
            raise Conflict("this rotation began too long ago: begin another")

    def _is_late(self, pending: Content) -> bool:
        return clock.parse(self.made_at(pending)) < clock.now() - self.unfinished

    def _pending(self, secret_id: str, token: str) -> Content:
        secret = _read(secret_id, VersionId=token)
        if secret is None:
            raise Conflict("this rotation has not created its version yet")
        return cast("Content", secret)


def _label_version(secret_id: str, token: str, label: str, content: Mapping[str, Any]) -> None:
    """Put a version of that content under a staging label, while the rotation of that token is pending.

    The version is first put under a temporary label; then the label is moved to it from the version that has it. That
    works in AWS and in the local cloud, whose `PutSecretValue` does not take a label from another version.
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


def _read(secret_id: str, **version: str) -> dict[str, Any] | None:
    """One version of the secret, or None where it has no value yet."""
    try:
        reply = clients.client("secretsmanager").get_secret_value(SecretId=secret_id, **version)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    secret: dict[str, Any] = json.loads(reply["SecretString"])
    return secret
