"""The secrets of connections, sealed at rest, each for its connection alone: what Rollcall proves itself with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.connections import model
from chalicelib.core import clock
from chalicelib.core.crypto import seals

if TYPE_CHECKING:
    from chalicelib.connections.rows import Connection
    from chalicelib.core.crypto.seals import Sealed

APPLE_SECONDS = 300
"""How long a client secret for Apple lives. Apple allows six months; each is made when it is needed."""


def seal(connection_id: str, secret: str) -> Sealed:
    """A secret as it is stored."""
    return seals.seal("connections", secret.encode(), connection_id)


def client_secret(connection: Connection) -> str:
    """The client's secret. Apple's is a token that its private key signs:
    https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret"""
    secret = seals.opened("connections", connection["secret"], connection["connection_id"]).decode()
    if connection["provider"] != "apple":
        return secret
    import jwt

    now = clock.epoch()
    claims: dict[str, Any] = {
        "iss": connection["team_id"],
        "iat": now,
        "exp": now + APPLE_SECONDS,
        "aud": model.issuer_of(connection),
        "sub": connection["client_id"],
    }
    return jwt.encode(claims, secret, "ES256", {"kid": connection["key_id"]})


def check_private_key(text: str) -> None:
    """Raises ValueError for what is no private key on P-256 in PEM, as Apple gives one."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError) as error:
        raise ValueError("is no private key in PEM") from error
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("is no key on P-256")
