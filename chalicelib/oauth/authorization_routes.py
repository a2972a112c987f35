"""The authorization endpoint over HTTP, and the route by which its page gives a person's word."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint

from chalicelib.core.http.routing import ANYONE, FORM, FORM_LIMIT, SIGNED_IN, NoQuery, Reply, Request, declares
from chalicelib.oauth.authorization import authorize, consent, pushed_requests
from chalicelib.oauth.authorization.errors import PAGE_ERRORS
from chalicelib.oauth.authorization.schemas import (
    AuthorizationForm,
    AuthorizationParameters,
    ConsentAnswer,
    NextStep,
    PushedParameters,
    PushedRequest,
)
from chalicelib.oauth.authorization.signed_in import signed_in_of
from chalicelib.oauth.client_authentication import client_of
from chalicelib.oauth.token_endpoint.errors import OAUTH_ERRORS, UNCACHED

authorization = Blueprint(__name__)


@authorization.route("/oauth2/authorize", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AuthorizationParameters, answers={303: None}, errors=PAGE_ERRORS)
def authorize_by_link(request: Request[None, AuthorizationParameters]) -> Reply:
    """Let an application ask who is signed in: the browser is sent back to it, or to the page."""
    return _led(request.query, request)


@authorization.route("/oauth2/authorize", methods=["POST"], content_types=[])
@declares(
    who=ANYONE,
    body=AuthorizationForm,
    answers={303: None},
    media_types=(FORM,),
    body_limit=FORM_LIMIT,
    errors=PAGE_ERRORS,
)
def authorize_by_form(request: Request[AuthorizationForm, NoQuery]) -> Reply:
    """Do the same for a form."""
    return _led(request.body, request)


@authorization.route("/oauth2/par", methods=["POST"], content_types=[])
@declares(
    who=ANYONE,
    body=PushedParameters,
    answers={201: PushedRequest},
    media_types=(FORM,),
    body_limit=FORM_LIMIT,
    errors=OAUTH_ERRORS,
)
def push_request(request: Request[PushedParameters, NoQuery]) -> Reply:
    """Send a request beforehand, as its client: the browser then carries a name of it alone (RFC 9126)."""
    fields = request.body.model_dump(exclude_none=True)
    client = client_of(fields, request.headers.get("authorization", ""), request.source_ip)
    request_uri = pushed_requests.push(client, fields, request.source_ip)
    return Reply(PushedRequest(request_uri=request_uri, expires_in=pushed_requests.SECONDS), headers={**UNCACHED})


@authorization.route("/oauth2/consent", methods=["POST"], content_types=[])
@declares(who=SIGNED_IN, body=ConsentAnswer, answers={200: NextStep})
def consent_to_request(request: Request[ConsentAnswer, NoQuery]) -> dict[str, object]:
    """Go on with an application's request as the person that I am signed in as, or say no to it."""
    return consent.answer(request.body.request, signed_in_of(request.caller), request.body.allow)


def _led(parameters: AuthorizationParameters, request: Request[Any, Any]) -> Reply:
    fields = parameters.model_dump(exclude_none=True)
    location = authorize.authorize(fields, request.headers, request.source_ip)
    return Reply(None, 303, {"Location": location, "Cache-Control": "no-store"})
