"""Begin a session. The person gets an access token, and a refresh token with which to get the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib import accounts, factors
from chalicelib.core import ids
from chalicelib.sessions import devices, model, session_limits
from chalicelib.sessions.store import sessions
from chalicelib.tokens import access_tokens, refresh_tokens

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.sessions.authentication import Authentication
    from chalicelib.sessions.devices import Device
    from chalicelib.sessions.rows import Session
    from chalicelib.tokens.refresh_tokens import RefreshToken


@dataclass(frozen=True)
class UserAgent:
    """The browser or app that a person signs in with. `device` is the device of its token, which may be another
    person's."""

    source_ip: str
    agent: str = ""
    device: Device | None = None


@dataclass(frozen=True)
class Grant:
    """The tokens of one session, which expires at `expires_at` (seconds since 1970). `device` is the token of the
    device, for a new session only. `second_factor_need` is set for an administrator who has no second factor."""

    session_id: str
    user_id: str
    access_token: str
    refresh_token: str
    expires_at: int
    device: str | None = None
    second_factor_need: factors.Need | None = None


def begin(person: Person, user_agent: UserAgent, authentication: Authentication) -> Grant:
    """Begin a session: one write. `person` is the row that was read before the person proved who they are. Raises
    TooManyRequests if the person began too many sessions in this hour: on this device, if it is known to be theirs, or
    else by this way to sign in."""
    token = refresh_tokens.first(ids.new_id(), person["id"])
    device = user_agent.device if user_agent.device and user_agent.device.is_of(person) else None
    session_limits.admit(person["id"], device.id if device else authentication.way)
    session = model.new_session(
        person,
        token,
        user_agent.agent,
        authentication,
        new_device=device is None,
        after_import=accounts.is_awaited(person),
    )
    sessions().start(session, person)
    session_limits.make_room(person["id"])
    return grant(token, person, session, device=str(devices.remembered(person, user_agent.device)))


def grant(token: RefreshToken, person: Person, session: Session, *, device: str | None = None) -> Grant:
    """The tokens of a session: a new access token, and the refresh token `token`."""
    person_in_session: Person = {**person, "roles": sorted(model.roles_in(session, person))}
    access_token = access_tokens.issue(person_in_session, token.holder_id)
    return Grant(
        token.holder_id,
        person["id"],
        access_token,
        str(token),
        session["expires_at"],
        device,
        factors.need_of(person),
    )
