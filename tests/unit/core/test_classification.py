"""Which errors come again, which are parked, and what is said of them."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from chalicelib.core.aws.batch import is_transient, is_transient_code, reason
from chalicelib.core.aws.dynamo import ConditionFailed, TransactionRefused
from chalicelib.core.errors import Conflict, Invalid, Malformed, NotFound, RollcallError, Unavailable


def refusal(code, status=400, **more):
    answer = {"Error": {"Code": code, "Message": "canary"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError({**answer, **more}, "PutItem")


def cancelled(*codes):
    return refusal("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


TRANSIENT = [
    Unavailable(),
    refusal("ThrottlingException"),
    refusal("ProvisionedThroughputExceededException"),
    refusal("Throttled", 429),
    refusal("RequestThrottled"),
    refusal("AccessDenied", 403),
    refusal("AuthorizationError", 403),
    refusal("ExpiredTokenException"),
    refusal("Unheard", 500),
    refusal("Unheard", 503),
    cancelled("None", "TransactionConflict"),
    cancelled("ThrottlingError"),
    cancelled("ConditionalCheckFailed", "ProvisionedThroughputExceeded"),
    ConnectTimeoutError(endpoint_url="x"),
    ReadTimeoutError(endpoint_url="x"),
    EndpointConnectionError(endpoint_url="x"),
    NoCredentialsError(),
    TimeoutError(),
    ConnectionResetError(),
]

PERMANENT = [
    Malformed("no"),
    Invalid([{"field": "a", "message": "b"}]),
    NotFound(),
    Conflict(),
    ConditionFailed(),
    TransactionRefused({}),
    RollcallError(),
    refusal("ValidationException"),
    refusal("ResourceNotFoundException"),
    refusal("ConditionalCheckFailedException"),
    cancelled("None", "ValidationError"),
    cancelled(),
    ParamValidationError(report="canary"),
    KeyError("canary"),
    ValueError("canary"),
    ZeroDivisionError(),
    RecursionError(),
    Malformed("a long word " * 100),
]


@pytest.mark.parametrize("error", TRANSIENT, ids=repr)
def test_what_may_succeed_later_comes_again(error):
    assert is_transient(error)


@pytest.mark.parametrize("error", PERMANENT, ids=repr)
def test_what_can_never_succeed_does_not(error):
    assert not is_transient(error)


@pytest.mark.parametrize("error", TRANSIENT + PERMANENT, ids=repr)
def test_a_reason_is_short_and_quotes_nobody(error):
    said = reason(error)
    assert said.startswith(type(error).__name__)
    assert len(said) <= 300
    assert "canary" not in said


def test_a_reason_keeps_our_own_words():
    assert reason(Malformed("the message body is not JSON")) == "Malformed: the message body is not JSON"
    assert reason(refusal("ValidationException")) == "ClientError: ValidationException"
    assert len(reason(Malformed("x" * 1000))) == 300


@pytest.mark.parametrize(("code", "expected"), [("KMSThrottling", True), ("InvalidParameter", False), ("", False)])
def test_entries_of_a_batch_are_told_by_their_code(code, expected):
    assert is_transient_code(code) is expected
