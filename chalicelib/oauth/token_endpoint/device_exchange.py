"""The device code grant (RFC 8628, section 3.4): a client asks until the person has answered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chalicelib.core import logs
from chalicelib.oauth import client_rules, model
from chalicelib.oauth.device.model import is_good, is_of
from chalicelib.oauth.device.store import NotWaiting, devices
from chalicelib.oauth.token_endpoint.errors import TokenRefused
from chalicelib.oauth.token_endpoint.first_tokens import first_tokens

if TYPE_CHECKING:
    from chalicelib.oauth.device.rows import Device
    from chalicelib.oauth.grants.rows import Authorized
    from chalicelib.oauth.rows import Client
    from chalicelib.oauth.token_endpoint.granted import Granted


def tokens_for(client: Client, device: Device | None, device_code: str) -> Granted:
    """The tokens for a device code, once its person has allowed it: one batch read of the session and its person, and
    one transaction. Until then one write counts how often the client asks. `device` is the row that the code names.

    Raises TokenRefused, with the codes of RFC 8628, section 3.5.
    """
    if client_rules.DEVICE_CODE not in model.registered(client)["grant_types"]:
        raise TokenRefused("unauthorized_client", "the client is not registered for this grant type")
    if device is None or device["client_id"] != client["client_id"] or not is_of(device_code, device):
        raise TokenRefused("invalid_grant", "the device code is unknown, or no longer good")
    try:
        granted = first_tokens(client, _authorized(device), partial(devices().redeem, device))
    except NotWaiting as fetched:
        raise TokenRefused("invalid_grant", "the device code is unknown, or no longer good") from fetched
    logs.info("device got its tokens", client=client["client_id"])
    return granted


def _authorized(device: Device) -> Authorized:
    """What the person allowed. Raises TokenRefused where they did not, or not yet."""
    if not is_good(device):
        raise TokenRefused("expired_token", "the codes are too old: begin again")
    if device["state"] == "denied":
        raise TokenRefused("access_denied", "the person did not allow it")
    if "authorized" in device:
        return device["authorized"]
    if not devices().count_poll(device):
        raise TokenRefused("slow_down", "wait five seconds longer between two questions")
    raise TokenRefused("authorization_pending", "nobody has answered yet")
