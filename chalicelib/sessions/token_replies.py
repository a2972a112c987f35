"""The reply with the tokens of a session, and the cookies that hold them in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core import clock
from chalicelib.core.http.replies import Reply
from chalicelib.core.settings import settings
from chalicelib.sessions import browser_sessions, cookies, devices, sign_out
from chalicelib.sessions.new_session import UserAgent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.sessions.new_session import Grant


def browser_of(headers: Mapping[str, str], source_ip: str, *, device: str | None = None) -> UserAgent:
    """The browser that sends a request, with its device: the given token, or else that of its cookie."""
    text = device or cookies.value_of(headers, cookies.DEVICE)
    return UserAgent(source_ip, headers.get("user-agent", ""), devices.parse(text))


def new_session_reply(grant: Grant, headers: Mapping[str, str], *, browser: bool) -> Reply:
    """The reply with the tokens of a session that has just begun. The browser's session before it ends."""
    if browser:
        sign_out.end_replaced(cookies.value_of(headers, cookies.REFRESH))
    return token_reply(grant, browser=browser)


def token_reply(grant: Grant, *, browser: bool) -> Reply:
    """The reply with the tokens of a session. In a browser, cookies hold all but the access token."""
    pair = {
        "access_token": grant.access_token,
        "token_type": "Bearer",
        "expires_in": settings().access_token_seconds,
        "refresh_token": None if browser else grant.refresh_token,
        "device": None if browser else grant.device,
        "second_factor": grant.second_factor_need,
    }
    set_cookies = cookies_of(grant) if browser else []
    return Reply({name: value for name, value in pair.items() if value is not None}, cookies=set_cookies)


def cookies_of(grant: Grant) -> list[str]:
    """The `Set-Cookie` headers that keep a session in a browser."""
    seconds = grant.expires_at - clock.epoch()
    set_cookies = [
        cookies.set_cookie(cookies.REFRESH, grant.refresh_token, seconds),
        cookies.set_cookie(
            cookies.SESSION,
            browser_sessions.cookie_value(grant.session_id, grant.user_id),
            seconds,
            same_site="Lax",
        ),
    ]
    if grant.device:
        set_cookies.append(cookies.set_cookie(cookies.DEVICE, grant.device, devices.LIFE_SECONDS))
    return set_cookies


def signed_out_reply(headers: Mapping[str, str]) -> Reply:
    """The reply to a request that ended its own session: the browser's cookies of it go too."""
    ended = [name for name in (cookies.REFRESH, cookies.SESSION) if cookies.value_of(headers, name) is not None]
    return Reply(cookies=[cookies.set_cookie(name, "", 0) for name in ended])
