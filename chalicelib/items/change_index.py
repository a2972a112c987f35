"""The index of the changes of items, for the sweep. It stands apart from the store, so that the sweep does not load
the models."""

from __future__ import annotations

from chalicelib.core.aws import clients
from chalicelib.core.aws.changes import Changes


def changes() -> Changes:
    """The changes of items, by their hour."""
    return Changes(clients.table("items"), ("user_id", "item_key"))
