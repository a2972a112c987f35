"""Faults of a foreign hash, each with the field that it is in."""

from __future__ import annotations

import binascii
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chalicelib.passwords.schemes.phc import BYTES_LIMIT, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

_PADDING = re.compile(r"(?<!=)=++(?=\$|$)")
"""In time that grows with the text alone, however many signs stand where they are no padding."""
_WEB_SAFE = str.maketrans("-_", "+/")


class FieldFault(ValueError):
    """A field that cannot be imported. The text names the field and does not quote its value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


class NoPassword(ValueError):
    """What stands in the place of a hash says that the account has no password."""

    def __init__(self) -> None:
        super().__init__("is the mark of an account without a password")


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


def hex_of(text: str) -> bytes:
    """The bytes of hex. Raises ValueError where it is not that, or for more than 1 KiB."""
    try:
        value = binascii.unhexlify(text)
    except ValueError as error:
        raise ValueError("has a part that is not hex") from error
    if len(value) > BYTES_LIMIT:
        raise ValueError(f"has a part above {BYTES_LIMIT:,} bytes")
    return value


def bytes_of(text: str) -> bytes:
    """The bytes of base64, padded or not. Raises ValueError where it is not that, or for more than 1 KiB."""
    return decoded(text.rstrip("="))


def log2_of(text: str) -> str:
    """The exponent of a power of two, as a text. Raises ValueError where the text is not a power of two above 1."""
    number = int(text) if text.isdecimal() and len(text) < 10 else 0
    if number < 2 or number & (number - 1):
        raise ValueError("needs a power of two as N of scrypt")
    return str(number.bit_length() - 1)


def unpadded(text: str) -> str:
    """A hash without the padding of its base64 parts."""
    return _PADDING.sub("", text)
