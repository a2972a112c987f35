"""What whoever asks may see of a person, decided once for every representation of them.

The directory, a person as they were, and their history are read by support, who sees what a person sees of themselves.
Administrators see `metadata` too, and so does whatever is for them alone: the feed, webhooks, exports, reports of
imports. A person's own data (`GET /me/export`) are no view: they hold all that is kept, as the law has it (GDPR,
article 15), and want a fresh proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.profile.fields import FOR_ADMINISTRATORS, SEEN_BY_OWNER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ADMIN = "admin"
"""The role that sees all."""


def sees_all(roles: Collection[str]) -> bool:
    """Whether somebody with these roles sees what is for administrators alone."""
    return ADMIN in roles


def fields_for(roles: Collection[str]) -> tuple[str, ...]:
    """The fields of a person that somebody with these roles sees."""
    return (*SEEN_BY_OWNER, *FOR_ADMINISTRATORS) if sees_all(roles) else SEEN_BY_OWNER


def of_person(fields: Mapping[str, Any], roles: Collection[str]) -> dict[str, Any]:
    """As much of a person's fields, all or some, as somebody with these roles sees."""
    seen = fields_for(roles)
    return {name: value for name, value in fields.items() if name in seen}
