"""`Database.transact` against a client that refuses as DynamoDB does:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from chalicelib.core.aws.dynamo import Database, TransactionRefused, absent, from_item, together
from chalicelib.core.errors import Unavailable

MET = {"id": "b", "version": 3}


class Client:
    """Keeps what it is asked, and refuses for these reasons."""

    def __init__(self, *reasons: dict, code: str = "TransactionCanceledException") -> None:
        self.reasons = list(reasons)
        self.code = code
        self.requests: list[dict] = []

    def transact_write_items(self, **request):
        self.requests.append(request)
        if self.reasons or self.code != "TransactionCanceledException":
            response = {"Error": {"Code": self.code}, "CancellationReasons": self.reasons}
            raise ClientError(response, "TransactWriteItems")


def failed(item=None) -> dict:
    return {"Code": "ConditionalCheckFailed", **({"Item": from_item(item)} if item else {})}


FINE = {"Code": "None"}


def three(database: Database) -> dict:
    table = database.table("users")
    return {name: table.putting({"id": name}, absent()) for name in "cab"}


def test_actions_are_sent_in_the_order_of_their_names_as_they_were_given():
    client = Client()
    database = Database(client)
    database.transact(three(database), token="t")
    ((items, token),) = [(each["TransactItems"], each["ClientRequestToken"]) for each in client.requests]
    assert [item["Put"]["Item"]["id"]["S"] for item in items] == ["c", "a", "b"]
    assert token == "t"


def test_a_refusal_names_the_conditions_that_failed_with_what_they_met():
    database = Database(Client(failed(), FINE, failed(MET)))
    with pytest.raises(TransactionRefused) as refused:
        database.transact(three(database))
    assert list(refused.value.failed.items()) == [("c", None), ("b", MET)]


def test_a_conflict_beside_a_failed_condition_is_a_refusal_and_alone_comes_again():
    conflict = {"Code": "TransactionConflict"}
    database = Database(Client(conflict, failed(MET), FINE))
    with pytest.raises(TransactionRefused) as refused:
        database.transact(three(database))
    assert refused.value.failed == {"a": MET}
    database = Database(Client(FINE, conflict, FINE))
    with pytest.raises(Unavailable, match="another transaction holds a record"):
        database.transact(three(database))


def test_what_is_no_refusal_is_raised_as_it_is():
    database = Database(Client(code="ValidationException"))
    with pytest.raises(ClientError, match="ValidationException"):
        database.transact(three(database))


def test_actions_are_joined_in_order_and_none_is_lost_behind_another_of_its_name():
    actions = three(Database(Client()))
    first, rest = {"c": actions["c"]}, {name: actions[name] for name in "ab"}
    assert list(together(first, rest)) == ["c", "a", "b"]
    with pytest.raises(ValueError, match="have the name a"):
        together(actions, {"a": actions["b"]})
