"""The events of a change of an OAuth client: a pure function of its public record before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.event_bus.envelope import EventType

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item

IN_EVENT = (
    "type",
    "name",
    "roles",
    "redirect_uris",
    "post_logout_redirect_uris",
    "backchannel_logout_uri",
    "scopes",
    "grant_types",
    "first_party",
    "token_endpoint_auth_method",
    "audiences",
    "access_token_seconds",
    "refresh_token_days",
    "require_par",
    "uri",
    "logo_uri",
    "source",
    "secret_made_at",
    "key_set",
)
"""What events have of a client beside its id, its version and its times."""

STAMPS = ("version", "created_at", "updated_at")


def client_facts(old: Item | None, new: Item) -> list[tuple[EventType, dict[str, Any]]]:
    """The one event of a change. A record whose former version is not known, and that is not the first, was changed."""
    if "deleted_at" in new:
        return [(EventType.CLIENT_REMOVED, {"client": {"id": new["id"]}})]
    data = {"client": {name: new[name] for name in ("id", *IN_EVENT, *STAMPS) if name in new}}
    if new["version"] == 1:
        return [(EventType.CLIENT_CREATED, data)]
    changed = [name for name in IN_EVENT if old is not None and old.get(name) != new.get(name)]
    previous = {name: (old or {}).get(name) for name in changed}
    return [(EventType.CLIENT_CHANGED, {**data, "changed": changed, "previous": previous})]
