"""Texts that people see: one rule for the names of persons, OAuth clients and passkeys, for descriptions and the like.

It is that of PRECIS' free text (RFC 8264, section 4.3), with what emoji and scripts need in addition: a text is one
line, has something visible, and contains nothing invisible. A joiner, a variation selector or an emoji tag belongs to
the character before it, and is accepted there; elsewhere nobody could see it, so it is refused.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTROLS = frozenset({"Cc", "Co", "Cs", "Zl", "Zp"})
"""Categories that are refused: controls, lone surrogates, line and paragraph separators, and private use: what a screen
shows there depends on its fonts, and may be a mark of trust."""

JOINERS = frozenset("\u034f\u180e\u200c\u200d")
"""Between two letters, or parts of an emoji: Persian, Kurdish, Indic and Mongolian words are spelled with them."""

FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
"""The flag of a part of a country, Scotland's say: a black flag and tags that spell it
(https://www.unicode.org/reports/tr51/#valid-emoji-tag-sequences)."""

BLANKS = frozenset("\u2800\ufffc\U00013441\U00013442\U0001d159")
"""Letters and symbols that are invisible: the empty Braille cell, which is a space in Braille, the object replacement
character, the blank hieroglyphs (Unicode 15), the musical null notehead."""

SHOWING = frozenset("LNPS")
"""The first letters of the categories that are visible: letters, numbers, punctuation and symbols. A mark is visible
only with one of them, and nobody knows how a character looks that this version of Python has not assigned."""

JOINED = frozenset("LMNPS")
"""The categories that a joiner or a selector may stand beside: the same, and marks. Keycap emoji begin with a number or
a sign."""

VIRAMA = 9
"""The combining class of viramas, which suppress a vowel. A joiner after one selects the form of the consonant, also at
the end of a word (RFC 5892, appendix A)."""

SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors: they select a form of the character before them, such as a rarer Han letter or a coloured
emoji."""

IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U00016fe4\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
"""Characters that are not drawn, such as marks of direction: Unicode's Default_Ignorable_Code_Point
(https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt), the annotations from U+FFF9 on, and the
controls that only position hieroglyphs and Khitan letters."""

LONGER = 10
"""How many times longer than its limit a text may be before its spaces are removed. More is not processed, because
Unicode's normalization of a long row of marks is slow."""


def visible(value: object, limit: int) -> str:
    """The text as it is stored: in NFC, with one space between words and none around them.

    Raises ValueError where it has not 1 to `limit` characters, contains invisible characters, or has nothing visible.
    The message does not quote it.
    """
    if not isinstance(value, str):
        raise ValueError("must be text")
    if len(value) > LONGER * limit:
        raise ValueError(f"must have 1 to {limit} characters")
    normal = unicodedata.normalize("NFC", value)
    if not _is_plain(normal) and any(_hidden(FLAG.sub("\U0001f3f4", normal))):
        raise ValueError("holds characters that cannot be seen")
    text = " ".join(normal.split())
    if not 1 <= len(text) <= limit:
        raise ValueError(f"must have 1 to {limit} characters")
    if not _shows(text):
        raise ValueError("has nothing that can be seen")
    return text


def shown(value: str, limit: int) -> str:
    """The visible part of a text that we cannot refuse, such as a browser's `User-Agent` or the name of a file: one
    line, without invisible characters, cut to `limit` characters. Empty where nothing is visible."""
    text = _seen(
        _seen(unicodedata.normalize("NFC", value[: LONGER * limit]))[:limit]
    )  # a cut may leave half of something
    return text if _shows(text) else ""


def _shows(text: str) -> bool:
    """Whether a text that hides nothing has something visible. In ASCII that is everything but the space."""
    return bool(text) and (text.isascii() or any(_is_drawn(character, SHOWING) for character in text))


def _seen(text: str) -> str:
    if _is_plain(text):
        return " ".join(text.split())
    visible_characters = (
        " " if character.isspace() else "" if hidden else character
        for character, hidden in zip(text, _hidden(text), strict=True)
    )
    return " ".join("".join(visible_characters).split())


def _is_plain(text: str) -> bool:
    """Whether certainly no character is invisible: it has no control, nothing unassigned, and nothing that is not
    drawn. Most texts are so, and this is far quicker than a look at each character in its position."""
    return text.isprintable() and (text.isascii() or not IGNORABLE.search(text))


def _hidden(text: str) -> Iterator[bool]:
    """Of each character, whether it is invisible in its position."""
    return map(_is_hidden, f" {text}", text, f"{text[1:]} ")


def _is_hidden(before: str, character: str, after: str) -> bool:
    if unicodedata.category(character) in CONTROLS or _is_noncharacter(character):
        return True
    if SELECTORS.match(character):
        return SELECTORS.match(before) is not None or not _joins(before)
    if character in JOINERS:
        return not (_joins(before) and _joins(after)) and unicodedata.combining(before) != VIRAMA
    return IGNORABLE.match(character) is not None


def _joins(character: str) -> bool:
    return _is_drawn(character, JOINED) or SELECTORS.match(character) is not None


def _is_drawn(character: str, categories: frozenset[str]) -> bool:
    is_ignored = character in BLANKS or IGNORABLE.match(character) is not None
    return unicodedata.category(character)[0] in categories and not is_ignored


def _is_noncharacter(character: str) -> bool:
    return ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
