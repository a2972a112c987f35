"""Keeping the second bucket equal to the first: it has the newest version of each key, whatever the order of events.

S3's `sequencer` orders the events of one key. A row of `guards` names the newest version heard of, and a copy counts
only if that row still names it afterwards: else two copies may have overtaken each other, and the newest is copied
once more.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from boto3.dynamodb.conditions import Attr

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed, absent
from chalicelib.core.errors import Unavailable
from chalicelib.replication.replicas import replicate

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item

REMEMBERED_DAYS = 30
"""Later than any event of an object can still come."""

SEQUENCER_LENGTH = 64
"""Sequencers are hexadecimal, of varying length, and compare when padded on the right:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html"""

ROUNDS = 5


def copy(key: str, version: str, sequencer: str, size: int) -> None:
    """Copy this version of an object, or a newer one that was heard of; a version that is copied already, not again.

    `size` is in bytes. Raises Unavailable where newer versions keep coming, Gone where the version was deleted.
    """
    order = sequencer.ljust(SEQUENCER_LENGTH, "0")
    newest = _claim(key, version, order, size)
    if newest["sequencer"] == order and newest["copied"]:
        return
    for _ in range(ROUNDS):
        replicate(key, newest["object_version"], newest["size"])
        copied = _mark(key, newest["sequencer"])
        if copied["sequencer"] == newest["sequencer"]:
            return
        newest = copied
    raise Unavailable("the object is being replaced over and over")


def _claim(key: str, version: str, order: str, size: int) -> Item:
    """Note this version if it is the newest heard of: the newest."""
    claim: Item = {
        "id": _id(key),
        "schema": records.SCHEMA,
        "sequencer": order,
        "object_version": version,
        "size": size,
        "copied": False,
        "expires_at": clock.epoch() + REMEMBERED_DAYS * 86400,
    }
    try:
        clients.table("guards").put(claim, absent() | Attr("sequencer").lt(order))
    except ConditionFailed as met:
        return met.item or claim
    return claim


def _mark(key: str, order: str) -> Item:
    """Note that the version of this order is copied, unless a newer one was heard of since: the newest."""
    try:
        marked: Item = clients.table("guards").update(
            {"id": _id(key)}, set={"copied": True}, condition=Attr("sequencer").eq(order)
        )
    except ConditionFailed as met:
        if met.item is None:
            raise Unavailable("the note of what is copied has gone") from met
        return met.item
    return marked


def _id(key: str) -> str:
    return f"copy#{hashlib.sha256(key.encode()).hexdigest()}"
