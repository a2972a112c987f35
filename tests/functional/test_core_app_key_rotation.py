"""Rotations of `app-keys`: what was made before holds for ever, what is made next is known to every process first."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.crypto import app_keys, links, seals
from chalicelib.core.crypto.app_key_rotation import rotate_app_keys
from chalicelib.core.errors import Conflict, Gone, Malformed
from chalicelib.core.http import cursors
from tests.builders import PASSWORD
from tests.cloudlike import NAMES
from tests.environment import REGION
from tests.functional.delivering import attempt, happened, publish, webhook
from tests.functional.enrolled import app_of
from tests.functional.factors import an_owner
from tests.functional.faults import Crash, crashing
from tests.functional.importing import StateMachines
from tests.functional.rotated import Rotated
from tests.functional.serial import one_call_at_a_time
from tests.functional.visitors import Visitor
from tools.operate import ROTATION_STEPS

pytestmark = pytest.mark.usefixtures("held_clock")

NAME = NAMES.of("app-keys")
ROTATED = Rotated(rotate_app_keys, NAME)
step, rotate = ROTATED.step, ROTATED.rotate


def put(cloud, **keys) -> None:
    """Write the secret, as an operator does."""
    secrets = cloud.session.client("secretsmanager", region_name=REGION)
    secrets.put_secret_value(
        SecretId=NAME, SecretString=json.dumps({name.strip("k"): key for name, key in keys.items()})
    )


def kept(cloud) -> dict:
    secrets = cloud.session.client("secretsmanager", region_name=REGION)
    return json.loads(secrets.get_secret_value(SecretId=NAME, VersionStage="AWSCURRENT")["SecretString"])


def rotated_twice() -> None:
    """Two rotations, each of which is in use afterwards; every process goes on with what it read in between."""
    for number in (1, 2):
        clock.tick(days=1)
        rotate(number)
        clock.tick(hours=1)
    assert app_keys.current_key_id() == "3"


def test_links_codes_and_cursors_survive_two_rotations(aws):
    token, cursor = links.mint("confirm", "I1"), cursors.seal({"id": "U1"}, "/users")
    rotate(1)
    clock.tick(hours=1)
    code = links.short_code("code", "R1")
    rotate(2)
    clock.tick(hours=1)
    assert app_keys.current_key_id() == "3"
    assert links.redeem("confirm", token) == "I1"
    assert cursors.open_sealed(cursor, "/users") == {"id": "U1"}
    assert links.is_short_code("code", "R1", code)
    assert links.mint("confirm", "I1").split(".")[1] == "3"


@pytest.mark.slow
def test_sessions_and_second_factors_survive_two_rotations(aws):
    ada = an_owner(password=PASSWORD)
    signed_in = Visitor()
    assert signed_in.enter("u1@maths.example").status == 201
    app = app_of(signed_in)
    rotated_twice()
    assert signed_in.refresh().status == 200
    assert signed_in.call("GET", "/me/factors").body["totp"]
    proof = {"email": "u1@maths.example", "password": PASSWORD, "otp": app.code()}
    assert Visitor().call("POST", "/sessions", proof).status == 201
    assert ada.person["id"] == "U1"


def test_webhooks_are_signed_with_their_secrets_after_two_rotations(stage, receiver):
    _, secret = webhook(receiver)
    rotated_twice()
    publish(stage, happened())
    attempt(stage)
    (received,) = receiver.received
    moment = datetime.fromtimestamp(int(received.headers["webhook-timestamp"]), UTC)
    expected = Webhook(secret).sign(received.headers["webhook-id"], moment, received.body.decode())
    assert received.headers["webhook-signature"] == expected


@pytest.mark.slow
def test_a_file_that_is_imported_again_after_a_rotation_is_of_the_same_people(aws):
    rows = json.dumps([{"name": "Ada Lovelace", "age": 36}, {"name": "Grace Hopper", "age": 85}]).encode()
    with one_call_at_a_time():
        state_machines = StateMachines(aws)
        state_machines.drop(rows, "imports/first.json")
        before = {row["id"] for row in aws.rows("users")}
        rotated_twice()
        state_machines.drop(rows, "imports/again.json")
    assert {row["id"] for row in aws.rows("users")} == before
    assert len(before) == 2


def test_a_new_key_makes_nothing_before_every_process_has_read_it(aws):
    assert app_keys.current_key_id() == "1"
    rotate(1)
    assert kept(aws).keys() == {"1", "2"}
    clients.clear()
    assert app_keys.current_key_id() == "1"
    clock.tick(minutes=59)
    assert app_keys.current_key_id() == "1"
    clock.tick(minutes=1)
    assert app_keys.current_key_id() == "2"


def test_a_process_that_goes_on_hears_of_a_new_key_within_five_minutes(aws):
    links.mint("confirm", "I1")
    put(aws, k1="k" * 64, k2="n" * 64)
    assert app_keys.current_key_id() == "1"
    clock.tick(minutes=5)
    assert app_keys.current_key_id() == "2"


def test_a_process_reads_again_for_a_key_that_it_does_not_know_but_not_for_each(aws):
    put(aws, k1="k" * 64, k2="n" * 64)
    clients.clear()
    token = links.mint("confirm", "I1")
    put(aws, k1="k" * 64)
    clients.clear()
    links.mint("confirm", "I1")
    put(aws, k1="k" * 64, k2="n" * 64)
    clock.tick(seconds=10)
    assert links.redeem("confirm", token) == "I1"
    clock.tick(seconds=10)
    with telemetry.recording() as calls:
        for number in range(50, 150):
            with pytest.raises(Gone, match="this link is not valid"):
                links.redeem("confirm", f"I1.{number}.{'A' * 43}")
    assert len(calls.of("GetSecretValue")) == 1


@pytest.mark.parametrize("repeats", [1, 2])
def test_each_step_can_be_repeated(aws, repeats):
    rotate(1, repeats)
    rotate(1)
    assert kept(aws).keys() == {"1", "2"}
    assert len(kept(aws)["2"]["key"]) == 64


def test_a_key_that_waits_is_waited_for(aws):
    rotate(1)
    clock.tick(minutes=55)
    rotate(2)
    assert kept(aws).keys() == {"1", "2"}
    clock.tick(minutes=5)
    rotate(3)
    assert kept(aws).keys() == {"1", "2", "3"}


CALLS = [
    ("createSecret", "GetSecretValue", 0),
    ("createSecret", "GetSecretValue", 1),
    ("createSecret", "PutSecretValue", 0),
    ("setSecret", "GetSecretValue", 0),
    ("setSecret", "DescribeSecret", 0),
    ("setSecret", "PutSecretValue", 0),
    ("setSecret", "UpdateSecretVersionStage", 0),
    ("testSecret", "GetSecretValue", 0),
    ("testSecret", "GetSecretValue", 1),
    ("testSecret", "GetSecretValue", 2),
    ("finishSecret", "DescribeSecret", 0),
    ("finishSecret", "GetSecretValue", 0),
    ("finishSecret", "GetSecretValue", 1),
    ("finishSecret", "UpdateSecretVersionStage", 0),
    ("finishSecret", "UpdateSecretVersionStage", 1),
]
"""Every AWS call of a rotation."""


def test_every_call_of_a_rotation_is_known(aws):
    made = []
    for name in ROTATION_STEPS:
        with telemetry.recording() as record:
            step(name, 1)
        made += [(name, operation) for operation in record.names]
    assert made == [(name, operation) for name, operation, _ in CALLS]


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("at", "operation", "skip"), CALLS)
def test_a_rotation_that_crashes_goes_on_where_it_was(aws, at, operation, skip, after):
    token, sealed = links.mint("confirm", "I1"), seals.seal("webhooks", b"secret", "W1")
    for name in ROTATION_STEPS[: ROTATION_STEPS.index(at)]:
        step(name, 1)
    with crashing("secretsmanager", operation, after=after, skip=skip), pytest.raises(Crash):
        step(at, 1)
    clients.clear()
    assert links.redeem("confirm", token) == "I1"
    assert seals.opened("webhooks", sealed, "W1") == b"secret"
    rotate(1)
    clock.tick(hours=1)
    assert kept(aws).keys() == {"1", "2"}
    assert links.mint("confirm", "I1").split(".")[1] == "2"
    assert links.redeem("confirm", token) == "I1"
    assert seals.opened("webhooks", sealed, "W1") == b"secret"
    assert seals.opened("webhooks", seals.seal("webhooks", b"another", "W1"), "W1") == b"another"
    assert {"WEBHOOKS": app_keys.labelled("WEBHOOKS")} == app_keys.isolated(kept(aws))


def test_webhooks_have_the_key_of_a_root_before_it_is_current(aws):
    for name in ROTATION_STEPS[:-1]:
        step(name, 1)
        assert kept(aws).keys() == {"1"}
    assert app_keys.labelled("WEBHOOKS").keys() == {"1", "2"}


def test_a_step_that_comes_late_takes_no_key_from_webhooks(aws):
    rotate(1)
    clock.tick(hours=1)
    rotate(2)
    step("setSecret", 1)
    assert app_keys.labelled("WEBHOOKS").keys() == {"1", "2", "3"}


def test_two_rotations_at_once_leave_webhooks_the_keys_of_the_one_that_goes_on(aws):
    for number in (1, 2):
        step("createSecret", number)
        step("setSecret", number)
    with pytest.raises(Conflict, match="shows other keys"):
        step("testSecret", 1)
    rotate(2)
    assert {"WEBHOOKS": app_keys.labelled("WEBHOOKS")} == app_keys.isolated(kept(aws))


def test_a_key_of_a_rotation_that_was_given_up_seals_no_webhook(aws):
    step("createSecret", 1)
    step("setSecret", 1)
    clock.tick(hours=1)
    sealed = seals.seal("webhooks", b"secret", "W1")
    with pytest.raises(Conflict, match="this rotation began too long ago"):
        step("finishSecret", 1)
    rotate(2)
    clock.tick(hours=1)
    assert seals.opened("webhooks", sealed, "W1") == b"secret"
    assert seals.opened("webhooks", seals.seal("webhooks", b"another", "W1"), "W1") == b"another"


def test_a_rotation_that_was_left_lying_is_given_up(aws):
    """Its key would be used before every process has read it."""
    step("createSecret", 1)
    clock.tick(hours=1)
    with pytest.raises(Conflict, match="this rotation began too long ago"):
        step("finishSecret", 1)
    assert kept(aws).keys() == {"1"}
    rotate(2)
    assert kept(aws).keys() == {"1", "2"}


def test_a_key_that_an_operator_adds_meanwhile_is_not_lost(aws):
    step("createSecret", 1)
    put(aws, k1="k" * 64, k7="n" * 64)
    with pytest.raises(Conflict, match="would be lost"):
        step("testSecret", 1)
    assert kept(aws).keys() == {"1", "7"}


def test_a_secret_that_was_emptied_is_not_filled_with_a_key_that_opens_nothing(aws):
    put(aws)
    with pytest.raises(Conflict, match="holds no key"):
        step("createSecret", 1)


def test_events_of_another_shape_are_refused(aws):
    for event in ({}, {"Step": "createSecret"}, {"Step": "x", "SecretId": NAME, "ClientRequestToken": "y"}, None):
        with pytest.raises(Malformed, match="not a step of a rotation"):
            rotate_app_keys(event)
