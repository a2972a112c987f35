"""dynalite's own judgement of what the functional tests forbid and allow, and the bridge over what it lacks."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo import (
    ConditionFailed,
    TransactionRefused,
    absent,
    from_item,
    present,
    to_item,
)
from chalicelib.core.aws.dynamo.conditions import Attr
from tests.cloudlike import NAMES
from tests.functional.test_strictness import KEPT, REFUSED
from tests.peers import second_dynamodb

MORE_STRICT = {
    "33 levels",
    "a key of an index too long",
    "a member of a map without a name",
    "a partition key too long in UTF-8",
    "an empty key of an index",
    "half of a surrogate pair",
    "not a number",
}
"""What dynalite does not look at: it counts characters and not bytes, keys of tables and not of indexes, and no levels.
What is no number or no Unicode cannot be sent to it at all."""


@pytest.mark.parametrize("what", KEPT)
def test_it_takes_what_the_limits_allow(dynalite, what):
    table, item = KEPT[what]
    dynalite.put_item(TableName=NAMES.of(table), Item=from_item(item))
    (kept,) = dynalite.scan(TableName=NAMES.of(table))["Items"]
    assert to_item(kept) == item


@pytest.mark.parametrize("what", sorted(REFUSED.keys() - MORE_STRICT))
def test_it_refuses_what_the_limits_forbid(dynalite, what):
    table, item = REFUSED[what]
    with pytest.raises(ClientError, match="ValidationException"):
        dynalite.put_item(TableName=NAMES.of(table), Item=from_item(item))


@pytest.fixture
def guards(dynalite, aws):
    table = clients.table("guards")
    table.put({"id": "there", "version": 1})
    return table


def rows(aws) -> dict[str, dict]:
    return {row["id"]: row for row in aws.rows("guards")}


def test_a_transaction_is_made_whole(aws, guards):
    clients.database().transact(
        {
            "put": guards.putting({"id": "new"}, absent()),
            "set": guards.updating({"id": "there"}, set={"version": 2}, condition=Attr("version").eq(1)),
            "add": guards.updating({"id": "counted"}, add={"count": 3}),
            "check": guards.checking({"id": "nobody"}, absent()),
        }
    )
    assert rows(aws) == {
        "new": {"id": "new"},
        "there": {"id": "there", "version": 2},
        "counted": {"id": "counted", "count": 3},
    }


def test_a_transaction_that_does_not_hold_changes_nothing_and_tells_every_reason(aws, guards):
    before = rows(aws)
    with pytest.raises(TransactionRefused) as refused:
        clients.database().transact(
            {
                "put": guards.putting({"id": "new"}),
                "delete": guards.deleting({"id": "there"}, Attr("version").eq(1)),
                "present": guards.checking({"id": "nobody"}, present()),
                "absent": guards.checking({"id": "other"}, absent()),
                "add": guards.updating({"id": "more"}, add={"n": 1}, condition=present()),
            }
        )
    assert refused.value.failed == {"present": None, "add": None}
    assert rows(aws) == before


def test_a_transaction_with_something_invalid_changes_nothing(aws, guards):
    with pytest.raises(ClientError, match="ValidationException"):
        clients.database().transact(
            {"new": guards.putting({"id": "new"}), "odd": guards.putting({"id": "odd", "set": set()})}
        )
    with pytest.raises(ClientError, match="ValidationException"):
        clients.database().transact(
            {"put": guards.putting({"id": "one"}), "delete": guards.deleting({"id": "one"})}
        )
    assert rows(aws).keys() == {"there"}


def test_a_token_makes_a_transaction_once(aws, guards):
    for _ in range(2):
        clients.database().transact({"add": guards.updating({"id": "there"}, add={"version": 1})}, token="t1")
    assert rows(aws)["there"]["version"] == 2


def test_a_failed_condition_shows_what_it_met(guards):
    with pytest.raises(ConditionFailed) as met:
        guards.put({"id": "there"}, absent())
    assert met.value.item == {"id": "there", "version": 1}


def test_the_lock_names_no_registry_and_every_package_by_its_digest():
    lock = json.loads((second_dynamodb.SOURCES / "package-lock.json").read_text("utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
