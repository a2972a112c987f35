"""What administrators do to the accounts of others.

There is always an administrator left: none can end their own administration, and ending another's is one
transaction with the check that the one who does it still is an administrator.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.accounts import model, removal
from chalicelib.accounts.store import people
from chalicelib.core.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.dynamo import Action, Item


def set_roles(administrator_id: str, user_id: str, roles: Sequence[str], *, expected: int | None = None) -> Item:
    """Give a person these roles and no others. Raises NotFound, PreconditionFailed, and Conflict where it would
    end the administrator's own administration."""
    also = _nothing if model.ADMIN in roles else partial(_ending_administration, administrator_id)
    return people().change(
        people().get(user_id), lambda _: {"roles": sorted(set(roles))}, expected=expected, also=also
    )


def disable(administrator_id: str, user_id: str, *, expected: int | None = None) -> Item:
    """Keep a person out, from their next request on. Raises what `set_roles` does."""

    def disabled(present: Item) -> dict[str, Any]:
        if present["status"] == "disabled":
            return {}
        return {"status": "disabled", **model.ended_sessions(present)}

    also = partial(_ending_administration, administrator_id)
    return people().change(people().get(user_id), disabled, expected=expected, also=also)


def enable(user_id: str, *, expected: int | None = None) -> Item:
    """Let a person in again, with a new sign-in. Raises NotFound or PreconditionFailed."""
    return people().change(people().get(user_id), lambda _: {"status": "active"}, expected=expected)


def remove(administrator_id: str, user_id: str, *, expected: int | None = None) -> Item:
    """Remove a person: the job that erases the rest. Raises what `set_roles` does."""
    also = partial(_ending_administration, administrator_id)
    return removal.remove(people().get(user_id), expected=expected, also=also)


def _ending_administration(administrator_id: str, person: Item) -> list[Action]:
    if not model.is_administrator(person):
        return []
    if person["id"] == administrator_id:
        raise Conflict("another administrator has to do that")
    return [people().checking_administrator(administrator_id)]


def _nothing(_: Item) -> list[Action]:
    return []
