"""The token endpoint over HTTP (RFC 6749, section 3.2)."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.core.http.routing import ANYONE, FORM, NoQuery, Reply, Request, declares
from chalicelib.oauth.token_endpoint import grants
from chalicelib.oauth.token_endpoint.errors import OAUTH_ERRORS, UNCACHED
from chalicelib.oauth.token_endpoint.schemas import TokenRequest, Tokens

tokens = Blueprint(__name__)

BODY_LIMIT = 16 * 1024


@tokens.route("/oauth2/token", methods=["POST"], content_types=[])
@declares(
    who=ANYONE,
    body=TokenRequest,
    answers={200: Tokens},
    media_types=(FORM,),
    body_limit=BODY_LIMIT,
    errors=OAUTH_ERRORS,
)
def issue_token(request: Request[TokenRequest, NoQuery]) -> Reply:
    """Get tokens: an application for a person who signed in, or a client for itself."""
    fields = request.body.model_dump(exclude_none=True)
    granted = grants.exchange(fields, request.headers.get("authorization", ""), request.source_ip)
    return Reply(granted.reply(), headers={**UNCACHED})
