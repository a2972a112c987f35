"""Sessions over HTTP: signing in, staying in, signing out, and the keys that tokens are checked with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import unquote

from pydantic import BaseModel, BeforeValidator, Field

from chalicelib import accounts
from chalicelib.core import cursors
from chalicelib.core.http import (
    ANYONE,
    SIGNED_IN,
    ListQuery,
    Model,
    NoQuery,
    Reply,
    Request,
    Routes,
    listing,
)
from chalicelib.core.settings import settings
from chalicelib.sessions import ending, keys, model, refreshing, signing_in
from chalicelib.sessions.store import sessions

if TYPE_CHECKING:
    from chalicelib.sessions.grants import Grant

routes = Routes("sessions")

DISCOVERABLE = {"Cache-Control": f"public, max-age={keys.CACHED_SECONDS}"}


class SignIn(Model):
    email: Annotated[str, BeforeValidator(accounts.check_email), Field(json_schema_extra={"format": "email"})]
    password: Annotated[str, Field(max_length=1024, json_schema_extra={"format": "password"})]


class Refresh(Model):
    refresh_token: Annotated[str, Field(max_length=1024)]


class TokenPair(BaseModel):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = Field(description="Seconds that the access token is good for")
    refresh_token: str


class SessionView(BaseModel):
    id: str
    agent: str | None = Field(description="The browser or app, as it called itself")
    created_at: str
    last_used_at: str
    expires_at: str
    current: bool = Field(description="Whether this request is made in it")


class SessionList(BaseModel):
    items: list[SessionView]
    next: str | None


class KeyList(BaseModel):
    keys: list[dict[str, str]] = Field(description="JSON Web Keys (RFC 7517)")


class Discovery(BaseModel):
    """OpenID Connect Discovery 1.0, as far as there is something to discover."""

    issuer: str
    jwks_uri: str
    response_types_supported: list[str] = []
    subject_types_supported: list[str] = ["public"]
    id_token_signing_alg_values_supported: list[str]


@routes.post("/sessions", who=ANYONE, body=SignIn, returns=TokenPair, status=201)
def sign_in(request: Request[SignIn, NoQuery]) -> TokenPair:
    """Sign in."""
    granted = signing_in.sign_in(
        request.body.email,
        request.body.password,
        source_ip=request.source_ip,
        agent=request.headers.get("user-agent", ""),
    )
    return _token_pair(granted)


@routes.post("/sessions/refresh", who=ANYONE, body=Refresh, returns=TokenPair)
def refresh(request: Request[Refresh, NoQuery]) -> TokenPair:
    """Get new tokens for a refresh token, which is good once."""
    return _token_pair(refreshing.refresh(request.body.refresh_token, source_ip=request.source_ip))


@routes.get("/sessions", who=SIGNED_IN, query=ListQuery, returns=SessionList)
def list_sessions(request: Request[None, ListQuery]) -> dict[str, object]:
    """List where I am signed in, newest first."""
    caller, cursor = request.caller, request.query.cursor
    binding = ("GET /sessions", caller.id)
    start = cursors.open_sealed(cursor, *binding) if cursor else None
    page = sessions().page_of(caller.id, limit=request.query.limit, start=start)
    going_on = [
        session
        for session in page.items
        if accounts.may_continue(caller.user, session["id"], session["person_version"])
    ]
    return listing(
        [model.view(session, caller.session_id) for session in going_on],
        cursors.seal(page.next, *binding) if page.next else None,
    )


@routes.delete("/sessions/current", who=SIGNED_IN)
def sign_out(request: Request[None, NoQuery]) -> None:
    """Sign out."""
    ending.sign_out(request.caller.session_id, request.caller.id)


@routes.delete("/sessions/{session_id}", who=SIGNED_IN)
def sign_out_there(request: Request[None, NoQuery], session_id: str) -> None:
    """Sign out one of my devices."""
    ending.sign_out(unquote(session_id), request.caller.id)


@routes.delete("/sessions", who=SIGNED_IN)
def sign_out_everywhere(request: Request[None, NoQuery]) -> None:
    """Sign out everywhere, here too."""
    ending.sign_out_everywhere(request.caller.id)


@routes.get("/.well-known/jwks.json", who=ANYONE, returns=KeyList)
def list_keys(_: Request[None, NoQuery]) -> Reply:
    """The keys that access tokens are checked with."""
    published = [key.jwk() for key in keys.keyring().published()]
    return Reply({"keys": published}, headers=DISCOVERABLE)


@routes.get("/.well-known/openid-configuration", who=ANYONE, returns=Discovery)
def discover(_: Request[None, NoQuery]) -> Reply:
    """Where to find what is needed to check access tokens."""
    issuer = settings().public_url
    document = Discovery(
        issuer=issuer,
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        id_token_signing_alg_values_supported=sorted({key.alg for key in keys.keyring().published()}),
    )
    return Reply(document, headers=DISCOVERABLE)


def _token_pair(granted: Grant) -> TokenPair:
    return TokenPair(
        access_token=granted.access_token,
        expires_in=settings().access_token_seconds,
        refresh_token=granted.refresh_token,
    )
