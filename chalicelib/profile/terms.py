"""The terms that whoever registers agrees to, where a stage has some (`TERMS_VERSION`)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from chalicelib.core import clock
from chalicelib.core.brand import NAME_LIMIT
from chalicelib.core.errors import Unfit
from chalicelib.core.http.models import Visible
from chalicelib.core.settings import settings


def current(version: str | None) -> str | None:
    """The version that somebody agrees to. Raises Unfit for another version than the one that holds now, also
    for an earlier one."""
    in_force = settings().terms_version
    if (version or "") == in_force:
        return version
    if not in_force:
        raise Unfit("is of no use: there are no terms to agree to", "no-terms")
    raise Unfit(f"must be {in_force!r}, the version of the terms at {settings().terms_url}", "other-terms")


Agreed = Annotated[
    Annotated[str, Visible(NAME_LIMIT)] | None,
    AfterValidator(current),
    Field(validate_default=True, description="The version of the terms; needed where there are any"),
]
"""What a registration says that somebody agreed to."""


def agreed(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a registration, with the time at which the terms in it were agreed to."""
    return {**fields, "terms_accepted_at": clock.timestamp()} if fields.get("terms_version") else fields
