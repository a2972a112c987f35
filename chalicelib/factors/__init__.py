"""Second factors: what somebody proves beside their password, and passkeys, which stand for both."""

from chalicelib.factors.enrolment import exported_totp, imported_totp
from chalicelib.factors.model import Proof, enrolled, kind, record_id
from chalicelib.factors.passkeys import options as passkey_options
from chalicelib.factors.passkeys import sign_in as passkey_sign_in
from chalicelib.factors.proving import prove
from chalicelib.factors.removal import erase
from chalicelib.factors.totp import check_secret as check_totp_secret
from chalicelib.factors.viewing import view

__all__ = [
    "Proof",
    "check_totp_secret",
    "enrolled",
    "erase",
    "exported_totp",
    "imported_totp",
    "kind",
    "passkey_options",
    "passkey_sign_in",
    "prove",
    "record_id",
    "view",
]
