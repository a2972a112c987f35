"""Limits on the number of sign-ins under way at once: for one client network, and for the whole stage.

A failed sign-in is not answered before the minimum time of `failure_delay` has passed. Until then it occupies a Lambda
execution, and a new AWS account has few of them. So each sign-in is counted when it begins, in a time window that is
as long as this minimum time. The count is one conditional write to a row of `guards`, before anything is read or
hashed. Each way to sign in has its own windows: guesses at passwords do not hold up mailed codes. Sign-ins from a known
device are not counted. Nobody can guess a passkey or the token of a mailed link, so these are counted only when they
fail.
"""

from __future__ import annotations

from math import ceil

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed, Table, absent
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.errors import TooManyRequests
from chalicelib.core.settings import settings
from chalicelib.limits import UsedUp, network_digest, row_of

ROW_SECONDS = 60

SIGN_INS_OF_A_ROW = 32
"""How many sign-ins of a window one row counts, where the stage's limit is higher. It names each client network, and
stays below 1 KB, so a write of it costs one unit. With hundreds of networks it would cost ten."""


class SignInsUnderWay:
    """The windows in `guards`: how many sign-ins began in each window, in total and per client network."""

    def __init__(self, guards: Table) -> None:
        self._guards = guards
        self._used_up = UsedUp()

    def count(self, way: str, source_ip: str, milliseconds: int) -> None:
        """Count a sign-in that begins, in the current window of `milliseconds`. This is one write; with 0 milliseconds
        nothing is written, nor where this process has seen the window used up. Raises TooManyRequests if the client
        network, or the stage, has too many under way."""
        if milliseconds <= 0:
            return
        window = int(clock.now().timestamp() * 1000) // milliseconds
        network = f"n{network_digest(source_ip)}"
        of_a_row = max(SIGN_INS_OF_A_ROW, settings().sign_ins_at_once)  # a network is counted in one row
        row, in_all = row_of(network, settings().sign_ins_at_once_in_all, of_a_row=of_a_row)
        key = f"flights#{way}#{milliseconds}#{window}{row}"
        if key in self._used_up or f"{key}#{network}" in self._used_up:
            raise TooManyRequests(ceil(milliseconds / 1000))
        below_limits = Attr("begun").lt(in_all)
        below_limits &= Attr(network).not_exists() | Attr(network).lt(settings().sign_ins_at_once)
        try:
            self._guards.update(
                {"id": key},
                add={"begun": 1, network: 1},
                set={"schema": records.SCHEMA, "expires_at": clock.epoch() + ROW_SECONDS},
                condition=absent() | below_limits,
            )
        except ConditionFailed as conflict:
            is_full = (conflict.item or {}).get("begun", 0) >= in_all
            self._used_up.add(key if is_full else f"{key}#{network}", clock.epoch() + ROW_SECONDS)
            raise TooManyRequests(ceil(milliseconds / 1000)) from conflict


@clients.once
def sign_ins_under_way() -> SignInsUnderWay:
    """The windows of this stage."""
    return SignInsUnderWay(clients.table("guards"))
