"""The two ceremonies of WebAuthn Level 3, registration and authentication, without any person or table.

Every passkey is discoverable and verifies its user (by finger, face or PIN), so it stands for two factors. We do not
ask for attestation: it does not matter who built the authenticator. Yubico's library does the rest. py_webauthn was
not taken: it brings pyOpenSSL, and botocore loads that into every function where it is installed.
"""

from __future__ import annotations

import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.core import ids
from chalicelib.core.settings import settings
from chalicelib.factors import relying_party
from chalicelib.factors.challenges import LIFETIME_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fido2.server import Fido2Server

    from chalicelib.factors.rows import NewCredential, PasskeyUse

ALGORITHMS = (-8, -7, -257)
"""EdDSA, ES256 and RS256: every authenticator has one of these (WebAuthn, section 5.4)."""
ID_LIMIT = 1023
"""Bytes (WebAuthn, section 5.8.3)."""
KEY_LIMIT = 1024
"""Bytes of a public key: one of RSA with 4096 bits takes half."""

TRANSPORTS = 10
TRANSPORT_LIMIT = 32
"""Names of transports that are stored of a passkey at most, and characters of each. Today there are six names, of 10
characters at most."""

_REQUIRED = "required"
_PARTS = {"clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"}


class Rejected(Exception):
    """An answer of an authenticator that is not valid, or that is no such answer at all."""


def creation_options(
    challenge: bytes, user_handle: bytes, name: str, display_name: str, registered_ids: Sequence[str]
) -> dict[str, Any]:
    """PublicKeyCredentialCreationOptionsJSON for the person of that handle, who has the passkeys `registered_ids`."""
    options, _ = _server().register_begin(
        {"id": ids.base64url(user_handle), "name": name, "displayName": display_name},  # type: ignore[arg-type]
        [{"type": "public-key", "id": passkey_id} for passkey_id in registered_ids],  # type: ignore[misc]
        resident_key_requirement=_REQUIRED,  # type: ignore[arg-type]
        user_verification=_REQUIRED,  # type: ignore[arg-type]
        challenge=challenge,
    )
    return dict(options.public_key)


def request_options(challenge: bytes) -> dict[str, Any]:
    """PublicKeyCredentialRequestOptionsJSON for any passkey of this site: the person chooses one."""
    options, _ = _server().authenticate_begin([], _REQUIRED, challenge)  # type: ignore[arg-type]
    return dict(options.public_key)


def parsed_registration(response: dict[str, Any]) -> Any:
    """A RegistrationResponse from its JSON. Raises Rejected."""
    from fido2.webauthn import RegistrationResponse

    with _rejected():
        return RegistrationResponse.from_dict(_text_members(response))


def transports(response: dict[str, Any]) -> list[str]:
    """The names of the transports by which a passkey can be reached, as they came: the standard wants unknown names to
    be stored too (WebAuthn Level 3, section 5.4.3). Empty where they are no list of names."""
    inner = response.get("response")
    reported = inner.get("transports") if isinstance(inner, dict) else None
    names = reported if isinstance(reported, list) else []
    return [name for name in names if isinstance(name, str) and 1 <= len(name) <= TRANSPORT_LIMIT][:TRANSPORTS]


def parsed_authentication(response: dict[str, Any]) -> Any:
    """An AuthenticationResponse from its JSON. Raises Rejected."""
    from fido2.webauthn import AuthenticationResponse

    with _rejected():
        return AuthenticationResponse.from_dict(_text_members(response))


def registered(answer: Any, challenge: bytes) -> NewCredential:
    """What to store of the passkey that was made for this challenge. Raises Rejected."""
    with _rejected():
        _check_frame(answer)
        data = _server().register_complete(_state(challenge), answer)
        _check_flags(data)
        credential = data.credential_data
        if credential is None or credential.credential_id != answer.raw_id:
            raise ValueError("without the passkey that it is about")
        if not 1 <= len(credential.credential_id) <= ID_LIMIT or len(credential) > ID_LIMIT + KEY_LIMIT:
            raise ValueError("beyond what a passkey may be")
        _check_key(credential.public_key)
        return {
            "id": ids.base64url(credential.credential_id),
            "credential": bytes(credential),
            "sign_count": data.counter,
            "synced": data.is_backed_up(),
        }


def authenticated(answer: Any, challenge: bytes, credential: bytes) -> PasskeyUse:
    """What a stored passkey, which signed this challenge, says of itself now. Raises Rejected.

    The caller checks whether its counter has grown.
    """
    from fido2.webauthn import AttestedCredentialData

    with _rejected():
        _check_frame(answer)
        _server().authenticate_complete(_state(challenge), [AttestedCredentialData(credential)], answer)
        data = answer.response.authenticator_data
        _check_flags(data)
        return {"sign_count": data.counter, "synced": data.is_backed_up()}


def _text_members(response: dict[str, Any]) -> dict[str, Any]:
    """The members of an answer that we read. Raises ValueError where one is no text: from a number, the library would
    make so many bytes.
    """
    outer: dict[str, Any] = {name: response[name] for name in ("id", "rawId", "type") if name in response}
    parts = {name: value for name, value in response["response"].items() if name in _PARTS and value is not None}
    if not all(isinstance(value, str) for value in (*outer.values(), *parts.values())):
        raise ValueError("other than text")
    return {**outer, "response": parts}


def _server() -> Fido2Server:
    """Our relying party, for exactly one origin. The library's own rule would accept every subdomain."""
    from fido2.server import Fido2Server
    from fido2.webauthn import PublicKeyCredentialParameters, PublicKeyCredentialRpEntity, PublicKeyCredentialType

    host, origin = relying_party.rp_id(), relying_party.origin()
    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=host, name=settings().product_name),
        attestation="none",  # type: ignore[arg-type]
        verify_origin=lambda page_origin: page_origin == origin,
    )
    server.timeout = LIFETIME_SECONDS * 1000  # type: ignore[assignment]
    server.allowed_algorithms = [
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=algorithm)
        for algorithm in ALGORITHMS
    ]
    return server


def _state(challenge: bytes) -> dict[str, Any]:
    return {"challenge": ids.base64url(challenge), "user_verification": _REQUIRED}


def _check_frame(answer: Any) -> None:
    if answer.response.client_data.cross_origin is not False:
        raise ValueError("asked for in another site's frame")


def _check_flags(data: Any) -> None:
    """Raises ValueError for a passkey that is backed up although it cannot be (WebAuthn Level 3, sections 7.1 and 7.2).
    Whether it can be may change later: authenticators learn to synchronise, and that must not lock their owners out."""
    if data.is_backed_up() and not data.is_backup_eligible():
        raise ValueError("backed up, and not eligible for it")


def _check_key(key: Any) -> None:
    """Raises ValueError for a key of an algorithm that we did not ask for, or one that accepts any signature."""
    from cryptography.exceptions import InvalidSignature

    if key.ALGORITHM not in ALGORITHMS:
        raise ValueError("another algorithm than was asked for")
    try:
        key.verify(b"", b"")
    except InvalidSignature:
        return
    raise ValueError("a key that takes anything")


@contextmanager
def _rejected() -> Iterator[None]:
    """Raises Rejected for an answer that the library refuses, or fails on: an attacker can send anything."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    failures = (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RecursionError,
        NotImplementedError,
        struct.error,
    )
    try:
        yield
    except (InvalidSignature, UnsupportedAlgorithm, *failures) as refusal:
        raise Rejected from refusal
