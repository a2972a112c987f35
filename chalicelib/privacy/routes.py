"""One's own data over HTTP."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint
from pydantic import BaseModel, Field

from chalicelib.accounts import person_of
from chalicelib.core.http.routing import SIGNED_IN, NoQuery, Proof, Request, declares
from chalicelib.privacy.own_data import export_of

privacy = Blueprint(__name__)


class OwnData(BaseModel):
    """Everything about a person that is kept, but for secrets: of these it says when they were set."""

    exported_at: str
    person: dict[str, Any]
    address: dict[str, Any] = Field(description="The address, and the spelling under which it is nobody else's")
    password: dict[str, Any] | None
    factors: dict[str, Any]
    identities: list[dict[str, Any]] = Field(description="Who they are at identity providers")
    sessions: list[dict[str, Any]]
    grants: list[dict[str, Any]] = Field(
        description="What applications have; what they were allowed is in `person`"
    )
    items: list[dict[str, Any]]
    history: list[dict[str, Any]]
    mails: list[dict[str, Any]]
    jobs: list[dict[str, Any]]
    segments: list[dict[str, Any]] = Field(description="Which they are in, or were in (`left_at`)")


@privacy.route("/me/export", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, answers={200: OwnData, 303: None}, proof=Proof.PERSON)
def export_me(request: Request[None, NoQuery]) -> dict[str, Any]:
    """Get all that is held about me, as one document; by a link where it is above 4 MB."""
    return export_of(person_of(request.caller))
