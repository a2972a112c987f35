"""Our hashes in the spelling of other systems: what our import takes of theirs is spelt as they spelt it."""

from __future__ import annotations

import pytest

from chalicelib.exports.formats import auth0, firebase, keycloak, kratos, supabase
from chalicelib.passwords import foreign, kind_of
from chalicelib.passwords.schemes import digests, phc
from tests.unit.passwords.test_foreign_hashes import KRATOS
from tests.unit.passwords.test_hash_vectors import VECTORS, of

STORED = sorted({stored for _, stored in VECTORS})


def alike(stored: str) -> object:
    """What is the same in two spellings of one hash."""
    if kind_of(stored) not in {"pbkdf2", "hmac", *digests.SIZES}:
        return stored.replace("$2y$", "$2b$")
    parts = phc.parse(stored)
    further = {name: value for name, value in parts.parameters.items() if name not in {"l", "pf"}}
    template = phc.decoded(parts.parameters["pf"]) if "pf" in parts.parameters else digests.SALT_FIRST
    return parts.id, further, template.replace(b"{SALT}", parts.salt), parts.salt, parts.digest


@pytest.mark.parametrize("stored", STORED)
def test_auth0_reads_what_it_takes(stored):
    custom = auth0.custom_password_hash(stored)
    assert (custom is None) == (kind_of(stored) in {"md5-crypt", "sha256-crypt", "sha512-crypt"})
    if custom is not None:
        assert alike(foreign.from_auth0(custom)) == alike(stored)


@pytest.mark.parametrize("stored", STORED)
def test_kratos_reads_what_it_takes(stored):
    hashed = kratos.hashed_password(stored)
    if hashed is not None:
        assert alike(foreign.from_kratos(hashed)) == alike(stored)


@pytest.mark.parametrize("hashed", [hashed for _, hashed in KRATOS])
def test_what_came_from_kratos_goes_back_to_it(hashed):
    stored = foreign.from_kratos(hashed)
    spelt = kratos.hashed_password(stored)
    assert spelt is not None
    assert alike(foreign.from_kratos(spelt)) == alike(stored)
    if kind_of(stored) not in {"firescrypt", "md5"}:
        assert spelt == hashed


@pytest.mark.parametrize(
    ("stored", "spelt"),
    [
        (of("pbkdf2-sha224", {"i": "1"}, b"salt", "00" * 28), None),
        (of("sha384", {}, b"salt", "00" * 48), None),
        (of("md4", {}, b"", "00" * 16), None),
        (of("sha256", {"pe": "utf16le"}, b"", "00" * 32), None),
        (of("hmac-md5", {"key": "AAAA"}, b"salt", "00" * 16), None),
        ("{SHA}at+xg6SiyUovktq1redipHiJpaE=", None),
        ("$apr1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", None),
        ("$argon2d$v=19$m=32,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b6dWRWJTmaaJObGx", None),
    ],
)
def test_kratos_is_told_no_hash_that_it_would_not_verify(stored, spelt):
    assert kratos.hashed_password(stored) == spelt


@pytest.mark.parametrize(
    ("parameters", "salt", "expected"),
    [
        ({}, b"salt", {"value": "c2FsdA==", "encoding": "base64", "position": "prefix"}),
        (
            {"pf": phc.encoded(b"{PASSWORD}{SALT}")},
            b"s",
            {"value": "cw==", "encoding": "base64", "position": "suffix"},
        ),
        ({"pf": phc.encoded(b"{PASSWORD}")}, b"", None),
    ],
)
def test_auth0_puts_a_salt_before_or_behind(parameters, salt, expected):
    custom = auth0.custom_password_hash(of("sha256", parameters, salt, "00" * 32)) or {}
    assert (custom["algorithm"], custom.get("salt")) == ("sha256", expected)


@pytest.mark.parametrize(
    "parameters", [{"pf": phc.encoded(b"{SALT}{PASSWORD}{SALT}")}, {"pf": phc.encoded(b"x{PASSWORD}")}]
)
def test_auth0_knows_no_other_template(parameters):
    assert auth0.custom_password_hash(of("sha256", parameters, b"salt", "00" * 32)) is None


@pytest.mark.parametrize(
    ("stored", "algorithm"),
    [
        ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "BCRYPT"),
        (
            of("scrypt", {"ln": "14", "r": "8", "p": "1"}, b"salt", "00" * 64),
            "STANDARD_SCRYPT --mem-cost=16384 --parallelization=1 --block-size=8 --dk-len=64",
        ),
        (of("pbkdf2-sha256", {"i": "120000"}, b"salt", "00" * 32), "PBKDF2_SHA256 --rounds=120000"),
        (of("pbkdf2-sha256", {"i": "120001"}, b"salt", "00" * 32), "pbkdf2"),
        (of("pbkdf2-sha256", {"i": "1"}, b"salt", "00" * 64), "pbkdf2"),
        (
            of("firescrypt", {"ln": "14", "r": "8", "p": "1"}, b"salt", "00" * 64),
            "SCRYPT --rounds=8 --mem-cost=14",
        ),
        (of("firescrypt", {"ln": "14", "r": "8", "p": "1"}, b"salt", "00" * 32), "firescrypt"),
        (of("sha256", {}, b"salt", "00" * 32), "sha256"),
    ],
)
def test_firebase_has_a_set_of_options_for_each_kind(stored, algorithm):
    assert firebase.hash_of(stored)[0] == algorithm


@pytest.mark.parametrize(
    ("stored", "algorithm"),
    [
        (of("pbkdf2-sha1", {"i": "20000"}, b"salt", "00" * 20), "pbkdf2"),
        (of("pbkdf2-sha512", {"i": "210000"}, b"salt", "00" * 64), "pbkdf2-sha512"),
        (of("pbkdf2-sha384", {"i": "1"}, b"salt", "00" * 48), ""),
        (of("scrypt", {"ln": "14", "r": "8", "p": "1"}, b"salt", "00" * 64), ""),
    ],
)
def test_keycloak_has_three_digests_of_pbkdf2(stored, algorithm):
    credential = keycloak.password_credential(stored)
    assert (f'"algorithm":"{algorithm}"' in credential["credentialData"]) if credential else not algorithm


def test_supabase_takes_bcrypt_and_argon2_as_they_are():
    taken = {kind_of(stored) for stored in STORED if supabase.encrypted_password(stored) == stored}
    assert taken == {"bcrypt", "argon2id", "argon2i"}
