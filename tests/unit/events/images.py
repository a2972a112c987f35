"""Readable records: what stands in the streamed tables, before and after a change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item

AT = "2026-03-01T12:00:00.000Z"
LATER = "2026-03-01T12:05:00.000Z"
URL = "https://rollcall.example"


def stamped(version: int = 1, **fields: Any) -> Item:
    """What every record carries, at this version."""
    return {
        "schema": 1,
        "version": version,
        "created_at": AT,
        "updated_at": AT if version == 1 else LATER,
        "changed_by": "U9",
        "request_id": "R1",
        "changed_hour": "2026-03-01T12#0",
        **fields,
    }


def user(version: int = 1, **fields: Any) -> Item:
    """Ada, who registered and confirmed."""
    person = {
        "id": "U1",
        "email": "ada@mail.example",
        "email_key": "ada@mail.example",
        "email_verified": True,
        "name": "Ada",
        "name_key": "ada#U1",
        "name_prefix": "ad",
        "age": 36,
        "attributes": {"team": "blue"},
        "metadata": {"plan": "gold"},
        "roles": [],
        "status": "active",
        "source": "registration",
    }
    return stamped(version, **{**person, **fields})


def session(version: int = 1, **fields: Any) -> Item:
    """A session of Ada's."""
    started = {
        "id": "S1",
        "user_id": "U1",
        "refresh_hash": "not-to-be-seen",
        "counter": version - 1,
        "expires_at": 1_775_000_000,
        "last_used_at": AT,
        "agent": "Firefox on Linux",
    }
    return stamped(version, **{**started, **fields})


def item(version: int = 1, value: Any = "dark", **fields: Any) -> Item:
    """An item of Ada's."""
    text = json.dumps(value)
    stored = {
        "user_id": "U1",
        "item_key": "theme",
        "item_id": f"I{version}",
        "value": text,
        "at": AT,
        "size": len(text),
        "sha256": "00ff",
    }
    return stamped(version, **{**stored, **fields})


def job(version: int = 1, **fields: Any) -> Item:
    """An import."""
    work = {"id": "J1", "part": "job", "kind": "import", "status": "running", "counts": {"created": 3}}
    return stamped(version, **{**work, "expires_at": 1_775_000_000, **fields})


def client(version: int = 1, **fields: Any) -> Item:
    """The public record of an OAuth client."""
    registered = {
        "type": "confidential",
        "name": "Shop",
        "roles": [],
        "redirect_uris": ["https://shop.example/callback"],
        "post_logout_redirect_uris": [],
        "scopes": ["openid"],
        "grant_types": ["authorization_code"],
        "first_party": False,
        "token_endpoint_auth_method": "client_secret_basic",
        "audiences": [],
        "require_par": False,
        "source": "admin",
        "secret_made_at": AT,
    }
    return stamped(version, **{"id": "rcc_C1", **registered, **fields})


def membership(version: int = 1, **fields: Any) -> Item:
    """Ada's, in a segment."""
    inside = {"id": "G1/U1", "segment_id": "G1", "segment_name": "Quiet", "user_id": "U1", "entered_at": AT}
    return stamped(version, **{**inside, **fields})


def segment(version: int = 1, **fields: Any) -> Item:
    """The definition of a segment."""
    defined = {"id": "segment#G1", "kind": "segment", "name": "Quiet", "filter": "age > 30", "watched": True}
    return stamped(version, **{**defined, **fields})


def tombstone(record: Item, **fields: Any) -> Item:
    """What deletion leaves of a record."""
    keys: dict[str, Any] = {name: record[name] for name in ("id", "user_id", "item_key", "part") if name in record}
    return {**stamped(record["version"] + 1, deleted_at=LATER, expires_at=1_800_000_000), **keys, **fields}
