"""What administrators do to the accounts of others.

A stage never loses its last administrator. Administrators cannot end their own administration. Ending another's is one
transaction, which also checks that the administrator who does it still is one. Routes and the rows of privileged
imports use the same two functions, `governed` and `guarding`.
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
    """Give a person these roles and no others. `granting` is called if this makes the person an administrator, and may
    raise an error. Raises NotFound, PreconditionFailed, Conflict if it would end the administrator's own
    administration, and what `granting` raises.
    """
    return _govern(administrator_id, user_id, {"roles": sorted(set(roles))}, expected, granting)


def disable(administrator_id: str, user_id: str, *, expected: int | None = None) -> Person:
    """Disable a person, from their next request on. Raises the same errors as `set_roles`."""
    return _govern(administrator_id, user_id, {"status": "disabled"}, expected)


def enable(user_id: str, *, expected: int | None = None, granting: Callable[[], None] = lambda: None) -> Person:
    """Enable a person, who has to sign in anew. `granting` is as in `set_roles`. Raises NotFound, PreconditionFailed,
    and what `granting` raises."""
    return _govern("", user_id, {"status": "active"}, expected, granting)


def remove(administrator_id: str, user_id: str, *, expected: int | None = None) -> Job:
    """Remove a person, and return the job that erases the rest. Raises the same errors as `set_roles`."""

    def also(present: Person) -> dict[str, Action]:
        return guarding(administrator_id, present, {"roles": []})

    return removal.remove(people().get(user_id), expected=expected, also=also)


def enabled(user_id: str) -> Person:
    """The person, who must not be disabled: no mail could let them in. Raises NotFound and Conflict."""
    person = people().get(user_id)
    if not model.is_active(person):
        raise Conflict("this person is disabled: enable them first", code="disabled")
    return person


def governed(present: Person, changes: Mapping[str, Any]) -> dict[str, Any]:
    """A change of a person's roles or status, with the changes that follow from it: a new status, `active` or
    `disabled`, ends every session."""
    status_changes = changes.get("status", present["status"]) != present["status"]
    return {**changes, **(model.ended_sessions(present) if status_changes else {})}


def guarding(administrator_id: str, present: Person, changes: Mapping[str, Any]) -> dict[str, Action]:
    """The checks that a transaction must include if it changes a person's roles or status, for a route or an import.
    Raises Conflict if the change would end the administrator's own administration."""
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
    takes_role_away = model.ADMIN not in changes.get("roles", [model.ADMIN])
    return (takes_role_away or changes.get("status") == "disabled") and model.is_administrator(present)


def _makes_administrator(present: Person, changes: Mapping[str, Any]) -> bool:
    """Whether the person is no active administrator now, and is one after this change."""
    is_already = model.is_administrator(present) and model.is_active(present)
    next_version = cast("Person", {**present, **changes})
    return not is_already and model.is_administrator(next_version) and model.is_active(next_version)
