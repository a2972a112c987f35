"""A secret that changes, kept in memory: it is read again after five minutes, and for a key that it does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from botocore.exceptions import ClientError

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable

Parsed = TypeVar("Parsed")

CACHED_SECONDS = 300
"""How long a process uses what it has read."""

MISS_SECONDS = 10
"""The least time between two reads for an unknown key, so that not every forged token costs a call."""


class Reread(Generic[Parsed]):
    """A secret, parsed, as read at most five minutes ago. `read` returns its text."""

    def __init__(self, read: Callable[[], str], parse: Callable[[str], Parsed]) -> None:
        self._read = read
        self._parse = parse
        self._text: str | None = None
        self._parsed: Parsed | None = None
        self._read_at = 0

    def fresh(self, most_seconds_old: int = CACHED_SECONDS) -> Parsed:
        """The secret, parsed, as read at most so many seconds ago."""
        if self._parsed is None or clock.epoch() - self._read_at >= most_seconds_old:
            text = self._read()
            if self._parsed is None or text != self._text:
                self._text, self._parsed = text, self._parse(text)
            self._read_at = clock.epoch()
        return self._parsed


def reader(name: str, label: str = "AWSCURRENT") -> Callable[[], str]:
    """A function that reads the stage's secret of that short name: its value under a staging label.

    The function raises Unavailable where no value has the label yet.
    """

    def read() -> str:
        try:
            reply = clients.client("secretsmanager").get_secret_value(
                SecretId=settings().names.of(name), VersionStage=label
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            raise Unavailable(f"the secret {name} has no value labelled {label} yet") from error
        return str(reply["SecretString"])

    return read
