"""The events of what a person allows applications: a pure function of their row before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.event_bus.envelope import EventType

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item


def consent_facts(old: Item, new: Item) -> list[tuple[EventType, dict[str, Any]]]:
    """An event for each client of which the person's consent changed, in the order of their ids."""
    before, after = old.get("consents", {}), new.get("consents", {})
    facts = []
    for client_id in sorted(before.keys() | after.keys()):
        if before.get(client_id) == after.get(client_id):
            continue
        kind = EventType.CONSENT_GRANTED if client_id in after else EventType.CONSENT_REVOKED
        consent = after.get(client_id) or before[client_id]
        allowed = {name: consent[name] for name in ("scopes", "resources") if name in consent}
        facts.append((kind, {"consent": {"client": client_id, **allowed}}))
    return facts
