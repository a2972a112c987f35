"""A session: the item of `sessions`, and what is shown of it. No AWS here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from chalicelib import accounts, factors
from chalicelib.core import clock, texts
from chalicelib.core.aws import records
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Item
    from chalicelib.sessions.refresh_tokens import RefreshToken

Reason = Literal["signed_out", "reuse", "revoked", "expired"]

AGENT_LIMIT = 200

TOLD = ("new_device", "after_import")
"""What of a session its person is told by mail."""


def new_session(
    person: Person,
    token: RefreshToken,
    agent: str,
    *,
    second_factor: bool = False,
    new_device: bool = False,
    after_import: bool = False,
) -> Item:
    """The item of a session that begins now, for the version of the person that was read before their password.

    `authenticated_at` and `second_factor` say when its person last proved who they are, and whether by two factors;
    `new_device` that nobody signed in as them before where they did now, and `after_import` that nobody did anywhere
    since a file brought them.
    """
    seen = texts.shown(agent, AGENT_LIMIT)
    told = {**({"agent": seen} if seen else {}), **({"after_import": True} if after_import else {})}
    return records.new(
        id=token.session_id,
        user_id=person["id"],
        person_version=person["version"],
        authenticated_at=clock.epoch(),
        second_factor=second_factor,
        new_device=new_device,
        refresh_hash=token.digest,
        counter=0,
        last_used_at=clock.timestamp(),
        expires_at=clock.epoch() + settings().refresh_token_days * 86400,
        **told,
    )


def rotated(session: Item, used: RefreshToken, successor: RefreshToken) -> Item:
    """The session's next version, in which the successor has taken the used token's place."""
    return {
        **session,
        **records.change_stamp(key=session["id"]),
        "version": session["version"] + 1,
        "previous_hash": used.digest,
        "refresh_hash": successor.digest,
        "rotated_at": _milliseconds(),
        "counter": session["counter"] + 1,
        "last_used_at": clock.timestamp(),
    }


def stepped_up(session: Item, person: Person, *, second_factor: bool) -> Item:
    """The session's next version, whose person, as they were read before, has just proved again who they are."""
    return {
        **session,
        **records.change_stamp(key=session["id"]),
        "version": session["version"] + 1,
        "authenticated_at": clock.epoch(),
        "second_factor": second_factor,
        "proved_version": person["version"],
    }


def is_predecessor(session: Item, used: RefreshToken) -> bool:
    """Whether the used token is the one before a successor that nobody has used yet."""
    return bool(session.get("previous_hash") == used.digest)


def authenticated_at(session: Item, person: Person) -> int:
    """When the person last proved who they are, in seconds since 1970; 0 where that counts no more."""
    return int(session["authenticated_at"]) if factors.is_fresh(person, _proved_version(session)) else 0


def has_second_factor(session: Item, person: Person) -> bool:
    """Whether they proved two factors then, and have lost none since."""
    return bool(session["second_factor"]) and factors.still_has(person, _proved_version(session))


def roles_in(session: Item, person: Person) -> frozenset[str]:
    """The person's roles that work in this session: `admin` only with a second factor, where a stage asks for one."""
    roles = frozenset(person.get("roles", ()))
    if settings().admin_second_factor == "optional" or has_second_factor(session, person):
        return roles
    return roles - {accounts.ADMIN}


def _proved_version(session: Item) -> int:
    """The version that the person was at when they last proved who they are."""
    return int(session["proved_version"] if "proved_version" in session else session["person_version"])


def is_repeated(session: Item, used: RefreshToken) -> bool:
    """Whether the used token still gets its successor: nobody has used that, and it is not too old for the stage."""
    grace = settings().refresh_grace_seconds
    if not is_predecessor(session, used):
        return False
    return grace is None or _milliseconds() - session["rotated_at"] < grace * 1000


def ended(session: Item, reason: Reason) -> Item:
    """The tombstone of a session: whose it was, and why it ended; and that it was on a new device, or the first one
    after an import, of which its person is told although it has ended."""
    return {
        "id": session["id"],
        "user_id": session["user_id"],
        "reason": reason,
        **{mark: True for mark in TOLD if session.get(mark)},
        **records.tombstone(session),
    }


def view(session: Item, current_id: str) -> dict[str, Any]:
    """The session as its owner sees it."""
    return {
        "id": session["id"],
        "agent": session.get("agent"),
        "created_at": session["created_at"],
        "last_used_at": session["last_used_at"],
        "expires_at": clock.timestamp(datetime.fromtimestamp(session["expires_at"], UTC)),
        "current": session["id"] == current_id,
    }


def _milliseconds() -> int:
    return int(clock.now().timestamp() * 1000)
