"""A person answers for a device, by the code that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import accounts, limits
from chalicelib.core import logs
from chalicelib.core.errors import Gone, NotFound
from chalicelib.oauth.authorization import consent
from chalicelib.oauth.authorization.outstanding import is_recorded
from chalicelib.oauth.device.model import (
    MISSES_OF_ALL,
    MISSES_OF_NETWORK,
    TRIES_OF_PERSON,
    is_good,
    request_of,
    row_ids_of,
)
from chalicelib.oauth.device.store import NotWaiting, devices
from chalicelib.oauth.store import clients

if TYPE_CHECKING:
    from chalicelib.oauth.authorization.outstanding import SignedIn
    from chalicelib.oauth.device.rows import Device
    from chalicelib.oauth.rows import Client

ALL = "all"
"""Where everybody's misses are counted together."""


class CodeOver(Gone):
    """The code was answered, or is too old."""

    title = "This code is no longer good"
    type = "code-over"


def answer(user_code: str, signed_in: SignedIn, source_ip: str, allow: bool | None) -> dict[str, Any]:
    """What the page does next: ask, where the person has not given their word, or tell what they said.

    Raises NotFound for a code that no device shows, CodeOver, TooManyRequests for who guesses, and Conflict where they
    allowed too many applications something.
    """
    device, client = _looked_up(user_code, signed_in.person["id"], source_ip)
    request = request_of(device)
    if allow is None:
        return {"consent": consent.question(request, client)}
    try:
        if not allow:
            devices().answer(device, None)
        elif is_recorded(request, client, signed_in.person):
            devices().answer(device, signed_in.authorized(request))
        else:
            answering = devices().answering(device, signed_in.authorized(request))
            consent.record(request, signed_in.person, {"device": answering})
    except (NotWaiting, accounts.AlsoRefused) as over:
        raise CodeOver from over
    logs.info("device answered", client=client["client_id"], allowed=allow)
    return {"allowed": allow}


def _looked_up(user_code: str, user_id: str, source_ip: str) -> tuple[Device, Client]:
    """The device that shows this code, and its client."""
    rates = limits.rates()
    rates.refuse_known("device-code", source_ip)
    rates.refuse_known("device-code", ALL)
    rates.take(f"device-code-{user_id}", ALL, TRIES_OF_PERSON)
    device = devices().find(row_ids_of(user_code))
    client = clients().find(device["client_id"]) if device else None
    if device is None or client is None:
        logs.info("device code missed", client_network=limits.logged_network(source_ip))
        rates.take("device-code", source_ip, MISSES_OF_NETWORK)
        rates.take("device-code", ALL, MISSES_OF_ALL)
        raise NotFound("no device shows this code")
    if not is_good(device) or device["state"] != "pending":
        raise CodeOver
    return device, client
