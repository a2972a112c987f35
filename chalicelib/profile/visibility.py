"""Which fields of a person a caller may see: the one decision, for every representation of a person.

Support reads the directory, a person at a point in time, and their history, and sees what the person sees.
Administrators see `metadata` too, and so do the outputs that are for them alone: the feed, webhooks, exports, reports
of imports. A person's own data (`GET /me/export`) is not such a view: it holds all that is stored, as the law requires
(GDPR, article 15), and needs a recent proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.profile.fields import FOR_ADMINISTRATORS, SEEN_BY_OWNER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ADMIN = "admin"
"""The role that sees all."""


def sees_all(roles: Collection[str]) -> bool:
    """Whether a caller with these roles sees what is for administrators alone."""
    return ADMIN in roles


def fields_for(roles: Collection[str]) -> tuple[str, ...]:
    """The fields of a person that a caller with these roles sees."""
    return (*SEEN_BY_OWNER, *FOR_ADMINISTRATORS) if sees_all(roles) else SEEN_BY_OWNER


def of_person(fields: Mapping[str, Any], roles: Collection[str]) -> dict[str, Any]:
    """Those of the person's fields that a caller with these roles sees."""
    seen = fields_for(roles)
    return {name: value for name, value in fields.items() if name in seen}
