"""The two ceremonies of WebAuthn Level 3 (registration and authentication), as far as they know no person and no table.

Every passkey is discoverable and verifies its user (by finger, face or PIN), so it stands for two factors. By what
the authenticator is made is not asked for. Yubico's library does the rest; py_webauthn was not taken because it brings
pyOpenSSL, which botocore, where it is installed, loads into every function.
"""

from __future__ import annotations

import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.core import ids
from chalicelib.factors import relying_party
from chalicelib.factors.challenges import LIFETIME_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fido2.server import Fido2Server

ALGORITHMS = (-8, -7, -257)
"""EdDSA, ES256 and RS256: what every authenticator has one of (WebAuthn, section 5.4)."""
ID_LIMIT = 1023
"""Bytes (WebAuthn, section 5.8.3)."""
KEY_LIMIT = 1024
"""Bytes of a public key: one of RSA with 4096 bits takes half."""

TRANSPORTS = 10
TRANSPORT_LIMIT = 32
"""Names that are kept of how a passkey can be reached, and characters of each: six are known, of 10 at most."""

_REQUIRED = "required"
_PARTS = {"clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"}


class Rejected(Exception):
    """An answer that does not hold, or is none."""


def creation_options(
    challenge: bytes, handle: bytes, name: str, shown: str, known: Sequence[str]
) -> dict[str, Any]:
    """PublicKeyCredentialCreationOptionsJSON for a person of that handle, who has the `known` passkeys already."""
    options, _ = _server().register_begin(
        {"id": ids.base64url(handle), "name": name, "displayName": shown},  # type: ignore[arg-type]
        [{"type": "public-key", "id": one} for one in known],  # type: ignore[misc]
        resident_key_requirement=_REQUIRED,  # type: ignore[arg-type]
        user_verification=_REQUIRED,  # type: ignore[arg-type]
        challenge=challenge,
    )
    return dict(options.public_key)


def request_options(challenge: bytes) -> dict[str, Any]:
    """PublicKeyCredentialRequestOptionsJSON for whichever passkey of this site a person chooses."""
    options, _ = _server().authenticate_begin([], _REQUIRED, challenge)  # type: ignore[arg-type]
    return dict(options.public_key)


def parsed_registration(response: dict[str, Any]) -> Any:
    """A RegistrationResponse from its JSON. Raises Rejected."""
    from fido2.webauthn import RegistrationResponse

    with _rejected():
        return RegistrationResponse.from_dict(_texts(response))


def transports(response: dict[str, Any]) -> list[str]:
    """How a passkey says that it can be reached, the names as they came: the standard wants those kept that are not
    known yet (WebAuthn Level 3, section 5.4.3). What is no list of names says nothing."""
    answered = response.get("response")
    told = answered.get("transports") if isinstance(answered, dict) else None
    names = told if isinstance(told, list) else []
    return [name for name in names if isinstance(name, str) and 1 <= len(name) <= TRANSPORT_LIMIT][:TRANSPORTS]


def parsed_authentication(response: dict[str, Any]) -> Any:
    """An AuthenticationResponse from its JSON. Raises Rejected."""
    from fido2.webauthn import AuthenticationResponse

    with _rejected():
        return AuthenticationResponse.from_dict(_texts(response))


def registered(answer: Any, challenge: bytes) -> dict[str, Any]:
    """What to keep of the passkey that an answer to this challenge made. Raises Rejected."""
    with _rejected():
        _check_frame(answer)
        data = _server().register_complete(_state(challenge), answer)
        _check_flags(data)
        made = data.credential_data
        if made is None or made.credential_id != answer.raw_id:
            raise ValueError("without the passkey that it is about")
        if not 1 <= len(made.credential_id) <= ID_LIMIT or len(made) > ID_LIMIT + KEY_LIMIT:
            raise ValueError("beyond what a passkey may be")
        _check_key(made.public_key)
        return {
            "id": ids.base64url(made.credential_id),
            "credential": bytes(made),
            "sign_count": data.counter,
            "synced": data.is_backed_up(),
        }


def authenticated(answer: Any, challenge: bytes, credential: bytes) -> dict[str, Any]:
    """What an answer to this challenge, signed by the passkey that was kept, says of it now. Raises Rejected.

    Whether its counter went on is for the caller to see.
    """
    from fido2.webauthn import AttestedCredentialData

    with _rejected():
        _check_frame(answer)
        _server().authenticate_complete(_state(challenge), [AttestedCredentialData(credential)], answer)
        data = answer.response.authenticator_data
        _check_flags(data)
        return {"sign_count": data.counter, "synced": data.is_backed_up()}


def _texts(response: dict[str, Any]) -> dict[str, Any]:
    """What of an answer we look at, which is text throughout. Raises ValueError for anything else in its place: out of
    a number, the library would make as many bytes.
    """
    answered: dict[str, Any] = {name: response[name] for name in ("id", "rawId", "type") if name in response}
    parts = {name: value for name, value in response["response"].items() if name in _PARTS and value is not None}
    if not all(isinstance(value, str) for value in (*answered.values(), *parts.values())):
        raise ValueError("other than text")
    return {**answered, "response": parts}


def _server() -> Fido2Server:
    """Ours: for exactly one origin. The library's own rule would take every subdomain."""
    from fido2.server import Fido2Server
    from fido2.webauthn import PublicKeyCredentialParameters, PublicKeyCredentialRpEntity, PublicKeyCredentialType

    host, origin = relying_party.rp_id(), relying_party.origin()
    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=host, name=host),
        attestation="none",  # type: ignore[arg-type]
        verify_origin=lambda asked_on: asked_on == origin,
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
    """Raises ValueError for a passkey that is backed up and cannot be (WebAuthn Level 3, sections 7.1 and 7.2). Whether
    it can be may change: authenticators learn to synchronise, and their owners must not be kept out by that."""
    if data.is_backed_up() and not data.is_backup_eligible():
        raise ValueError("backed up, and not eligible for it")


def _check_key(key: Any) -> None:
    """Raises ValueError for a key that we did not ask for, or that could never verify anything."""
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
    """Raises Rejected for an answer that the library refuses or trips over: made up at will, it can be anything."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    tripped = (
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
    except (InvalidSignature, UnsupportedAlgorithm, *tripped) as refusal:
        raise Rejected from refusal
