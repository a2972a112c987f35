"""Second factors: what somebody proves beside their password, and passkeys, which stand for both."""

from chalicelib.factors.enrolment import imported_totp
from chalicelib.factors.model import Proof, enrolled
from chalicelib.factors.passkeys import options as passkey_options
from chalicelib.factors.passkeys import sign_in as passkey_sign_in
from chalicelib.factors.proving import prove
from chalicelib.factors.removal import erase
from chalicelib.factors.viewing import view

__all__ = [
    "Proof",
    "enrolled",
    "erase",
    "imported_totp",
    "passkey_options",
    "passkey_sign_in",
    "prove",
    "view",
]
