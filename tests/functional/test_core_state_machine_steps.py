"""Whatever may pass in a step of a state machine is raised under a name that the machine tries again."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.core.aws import clients
from chalicelib.core.crypto.message_macs import vouched
from chalicelib.core.errors import Transient
from infra.state_machines import RETRY, TASKS
from tests import system
from tests.functional.faults import failing, listening

STEPS = sorted({task for tasks in TASKS.values() for task in tasks})

ENTRY = {
    "job": "J",
    "chunk": 1,
    "key": "imports/J/1",
    "kind": "users",
    "system": "rollcall",
    "options": {},
    "request_id": "R",
    "actor": "A",
    "segment": 0,
    "segments": [0],
    "bucket": "b",
    "version": "v",
}

PASSING = [
    *(
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "InternalServerError",
        "RequestLimitExceeded",
    ),
    *("SlowDown", "ServiceUnavailable"),
]


def test_every_step_is_a_function_of_the_app():
    assert STEPS
    assert set(STEPS) <= set(system.INVOKED)


@pytest.mark.parametrize("code", PASSING)
@pytest.mark.parametrize("name", STEPS)
def test_what_may_pass_is_tried_again(aws, name, code):
    service, operation = ("s3", "GetObject") if name == "import_chunk" else ("dynamodb", "GetItem")
    entry = vouched("manifests", ENTRY) if name == "import_chunk" else ENTRY
    with failing(service, operation, code), pytest.raises(Transient, match=code) as met:
        system.invoke(name, entry)
    assert type(met.value).__name__ in RETRY[0]["ErrorEquals"], code


def test_so_is_an_answer_that_does_not_come(aws):
    def lose(**_):
        raise ReadTimeoutError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com")

    with (
        listening(clients.client("dynamodb"), "before-call.dynamodb.GetItem", lose),
        pytest.raises(Transient, match="ReadTimeout") as met,
    ):
        system.invoke("plan_import", ENTRY)
    assert type(met.value).__name__ in RETRY[0]["ErrorEquals"]


def test_what_can_never_succeed_fails_the_step_at_once(aws):
    with (
        failing("dynamodb", "GetItem", "ValidationException"),
        pytest.raises(ClientError, match="ValidationException") as met,
    ):
        system.invoke("plan_import", ENTRY)
    assert type(met.value).__name__ not in RETRY[0]["ErrorEquals"]
