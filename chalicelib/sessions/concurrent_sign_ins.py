"""How many sign-ins may be under way at once: of one client network, and in all.

A failure is answered no earlier than the floor of `failure_delay`, so each failure holds a Lambda execution that long;
a new AWS account has few. Sign-ins that begin are counted in windows as long as the floor, in one row of `guards`, by
one conditional write before anything is read or hashed. Each way to sign in has windows of its own, so that guesses at
passwords do not hold up mailed codes. A known device is not counted. The link of a mail and a passkey, which nobody can
guess, are counted only when they fail.
"""

from __future__ import annotations

from math import ceil

from boto3.dynamodb.conditions import Attr

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed, Table, absent
from chalicelib.core.errors import TooManyRequests
from chalicelib.core.settings import settings
from chalicelib.limits import network_digest

ROW_SECONDS = 60


class SignInsUnderWay:
    """Windows in `guards`: how many sign-ins began in each, in all and of each client network."""

    def __init__(self, guards: Table) -> None:
        self._guards = guards

    def count(self, way: str, source_ip: str, milliseconds: int) -> None:
        """Count a sign-in that begins: one write, and none where a failure takes no time. Raises TooManyRequests
        where too many are under way, of the client network or in all."""
        if milliseconds <= 0:
            return
        window = int(clock.now().timestamp() * 1000) // milliseconds
        network = f"n{network_digest(source_ip)}"
        room = Attr("begun").lt(settings().sign_ins_at_once_in_all)
        room &= Attr(network).not_exists() | Attr(network).lt(settings().sign_ins_at_once)
        try:
            self._guards.update(
                {"id": f"flights#{way}#{milliseconds}#{window}"},
                add={"begun": 1, network: 1},
                set={"schema": records.SCHEMA, "expires_at": clock.epoch() + ROW_SECONDS},
                condition=absent() | room,
            )
        except ConditionFailed as full:
            raise TooManyRequests(ceil(milliseconds / 1000)) from full


@clients.once
def sign_ins_under_way() -> SignInsUnderWay:
    """The stage's sign-ins under way."""
    return SignInsUnderWay(clients.table("guards"))
