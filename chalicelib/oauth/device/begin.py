"""A client on a device asks for codes (RFC 8628, section 3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import limits
from chalicelib.core import logs
from chalicelib.core.settings import settings
from chalicelib.oauth import client_rules, model
from chalicelib.oauth.authorization.errors import AuthorizationRefused
from chalicelib.oauth.authorization.request import scopes_asked
from chalicelib.oauth.device.model import INTERVAL, SECONDS
from chalicelib.oauth.device.store import devices
from chalicelib.oauth.token_endpoint.errors import TokenRefused
from chalicelib.oauth.token_endpoint.scopes import audience_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.oauth.rows import Client

PAGE_PATH = "/account/device"


def begin(client: Client, fields: Mapping[str, str], source_ip: str) -> dict[str, Any]:
    """The codes of a device: two writes. Raises TokenRefused, and TooManyRequests for a client network that asked for
    too many, because each that waits makes guesses a little more likely to hit."""
    registered = model.registered(client)
    if client_rules.DEVICE_CODE not in registered["grant_types"]:
        raise TokenRefused("unauthorized_client", "the client is not registered for this grant type")
    try:
        scopes = scopes_asked(fields, registered)
    except AuthorizationRefused as refused:
        raise TokenRefused(refused.code, refused.detail) from refused
    resource = audience_of(fields.get("resource"), registered["audiences"])
    limits.rates().take("device", source_ip, settings().sign_ins_per_hour)
    user_code, device_code = devices().create(client["client_id"], scopes, resource)
    logs.info("device waits", client=client["client_id"], client_network=limits.logged_network(source_ip))
    page_url = f"{settings().public_url}{PAGE_PATH}"
    return {
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": page_url,
        "verification_uri_complete": f"{page_url}?user_code={user_code}",
        "expires_in": SECONDS,
        "interval": INTERVAL,
    }
