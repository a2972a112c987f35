"""Which passwords may be chosen (NIST SP 800-63B-4, section 3.1.1.2), and the comparison of a password with a stored
hash in constant work."""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from chalicelib.core.errors import Unfit
from chalicelib.core.settings import settings
from chalicelib.passwords import schemes
from chalicelib.passwords.schemes import argon2

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

MAX_LENGTH = 256
"""Code points: four times the 64 that NIST asks verifiers to accept at least."""

SHORT_UNIT = 4
"""At most so many characters, repeated, are a pattern whatever they are."""
SHORTEST_RUN = 3
OWN_PART = 3
"""The shortest part of a person's name or email address that counts as their own word."""

_RUNS = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "aabbccddeeffgghhiijjkkllmmnnooppqqrrssttuuvvwwxxyyzz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1234567890qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
)
_LAPS = tuple(run * 4 for run in _RUNS)
_LEET = str.maketrans("@4301!$57", "aaeoiisst")
_AROUND = string.digits + string.punctuation + string.whitespace


def normalized(password: str) -> str:
    """The password as it is hashed: in NFC, so that the same character typed on two keyboards gives the same hash."""
    return unicodedata.normalize("NFC", password)


def check_new(password: str, own: Iterable[str | None] = (), shortest: int | None = None) -> str:
    """The password as it is hashed, if it may be chosen. `own` are the person's email address and name; `shortest` is
    the least length in characters, by default that of the settings.

    Raises ValueError with the reason, which does not quote the password.
    """
    text = check_length(password, shortest)
    if is_common(text, own):
        reason = "is easily guessed: a common password, a pattern, or made of your own name or address"
        raise Unfit(reason, "guessable")
    return text


def check_length(password: str, shortest: int | None = None) -> str:
    """The password as it is hashed, if its length may be chosen: the first and cheapest of the rules. Raises
    ValueError."""
    text = normalized(password)
    shortest = settings().password_min_length if shortest is None else shortest
    if len(text) < shortest:
        raise Unfit(f"must have at least {shortest} characters", "too-short", shortest)
    if len(text) > MAX_LENGTH:
        raise Unfit(f"must have at most {MAX_LENGTH} characters", "too-long", MAX_LENGTH)
    return text


def is_short(password: str) -> bool:
    """Whether the password is long enough only together with a second factor."""
    return len(normalized(password)) < settings().password_min_length


def is_common(password: str, own: Iterable[str | None] = ()) -> bool:
    """Whether the password is a common one, a pattern, or made of little more than the person's own words."""
    words = _Words(_own_words(own))
    folded = _folded(password)
    if folded in words or _is_pattern(folded, words):
        return True
    forms = (folded, folded.translate(_LEET), folded.strip(_AROUND).translate(_LEET))
    return any(_is_made_of(form, words) for form in dict.fromkeys(forms))


def hashed(password: str) -> str:
    """The Argon2id hash of a password, with the parameters of the settings."""
    return argon2.new_hash(normalized(password).encode(), **_parameters())


def fits(stored: str | None, password: str) -> bool:
    """Whether the password fits the stored hash. With None it fits nothing, after the same work.

    A password that does not fit costs one hash for each of its forms, whatever is stored. Nothing fits a stored hash of
    an unknown format.
    """
    forms = _forms(password)
    try:
        fitting = any(schemes.fits(stored or dummy_hash(), form) for form in forms)
    except ValueError:
        fitting = any(schemes.fits(dummy_hash(), form) for form in forms)
    return stored is not None and fitting


def is_replaceable(stored: str, password: str) -> bool:
    """Whether a new hash of this password should replace the stored hash, which it fits: where the stored one is
    outdated, and can have been made of this password alone. Otherwise the person's real password could be another one,
    and would be refused from then on."""
    return is_outdated(stored) and all(schemes.fits_only(stored, form) for form in _forms(password))


MOST_FORMS = 2
"""The most hashes that `fits` computes."""


def forms(password: str) -> int:
    """How many hashes `fits` computes for a password that does not fit, whatever is stored."""
    return len(_forms(password))


def _forms(password: str) -> list[bytes]:
    """The bytes that a hash may have been made of: the password in NFC, as we hash it, and as it was typed (in NFD
    where it was typed in NFC). So a password fits, whether the keyboard composes characters or not. At most two; one
    where they are equal."""
    composed = normalized(password)
    other = password if password != composed else unicodedata.normalize("NFD", password)
    return list(dict.fromkeys((composed.encode(), other.encode())))


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with parameters that are not those of the settings, or has another length."""
    return not stored.startswith(argon2.head(**_parameters())) or len(stored) != len(dummy_hash())


class _Parameters(TypedDict):
    memory: int
    passes: int
    lanes: int


def _parameters() -> _Parameters:
    options = settings()
    return {
        "memory": options.argon2_memory_kib,
        "passes": options.argon2_passes,
        "lanes": options.argon2_lanes,
    }


def dummy_hash() -> str:
    """A valid hash that costs as much to check as a new one, and that no password is known to fit."""
    return f"{argon2.head(**_parameters())}{'A' * 22}${'A' * 43}"


def _folded(text: str) -> str:
    """The case-folded text, cut to the greatest length of a password: NFKC makes 18 letters of one U+FDFA, and the
    search for words takes time by the square of the length."""
    return unicodedata.normalize("NFKC", text).casefold()[:MAX_LENGTH]


def _plain(text: str) -> str:
    """The letters and digits alone: signs and spaces between them do not make another password."""
    return "".join(character for character in text if character.isalnum())


def _is_pattern(text: str, words: Container[str]) -> bool:
    return any(_is_run(form) or _is_repetition(form, words) for form in (text, _plain(text)) if form)


def _is_run(text: str) -> bool:
    return len(text) >= SHORTEST_RUN and any(text in laps or text[::-1] in laps for laps in _LAPS)


def _is_repetition(text: str, words: Container[str]) -> bool:
    unit = next((text[:size] for size in range(1, len(text) // 2 + 1) if text[size:] == text[:-size]), None)
    return unit is not None and (len(unit) <= SHORT_UNIT or unit in words)


def _is_made_of(text: str, words: Container[str]) -> bool:
    """Whether the text's letters are one or two of the words, with any digits and signs between them."""
    if _plain(text) in words:
        return True
    letters = "".join(character for character in text if character.isalpha())
    parts = ((letters[:size], letters[size:]) for size in range(1, len(letters) + 1))
    return any(all(not word or word in words or _is_run(word) for word in pair) for pair in parts)


@dataclass(frozen=True)
class _Words:
    """The common words and a person's own. A set of both would copy the 20,000 for each password."""

    own: frozenset[str]

    def __contains__(self, word: object) -> bool:
        return word in self.own or word in _common()


@cache
def _common() -> frozenset[str]:
    """1,200 words that passwords are made of, and those of the 20,000 commonest passwords that have at least 8
    characters, from Royce Williams' list in Django 5.2 (BSD licence)."""
    return frozenset(Path(__file__).with_name("common_passwords.txt").read_text("utf-8").split())


def _own_words(own: Iterable[str | None]) -> frozenset[str]:
    words: set[str] = set()
    for text in own:
        folded = _folded(text or "")
        words |= {_plain(folded), *re.findall(r"[^\W\d_]+", folded), *map(_plain, folded.split("@"))}
    return frozenset(word for word in words if len(word) >= OWN_PART)
