"""What delivers to hosts of others' choice opens the secrets of webhooks, and reads no root of the stage's keys."""

from __future__ import annotations

import json

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.crypto import app_keys
from chalicelib.core.crypto.app_key_rotation import rotate_app_keys
from chalicelib.core.errors import Transient
from chalicelib.core.names import ISOLATED
from chalicelib.webhooks.model import CLAIM_SECONDS
from tests.cloudlike import NAMES
from tests.environment import REGION
from tests.functional.delivering import attempt, happened, publish, rows, webhook
from tests.functional.rotated import Rotated

pytestmark = pytest.mark.usefixtures("held_clock")

NAME = NAMES.of("app-keys")


def secrets(stage):
    return stage.session.client("secretsmanager", region_name=REGION)


def unlabel(stage) -> None:
    """Leave the secret as a version of before had it: roots alone."""
    stages = secrets(stage).describe_secret(SecretId=NAME)["VersionIdsToStages"]
    for label in ISOLATED.values():
        (bearer,) = (version for version, labels in stages.items() if label in labels)
        secrets(stage).update_secret_version_stage(SecretId=NAME, VersionStage=label, RemoveFromVersionId=bearer)
    clients.clear()


def test_a_delivery_reads_the_keys_of_webhooks_alone(stage, receiver):
    webhook(receiver)
    publish(stage, happened())
    clients.clear()
    with telemetry.recording() as calls:
        attempt(stage)
    (read,) = calls.of("GetSecretValue")
    assert read.parameters == {"SecretId": NAME, "VersionStage": "WEBHOOKS"}
    assert len(receiver.received) == 1


def test_what_the_version_of_webhooks_holds_is_none_of_another_purpose(stage):
    held = app_keys.labelled("WEBHOOKS")
    assert held.keys() == {"1"}
    assert app_keys.opening_key("webhooks", "1") == app_keys.key_for("webhooks", "1")
    assert "k" * 64 not in json.dumps(held)


def test_before_the_first_rotation_deliveries_wait_and_none_is_lost(stage, receiver):
    """A stage of before has no version for webhooks until the rotation that its update begins."""
    webhook(receiver)
    publish(stage, happened())
    records = stage.take("deliveries")
    unlabel(stage)
    with pytest.raises(Transient, match="1 records of deliveries must come again"):
        attempt(stage, records)
    assert (receiver.received, stage.take("deliveries-dlq")) == ([], [])
    assert [row["state"] for row in rows(stage)] == ["waiting"]
    Rotated(rotate_app_keys, NAME).rotate(1)
    clock.tick(seconds=CLAIM_SECONDS + 1)
    attempt(stage, records)
    assert len(receiver.received) == 1
    assert [row["state"] for row in rows(stage)] == ["delivered"]


def test_under_a_root_that_an_operator_wrote_deliveries_wait_for_the_next_rotation(stage, receiver):
    secrets(stage).put_secret_value(SecretId=NAME, SecretString=json.dumps({"1": "k" * 64, "2": "n" * 64}))
    clients.clear()
    webhook(receiver)
    publish(stage, happened())
    records = stage.take("deliveries")
    with pytest.raises(Transient, match="1 records of deliveries must come again"):
        attempt(stage, records)
    assert stage.take("deliveries-dlq") == []
    Rotated(rotate_app_keys, NAME).rotate(1)
    clock.tick(seconds=CLAIM_SECONDS + 1)
    attempt(stage, records)
    assert [row["state"] for row in rows(stage)] == ["delivered"]
