"""A connection to an identity provider: what an administrator set, and what follows from it. This module does not call
AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib.connections.presets import PRESETS, SHARED_ISSUERS, TENANT, microsoft_issuer
from chalicelib.core import clock
from chalicelib.core.aws import records
from chalicelib.core.merge_patch import merged
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.connections.presets import Preset
    from chalicelib.connections.rows import AuthMethod, Connection
    from chalicelib.core.crypto.seals import Sealed

CONNECTION_LIMIT = 50
"""Connections of a stage. Every process that checks a domain has them all in memory."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""The algorithms of ID tokens that are accepted unless a connection names fewer: all asymmetric, of RFC 7518, section
3.1, and RFC 8037 (Ed25519 alone)."""

SUBJECT_LIMIT = 255
"""Characters of a `sub` (OpenID Connect Core 1.0, section 2)."""

SET = (
    "name",
    "enabled",
    "client_id",
    "issuer",
    "tenants",
    "team_id",
    "key_id",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "token_endpoint_auth_method",
    "algorithms",
    "scopes",
    "claims",
    "domains",
    "trusted_domains",
    "assumes_verified",
    "require_for_domains",
    "vouches_for",
    "registration",
    "return_urls",
)
"""What an administrator sets, beside the secret."""

ANY_DOMAIN = "*"


def new_connection(connection_id: str, provider: str, fields: Mapping[str, Any], secret: Sealed) -> Connection:
    """The row of a new connection, from fields that have passed their rules."""
    moment = clock.timestamp()
    row = {
        "id": row_id(connection_id),
        "kind": "connection",
        "schema": records.SCHEMA,
        "version": 1,
        "connection_id": connection_id,
        "provider": provider,
        "secret": secret,
        "created_at": moment,
        "updated_at": moment,
        **{name: value for name, value in fields.items() if name in SET and value is not None},
    }
    return cast("Connection", row)


def changed(connection: Connection, patch: Mapping[str, Any], secret: Sealed | None) -> Connection:
    """The connection's next version. A change to None takes the field away, so that its default counts again; of an
    object, the members that the patch has not stay (RFC 7396)."""
    settable = {name: value for name, value in patch.items() if name in SET}
    stamps = {"version": connection["version"] + 1, "updated_at": clock.timestamp()}
    changed_fields = {**merged(connection, settable), **stamps, **({"secret": secret} if secret else {})}
    return cast("Connection", changed_fields)


def row_id(connection_id: str) -> str:
    return f"connection#{connection_id}"


def preset_of(connection: Connection) -> Preset:
    return PRESETS[connection["provider"]]


def issuer_of(connection: Connection) -> str:
    """The issuer whose discovery document is read; empty for a provider without one."""
    if "issuer" in connection:
        return connection["issuer"]
    if connection["provider"] == "microsoft":
        return microsoft_issuer(connection.get("tenants", []))
    return preset_of(connection).issuer


def sole_issuer(connection: Connection) -> str:
    """The issuer of all identities of a connection: of a provider without ID tokens its userinfo endpoint. Empty where
    each of several tenants has its own."""
    if not preset_of(connection).has_id_token:
        return endpoint(connection, "userinfo_endpoint")
    issuer = issuer_of(connection)
    return "" if issuer.endswith(SHARED_ISSUERS) else issuer


def endpoint(connection: Connection, name: str) -> str:
    """An endpoint that was set or is the preset's; empty where the discovery document tells it."""
    return str(connection.get(name) or getattr(preset_of(connection), name))


def scopes_of(connection: Connection) -> Sequence[str]:
    return connection.get("scopes") or preset_of(connection).scopes


def claims_of(connection: Connection) -> Mapping[str, str]:
    """The claim of each field, by the field."""
    return {**preset_of(connection).claims, **connection.get("claims", {})}


def algorithms_of(connection: Connection) -> Sequence[str]:
    return connection.get("algorithms") or ALGORITHMS


def auth_method_of(connection: Connection) -> AuthMethod:
    return connection.get("token_endpoint_auth_method") or preset_of(connection).auth_method


def is_open(connection: Connection) -> bool:
    """Whether people who have no account yet may come by it."""
    return connection.get("registration", True)


def admits(connection: Connection, domain: str | None) -> bool:
    """Whether addresses of this domain may come. Without limits, all may, and people without an address."""
    domains = connection.get("domains", [])
    return not domains or domain in domains


def trusts(connection: Connection, domain: str) -> bool:
    """Whether the connection's word counts for the mailboxes of this domain."""
    return not {domain, ANY_DOMAIN}.isdisjoint(connection.get("trusted_domains", []))


def requires(connection: Connection, domain: str) -> bool:
    """Whether addresses of this domain may come by this connection alone."""
    return connection["enabled"] and domain in connection.get("require_for_domains", [])


def vouches(connection: Connection, amr: Sequence[str], acr: str) -> bool:
    """Whether the provider says that it has asked for a second factor, in words that this connection takes for it."""
    accepted = connection.get("vouches_for", {})
    return acr in accepted.get("acr", []) or not set(amr).isdisjoint(accepted.get("amr", []))


def redirect_uri(connection_id: str) -> str:
    """Where the provider sends people back to: of each connection another one (RFC 9700, section 4.4.2)."""
    return f"{settings().public_url}/sessions/connections/{connection_id}/callback"


def is_subject(text: str) -> bool:
    """Whether a text can be somebody's subject: of characters that have a form, so no half of a surrogate pair."""
    return 0 < len(text) <= SUBJECT_LIMIT and text.isprintable()


def is_multi_tenant(issuer: str) -> bool:
    """Whether an issuer of a discovery document is that of several tenants."""
    return TENANT in issuer


def public_view(connection: Connection) -> dict[str, str]:
    """The connection as the page of sign-in shows it to anybody."""
    return {"id": connection["connection_id"], "name": connection["name"], "kind": connection["provider"]}


def view(connection: Connection) -> dict[str, Any]:
    """The connection as administrators see it, with the values that count, and without its secret."""
    preset = preset_of(connection)
    return {
        **dict.fromkeys(SET),
        **{name: value for name, value in connection.items() if name in SET},
        "id": connection["connection_id"],
        "kind": connection["provider"],
        "issuer": issuer_of(connection) or None,
        "authorization_endpoint": endpoint(connection, "authorization_endpoint") or None,
        "token_endpoint": endpoint(connection, "token_endpoint") or None,
        "userinfo_endpoint": endpoint(connection, "userinfo_endpoint") or None,
        "token_endpoint_auth_method": auth_method_of(connection),
        "algorithms": list(algorithms_of(connection)) if preset.has_id_token else [],
        "scopes": list(scopes_of(connection)),
        "claims": dict(claims_of(connection)),
        **{name: connection.get(name, []) for name in _LISTS},
        "assumes_verified": connection.get("assumes_verified", False),
        "vouches_for": {"amr": [], "acr": [], **connection.get("vouches_for", {})},
        "registration": is_open(connection),
        "redirect_uri": redirect_uri(connection["connection_id"]),
        "created_at": connection["created_at"],
        "updated_at": connection["updated_at"],
        "version": connection["version"],
    }


_LISTS = ("tenants", "domains", "trusted_domains", "require_for_domains", "return_urls")
