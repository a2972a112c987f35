"""A session: its row, its next versions, and the view of it that its owner gets. This module does not call AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib import accounts, factors
from chalicelib.core import clock, texts
from chalicelib.core.aws import records
from chalicelib.core.settings import settings
from chalicelib.sessions.authentication import OF_PASSKEY, acr_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.accounts.rows import Person
    from chalicelib.sessions.authentication import Acr, Authentication, Method
    from chalicelib.sessions.rows import Reason, Session
    from chalicelib.tokens.refresh_tokens import RefreshToken

AGENT_LIMIT = 200

MAILED_MARKS = ("new_device", "after_import")
"""Marks of a session about which its person gets a mail."""


def new_session(
    person: Person,
    token: RefreshToken,
    agent: str,
    authentication: Authentication,
    *,
    new_device: bool = False,
    after_import: bool = False,
) -> Session:
    """The row of a session that begins now. `person` is the row that was read before the password was checked."""
    shown_agent = texts.shown(agent, AGENT_LIMIT)
    optional = {
        **({"agent": shown_agent} if shown_agent else {}),
        **({"after_import": True} if after_import else {}),
        **({"connection": authentication.connection} if authentication.connection else {}),
    }
    session = records.new(
        id=token.holder_id,
        user_id=person["id"],
        person_version=person["version"],
        authenticated_at=clock.epoch(),
        second_factor=authentication.second_factor,
        amr=list(authentication.methods),
        new_device=new_device,
        refresh_hash=token.digest,
        counter=0,
        last_used_at=clock.timestamp(),
        expires_at=clock.epoch() + settings().refresh_token_days * 86400,
        **optional,
    )
    return cast("Session", session)


def stepped_up(session: Session, person: Person, methods: Sequence[Method], *, second_factor: bool) -> Session:
    """The session's next version after a step-up by these methods. `person` is the row that was read before the
    proof. A second factor from before is kept where it still counts: another proof must not bring back the level of a
    passkey that is gone."""
    before = session.get("amr", ())
    if not has_second_factor(session, person):
        before = [method for method in before if method not in OF_PASSKEY]
    proof = {
        "version": session["version"] + 1,
        "authenticated_at": clock.epoch(),
        "second_factor": second_factor,
        "amr": sorted({*before, *methods}),
        "proved_version": person["version"],
    }
    return cast("Session", {**session, **records.change_stamp(key=session["id"]), **proof})


def authenticated_at(session: Session, person: Person) -> int:
    """When the person last proved who they are, in seconds since 1970; 0 if that proof no longer counts."""
    return int(session["authenticated_at"]) if factors.is_fresh(person, _proved_version(session)) else 0


def has_second_factor(session: Session, person: Person) -> bool:
    """Whether the person proved two factors in this session, and has lost none of their factors since."""
    return bool(session["second_factor"]) and factors.still_has(person, _proved_version(session))


def acr(session: Session, person: Person) -> Acr:
    """The assurance level of the session, by the factors that the person still has."""
    return acr_of(session.get("amr", ()), second_factor=has_second_factor(session, person))


def roles_in(session: Session, person: Person) -> frozenset[str]:
    """The person's roles that count in this session. If the stage requires a second factor of administrators, `admin`
    counts only after one was proved."""
    roles = frozenset(person.get("roles", ()))
    if settings().admin_second_factor == "optional" or has_second_factor(session, person):
        return roles
    return roles - {accounts.ADMIN}


def _proved_version(session: Session) -> int:
    """The version of the person's row when they last proved who they are."""
    return int(session["proved_version"] if "proved_version" in session else session["person_version"])


def ended(session: Session, reason: Reason) -> Session:
    """The tombstone of a session: the person's id, and why the session ended. The marks for a mail stay, because the
    person gets the mail although the session has ended."""
    tombstone = {
        "id": session["id"],
        "user_id": session["user_id"],
        "reason": reason,
        **{mark: True for mark in MAILED_MARKS if session.get(mark)},
        **records.tombstone(session),
    }
    return cast("Session", tombstone)


def view(session: Session, current_id: str) -> dict[str, Any]:
    """The session as its owner sees it."""
    return {
        "id": session["id"],
        "agent": session.get("agent"),
        "created_at": session["created_at"],
        "last_used_at": session["last_used_at"],
        "expires_at": clock.timestamp_of(session["expires_at"]),
        "current": session["id"] == current_id,
    }
