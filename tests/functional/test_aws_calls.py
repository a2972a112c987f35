"""Our AWS client does what botocore's does, whatever it is answered: the same attempts, results and errors."""

from __future__ import annotations

import json
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import clock
from chalicelib.core.aws.calls import behind, connections
from chalicelib.core.aws.calls.client import Client
from chalicelib.core.aws.calls.endpoints import Endpoint
from chalicelib.core.aws.calls.services import SERVICES
from tests.environment import REGION
from tests.functional.scripted import Server, Step, serving

READ_SECONDS = 0.6
GOOD = Step(
    body=b'{"Item": {"id": {"S": "Zo\xc3\xab"}}, "ConsumedCapacity": {"TableName": "t", "CapacityUnits": 1.0}}'
)


def refusal(code: str, status: int = 400, **more: object) -> Step:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "on purpose", **more}
    return Step(status, json.dumps(body).encode(), (("x-amzn-RequestId", "R1"),))


def ours(server: Server, service: str = "dynamodb", attempts: int = 3) -> Client:
    endpoint = Endpoint(False, "127.0.0.1", server.port, REGION)
    return Client(SERVICES[service], endpoint, READ_SECONDS, attempts)


def botocores(server: Server, service: str = "dynamodb", attempts: int = 3):
    return behind.session().create_client(
        service,
        endpoint_url=f"http://127.0.0.1:{server.port}",
        config=Config(
            connect_timeout=1,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": attempts},
            parameter_validation=service != "dynamodb",  # as `behind.client` has it
        ),
    )


def called(client, operation: str = "get_item", **params) -> dict:
    """What a call gives, or the response of its refusal, or the name of the error of its connection."""
    try:
        return getattr(client, operation)(**(params or {"TableName": "t", "Key": {"id": {"S": "a"}}}))
    except ClientError as error:
        return {"raised": "ClientError", "told": str(error), **error.response}
    except BotoCoreError as error:
        return {"raised": type(error).__name__}


def outcome(make, script: tuple[Step, ...], *call: str, **params) -> tuple:
    with serving(*script) as server:
        result = called(make(server), *call, **params)
    meta = result.pop("ResponseMetadata", {})
    meta.get("HTTPHeaders", {}).pop("content-length", None)
    for name in ("message", "Message"):  # botocore repeats it where the error's model names it
        result.pop(name, None)
    return result, {name: meta[name] for name in meta if name != "RequestId" or meta[name]}, len(server.requests)


@pytest.fixture(autouse=True)
def _unhurried():
    """Our waits between attempts take no time. botocore's do."""
    with clock.held(datetime(2026, 1, 1, tzinfo=UTC)):
        yield
    connections.close_idle()


FAILED = {"Code": "ConditionalCheckFailed", "Message": "on purpose", "Item": {"id": {"S": "a"}}}
SCRIPTS = {
    "good": (GOOD,),
    "in chunks": (replace(GOOD, is_chunked=True),),
    "up to the end of the connection": (replace(GOOD, has_length=False),),
    "after 100 Continue": (replace(GOOD, continues=True),),
    "with its checksum": (replace(GOOD, headers=(("x-amz-crc32", str(zlib.crc32(GOOD.body))),)),),
    "the second body has its checksum": (
        replace(GOOD, headers=(("x-amz-crc32", "1"),)),
        replace(GOOD, headers=(("x-amz-crc32", str(zlib.crc32(GOOD.body))),)),
    ),
    "a condition that does not hold": (refusal("ConditionalCheckFailedException", Item={"id": {"S": "a"}}),),
    "a transaction that is refused": (
        refusal("TransactionCanceledException", CancellationReasons=[{"Code": "None"}, FAILED]),
    ),
    "an error without a body": (Step(403, b""),),
    "an error that is no JSON": (Step(400, b"no"),),
    "an error of something between": (Step(503, b"<html><b>busy</b></html>"), GOOD),
    "busy for good": (Step(503, b""),),
    "an internal error, then good": (refusal("InternalServerError", 500), GOOD),
    "an internal error for good": (refusal("InternalServerError", 500),),
    "a throttle, then good": (refusal("ProvisionedThroughputExceededException"), GOOD),
    "too many requests, then good": (refusal("SomethingElse", 429), GOOD),
    "asked to come back": (replace(Step(500, b"{}"), headers=(("x-amz-retry-after", "10"),)), GOOD),
    "an answer in chunks that breaks off, then good": (replace(GOOD, is_chunked=True, sent=9), GOOD),
    "no answer, then good": (Step(answers=False), GOOD),
    "never an answer": (Step(answers=False),),
    "a reset, then good": (Step(resets=True), GOOD),
    "a reset for good": (Step(resets=True),),
    "late, then good": (Step(waits=True), GOOD),
    "always late": (Step(waits=True),),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_it_does_what_botocore_does(name):
    assert outcome(ours, SCRIPTS[name]) == outcome(botocores, SCRIPTS[name])


def test_a_conflict_of_replicas_is_repeated_as_botocores_model_says():
    script = (refusal("ReplicatedWriteConflictException"), GOOD)
    put = {"TableName": "t", "Item": {"id": {"S": "a"}}}
    assert outcome(ours, script, "put_item", **put)[1:] == outcome(botocores, script, "put_item", **put)[1:]
    assert outcome(ours, script, "put_item", **put)[2] == 2


def test_an_answer_that_breaks_off_is_no_answer():
    """botocore takes it for an empty one: a person who is there would be absent."""
    assert outcome(botocores, (replace(GOOD, sent=9), GOOD))[0] == {}
    assert outcome(ours, (replace(GOOD, sent=9), GOOD))[0] == json.loads(GOOD.body)
    assert outcome(ours, (replace(GOOD, sent=9),))[0] == {"raised": "ConnectionClosedError"}


@pytest.mark.slow
def test_nobody_there_is_the_same_error():
    with serving(GOOD) as server:
        pass
    assert called(ours(server)) == called(botocores(server)) == {"raised": "EndpointConnectionError"}


def test_a_call_that_must_not_be_repeated_is_made_once():
    with serving(Step(500, b"{}")) as server:
        called(ours(server, attempts=1))
    assert len(server.requests) == 1


def test_a_body_of_another_checksum_is_never_believed():
    with serving(replace(GOOD, headers=(("x-amz-crc32", "1"),))) as server:
        assert called(ours(server)) == {"raised": "ConnectionClosedError"}
    assert len(server.requests) == 3


def test_a_connection_serves_one_call_after_the_other():
    with serving(GOOD) as server:
        client = ours(server)
        for _ in range(3):
            called(client)
    assert (len(server.requests), server.connections) == (3, 1)


def test_what_was_closed_meanwhile_is_not_used_again():
    """Without a further attempt: the mails of SES have none."""
    with serving(replace(GOOD, closes_quietly=True)) as server:
        client = ours(server, attempts=1)
        for _ in range(3):
            assert "Item" in called(client)
            assert server.closed.acquire(timeout=5)
    assert (len(server.requests), server.connections) == (3, 3)


def test_no_connection_that_is_to_be_closed_is_kept():
    with serving(replace(GOOD, headers=(("Connection", "close"),))) as server:
        client = ours(server, attempts=1)
        called(client)
        called(client)
    assert server.connections == 2


def test_threads_never_share_a_connection():
    with serving(GOOD) as server:
        client = ours(server)
        with ThreadPoolExecutor(8) as pool:
            results = list(
                pool.map(lambda number: called(client, TableName="t", Key={"id": {"N": str(number)}}), range(64))
            )
    assert all(result["Item"] == {"id": {"S": "Zoë"}} for result in results)
    assert sorted(json.loads(body)["Key"]["id"]["N"] for _, body in server.requests) == sorted(map(str, range(64)))
    assert server.connections <= 8


def test_a_service_that_fails_altogether_is_asked_less_often():
    """500 units, of which each further attempt takes 14."""
    with serving(Step(500, b"{}")) as server:
        client = ours(server)
        for _ in range(30):
            called(client)
    assert len(server.requests) == 30 + 500 // 14
