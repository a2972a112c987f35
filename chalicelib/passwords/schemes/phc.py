"""Hashes in the PHC string format: `$id$name=value,…$salt$hash`, with base64 that is not padded.

https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

BYTES_LIMIT = 1024
"""The most bytes of a salt, a hash or any other value."""

_TEXT = re.compile(
    r"\$(?P<id>[a-z0-9-]{1,32})"
    r"(?:\$(?P<parameters>[a-z]{1,8}=[A-Za-z0-9+/]*(?:,[a-z]{1,8}=[A-Za-z0-9+/]*)*))?"
    r"\$(?P<salt>[A-Za-z0-9+/]*)\$(?P<digest>[A-Za-z0-9+/]+)"
)
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True)
class Phc:
    """The parts of a hash; `parameters` are texts, not decoded."""

    id: str
    parameters: dict[str, str]
    salt: bytes
    digest: bytes

    def number(self, name: str) -> int:
        """A parameter as a whole number above 0. Raises ValueError where it is not one."""
        text = self.parameters.get(name, "")
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"needs a whole number above 0 as {name}=")
        return int(text)

    def only(self, *names: str) -> None:
        """Raise ValueError where there is a parameter of another name."""
        for name in self.parameters.keys() - set(names):
            raise ValueError(f"has a parameter {name}= that its kind does not know")

    def __str__(self) -> str:
        parameters = ",".join(f"{name}={value}" for name, value in self.parameters.items())
        return "$".join(
            ["", self.id, *([parameters] if parameters else []), encoded(self.salt), encoded(self.digest)]
        )


def parse(stored: str) -> Phc:
    """The parts of a hash. Raises ValueError where the text is not in the PHC format, or a part is above 1 KiB."""
    match = _TEXT.fullmatch(stored)
    if not match:
        raise ValueError("has not the form $kind$name=value,…$salt$hash with base64 that is not padded")
    pairs = [pair.split("=", 1) for pair in (match["parameters"] or "").split(",") if pair]
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("has a parameter twice")
    return Phc(match["id"], dict(pairs), decoded(match["salt"]), decoded(match["digest"]))


def encoded(value: bytes) -> str:
    return b64encode(value).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The bytes of base64 without padding. Raises ValueError where the text is not that, or for more than 1 KiB."""
    try:
        value = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("has a part that is not base64") from error
    if len(value) > BYTES_LIMIT:
        raise ValueError(f"has a part above {BYTES_LIMIT:,} bytes")
    return value
