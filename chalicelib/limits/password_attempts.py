"""How often the password of one account may be tried.

An attempt is counted before its password is hashed, so parallel guesses cannot slip through together. After the
free ones each next attempt must wait twice as long: 2^(n-free) seconds after n in a row, 15 minutes at most. What
is counted is the address that was typed, whether or not it has an account; a device that the account was used on
before has a counter of its own, so that nobody else's guesses keep its owner out.

A row ends with what proves its owner, and not by pausing: NIST SP 800-63B-4, section 3.2.2, counts consecutive
failures, however long each comes after the one before.
"""

from __future__ import annotations

import math

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import (
    Action,
    ConditionFailed,
    Item,
    Table,
    absent,
)
from chalicelib.core.aws.dynamo.conditions import Attr, Condition
from chalicelib.core.errors import TooManyRequests
from chalicelib.core.ids import digest_of
from chalicelib.core.settings import settings

LONGEST_WAIT_SECONDS = 900
KEPT_SECONDS = 365 * 86400
"""How long a row is kept after its last attempt: whoever comes once a year guesses nothing, and rows of addresses that
nobody has must not stay for ever."""


class Attempts:
    """Counters of password attempts in `guards`: one per account (an email key), known device, or session that is
    stepped up."""

    def __init__(self, guards: Table) -> None:
        self._guards = guards

    def reserve(self, account: str) -> int:
        """Count an attempt that is about to be made: one write, or two once the free attempts are used up.

        Gives its number in the row. Raises TooManyRequests where it must wait.
        """
        now = _milliseconds()
        try:
            counted = self._guards.update(
                _key(account),
                add={"count": 1},
                set={"schema": records.SCHEMA, "last_at": now, "expires_at": _expiry()},
                condition=absent() | _free_at(now),
            )
        except ConditionFailed as refused:
            return self._reserve_after(refused.item or {}, account, now)
        return int(counted["count"])

    def clear(self, account: str) -> None:
        """Forget the attempts: the password was right."""
        self._guards.delete(_key(account))

    def clearing(self, account: str) -> Action:
        """The action of a transaction that forgets the attempts."""
        return self._guards.deleting(_key(account))

    def moving(self, account: str, to: str) -> dict[str, Action]:
        """The actions of a transaction that let an account's attempts count under its new address: one read."""
        seen = self._guards.get(_key(account))
        if seen is None:
            return {}
        return {
            "attempts": self._guards.putting({**seen, **_key(to)}),
            "former_attempts": self._guards.deleting(_key(account)),
        }

    def _reserve_after(self, seen: Item, account: str, now: int) -> int:
        """Take the one attempt that is due now, unless it is not due yet or another request took it first."""
        forgotten = seen["expires_at"] <= clock.epoch()
        count = 0 if forgotten else seen["count"]
        due = 0 if forgotten else seen["last_at"] + 1000 * wait_after(count)
        if now < due:
            raise TooManyRequests(math.ceil((due - now) / 1000))
        taken = {"schema": records.SCHEMA, "count": count + 1, "last_at": now, "expires_at": _expiry()}
        unchanged = Attr("count").eq(seen["count"]) & Attr("last_at").eq(seen["last_at"])
        try:
            self._guards.put({**_key(account), **taken}, unchanged)
        except ConditionFailed as refused:
            raise TooManyRequests(wait_after(count + 1)) from refused
        return int(count) + 1


def attempts_of_session(session_id: str) -> str:
    """What passwords that are asked for within a session are counted under: nobody without it can use them up."""
    return f"session#{session_id}"


def wait_after(count: int) -> int:
    """Seconds to wait after `count` attempts in a row."""
    beyond = count - settings().free_password_attempts
    return 0 if beyond < 0 else min(2 ** min(beyond, 10), LONGEST_WAIT_SECONDS)


def is_beyond(number: int) -> bool:
    """Whether an attempt of that number in the row is one too many, whatever password it brings."""
    return number > settings().password_attempts


def is_last(number: int) -> bool:
    """Whether an attempt of that number in the row is the last one."""
    return number == settings().password_attempts


def _free_at(now: int) -> Condition:
    return Attr("count").lt(settings().free_password_attempts) & Attr("expires_at").gt(now // 1000)


def _key(account: str) -> Item:
    return {"id": f"attempts#{digest_of(account)}"}


def _milliseconds() -> int:
    return int(clock.now().timestamp() * 1000)


def _expiry() -> int:
    return clock.epoch() + KEPT_SECONDS


@clients.once
def attempts() -> Attempts:
    """The stage's counters of password attempts."""
    return Attempts(clients.table("guards"))
