"""OAuth clients: services and jobs that call the API in their own name, and bearer tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.core.http.requests import Caller
    from chalicelib.oauth.store import clients
else:
    __getattr__ = names_of(__name__, {"clients": "store"})

__all__ = ["authenticate", "clients"]


def authenticate(token: str) -> Caller:
    """See `bearer_tokens.authenticate`, which loads with the first token: `app.py` names it for every request."""
    from chalicelib.oauth import bearer_tokens

    return bearer_tokens.authenticate(token)
