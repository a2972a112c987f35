"""How many sign-ins may be under way at once: of one client address, and in all.

Whoever fails is answered no earlier than the floor, so each failure holds an execution that long; an account has few at
first. What is begun is counted in windows as long as the floor, in one item of `guards`, by one conditional write
before anything is read or hashed. Each way to sign in has a window of its own, so that guesses at passwords hold up no
mailed code; a known device needs no place, and what nobody can guess, the link of a mail and a passkey, none unless it
fails.
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

KEPT_SECONDS = 60


class Flights:
    """Windows in `guards`, of all that was begun in each, and of each client's."""

    def __init__(self, guards: Table) -> None:
        self._guards = guards

    def take_off(self, way: str, source_ip: str, milliseconds: int) -> None:
        """Take a place for so long: one write, and none where a failure takes no time. Raises TooManyRequests where
        the client has too many, or all together."""
        if milliseconds <= 0:
            return
        window = int(clock.now().timestamp() * 1000) // milliseconds
        client = f"n{network_digest(source_ip)}"
        room = Attr("begun").lt(settings().sign_ins_at_once_in_all)
        room &= Attr(client).not_exists() | Attr(client).lt(settings().sign_ins_at_once)
        try:
            self._guards.update(
                {"id": f"flights#{way}#{milliseconds}#{window}"},
                add={"begun": 1, client: 1},
                set={"schema": records.SCHEMA, "expires_at": clock.epoch() + KEPT_SECONDS},
                condition=absent() | room,
            )
        except ConditionFailed as full:
            raise TooManyRequests(ceil(milliseconds / 1000)) from full


@clients.once
def flights() -> Flights:
    """The stage's sign-ins under way."""
    return Flights(clients.table("guards"))
