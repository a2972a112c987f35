"""The rows of OAuth clients: in the table `credentials`, and their public records in the table `clients`."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from chalicelib.core.aws.records import Stamped

ClientType = Literal["machine", "public", "confidential"]
"""A service or job that calls in its own name; an application that cannot keep a secret (RFC 6749, section 2.1), as
those in browsers and on phones; one that can, as those on servers."""

AuthenticationMethod = Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
"""How a client proves itself at the token endpoint, by its name in OAuth's registry. A client with a secret may send it
in either way."""

GrantType = Literal[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
]

Source = Literal["admin", "registration"]


class Secret(TypedDict):
    """A secret of a client, by its hash."""

    number: int
    """Grows by one with each secret; tokens carry it as the claim `credential`."""
    digest: str
    """SHA-256, in hex."""
    until: NotRequired[int]
    """When a replaced secret ends, in seconds since 1970."""


class Registered(TypedDict, total=False):
    """What a client may do. A machine that a former version created has none of these, see `model.registered`."""

    type: ClientType
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str
    scopes: list[str]
    """That it may ask for."""
    grant_types: list[GrantType]
    first_party: bool
    """Whether it is the owner's own: people are not asked for their consent."""
    token_endpoint_auth_method: AuthenticationMethod
    audiences: list[str]
    """The resource servers (RFC 8707) that its tokens may be for."""
    access_token_seconds: int
    refresh_token_days: int
    require_par: bool
    uri: str
    logo_uri: str
    source: Source


class Client(Registered):
    """`client#<client id>`. Times are timestamps. The index of lists holds `model.LISTED` alone."""

    id: str
    kind: Literal["client"]
    schema: int
    version: int
    client_id: str
    name: str
    roles: list[str]
    created_at: str
    updated_at: str
    secret_made_at: NotRequired[str]
    """Absent where the client has no secret."""
    secrets: list[Secret]
    """The present one first, then the one that it replaced, where there is one. Empty where the client has none."""
    previous_valid_until: NotRequired[int]
    """The `until` of the replaced secret."""
    jwks: NotRequired[dict[str, Any]]
    """The public keys (RFC 7517) of a client that proves itself by `private_key_jwt`."""
    key_set: NotRequired[int]
    """Grows by one with each change of the keys; tokens carry it as the claim `credential`."""


class ClientRecord(Registered, Stamped):
    """What of a client is public, in the table `clients`, by its client id. Its tombstone has the keys and stamps
    alone."""

    id: str
    name: str
    roles: list[str]
    secret_made_at: NotRequired[str]
    key_set: NotRequired[int]
