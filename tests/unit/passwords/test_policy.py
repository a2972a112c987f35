"""Which passwords may be chosen, and that checking one costs the same for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.core.settings import settings
from chalicelib.passwords import policy, schemes
from tests.builders import PASSWORD

LISTED = Path(policy.__file__).with_name("common_passwords.txt")

OWN = ("ada.lovelace@maths.example", "Ada Lovelace")

EASY = [
    "passwordpassword",
    "Password1234567",
    "P@ssw0rd12345678",
    "password!!!!!!!!",
    "correct horse battery staple",
    "Correct-Horse-Battery-Staple",
    "qwertyuiopasdfgh",
    "hgfdsapoiuytrewq",
    "1q2w3e4r5t6y7u8i",
    "123456789012345",
    "098765432109876",
    "abcdefghijklmnop",
    "aaaaaaaaaaaaaaaa",
    "!!!!!!!!!!!!!!!!",
    "abcabcabcabcabcabc",
    "letmein letmein letmein",
    "summer dragon 2024",
    "passwordqwerty123",
    "Ada Lovelace 1815!",
    "lovelace-ada-1815",
    "ada.lovelace@maths.example",
    "lovelacelovelace",
    "ＰＡＳＳＷＯＲＤ１２３４５６７",
]
GOOD = [
    PASSWORD,
    "river lantern copper nine",
    "Zq8vR2mKp0sLx9Tw",
    "839201847362514",
    "plum-anchor-quartz",
    "ada is fond of steam engines",
    "不要温和地走进那个良夜不要温和",
    "                a",
]


@pytest.mark.slow
def test_the_three_thousand_commonest_that_are_long_enough_for_anybody_are_refused():
    """Those that the shortest length permits at all, beside a second factor."""
    listed = LISTED.read_text("utf-8").split()
    long_enough = [password for password in listed if len(password) >= settings().password_min_length_with_factor]
    assert len(long_enough) >= 3000
    assert [password for password in long_enough[::7] if not policy.is_common(password)] == []


@pytest.mark.parametrize("password", EASY)
def test_what_is_easily_guessed_is_refused_and_not_quoted(password):
    with pytest.raises(ValueError, match="easily guessed") as refused:
        policy.check_new(password, OWN)
    assert password not in str(refused.value)


@pytest.mark.parametrize("password", GOOD)
def test_no_rule_of_composition_stands_in_the_way(password):
    assert policy.check_new(password, OWN) == policy.normalized(password)


@pytest.mark.parametrize(
    ("length", "allowed"), [(14, False), (15, True), (256, True), (257, False)], ids=lambda value: str(value)
)
def test_every_code_point_counts(length, allowed):
    password = "".join(chr(0x1F600 + 7 * position % 79) for position in range(length))
    if allowed:
        assert policy.check_new(password) == password
    else:
        with pytest.raises(ValueError, match="characters"):
            policy.check_new(password)


def test_a_shorter_one_may_be_allowed_and_is_known_as_short():
    assert policy.check_new("otter 9 q", shortest=8) == "otter 9 q"
    with pytest.raises(ValueError, match="at least 8"):
        policy.check_new("otter 9", shortest=8)
    with pytest.raises(ValueError, match="easily guessed"):
        policy.check_new("password", shortest=8)
    assert policy.is_short("fourteen chars")
    assert not policy.is_short("fifteen is okay")


def test_length_is_counted_after_normalisation():
    with pytest.raises(ValueError, match="at least"):
        policy.check_new("e\u0301x" * 7)


def test_a_password_fits_however_its_characters_were_typed():
    stored = policy.hashed("Jos\u00e9 plays the bassoon")
    assert policy.fits(stored, "Jose\u0301 plays the bassoon")
    assert not policy.fits(stored, "Jose plays the bassoon")


def test_a_hash_of_another_system_fits_the_bytes_as_typed():
    from argon2 import PasswordHasher

    stored = PasswordHasher(1, 64, 1).hash("Jose\u0301 plays the bassoon")
    assert policy.fits(stored, "Jose\u0301 plays the bassoon")


class Counting(schemes.Argon2):
    """Argon2id that knows how often it was computed, and how dear."""

    def __init__(self) -> None:
        super().__init__("argon2id")
        self.computed: list[str] = []

    def fits(self, stored: str, password: bytes) -> bool:
        self.computed.append(stored.split("$")[3])
        return super().fits(stored, password)


@pytest.fixture
def counting():
    kept, schemes.SCHEMES["$argon2id$"] = schemes.SCHEMES["$argon2id$"], Counting()
    yield schemes.SCHEMES["$argon2id$"]
    schemes.SCHEMES["$argon2id$"] = kept


@pytest.mark.slow
@pytest.mark.parametrize("stored", [None, "", "$2b$12$unsupported", "$argon2id$v=19$m=9999999,t=3,p=4$x$y"])
def test_nothing_fits_no_hash_and_none_that_is_not_understood_in_the_same_work(counting, dear_hashes, stored):
    assert not policy.fits(stored, PASSWORD)
    assert not policy.fits(policy.hashed(PASSWORD), "not the right password")
    assert counting.computed == ["m=19456,t=2,p=1"] * 2


def test_a_hash_is_outdated_when_it_was_made_with_other_parameters():
    from argon2 import PasswordHasher

    assert not policy.is_outdated(policy.hashed(PASSWORD))
    assert policy.is_outdated(PasswordHasher(1, 64, 1).hash(PASSWORD))
    assert policy.is_outdated("$2b$12$unsupported")


def test_two_hashes_of_one_password_differ():
    assert policy.hashed(PASSWORD) != policy.hashed(PASSWORD)


@pytest.mark.parametrize("character", ["\ufdfa", "\ufdfb", "\ufb03", "\u3300", "\u33ff", "\u1f50"])
def test_the_rules_look_at_no_more_than_a_password_may_have(character):
    """Folding makes many letters of one, and looking for words in them takes the square of their number."""
    import sys

    looked_at: list[int] = []

    def seen(frame, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_name in {"_is_made_of", "_is_pattern", "_is_run"}:
            looked_at.append(len(frame.f_locals["text"]))

    sys.setprofile(seen)
    try:
        policy.is_common(character * policy.MAX_LENGTH)
    finally:
        sys.setprofile(None)
    assert max(looked_at) <= policy.MAX_LENGTH
