"""The stage under test refuses what DynamoDB refuses, whatever moto does: else these limits would hold for nobody."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from chalicelib.core.aws import clients


def nested(levels: int) -> object:
    return [nested(levels - 1)] if levels else "leaf"


KEPT = {
    "the longest partition key of a table alone": ("guards", {"id": "x" * 2048}),
    "the longest sort key": ("items", {"user_id": "U1", "item_key": "x" * 1024}),
    "the longest key of an index": ("users", {"id": "U1", "name_prefix": "x", "name_key": "x" * 1024}),
    "38 digits": ("guards", {"id": "a", "n": 10**38 - 1}),
    "the greatest number": ("guards", {"id": "a", "n": 9.99e125}),
    "32 levels": ("guards", {"id": "a", "deep": nested(31)}),
    "400,000 bytes": ("guards", {"id": "a", "text": "x" * 400_000}),
    "an empty text that is no key": ("guards", {"id": "a", "text": ""}),
}

REFUSED = {
    "an empty key": ("guards", {"id": ""}),
    "an empty key of an index": ("users", {"id": "U1", "name_prefix": "", "name_key": "a"}),
    "a partition key too long": ("guards", {"id": "x" * 2049}),
    "a partition key too long in UTF-8": ("guards", {"id": "\u00e9" * 1025}),
    "a sort key too long": ("items", {"user_id": "U1", "item_key": "x" * 1025}),
    "a key of an index too long": ("users", {"id": "U1", "name_prefix": "x", "name_key": "x" * 1025}),
    "39 digits": ("guards", {"id": "a", "n": 10**38 + 1}),
    "a number too great": ("guards", {"id": "a", "n": 1e126}),
    "a number too small": ("guards", {"id": "a", "n": 1e-131}),
    "not a number": ("guards", {"id": "a", "n": float("nan")}),
    "an empty set": ("guards", {"id": "a", "set": set()}),
    "33 levels": ("guards", {"id": "a", "deep": nested(33)}),
    "more than 400 KB": ("guards", {"id": "a", "text": "x" * (400 * 1024)}),
    "half of a surrogate pair": ("guards", {"id": "a", "text": "\ud800"}),
    "a member of a map without a name": ("guards", {"id": "a", "map": {"": 1}}),
}


@pytest.mark.parametrize(("table", "item"), KEPT.values(), ids=KEPT)
def test_what_dynamodb_takes_is_kept(aws, table, item):
    clients.table(table).put(item)
    assert aws.rows(table) == [item]


@pytest.mark.parametrize(("table", "item"), REFUSED.values(), ids=REFUSED)
def test_what_dynamodb_refuses_is_refused(aws, table, item):
    with pytest.raises(ClientError, match="ValidationException"):
        clients.table(table).put(item)
    with pytest.raises(ClientError, match="ValidationException"):
        clients.database().transact({"item": clients.table(table).putting(item)})
    assert aws.rows(table) == []


def test_an_update_is_held_to_the_same(aws):
    users = clients.table("users")
    users.put({"id": "U1"})
    for changes in ({"name_key": "x" * 1025}, {"name_key": ""}, {"deep": nested(33)}):
        with pytest.raises(ClientError, match="ValidationException"):
            users.update({"id": "U1"}, set=changes)
    assert aws.rows("users") == [{"id": "U1"}]
