"""What a hash is reckoned to cost, from its text alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.passwords import schemes
from chalicelib.passwords.schemes import cost
from chalicelib.passwords.schemes.argon2 import Argon2
from chalicelib.passwords.schemes.bcrypt import Bcrypt
from chalicelib.passwords.schemes.iterated import ITERATIONS
from chalicelib.passwords.schemes.pbkdf2 import Pbkdf2
from chalicelib.passwords.schemes.sha_crypt import ShaCrypt
from infra.functions import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

SALT = "c29tZXNhbHRzb21lc2FsdA"
DIGEST = "wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"

DEAREST = {
    f"$argon2id$v=19$m={Argon2.MEMORY_KIB},t={Argon2.WORK // Argon2.MEMORY_KIB},p=64${SALT}${DIGEST}": 1500,
    f"$2b${Bcrypt.COST}$abcdefghijklmnopqrstuuVJKsFRBPfyDi.2vDLDeljV84Mca5WiG": 3600,
    f"$scrypt$ln=17,r=8,p=8${SALT}${DIGEST}": 5400,
    f"$scrypt-nfkc$ln=14,r=16,p=1${SALT}${DIGEST}": 169,
    f"$firescrypt$ln=16,r=8,p=1${SALT}${DIGEST}": 338,
    f"$pbkdf2-sha3-384$i={Pbkdf2.ITERATIONS}${SALT}${DIGEST}": 3200,
    f"$pbkdf2-sha256$i={Pbkdf2.ITERATIONS}${SALT}${DIGEST}": 2200,
    f"$bcrypt-wp-sha384$2y${Bcrypt.COST}$abcdefghijklmnopqrstuuVJKsFRBPfyDi.2vDLDeljV84Mca5WiG": 3600,
    f"$iterated-md5$i={ITERATIONS},tail=text${SALT}${DIGEST}": 2400,
    f"$6$rounds={ShaCrypt.ROUNDS}$saltstring$digest": 2400,
}


@pytest.mark.parametrize(("stored", "milliseconds"), DEAREST.items())
def test_what_costs_most_in_each_scheme(stored, milliseconds):
    assert cost.milliseconds(stored) == milliseconds


@pytest.mark.parametrize(
    ("stored", "in_our_order"),
    [
        ("$pbkdf2-sha256$l=32,i=2000000$", "$pbkdf2-sha256$i=2000000,l=32$"),
        ("$scrypt$r=8,p=8,ln=17$", "$scrypt$ln=17,r=8,p=8$"),
        ("$firescrypt$p=1,ln=14,r=8$", "$firescrypt$ln=14,r=8,p=1$"),
        ("$iterated-sha512$tail=text,i=1000000$", "$iterated-sha512$i=1000000,tail=text$"),
    ],
)
def test_the_order_of_the_parameters_makes_no_hash_cheaper(stored, in_our_order):
    """A file may have any, and `check` takes it."""
    stored, in_our_order = f"{stored}{SALT}${DIGEST}", f"{in_our_order}{SALT}${DIGEST}"
    assert schemes.check(stored)
    assert cost.milliseconds(stored) == cost.milliseconds(in_our_order) > cost.OWN


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


def dearer(stored: str) -> Iterator[str]:
    """The same hash with one of the numbers of its cost increased."""
    for found in re.finditer(r"(?:\b(?:m|t|ln|r|i|rounds)=|^\$2b\$)(\d+)", stored):
        number = str(int(found[1]) + 1).zfill(len(found[1]))
        yield f"{stored[: found.start(1)]}{number}{stored[found.end(1) :]}"


COSTLY = st.one_of(
    st.builds(
        "$argon2id$v=19$m={},t={},p={}${}${}".format,
        st.integers(8, 131072),
        st.integers(1, 10),
        st.integers(1, 64),
        st.sampled_from(["A" * 22, "A" * 11]),
        st.just(DIGEST),
    ),
    st.builds("$2b${:02}$".format, st.integers(4, 15)),
    st.builds("$scrypt$ln={},r={},p={}$".format, st.integers(1, 17), st.integers(1, 8), st.integers(1, 16)),
    st.builds("$pbkdf2-sha256$i={}$".format, st.integers(1, 2_000_000)),
    st.builds("$6$rounds={}$".format, st.integers(1000, 1_000_000)),
)


@given(COSTLY)
def test_no_hash_with_more_work_is_reckoned_cheaper(stored):
    """Nor is its step, by which the floor of a failed sign-in is reckoned, below what it costs."""
    milliseconds = cost.milliseconds(stored)
    assert milliseconds <= cost.step(milliseconds)
    for other in dearer(stored):
        assert cost.milliseconds(other) >= milliseconds
        assert cost.step(cost.milliseconds(other)) >= cost.step(milliseconds)


@given(st.integers(1, 10_000))
def test_a_step_is_at_most_an_eighth_more(milliseconds):
    assert milliseconds <= cost.step(milliseconds) <= milliseconds * 9 / 8


def test_there_are_few_steps():
    assert len({cost.step(milliseconds) for milliseconds in range(cost.OWN, 5401)}) < 60


def test_a_hash_that_libsodium_cannot_compute_is_reckoned_dearer():
    """Its salt has another size, or it has more lanes."""
    ours, others = "$argon2id$v=19$m=65536,t=10,p=1${}$", "A" * 21
    assert cost.milliseconds(ours.format(SALT)) < cost.milliseconds(ours.format(others))
    assert cost.milliseconds(ours.format(SALT)) < cost.milliseconds(ours.format(SALT).replace("p=1", "p=2"))


def test_many_lanes_with_little_to_do_are_reckoned_too():
    few, many = (f"$argon2id$v=19$m=512,t=10,p={lanes}${SALT}${DIGEST}" for lanes in (2, 64))
    assert cost.milliseconds(few) == cost.OWN
    assert cost.milliseconds(many) > 5 * cost.OWN


def test_the_api_has_the_core_that_is_reckoned_with():
    assert next(each for each in FUNCTIONS if each.name == "api_handler").memory >= cost.MEMORY_MB


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
        "bcrypt-digest",
        "firescrypt",
        "iterated",
        "pbkdf2",
        "scrypt",
        "scrypt-nfkc",
        "sha256-crypt",
        "sha512-crypt",
    }
