"""Faults of a foreign hash, each with the field that it is in."""

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
    """A field that cannot be imported. The text names the field and does not quote its value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


@contextmanager
def blaming(field: str) -> Iterator[None]:
    """Turn any ValueError of the block into a FieldFault of that field."""
    try:
        yield
    except FieldFault:
        raise
    except ValueError as error:
        raise FieldFault(field, str(error)) from error


def base64_of(text: object, field: str) -> bytes:
    """The bytes of base64, padded or not, in the usual alphabet or the web-safe one. Raises FieldFault where it is not
    that, or for more than 1 KiB."""
    if not isinstance(text, str):
        raise FieldFault(field, "must be base64")
    try:
        return decoded(text.rstrip("=").translate(_WEB_SAFE))
    except ValueError as error:
        raise FieldFault(field, str(error)) from error


def unpadded(text: str) -> str:
    """A hash without the padding of its base64 parts."""
    return _PADDING.sub("", text)
