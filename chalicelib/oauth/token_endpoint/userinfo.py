"""`/oauth2/userinfo` (OpenID Connect Core 1.0, section 5.3): what an application may know of its person now."""

from __future__ import annotations

from typing import Any

from chalicelib.core.errors import Forbidden, InvalidToken, Unauthenticated
from chalicelib.oauth import application_tokens, client_rules, id_tokens


class InsufficientScope(Forbidden):
    """RFC 6750, section 3.1."""

    title = "The token does not have the scope"
    type = "insufficient-scope"

    def __init__(self) -> None:
        challenge = f'Bearer error="insufficient_scope", scope="{client_rules.OPENID}"'
        super().__init__("the scope openid is needed", headers={"WWW-Authenticate": challenge})


def userinfo(authorization: str) -> dict[str, Any]:
    """The claims that the scopes of the token in the header tell: one batch read. Raises Unauthenticated, InvalidToken
    where the token is not for this or what it rests on has ended, and InsufficientScope."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip(" "):
        raise Unauthenticated("this route needs a bearer token")
    claims = application_tokens.verify(token.strip(" "))
    if claims.audience != application_tokens.userinfo_url():
        raise InvalidToken
    if client_rules.OPENID not in claims.scopes:
        raise InsufficientScope
    holder = application_tokens.holder_of(claims.grant_id, claims.client_id, claims.user_id, claims.session_id)
    if holder is None:
        raise InvalidToken
    return {"sub": holder.person["id"], **id_tokens.about(holder.person, holder.grant, claims.scopes)}
