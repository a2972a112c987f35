"""Second factors: what somebody proves beside their password, and passkeys, which stand for both."""

from chalicelib.factors.enrolment import exported_totp, imported_totp
from chalicelib.factors.model import Proof, Wanted, enrolled, is_fresh, kind, record_id, still_has
from chalicelib.factors.passkeys import options as passkey_options
from chalicelib.factors.passkeys import sign_in as passkey_sign_in
from chalicelib.factors.removal import erase
from chalicelib.factors.status import view, wanted_of
from chalicelib.factors.totp import UnusableSecret
from chalicelib.factors.totp import check_secret as check_totp_secret
from chalicelib.factors.verification import prove

__all__ = [
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
    "wanted_of",
    "view",
]
