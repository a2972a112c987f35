"""Coming in from elsewhere over HTTP: the way to an identity provider and back, and the identities of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib import accounts
from chalicelib.connections import connections
from chalicelib.connections import model as connection_model
from chalicelib.core.crypto.kept_texts import LENGTH_LIMIT
from chalicelib.core.errors import RollcallError
from chalicelib.core.http.routing import (
    ADMIN,
    ANYONE,
    FORM,
    FORM_LIMIT,
    SIGNED_IN,
    SUPPORT,
    AnyQuery,
    NoQuery,
    Proof,
    Reply,
    Request,
    declares,
    listing,
)
from chalicelib.identities import begin as begin_flow
from chalicelib.identities import callback, flow_cookies, linking, model, pending, store
from chalicelib.identities.begin import KnownBrowser
from chalicelib.identities.callback import ProviderAnswer
from chalicelib.identities.faults import SignInFailed
from chalicelib.identities.schemas import (
    BeginQuery,
    CallbackForm,
    CallbackQuery,
    IdentityList,
    LinkRequest,
    LinkStart,
    NoFields,
    PendingProof,
    PendingView,
    WayList,
)
from chalicelib.sessions import browser_sessions, cookies, token_replies
from chalicelib.sessions.schemas import TokenPair

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.identities.flow_cookies import Pending
    from chalicelib.identities.redirects import Redirect

identities = Blueprint(__name__)

LISTED = {"Cache-Control": "public, max-age=60"}


@identities.route("/sessions/connections", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: WayList})
def list_ways(_: Request[None, AnyQuery]) -> Reply:
    """List the identity providers that one can come from."""
    ways = [connection_model.public_view(connection) for connection in connections().enabled()]
    return Reply(listing(ways, None), headers={**LISTED})


@identities.route("/sessions/connections/{connection_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=BeginQuery, answers={303: None})
def begin(request: Request[None, BeginQuery], connection_id: str) -> Reply:
    """Send a browser to an identity provider, to sign in there."""
    query, headers = request.query, request.headers

    def run() -> Redirect:
        return begin_flow.begin(
            connection_id,
            request.source_ip,
            _browser(headers),
            headers,
            return_to=query.return_to,
            login_hint=query.login_hint,
            ui_locales=query.ui_locales,
        )

    return _redirected(headers, run, ui_locales=query.ui_locales)


@identities.route("/sessions/connections/{connection_id}/callback", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=CallbackQuery, answers={303: None})
def receive(request: Request[None, CallbackQuery], connection_id: str) -> Reply:
    """Take what an identity provider sends a browser back with: a session begins, or a page says what is missing."""
    query = request.query
    answer = ProviderAnswer(query.state, query.code, query.iss, query.error)
    return _received(request, connection_id, answer)


@identities.route("/sessions/connections/{connection_id}/callback", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=CallbackForm, answers={303: None}, media_types=(FORM,), body_limit=FORM_LIMIT)
def receive_form(request: Request[CallbackForm, NoQuery], connection_id: str) -> Reply:
    """Take the same as a form, from providers that have the browser post one."""
    body = request.body
    answer = ProviderAnswer(body.state, body.code, body.iss, body.error, body.user)
    return _received(request, connection_id, answer)


@identities.route("/sessions/connections/pending", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=NoFields, answers={200: PendingView})
def read_pending(request: Request[NoFields, NoQuery]) -> dict[str, Any]:
    """Read what a provider has proved in this browser, and what is still needed."""
    cookies.require_own_origin(request.headers)
    return pending.view(_pending(request.headers))


@identities.route("/sessions/connections/pending/confirm", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=PendingProof, answers={201: TokenPair})
def confirm_pending(request: Request[PendingProof, NoQuery]) -> Reply:
    """Sign in with what a provider has proved in this browser, and what was still needed."""
    cookies.require_own_origin(request.headers)
    body, headers = request.body, request.headers
    user_agent = token_replies.browser_of(headers, request.source_ip, device=body.device)
    grant = pending.confirm(_pending(headers), body.proof(), user_agent, body.terms_version)
    reply = token_replies.new_session_reply(grant, headers, browser=body.browser)
    reply.cookies.append(flow_cookies.ended_pending())
    return reply


@identities.route("/me/identities", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, answers={200: IdentityList})
def list_identities(request: Request[None, NoQuery]) -> dict[str, Any]:
    """List my identities at identity providers."""
    person = accounts.person_of(request.caller)
    return listing([model.view(identity) for identity in store.identities().of(person)], None)


@identities.route("/me/identities", methods=["POST"], content_types=[])
@declares(who=SIGNED_IN, body=NoFields, answers={200: IdentityList}, proof=Proof.PERSON)
def link_pending(request: Request[NoFields, NoQuery]) -> Reply:
    """Link the identity that a provider has proved in this browser, to sign in with it from now on."""
    cookies.require_own_origin(request.headers)
    person = pending.link(_pending(request.headers), accounts.person_of(request.caller))
    views = [model.view(identity) for identity in store.identities().of(person)]
    return Reply(listing(views, None), cookies=[flow_cookies.ended_pending()])


@identities.route("/me/identities/link", methods=["POST"], content_types=[])
@declares(who=SIGNED_IN, body=LinkRequest, answers={200: LinkStart}, proof=Proof.PERSON)
def begin_link(request: Request[LinkRequest, NoQuery]) -> Reply:
    """Begin to link an identity: where to send this browser, which gets a cookie that binds the answer to it."""
    body, caller = request.body, request.caller
    redirect = begin_flow.begin(
        body.connection_id,
        request.source_ip,
        KnownBrowser(session_id=caller.session_id, user_id=caller.id),
        request.headers,
        return_to=body.return_to,
        ui_locales=body.ui_locales,
        links=True,
    )
    return Reply(LinkStart(redirect=redirect.location), cookies=redirect.cookies)


@identities.route("/me/identities/{identity_id}", methods=["DELETE"], content_types=[])
@declares(who=SIGNED_IN, answers={204: None}, proof=Proof.PERSON)
def unlink(request: Request[None, NoQuery], identity_id: str) -> None:
    """Unlink one of my identities, if another way in remains."""
    linking.unlink(accounts.person_of(request.caller), identity_id, expected=request.expected_version())


@identities.route("/users/{user_id}/identities", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, answers={200: IdentityList})
def list_identities_of(_request: Request[None, NoQuery], user_id: str) -> dict[str, Any]:
    """List a person's identities at identity providers."""
    person = accounts.people().get(user_id)
    return listing([model.view(identity) for identity in store.identities().of(person)], None)


@identities.route("/users/{user_id}/identities/{identity_id}", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.RECENT)
def unlink_of(request: Request[None, NoQuery], user_id: str, identity_id: str) -> None:
    """Unlink an identity of a person, also their last way in."""
    linking.unlink_of(user_id, identity_id, expected=request.expected_version())


def _received(request: Request[Any, Any], connection_id: str, answer: ProviderAnswer) -> Reply:
    headers = request.headers
    return _redirected(
        headers,
        lambda: callback.receive(connection_id, answer, headers, request.source_ip),
        state=answer.state,
    )


def _redirected(
    headers: Mapping[str, str], run: Callable[[], Redirect], *, state: str = "", ui_locales: str = ""
) -> Reply:
    """Where a browser goes. An error leads to a page that says so, or to a problem document for who wants no page."""
    try:
        redirect = run()
    except RollcallError as error:
        if "text/html" not in headers.get("accept", ""):
            raise
        redirect = callback.problem_page(error, state, headers, ui_locales)
    return Reply(status=303, headers={"Location": redirect.location}, cookies=redirect.cookies)


def _browser(headers: Mapping[str, str]) -> KnownBrowser:
    """What this browser is known by. Pages of other sites send it back to us without these cookies, so the flow keeps
    them."""
    session = browser_sessions.parse(cookies.value_of(headers, cookies.SESSION))
    device = cookies.value_of(headers, cookies.DEVICE) or ""
    device = device if len(device) <= LENGTH_LIMIT else ""
    return KnownBrowser(device, session.session_id, session.user_id) if session else KnownBrowser(device)


def _pending(headers: Mapping[str, str]) -> Pending:
    """What is pending in this browser. Raises SignInFailed."""
    present = flow_cookies.pending_of(headers)
    if present is None:
        raise SignInFailed("expired", "nothing is pending in this browser: begin anew")
    return present
