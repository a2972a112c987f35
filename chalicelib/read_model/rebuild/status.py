"""How the read model is, for whoever asks `query_read_model`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.read_model.database import BUILDING, database
from chalicelib.read_model.migrating import migrations, version
from chalicelib.read_model.rebuild.tables import estimates

if TYPE_CHECKING:
    from collections.abc import Mapping


def status(_question: Mapping[str, Any]) -> dict[str, Any]:
    """`{"migration", "newest_migration", "rows", "newest_event", "is_filling"}`: the number of the newest migration
    that was applied and that there is; rows by table, as PostgreSQL last estimated them; the time of the newest event
    that was written; whether tables are being made anew."""
    with database().transaction(read_only=True) as transaction:
        applied = version(transaction)
        newest = transaction.value("SELECT max(time) FROM events") if applied else None
        return {
            "migration": applied,
            "newest_migration": migrations()[-1].number,
            "rows": estimates(transaction),
            "newest_event": None if newest is None else clock.timestamp(newest),
            "is_filling": transaction.value("SELECT to_regnamespace(:schema)", schema=BUILDING) is not None,
        }
