"""Where a provider is asked what: from its discovery document, or as an administrator or a preset says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.connections import model
from chalicelib.connections.documents import documents
from chalicelib.connections.faults import ProviderFault
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.connections.rows import Connection

URL_LIMIT = 2000


@dataclass(frozen=True)
class Endpoints:
    """The endpoints of a provider. `issuer` and `jwks_uri` are empty for one without ID tokens. `names_itself` says
    whether its answers have `iss` (RFC 9207)."""

    authorization: str
    token: str
    userinfo: str = ""
    issuer: str = ""
    jwks_uri: str = ""
    names_itself: bool = False


def endpoints_of(connection: Connection, *, anew: bool = False) -> Endpoints:
    """The endpoints of a connection's provider. Raises ProviderDown, and ProviderFault where the document names none
    that may be used."""
    issuer = model.issuer_of(connection)
    if not model.preset_of(connection).has_id_token:
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
        authorization, token, userinfo = (model.endpoint(connection, name) for name in names)
        return Endpoints(authorization, token, userinfo)
    document = documents().discovery(issuer, anew=anew)
    return Endpoints(
        authorization=_url(document, "authorization_endpoint"),
        token=_url(document, "token_endpoint"),
        userinfo=_url(document, "userinfo_endpoint") if "userinfo_endpoint" in document else "",
        issuer=str(document["issuer"]),
        jwks_uri=_url(document, "jwks_uri"),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _url(document: Mapping[str, Any], name: str) -> str:
    url = document.get(name)
    if not isinstance(url, str) or not is_usable(url):
        raise ProviderFault(f"the discovery document has no usable {name}")
    return url


def is_usable(url: str) -> bool:
    """Whether a URL has a form that a browser may be sent to, and Rollcall may ask: https, without user name, fragment,
    or characters that URLs do not have. Where it leads is checked when it is asked."""
    schemes = {"https", "http"} if settings().outbound_allow_http else {"https"}
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_plain = len(url) <= URL_LIMIT and url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    return (
        is_plain
        and parts.scheme in schemes
        and bool(parts.hostname)
        and not parts.fragment
        and "@" not in parts.netloc
    )
