"""The routes of sessions: sign in, refresh, step up, sign out, those of others, and the public keys that verify access
tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib import accounts, factors, limits
from chalicelib.accounts.schemas import Accepted
from chalicelib.core import ids
from chalicelib.core.aws.secret_cache import CACHED_SECONDS
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.http.routing import (
    ADMIN,
    ANYONE,
    SIGNED_IN,
    SUPPORT,
    AnyQuery,
    ListQuery,
    NoQuery,
    Proof,
    Reply,
    Request,
    declares,
    listing,
)
from chalicelib.core.settings import settings
from chalicelib.sessions import (
    cookies,
    devices,
    model,
    store,
    token_replies,
)
from chalicelib.sessions import refresh as refresh_flow
from chalicelib.sessions import sign_in as sign_in_flow
from chalicelib.sessions import sign_out as sign_out_flow
from chalicelib.sessions import step_up as step_up_flow
from chalicelib.sessions.new_session import UserAgent
from chalicelib.sessions.schemas import (
    ASKER,
    CodeRequest,
    CodeSignIn,
    KeyList,
    OfClient,
    PasskeyOptions,
    PasskeySignIn,
    Refresh,
    SessionList,
    SignIn,
    StepUp,
    TokenPair,
)
from chalicelib.tokens import signing_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.accounts.rows import Person
    from chalicelib.sessions.new_session import Grant

sessions = Blueprint(__name__)

DISCOVERABLE = {"Cache-Control": f"public, max-age={CACHED_SECONDS}"}


@sessions.route("/sessions", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=SignIn, answers={201: TokenPair})
def sign_in(request: Request[SignIn, NoQuery]) -> Reply:
    """Sign in with address and password, and a second factor if there is one."""
    body, user_agent = request.body, _user_agent(request)
    return _begun_reply(request, sign_in_flow.by_password(body.email, body.password, body.proof(), user_agent))


@sessions.route("/sessions/email", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=CodeRequest, answers={202: Accepted})
def ask_for_code(request: Request[CodeRequest, NoQuery]) -> Reply:
    """Ask for a mail with a code to sign in with."""
    body, agent = request.body, request.headers.get("user-agent", "")
    asker, set_cookies = body.asker, []
    if body.browser:
        cookies.require_own_origin(request.headers)
        asker = asker or _asker_secret(request.headers) or ids.new_secret()
        set_cookies.append(cookies.set_cookie(cookies.ASKER, asker, accounts.sign_in_codes.CODE_SECONDS))
    accounts.sign_in_codes.ask(body.email, request.source_ip, agent=agent, asker=asker)
    return Reply(Accepted(), cookies=set_cookies)


@sessions.route("/sessions/email/confirm", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=CodeSignIn, answers={201: TokenPair})
def sign_in_by_code(request: Request[CodeSignIn, NoQuery]) -> Reply:
    """Sign in with a mailed code, and a second factor if there is one."""
    body, user_agent = request.body, _user_agent(request)
    asker = body.asker or (_asker_secret(request.headers) if body.browser else None)
    return _begun_reply(
        request, sign_in_flow.by_code(body.code, body.email, body.proof(), user_agent, asker=asker)
    )


@sessions.route("/sessions/passkey/options", methods=["POST"], content_types=[])
@declares(who=ANYONE, answers={200: PasskeyOptions})
def ask_for_passkey(request: Request[None, NoQuery]) -> dict[str, Any]:
    """Get a challenge for any passkey of this site, good once and for five minutes."""
    limits.rates().take("passkey", request.source_ip, settings().sign_ins_per_hour)
    return factors.passkey_options()


@sessions.route("/sessions/passkey", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=PasskeySignIn, answers={201: TokenPair})
def sign_in_by_passkey(request: Request[PasskeySignIn, NoQuery]) -> Reply:
    """Sign in with a passkey alone."""
    return _begun_reply(request, sign_in_flow.by_passkey(request.body.response, _user_agent(request)))


@sessions.route("/sessions/refresh", methods=["POST"], content_types=[])
@declares(who=ANYONE, body=Refresh, answers={200: TokenPair})
def refresh(request: Request[Refresh, NoQuery]) -> Reply:
    """Get new tokens for a refresh token, which is good once.

    A browser leaves it out: then the one in the cookie counts, for pages of this site and of allowed origins.
    """
    text, browser = request.body.refresh_token, request.body.refresh_token is None
    if browser:
        cookies.require_own_origin(request.headers)
        text = cookies.value_of(request.headers, cookies.REFRESH)
    if text is None:
        raise Unauthenticated("there is no refresh token, in the body or in the cookie")
    return token_replies.token_reply(refresh_flow.refresh(text, source_ip=request.source_ip), browser=browser)


@sessions.route("/sessions/current/step-up", methods=["POST"], content_types=[])
@declares(who=SIGNED_IN, body=StepUp, answers={204: None})
def step_up(request: Request[StepUp, NoQuery]) -> None:
    """Prove again who I am: with a second factor, or with the password where there is none."""
    step_up_flow.step_up(request.caller, request.body.password, request.body.proof(), request.source_ip)


@sessions.route("/sessions", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, query=ListQuery, answers={200: SessionList})
def list_sessions(request: Request[None, ListQuery]) -> dict[str, object]:
    """List where I am signed in, newest first."""
    return _listed(request, accounts.person_of(request.caller))


@sessions.route("/sessions/current", methods=["DELETE"], content_types=[])
@declares(who=SIGNED_IN, answers={204: None})
def sign_out(request: Request[None, NoQuery]) -> Reply:
    """Sign out."""
    sign_out_flow.sign_out(request.caller.session_id, request.caller.id)
    return token_replies.signed_out_reply(request.headers)


@sessions.route("/sessions/{session_id}", methods=["DELETE"], content_types=[])
@declares(who=SIGNED_IN, answers={204: None})
def sign_out_there(request: Request[None, NoQuery], session_id: str) -> Reply:
    """Sign out one of my devices."""
    sign_out_flow.sign_out(session_id, request.caller.id)
    return token_replies.signed_out_reply(request.headers) if session_id == request.caller.session_id else Reply()


@sessions.route("/sessions", methods=["DELETE"], content_types=[])
@declares(who=SIGNED_IN, answers={204: None})
def sign_out_everywhere(request: Request[None, NoQuery]) -> Reply:
    """Sign out everywhere, here too; every device is a stranger's from then on."""
    sign_out_flow.sign_out_everywhere(accounts.person_of(request.caller), request.caller.session_id)
    return token_replies.signed_out_reply(request.headers)


@sessions.route("/users/{user_id}/sessions", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, query=ListQuery, answers={200: SessionList})
def list_sessions_of(request: Request[None, ListQuery], user_id: str) -> dict[str, object]:
    """List where a person is signed in, newest first."""
    return _listed(request, accounts.people().get(user_id))


@sessions.route("/users/{user_id}/sessions/{session_id}", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.RECENT)
def revoke_session(_: Request[None, NoQuery], user_id: str, session_id: str) -> None:
    """End one session of a person."""
    sign_out_flow.revoke(session_id, user_id)


@sessions.route("/users/{user_id}/sessions", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.RECENT)
def revoke_sessions(_: Request[None, NoQuery], user_id: str) -> None:
    """End every session of a person; every device is a stranger's from then on."""
    sign_out_flow.revoke_all(user_id)


@sessions.route("/.well-known/jwks.json", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: KeyList})
def list_keys(_: Request[None, AnyQuery]) -> Reply:
    """The keys that access tokens are checked with."""
    published = [key.jwk() for key in signing_keys.keyring().published()]
    return Reply({"keys": published}, headers=DISCOVERABLE)


def _listed(request: Request[None, ListQuery], person: Person) -> dict[str, object]:
    """A result page of a person's open sessions. Those that a change of the person ended are left out."""
    page_request = request.page_request()
    result_page = store.sessions().result_page_of(person["id"], limit=page_request.limit, start=page_request.start)
    return listing(
        [
            model.view(session, request.caller.session_id)
            for session in result_page.items
            if accounts.may_continue(person, session["id"], session["person_version"])
        ],
        page_request.cursor(result_page.next),
    )


def _user_agent(request: Request[Any, NoQuery]) -> UserAgent:
    """The browser or app of a request to sign in. Raises Forbidden if a page of another site sent the request."""
    body: OfClient = request.body
    if not body.browser:
        return UserAgent(request.source_ip, request.headers.get("user-agent", ""), devices.parse(body.device))
    cookies.require_own_origin(request.headers)
    return token_replies.browser_of(request.headers, request.source_ip, device=body.device)


def _begun_reply(request: Request[Any, NoQuery], grant: Grant) -> Reply:
    body: OfClient = request.body
    return token_replies.new_session_reply(grant, request.headers, browser=body.browser)


def _asker_secret(headers: Mapping[str, str]) -> str | None:
    """The secret that this browser sent when it last asked for a code, or None. With the same secret again, all codes
    that the browser asked for stay valid in it."""
    secret = cookies.value_of(headers, cookies.ASKER)
    return secret if secret and re.fullmatch(ASKER, secret) else None
