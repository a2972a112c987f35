"""Which of the scopes, and whether the audience, that a request names it may have. No AWS here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.oauth.token_endpoint.errors import TokenRefused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from chalicelib.oauth.rows import Registered


def scopes_of(text: str, allowed: Collection[str]) -> list[str]:
    """The scopes of a request, each once, in its order. Raises TokenRefused for one that is not allowed."""
    scopes = list(dict.fromkeys(scope for scope in text.split(" ") if scope))
    if not set(scopes) <= set(allowed):
        raise TokenRefused("invalid_scope", "a scope is unknown, or not this client's to ask for")
    return scopes


def audience_of(resource: str | None, audiences: Sequence[str]) -> str | None:
    """The audience that a request names by `resource` (RFC 8707, section 2), or None where it names none. Raises
    TokenRefused."""
    if resource is not None and resource not in audiences:
        raise TokenRefused("invalid_target", "the resource is unknown, or not this client's to ask for")
    return resource


def still_registered(scopes: Iterable[str], resource: str | None, registered: Registered) -> list[str]:
    """Those of the granted scopes that the client may still ask for. Raises TokenRefused where it may for none of them,
    or not for this audience any more."""
    remaining = [scope for scope in scopes if scope in registered["scopes"]]
    if not remaining:
        raise TokenRefused("unauthorized_client", "the client is no longer registered for this")
    audience_of(resource, registered["audiences"])
    return remaining
