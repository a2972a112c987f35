"""Flows and what is pending are good once: a row of the table `guards` says that one was used."""

from __future__ import annotations

from chalicelib.core import clock, ids
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed, absent
from chalicelib.identities.flow_cookies import LIFE_SECONDS


def use_up(name: str) -> bool:
    """Note that a flow, by its state, or what is pending, by its id, is used: True once. One write."""
    row = {
        "id": f"connect#{ids.digest_of(name)}",
        "schema": records.SCHEMA,
        "expires_at": clock.epoch() + 2 * LIFE_SECONDS,
    }
    try:
        clients.table("guards").put(row, absent())
    except ConditionFailed:
        return False
    return True
