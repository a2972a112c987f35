"""What an ID token says of a person, by the names of our fields.

The token came from the old system itself, over TLS, in the answer to our own request: its signature says no more
(OpenID Connect Core 1.0, section 3.1.3.7, number 6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import ids, wire
from chalicelib.core.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Mapping

IN_ATTRIBUTES = (
    *("given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture"),
    *("website", "gender", "zoneinfo", "phone_number"),
)
"""The standard claims (OpenID Connect Core 1.0, section 5.1) that become `attributes`, as those of an import do."""


def person_in(token: object, id_claim: str) -> dict[str, Any]:
    """The person of an ID token; empty where there is none that can be read. `id_claim` is the claim that an import
    takes for the person's id, and `sub` where it is not there."""
    claims = _claims(token)
    named = {name: claims.get(name) for name in ("email", "birthdate", "locale")}
    person = {"id": claims.get(id_claim) or claims.get("sub"), **named, "name": _name(claims)}
    if "email_verified" in claims:
        person["email_verified"] = str(claims["email_verified"]).lower() == "true"
    attributes = {name: claims[name] for name in IN_ATTRIBUTES if claims.get(name)}
    return {
        name: value for name, value in {**person, "attributes": attributes}.items() if value not in (None, "", {})
    }


def _name(claims: Mapping[str, Any]) -> object:
    parts = (claims.get("given_name"), claims.get("family_name"))
    return claims.get("name") or " ".join(part for part in parts if isinstance(part, str) and part)


def _claims(token: object) -> dict[str, Any]:
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != 3:
        return {}
    try:
        claims = wire.from_json(ids.from_base64url(parts[1]), "the ID token")
    except (Malformed, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
