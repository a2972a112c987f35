"""The rows of OAuth clients in the table `credentials`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Secret(TypedDict):
    """A secret of a client, by its hash."""

    number: int
    """Grows by one with each secret; tokens carry it as the claim `credential`."""
    digest: str
    """SHA-256, in hex."""
    until: NotRequired[int]
    """When a replaced secret ends, in seconds since 1970."""


class Client(TypedDict):
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
    secret_made_at: str
    secrets: list[Secret]
    """The present one first, then the one that it replaced, where there is one."""
    previous_valid_until: NotRequired[int]
    """The `until` of the replaced secret."""
