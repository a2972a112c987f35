"""Second factors: what a person proves beside their password; and passkeys, which stand for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.factors.enrolment import exported_totp, imported_totp
    from chalicelib.factors.model import (
        LEFT_BEHIND,
        Need,
        PresentedFactor,
        enrolled,
        is_fresh,
        kind,
        row_id,
        still_has,
    )
    from chalicelib.factors.passkeys import options as passkey_options
    from chalicelib.factors.passkeys import sign_in as passkey_sign_in
    from chalicelib.factors.removal import erase
    from chalicelib.factors.status import need_of, view
    from chalicelib.factors.store import checking, passkeys_of, table_and_key
    from chalicelib.factors.totp import UnusableSecret
    from chalicelib.factors.totp import check_secret as check_totp_secret
    from chalicelib.factors.verification import verify
else:
    __getattr__ = names_of(
        __name__,
        {
            "LEFT_BEHIND": "model",
            "Need": "model",
            "PresentedFactor": "model",
            "UnusableSecret": "totp",
            "check_totp_secret": "totp.check_secret",
            "checking": "store",
            "enrolled": "model",
            "erase": "removal",
            "exported_totp": "enrolment",
            "imported_totp": "enrolment",
            "is_fresh": "model",
            "kind": "model",
            "need_of": "status",
            "passkey_options": "passkeys.options",
            "passkey_sign_in": "passkeys.sign_in",
            "passkeys_of": "store",
            "row_id": "model",
            "still_has": "model",
            "table_and_key": "store",
            "verify": "verification",
            "view": "status",
        },
    )

__all__ = [
    "LEFT_BEHIND",
    "Need",
    "PresentedFactor",
    "UnusableSecret",
    "check_totp_secret",
    "checking",
    "enrolled",
    "erase",
    "exported_totp",
    "imported_totp",
    "is_fresh",
    "kind",
    "need_of",
    "passkey_options",
    "passkey_sign_in",
    "passkeys_of",
    "row_id",
    "still_has",
    "table_and_key",
    "verify",
    "view",
]
