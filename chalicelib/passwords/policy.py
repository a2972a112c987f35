"""Passwords: which may be chosen (NIST SP 800-63B-4, section 3.1.1.2), and checking them in constant work."""

from __future__ import annotations

import re
import string
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.core.settings import settings
from chalicelib.passwords import schemes

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LENGTH = 256
"""Code points: four times the 64 that NIST asks verifiers to accept at least."""

SHORT_UNIT = 4
"""Characters that are repeated to fill a password."""
SHORTEST_RUN = 3
OWN_PART = 3
"""The shortest part of a person's name or address that counts as theirs."""

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
    """The password as it is hashed: NFC, so that two keyboards' ways to type one character agree."""
    return unicodedata.normalize("NFC", password)


def check_new(password: str, own: Iterable[str | None] = (), shortest: int | None = None) -> str:
    """A password that may be chosen, in characters as it is hashed. `own` are the person's address and name;
    `shortest` is the least length, that of the settings if None.

    Raises ValueError saying what is wrong with it, and not quoting it.
    """
    text = check_length(password, shortest)
    if is_common(text, own):
        raise ValueError("is easily guessed: a common password, a pattern, or made of your own name or address")
    return text


def check_length(password: str, shortest: int | None = None) -> str:
    """The first and cheapest of the rules: a password of a length that may be chosen, as it is hashed. Raises
    ValueError."""
    text = normalized(password)
    shortest = settings().password_min_length if shortest is None else shortest
    if len(text) < shortest:
        raise ValueError(f"must have at least {shortest} characters")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"must have at most {MAX_LENGTH} characters")
    return text


def is_short(password: str) -> bool:
    """Whether the password is good enough only together with a second factor."""
    return len(normalized(password)) < settings().password_min_length


def is_common(password: str, own: Iterable[str | None] = ()) -> bool:
    """Whether the password is a known one, a pattern, or made of little more than the person's own words."""
    known = _common() | _own_words(own)
    folded = _folded(password)
    if folded in known or _is_pattern(folded, known):
        return True
    forms = (folded, folded.translate(_LEET), folded.strip(_AROUND).translate(_LEET))
    return any(_is_made_of(form, known) for form in dict.fromkeys(forms))


def hashed(password: str) -> str:
    """The Argon2id hash of a password, with the parameters of the settings."""
    return str(_hasher().hash(normalized(password)))


def fits(stored: str | None, password: str) -> bool:
    """Whether the password fits the stored hash; with None, the same work for nothing.

    What does not fit costs one hash for each of its forms, whatever is stored. A stored hash that is not understood
    fits nothing.
    """
    forms = _forms(password)
    try:
        fitting = any(schemes.fits(stored or nobodys_hash(), form) for form in forms)
    except ValueError:
        fitting = any(schemes.fits(nobodys_hash(), form) for form in forms)
    return stored is not None and fitting


def is_replaceable(stored: str, password: str) -> bool:
    """Whether a hash of this password, which fits the stored one, may and should take its place: that one is outdated,
    and was made of this password and of no other. Else the right one would be refused from then on."""
    return is_outdated(stored) and all(schemes.tells(stored, form) for form in _forms(password))


def _forms(password: str) -> list[bytes]:
    """The bytes that a hash may have been made of: NFC, as ours are, and beside it what was typed, or NFD where that is
    NFC. So keyboards that compose and those that do not type one password, whichever made the hash. Two at most, and
    one where they agree."""
    composed = normalized(password)
    other = password if password != composed else unicodedata.normalize("NFD", password)
    return list(dict.fromkeys((composed.encode(), other.encode())))


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than the settings name now."""
    from argon2.exceptions import InvalidHashError

    try:
        return bool(_hasher().check_needs_rehash(stored))
    except InvalidHashError:
        return True


def _hasher() -> Any:
    from argon2 import PasswordHasher

    wanted = settings()
    return PasswordHasher(
        time_cost=wanted.argon2_passes,
        memory_cost=wanted.argon2_memory_kib,
        parallelism=wanted.argon2_lanes,
    )


def nobodys_hash() -> str:
    """A well-formed hash that costs what a new one does and that no password is known to fit."""
    wanted = settings()
    parameters = f"m={wanted.argon2_memory_kib},t={wanted.argon2_passes},p={wanted.argon2_lanes}"
    return f"$argon2id$v=19${parameters}${'A' * 22}${'A' * 43}"


def _folded(text: str) -> str:
    """As much of the folded text as a password may have: NFKC makes 18 letters of one U+FDFA, and looking for words
    takes the square of the length."""
    return unicodedata.normalize("NFKC", text).casefold()[:MAX_LENGTH]


def _plain(text: str) -> str:
    """Letters and digits only: signs and spaces between them make no new password."""
    return "".join(character for character in text if character.isalnum())


def _is_pattern(text: str, known: frozenset[str]) -> bool:
    return any(_is_run(form) or _is_repetition(form, known) for form in (text, _plain(text)) if form)


def _is_run(text: str) -> bool:
    return len(text) >= SHORTEST_RUN and any(text in laps or text[::-1] in laps for laps in _LAPS)


def _is_repetition(text: str, known: frozenset[str]) -> bool:
    unit = next((text[:size] for size in range(1, len(text) // 2 + 1) if text[size:] == text[:-size]), None)
    return unit is not None and (len(unit) <= SHORT_UNIT or unit in known)


def _is_made_of(text: str, known: frozenset[str]) -> bool:
    """Whether the text's letters are one or two known words, whatever digits and signs stand between them."""
    if _plain(text) in known:
        return True
    letters = "".join(character for character in text if character.isalpha())
    parts = ((letters[:size], letters[size:]) for size in range(1, len(letters) + 1))
    return any(all(not word or word in known or _is_run(word) for word in pair) for pair in parts)


@cache
def _common() -> frozenset[str]:
    """1,200 words that passwords are made of, and those of at least 8 characters among the 20,000 commonest passwords,
    after Royce Williams' list as Django 5.2 has it (BSD licence)."""
    return frozenset(Path(__file__).with_name("common_passwords.txt").read_text("utf-8").split())


def _own_words(own: Iterable[str | None]) -> frozenset[str]:
    words: set[str] = set()
    for text in own:
        folded = _folded(text or "")
        words |= {_plain(folded), *re.findall(r"[^\W\d_]+", folded), *map(_plain, folded.split("@"))}
    return frozenset(word for word in words if len(word) >= OWN_PART)
