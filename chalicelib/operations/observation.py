"""The function `observe_stage`: reads how the stage is doing, and no contents. It changes nothing but its own row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chalicelib.about import VERSION
from chalicelib.core import clock, logs, wire
from chalicelib.core.aws import clients, records
from chalicelib.core.errors import Malformed
from chalicelib.operations.figures import figures
from chalicelib.operations.rotation import keys

if TYPE_CHECKING:
    from chalicelib.operations.rows import FiguresRow

FRESH_SECONDS = 60
"""How old figures may be. CloudWatch is paid by the metric that is asked for, some 250 a time."""


def observe(event: Any) -> dict[str, Any]:
    """What `{"see": "figures"}` (see `figures`) or `{"see": "keys"}` (see `rotation`) names. Raises Malformed for an
    event of another shape."""
    seen = event.get("see") if isinstance(event, dict) else None
    logs.info("observing", seen=str(seen)[:20])
    if seen == "figures":
        return _kept() or _new()
    if seen == "keys":
        return {"items": keys()}
    raise Malformed('the event must be {"see": "figures"} or {"see": "keys"}')


_ROW = {"id": f"figures#{VERSION}"}
"""One for a version, whose figures another would not understand."""


def _kept() -> dict[str, Any] | None:
    """The figures of the last minute, whoever asked for them."""
    row: FiguresRow | None = clients.table("guards").get(_ROW)
    if row is None or row["made_at"] + FRESH_SECONDS <= clock.epoch():
        return None
    kept: dict[str, Any] = json.loads(row["figures"])
    return kept


def _new() -> dict[str, Any]:
    new = figures()
    row: FiguresRow = {
        "id": _ROW["id"],
        "schema": records.SCHEMA,
        "made_at": clock.epoch(),
        "figures": wire.to_json(new),
        "expires_at": clock.epoch() + FRESH_SECONDS,
    }
    clients.table("guards").put(row)
    return new
