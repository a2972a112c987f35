"""The changes of items, for those who look for missed ones: apart from the store, whose models they do without."""

from __future__ import annotations

from chalicelib.core.aws import clients
from chalicelib.core.aws.changes import Changes


def changes() -> Changes:
    """The changes of items, by their hour."""
    return Changes(clients.table("items"), ("user_id", "item_key"))
