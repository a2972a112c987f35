"""The interface of a format of hashes."""

from __future__ import annotations

from typing import Protocol


class Scheme(Protocol):
    """One format of hashes."""

    @property
    def kind(self) -> str:
        """The format's name in statistics."""

    def check(self, stored: str) -> None:
        """Raise ValueError where the hash is malformed or costs more than is accepted."""

    def fits(self, stored: str, password: bytes) -> bool:
        """Whether the password is the one that was hashed; `stored` has passed `check`."""
