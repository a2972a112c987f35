"""How often the password of one account may be tried.

An attempt is counted before its password is hashed, so parallel guesses cannot slip through together. After the
free ones each next attempt must wait twice as long: 2^(n-free) seconds after n in a row, 15 minutes at most. What
is counted is the address that was typed, whether or not it has an account.
"""

from __future__ import annotations

import math

from boto3.dynamodb.conditions import Attr

from chalicelib.core import clients, clock, records
from chalicelib.core.dynamo import Action, ConditionFailed, Item, Table, absent
from chalicelib.core.errors import TooManyRequests
from chalicelib.core.settings import settings

LONGEST_WAIT_SECONDS = 900
FORGOTTEN_AFTER_SECONDS = 24 * 3600
"""A row of failures ends a day after the last one."""


class Attempts:
    """Counters of password attempts, one per account (an email key) in `guards`."""

    def __init__(self, guards: Table) -> None:
        self._guards = guards

    def reserve(self, account: str) -> None:
        """Count an attempt that is about to be made: one write, or two once the free attempts are used up.

        Raises TooManyRequests where it must wait.
        """
        now = _milliseconds()
        try:
            self._guards.update(
                _key(account),
                add={"count": 1},
                set={"schema": records.SCHEMA, "last_at": now, "expires_at": _expiry()},
                condition=absent() | _free_at(now),
            )
        except ConditionFailed as refused:
            self._reserve_after(refused.item or {}, account, now)

    def clear(self, account: str) -> None:
        """Forget the attempts: the password was right."""
        self._guards.delete(_key(account))

    def clearing(self, account: str) -> Action:
        """The action of a transaction that forgets the attempts."""
        return self._guards.deleting(_key(account))

    def _reserve_after(self, seen: Item, account: str, now: int) -> None:
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


def wait_after(count: int) -> int:
    """Seconds to wait after `count` attempts in a row."""
    beyond = count - settings().free_password_attempts
    return 0 if beyond < 0 else min(2 ** min(beyond, 10), LONGEST_WAIT_SECONDS)


def _free_at(now: int) -> Attr:
    return Attr("count").lt(settings().free_password_attempts) & Attr("expires_at").gt(now // 1000)


def _key(account: str) -> Item:
    return {"id": f"attempts#{account}"}


def _milliseconds() -> int:
    return int(clock.now().timestamp() * 1000)


def _expiry() -> int:
    return clock.epoch() + FORGOTTEN_AFTER_SECONDS


@clients.once
def attempts() -> Attempts:
    """The stage's counters of password attempts."""
    return Attempts(clients.table("guards"))
