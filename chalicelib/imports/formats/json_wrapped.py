"""JSON objects of which one member is the array of people, as most systems' APIs answer: the members around it are
passed over. Several such objects after each other, or in an array, are the pages of one listing.

Like `json_array`, it looks at strings and brackets only, and holds one record at most.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from chalicelib.imports.formats.json_array import Cutter
from chalicelib.imports.formats.rows import RECORD_BYTES, Row
from chalicelib.imports.model import FileCut, FileRefused
from chalicelib.imports.notes import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.imports.notes import Notes

NAMES = frozenset({"users", "Users", "identities", "value", "Resources", "data"})
"""The member with the people: of Firebase, Keycloak, Supabase, FusionAuth and others; of Cognito; of Kratos; of
Microsoft Graph; of SCIM (RFC 7644); of Clerk's SDK."""

MOST_MEMBERS = 1000
"""Of the names that are kept of what is around the arrays: a hostile file has nothing but such."""

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[][{}:,"]', re.DOTALL)


class Outside:
    """What is around the arrays: it reads on to the next one, and notes which other members hold something."""

    def __init__(self, notes: Notes, *, in_array: bool = False) -> None:
        self.line = 1
        """Of what has not been read yet."""
        self.array = ""
        """The name of the array that was found last."""
        self.objects = 0
        """Objects that have ended."""
        self.members: set[str] = set()
        """The names of the members around the arrays that are arrays or objects themselves."""
        self._notes = notes
        self._separators = frozenset({b"[", b",", b"]"}) if in_array else frozenset[bytes]()
        self._is_open = in_array
        self._rest = b""
        self._depth = 0
        self._name = ""
        self._has_colon = False

    def find(self, block: bytes) -> bytes | None:
        """What follows from the bracket of the next array on, or None if there is none in this block. Raises
        FileRefused for anything but objects."""
        text, read = self._rest + block, 0
        for token in _TOKEN.finditer(text):
            sign = token[0]
            if sign == b'"':
                break
            if self._depth == 0 and not self._may_follow(sign, text[read : token.start()]):
                raise FileRefused(f"there is more after the end of the object on line {self.line:,}")
            self.line += text.count(b"\n", read, token.end())
            read = token.end()
            if self._depth == 0 and sign != b"{":
                self._is_open = sign != b"]"
                continue
            if self._is_array(sign):
                self._rest, self.array, self._has_colon = b"", self._name, False
                return text[token.start() :]
        self._rest = text[read:]
        if len(self._rest) > RECORD_BYTES:
            raise FileRefused(f"a text on line {self.line:,} is longer than {RECORD_BYTES:,} bytes")
        return None

    def end(self) -> None:
        """Check that the last object has ended. Raises FileCut, or FileRefused where something follows it."""
        if self._depth or self._is_open:
            raise FileCut("the file ends before its JSON object does: a bracket or a quote is missing")
        if self._rest.strip():
            blank = len(self._rest) - len(self._rest.lstrip())
            line = self.line + self._rest.count(b"\n", 0, blank)
            raise FileRefused(f"there is more after the end of the object on line {line:,}")

    def _may_follow(self, sign: bytes, between: bytes) -> bool:
        """Whether a token may stand between the objects."""
        return not between.strip() and (sign == b"{" or sign in self._separators)

    def _is_array(self, sign: bytes) -> bool:
        """Take in one token. Returns whether it begins the array."""
        if sign in (b"[", b"{"):
            if self._depth == 1 and self._has_colon:
                if sign == b"[" and self._name in NAMES:
                    return True
                self._notes.add([Note("left_out", self._name)])
                if len(self.members) < MOST_MEMBERS:
                    self.members.add(self._name)
            self._depth += 1
        elif sign in (b"]", b"}"):
            self._depth -= 1
            self.objects += self._depth == 0
        elif sign == b":":
            self._has_colon = self._depth == 1
            return False
        elif sign != b"," and self._depth == 1 and not self._has_colon:
            self._name = sign[1:-1].decode("utf-8", "replace")
            return False
        self._has_colon = False
        return False


def enter(blocks: Iterator[bytes], outside: Outside) -> Iterator[bytes]:
    """The blocks from the bracket of the first array on. Raises FileRefused where there is none."""
    for block in blocks:
        found = outside.find(block)
        if found is not None:
            return chain([found], blocks)
    outside.end()
    raise FileRefused("the file is JSON without a list of people")


def rows(blocks: Iterator[bytes], outside: Outside) -> Iterator[Row]:
    """Every element of the arrays, of which the blocks begin in the first one. Raises FileRefused where the file does
    not end as JSON does."""
    cutter: Cutter | None = Cutter(outside.line)
    for block in blocks:
        pending: bytes | None = block
        while pending:
            if cutter is None:
                pending = outside.find(pending)
                if pending is None:
                    break
                cutter = Cutter(outside.line)
            yield from cutter.cut(pending)
            if not cutter.ended:
                break
            pending, outside.line, cutter = cutter.rest, cutter.line, None
    if cutter is not None:
        raise FileCut(f"the file ends within {cutter.record}: a bracket or a quote is missing")
    outside.end()
