"""OAuth: clients (services, jobs and applications), what applications are allowed by people, and bearer tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.core.http.requests import Caller
    from chalicelib.oauth import back_channel
    from chalicelib.oauth.grants_of_person import erase, held_about
    from chalicelib.oauth.store import changes, clients
else:
    __getattr__ = names_of(
        __name__,
        {
            "back_channel": "",
            "changes": "store",
            "clients": "store",
            "erase": "grants_of_person",
            "held_about": "grants_of_person",
        },
    )

__all__ = ["authenticate", "back_channel", "changes", "clients", "erase", "held_about"]


def authenticate(token: str) -> Caller:
    """See `bearer_tokens.authenticate`, which loads with the first token: `app.py` names it for every request."""
    from chalicelib.oauth import bearer_tokens

    return bearer_tokens.authenticate(token)
