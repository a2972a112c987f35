"""The columns that files of each content have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.profile.fields import SUPPLIED

if TYPE_CHECKING:
    from chalicelib.imports.model import Content

PERSON = (*SUPPLIED, "identities", "password_hash", "totp_secret")
SECRETS = frozenset({"password_hash", "totp_secret"})
"""Columns of people that no report shows, and that exports hold on demand only."""

ITEM = ("user_id", "item_id", "item_key", "item_value", "at", "deleted")

COLUMNS: dict[Content, tuple[str, ...]] = {"users": PERSON, "items": ITEM}

REF, LINE, ERRORS = "_ref", "_line", "_errors"
"""What a report has beside the columns of its rows: by `_ref` a retry finds the row that a mended one stands for."""
BECAME = "_outcome"
"""In what a trial tells of a row that it does not refuse."""
REPORT = (REF, LINE, ERRORS)
