"""The row of a device that waits for a person, in the table `grants`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from chalicelib.oauth.grants.rows import Authorized  # noqa: TC001 - rows are read by their types

State = Literal["pending", "allowed", "denied"]


class Device(TypedDict):
    """`device#<MAC of the user code>`: what a client asked for on a device, until a person has answered and the client
    has fetched the answer, which removes the row."""

    id: str
    schema: int
    digest: str
    """SHA-256 of the device code, in hex."""
    client_id: str
    scopes: list[str]
    resource: NotRequired[str]
    state: State
    authorized: NotRequired[Authorized]
    """What the person allowed."""
    interval: int
    """Seconds that the client waits between two questions."""
    asked_at: NotRequired[int]
    """When it asked last."""
    good_until: int
    expires_at: int
