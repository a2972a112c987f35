"""The token endpoint over HTTP (RFC 6749, section 3.2)."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.core.http.routing import ANYONE, FORM, NoQuery, Reply, Request, declares
from chalicelib.core.settings import settings
from chalicelib.oauth import client_credentials
from chalicelib.oauth.client_credentials import OAUTH_ERRORS, UNCACHED
from chalicelib.oauth.schemas import AccessToken, TokenRequest

tokens = Blueprint(__name__)

BODY_LIMIT = 4096


@tokens.route("/oauth2/token", methods=["POST"], content_types=[])
@declares(
    who=ANYONE,
    body=TokenRequest,
    answers={200: AccessToken},
    media_types=(FORM,),
    body_limit=BODY_LIMIT,
    errors=OAUTH_ERRORS,
)
def issue_token(request: Request[TokenRequest, NoQuery]) -> Reply:
    """Get an access token for a machine, by its client's id and secret."""
    token = client_credentials.grant(
        request.body.model_dump(exclude_none=True), request.headers.get("authorization", ""), request.source_ip
    )
    return Reply(AccessToken(access_token=token, expires_in=settings().access_token_seconds), headers={**UNCACHED})
