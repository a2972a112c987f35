"""The columns that files of each content have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.bulk.model import Content

PERSON = (
    "id",
    "email",
    "email_verified",
    "name",
    "age",
    "birthdate",
    "locale",
    "attributes",
    "metadata",
    "roles",
    "status",
    "password_hash",
)
ITEM = ("user_id", "item_id", "item_key", "item_value", "at", "deleted")

COLUMNS: dict[Content, frozenset[str]] = {"users": frozenset(PERSON), "items": frozenset(ITEM)}
