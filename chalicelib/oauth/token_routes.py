"""The token endpoint over HTTP (RFC 6749, section 3.2)."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.core.http.routing import ANYONE, FORM, FORM_LIMIT, AnyQuery, NoQuery, Reply, Request, declares
from chalicelib.oauth.client_authentication import client_of
from chalicelib.oauth.token_endpoint import grants, introspection, revocation
from chalicelib.oauth.token_endpoint import userinfo as userinfo_claims
from chalicelib.oauth.token_endpoint.errors import OAUTH_ERRORS, UNCACHED, TokenRefused
from chalicelib.oauth.token_endpoint.schemas import Claims, Introspection, TokenForm, TokenRequest, Tokens

tokens = Blueprint(__name__)


@tokens.route("/oauth2/token", methods=["POST"], content_types=[])
@declares(
    who=ANYONE,
    body=TokenRequest,
    answers={200: Tokens},
    media_types=(FORM,),
    body_limit=FORM_LIMIT,
    errors=OAUTH_ERRORS,
)
def issue_token(request: Request[TokenRequest, NoQuery]) -> Reply:
    """Get tokens: an application for a person who signed in, or a client for itself."""
    fields = request.body.model_dump(exclude_none=True)
    granted = grants.exchange(fields, request.headers.get("authorization", ""), request.source_ip)
    return Reply(granted.reply(), headers={**UNCACHED})


@tokens.route("/oauth2/revoke", methods=["POST"], content_types=[])
@declares(
    who=ANYONE,
    body=TokenForm,
    answers={200: None},
    media_types=(FORM,),
    body_limit=FORM_LIMIT,
    errors=OAUTH_ERRORS,
)
def revoke_token(request: Request[TokenForm, NoQuery]) -> Reply:
    """Give a token back, as its client: all tokens of its grant end (RFC 7009)."""
    fields = request.body.model_dump(exclude_none=True)
    client = client_of(fields, request.headers.get("authorization", ""), request.source_ip)
    revocation.revoke(client, _token_in(fields))
    return Reply(headers={**UNCACHED})


@tokens.route("/oauth2/introspect", methods=["POST"], content_types=[])
@declares(
    who=ANYONE,
    body=TokenForm,
    answers={200: Introspection},
    media_types=(FORM,),
    body_limit=FORM_LIMIT,
    errors=OAUTH_ERRORS,
)
def introspect_token(request: Request[TokenForm, NoQuery]) -> Reply:
    """Ask whether a token is good, as its client or as the resource server that it is for (RFC 7662)."""
    fields = request.body.model_dump(exclude_none=True)
    client = client_of(fields, request.headers.get("authorization", ""), request.source_ip)
    return Reply(introspection.introspect(client, _token_in(fields)), headers={**UNCACHED})


@tokens.route("/oauth2/userinfo", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: Claims}, bearer="an application's access token")
def read_userinfo(request: Request[None, AnyQuery]) -> dict[str, object]:
    """Read what an application may know of its person, by its access token."""
    return userinfo_claims.userinfo(request.headers.get("authorization", ""))


@tokens.route("/oauth2/userinfo", methods=["POST"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: Claims}, bearer="an application's access token")
def ask_userinfo(request: Request[None, AnyQuery]) -> dict[str, object]:
    """Do the same, as OpenID Connect lets clients choose the method."""
    return userinfo_claims.userinfo(request.headers.get("authorization", ""))


def _token_in(fields: dict[str, str]) -> str:
    if "token" not in fields:
        raise TokenRefused("invalid_request", "token is missing")
    return fields["token"]
