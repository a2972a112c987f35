"""Pages of jobs on the queue `read-model`: each message runs one page, in no transaction of the events beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import Malformed
from chalicelib.read_model import rebuild
from chalicelib.read_model.erased import erase_page
from chalicelib.read_model.query import queue_page

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[[str, dict[str, Any]], dict[str, Any] | None]
    """Runs a page of the job of that id. Returns the next one, or None at the end."""

_RUN: dict[str, Run] = {"erasure": erase_page, "rebuild": rebuild.run_page}


def is_one(document: Any) -> bool:
    """Whether a message is a page of a job, and no event."""
    return isinstance(document, dict) and "kind" in document and "specversion" not in document


def run(document: dict[str, Any]) -> None:
    """Run a page, and queue the next one. Raises Malformed for what is no page of a job that has pages here."""
    try:
        job_id, kind, job_page = document["job"], document["kind"], document["page"]
        run_page = _RUN[kind]
    except (TypeError, KeyError) as error:
        raise Malformed("not a page of a job of the read model") from error
    if not isinstance(job_id, str) or not isinstance(job_page, dict):
        raise Malformed("not a page of a job of the read model")
    next_page = run_page(job_id, job_page)
    if next_page is not None:
        queue_page(job_id, kind, next_page)
