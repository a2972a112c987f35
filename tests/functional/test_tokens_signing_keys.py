"""Published keys, as other people's libraries read them, and their rotation without one refused token."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError

from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.errors import Conflict, Malformed, Unauthenticated
from chalicelib.core.settings import settings
from chalicelib.tokens import access_tokens, signing_keys
from chalicelib.tokens.key_rotation import rotate_signing_key
from tests.cloudlike import NAMES
from tests.functional.faults import Crash, crashing, failing
from tests.functional.rotated import Rotated
from tests.functional.visitors import Visitor
from tools.operate import ROTATION_STEPS

NAME = NAMES.of("signing-key")
ROTATED = Rotated(rotate_signing_key, NAME)
step, rotate = ROTATED.step, ROTATED.rotate


def start_anew() -> None:
    """Be a process that has read no key yet."""
    signing_keys.keyring.cache_clear()


def published() -> dict[str, Any]:
    return Visitor().call("GET", "/.well-known/jwks.json").body


def kids() -> set[str]:
    return {key["kid"] for key in published()["keys"]}


class Fetched(jwt.PyJWKClient):
    """PyJWT's own client of published keys, which fetches through our routes."""

    def fetch_data(self) -> Any:
        return published()


def test_pyjwt_takes_our_tokens_by_what_we_publish(aws):
    found = Visitor().call("GET", "/.well-known/openid-configuration").body
    assert found["issuer"] == "https://rollcall.example"
    issued = access_tokens.issue({"id": "U1"}, "S1")
    key = Fetched(found["jwks_uri"]).get_signing_key_from_jwt(issued)
    claims = jwt.decode(issued, key, algorithms=["RS256"], audience=found["issuer"], issuer=found["issuer"])
    assert claims["sub"] == "U1"
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]


def test_what_is_published_may_be_kept_for_five_minutes_and_is_public(aws):
    answer = Visitor().call("GET", "/.well-known/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    (key,) = answer.body["keys"]
    assert key.keys() == {"kty", "n", "e", "kid", "alg", "use"}


def test_es256_keys_are_published_and_sign(aws):
    made = signing_keys.generate("ES256")
    secret = json.dumps({"current": made, "next": None, "previous": []})
    clients.client("secretsmanager").put_secret_value(SecretId=NAME, SecretString=secret)
    start_anew()
    issued = access_tokens.issue({"id": "U1"}, "S1")
    assert access_tokens.verify(issued).subject == "U1"
    (key,) = published()["keys"]
    assert (key["kty"], key["crv"], key["alg"]) == ("EC", "P-256", "ES256")
    assert jwt.decode(issued, jwt.PyJWK(key), audience="https://rollcall.example", options={"verify_exp": False})


@pytest.fixture
def empty(aws, held_clock):
    """A stage whose secret holds no key yet, as the template makes it."""
    secrets = aws.session.client("secretsmanager")
    secrets.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)
    secrets.create_secret(Name=NAME, SecretString="{}")
    return aws


@pytest.fixture
def curves():
    """Keys of ES256, which are made in no time."""
    with settings.held(signing_alg="ES256"):
        yield


def labels(label: str) -> list[str]:
    """The versions of the secret that carry a label."""
    stages = clients.client("secretsmanager").describe_secret(SecretId=NAME)["VersionIdsToStages"]
    return [version for version, carried in stages.items() if label in carried]


def empty_the_secret() -> None:
    """As an operator does by `put-secret-value`, in two calls: moto would leave AWSCURRENT on both versions."""
    secrets, version = clients.client("secretsmanager"), f"{99:032}"
    (current,) = labels("AWSCURRENT")
    secrets.put_secret_value(
        SecretId=NAME, SecretString="{}", ClientRequestToken=version, VersionStages=["OPERATOR"]
    )
    secrets.update_secret_version_stage(
        SecretId=NAME, VersionStage="AWSCURRENT", MoveToVersionId=version, RemoveFromVersionId=current
    )


@pytest.mark.slow
def test_a_stage_gets_its_first_keys(empty):
    assert Visitor().call("GET", "/.well-known/jwks.json").status == 503
    rotate(1)
    start_anew()
    assert access_tokens.verify(access_tokens.issue({"id": "U1"}, "S1"))
    assert len(kids()) == 2


@pytest.mark.slow
def test_every_step_can_be_repeated(empty):
    rotate(1, repeats=2)
    start_anew()
    before = kids()
    rotate(1)
    start_anew()
    assert kids() == before


@pytest.mark.slow
def test_no_token_is_refused_during_rotations(empty):
    """A process that keeps what it read, one that starts anew, and a verifier with keys of five minutes ago."""
    rotate(1)
    start_anew()
    kept = signing_keys.keyring()
    for number in (2, 3):
        clock.tick(days=30)
        stale, signed_before = kids(), access_tokens.issue({"id": "U1"}, "S1")
        for name in ROTATION_STEPS:
            step(name, number)
            start_anew()
            assert access_tokens.verify(signed_before)
            fresh = access_tokens.issue({"id": "U1"}, "S1")
            kid = jwt.get_unverified_header(fresh)["kid"]
            assert kid in stale
            assert kept.find(kid)
        clock.tick(seconds=299)
        assert access_tokens.verify(signed_before)
        assert len(kids()) == 3


@pytest.mark.slow
def test_the_key_that_was_published_before_is_the_one_that_signs(empty):
    rotate(1)
    start_anew()
    signing = [signing_keys.keyring().current().kid]
    upcoming = (kids() - {signing[0]}).pop()
    rotate(2)
    start_anew()
    assert signing_keys.keyring().current().kid == signing[0]
    clock.tick(days=1)
    rotate(3)
    start_anew()
    assert signing_keys.keyring().current().kid == upcoming


@pytest.mark.slow
def test_a_removed_key_vouches_for_nothing(empty):
    rotate(1)
    start_anew()
    issued = access_tokens.issue({"id": "U1"}, "S1")
    for number in (2, 3):
        clock.tick(days=30)
        rotate(number)
    start_anew()
    with clock.held(clock.now() - timedelta(days=60)), pytest.raises(Unauthenticated):
        access_tokens.verify(issued)


def test_a_rotation_that_was_left_lying_is_given_up(empty, curves):
    """Secrets Manager tries a pending rotation again, and begins no other while there is one."""
    rotate(1)
    clock.tick(days=2)
    step("createSecret", 2)
    clock.tick(hours=2)
    for _ in range(2):
        with pytest.raises(Conflict, match="this rotation began too long ago"):
            step("finishSecret", 2)
        assert f"{2:032}" not in labels("AWSPENDING")
    rotate(3)
    start_anew()
    assert access_tokens.verify(access_tokens.issue({"id": "U1"}, "S1"))


CALLS = [
    ("createSecret", "GetSecretValue", 0),
    ("createSecret", "GetSecretValue", 1),
    ("createSecret", "PutSecretValue", 0),
    ("testSecret", "GetSecretValue", 0),
    ("finishSecret", "DescribeSecret", 0),
    ("finishSecret", "GetSecretValue", 0),
    ("finishSecret", "UpdateSecretVersionStage", 0),
    ("finishSecret", "UpdateSecretVersionStage", 1),
]
"""Every AWS call of a rotation."""


def test_every_call_of_a_rotation_is_known(empty, curves):
    rotate(1)
    clock.tick(days=30)
    made = []
    for name in ROTATION_STEPS:
        with telemetry.recording() as record:
            step(name, 2)
        made += [(name, operation) for operation in record.names]
    assert made == [(name, operation) for name, operation, _ in CALLS]


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("at", "operation", "skip"), CALLS)
def test_a_rotation_that_crashes_goes_on_where_it_was(empty, curves, at, operation, skip, after):
    """Secrets Manager calls the step again, and every step before it too when it begins the rotation again."""
    rotate(1)
    clock.tick(days=30)
    start_anew()
    upcoming, signed_before = (
        (kids() - {signing_keys.keyring().current().kid}).pop(),
        access_tokens.issue({"id": "U1"}, "S1"),
    )
    for name in ROTATION_STEPS[: ROTATION_STEPS.index(at)]:
        step(name, 2)
    with crashing("secretsmanager", operation, after=after, skip=skip), pytest.raises(Crash):
        step(at, 2)
    start_anew()
    assert access_tokens.verify(access_tokens.issue({"id": "U1"}, "S1"))
    rotate(2)
    start_anew()
    assert signing_keys.keyring().current().kid == upcoming
    assert access_tokens.verify(signed_before)
    assert access_tokens.verify(access_tokens.issue({"id": "U1"}, "S1"))
    assert len(kids()) == 3


@pytest.mark.slow
def test_another_algorithm_comes_with_the_keys_that_are_made_from_then_on(empty):
    """First its key is published, then it signs; tokens of both hold meanwhile."""
    rotate(1)
    signing, algorithms = [], []
    for number in (2, 3, 4):
        clock.tick(hours=24)
        start_anew()
        signed_before = access_tokens.issue({"id": "U1"}, "S1")
        with settings.held(signing_alg="ES256"):
            rotate(number)
        start_anew()
        assert access_tokens.verify(signed_before)
        signed = access_tokens.issue({"id": "U1"}, "S1")
        assert access_tokens.verify(signed)
        signing.append(jwt.get_unverified_header(signed)["alg"])
        algorithms.append({key["alg"] for key in published()["keys"]})
    assert signing == ["RS256", "ES256", "ES256"]
    assert algorithms == [{"RS256", "ES256"}, {"RS256", "ES256"}, {"ES256"}]


def test_a_leaked_key_is_gone_when_the_secret_is_emptied_and_rotated(empty, curves):
    rotate(1)
    start_anew()
    forged = access_tokens.issue({"id": "U1"}, "S1")
    assert labels("AWSPENDING") == []
    empty_the_secret()
    rotate(2)
    start_anew()
    with pytest.raises(Unauthenticated, match="the token does not hold"):
        access_tokens.verify(forged)
    assert access_tokens.verify(access_tokens.issue({"id": "U1"}, "S1"))


def test_steps_out_of_order_and_events_of_another_shape_are_refused(empty):
    for name in ("testSecret", "finishSecret"):
        with pytest.raises(Conflict, match="has not created its version yet"):
            step(name, 7)
    for event in ({}, {"Step": "createSecret"}, {"Step": "x", "SecretId": NAME, "ClientRequestToken": "y"}, None):
        with pytest.raises(Malformed, match="not a step of a rotation"):
            rotate_signing_key(event)


def test_a_secret_that_cannot_be_read_is_not_taken_for_an_empty_one(empty):
    denied = pytest.raises(ClientError, match="AccessDenied")
    with failing("secretsmanager", "GetSecretValue", "AccessDeniedException"), denied:
        step("createSecret", 1)
