"""How often one client address may do what strangers may do: counters in fixed windows, in `guards`."""

from __future__ import annotations

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed, Table, absent
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.errors import TooManyRequests
from chalicelib.limits.client_networks import client_network
from chalicelib.limits.tally import Tally, UsedUp

WINDOW_SECONDS = 3600


class Rates:
    """Counters per purpose, client and hour.

    A counter that is used up is remembered until its hour ends, so a flood costs no further writes, and
    `refuse_known` costs none at all.
    """

    def __init__(self, guards: Table) -> None:
        self._guards = guards
        self._used_up = UsedUp()
        self._tallies = Tally()

    def take(self, purpose: str, source_ip: str, limit: int) -> None:
        """Count one request, by one write. Raises TooManyRequests above `limit` of them in the present hour."""
        self.refuse_known(purpose, source_ip)
        key, ends = _counter(purpose, source_ip)
        try:
            self._guards.update(
                {"id": key},
                add={"count": 1},
                set={"schema": records.SCHEMA, "expires_at": ends},
                condition=absent() | Attr("count").lt(limit),
            )
        except ConditionFailed as refused:
            self._used_up.add(key, ends)
            raise TooManyRequests(ends - clock.epoch()) from refused

    def tally(self, purpose: str, source_ip: str, limit: int) -> None:
        """Count one request in this process alone, by no call at all: of what is so cheap that every process may do as
        much. Raises TooManyRequests above `limit` of them in the present hour."""
        self.refuse_known(purpose, source_ip)
        key, ends = _counter(purpose, source_ip)
        if self._tallies.count(key) > limit:
            self._used_up.add(key, ends)
            raise TooManyRequests(ends - clock.epoch())

    def refuse_known(self, purpose: str, source_ip: str) -> None:
        """Raises TooManyRequests where this process has seen the client's counter used up."""
        key, ends = _counter(purpose, source_ip)
        if key in self._used_up:
            raise TooManyRequests(ends - clock.epoch())


def _counter(purpose: str, source_ip: str) -> tuple[str, int]:
    window = clock.epoch() // WINDOW_SECONDS
    return f"limit#{purpose}#{client_network(source_ip)}#{window}", (window + 1) * WINDOW_SECONDS


@clients.once
def rates() -> Rates:
    """The stage's rates."""
    return Rates(clients.table("guards"))
