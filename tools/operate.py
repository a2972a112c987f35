"""What an operator does to a running stage, through IAM-authorised invocations of its own functions."""

from __future__ import annotations

import json
import os
import uuid
from typing import TYPE_CHECKING, Any

from chalicelib.core.names import ISOLATED
from chalicelib.core.settings import admin_second_factor
from infra import stage as stages
from tools import cloud, localcloud
from tools.console import Problem

if TYPE_CHECKING:
    from infra.stage import Stage

ROTATION_STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


INVOKED_SECONDS = 900
"""The longest time that any function may run."""


def chosen(name: str) -> Stage:
    """The stage of that name, to be operated. The local stage is the one of `make run`, unless the environment names
    another endpoint. Raises StageError where there is no such stage, Problem where nothing is running."""
    stage = stages.load(name)
    if stage.emulated and "AWS_ENDPOINT_URL" not in os.environ:
        os.environ.update(localcloud.variables_of(localcloud.RUN))
    return stage


def invoke(stage: Stage, function: str, event: dict[str, Any]) -> Any:
    """Invoke a function of the stage and return its answer. Raises Problem with its error."""
    answer = cloud.client("lambda", INVOKED_SECONDS).invoke(
        FunctionName=stage.names.of(function), Payload=json.dumps(event).encode(), InvocationType="RequestResponse"
    )
    payload = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        raise Problem(f"{function} failed: {payload.get('errorMessage', payload)}")
    return payload


def make_signing_key(stage: Stage) -> None:
    """Make the stage's first signing key, as the rotation schedule does where there is one; nothing if it has one."""
    secrets = cloud.client("secretsmanager")
    if not json.loads(secrets.get_secret_value(SecretId=stage.names.of("signing-key"))["SecretString"]):
        rotate(stage, "signing-key")


def make_isolated_keys(stage: Stage) -> None:
    """Make the keys of isolated purposes where no rotation schedule does, by a first rotation; nothing if they are
    there."""
    described = cloud.client("secretsmanager").describe_secret(SecretId=stage.names.of("app-keys"))
    labels = {label for version in described["VersionIdsToStages"].values() for label in version}
    # A rotation schedule has begun its own rotation. A second one beside it would make keys of other roots.
    if not described.get("RotationEnabled") and not labels.issuperset(ISOLATED.values()):
        rotate(stage, "app-keys")


def rotate(stage: Stage, secret: str) -> None:
    """Invoke the four steps of a secret's rotation, as Secrets Manager does in a rotation."""
    token = str(uuid.uuid4())
    for step in ROTATION_STEPS:
        event = {"SecretId": stage.names.of(secret), "ClientRequestToken": token, "Step": step}
        invoke(stage, f"rotate_{secret.replace('-', '_')}", event)


def reapply_erasures(stage: Stage, since: str = "") -> tuple[int, int]:
    """Run every erasure since that time again; all erasures, if it is empty. Returns the number of erasures, and the
    number of people whom the restore had brought back."""
    event: dict[str, Any] = {"since": since} if since else {}
    erasures = returned = 0
    while True:
        reply = invoke(stage, "reapply_erasures", event)
        erasures, returned = erasures + reply["erasures"], returned + reply["returned"]
        if reply["next"] is None:
            return erasures, returned
        event["after"] = reply["next"]


def needs_second_factor(stage: Stage) -> bool:
    """Whether administrators of the stage need a second factor for everything they do."""
    return admin_second_factor(stage.name, stage.settings) == "required"


def make_administrator(stage: Stage, email: str) -> dict[str, str]:
    """Make the first administrator: `{id, email, password}`; the password is shown this once."""
    administrator: dict[str, str] = invoke(stage, "create_admin", {"email": email})
    return administrator
