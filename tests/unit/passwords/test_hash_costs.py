"""What a hash is reckoned to cost, from its text alone."""

from __future__ import annotations

import pytest

from chalicelib.passwords import schemes
from chalicelib.passwords.schemes import cost
from chalicelib.passwords.schemes.argon2 import Argon2
from chalicelib.passwords.schemes.bcrypt import Bcrypt
from chalicelib.passwords.schemes.pbkdf2 import Pbkdf2
from chalicelib.passwords.schemes.sha_crypt import ShaCrypt

SALT = "c29tZXNhbHRzb21lc2FsdA"
DIGEST = "wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"

DEAREST = {
    f"$argon2id$v=19$m={Argon2.MEMORY_KIB},t={Argon2.PASSES},p=4${SALT}${DIGEST}": 800,
    f"$2b${Bcrypt.COST}$abcdefghijklmnopqrstuuVJKsFRBPfyDi.2vDLDeljV84Mca5WiG": 1200,
    f"$scrypt$ln=16,r=8,p=16${SALT}${DIGEST}": 4000,
    f"$firescrypt$ln=16,r=8,p=1${SALT}${DIGEST}": 250,
    f"$pbkdf2-sha256$i={Pbkdf2.ITERATIONS}${SALT}${DIGEST}": 2400,
    f"$6$rounds={ShaCrypt.ROUNDS}$saltstring$digest": 2400,
}


@pytest.mark.parametrize(("stored", "milliseconds"), DEAREST.items())
def test_what_costs_most_in_each_scheme(stored, milliseconds):
    assert cost.milliseconds(stored) == milliseconds


@pytest.mark.parametrize(
    "stored",
    [
        f"$argon2id$v=19$m=19456,t=2,p=1${SALT}${DIGEST}",
        "$2b$08$abcdefghijklmnopqrstuuVJKsFRBPfyDi.2vDLDeljV84Mca5WiG",
        f"$pbkdf2-sha1$i=4096${SALT}${DIGEST}",
        "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
        "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
        "{SSHA}JFZFs0oHzxbMwkSJmYVeI8MnTDy/276a",
        "",
        "nothing that is known",
    ],
)
def test_nothing_is_reckoned_to_cost_less_than_one_of_ours(stored):
    assert cost.milliseconds(stored) in range(cost.OWN, cost.OWN + 10)


def test_every_scheme_whose_cost_can_be_chosen_is_reckoned():
    """A scheme with a parameter of its cost wants a line; the others are one digest or a fixed number of them."""
    fixed = {"md4", "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "md5-crypt", "ldap"}
    kinds = {scheme.kind for scheme in schemes.SCHEMES.values()}
    chosen = {kind for kind in kinds if kind not in fixed and not kind.startswith(("hmac", "ldap"))}
    assert chosen == {
        "argon2d",
        "argon2i",
        "argon2id",
        "bcrypt",
        "firescrypt",
        "pbkdf2",
        "scrypt",
        "sha256-crypt",
        "sha512-crypt",
    }
