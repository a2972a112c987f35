"""The rotation of refresh tokens: each is good for one successor (RFC 9700, section 4.14.2). Sessions and the grants of
applications have the same rule.

A client that did not receive the answer to a refresh has only the token that it sent. So this token gets the same
successor again, until the successor is used: its first use shows that the answer has arrived. There is no time limit,
unless the stage sets a grace period. Any other use of an old token ends what it refreshes: two clients have the token,
so one of them has stolen it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from chalicelib.core import clock
from chalicelib.core.aws.optimistic import optimistic
from chalicelib.core.errors import InvalidToken, Unavailable
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.tokens.refresh_tokens import RefreshToken

Row = TypeVar("Row", bound="Mapping[str, Any]")
"""The row of a session or of a grant, with the attributes that `changes` sets."""


def changes(row: Mapping[str, Any], used: RefreshToken, successor: RefreshToken) -> dict[str, Any]:
    """The changes of the row's next version, in which the successor replaces the used token."""
    return {
        "version": row["version"] + 1,
        "previous_hash": used.digest,
        "refresh_hash": successor.digest,
        "rotated_at": _milliseconds(),
        "counter": row["counter"] + 1,
        "last_used_at": clock.timestamp(),
    }


def exchange(
    token: RefreshToken, row: Row, *, replace: Callable[[Row, Row], None], end: Callable[[Row], None]
) -> tuple[RefreshToken, Row]:
    """The successor of a token, and the row as it was: one write, or none where the token gets its successor again.

    `replace` puts the next version of a row, and raises ConditionFailed with the stored one where another request has
    changed it. `end` ends what the row is of. Raises InvalidToken, and Unavailable where others keep changing the row.
    """
    if row["refresh_hash"] != token.digest:
        return _used_before(row, token, end), row

    def attempt(present: Row | None) -> tuple[RefreshToken, Row]:
        # Runs again if a step-up, for one, changed the row.
        if present is None or present.get("refresh_hash") != token.digest:
            return _overtaken(present, token, end)
        successor = token.successor(present["counter"] + 1)
        replace(present, cast("Row", {**present, **changes(present, token, successor)}))
        return successor, present

    return optimistic(attempt, row, exhausted=Unavailable("the session is being changed by others"))


def is_predecessor(row: Mapping[str, Any], used: RefreshToken) -> bool:
    """Whether the row's present token, which nobody has used yet, is the successor of the used token."""
    return bool(row.get("previous_hash") == used.digest)


def is_repeated(row: Mapping[str, Any], used: RefreshToken) -> bool:
    """Whether the used token still gets its successor again: the successor is unused, and the stage's grace period (if
    it has one) is not over."""
    grace = settings().refresh_grace_seconds
    if not is_predecessor(row, used):
        return False
    return grace is None or _milliseconds() - row["rotated_at"] < grace * 1000


def _overtaken(row: Row | None, token: RefreshToken, end: Callable[[Row], None]) -> tuple[RefreshToken, Row]:
    """The answer to a request that read the row before another request changed it. If the other request used the same
    token just before, this is no theft. If the successor has been used too by now, one of the two clients has stolen
    the token."""
    if row is None or "deleted_at" in row:
        raise InvalidToken
    if is_predecessor(row, token):
        return _repeated(row, token), row
    return _used_before(row, token, end), row


def _used_before(row: Row, token: RefreshToken, end: Callable[[Row], None]) -> RefreshToken:
    try:
        return _repeated(row, token)
    except InvalidToken:
        end(row)
        raise


def _repeated(row: Mapping[str, Any], token: RefreshToken) -> RefreshToken:
    """The same successor again, for a concurrent request or after a lost answer. Raises InvalidToken."""
    if not is_repeated(row, token):
        raise InvalidToken
    return token.successor(row["counter"])


def _milliseconds() -> int:
    return int(clock.now().timestamp() * 1000)
