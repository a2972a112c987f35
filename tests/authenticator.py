"""An authenticator in software: makes passkeys and answers challenges as a browser with a security key does.

It is honest unless told otherwise, so a test says in one word what it lies about.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.core.ids import base64url, from_base64url
from tests.environment import ENVIRONMENT

USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
ES256 = -7


@dataclass
class Passkey:
    """A discoverable credential: a key pair for one site and one person."""

    id: bytes
    rp_id: str
    user_handle: bytes
    key: ec.EllipticCurvePrivateKey
    count: int = 0


@dataclass
class Authenticator:
    """`origin` is of the page that it believes to be on. `counting` authenticators say how often they signed;
    `synced` ones keep passkeys beyond one device."""

    origin: str = ENVIRONMENT["PUBLIC_URL"]
    verifies_user: bool = True
    counting: bool = True
    synced: bool = False
    passkeys: list[Passkey] = field(default_factory=list)

    def create(self, options: dict[str, Any], **lies: Any) -> dict[str, Any]:
        """What `navigator.credentials.create()` gives, by its `toJSON()`. Lies: see `_client_data` and `_data`; and
        `passkey_id`, `public_key`, `format`, `statement` and `transports`."""
        rp_id = options["rp"]["id"]
        assert all(from_base64url(known["id"]) not in self._ids() for known in options["excludeCredentials"])
        key = ec.generate_private_key(ec.SECP256R1())
        passkey = Passkey(
            lies.get("passkey_id", os.urandom(32)), rp_id, from_base64url(options["user"]["id"]), key
        )
        self.passkeys.append(passkey)
        attested = bytes(16) + len(passkey.id).to_bytes(2, "big") + passkey.id
        public_key = lies.get("public_key", cose(key))
        data = self._data(passkey, ATTESTED, **lies) + attested + cbor2.dumps(public_key)
        attestation = {"fmt": lies.get("format", "none"), "attStmt": lies.get("statement", {}), "authData": data}
        return _credential(
            passkey.id,
            {
                "clientDataJSON": self._client_data("webauthn.create", options["challenge"], **lies),
                "attestationObject": base64url(cbor2.dumps(attestation)),
                "transports": lies.get("transports", ["internal"]),
            },
        )

    def get(self, options: dict[str, Any], passkey: Passkey | None = None, **lies: Any) -> dict[str, Any]:
        """What `navigator.credentials.get()` gives for its latest passkey of the site, or another. Lies: see
        `_client_data` and `_data`; `user_handle` (None: it is left out), and `count`, which is what it says of its
        uses."""
        used = passkey or next(known for known in reversed(self.passkeys) if known.rp_id == options["rpId"])
        used.count = lies.get("count", used.count + self.counting)
        data = self._data(used, 0, **lies)
        client_data = self._client_data("webauthn.get", options["challenge"], **lies)
        signed = data + hashlib.sha256(from_base64url(client_data)).digest()
        response = {
            "clientDataJSON": client_data,
            "authenticatorData": base64url(data),
            "signature": base64url(used.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
        }
        handle = lies.get("user_handle", used.user_handle)
        return _credential(used.id, {**response, **({} if handle is None else {"userHandle": base64url(handle)})})

    def copy(self) -> Authenticator:
        """Another one with the same keys and counters, as a thief would make."""
        return replace(self, passkeys=[replace(passkey) for passkey in self.passkeys])

    def _ids(self) -> set[bytes]:
        return {passkey.id for passkey in self.passkeys}

    def _client_data(self, kind: str, asked: str, **lies: Any) -> str:
        """Lies: `type`, `challenge`, `origin`, `cross_origin`."""
        told = {
            "type": lies.get("type", kind),
            "challenge": lies.get("challenge", asked),
            "origin": lies.get("origin", self.origin),
            "crossOrigin": lies.get("cross_origin", False),
        }
        return base64url(json.dumps(told).encode())

    def _data(self, passkey: Passkey, holding: int, **lies: Any) -> bytes:
        """Lies: `rp_id`, and `flags`."""
        flags = holding | USER_PRESENT | (USER_VERIFIED if self.verifies_user else 0)
        flags |= (BACKUP_ELIGIBLE | BACKED_UP) if self.synced else 0
        site = hashlib.sha256(lies.get("rp_id", passkey.rp_id).encode()).digest()
        return site + bytes([lies.get("flags", flags)]) + passkey.count.to_bytes(4, "big")


def cose(key: ec.EllipticCurvePrivateKey) -> dict[int, Any]:
    """The public key as COSE (RFC 9053) writes one of P-256."""
    public = key.public_key().public_numbers()
    return {1: 2, 3: ES256, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}


def _credential(passkey_id: bytes, response: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": base64url(passkey_id),
        "rawId": base64url(passkey_id),
        "type": "public-key",
        "response": response,
        "clientExtensionResults": {},
    }
