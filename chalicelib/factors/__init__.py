"""Second factors: what somebody proves beside their password, and passkeys, which stand for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.factors.enrolment import exported_totp, imported_totp
    from chalicelib.factors.model import Proof, Wanted, enrolled, is_fresh, kind, record_id, still_has
    from chalicelib.factors.passkeys import options as passkey_options
    from chalicelib.factors.passkeys import sign_in as passkey_sign_in
    from chalicelib.factors.removal import erase
    from chalicelib.factors.status import view, wanted_of
    from chalicelib.factors.store import place
    from chalicelib.factors.totp import UnusableSecret
    from chalicelib.factors.totp import check_secret as check_totp_secret
    from chalicelib.factors.verification import prove
else:
    __getattr__ = names_of(
        __name__,
        {
            "place": "store",
            "Proof": "model",
            "UnusableSecret": "totp",
            "Wanted": "model",
            "check_totp_secret": "totp.check_secret",
            "enrolled": "model",
            "erase": "removal",
            "exported_totp": "enrolment",
            "imported_totp": "enrolment",
            "is_fresh": "model",
            "kind": "model",
            "passkey_options": "passkeys.options",
            "passkey_sign_in": "passkeys.sign_in",
            "prove": "verification",
            "record_id": "model",
            "still_has": "model",
            "view": "status",
            "wanted_of": "status",
        },
    )

__all__ = [
    "place",
    "Proof",
    "UnusableSecret",
    "Wanted",
    "check_totp_secret",
    "enrolled",
    "erase",
    "exported_totp",
    "imported_totp",
    "is_fresh",
    "kind",
    "passkey_options",
    "passkey_sign_in",
    "prove",
    "record_id",
    "still_has",
    "view",
    "wanted_of",
]
