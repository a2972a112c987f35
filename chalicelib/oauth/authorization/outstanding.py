"""What a request still needs of the person before its client gets a code. No AWS here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chalicelib.core import clock
from chalicelib.oauth import consents, model, redirect_uris
from chalicelib.sessions import authentication
from chalicelib.sessions import model as session_model

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.oauth.authorization.request import AuthorizationRequest
    from chalicelib.oauth.grants.rows import Authorized
    from chalicelib.oauth.rows import Client
    from chalicelib.sessions.rows import Session

Need = Literal["login", "another_person", "step_up", "consent"]
"""A sign-in; a sign-in by the person whom the client expects; another proof in the same session; the person's word."""


@dataclass(frozen=True)
class SignedIn:
    """The session and the person behind a request, as they were read for it."""

    session: Session
    person: Person

    @property
    def proved_at(self) -> int:
        """When the person last proved who they are, in seconds since 1970; 0 if that proof no longer counts."""
        return session_model.authenticated_at(self.session, self.person)

    def authorized(self, request: AuthorizationRequest) -> Authorized:
        """What the client gets, for the rows of its code and its grant."""
        authorized: Authorized = {
            "client_id": request.client_id,
            "user_id": self.person["id"],
            "session_id": self.session["id"],
            "person_version": self.person["version"],
            "scopes": list(request.scopes),
            "auth_time": self.session["authenticated_at"],
            "amr": list(self.session.get("amr", ())),
            "acr": session_model.acr(self.session, self.person),
        }
        if request.nonce is not None:
            authorized["nonce"] = request.nonce
        if request.resource is not None:
            authorized["resource"] = request.resource
        return authorized


def need_of(request: AuthorizationRequest, client: Client, signed_in: SignedIn | None) -> Need | None:
    """What is needed first, or None where the client may have its code."""
    if signed_in is None:
        return "login"
    if request.subject not in {None, signed_in.person["id"]}:
        return "another_person"
    if not _is_recent_enough(request, signed_in) or not _reaches(request, signed_in):
        return "step_up"
    return "consent" if needs_word(request, client, signed_in.person) else None


def needs_word(request: AuthorizationRequest, client: Client, person: Person) -> bool:
    """Whether the person must say themselves that the client may have this.

    So it always is where another application on their device could have sent the request and could receive the answer
    (RFC 8252, section 8.6), whatever they allowed before.
    """
    registered = model.registered(client)
    if {"consent", "select_account"} & set(request.prompts):
        return True
    if registered["type"] == "public" and redirect_uris.is_impersonable(request.redirect_uri):
        return True
    return not is_recorded(request, client, person)


def is_recorded(request: AuthorizationRequest, client: Client, person: Person) -> bool:
    """Whether nothing needs to be stored of what they allow: it is stored, or the client is the owner's own."""
    is_first_party = model.registered(client)["first_party"]
    return is_first_party or consents.covers(person, request.client_id, request.scopes, request.resource)


def _is_recent_enough(request: AuthorizationRequest, signed_in: SignedIn) -> bool:
    """Whether the person proved who they are since the request came, or lately enough for it. The proof that there was
    when it came is not since, though it may be of the same second."""
    proved_at = signed_in.proved_at
    if proved_at >= request.begun and proved_at != request.proved_before:
        return True
    if "login" in request.prompts:
        return False
    return request.max_age is None or clock.epoch() - proved_at <= request.max_age


def _reaches(request: AuthorizationRequest, signed_in: SignedIn) -> bool:
    acr = session_model.acr(signed_in.session, signed_in.person)
    return not request.acr_values or any(authentication.reaches(acr, wanted) for wanted in request.acr_values)
