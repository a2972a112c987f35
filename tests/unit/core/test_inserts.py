"""What is asked of DynamoDB for many new items, and what each of its answers means."""

from __future__ import annotations

import pytest

from chalicelib.core.aws.batch import is_transient, reason
from chalicelib.core.aws.dynamo import ConditionFailed, Table

CANARY = "ann@example.com"


class Answering:
    """In the place of a client: what it was asked, and one response for each statement."""

    def __init__(self, *errors):
        self.asked = {}
        self._errors = errors

    def batch_execute_statement(self, **asked):
        self.asked = asked
        errors = [{"Error": {"Code": code, "Message": CANARY}} if code else {} for code in self._errors]
        return {"Responses": [{"TableName": "t", **error} for error in errors]}


def test_each_item_is_a_statement_whose_values_are_parameters():
    client = Answering("", "")
    rows = [{"subject": "U1", "at": "T1", "n": 3}, {"subject": "O'Hara\"}", "at": "T2", "n": 4}]
    assert Table(client, "rollcall-test-history").insert(rows) == [None, None]
    statement = "INSERT INTO \"rollcall-test-history\" VALUE {'subject':?,'at':?,'n':?}"
    assert client.asked["Statements"] == [
        {"Statement": statement, "Parameters": [{"S": "U1"}, {"S": "T1"}, {"N": "3"}]},
        {"Statement": statement, "Parameters": [{"S": "O'Hara\"}"}, {"S": "T2"}, {"N": "4"}]},
    ]
    assert client.asked["ReturnConsumedCapacity"] == "TOTAL"


@pytest.mark.parametrize(
    "code",
    [
        *("ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"),
        *("InternalServerError", "TransactionConflict", "AccessDenied"),
    ],
)
def test_what_may_succeed_later_is_transient(code):
    (error, none) = Table(Answering(code, ""), "t").insert([{"id": "a"}, {"id": "b"}])
    assert is_transient(error)
    assert none is None


def test_an_item_that_is_there_already_failed_its_condition():
    (error,) = Table(Answering("DuplicateItem"), "t").insert([{"id": "a"}])
    assert isinstance(error, ConditionFailed)


@pytest.mark.parametrize("code", ["ValidationError", "ItemCollectionSizeLimitExceeded"])
def test_what_can_never_succeed_is_told_by_its_code_alone(code):
    (error,) = Table(Answering(code), "t").insert([{"id": "a"}])
    assert not is_transient(error)
    assert reason(error) == f"ClientError: {code}"
    assert CANARY not in str(error)
