"""Keeps the second bucket equal to the first: it has the newest version of each key, whatever the order of events.

S3's `sequencer` orders the events of one key. A row of `guards` names the newest version that an event has named. A
copy counts only if the row still names that version afterwards. Otherwise two copies may have overtaken each other,
and the newest version is copied once more.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed, absent
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.aws.optimistic import ATTEMPTS
from chalicelib.core.errors import Unavailable
from chalicelib.replication.replicas import replicate

if TYPE_CHECKING:
    from chalicelib.replication.rows import CopyRow

REMEMBERED_DAYS = 30
"""How long the row is kept: longer than any event of an object can be late."""

SEQUENCER_LENGTH = 64
"""Sequencers are hexadecimal, of varying length, and compare when padded on the right:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html"""


def copy(key: str, version: str, sequencer: str, size: int) -> None:
    """Copy this version of an object, or a newer one that an event has named. Does nothing where that is copied
    already.

    `size` is in bytes. Raises Unavailable where newer versions keep coming, Gone where the version was deleted.
    """
    order = sequencer.ljust(SEQUENCER_LENGTH, "0")
    newest = _claim(key, version, order, size)
    if newest["sequencer"] == order and newest["copied"]:
        return
    for _ in range(ATTEMPTS):
        replicate(key, newest["object_version"], newest["size"])
        copied = _mark_copied(key, newest["sequencer"])
        if copied["sequencer"] == newest["sequencer"]:
            return
        newest = copied
    raise Unavailable("the object is being replaced over and over")


def _claim(key: str, version: str, order: str, size: int) -> CopyRow:
    """Record this version if it is the newest so far, and return the row of the newest."""
    claim: CopyRow = {
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
    except ConditionFailed as conflict:
        return cast("CopyRow", conflict.item or claim)
    return claim


def _mark_copied(key: str, order: str) -> CopyRow:
    """Record that the version of this order is copied, unless there is a newer one, and return the row of the
    newest."""
    try:
        marked: CopyRow = clients.table("guards").update(
            {"id": _id(key)}, set={"copied": True}, condition=Attr("sequencer").eq(order)
        )
    except ConditionFailed as conflict:
        if conflict.item is None:
            raise Unavailable("the note of what is copied has gone") from conflict
        return cast("CopyRow", conflict.item)
    return marked


def _id(key: str) -> str:
    return f"copy#{hashlib.sha256(key.encode()).hexdigest()}"
