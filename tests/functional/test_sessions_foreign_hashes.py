"""Whoever moved in signs in with the old password, once by the old hash; from then on by ours."""

from __future__ import annotations

import hashlib
import unicodedata

import bcrypt
import pytest

from chalicelib import accounts, passwords
from chalicelib.core.aws import clients
from chalicelib.passwords import schemes
from chalicelib.passwords.schemes.phc import encoded
from tests.builders import a_person
from tests.functional.hashing import hashes_computed
from tests.functional.visitors import Visitor

EMAIL = "moved@example.com"

# Published vectors, whose sources are in tests/unit/passwords/test_hash_vectors.py, test_foreign_hashes.py and
# test_spellings.py.
MOVED = {
    "argon2i": (
        "password",
        "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
    ),
    "bcrypt": ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "sha256-crypt": ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    "md5-crypt": ("password", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"),
    "bcrypt-digest": (
        "Grüße aus Köln",
        "$bcrypt-sha256-hex$2b$04$I/fWhNftRVrGTlFGANOBheZlM3kEe4rWu4u/uMndTFliIACiHiCuO",
    ),
    "iterated": ("Grüße aus Köln", "$iterated-md5$i=129,tail=password$eGIxeENidGo$t6ghsLzI78Fd69brKGdDCw"),
    "pbkdf2": ("password", "$pbkdf2-sha1$i=4096$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE"),
    "sha1": ("test", "$sha1$NW9wbWtnejAzcg$2qU2SGWP8viTM1md3FiI3+rjWXQ"),
    "ldap": ("test123", "{SSHA}JFZFs0oHzxbMwkSJmYVeI8MnTDy/276a"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "password", "stored"), [(kind, *moved) for kind, moved in MOVED.items()])
def test_an_old_hash_lets_its_owner_in_and_is_replaced(aws, kind, password, stored):
    person = a_person(email=EMAIL, source="import")
    clients.database().transact(accounts.people().creating(person, stored))
    assert schemes.kind(stored) == kind
    assert Visitor().enter(EMAIL, f"{password}x").status == 401
    assert kept(person) == stored
    assert Visitor().enter(EMAIL, password).status == 201
    assert schemes.kind(kept(person)) == "argon2id"
    assert Visitor().enter(EMAIL, password).status == 201
    assert Visitor().enter(EMAIL, f"{password}x").status == 401


LONG = "lantern " * 12
"""96 bytes, of which bcrypt takes 72."""


def moved(stored: str) -> dict[str, str]:
    person = a_person(email=EMAIL, source="import")
    clients.database().transact(accounts.people().creating(person, stored))
    return person


def bcrypted(password: str) -> str:
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4, b"2a")).decode()


@pytest.mark.parametrize("typed", [LONG, LONG[:72], LONG[:80] + "something else", LONG + " and more"])
def test_a_password_that_bcrypt_cuts_stays_right_whatever_else_its_hash_lets_in(aws, typed):
    person = moved(stored := bcrypted(LONG))
    assert Visitor().enter(EMAIL, typed).status == 201
    assert kept(person) == stored
    assert Visitor().enter(EMAIL, LONG).status == 201
    assert Visitor().enter(EMAIL, LONG[:71]).status == 401


def test_a_password_that_bcrypt_cuts_in_its_other_form_only_stays_right(aws):
    """66 bytes as NFC, and 77 as NFD, of which the hash was made."""
    right = "\u00e9" * 11 + "x" * 44
    person = moved(stored := bcrypted(unicodedata.normalize("NFD", right)))
    assert Visitor().enter(EMAIL, right).status == 201
    assert kept(person) == stored


def test_a_password_that_bcrypt_takes_whole_gets_a_hash_of_ours(aws):
    person = moved(bcrypted(LONG[:71]))
    assert Visitor().enter(EMAIL, LONG[:71]).status == 201
    assert schemes.kind(kept(person)) == "argon2id"
    assert Visitor().enter(EMAIL, LONG[:71]).status == 201
    assert Visitor().enter(EMAIL, LONG).status == 401


FILLED = {
    "bcrypt": (bcrypted("lantern"), "lantern\0lantern"),
    "pbkdf2": (
        f"$pbkdf2-sha256$i=9$c2FsdA${encoded(hashlib.pbkdf2_hmac('sha256', b'lantern', b'salt', 9))}",
        "lantern\0",
    ),
    "scrypt": (
        f"$scrypt$ln=4,r=1,p=1$c2FsdA${encoded(hashlib.scrypt(b'lantern', salt=b'salt', n=16, r=1, p=1))}",
        "lantern\0",
    ),
}
"""Formats that fill up short passwords with zeros, and another password than `lantern` that they take for it."""


@pytest.mark.parametrize(("stored", "typed"), FILLED.values(), ids=FILLED)
def test_a_password_stays_right_although_zeros_behind_it_are_let_in(aws, stored, typed):
    moved(stored)
    assert Visitor().enter(EMAIL, typed).status == 201
    assert Visitor().enter(EMAIL, "lantern").status == 201


FORMS = ["NFC", "NFD"]


@pytest.mark.slow
@pytest.mark.parametrize("typed", FORMS)
@pytest.mark.parametrize("made_of", FORMS)
def test_a_password_fits_whichever_form_of_its_letters_was_hashed_and_is_typed(aws, made_of, typed):
    password = "Jos\u00e9 plays the \uac00yageum"
    person = moved(bcrypted(unicodedata.normalize(made_of, password)))
    assert Visitor().enter(EMAIL, unicodedata.normalize(typed, password)).status == 201
    assert schemes.kind(kept(person)) == "argon2id"
    for form in FORMS:
        assert Visitor().enter(EMAIL, unicodedata.normalize(form, password)).status == 201


@pytest.mark.parametrize(
    "typed", ["plain letters", *(unicodedata.normalize(form, "Jos\u00e9 and \u1e9b\u0323") for form in FORMS)]
)
def test_two_forms_are_tried_and_no_more(aws, typed):
    moved(passwords.hashed("another password"))
    with hashes_computed() as computed:
        assert Visitor().enter(EMAIL, typed).status == 401
        assert Visitor().enter("unknown@example.com", typed).status == 401
    assert len(computed) == (2 if typed == "plain letters" else 4)


def test_a_hash_that_nobody_understands_lets_nobody_in(aws):
    person = a_person(email=EMAIL, source="import")
    clients.database().transact(accounts.people().creating(person, "$2b$31$" + "." * 53))
    assert Visitor().enter(EMAIL, "password").status == 401


def kept(person: dict[str, str]) -> str:
    return str(accounts.credentials().password(person["id"])["hash"])
