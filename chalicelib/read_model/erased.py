"""Persons who were removed: whether any row about them is left, and the page of their erasure that erases it.

Their event `user.deleted` erases them at once. The erasure's job looks whether it did, and queues the page where it did
not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core import logs
from chalicelib.core.errors import NotFound
from chalicelib.jobs import jobs
from chalicelib.read_model import projection
from chalicelib.read_model.database import OLD, database
from chalicelib.read_model.statements import Rows, left
from chalicelib.read_model.writing import apply, exists, schemas, up_to_date

if TYPE_CHECKING:
    from collections.abc import Mapping


def erased(question: Mapping[str, Any]) -> dict[str, Any]:
    """`{"removed", "rows"}`: whether the read model has it that the person `user` was removed, and how many rows about
    them are left, also in what a rebuild fills and in what one has replaced."""
    user_id = str(question["user"])
    removed, rows = True, 0
    with database().transaction(read_only=True) as transaction:
        replaced = [OLD] if exists(transaction, OLD) else []
        for schema in [*schemas(transaction), *replaced]:
            transaction.enter(schema)
            removed_there, rows_there = left(transaction, user_id)
            removed, rows = removed and (removed_there or schema == OLD), rows + rows_there
    return {"removed": removed, "rows": rows}


def erase_page(job_id: str, _job_page: dict[str, Any]) -> None:
    """Erase the person of an erasure from the read model. A person who still exists is not erased."""
    try:
        job = jobs().get(job_id, "erasure")
    except NotFound:
        logs.info("page without a job", job=job_id)
        return
    rows = Rows()
    (person,) = accounts.rows_of([job["subject"]])
    if person is not None and "deleted_at" not in person:
        logs.info("nobody who is there is erased", job=job_id)
        return
    version, moment = (person["version"], person["deleted_at"]) if person else (0, job["created_at"])
    rows.add_tombstone(projection.tombstone("people", job["subject"], version, moment))
    apply(up_to_date(), rows)
