"""One pretend account per test (moto, in process), made from the same definitions as the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


import pytest

from chalicelib.core.aws import clients
from tests.cloudlike import stage, topic_messages
from tests.functional.apps import client_of
from tests.functional.faults import listening
from tests.functional.importing import StateMachines
from tests.functional.receivers import receiving
from tests.functional.serial import one_call_at_a_time


@pytest.fixture
def aws() -> Iterator[Any]:
    """An empty stage: tables, queues, topics, buckets, secrets. See `tests.cloudlike.Cloud`."""
    with stage() as cloud:
        yield cloud


@pytest.fixture
def chalice_client(aws: Any) -> Iterator[Any]:
    """Chalice's own test client over the whole app: `.http` for routes, `.lambda_` for handlers."""
    from app import app

    with client_of(app) as client:
        yield client


@pytest.fixture
def state_machines(aws: Any, held_clock: Any) -> Iterator[Any]:
    """The steps of imports and exports as they run on AWS, one call after the other."""
    with one_call_at_a_time():
        yield StateMachines(aws)


@pytest.fixture(name="stage")
def webhook_stage(aws: Any, local_receivers: Any) -> Iterator[Any]:
    """The stage under test, which allows receivers of webhooks on this machine.

    What is put off on a queue is handed on by `delivering.attempt` alone: moto would do so after its real delay.
    """

    def put_off(params: dict[str, Any], **_: object) -> dict[str, Any] | None:
        return {**params, "DelaySeconds": 900} if params.get("DelaySeconds") else None

    with listening(clients.client("sqs"), "provide-client-params.sqs.SendMessage", put_off):
        yield aws


@pytest.fixture
def told_clients(aws: Any, local_receivers: Any) -> None:
    """Events of the topic reach the fan-out, and OAuth clients may be told of the end of sessions on this machine."""
    topic_messages(aws, "webhooks")


@pytest.fixture
def receiver() -> Iterator[Any]:
    """A receiver of webhooks that answers as it is told."""
    with receiving() as one:
        yield one
