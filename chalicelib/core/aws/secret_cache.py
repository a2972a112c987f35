"""What a process read of a secret that changes: read again after five minutes, and for what it does not know yet."""

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
"""How long a process goes on with what it read."""

MISS_SECONDS = 10
"""The least time between two readings for something unknown: a forged token must not cost a call each."""


class Reread(Generic[Parsed]):
    """A secret as read at most five minutes ago. `read` gives its text, `parse` what it says."""

    def __init__(self, read: Callable[[], str], parse: Callable[[str], Parsed]) -> None:
        self._read = read
        self._parse = parse
        self._text: str | None = None
        self._parsed: Parsed | None = None
        self._read_at = 0

    def fresh(self, most_seconds_old: int = CACHED_SECONDS) -> Parsed:
        """What the secret says, as read so many seconds ago at most."""
        if self._parsed is None or clock.epoch() - self._read_at >= most_seconds_old:
            text = self._read()
            if self._parsed is None or text != self._text:
                self._text, self._parsed = text, self._parse(text)
            self._read_at = clock.epoch()
        return self._parsed


def reader(name: str, label: str = "AWSCURRENT") -> Callable[[], str]:
    """Reads the value that bears a staging label, of the stage's secret of that short name.

    What it returns raises Unavailable where none bears it yet.
    """

    def read() -> str:
        try:
            answer = clients.client("secretsmanager").get_secret_value(
                SecretId=settings().names.of(name), VersionStage=label
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            raise Unavailable(f"the secret {name} has no value labelled {label} yet") from error
        return str(answer["SecretString"])

    return read
