"""An application that signs people in without a browser of its own (RFC 8628): the shortest way to a grant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalicelib.core.http.declarations import FORM
from chalicelib.oauth import client_rules

if TYPE_CHECKING:
    from tools.api import Api


def as_client(anyone: Api, client: dict[str, Any], path: str, **fields: str) -> Any:
    """What a client gets that shows its secret."""
    proof = {"client_id": client["id"], "client_secret": client["secret"]}
    return anyone.call("POST", path, urlencode({**proof, **fields}).encode(), Content_Type=FORM)


def signed_in(anyone: Api, client: dict[str, Any], person: Api) -> None:
    """Have a person sign in on a device of the client, which asks before they have said so, and after."""
    shown = as_client(anyone, client, "/oauth2/device", scope="openid").body
    poll = {"grant_type": client_rules.DEVICE_CODE, "device_code": shown["device_code"]}
    assert as_client(anyone, client, "/oauth2/token", **poll).body["error"] == "authorization_pending"
    word = {"user_code": shown["user_code"], "allow": True}
    assert person.call("POST", "/oauth2/device/approve", word).status == 200
    assert as_client(anyone, client, "/oauth2/token", **poll).status == 200
