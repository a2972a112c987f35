"""Whoever moved in signs in with the old password, once by the old hash; from then on by ours."""

from __future__ import annotations

import pytest

from chalicelib import accounts
from chalicelib.accounts import hashes
from chalicelib.core import clients
from tests.builders import a_person
from tests.functional.visitors import Visitor

EMAIL = "moved@example.com"

# Published vectors, whose sources are in tests/unit/accounts/test_hash_vectors.py and test_foreign_hashes.py.
MOVED = {
    "argon2i": (
        "password",
        "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
    ),
    "bcrypt": ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "sha256-crypt": ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    "md5-crypt": ("password", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"),
    "pbkdf2": ("password", "$pbkdf2-sha1$i=4096$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE"),
    "sha1": ("test", "$sha1$NW9wbWtnejAzcg$2qU2SGWP8viTM1md3FiI3+rjWXQ"),
    "ldap": ("test123", "{SSHA}JFZFs0oHzxbMwkSJmYVeI8MnTDy/276a"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "password", "stored"), [(kind, *moved) for kind, moved in MOVED.items()])
def test_an_old_hash_lets_its_owner_in_and_is_replaced(aws, kind, password, stored):
    person = a_person(email=EMAIL, source="import")
    clients.database().transact(accounts.person_actions(person, stored))
    assert hashes.kind(stored) == kind
    assert Visitor().enter(EMAIL, f"{password}x").status == 401
    assert kept(person) == stored
    assert Visitor().enter(EMAIL, password).status == 201
    assert hashes.kind(kept(person)) == "argon2id"
    assert Visitor().enter(EMAIL, password).status == 201
    assert Visitor().enter(EMAIL, f"{password}x").status == 401


def test_a_hash_that_nobody_understands_lets_nobody_in(aws):
    person = a_person(email=EMAIL, source="import")
    clients.database().transact(accounts.person_actions(person, "$2b$31$" + "." * 53))
    assert Visitor().enter(EMAIL, "password").status == 401


def kept(person: dict[str, str]) -> str:
    return str(accounts.people().password(person["id"])["hash"])
