"""What is shown of a person's factors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core.settings import settings
from chalicelib.factors import model
from chalicelib.factors.store import factors

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person


def view(user_id: str) -> dict[str, Any]:
    """A person's factors as they see them, without any secret: one read."""
    return model.view(factors().of(user_id))


def need_of(person: Person) -> model.Need | None:
    """Whether an administrator who has no second factor needs one (`ADMIN_SECOND_FACTOR`), or is advised to have one;
    None for everybody else."""
    if accounts.ADMIN not in person.get("roles", ()) or model.enrolled(person):
        return None
    return "required" if settings().admin_second_factor == "required" else "advised"
