"""What administrators do to the accounts of others.

There is always an administrator left: none can end their own administration, and ending another's is one
transaction with the check that the one who does it still is an administrator. Routes and the rows of privileged imports
come through the same two functions, `governed` and `guarding`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib.accounts import model, removal
from chalicelib.accounts.store import people
from chalicelib.core.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action
    from chalicelib.jobs.rows import Job


def set_roles(
    administrator_id: str,
    user_id: str,
    roles: Sequence[str],
    *,
    expected: int | None = None,
    granting: Callable[[], None] = lambda: None,
) -> Person:
    """Give a person these roles and no others. Raises NotFound, PreconditionFailed, Conflict where it would end the
    administrator's own administration, and whatever `granting` does, which is asked where it makes an administrator.
    """
    return _govern(administrator_id, user_id, {"roles": sorted(set(roles))}, expected, granting)


def disable(administrator_id: str, user_id: str, *, expected: int | None = None) -> Person:
    """Keep a person out, from their next request on. Raises what `set_roles` does."""
    return _govern(administrator_id, user_id, {"status": "disabled"}, expected)


def enable(user_id: str, *, expected: int | None = None, granting: Callable[[], None] = lambda: None) -> Person:
    """Let a person in again, with a new sign-in. Raises NotFound, PreconditionFailed, and what `granting` does, as
    with `set_roles`."""
    return _govern("", user_id, {"status": "active"}, expected, granting)


def remove(administrator_id: str, user_id: str, *, expected: int | None = None) -> Job:
    """Remove a person: the job that erases the rest. Raises what `set_roles` does."""

    def also(present: Person) -> dict[str, Action]:
        return guarding(administrator_id, present, {"roles": []})

    return removal.remove(people().get(user_id), expected=expected, also=also)


def governed(present: Person, changes: Mapping[str, Any]) -> dict[str, Any]:
    """A change of a person's roles or status, with what follows from it: whose status changes, either way, comes in
    only by a new sign-in."""
    status_changes = changes.get("status", present["status"]) != present["status"]
    return {**changes, **(model.ended_sessions(present) if status_changes else {})}


def guarding(administrator_id: str, present: Person, changes: Mapping[str, Any]) -> dict[str, Action]:
    """The actions without which no change of a person's roles or status may be written, by a route or by a file. Raises
    Conflict where it would end the administrator's own administration."""
    if not _ends_administration(present, changes):
        return {}
    if present["id"] == administrator_id:
        raise Conflict("another administrator has to do that")
    return {"administrator": people().checking_administrator(administrator_id)}


def _govern(
    administrator_id: str,
    user_id: str,
    changes: Mapping[str, Any],
    expected: int | None,
    granting: Callable[[], None] = lambda: None,
) -> Person:
    def decide(present: Person) -> dict[str, Any]:
        if _makes_administrator(present, changes):
            granting()
        return governed(present, changes)

    return people().change(
        people().get(user_id),
        decide,
        expected=expected,
        also=lambda present: guarding(administrator_id, present, changes),
    )


def _ends_administration(present: Person, changes: Mapping[str, Any]) -> bool:
    goes = model.ADMIN not in changes.get("roles", [model.ADMIN]) or changes.get("status") == "disabled"
    return goes and model.is_administrator(present)


def _makes_administrator(present: Person, changes: Mapping[str, Any]) -> bool:
    """Whether who may do nothing as an administrator now may do so after this change."""
    works = model.is_administrator(present) and model.is_active(present)
    next_version = cast("Person", {**present, **changes})
    return not works and model.is_administrator(next_version) and model.is_active(next_version)
