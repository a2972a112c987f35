"""The rows of the table `grants`. Whatever is random and proves something stands there by its hash alone.

`expires_at` is when DynamoDB may remove a row. It does so late, so whoever reads one looks at its own time too.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Authorized(TypedDict):
    """What a person allowed a client, and how they had signed in then."""

    client_id: str
    user_id: str
    session_id: str
    person_version: int
    """The version of the person's row when they allowed it: what ends their sessions ends it too."""
    scopes: list[str]
    resource: NotRequired[str]
    """The audience of its access tokens (RFC 8707)."""
    auth_time: int
    amr: list[str]
    acr: str
    nonce: NotRequired[str]


class Code(TypedDict):
    """`code#<SHA-256 of the code>`: an authorization code. It is kept for longer than it is good, because the use of
    one that was used before shows that somebody stole it."""

    id: str
    schema: int
    authorized: Authorized
    redirect_uri: str
    """As the request named it, which the exchange has to name again."""
    challenge: str
    """Of PKCE (RFC 7636), S256."""
    good_until: int
    expires_at: int
    grant_id: NotRequired[str]
    """What its first use gave."""


class Grant(TypedDict):
    """`grant#<id>`: what an application has of a person, until it expires or is ended, which removes the row."""

    id: str
    schema: int
    version: int
    client_id: str
    user_id: str
    session_id: str
    person_version: int
    scopes: list[str]
    resource: NotRequired[str]
    auth_time: int
    amr: list[str]
    acr: str
    created_at: str
    last_used_at: str
    expires_at: int
    refresh_hash: NotRequired[str]
    """The hash of the refresh token that is valid now; absent where the client has none."""
    counter: int
    previous_hash: NotRequired[str]
    rotated_at: NotRequired[int]


class Pushed(TypedDict):
    """`par#<SHA-256 of the request URI>`: a request that a client sent beforehand (RFC 9126)."""

    id: str
    schema: int
    client_id: str
    parameters: dict[str, str]
    good_until: int
    expires_at: int


class Spent(TypedDict):
    """`jti#<digest>`: an assertion of a client that was used."""

    id: str
    schema: int
    expires_at: int
