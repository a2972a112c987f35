"""The end of a session over HTTP (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from chalice import Blueprint

from chalicelib.core.http.routing import ANYONE, FORM, FORM_LIMIT, ErrorFormat, NoQuery, Reply, Request, declares
from chalicelib.core.settings import settings
from chalicelib.oauth.authorization.errors import NoBody
from chalicelib.oauth.logout.log_out import log_out, page_url
from chalicelib.oauth.logout.schemas import LogoutForm, LogoutParameters
from chalicelib.sessions import cookies

if TYPE_CHECKING:
    from chalicelib.core.errors import RollcallError

logout = Blueprint(__name__)


def _error_reply(_error: RollcallError) -> Reply:
    """Whatever was wrong with the request: the page asks whether to sign out."""
    return Reply(None, 303, {"Location": page_url()})


PAGE_ERRORS = ErrorFormat(NoBody, _error_reply)


@logout.route("/oauth2/logout", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=LogoutParameters, answers={303: None}, errors=PAGE_ERRORS)
def log_out_by_link(request: Request[None, LogoutParameters]) -> Reply:
    """Sign out, as an application asks: at once where its ID token proves that it may, or by a page that asks."""
    return _led(request.query, request)


@logout.route("/oauth2/logout", methods=["POST"], content_types=[])
@declares(
    who=ANYONE,
    body=LogoutForm,
    answers={303: None},
    media_types=(FORM,),
    body_limit=FORM_LIMIT,
    errors=PAGE_ERRORS,
)
def log_out_by_form(request: Request[LogoutForm, NoQuery]) -> Reply:
    """Do the same for a form. One of another site comes without the cookie (`SameSite`), and is led here by a link,
    with which it does."""
    if cookies.value_of(request.headers, cookies.SESSION) is None:
        fields = urlencode(request.body.model_dump(exclude_none=True), quote_via=quote)
        return Reply(None, 303, {"Location": f"{settings().public_url}/oauth2/logout?{fields}"})
    return _led(request.body, request)


def _led(parameters: LogoutParameters, request: Request[Any, Any]) -> Reply:
    fields = parameters.model_dump(exclude_none=True)
    logged_out = log_out(fields, request.headers, request.source_ip)
    ended = [cookies.set_cookie(name, "", 0) for name in (cookies.REFRESH, cookies.SESSION)]
    headers = {"Location": logged_out.location, "Cache-Control": "no-store"}
    return Reply(None, 303, headers, cookies=ended if logged_out.ended else [])
