"""Reads the parts of a filter's text one after the other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from chalicelib.core.errors import FieldError, Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPACE = re.compile(r"[\s,]*")
"""A comma between words is as good as a space."""
_BLANK = re.compile(r"\s*")
_WORD = re.compile(r'(?:[^\s()",=<>~:!]|!(?!=))+')
_VALUE = re.compile(r'(?:(?!\.\.)[^\s()",])+')
_OPERATOR = re.compile(r"!=|<=|>=|[=<>:~]")
_IN = re.compile(r"\s*in\s*\(", re.IGNORECASE)
_MEMBERS = re.compile(r"\.[^\s()\",=<>~:!]*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')


def refuse(message: str, at: int) -> NoReturn:
    """Raises Invalid: what is wrong, at the character with this index."""
    raise Invalid([FieldError(field="q", message=f"at character {at + 1}: {message}")])


class Scanner:
    """Where a parser is in a text. `at` is the index of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.skip()

    def skip(self) -> None:
        """Go on to the next part."""
        self.at += len(_found(_SPACE, self.text, self.at))

    def ends(self, *keywords: str) -> bool:
        """Whether nothing is left here, before the end, a `)` or one of these words."""
        return self.at >= len(self.text) or self.text[self.at] == ")" or self._keyword(keywords) != ""

    def takes(self, mark: str) -> bool:
        """Whether this mark is next; then it is read."""
        if not self.text.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True

    def takes_keyword(self, *keywords: str) -> bool:
        """Whether one of these words is next, in capitals or not; then it is read, with the space after it."""
        word = self._keyword(keywords)
        if word:
            self.at += len(word)
            self.skip()
        return word != ""

    def takes_list(self) -> bool:
        """Whether `in (` is next; then it is read."""
        return self._take(_IN) != ""

    def operator(self) -> str:
        """The operator that is next, which is read with the space around it; an empty text where there is none."""
        start = self._after(0)
        found = _found(_OPERATOR, self.text, start)
        if found:
            self.at = start + len(found)
            self.blank()
        return found

    def blank(self) -> None:
        self.at = self._after(0)

    def word(self) -> str:
        """The word that is next; an empty text where there is none."""
        return self._take(_WORD)

    def value(self) -> str:
        """The value without quotes that is next, up to `..`; an empty text where there is none."""
        return self._take(_VALUE)

    def members(self) -> str:
        """What goes on with a dot, up to what ends a word."""
        return self._take(_MEMBERS)

    def quoted(self) -> str | None:
        """The text in quotes that is next; None where none is. Raises Invalid where it does not end."""
        if not self.text.startswith('"', self.at):
            return None
        match = _QUOTED.match(self.text, self.at)
        if not match:
            refuse('the quote does not end; in quotes, write \\" for " and \\\\ for \\', self.at)
        self.at = match.end()
        return re.sub(r"\\(.)", r"\1", match[1])

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = _found(pattern, self.text, self.at)
        self.at += len(found)
        return found

    def _keyword(self, keywords: Sequence[str]) -> str:
        word = _found(_WORD, self.text, self.at)
        return word if word.lower() in keywords else ""

    def _after(self, length: int) -> int:
        start = self.at + length
        return start + len(_found(_BLANK, self.text, start))


def _found(pattern: re.Pattern[str], text: str, at: int) -> str:
    match = pattern.match(text, at)
    return match[0] if match else ""
