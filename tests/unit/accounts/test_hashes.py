"""Which stored hashes are taken over. A file that a stranger wrote must not make a sign-in expensive."""

from __future__ import annotations

import pytest

from chalicelib.accounts import hashes

SALT, DIGEST = "c29tZXNhbHQxMjM0NTY3OA", "R" * 43


def argon2id(memory: int = 19456, passes: int = 2, lanes: int = 1, salt: str = SALT, digest: str = DIGEST) -> str:
    return f"$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${digest}"


@pytest.mark.parametrize(
    "stored", [argon2id(), argon2id(64 * 1024, 10, 4), argon2id(8, 1, 1), argon2id(digest="R" * 86)]
)
def test_argon2id_within_limits_is_taken(stored):
    assert hashes.check(stored) == stored


@pytest.mark.parametrize(
    "stored",
    [
        argon2id(memory=64 * 1024 + 1),
        argon2id(passes=11),
        argon2id(lanes=5),
        argon2id(memory=7),
        argon2id(passes=0),
        argon2id(lanes=0),
        argon2id(salt="short"),
        argon2id(digest="short"),
        argon2id(digest="R" * 45),
        argon2id(digest="R" * 2000),
        argon2id().replace("v=19", "v=16"),
        argon2id() + "\n",
        "plain text",
        "",
        "ü",
        None,
        7,
    ],
)
def test_all_else_is_refused(stored):
    with pytest.raises(ValueError):
        hashes.check(stored)
