"""What is wrong with a foreign hash, and in which of its fields."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chalicelib.passwords.schemes.phc import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

_PADDING = re.compile(r"=+(?=\$|$)")
_WEB_SAFE = str.maketrans("-_", "+/")


class FieldFault(ValueError):
    """A field that cannot be taken over: its text names the field, and quotes no value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


@contextmanager
def blaming(field: str) -> Iterator[None]:
    """Whatever ValueError the block raises is a fault of that field."""
    try:
        yield
    except FieldFault:
        raise
    except ValueError as error:
        raise FieldFault(field, str(error)) from error


def base64_of(text: object, field: str) -> bytes:
    """What base64 stands for, padded or not, of the usual alphabet or the web-safe one. Raises FieldFault for more
    than 1 KiB too."""
    if not isinstance(text, str):
        raise FieldFault(field, "must be base64")
    try:
        return decoded(text.rstrip("=").translate(_WEB_SAFE))
    except ValueError as error:
        raise FieldFault(field, str(error)) from error


def unpadded(text: str) -> str:
    """A hash without the padding of its base64 parts."""
    return _PADDING.sub("", text)
