"""Beginning a session, and what its person is given: an access token, and the refresh token that renews it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib import accounts, factors
from chalicelib.core import ids
from chalicelib.sessions import (
    devices,
    model,
    refresh_tokens,
    session_limits,
)
from chalicelib.sessions.store import sessions
from chalicelib.tokens import access_tokens

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Item
    from chalicelib.sessions.devices import Device
    from chalicelib.sessions.refresh_tokens import RefreshToken


@dataclass(frozen=True)
class Client:
    """The browser or app that somebody signs in with. `device` is what its token said, whosoever it is."""

    source_ip: str
    agent: str = ""
    device: Device | None = None


@dataclass(frozen=True)
class Grant:
    """The tokens of one session, which ends at `expires_at`, and at its beginning the token of the device. `wanted`
    says whether an administrator without a second factor needs one."""

    access_token: str
    refresh_token: str
    expires_at: int
    device: str | None = None
    wanted: factors.Need | None = None


def begin(person: Person, client: Client, way: str, *, second_factor: bool) -> Grant:
    """Begin a session of a person who has proved who they are, as they were read before they did: one write. Raises
    TooManyRequests where they did so too often this hour by that way, or on that device where they are known on it."""
    token = refresh_tokens.first(ids.new_id(), person["id"])
    device = client.device if client.device and client.device.is_of(person) else None
    session_limits.admit(person["id"], device.id if device else way)
    session = model.new_session(
        person,
        token,
        client.agent,
        second_factor=second_factor,
        new_device=device is None,
        after_import=accounts.is_awaited(person),
    )
    sessions().start(session, person)
    session_limits.make_room(person["id"])
    return grant(token, person, session, device=str(devices.remembered(person, client.device)))


def grant(token: RefreshToken, person: Person, session: Item, *, device: str | None = None) -> Grant:
    """The tokens of this person in the session that the refresh token is of."""
    working: Person = {**person, "roles": sorted(model.roles_in(session, person))}
    access_token = access_tokens.issue(working, token.session_id)
    return Grant(access_token, str(token), session["expires_at"], device, factors.need_of(person))
