"""Argon2 has two libraries here, which compute the same bytes; a third one, which only tests have, agrees."""

from __future__ import annotations

import subprocess
import sys

import pytest
from argon2 import PasswordHasher
from argon2.low_level import Type, hash_secret_raw
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.settings import settings
from chalicelib.passwords import policy, schemes
from chalicelib.passwords.schemes import argon2
from tests.builders import PASSWORD
from tests.unit.appfile import ROOT

TYPES = {"argon2id": Type.ID, "argon2i": Type.I, "argon2d": Type.D}
PASSWORDS = st.binary(max_size=80)
OWN_SALTS = st.binary(min_size=argon2.SALT_BYTES, max_size=argon2.SALT_BYTES)
SALTS = st.one_of(OWN_SALTS, st.binary(min_size=8, max_size=40))


@pytest.mark.slow
@given(st.sampled_from(sorted(TYPES)), PASSWORDS, SALTS, st.integers(16, 80), st.integers(1, 3), st.data())
def test_another_library_computes_the_same(variant, password, salt, size, passes, data):
    lanes = data.draw(st.sampled_from([1, 1, 2, 4]), "lanes")
    memory = data.draw(st.integers(8 * lanes, 100), "KiB")
    computed = argon2.derived(variant, password, salt, size, memory=memory, passes=passes, lanes=lanes)
    assert computed == hash_secret_raw(password, salt, passes, memory, lanes, size, TYPES[variant])


@given(PASSWORDS, OWN_SALTS)
def test_both_of_ours_compute_the_same(password, salt):
    assert argon2._by_libsodium(password, salt, 32, 64, 2) == argon2._by_openssl(
        "argon2id", password, salt, 32, 64, 2, 1
    )


@pytest.mark.slow
def test_another_library_verifies_what_we_make_and_we_what_it_makes(dear_hashes):
    ours, theirs = policy.hashed(PASSWORD), PasswordHasher(2, 19456, 1)
    assert theirs.verify(ours, PASSWORD)
    assert not theirs.check_needs_rehash(ours)
    foreign = theirs.hash(PASSWORD)
    assert policy.fits(foreign, PASSWORD)
    assert not policy.is_outdated(foreign)
    assert schemes.check(ours) == ours


@pytest.mark.parametrize(
    ("other", "outdated"),
    [
        (PasswordHasher(2, 64, 1), False),
        (PasswordHasher(3, 64, 1), True),
        (PasswordHasher(2, 65, 1), True),
        (PasswordHasher(2, 64, 2), True),
        (PasswordHasher(2, 64, 1, salt_len=8), True),
        (PasswordHasher(2, 64, 1, hash_len=16), True),
        (PasswordHasher(2, 64, 1, type=Type.I), True),
    ],
)
def test_a_hash_is_outdated_where_another_library_says_so(other, outdated):
    with settings.held(argon2_memory_kib=64, argon2_passes=2):
        stored = other.hash(PASSWORD)
        assert policy.is_outdated(stored) == outdated == PasswordHasher(2, 64, 1).check_needs_rehash(stored)


HASH_ONCE = """
import sys
from chalicelib.passwords.schemes import argon2
argon2.new_hash(b"x", memory=64, passes=2, lanes=1)
print("nacl" in sys.modules, "cryptography" in sys.modules)
"""


def test_a_hash_of_our_own_loads_libsodium_and_no_openssl():
    """What a process loads for it is paid for in its first sign-in."""
    done = subprocess.run([sys.executable, "-c", HASH_ONCE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["True", "False"], "")
