"""What administrators do with connections: create, change, remove, test. The log says which connection, and who."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.connections import model, secrets
from chalicelib.connections.documents import documents
from chalicelib.connections.endpoints import endpoints_of
from chalicelib.connections.faults import ProviderDown, ProviderFault
from chalicelib.connections.presets import PRESETS, secret_fields
from chalicelib.connections.store import connections
from chalicelib.core import context, logs
from chalicelib.core.errors import Conflict, FieldError, Invalid
from chalicelib.core.outbound.targets import Unreachable, checked
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.connections.endpoints import Endpoints
    from chalicelib.connections.rows import Connection

_OWN_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")


def create(
    connection_id: str, provider: str, secret: str, fields: Mapping[str, Any], own_domain: str
) -> Connection:
    """Make a connection. `own_domain` is that of the administrator's own address. Raises Invalid where the fields do
    not fit the kind, and Conflict where the id is taken, there are too many, another connection is the only way in for
    a domain, or the administrator would lock themselves out."""
    connection = model.new_connection(connection_id, provider, fields, secrets.seal(connection_id, secret))
    _check(connection, secret, own_domain)
    present = connections().all()
    _check_alone(connection, present)
    if len(present) >= model.CONNECTION_LIMIT:
        raise Conflict(f"there are {model.CONNECTION_LIMIT} connections already, and no more are allowed")
    connections().create(connection)
    _log("connection created", connection)
    return connection


def change(connection_id: str, patch: Mapping[str, Any], own_domain: str, *, expected: int | None) -> Connection:
    """Apply a merge patch. Raises NotFound, PreconditionFailed, and what `create` raises."""
    connection = connections().get(connection_id)
    own, other = secret_fields(connection["provider"])
    if other in patch:
        raise Invalid([FieldError(field=other, message=f"is not used for {connection['provider']}")])
    secret = patch.get(own)
    sealed = secrets.seal(connection_id, secret) if secret else None
    next_version = model.changed(connection, patch, sealed)
    _check(next_version, secret, own_domain)
    if "require_for_domains" in patch:
        _check_alone(next_version, connections().all())
    connections().replace(connection, next_version, expected)
    _log("connection changed", next_version)
    return next_version


def remove(connection_id: str, *, expected: int | None) -> None:
    """Remove a connection. Its identities stay with their people, and let nobody in. Raises NotFound and
    PreconditionFailed."""
    connection = connections().get(connection_id)
    connections().remove(connection, expected)
    _log("connection removed", connection)


def test(connection_id: str) -> dict[str, Any]:
    """Ask the provider for what it publishes, past what is in memory. Says what was found, or what is wrong. Raises
    NotFound."""
    connection = connections().get(connection_id)
    try:
        endpoints = endpoints_of(connection, anew=True)
        keys = documents().keys(endpoints.jwks_uri, anew=True, after=0) if endpoints.jwks_uri else []
        _check_reach(endpoints)
    except (ProviderDown, ProviderFault, Unreachable) as problem:
        return {"ok": False, "problem": problem.detail}
    return {
        "ok": True,
        "issuer": endpoints.issuer or None,
        "authorization_endpoint": endpoints.authorization,
        "token_endpoint": endpoints.token,
        "userinfo_endpoint": endpoints.userinfo or None,
        "keys": len(keys),
        "names_itself": endpoints.names_itself,
    }


def _check_reach(endpoints: Endpoints) -> None:
    """Raises Unreachable where the endpoints that Rollcall itself asks do not lead to the public Internet."""
    for url in filter(None, (endpoints.token, endpoints.userinfo)):
        checked(url, local=settings().outbound_allow_http)


def _check(connection: Connection, secret: str | None, own_domain: str) -> None:
    """Raises Invalid with every field that does not fit the connection's kind, and Conflict where the administrator
    would lock themselves out."""
    provider = connection["provider"]
    errors = [
        *_missing(connection),
        *_untrustworthy(connection),
        *(_wrong_key(secret) if provider == "apple" and secret else ()),
    ]
    if errors:
        raise Invalid(errors)
    if model.requires(connection, own_domain):
        raise Conflict(
            "your own address is of a domain that you require this connection for: an administrator of another "
            "domain has to do that, and stays able to get in where the provider does not answer"
        )


def _check_alone(connection: Connection, present: Iterable[Connection]) -> None:
    """Raises Conflict where another connection is the only way in for a domain that this one is required for."""
    for other in present:
        shared = {*connection.get("require_for_domains", ())} & {*other.get("require_for_domains", ())}
        if shared and other["connection_id"] != connection["connection_id"]:
            raise Conflict(f"{min(shared)} is required to come by the connection {other['connection_id']}")


def _missing(connection: Connection) -> list[FieldError]:
    provider, preset = connection["provider"], PRESETS[connection["provider"]]
    needed = {"apple": ("team_id", "key_id"), "oidc": ("issuer",), "oauth2": _OWN_ENDPOINTS}.get(provider, ())
    needless = _OWN_ENDPOINTS if preset.has_id_token else ("issuer", "algorithms", "tenants")
    missing = [
        FieldError(field=name, message=f"is needed for {provider}") for name in needed if name not in connection
    ]
    further = [
        FieldError(field=name, message=f"is not used for {provider}") for name in needless if name in connection
    ]
    return missing + further


def _untrustworthy(connection: Connection) -> list[FieldError]:
    """What would have a provider believed that does not prove addresses itself."""
    provider, errors = connection["provider"], []
    trusted, tenants = connection.get("trusted_domains", []), connection.get("tenants", [])
    is_of_tenants = provider == "microsoft" or not model.sole_issuer(connection)
    if model.ANY_DOMAIN in trusted and (is_of_tenants or not PRESETS[provider].may_trust_all):
        errors.append(FieldError(field="trusted_domains", message=f"must name the domains for {provider}"))
    if connection.get("assumes_verified") and model.ANY_DOMAIN in trusted:
        errors.append(FieldError(field="assumes_verified", message="is for domains that are named"))
    if connection.get("assumes_verified") and is_of_tenants and len(tenants) != 1:
        errors.append(FieldError(field="assumes_verified", message="is for one tenant alone"))
    domains, required = connection.get("domains"), connection.get("require_for_domains", [])
    if domains and not set(required) <= set(domains):
        errors.append(FieldError(field="require_for_domains", message="must be among the domains that may come"))
    if model.ANY_DOMAIN not in trusted and not set(required) <= set(trusted):
        errors.append(FieldError(field="require_for_domains", message="must be among the trusted domains"))
    return errors


def _wrong_key(secret: str) -> list[FieldError]:
    try:
        secrets.check_private_key(secret)
    except ValueError as error:
        return [FieldError(field="private_key", message=str(error))]
    return []


def _log(event: str, connection: Connection) -> None:
    logs.info(
        event,
        connection=connection["connection_id"],
        provider=connection["provider"],
        version=connection["version"],
        actor=context.current().actor,
    )
