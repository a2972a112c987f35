"""The session and the person behind a caller, for what they allow applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import accounts
from chalicelib.core.errors import Unauthenticated
from chalicelib.oauth.authorization.outstanding import SignedIn
from chalicelib.sessions import sessions

if TYPE_CHECKING:
    from chalicelib.core.http.requests import Caller


def signed_in_of(caller: Caller) -> SignedIn:
    """The caller's session and person: one read. Raises Unauthenticated where the session has just ended."""
    session = sessions().find_own(caller.session_id, caller.id)
    if session is None:
        raise Unauthenticated("the session has ended")
    return SignedIn(session, accounts.person_of(caller))
