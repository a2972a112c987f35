"""The way back: what a provider sends a browser with is checked, exchanged, and leads to a session or to a need."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib import accounts, factors, profile
from chalicelib.connections import model as connection_model
from chalicelib.connections.authorization import check_sender
from chalicelib.connections.endpoints import endpoints_of
from chalicelib.connections.faults import ProviderFault
from chalicelib.connections.provider_identity import identify
from chalicelib.core import logs
from chalicelib.core.errors import FactorRequired, RollcallError
from chalicelib.identities import flow_cookies, linking
from chalicelib.identities.arrival import WAY, LinkNeeded, TermsNeeded, arrive
from chalicelib.identities.begin import usable
from chalicelib.identities.faults import SignInFailed, page_reason
from chalicelib.identities.flow_cookies import new_pending
from chalicelib.identities.redirects import Redirect, destination, kept_locales, localized
from chalicelib.identities.single_use import use_up
from chalicelib.sessions import browser_sessions, cookies, devices, second_factors, sign_out, token_replies
from chalicelib.sessions.new_session import UserAgent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.accounts.rows import Person
    from chalicelib.connections.provider_identity import ProviderIdentity
    from chalicelib.connections.rows import Connection
    from chalicelib.identities.flow_cookies import Flow, Need

CANCELLED = frozenset({"access_denied", "user_cancelled_authorize"})
"""What providers answer where the person did not want to (RFC 6749, section 4.1.2.1; Apple)."""

MISSING: dict[Need, str] = {
    "second_factor": "second factor missing",
    "link": "link missing",
    "terms": "agreement missing",
}
"""The reason in the log, by what is still needed."""

SIGN_IN_PAGE = "/account/sign-in"
LINK_PAGE = "/account/link"
LINKED_PAGE = "/account/security"


@dataclass(frozen=True)
class ProviderAnswer:
    """The parameters of the callback."""

    state: str = ""
    code: str = ""
    iss: str | None = None
    error: str = ""
    user: str = ""
    """Apple's form has the name here, at the first sign-in only. It is the browser's own word."""


def receive(connection_id: str, answer: ProviderAnswer, headers: Mapping[str, str], source_ip: str) -> Redirect:
    """Take a provider's answer. The flow is used up by it, whatever comes of it.

    Raises SignInFailed, ProviderDown, ProviderFault, NotFound, TooManyRequests.
    """
    try:
        connection, flow = _begun(connection_id, answer, headers)
        proved = _proved(connection, flow, answer)
        redirect = (
            _link(flow, proved, headers) if flow.links else _sign_in(connection, flow, proved, headers, source_ip)
        )
    except RollcallError as error:
        accounts.log_sign_in(WAY, "refused", reason=page_reason(error), source_ip=source_ip)
        raise
    return Redirect(redirect.location, [flow_cookies.ended_flow(answer.state), *redirect.cookies])


def problem_page(error: RollcallError, state: str, headers: Mapping[str, str], ui_locales: str = "") -> Redirect:
    """Where a browser goes that got no session: to a page that says why, in the languages of its flow, which is over,
    or in those asked for where none began."""
    flow = flow_cookies.flow_of(headers, state) if state else None
    path = LINKED_PAGE if flow and flow.links else SIGN_IN_PAGE
    location = destination(path, flow.ui_locales if flow else kept_locales(ui_locales))
    return Redirect(f"{location}#problem={page_reason(error)}", [flow_cookies.ended_flow(state)] if flow else [])


def _begun(connection_id: str, answer: ProviderAnswer, headers: Mapping[str, str]) -> tuple[Connection, Flow]:
    """The connection and the flow that this browser began, used up by this. Nothing is read or written for a browser
    that began none."""
    expired = SignInFailed("expired", "this browser began no such sign-in, or it is over: begin anew")
    flow = flow_cookies.flow_of(headers, answer.state) if answer.state else None
    if flow is None or flow.connection_id != connection_id:
        raise expired
    connection = usable(connection_id)
    if not use_up(answer.state):
        raise expired
    return connection, flow


def _proved(connection: Connection, flow: Flow, answer: ProviderAnswer) -> ProviderIdentity:
    """Whom the provider has proved. Its answer must be its own, also where it is an error."""
    endpoints = endpoints_of(connection)
    check_sender(endpoints, answer.iss)
    if answer.error:
        code = answer.error if re.fullmatch(r"[a-z_]{1,40}", answer.error) else "unnamed"
        logs.info("a provider answered with an error", connection=connection["connection_id"], error=code)
        if answer.error in CANCELLED:
            raise SignInFailed("cancelled", "the sign-in was cancelled there")
        raise SignInFailed("provider-error", "the provider refused the sign-in")
    if not answer.code:
        raise ProviderFault("the answer has no code")
    name = _name_of(answer.user) if connection_model.preset_of(connection).form_post else ""
    challenge = flow.challenge
    return identify(
        connection, endpoints, answer.code, verifier=challenge.verifier, nonce=challenge.nonce, name=name
    )


def _sign_in(
    connection: Connection, flow: Flow, proved: ProviderIdentity, headers: Mapping[str, str], source_ip: str
) -> Redirect:
    user_agent = UserAgent(source_ip, headers.get("user-agent", ""), devices.parse(flow.device))
    subjects: list[str] = []

    def verify(person: Person) -> bool:
        subjects.append(person["id"])
        return second_factors.verify(
            person, factors.PresentedFactor(), second_factors.behind_connection(person, user_agent.device)
        )

    try:
        grant = arrive(connection, proved, user_agent, factors.PresentedFactor(), verify)
    except LinkNeeded as needed:
        return _pending(flow, proved, needed.person["id"], "link", source_ip)
    except TermsNeeded:
        return _pending(flow, proved, "", "terms", source_ip)
    except FactorRequired as required:
        return _pending(flow, proved, subjects[-1], "second_factor", source_ip, required.members["factors"])
    account = profile.email_key(proved.email) if proved.email else ""
    accounts.log_sign_in(WAY, "granted", account=account, subject=grant.user_id, source_ip=source_ip)
    _end_former(flow, headers)
    return Redirect(destination(flow.return_to, flow.ui_locales), token_replies.cookies_of(grant))


def _pending(
    flow: Flow,
    proved: ProviderIdentity,
    user_id: str,
    need: Need,
    source_ip: str,
    usable_factors: Sequence[str] = (),
) -> Redirect:
    accounts.log_sign_in(WAY, "refused", reason=MISSING[need], subject=user_id, source_ip=source_ip)
    return_to = localized(flow.return_to, flow.ui_locales)
    pending = new_pending(proved, user_id, need, return_to, usable_factors)
    return Redirect(destination(LINK_PAGE, flow.ui_locales), [flow_cookies.pending_cookie(pending)])


def _end_former(flow: Flow, headers: Mapping[str, str]) -> None:
    """End the session that this browser had: the one of its cookie, which other sites' forms do not bring, else the one
    that it had when the flow began."""
    present = browser_sessions.parse(cookies.value_of(headers, cookies.SESSION))
    session_id, user_id = (present.session_id, present.user_id) if present else (flow.session_id, flow.user_id)
    if session_id:
        sign_out.end_former(session_id, user_id)


def _link(flow: Flow, proved: ProviderIdentity, headers: Mapping[str, str]) -> Redirect:
    """Link what was proved to the person who asked for it, if their session is still open in this browser."""
    present = browser_sessions.parse(cookies.value_of(headers, cookies.SESSION))
    if present is not None and present.session_id != flow.session_id:
        raise SignInFailed("session-ended", "this browser has another session by now")
    linking.link_in_session(flow.session_id, flow.user_id, proved)
    return Redirect(destination(flow.return_to or LINKED_PAGE, flow.ui_locales), [])


def _name_of(text: str) -> str:
    """The name in what Apple has the browser post: `{"name": {"firstName": …, "lastName": …}}`."""
    try:
        document = json.loads(text[:4096]) if text else {}
    except (ValueError, RecursionError):
        return ""
    name = document.get("name") if isinstance(document, dict) else None
    parts = [name.get("firstName"), name.get("lastName")] if isinstance(name, dict) else []
    return " ".join(part for part in parts if isinstance(part, str)).strip()
