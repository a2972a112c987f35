"""The rows of the table `items`."""

from __future__ import annotations

from typing import NotRequired

from chalicelib.core.aws.records import Stamped


class ItemRow(Stamped):
    """An item of a person, by `user_id` and `item_key`, as the write that won left it. One that was deleted has
    `deleted_at` and `expires_at`, and no value."""

    user_id: str
    item_key: str
    item_id: str
    """The id of the write."""
    at: str
    """The time that the write names, by which it won."""
    value: NotRequired[str]
    """The value as compact JSON text."""
    size: NotRequired[int]
    """The value's length in bytes of UTF-8."""
    sha256: NotRequired[str]
    """Of the value's text, in hexadecimal."""
    expires_at: NotRequired[int]
    """When DynamoDB drops the tombstone, in epoch seconds."""
