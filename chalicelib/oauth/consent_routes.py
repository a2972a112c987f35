"""What I allowed applications, and what others did, over HTTP."""

from __future__ import annotations

from chalice import Blueprint
from pydantic import BaseModel, Field

from chalicelib import accounts
from chalicelib.core.http.routing import ADMIN, SIGNED_IN, SUPPORT, NoQuery, Proof, Request, declares, listing
from chalicelib.oauth import given_consents

consents = Blueprint(__name__)


class GivenConsent(BaseModel):
    """What one application may do."""

    client_id: str
    name: str | None = Field(description="None where the application is gone")
    uri: str | None
    logo_uri: str | None
    scopes: list[str]
    resources: list[str]
    since: str
    at: str = Field(description="When it was last asked for, or widened")


class ConsentList(BaseModel):
    items: list[GivenConsent]
    next: None


@consents.route("/me/consents", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, answers={200: ConsentList})
def list_consents(request: Request[None, NoQuery]) -> dict[str, object]:
    """List what I allowed applications, by their names."""
    return listing(given_consents.shown(accounts.person_of(request.caller)), None)


@consents.route("/me/consents/{client_id}", methods=["DELETE"], content_types=[])
@declares(who=SIGNED_IN, answers={204: None})
def revoke_consent(request: Request[None, NoQuery], client_id: str) -> None:
    """Revoke what I allowed an application; whatever it had by it ends at once."""
    given_consents.revoke(accounts.person_of(request.caller), client_id)


@consents.route("/users/{user_id}/consents", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, answers={200: ConsentList})
def list_consents_of(_: Request[None, NoQuery], user_id: str) -> dict[str, object]:
    """List what a person allowed applications, by their names."""
    return listing(given_consents.shown(accounts.people().get(user_id)), None)


@consents.route("/users/{user_id}/consents/{client_id}", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.RECENT)
def revoke_consent_of(_: Request[None, NoQuery], user_id: str, client_id: str) -> None:
    """Revoke what a person allowed an application; whatever it had by it ends at once."""
    given_consents.revoke(accounts.people().get(user_id), client_id)
