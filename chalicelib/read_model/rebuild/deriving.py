"""Sets what follows from other rows, in tables that were filled: when people last signed in, and when all of their
sessions ended at once. From its beginning on, the consumer does so too for what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.read_model.database import BUILDING
from chalicelib.read_model.rebuild.tables import SECONDS, check
from chalicelib.read_model.statements import WRITER, derive, erase

if TYPE_CHECKING:
    from chalicelib.read_model.database import Database

AT_ONCE = 20_000
"""People of a transaction: the consumer waits for a second or so."""

_REMOVED = """
SELECT t.owner FROM tombstones AS t WHERE t.kind = 'people' AND t.owner > :after ORDER BY t.owner LIMIT :limit
"""

_PEOPLE = "SELECT id FROM people WHERE id > :after ORDER BY id LIMIT :limit"


def derive_next(database: Database, job_id: str, cursor: dict[str, Any] | None) -> dict[str, Any] | None:
    """Do it for the next people, and go on where the cursor that is returned says, None at the end. First, whoever was
    removed is erased once more: nothing of them can have come after their tombstone, and this makes sure of it."""
    cursor = cursor or {"removed": ""}
    with database.transaction(schema=BUILDING, seconds=SECONDS) as transaction:
        transaction.run(WRITER)
        check(transaction, job_id)
        if "removed" in cursor:
            removed = [
                str(owner) for (owner,) in transaction.run(_REMOVED, after=cursor["removed"], limit=AT_ONCE)
            ]
            if removed:
                erase(transaction, removed)
                return {"removed": removed[-1]}
            transaction.run("UPDATE rebuild_state SET derives = true")
            return {"after": ""}
        user_ids = [str(user_id) for (user_id,) in transaction.run(_PEOPLE, after=cursor["after"], limit=AT_ONCE)]
        derive(transaction, ended=user_ids, signed_in=user_ids)
        return {"after": user_ids[-1]} if user_ids else None
