"""The rows of the table `sessions`. Times are timestamps, or seconds since 1970 if they are numbers."""

from __future__ import annotations

from typing import Literal, NotRequired

from chalicelib.core.aws.records import Stamped

Reason = Literal["signed_out", "reuse", "revoked", "expired"]
"""Why a session ended."""


class Session(Stamped):
    """A session. Its tombstone has no more than `id`, `user_id`, `reason`, the marks for a mail, and the stamps."""

    id: str
    user_id: str
    person_version: int
    """The version of the person's row, read before the password was checked."""
    authenticated_at: int
    """When the person last proved who they are."""
    second_factor: bool
    """Whether the person proved two factors then."""
    amr: NotRequired[list[str]]
    """The methods by which they did (`authentication.Method`); sessions of former versions have none."""
    connection: NotRequired[str]
    """The connection to the identity provider through which the person came."""
    new_device: bool
    """Whether nobody had signed in to the account on this device before."""
    refresh_hash: str
    """The hash of the refresh token that is valid now."""
    counter: int
    """How many successors the first refresh token has had."""
    last_used_at: str
    expires_at: int
    agent: NotRequired[str]
    """The browser or app, as it called itself."""
    after_import: NotRequired[bool]
    """Whether it is the first session of an imported person."""
    previous_hash: NotRequired[str]
    """The hash of the refresh token before the present one."""
    rotated_at: NotRequired[int]
    """When the present refresh token replaced the one before it, in milliseconds since 1970."""
    proved_version: NotRequired[int]
    """The version of the person's row at the last step-up."""
    reason: NotRequired[Reason]
