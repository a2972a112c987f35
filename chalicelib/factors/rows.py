"""The rows of second factors in the table `credentials`. Times are timestamps, or seconds since 1970 in numbers."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from chalicelib.core.crypto.seals import Sealed


class Totp(Sealed):
    """A TOTP secret that its owner has confirmed."""

    last_step: int
    """The last time step whose code was used; -1 where none was."""
    since: str
    bits: NotRequired[int]
    """The length of a secret of another system that is shorter than it should be."""


class PendingTotp(Sealed):
    """A TOTP secret that its owner has not confirmed yet."""

    until: int


class PasskeyUse(TypedDict):
    """What an authenticator says of a passkey at each use."""

    sign_count: int
    synced: bool
    """Whether it is backed up beyond one device."""


class NewCredential(PasskeyUse):
    """What an authenticator says of a passkey that it has just made."""

    id: str
    """In base64url."""
    credential: bytes
    """WebAuthn's attested credential data, with the public key."""


class Passkey(NewCredential):
    name: str
    created_at: str
    last_used_at: NotRequired[str]
    transports: NotRequired[list[str]]


class FactorsRow(TypedDict):
    """`factors#<user id>`: all second factors of a person."""

    id: str
    schema: int
    version: int
    totp: NotRequired[Totp]
    pending: NotRequired[PendingTotp]
    recovery_codes: NotRequired[list[str]]
    """The hashes of those that are not used yet."""
    recovery_codes_at: NotRequired[str]
    passkeys: NotRequired[list[Passkey]]
    handle: NotRequired[bytes]
    """64 bytes at most, by which authenticators know the person."""


class PasskeyOwner(TypedDict):
    """`passkey#<passkey id>`: whose passkey that is."""

    id: str
    schema: int
    user_id: str
